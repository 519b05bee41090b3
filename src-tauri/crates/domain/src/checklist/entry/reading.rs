//! An entry read from its body and written to one, and the item it is about.
//!
//! Separate so that the list of kinds stays a list.

use super::{
    CommandRan, ContactSet, Entry, ItemAssigned, ItemAttached, ItemChecked, ItemConfirmed, ItemMeasured,
    ItemNotApplicable, ItemNote, ItemReopened, ItemWaived, NoteSet, OccurrenceDone, OccurrenceSkipped, RollbackStep,
    TriggerAcknowledged, TriggerCleared, TriggerTripped,
};
use crate::ids::ItemId;

impl Entry {
    /// Gives the item the entry is about, when it is about one.
    #[must_use]
    pub fn item(&self) -> Option<&ItemId> {
        match self {
            Self::ItemAssigned(ItemAssigned { item, .. })
            | Self::ItemChecked(ItemChecked { item, .. })
            | Self::ItemMeasured(ItemMeasured { item, .. })
            | Self::ItemConfirmed(ItemConfirmed { item, .. })
            | Self::ItemWaived(ItemWaived { item, .. })
            | Self::ItemNotApplicable(ItemNotApplicable { item, .. })
            | Self::ItemNote(ItemNote { item, .. })
            | Self::ItemAttached(ItemAttached { item, .. })
            | Self::ItemReopened(ItemReopened { item, .. })
            | Self::CommandRan(CommandRan { item, .. })
            | Self::NoteSet(NoteSet { item, .. })
            | Self::ContactSet(ContactSet { item, .. })
            | Self::TriggerTripped(TriggerTripped { item, .. })
            | Self::TriggerAcknowledged(TriggerAcknowledged { item, .. })
            | Self::TriggerCleared(TriggerCleared { item, .. })
            | Self::RollbackStep(RollbackStep { item, .. })
            | Self::OccurrenceDone(OccurrenceDone { item, .. })
            | Self::OccurrenceSkipped(OccurrenceSkipped { item, .. }) => Some(item),
            _ => None,
        }
    }

    /// Gives the entry's body.
    ///
    /// **Errors**: none for the types above; serde's own otherwise.
    pub fn body(&self) -> Result<serde_json::Value, serde_json::Error> {
        let mut whole = serde_json::to_value(self)?;
        Ok(whole.get_mut("body").map(serde_json::Value::take).unwrap_or_default())
    }

    /// Reads an entry of this family; `None` for a kind that belongs to another.
    ///
    /// **Errors**: a body that is not of its kind's shape.
    pub fn read(kind: &str, body: &serde_json::Value) -> Option<Result<Self, serde_json::Error>> {
        Self::KINDS.contains(&kind).then(|| serde_json::from_value(serde_json::json!({ "kind": kind, "body": body })))
    }
}
