//! `run schedule`, `run date`, `run done`, `run skip`: what is due after the deployment.

use std::path::Path;

use countersign_app::checklists::report::save::{self, SaveReport};
use countersign_app::checklists::schedule::{
    self, DateAnswer, DateView, DoOccurrence, Schedule, ScheduleRequest, SkipOccurrence,
};
use countersign_app::checklists::snapshot::{self, Snapshot, SnapshotRequest};
use countersign_app::checklists::{items, runs};
use countersign_app::domain::checklist::dated::{Disposed, Disposition, Question};
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::{ItemId, RunId};
use countersign_app::failure::invalid;
use countersign_app::{App, clock};

use super::TOPICS;
use super::acts::meant;
use crate::arguments::{Dates, RunItem, Words};
use crate::exit::Verdict;
use crate::output::{Align, Output};

pub async fn run(app: &App, command: Dates, output: Output) -> Result<Verdict, Failure> {
    match command {
        Dates::Schedule { run } => {
            let run = runs::find(app, &run).await?;
            let answer = app.asked("schedule", schedule::view(app, ScheduleRequest { run })).await?;
            Ok(show(&answer, output))
        }
        Dates::Date { run, item, key, report } => {
            let run = runs::find(app, &run).await?;
            let item = items::find(app, &run, &item).await?;
            date(app, (run, item, key), report.as_deref(), output).await
        }
        Dates::Done { item, key, words } => done(app, item, key, words, output).await,
        Dates::Skip { item, key, reason } => skip(app, item, (key, reason), output).await,
    }
}

/// Shows what a date asks; the answer is no where a figure or check beside it fails.
async fn date(
    app: &App,
    (run, item, key): (RunId, ItemId, String),
    report: Option<&Path>,
    output: Output,
) -> Result<Verdict, Failure> {
    let request = SnapshotRequest { run: run.clone(), item: item.clone(), key: key.clone() };
    let answer = app.asked("snapshot", snapshot::view(app, request)).await?;
    if let Some(report) = report {
        let file = app.files().keep_for_writing(report).handle;
        let request = SaveReport { run, item, key, shown: answer.sha256.clone(), file };
        app.acted("report_save", TOPICS, save::save(app, clock::name(), request)).await?;
    }
    output.answer(&answer, |text| {
        let lines = answer
            .lines
            .iter()
            .map(|line| vec![line.outcome.clone(), line.name.clone(), line.found.clone(), line.limit.clone()]);
        let heads = ["", "measured", "found", "limit"].map(|head| (head, Align::Left));
        text.table(&heads, &lines.collect::<Vec<_>>());
        for table in &answer.tables {
            text.gap();
            text.line(format!(
                "{}{}",
                table.title,
                if table.note.is_empty() { "" } else { ": " }.to_owned() + &table.note
            ));
            let align = |is_figure: bool| if is_figure { Align::Right } else { Align::Left };
            let heads: Vec<_> =
                table.columns.iter().map(|column| (column.label.as_str(), align(column.is_figure))).collect();
            if !table.rows.is_empty() {
                text.table(&heads, &table.rows);
                let left = (table.rows_in_all as usize).saturating_sub(table.rows.len());
                if left > 0 {
                    text.line(format!("{left} more"));
                }
            }
        }
        payments(&answer, text);
        for asked in &answer.asks {
            let must = if asked.is_required { " (needed)" } else { "" };
            text.line(format!("asks    {}{must}", asked.name));
        }
    });
    Ok(Verdict::of(answer.lines.iter().all(|line| line.outcome != "fail")))
}

fn payments(answer: &Snapshot, text: &mut crate::output::Text) {
    let Some(list) = &answer.failed else { return };
    let minute = |at: countersign_app::domain::Instant| at.format("%Y-%m-%d %H:%M UTC").to_string();
    text.gap();
    match list.until {
        Some(until) => text.line(format!("Payments that failed from {} to {}", minute(list.since), minute(until))),
        None => text.line(&list.why),
    }
    let rows = list.payments.iter().map(|payment| {
        let before = payment.before.map(Disposition::words).unwrap_or_default().to_owned();
        vec![
            payment.record.clone(),
            payment.amount.to_string(),
            minute(payment.failed_at),
            before,
            payment.reason.clone(),
        ]
    });
    let heads = [
        ("payment", Align::Left),
        ("amount", Align::Right),
        ("failed", Align::Left),
        ("before", Align::Left),
        ("why", Align::Left),
    ];
    text.table(&heads, &rows.collect::<Vec<_>>());
    if list.left > 0 {
        text.line(format!("{} more wait for the next list", list.left));
    }
}

async fn done(app: &App, named: RunItem, key: String, words: Words, output: Output) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let (dispositions, shown) = disposed(app, (&run, &item, &key), &words).await?;
    let said = [
        (Question::Attendees, words.took_part),
        (Question::Change, words.change),
        (Question::Before, words.before),
        (Question::After, words.after),
    ];
    let said = said.into_iter().map(|(question, text)| DateAnswer { question, text }).collect();
    let request = DoOccurrence { run, item, key, operator, note: words.note, shown, said, dispositions };
    Ok(show(&app.acted("occurrence_done", TOPICS, schedule::done(app, id, request)).await?, output))
}

/// Reads the dispositions. A word without a payment is for each that is listed, so the list is measured first.
async fn disposed(
    app: &App,
    (run, item, key): (&RunId, &ItemId, &str),
    words: &Words,
) -> Result<(Vec<Disposed>, String), Failure> {
    let (mut named, mut rest) = (Vec::new(), None);
    for given in &words.dispositions {
        let (record, word) =
            given.rsplit_once('=').map_or((None, given.as_str()), |(record, word)| (Some(record), word));
        let disposition: Disposition = word.parse().map_err(|_| {
            invalid(
                "disposition",
                format!("{word} is none of retrying, contacted, waiting_for_customer, written_off, ignored"),
            )
        })?;
        match record {
            Some(record) => named.push(Disposed { record: record.to_owned(), disposition }),
            None => rest = Some(disposition),
        }
    }
    let Some(disposition) = rest else { return Ok((named, String::new())) };
    let request = SnapshotRequest { run: run.clone(), item: item.clone(), key: key.to_owned() };
    let answer = snapshot::view(app, request).await?;
    let listed = answer.failed.map(|list| list.payments).unwrap_or_default();
    for payment in listed {
        if named.iter().all(|one| one.record != payment.record) {
            named.push(Disposed { record: payment.record, disposition });
        }
    }
    Ok((named, answer.sha256))
}

async fn skip(app: &App, named: RunItem, (key, reason): (String, String), output: Output) -> Result<Verdict, Failure> {
    let (id, run, item, operator) = meant(app, named).await?;
    let request = SkipOccurrence { run, item, key, operator, reason };
    Ok(show(&app.acted("occurrence_skip", TOPICS, schedule::skip(app, id, request)).await?, output))
}

/// The answer is no when a date was missed.
fn show(answer: &Schedule, output: Output) -> Verdict {
    output.answer(answer, |text| {
        if answer.deployed_at.is_none() {
            text.line("The dates of the list begin with the deployment: `run deployed RUN --operator WHO`.");
        }
        let columns = [
            ("due", Align::Left),
            ("item", Align::Left),
            ("date", Align::Left),
            ("state", Align::Left),
            ("owner", Align::Left),
            ("text", Align::Left),
            ("known", Align::Left),
        ];
        let cells = |date: &DateView| {
            let due = date.due_at.format("%Y-%m-%d %H:%M UTC").to_string();
            let state = date.state.as_ref().replace('_', " ");
            let word = if date.outcome.is_empty() { String::new() } else { format!("{}: ", date.outcome) };
            let (owner, known) = (date.owner.clone(), format!("{word}{}", date.known));
            vec![due, date.item.to_string(), date.key.clone(), state, owner, date.text.clone(), known]
        };
        text.table(&columns, &answer.dates.iter().map(cells).collect::<Vec<_>>());
        text.gap();
        text.line(format!("{} due, {} missed", answer.due, answer.missed));
    });
    Verdict::of(answer.missed == 0)
}
