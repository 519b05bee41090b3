//! Who said or did something, when, and in which words: one form for every view.

use countersign_domain::Instant;
use countersign_domain::checklist::run::Decision;
use countersign_domain::ids::OperatorId;
use serde::Serialize;
use ts_rs::TS;

/// What somebody said or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Said {
    /// Who.
    pub operator: OperatorId,
    /// The name they went by then.
    pub by: String,
    /// When.
    pub at: Instant,
    /// The reason or the note; may be empty.
    pub text: String,
}

impl From<&Decision> for Said {
    fn from(decision: &Decision) -> Self {
        let by = &decision.by;
        Self { operator: by.id.clone(), by: by.name.clone(), at: decision.at, text: decision.text.clone() }
    }
}
