//! What stands behind a date as a report for a meeting and for the archive.

use countersign_domain::checklist::row::Row;
use countersign_domain::failure::Failure;
use countersign_domain::ledger::Head;
use countersign_render::file::pdf::{Block, Column, Paper, ReportTable, Row as Line, pdf};

use super::{Report, SeenTable};
use crate::app::App;
use crate::checklists::snapshot::SeenLine;
use crate::checklists::stories::Story;
use crate::exports::made::Made;
use crate::failure::internal;
use crate::{clock, frame, record};

/// What failed, where writing the report fails.
const WHAT: &str = "Could not write the report";

/// Writes the report of a date; `None` for one whose figure says everything.
///
/// **Errors**: closed stores, a report that cannot be written.
pub(in super::super) async fn paper(
    app: &App,
    story: &Story,
    (row, key): (&Row, &str),
    lines: &[SeenLine],
    report: Report,
    made: &Made,
) -> Result<Option<Vec<u8>>, Failure> {
    let Report { tables, failed, charts, through } = report;
    if tables.is_empty() && failed.is_none() {
        return Ok(None);
    }
    let record = record::record(app).await?;
    let binding = story.run.binding();
    let mut blocks = vec![Block::Facts(lines.iter().map(|line| (line.name.clone(), said(line))).collect())];
    let drawn = |(title, scene)| [Block::Heading(title), Block::Chart(Box::new(scene))];
    blocks.extend(charts.into_iter().flat_map(drawn));
    blocks.extend(failed.iter().flat_map(|list| of_table(list.table())));
    blocks.extend(tables.into_iter().flat_map(of_table));
    blocks.extend(made.head.as_ref().map(of_ledger).into_iter().flatten());
    let banner = record.environments.get(&binding.environment);
    let (now, author) = (made.at, made.by().to_owned());
    let printed = countersign_render::file::pdf::Report {
        title: row.label.clone(),
        subtitle: format!("{key} · {}", story.name()),
        banner: banner.map(|environment| frame::banner(environment, &record.workspace.name).text),
        watermark: binding.is_demo.then(|| "DEMO".to_owned()),
        foot: foot(story.id.as_str(), made, &through),
        author,
        made_at: now,
        paper: Paper::A4,
        blocks,
    };
    let bytes = tokio::task::spawn_blocking(move || pdf(&printed)).await;
    bytes.map_err(|error| internal(WHAT, &error))?.map(Some).map_err(|error| internal(WHAT, &error))
}

/// Says at the foot of every page of what it is, by whom, and how far it reaches.
fn foot(run: &str, made: &Made, through: &str) -> String {
    let at = made.at.format("%Y-%m-%d %H:%M UTC");
    format!("Run {run}, as of {at}, by {} with Countersign {}{through}", made.by(), clock::VERSION)
}

fn of_ledger(head: &Head) -> [Block; 2] {
    let facts = [("Entry", head.seq.to_string()), ("Hash", head.hash.to_string())];
    let facts = facts.map(|(name, value)| (name.to_owned(), value));
    [Block::Heading("Ledger when this was written".to_owned()), Block::Facts(facts.into())]
}

fn said(line: &SeenLine) -> String {
    let word = if line.outcome.is_empty() { String::new() } else { format!("{}: ", line.outcome) };
    format!("{word}{}", line.words())
}

fn of_table(table: SeenTable) -> Vec<Block> {
    let left = (table.rows_in_all as usize).saturating_sub(table.rows.len());
    let mut blocks = vec![Block::Heading(table.title)];
    blocks.extend((!table.note.is_empty()).then_some(Block::Paragraph(table.note)));
    if table.rows.is_empty() {
        return blocks;
    }
    let columns =
        table.columns.into_iter().map(|column| Column { label: column.label, is_figure: column.is_figure }).collect();
    let row = |cells: Vec<String>| Line { cells: cells.into_iter().map(Some).collect(), is_total: false };
    blocks.push(Block::Table(ReportTable { columns, rows: table.rows.into_iter().map(row).collect() }));
    blocks.extend((left > 0).then(|| Block::Paragraph(format!("And {left} more."))));
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::made::tests::made;

    #[test]
    fn a_report_names_who_made_it_and_where_the_ledger_ended() {
        let foot = foot("run-1", &made(), ", data through noon");
        assert!(foot.starts_with("Run run-1, as of 2026-11-20 10:00 UTC, by Ana Lopez with Countersign "), "{foot}");
        assert!(foot.ends_with(", data through noon"), "{foot}");
        let [_, Block::Facts(facts)] = of_ledger(&made().head.unwrap()) else { panic!("no facts") };
        assert_eq!(facts[0].1, "12");
        assert_eq!(facts[1].1, "ab".repeat(32));
    }
}
