//! Lines of a run that do not hold, with who owns each and since when.

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::checklist::row::{Kind, Row};
use countersign_domain::checklist::run::{Run, State};
use countersign_domain::ledger::Roster;

use super::SeenTable;
use crate::checklists::people;

/// How long a finding may be open without an owner of its own. **Units**: days.
const OWNERLESS_DAYS: i64 = 7;

/// Lists what failed, and what could not be decided, those that failed first.
pub(super) fn findings(run: &Run, roster: &Roster, now: Instant) -> SeenTable {
    let open = |row: &Row| {
        let is_counted = !matches!(row.kind, Kind::Schedule | Kind::Signoff | Kind::Contact) && !row.indicator;
        let standing = run.standing(&row.id, now).filter(|_| is_counted)?;
        let is_open = matches!(standing.state, State::Failed | State::Unknown(_));
        is_open.then(|| (row.clone(), standing, since(run, row)))
    };
    let mut found: Vec<_> = run.template().rows.iter().filter_map(open).collect();
    found.sort_by_key(|(_, standing, since)| (standing.state != State::Failed, since.unwrap_or(now)));
    let is_old = |at: Option<Instant>| at.is_some_and(|at| now - at > TimeDelta::days(OWNERLESS_DAYS));
    let own = |row: &Row| run.history(&row.id).and_then(|history| history.owner.as_ref());
    let ownerless = found.iter().filter(|(row, _, since)| own(row).is_none() && is_old(*since)).count();
    let rows = found.iter().map(|(row, standing, since)| {
        let owner = match own(row) {
            Some(owner) => people::name_of(roster, owner),
            None => format!("{} (the run's)", people::name_of(roster, run.owner(&row.id))),
        };
        let since = since.map_or_else(|| "not checked".to_owned(), |at| at.format("%Y-%m-%d").to_string());
        vec![row.coverage_label(), standing.state.word().replace('_', " "), since, owner, standing.because.clone()]
    });
    let note = match ownerless {
        _ if found.is_empty() => "No line failed, and none that was checked is undecided.".to_owned(),
        0 => format!("None is older than {OWNERLESS_DAYS} days without an owner of its own."),
        1 => format!("1 is older than {OWNERLESS_DAYS} days and has no owner of its own."),
        more => format!("{more} are older than {OWNERLESS_DAYS} days and have no owner of their own."),
    };
    let heads = ["Line", "State", "Since", "Owner", "Why"];
    SeenTable::new("Lines that do not hold", &heads, rows.collect()).noted(note)
}

fn since(run: &Run, row: &Row) -> Option<Instant> {
    let history = run.history(&row.id)?;
    history.turned_at.filter(|_| history.answer.is_some())
}
