//! What a report must not leave out: gates and who overrode them, waivers, rollbacks, and every signature ever given.
//!
//! The same facts for the report and for programs, so that neither says less than the other.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::GateOpened;
use countersign_domain::checklist::row::Row as Line;
use countersign_domain::checklist::run::{Attachment, Decision, Run};
use countersign_domain::failure::Failure;
use countersign_domain::ledger::Recorded;
use countersign_render::file::pdf::{Block, ReportTable, Row};
use countersign_store::ledger::entries;
use serde_json::{Value, json};

use super::WHAT;
use super::paper::{columns, stamp};
use super::signed::{self, Signed};
use crate::app::App;
use crate::checklists::evidence::FileView;
use crate::checklists::gates::{self, Gate, GatesRequest};
use crate::checklists::rollback::{self, RollbackRequest};
use crate::checklists::stories::{self, Story};
use crate::checklists::{items, runs};
use crate::failure::{Tell as _, internal};

/// Most openings of gates read from a ledger; a run has one for each phase.
const OPENINGS_MAX: u32 = 100_000;

/// Tells what happened to the gates, as blocks of a report.
///
/// **Errors**: closed stores.
pub(super) async fn gates(app: &App, story: &Story) -> Result<Vec<Block>, Failure> {
    let gates = gates::view(app, GatesRequest { run: story.id.clone() }).await?.gates;
    let opened = opened(app, story).await?;
    let mut blocks: Vec<Block> =
        overrides(&story.run).into_iter().map(|text| Block::Alert(format!("▲ {text}"))).collect();
    let row = |gate: &Gate| {
        let planned = gate.exposure_pct.as_ref().map(|share| format!("up to {share} %"));
        let by = opened.iter().find(|(phase, at, _)| *phase == gate.phase && Some(*at) == gate.opened_at);
        let opened = gate.opened_at.map(|at| format!("{} by {}", stamp(at), by.map_or("nobody known", |(.., by)| by)));
        cells([
            Some(gate.name.clone()),
            Some(gate.state.as_ref().replace('_', " ")),
            planned,
            gate.since.map(stamp),
            opened,
        ])
    };
    let rows: Vec<Row> = gates.iter().map(row).collect();
    blocks.extend(table("Gates", &["Gate", "State", "Exposure", "Since", "Opened"], rows));
    // Below the table, where the sentences have room; a cell would cut them.
    let reached = |gate: &&Gate| story.run.present_gate().is_none_or(|present| gate.phase <= present);
    let why = |gate: &Gate| -> Vec<String> { gate.held_by.iter().map(|why| format!("{}: {why}", gate.name)).collect() };
    let held: Vec<String> = gates.iter().filter(reached).flat_map(why).collect();
    if !held.is_empty() {
        blocks.push(Block::Heading("What holds the gates".to_owned()));
    }
    blocks.extend(held.into_iter().map(Block::Paragraph));
    if let Some(share) = story.run.share() {
        blocks.push(Block::Paragraph(format!("Exposure: {}.", share.shown)));
    }
    Ok(blocks)
}

/// Says which gates two people overrode, and why; in every report, whatever came after.
pub(super) fn overrides(run: &Run) -> Vec<String> {
    let said = |word: &Decision| format!("{} ({}): {}", word.by.name, stamp(word.at), word.text);
    let told = run.gates_overridden().map(|(name, first, second)| {
        format!("OVERRIDDEN: the gate of {name}, by {} and by {}", said(first), said(second))
    });
    told.collect()
}

/// Lists waivers with who approved them, why and until when.
pub(super) fn waivers(run: &Run, now: Instant) -> Vec<Block> {
    let rows = run.template().rows.iter().filter_map(|row| {
        let waiver = run.history(&row.id)?.waived.as_ref()?;
        let until = if waiver.until < now { format!("{}, over", stamp(waiver.until)) } else { stamp(waiver.until) };
        let word = &waiver.decision;
        let said = [row.coverage_label(), word.text.clone(), word.by.name.clone(), stamp(word.at), until];
        Some(cells(said.map(Some)))
    });
    table("Waivers", &["Line", "Reason", "Approved by", "When", "Until"], rows.collect())
}

/// Lists the indicators that ever tripped, with what was seen and who cleared them.
pub(super) fn trips(run: &Run) -> Vec<Block> {
    let rows = run.indicators().filter_map(|row| {
        let record = &run.history(&row.id)?.trigger;
        let (cause, since) = match (&record.tripped, &record.cleared) {
            (Some((_, at, cause)), _) => (cause.clone(), format!("tripped since {}", stamp(*at))),
            (None, Some((at, by))) => {
                let names: Vec<&str> = by.iter().map(|word| word.by.name.as_str()).collect();
                let why = by.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" / ");
                (why, format!("cleared {} by {}", stamp(*at), names.join(" and ")))
            }
            (None, None) => return None,
        };
        let known = record.acknowledged.as_ref().map(|word| format!("{} by {}", stamp(word.at), word.by.name));
        Some(cells([Some(row.label.clone()), Some(record.count.to_string()), Some(since), Some(cause), known]))
    });
    table("Rollback indicators", &["Indicator", "Trips", "Now", "Seen", "Acknowledged"], rows.collect())
}

/// Lists attached files with what each says, who attached it and when, and what it is about.
pub(super) fn files(run: &Run, now: Instant) -> Vec<Block> {
    let rows = attached(run).map(|(row, attached)| {
        let file = FileView::of(&attached.file);
        let about =
            [file.release.as_ref().map(|it| format!("release {it}")), file.commit.map(|it| format!("commit {it}"))];
        let about: Vec<String> = about.into_iter().flatten().collect();
        let over =
            file.expires_at.map(|end| if end < now { format!("until {}, over", stamp(end)) } else { stamp(end) });
        let says = if file.says.is_empty() { file.kind } else { format!("{}: {}", file.kind, file.says) };
        cells([
            Some(row.coverage_label()),
            Some(format!("{}, {} bytes", file.name, file.bytes)),
            Some(says),
            Some(format!("{}, {}", attached.by.name, stamp(attached.at))),
            Some(about.join(", ")).filter(|about| !about.is_empty()),
            over,
        ])
    });
    let mut blocks =
        table("Attached files", &["Line", "File", "Says", "Attached", "About", "Counts until"], rows.collect());
    // A digest is wider than a cell.
    let digests = attached(run).map(|(_, attached)| (attached.file.name.clone(), attached.file.sha256.to_string()));
    let digests: Vec<(String, String)> = digests.collect();
    if !digests.is_empty() {
        blocks.push(Block::Paragraph("SHA-256 of each file, in the same order:".to_owned()));
        blocks.push(Block::Facts(digests));
    }
    blocks
}

/// Lists every attached file with its line, in the order of the lines.
fn attached(run: &Run) -> impl Iterator<Item = (&Line, &Attachment)> {
    let lines = run.template().rows.iter().filter_map(|row| Some((row, run.history(&row.id)?)));
    lines.flat_map(|(row, history)| history.files.iter().map(move |file| (row, file)))
}

/// Lists rollbacks with their times.
pub(super) fn rollbacks(run: &Run) -> Vec<Block> {
    let who = |word: &Decision| format!("{} by {}", stamp(word.at), word.by.name);
    let rows = run.rollbacks().into_iter().map(|(section, procedure)| {
        let ended = procedure.ended.as_ref();
        cells([
            section.last().cloned(),
            Some(who(&procedure.started)),
            Some(procedure.started.text.clone()),
            ended.map(|ended| format!("{} by {}", stamp(ended.at), procedure.ended_by())),
            ended.map(|ended| ended.text.clone()),
        ])
    });
    table("Rollbacks", &["Procedure", "Begun", "Why", "Ended", "How"], rows.collect())
}

/// Lists every signature in its order, those that others took the place of too, and below them what each one signed.
pub(super) fn signatures(story: &Story, signed: &[Signed<'_>]) -> Vec<Block> {
    let rows = signed.iter().map(|one| {
        let (by, body) = (&one.record.by, &one.record.body);
        cells([
            Some(format!("{}, {}", signed::role(one.record), body.scope)),
            Some(format!("{} by {}, {}", body.meaning, by.name, stamp(one.record.at))),
            Some(one.said()).filter(|said| !said.is_empty()),
            by.key.clone(),
            Some(format!("entry {}, root {}", one.record.seq, body.root.short())),
            Some(one.standing.clone()),
        ])
    });
    let heads = ["Role", "Meaning", "Comment", "Key", "Signed", "Standing"];
    let mut blocks = table("Every signature", &heads, rows.collect());
    for one in signed {
        blocks.push(Block::Heading(format!("What {} signed in entry {}", one.record.by.name, one.record.seq)));
        blocks.push(Block::Paragraph(format!("Signed at {} by the clock there.", one.local)));
        blocks.extend(one.record.body.statement.iter().cloned().map(Block::Paragraph));
        blocks.push(Block::Paragraph(one.machine(&story.id)));
    }
    blocks
}

/// Gives the same for programs: gates, overrides, waivers, rollbacks and signatures.
///
/// **Errors**: closed stores.
pub(super) async fn document(app: &App, story: &Story, signed: &[Signed<'_>]) -> Result<Value, Failure> {
    let run = &story.run;
    let waivers = run.template().rows.iter().filter_map(|row| {
        let waiver = run.history(&row.id)?.waived.as_ref()?;
        let word = &waiver.decision;
        Some(json!({
            "item": row.id, "reason": word.text, "by": word.by.name, "at": word.at, "until": waiver.until,
        }))
    });
    let signatures = signed.iter().map(|one| {
        let (signature, by, body) = (one.record, &one.record.by, &one.record.body);
        json!({
            "seq": signature.seq.to_string(), "by": by.name, "at": signature.at, "key": by.key, "role": body.role,
            "scope": body.scope, "meaning": body.meaning, "comment": body.comment, "root": body.root,
            "exception": body.exception, "statement": body.statement, "standing": one.standing,
            "local": one.local, "app": one.app, "previous": one.previous, "run": story.id,
        })
    });
    let rollback = rollback::view(app, RollbackRequest { run: story.id.clone() }).await?;
    let files = attached(run).map(|(row, attached)| {
        let file = FileView::of(&attached.file);
        json!({
            "item": row.id, "seq": attached.seq.to_string(), "name": file.name, "bytes": file.bytes,
            "sha256": attached.file.sha256, "kind": file.kind, "says": file.says, "by": attached.by.name,
            "at": attached.at, "release": file.release, "names_release": file.names_release, "commit": file.commit,
            "made_at": file.made_at, "expires_at": file.expires_at,
        })
    });
    Ok(json!({
        "files": files.collect::<Vec<_>>(),
        "run": runs::show(app, story).await?, "evidence": items::evidence(app, &story.id).await?,
        "overrides": overrides(run),
        "gates": gates::view(app, GatesRequest { run: story.id.clone() }).await?.gates,
        "opened": opened(app, story).await?.into_iter()
            .map(|(phase, at, by)| json!({ "phase": phase, "at": at, "by": by })).collect::<Vec<_>>(),
        "waivers": waivers.collect::<Vec<_>>(),
        "indicators": rollback.indicators,
        "rollbacks": rollback.procedures,
        "statements": signatures.collect::<Vec<_>>(),
    }))
}

/// Reads who opened the gates of a run, and when.
async fn opened(app: &App, story: &Story) -> Result<Vec<(u8, Instant, String)>, Failure> {
    let object = stories::object(&story.id);
    let stores = app.stores()?;
    let read = stores.ledger.database().read(|conn| entries::of_kinds(conn, &["gate_opened"], 0, OPENINGS_MAX));
    let read = read.await.map_err(|error| error.tell(WHAT))?;
    let own = read.into_iter().filter(|recorded| recorded.entry.object.as_deref() == Some(&object));
    let told = |recorded: Recorded| {
        let body: GateOpened = recorded.entry.body_as().map_err(|error| internal(WHAT, &error))?;
        let by = recorded.entry.signer.map_or_else(|| "the program".to_owned(), |signer| signer.name);
        Ok((body.phase, recorded.entry.at, by))
    };
    own.map(told).collect()
}

fn table(heading: &str, heads: &[&str], rows: Vec<Row>) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    vec![Block::Heading(heading.to_owned()), Block::Table(ReportTable { columns: columns(heads), rows })]
}

fn cells<const N: usize>(cells: [Option<String>; N]) -> Row {
    Row { cells: cells.into(), is_total: false }
}
