//! What may be recorded from now on, beyond what the fold asks of an entry that stands in a ledger.
//!
//! Earlier versions allowed more, and what they wrote keeps its meaning: the fold does not ask these questions.

use super::super::entry::{Act, Entry};
use super::{Refusal, Run};

impl Run {
    /// Says whether an entry may be written now.
    pub(super) fn may_record(&self, act: &Act) -> Result<(), Refusal> {
        match &act.entry {
            Entry::GateOverridden(body) => self.may_override(body),
            _ => Ok(()),
        }
    }
}
