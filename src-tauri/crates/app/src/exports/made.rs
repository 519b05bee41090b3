//! What every export says of itself: who made it, when, and where the ledger then ended.
//!
//! The head is what binds the owner of this computer: whoever holds an export holds a piece of the ledger.

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::{Head, KeyId};
use countersign_render::file::csv::Cell;
use countersign_store::ledger::entries;

use crate::app::App;
use crate::failure::Tell as _;
use crate::{clock, record};

/// What failed, where the ledger cannot be read for it.
const WHAT: &str = "Could not export";

/// Who made an export, when, and where the ledger ended then.
pub(crate) struct Made {
    /// When it was made.
    pub at: Instant,
    /// Who made it; `None` where that is not clear.
    pub by: Option<(OperatorId, String)>,
    /// End of the ledger then; `None` for an empty one.
    pub head: Option<Head>,
    /// The key of the newest signature in the ledger.
    pub key: Option<KeyId>,
}

impl Made {
    /// The columns of [`Made::cells`]; they end each row of a table, because a row is often read alone.
    pub const COLUMNS: [&str; 6] = ["exported_at", "exported_by", "filter", "rows", "ledger", "demo"];

    /// Begins an export by whoever works here.
    ///
    /// **Errors**: closed stores.
    pub async fn here(app: &App) -> Result<Self, Failure> {
        let by = record::acting(app).await?;
        Self::by_whom(app, by).await
    }

    /// Begins an export by somebody.
    ///
    /// **Errors**: closed stores.
    pub async fn by_whom(app: &App, by: Option<(OperatorId, String)>) -> Result<Self, Failure> {
        let ledger = &app.stores()?.ledger;
        let signed = ledger.database().read(entries::newest_signed).await.map_err(|error| error.tell(WHAT))?;
        let key = signed.and_then(|signed| signed.entry.signer?.key);
        Ok(Self { at: clock::now(), by, head: ledger.head().await, key })
    }

    /// Gives the name of who made it; the program's where that is not clear.
    pub fn by(&self) -> &str {
        self.by.as_ref().map_or("Countersign", |(_, name)| name)
    }

    /// Says where the ledger ended: its newest entry, its head and whose key signed last; `None` for an empty one.
    pub fn ledger(&self) -> Option<String> {
        let key = self.key.map(|key| format!(", signed last by key {key}")).unwrap_or_default();
        self.head.as_ref().map(|head| format!("entry {}, head {}{key}", head.seq, head.hash))
    }

    /// Says all of it in sentences, one for each line.
    pub fn sentences(&self) -> Vec<String> {
        let at = self.at.format("%Y-%m-%d %H:%M UTC");
        let who = format!("Exported by {} with Countersign {} on {at}.", self.by(), clock::VERSION);
        std::iter::once(who).chain(self.ledger().map(|end| format!("The ledger then ended at {end}."))).collect()
    }

    /// Gives the cells below [`Made::COLUMNS`].
    ///
    /// **Shape**: `filter` in words; `rows` of the whole table.
    pub fn cells(&self, filter: &str, rows: u64, is_demo: bool) -> [Cell; 6] {
        [
            Cell::At(self.at),
            Cell::text(self.by()),
            Cell::text(filter),
            Cell::Number { value: i128::from(rows), digits: 0 },
            self.ledger().map_or(Cell::Unknown, Cell::Text),
            Cell::text(if is_demo { "yes" } else { "no" }),
        ]
    }
}

/// Says in words which filters were set; `none` for no filter.
///
/// **Shape**: pairs of a filter's name and its value; an empty value is no filter.
pub(crate) fn filter_words(filters: &[(&str, &str)]) -> String {
    let set: Vec<String> =
        filters.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name} {value}")).collect();
    if set.is_empty() { "none".to_owned() } else { set.join(", ") }
}

#[cfg(test)]
pub(crate) mod tests {
    use countersign_domain::ledger::{Hash, LedgerId};

    use super::*;

    /// An export of a known time by Ana Lopez.
    pub(crate) fn made() -> Made {
        Made {
            at: "2026-11-20T10:00:00Z".parse().unwrap(),
            by: Some((OperatorId::from("ana"), "Ana Lopez".to_owned())),
            head: Some(Head { ledger: LedgerId([7; 16]), seq: 12, hash: Hash([0xab; 32]) }),
            key: None,
        }
    }

    #[test]
    fn an_export_says_who_when_and_where_the_ledger_ended() {
        let said = made().sentences();
        assert!(said[0].starts_with("Exported by Ana Lopez with Countersign "), "{said:?}");
        assert!(said[0].ends_with(" on 2026-11-20 10:00 UTC."), "{said:?}");
        assert_eq!(said[1], format!("The ledger then ended at entry 12, head {}.", "ab".repeat(32)));
        assert_eq!(Made { by: None, ..made() }.by(), "Countersign");
        assert_eq!(Made { head: None, ..made() }.sentences().len(), 1);
    }

    #[test]
    fn filters_are_told_in_words() {
        assert_eq!(filter_words(&[("status", ""), ("text", "")]), "none");
        assert_eq!(
            filter_words(&[("status", "active"), ("kind", ""), ("from", "2026-11-01")]),
            "status active, from 2026-11-01"
        );
    }
}
