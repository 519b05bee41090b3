//! The states of lines, act by act.
//! Kept apart from the rules because they go through recorded entries only, as a ledger would give them.

mod answers;
mod any_order;
mod aside;
mod course;
mod dates;
mod evidence;
mod files;
mod first_hour;
mod indicators;

use super::*;
use crate::checklist::entry::*;
use crate::checklist::gates::{self, GateState, World};
use crate::checklist::row::Kind;
use crate::checklist::sample::{Notebook, START, person, template};
use crate::checklist::sign::Scope;
use crate::probe::{Outcome, Unknown};

const LONG: &str = "the vendor is closed until Monday";

fn waive(item: &str, days: i64, now: Instant) -> ItemWaived {
    ItemWaived { item: item.into(), reason: LONG.to_owned(), until: now + chrono::TimeDelta::days(days) }
}

/// Attaches a file that counts until an instant.
fn attached(book: &mut Notebook<'_>, item: &str, name: &str, expires_at: Option<Instant>) {
    let facts = FileFacts {
        kind: "document".to_owned(),
        figures: Vec::new(),
        commit: None,
        release: None,
        made_at: None,
        expires_at,
        critical: None,
    };
    let (sha256, name) = (crate::checklist::digest::Digest::of_bytes(name.as_bytes()), name.to_owned());
    let body =
        ItemAttached { item: item.into(), name, sha256, bytes: 4, release: None, facts: Some(facts), meant: None };
    book.did(Some("Ana"), body);
}
