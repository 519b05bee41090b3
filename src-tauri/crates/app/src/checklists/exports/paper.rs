//! A run as a report: what was released where, how far it is, who signed, and every line with its proof.
//!
//! The first page answers what a board asks; the lines follow section by section. The head of the ledger stands at the
//! end, so that the paper can be held against the record years later.

use countersign_domain::Instant;
use countersign_domain::checklist::row::Row as Line;
use countersign_domain::checklist::run::{CONSIDERATIONS, Deployment, Run, Standing, State};
use countersign_domain::checklist::sign::{Scope, Slot};
use countersign_domain::failure::Failure;
use countersign_render::file::pdf::{Block, Column, Headline, Paper, Report, ReportTable, Row};

use super::{account, signed};
use crate::app::App;
use crate::checklists::stories::Story;
use crate::checklists::view;
use crate::exports::made::Made;
use crate::{clock, frame, record};

/// Lays out the report of a run.
///
/// **Errors**: closed stores.
pub(super) async fn report(app: &App, story: &Story, made: &Made) -> Result<Report, Failure> {
    let (now, author, head) = (made.at, made.by().to_owned(), made.head.as_ref());
    let (run, binding) = (&story.run, story.run.binding());
    let record = record::record(app).await?;
    let banner = record.environments.get(&binding.environment);
    let mut blocks = summary(run, now);
    blocks.extend(account::gates(app, story).await?);
    blocks.extend(not_green(run, now));
    blocks.extend(account::waivers(run, now));
    blocks.extend(account::trips(run));
    blocks.extend(account::files(run, now));
    blocks.extend(account::rollbacks(run));
    blocks.extend(signatures(run));
    blocks.extend(account::signatures(story, &signed::signatures(app, story).await?));
    blocks.extend(lines(run, now));
    if let Some(head) = head {
        blocks.push(Block::Heading("Ledger".to_owned()));
        blocks.push(Block::Paragraph(
            "Every statement above is an entry of a hash-chained, signed ledger. Its head when this was written:"
                .to_owned(),
        ));
        let mut facts = vec![
            ("Entry".to_owned(), head.seq.to_string()),
            ("Hash".to_owned(), head.hash.to_string()),
            ("Evidence root of the run".to_owned(), run.root(Scope::Run).digest.to_string()),
        ];
        facts.extend(made.key.map(|key| ("Key of the newest signature".to_owned(), key.to_string())));
        blocks.push(Block::Facts(facts));
    }
    Ok(Report {
        title: run.template().name.clone(),
        subtitle: format!("Release {} on {}", binding.release, binding.environment),
        banner: banner.map(|environment| frame::banner(environment, &record.workspace.name).text),
        watermark: binding.is_demo.then(|| "DEMO".to_owned()),
        foot: format!("Run {}, as of {}, by {author} with Countersign {}", story.id, stamp(now), clock::VERSION),
        author,
        made_at: now,
        paper: Paper::A4,
        blocks,
    })
}

fn summary(run: &Run, now: Instant) -> Vec<Block> {
    let (progress, slots, binding) = (run.progress(now), run.slots(), run.binding());
    let signed = slots.iter().filter(|slot| slot.state == countersign_domain::checklist::sign::SlotState::Signed);
    let count = |state: &str| progress.states.get(state).copied().unwrap_or(0);
    let headline = |label: &str, value: String, note: String| Headline {
        label: label.to_owned(),
        value,
        note: (!note.is_empty()).then_some(note),
    };
    let mut facts = vec![
        ("Template".to_owned(), format!("{}, version {}", run.template().name, run.template().version)),
        ("Hash of the template".to_owned(), binding.template_hash.to_string()),
        ("Environment".to_owned(), format!("{} ({})", binding.environment, binding.class)),
        ("Release".to_owned(), binding.release.clone()),
        ("Begun".to_owned(), stamp(binding.started_at)),
    ];
    facts.extend(binding.fingerprints.iter().map(|(source, value)| (format!("Pinned: {source}"), value.clone())));
    if let Some(deployment) = run.deployment() {
        let by = deployment.by.as_ref().map(|by| format!(", recorded by {}", by.name)).unwrap_or_default();
        facts.push(("Deployed".to_owned(), format!("{}{by}", stamp(deployment.at))));
    }
    if let Some(end) = run.ended() {
        facts.push(("Ended".to_owned(), format!("{} by {}: {}", stamp(end.at), end.by.name, end.text)));
    }
    let special = run.form().into_iter().find(|field| field.word == CONSIDERATIONS && !field.value.is_empty());
    let irregular = run.deployments().iter().map(Deployment::sentence).filter(|text| !text.is_empty());
    let mut blocks = vec![
        Block::Headlines(vec![
            headline("Complete", format!("{} of {}", progress.complete, progress.total), String::new()),
            headline("Failed", count("failed").to_string(), String::new()),
            headline("Not decided", (count("unknown") + count("stale")).to_string(), "unknown or too old".to_owned()),
            headline("Signatures", format!("{} of {}", signed.count(), slots.len()), String::new()),
        ]),
        Block::Facts(facts),
    ];
    blocks.extend(irregular.map(|text| Block::Alert(format!("▲ {text}"))));
    if let Some(special) = special {
        blocks.push(Block::Heading("Special considerations".to_owned()));
        blocks.push(Block::Paragraph(format!("{} ({})", special.value, special.by)));
    }
    blocks
}

fn not_green(run: &Run, now: Instant) -> Vec<Block> {
    let sentences = run.not_green(now);
    if sentences.is_empty() {
        return vec![Block::Paragraph("Every line that counts is complete.".to_owned())];
    }
    /// Sentences on the first pages; every line is in the tables below.
    const SAID_MAX: usize = 40;
    let more = sentences.len().saturating_sub(SAID_MAX);
    let mut blocks = vec![Block::Heading(format!("Not complete: {}", sentences.len()))];
    blocks.extend(sentences.into_iter().take(SAID_MAX).map(Block::Paragraph));
    if more > 0 {
        blocks.push(Block::Paragraph(format!("And {more} more; the tables below have them all.")));
    }
    blocks
}

fn signatures(run: &Run) -> Vec<Block> {
    let slots = run.slots();
    if slots.is_empty() {
        return Vec::new();
    }
    let row = |slot: &Slot| {
        let given = slot.signature.as_ref();
        Row {
            cells: vec![
                Some(slot.line.label.clone()),
                Some(slot.line.group.clone()),
                Some(slot.sentence.clone()),
                given.map(|given| stamp(given.at)),
                given.map(|given| format!("entry {}, root {}", given.seq, given.body.root.short())),
            ],
            is_total: false,
        }
    };
    let rows = slots.iter().map(row).collect();
    let columns = columns(&["Role", "Group", "Standing", "When", "Signed"]);
    vec![Block::Heading("Signatures".to_owned()), Block::Table(ReportTable { columns, rows })]
}

fn lines(run: &Run, now: Instant) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut section: Option<String> = None;
    for row in &run.template().rows {
        let path = row.section_path();
        if section.as_ref() != Some(&path) {
            blocks.extend(table(std::mem::take(&mut rows)));
            blocks.push(Block::Heading(if path.is_empty() { "Lines".to_owned() } else { path.clone() }));
            section = Some(path);
        }
        rows.push(line(run, row, now));
    }
    blocks.extend(table(rows));
    blocks
}

fn table(rows: Vec<Row>) -> Option<Block> {
    let columns = columns(&["Line", "State", "Why", "When"]);
    (!rows.is_empty()).then_some(Block::Table(ReportTable { columns, rows }))
}

fn line(run: &Run, row: &Line, now: Instant) -> Row {
    let standing = run.standing(&row.id, now).unwrap_or(Standing { state: State::Open, because: String::new() });
    let history = run.history(&row.id);
    let answered = history.and_then(|history| history.answer.as_ref()).map(|answer| answer.at);
    let said = history.and_then(|history| history.confirmed.as_ref()).map(|word| word.at);
    let cells = vec![
        Some(row.coverage_label()),
        Some(standing.state.word().replace('_', " ")),
        Some(view::state_text(&standing)).filter(|text| !text.is_empty()),
        answered.max(said).map(stamp),
    ];
    Row { cells, is_total: false }
}

pub(super) fn columns(labels: &[&str]) -> Vec<Column> {
    labels.iter().map(|label| Column { label: (*label).to_owned(), is_figure: false }).collect()
}

pub(super) fn stamp(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
