//! A run as a table: one row for each line of the checklist, for spreadsheets and programs.

use std::io;

use countersign_domain::checklist::run::{Standing, State};
use countersign_render::file::csv::{Cell, CsvFile, Dialect};

use super::{Made, account};
use crate::checklists::stories::Story;
use crate::checklists::view;

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
    "override",
    "release",
    "environment",
    "demo",
    "exported_at",
    "exported_by",
    "ledger",
];

/// Writes the table.
///
/// **Errors**: none but those of memory.
pub(super) fn csv(story: &Story, made: &Made) -> io::Result<Vec<u8>> {
    let (run, now) = (&story.run, made.at);
    let binding = run.binding();
    let ledger = made.ledger();
    let mut bytes = Vec::new();
    let mut file = CsvFile::begin(&mut bytes, Dialect::Spreadsheet, HEADERS)?;
    let overrides = account::overrides(run).join(" ");
    for row in &run.template().rows {
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
        let signed = run.known_slots().iter().find(|slot| slot.line.item.as_ref() == Some(&row.id));
        let signed = signed.and_then(|slot| slot.signature.as_ref());
        let truth = |is_so: bool| Cell::text(if is_so { "yes" } else { "no" });
        file.row(&[
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
            signed.map_or(Cell::Unknown, |signed| Cell::text(signed.by.name.clone())),
            signed.map_or(Cell::Unknown, |signed| Cell::At(signed.at)),
            signed.map_or(Cell::Unknown, |signed| Cell::text(signed.body.meaning.to_string())),
            signed.and_then(|signed| signed.by.key.clone()).map_or(Cell::Unknown, Cell::Text),
            signed.map_or(Cell::Unknown, |signed| Cell::text(signed.body.root.to_string())),
            signed.map_or(Cell::Unknown, |signed| Cell::Number { value: i128::from(signed.seq), digits: 0 }),
            signed.and_then(|signed| signed.body.exception.clone()).map_or(Cell::Unknown, Cell::Text),
            // What is so of the whole run stands in every line: a row is often read alone.
            Cell::text(overrides.clone()),
            Cell::text(binding.release.clone()),
            Cell::text(binding.environment.as_str()),
            truth(binding.is_demo),
            Cell::At(made.at),
            Cell::text(made.by().to_owned()),
            ledger.clone().map_or(Cell::Unknown, Cell::Text),
        ])?;
    }
    file.finish()?;
    Ok(bytes)
}
