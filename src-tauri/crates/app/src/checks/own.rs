//! Checks of what this program itself keeps: runs on staging, the window of a deployment, contact cards.
//!
//! Separate from the probes, which look at the outside. They read the ledger only, and so ask nothing and rest on no
//! connection.

use countersign_domain::Instant;
use countersign_domain::checklist::contacts;
use countersign_domain::checklist::gates::{deployed_on_staging, passed_on_staging};
use countersign_domain::checklist::row::Kind;
use countersign_domain::checklist::run::Run;
use countersign_domain::ids::ProbeId;
use countersign_domain::probe::{Fact, Outcome, Unknown, Verdict};
use countersign_domain::workspace::Class;

use crate::checklists::{Shelf, Story};

/// Version of these rules.
const VERSION: u32 = 1;
/// Deployed to staging before.
const STAGING_FIRST: &str = "gate.staging_first";
/// Deployed to staging before, and nothing failed there.
const STAGING_SMOKE: &str = "gate.staging_smoke";
/// A window is set.
const WINDOW: &str = "schedule.window";
/// Every card is filled in and was tried.
const CONTACTS: &str = "contacts.complete";

/// Says whether a check is one of these.
pub(super) fn is_own(probe: &ProbeId) -> bool {
    [STAGING_FIRST, STAGING_SMOKE, WINDOW, CONTACTS].contains(&probe.as_str())
}

/// A run and the others it is held against.
pub(super) struct Own<'a> {
    pub shelf: &'a Shelf,
    pub story: &'a Story,
    pub now: Instant,
}

impl Own<'_> {
    /// Answers a check of this program; `None` for any other.
    pub fn answer(&self, probe: &ProbeId) -> Option<countersign_probes::Answer> {
        let verdict = match probe.as_str() {
            STAGING_FIRST | STAGING_SMOKE => self.staging(probe.as_str() == STAGING_SMOKE),
            WINDOW => window(&self.story.run),
            CONTACTS => cards(&self.story.run, self.now),
            _ => return None,
        };
        Some(countersign_probes::Answer { version: VERSION, verdict, requests: Vec::new() })
    }

    /// The run on staging proves its own deployment; every other run needs one on staging.
    fn staging(&self, is_smoke: bool) -> Verdict {
        let run = &self.story.run;
        let release = &run.binding().release;
        let template = &run.template().id;
        let is_there = run.binding().class == Class::Staging;
        let others = self.shelf.runs.values().filter(|other| is_there == (other.id == self.story.id));
        let runs: Vec<&Run> = others.map(|other| &other.run).collect();
        let before = run.release_deployed_at().filter(|_| !is_there).unwrap_or(self.now);
        let judged = if is_smoke {
            passed_on_staging(template, release, &runs, before)
        } else {
            deployed_on_staging(template, release, &runs, before)
        };
        let expected = if is_smoke {
            "The same release was deployed by a staging run of this list, with no failed line and every check after it passed."
        } else {
            "The same release was deployed by a staging run of this list before."
        };
        let (outcome, found) = match judged {
            Ok(()) => (Outcome::Pass, format!("Release {release} was deployed to staging.")),
            Err(why) if is_there => (Outcome::Unknown(Unknown::InsufficientData), why),
            Err(why) => (Outcome::Fail, why),
        };
        let fix = "Start a run of this list on the staging environment, and record its deployment.";
        verdict(outcome, expected, found, fix)
    }
}

fn window(run: &Run) -> Verdict {
    let expected = "The window of the deployment is written down.";
    let stamp = |at: Instant| at.format("%Y-%m-%d %H:%M UTC").to_string();
    match run.window() {
        Some((from, to)) => verdict(Outcome::Pass, expected, format!("From {} to {}.", stamp(from), stamp(to)), ""),
        None => verdict(
            Outcome::Unknown(Unknown::NotConfigured),
            expected,
            "No window is written down.".to_owned(),
            "Set the window in the head of the run.",
        ),
    }
}

fn cards(run: &Run, now: Instant) -> Verdict {
    let expected = "Every card has a person, a way to reach them, their hours, and a test within 90 days.";
    let rows: Vec<_> = run.template().rows.iter().filter(|row| row.kind == Kind::Contact && !row.optional).collect();
    let lacks = rows.iter().filter_map(|row| {
        let card = run.history(&row.id).and_then(|history| history.card.as_ref()).map(|(.., card)| card);
        let missing = contacts::missing(row, card, Some(now));
        (!missing.is_empty()).then(|| Fact { name: row.label.clone(), value: format!("lacks {}", missing.join(", ")) })
    });
    let lacks: Vec<Fact> = lacks.collect();
    let (outcome, found) = match (rows.len(), lacks.len()) {
        (0, _) => (Outcome::Unknown(Unknown::NotConfigured), "The list has no cards.".to_owned()),
        (all, 0) => (Outcome::Pass, format!("All {all} cards are complete.")),
        (all, some) => (Outcome::Fail, format!("{some} of {all} cards are not complete.")),
    };
    Verdict {
        facts: lacks,
        ..verdict(outcome, expected, found, "Fill in the cards on the page of contacts, and try them.")
    }
}

fn verdict(outcome: Outcome, expected: &str, found: String, fix: &str) -> Verdict {
    let fix = if outcome == Outcome::Pass { String::new() } else { fix.to_owned() };
    Verdict { outcome, expected: expected.to_owned(), found, fix, remainder: String::new(), facts: Vec::new() }
}
