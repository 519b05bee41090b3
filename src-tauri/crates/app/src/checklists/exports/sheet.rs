//! A run as a table: one row for each line of the checklist and, below them, one for each signature ever given, for
//! spreadsheets and programs.

use std::io;

use countersign_domain::Instant;
use countersign_domain::checklist::row::Row;
use countersign_domain::checklist::run::{Standing, State};
use countersign_render::file::csv::{Cell, CsvFile, Dialect};

use super::account;
use super::signed::{self, Signed};
use crate::checklists::stories::Story;
use crate::checklists::view;
use crate::exports::made::Made;

const HEADERS: &[&str] = &[
    "line",
    "id",
    "section",
    "text",
    "kind",
    "probe",
    "limit",
    "state",
    "state_text",
    "complete",
    "counts",
    "found",
    "by",
    "checked_at",
    "fresh_until",
    "evidence",
    "said",
    "waived_until",
    "signed_by",
    "signed_at",
    "signed_meaning",
    "signed_key",
    "signed_root",
    "signed_entry",
    "signed_exception",
    "signed_role",
    "signed_scope",
    "signed_comment",
    "signed_standing",
    "signed_local",
    "signed_statement",
    "signed_app",
    "signed_previous",
    "override",
    "run",
    "release",
    "environment",
    "demo",
    "exported_at",
    "exported_by",
    "ledger",
];

/// What stands in the column of kinds for a signature; no line is of this kind.
const SIGNATURE: &str = "signature";
/// Columns that say something of one line, and those that say something of one signature.
const OF_LINE: usize = 18;
const OF_SIGNATURE: usize = 15;

/// Writes the table.
///
/// **Errors**: none but those of memory.
pub(super) fn csv(story: &Story, signed: &[Signed<'_>], made: &Made) -> io::Result<Vec<u8>> {
    let run = &story.run;
    let mut bytes = Vec::new();
    let mut file = CsvFile::begin(&mut bytes, Dialect::Spreadsheet, HEADERS)?;
    for row in &run.template().rows {
        let own = run.known_slots().iter().find(|slot| slot.line.item.as_ref() == Some(&row.id));
        let own = own.and_then(|slot| slot.signature.as_ref());
        let own = own.and_then(|own| signed.iter().find(|one| one.record.seq == own.seq));
        let cells = line(story, row, made.at).into_iter().chain(own.map_or_else(unsigned, signature));
        file.row(&cells.chain(every(story, made)).collect::<Vec<_>>())?;
    }
    for one in signed {
        let mut cells: [Cell; OF_LINE] = std::array::from_fn(|_| Cell::Unknown);
        let [_, _, _, text, kind, ..] = &mut cells;
        (*text, *kind) = (Cell::text(one.sentence()), Cell::text(SIGNATURE));
        file.row(&cells.into_iter().chain(signature(one)).chain(every(story, made)).collect::<Vec<_>>())?;
    }
    file.finish()?;
    Ok(bytes)
}

fn truth(is_so: bool) -> Cell {
    Cell::text(if is_so { "yes" } else { "no" })
}

/// Gives what the table says of a line.
fn line(story: &Story, row: &Row, now: Instant) -> [Cell; OF_LINE] {
    let run = &story.run;
    let standing = run.standing(&row.id, now).unwrap_or(Standing { state: State::Open, because: String::new() });
    let history = run.history(&row.id);
    let answer = history.and_then(|history| history.answer.as_ref());
    let word = history.and_then(|history| {
        let waived = history.waived.as_ref().map(|waiver| &waiver.decision);
        history.confirmed.as_ref().or(waived).or(history.dismissed.as_ref())
    });
    let seen = answer.map(|answer| answer.at).max(word.map(|word| word.at));
    let evidence: Vec<&str> = story.remarks(&row.id).iter().map(|remark| remark.sha256.as_str()).collect();
    let proof = row.proof.as_ref().map(|proof| proof.as_str().to_owned());
    [
        Cell::Number { value: i128::from(row.line), digits: 0 },
        Cell::text(row.id.as_str()),
        Cell::text(row.section_path()),
        Cell::text(row.coverage_label()),
        Cell::text(row.kind.to_string()),
        proof.map_or(Cell::Unknown, Cell::Text),
        row.limit.as_ref().map_or(Cell::Unknown, |limit| Cell::text(limit.to_string())),
        Cell::text(standing.state.word()),
        Cell::text(view::state_text(&standing)),
        truth(standing.state.is_complete()),
        truth(run.counts(row)),
        answer.map_or(Cell::Unknown, |answer| Cell::text(answer.seen.found())),
        word.map_or(Cell::Unknown, |word| Cell::text(word.by.name.clone())),
        seen.map_or(Cell::Unknown, Cell::At),
        run.fresh_until(&row.id).map_or(Cell::Unknown, Cell::At),
        Cell::text(evidence.join(" ")),
        word.map_or(Cell::Unknown, |word| Cell::text(word.text.clone())),
        history.and_then(|history| history.waived.as_ref()).map_or(Cell::Unknown, |waiver| Cell::At(waiver.until)),
    ]
}

/// Gives what the table says of a signature.
fn signature(one: &Signed<'_>) -> [Cell; OF_SIGNATURE] {
    let (record, body) = (one.record, &one.record.body);
    [
        Cell::text(record.by.name.clone()),
        Cell::At(record.at),
        Cell::text(body.meaning.to_string()),
        record.by.key.clone().map_or(Cell::Unknown, Cell::Text),
        Cell::text(body.root.to_string()),
        Cell::Number { value: i128::from(record.seq), digits: 0 },
        body.exception.clone().map_or(Cell::Unknown, Cell::Text),
        Cell::text(signed::role(record)),
        Cell::text(body.scope.to_string()),
        Cell::text(body.comment.clone()),
        Cell::text(one.standing.clone()),
        Cell::text(one.local.clone()),
        Cell::text(body.statement.join(" ")),
        Cell::text(one.app.clone()),
        Cell::text(one.previous.to_string()),
    ]
}

fn unsigned() -> [Cell; OF_SIGNATURE] {
    std::array::from_fn(|_| Cell::Unknown)
}

/// Gives what is so of the whole run; it stands in every row, because a row is often read alone.
fn every(story: &Story, made: &Made) -> [Cell; 8] {
    let binding = story.run.binding();
    [
        Cell::text(account::overrides(&story.run).join(" ")),
        Cell::text(story.id.to_string()),
        Cell::text(binding.release.clone()),
        Cell::text(binding.environment.as_str()),
        truth(binding.is_demo),
        Cell::At(made.at),
        Cell::text(made.by().to_owned()),
        made.ledger().map_or(Cell::Unknown, Cell::Text),
    ]
}
