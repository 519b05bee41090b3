//! Checklists: templates, runs, and signatures.
//!
//! Nothing of them has a table: what the ledger's entries add up to is kept in memory (`stories`), and a person's act is
//! written down in one way (`act`). Which acts are allowed is decided by the domain, here and again by every verifier.

pub(crate) mod act;
pub mod agenda;
pub mod attach;
mod commands;
pub mod contacts;
pub mod course;
pub mod drafts;
pub mod evidence;
pub mod expected;
pub mod exports;
pub mod fields;
pub mod first_hour;
pub mod form;
pub mod gates;
pub mod import;
pub mod items;
mod library;
mod people;
pub mod report;
pub mod rollback;
pub mod runs;
mod said;
pub mod schedule;
pub mod sign;
pub mod snapshot;
pub(crate) mod stories;
pub mod templates;
pub mod versions;
mod view;
mod watch;

use countersign_domain::checklist::run::Refusal;
use countersign_domain::failure::Failure;

pub use library::{Kept, Library, Origin};
pub use said::Said;
pub use stories::{Remark, Shelf, Stories, Story, shelf};

use crate::failure::told;

/// Tells why something may not be done.
pub(crate) fn refused(what: &str, refusal: Refusal) -> Failure {
    told(refusal.code, what, refusal.sentence)
}
