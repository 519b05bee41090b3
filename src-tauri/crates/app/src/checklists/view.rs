//! Runs and rows as the screens show them.
//!
//! Separate from the use cases because lists, pages and exports show the same lines. Deliberately absent: any judgement;
//! every state and sentence here is the domain's.

use std::collections::BTreeSet;
use std::iter;

use countersign_domain::Instant;
use countersign_domain::checklist::catalogue;
use countersign_domain::checklist::row::{Kind, Proof, Row};
use countersign_domain::checklist::run::{Run, Standing, State};
use countersign_domain::checklist::sign::by_file::RequestRecord;
use countersign_domain::checklist::sign::{Slot, SlotState};
use countersign_domain::checklist::template::Template;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::Roster;
use countersign_domain::metrics::registry;
use countersign_domain::probe::Unknown;
use strum::IntoEnumIterator as _;

use super::gates;
use super::people::{self, Acting};
use super::runs::{ItemView, SectionView, SignatureSlot, StateCount};
use super::stories::{Shelf, Story};
use super::templates::KindCount;
use crate::overview::RunBrief;

/// Shows a run in one line.
pub(super) fn brief(shelf: &Shelf, story: &Story, eyes: Eyes<'_>, now: Instant) -> RunBrief {
    let run = &story.run;
    let progress = run.progress(now);
    let count = |state: &str| number(progress.states.get(state).copied().unwrap_or(0));
    let (complete, total) = (number(progress.complete), number(progress.total));
    let undone = total.saturating_sub(complete);
    let slots = run.known_slots();
    let signed = slots.iter().filter(|slot| slot.state == SlotState::Signed).count();
    RunBrief {
        run: story.id.clone(),
        name: story.name(),
        environment: run.binding().environment.clone(),
        release: run.binding().release.clone(),
        template_version: run.template().version,
        phase: run.phase().and_then(|number| run.template().phase(number)).map(|phase| phase.name.clone()),
        gate: gates::word(shelf, story, now),
        is_overridden: gates::is_overridden(run),
        owner: people::name_of(eyes.roster, &run.binding().owner),
        is_mine: eyes.acting.is_some_and(|acting| works_on(run).any(|owner| *owner == acting.id)),
        due_at: run.window().map(|(_, to)| to),
        complete,
        total,
        failed: count("failed"),
        unknown: count("unknown"),
        verified: count("verified"),
        confirmed: count("confirmed"),
        waived: count("waived"),
        open: undone.saturating_sub(count("failed") + count("unknown")),
        signatures: number(signed),
        signatures_needed: number(slots.len()),
        started_at: run.binding().started_at,
        waits_for: waits_for(run, slots, |state| count(state)),
        is_over: run.ended().is_some(),
    }
}

/// Names who owns a run and its lines, each as often as they own something.
fn works_on(run: &Run) -> impl Iterator<Item = &OperatorId> {
    iter::once(&run.binding().owner).chain(run.template().rows.iter().map(|row| run.owner(&row.id)))
}

/// Names who works on a run beside its owner, in the order of the names.
pub(super) fn people(run: &Run, roster: &Roster) -> Vec<String> {
    let others: BTreeSet<&OperatorId> = works_on(run).filter(|owner| **owner != run.binding().owner).collect();
    let mut names: Vec<String> = others.into_iter().map(|owner| people::name_of(roster, owner)).collect();
    names.sort();
    names
}

/// Says what a run waits for: what failed, then what a person decides, then what is open, then who signs.
fn waits_for(run: &Run, slots: &[Slot], count: impl Fn(&str) -> u32) -> String {
    if let Some(end) = run.ended() {
        return format!("Over: {}", if end.text.is_empty() { "ended" } else { &end.text });
    }
    let lines = |count: u32| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let to_confirm = count("needs_confirmation") + count("warning");
    let undecided = count("unknown") + count("stale");
    let open = count("open") + count("reopened") + count("blocked");
    let waiting = [
        (count("failed"), "to put right"),
        (to_confirm, "to confirm"),
        (undecided, "that nobody can decide yet"),
        (open, "to work on"),
    ];
    if let Some((number, what)) = waiting.into_iter().find(|(number, _)| *number > 0) {
        return format!("{} {what}", lines(number));
    }
    let next = slots.iter().find(|slot| matches!(slot.state, SlotState::Open | SlotState::Outdated | SlotState::Void));
    match next {
        Some(slot) => format!("the signature of {}", slot.line.label),
        None => String::new(),
    }
}

/// Who looks at a run, and who is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Eyes<'a> {
    pub roster: &'a Roster,
    /// Who works here, where that is clear.
    pub acting: Option<&'a Acting>,
}

/// Shows an item as the list has it.
pub(super) fn item(story: &Story, run: &Run, row: &Row, eyes: Eyes<'_>, now: Instant) -> ItemView {
    let standing = run.standing(&row.id, now).unwrap_or(Standing { state: State::Open, because: String::new() });
    let history = run.history(&row.id);
    let answered = history.and_then(|history| history.answer.as_ref()).map(|answer| answer.at);
    let said = history.and_then(|history| history.confirmed.as_ref()).map(|word| word.at);
    ItemView {
        id: row.id.clone(),
        text: row.label.clone(),
        section: row.section.clone(),
        parent: row.parent.clone(),
        kind: row.kind.to_string(),
        strength: strength(row),
        state: standing.state.word(),
        state_text: state_text(&standing),
        is_complete: standing.state.is_complete(),
        counts: run.counts(row),
        probe: row.proof.as_ref().map(ToString::to_string),
        source: row.proof.as_ref().and_then(source),
        owner: people::name_of(eyes.roster, run.owner(&row.id)),
        evidence: number(story.remarks(&row.id).len()),
        checked_at: answered.max(said),
        fresh_until: run.fresh_until(&row.id),
        needs: needs(run, row, standing.state, eyes.roster),
        needs_me: eyes.acting.is_some_and(|acting| needs_me(run, row, standing.state, acting)),
    }
}

/// Names where the facts behind a line come from.
fn source(proof: &Proof) -> Option<String> {
    catalogue::find(proof.as_str()).map(|check| check.source.as_ref().to_owned())
}

/// Says a state in words; of what could not be decided also why.
pub(super) fn state_text(standing: &Standing) -> String {
    match standing.state {
        State::Unknown(reason) => format!("{} {}", unknown(reason), standing.because),
        _ => standing.because.clone(),
    }
}

fn unknown(reason: Unknown) -> &'static str {
    match reason {
        Unknown::NotConfigured => "Not configured.",
        Unknown::NotPermitted => "Not permitted.",
        Unknown::Unreachable => "Not reachable.",
        Unknown::Timeout => "No answer in time.",
        Unknown::InsufficientData => "Too little data.",
        Unknown::NotSupported => "Not supported.",
        Unknown::Cancelled => "Stopped.",
    }
}

/// Says whether a person has to do something about a line.
fn needs_somebody(run: &Run, row: &Row, state: State) -> bool {
    match state {
        State::NeedsConfirmation | State::Warning | State::Failed | State::Reopened | State::Tripped => true,
        // Dates that were missed wait for somebody, whatever came after them.
        State::Stale if row.kind == Kind::Schedule => true,
        // A signature waits for a person once one is expected for it; otherwise the sign page says whose turn it is.
        State::Open | State::Stale if row.kind == Kind::Signoff => !run.expected_for(row).is_empty(),
        State::Open | State::Stale => {
            let is_checked = matches!(row.kind, Kind::Auto | Kind::Metric) && !row.is_rolled_up();
            run.counts(row) && !is_checked
        }
        _ => false,
    }
}

/// Says whether it is this person: who is expected for the line, else its owner, or whoever holds a role that confirms it.
fn needs_me(run: &Run, row: &Row, state: State, acting: &Acting) -> bool {
    let expected = run.expected_for(row);
    let is_theirs = || match row.confirm.as_slice() {
        [] => run.owner(&row.id) == &acting.id,
        roles => acting.holds(roles),
    };
    needs_somebody(run, row, state) && if expected.is_empty() { is_theirs() } else { expected.contains(&&acting.id) }
}

/// Names who has to do something about a line; empty where nobody has.
fn needs(run: &Run, row: &Row, state: State, roster: &Roster) -> String {
    let names: Vec<String> = run.expected_for(row).into_iter().map(|id| people::name_of(roster, id)).collect();
    match (needs_somebody(run, row, state), row.confirm.as_slice()) {
        (false, _) => String::new(),
        _ if !names.is_empty() => names.join(" or "),
        (true, []) => people::name_of(roster, run.owner(&row.id)),
        (true, roles) => {
            let names: Vec<String> = roles.iter().map(|role| role.as_str().replace('_', " ")).collect();
            names.join(" or ")
        }
    }
}

/// Shows the outline.
pub(super) fn sections(run: &Run, now: Instant) -> Vec<SectionView> {
    let view = |section: countersign_domain::checklist::run::SectionProgress| SectionView {
        depth: number(section.path.len().saturating_sub(1)),
        path: section.path,
        total: number(section.total),
        complete: number(section.complete),
        failed: number(section.failed),
    };
    run.sections(now).into_iter().map(view).collect()
}

/// Shows how many of the lines that count are in each state.
pub(super) fn states(run: &Run, now: Instant) -> Vec<StateCount> {
    let states = run.progress(now).states.into_iter();
    states.map(|(state, count)| StateCount { state, count: number(count) }).collect()
}

/// Shows the lines to sign.
pub(super) fn signatures(run: &Run, roster: &Roster) -> Vec<SignatureSlot> {
    run.known_slots().iter().map(|one| slot(run, one.clone(), roster)).collect()
}

fn slot(run: &Run, slot: Slot, roster: &Roster) -> SignatureSlot {
    // A request counts as long as it can be answered: for what is recorded now.
    let is_open = |asked: &&RequestRecord| {
        let matter = &asked.body.matter;
        let is_own = (&matter.role, matter.scope) == (&slot.line.role, slot.line.scope);
        is_own
            && asked.answered.is_none()
            && slot.state != SlotState::Signed
            && matter.root == run.root_digest(matter.scope)
    };
    let asked_at = run.requests().iter().rev().find(is_open).map(|asked| asked.at);
    let waits_for = if slot.state == SlotState::Signed { String::new() } else { slot.sentence };
    let signature = slot.signature;
    SignatureSlot {
        role: slot.line.role.as_str().to_owned(),
        scope: slot.line.scope.to_string(),
        name: slot.line.label,
        group: slot.line.group,
        order: number(slot.line.order),
        state: slot.state.as_ref().to_owned(),
        expected: run.expected(&slot.line.role).map(|id| people::name_of(roster, id)).unwrap_or_default(),
        by: signature.as_ref().map(|given| given.by.name.clone()),
        at: signature.as_ref().map(|given| given.at),
        meaning: signature.as_ref().map(|given| given.body.meaning.to_string()),
        comment: signature.as_ref().map(|given| given.body.comment.clone()).unwrap_or_default(),
        key: signature.as_ref().and_then(|given| given.by.key.clone()),
        seq: signature.as_ref().map(|given| given.seq),
        root: signature.as_ref().map(|given| given.body.root.to_string()),
        statement: signature.as_ref().map(|given| given.body.statement.clone()).unwrap_or_default(),
        exception: signature.as_ref().and_then(|given| given.body.exception.clone()),
        received_at: signature.as_ref().and_then(|given| given.received.as_ref()).map(|received| received.at),
        asked_at,
        waits_for,
    }
}

/// Counts the rows of each kind, in the order of the kinds.
pub(super) fn counts(template: &Template) -> Vec<KindCount> {
    let counts = template.counts();
    let of = |kind: Kind| Some(KindCount { kind: kind.to_string(), count: number(*counts.get(&kind)?) });
    Kind::iter().filter_map(of).collect()
}

/// Gives the word of how far a row's proof reaches; empty for rows without.
pub(super) fn strength(row: &Row) -> String {
    row.strength.as_ref().map(|strength| strength.as_ref().to_owned()).unwrap_or_default()
}

/// Says how long a result of a row counts.
pub(super) fn freshness(row: &Row) -> String {
    let check = row.proof.as_ref().and_then(|proof| catalogue::find(proof.as_str()));
    match row.fresh_hours.or_else(|| check.map(|check| check.fresh_hours)) {
        None => String::new(),
        Some(1) => "1 hour".to_owned(),
        Some(hours) if hours % 24 == 0 && hours > 24 => format!("{} days", hours / 24),
        Some(hours) => format!("{hours} hours"),
    }
}

/// Finds the screen that shows what a line is about.
pub(super) fn route(row: &Row) -> Option<String> {
    match row.proof.as_ref()? {
        Proof::Metric(metric) => registry::metric(metric.as_str()).map(|_| format!("/revenue/rows/{metric}")),
        Proof::Probe(probe) => {
            let screens = [
                ("stripe.webhooks.", "/webhooks"),
                ("recon.events", "/webhooks?tab=events"),
                ("stripe.catalog.", "/settings/workspace"),
                ("stripe.", "/settings/environments"),
                ("db.", "/settings/environments"),
                ("console.ledger.", "/audit"),
            ];
            let found = screens.iter().find(|(family, _)| probe.as_str().starts_with(family));
            found.map(|(_, screen)| (*screen).to_owned())
        }
    }
}

/// Counts as the page has them.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
