//! Dated lines: what is due after the deployment, doing it or leaving it out, and the dates for a calendar program.

use std::sync::Arc;

use countersign_domain::Instant;
use countersign_domain::checklist::catalogue;
use countersign_domain::checklist::dated::{Disposed, Question, questions};
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::{OccurrenceDone, OccurrenceSkipped};
use countersign_domain::checklist::row::{Proof, Row};
use countersign_domain::checklist::run::{DateKind, Due, DueState, OtherDate, Refusal, Run, TEXT_CHARS_MAX};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{EnvironmentId, ItemId, OperatorId, RunId};
use countersign_domain::ledger::Roster;
use countersign_domain::metrics::registry::{self, Metric};
use countersign_domain::probe::Fact;
use countersign_render::file::calendar::{self, Event};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::stories::{self, Story};
use super::{Shelf, act, people, refused, snapshot, view};
use crate::app::App;
use crate::exports::made::Made;
use crate::{clock, record};

/// How far ahead dates are shown. **Units**: days.
pub const AHEAD_DAYS: i64 = 90;
/// How far ahead a calendar file reaches. **Units**: days.
const CALENDAR_DAYS: i64 = 366;

/// Asks for the dates of a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRequest {
    /// Which run.
    pub run: RunId,
}

/// The dates of a run up to [`AHEAD_DAYS`] ahead, the earliest due first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Schedule {
    /// When the release was deployed; without it there are no dates.
    pub deployed_at: Option<Instant>,
    /// Each date of each line.
    pub dates: Vec<DateView>,
    /// Dates that can be done now.
    pub due: u32,
    /// Dates that were missed.
    pub missed: u32,
}

/// Asks for the dates of every run of an environment.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AgendaRequest {
    /// Which environment.
    pub environment: EnvironmentId,
}

/// The dates of every run that goes on, up to [`AHEAD_DAYS`] ahead, the earliest due first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Agenda {
    /// Each date of each line of each run.
    pub dates: Vec<DateView>,
    /// Dates that can be done now.
    pub due: u32,
    /// Dates that were missed.
    pub missed: u32,
}

/// One date of one line.
#[derive(Debug, Clone, Serialize, TS)]
pub struct DateView {
    /// The run.
    pub run: RunId,
    /// Its name.
    pub run_name: String,
    /// What it is of; only the date of a dated line is done or left out.
    pub kind: DateKind,
    /// The line.
    pub item: ItemId,
    /// Its text.
    pub text: String,
    /// Headings above it.
    pub section: Vec<String>,
    /// What this date is called: `2026-11-21`.
    pub key: String,
    /// From when on it can be done.
    pub opens_at: Instant,
    /// Until when it is on time.
    pub due_at: Instant,
    /// What became of it.
    pub state: DueState,
    /// Who owns the line.
    pub owner: String,
    /// How what the line asks stands now, while the date can be done; or why there is this date.
    pub known: String,
    /// How that is judged: `pass`, `fail`, `unknown`; empty where nothing is held against it.
    pub outcome: String,
    /// Who did it or left it out; empty for nobody.
    pub by: String,
    /// What was said of it, or why it was left out.
    pub note: String,
    /// What was answered to what the line asks, and done about each payment that was listed.
    pub said: Vec<Fact>,
    /// What was measured and shown before it was done.
    pub seen: Vec<Fact>,
    /// Whether a report was kept with it.
    pub has_report: bool,
}

/// A date is done.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DoOccurrence {
    /// Which run.
    pub run: RunId,
    /// Which line.
    pub item: ItemId,
    /// Which date.
    pub key: String,
    /// Who did it.
    pub operator: OperatorId,
    /// What is said of it.
    #[serde(default)]
    pub note: String,
    /// Digest of the snapshot that was shown; empty to have what the line asks measured now.
    #[serde(default)]
    pub shown: String,
    /// Answers to what the line asks beside the note.
    #[serde(default)]
    pub said: Vec<DateAnswer>,
    /// What is done about each payment that was listed.
    #[serde(default)]
    pub dispositions: Vec<Disposed>,
}

/// An answer to what a line asks beside the note.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DateAnswer {
    /// Which question.
    pub question: Question,
    /// The answer.
    pub text: String,
}

/// A date is left out.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SkipOccurrence {
    /// Which run.
    pub run: RunId,
    /// Which line.
    pub item: ItemId,
    /// Which date.
    pub key: String,
    /// Who leaves it out.
    pub operator: OperatorId,
    /// Why.
    pub reason: String,
}

/// Gives the dates of a run.
///
/// **Errors**: a run nobody started.
pub async fn view(app: &App, request: ScheduleRequest) -> Result<Schedule, Failure> {
    let (story, now) = (stories::story(app, &request.run).await?, clock::now());
    let roster = app.stores()?.ledger.roster().await;
    let mut dates = dates(&story, &roster, now, AHEAD_DAYS);
    measure(app, &story, &mut dates).await;
    let (due, missed) = (count(&dates, DueState::Due), count(&dates, DueState::Missed));
    Ok(Schedule { deployed_at: story.run.deployed_at(), due, missed, dates })
}

/// Gives the dates of every run of an environment whose dates go on.
///
/// **Errors**: an environment nobody made, closed stores.
pub async fn agenda(app: &App, request: AgendaRequest) -> Result<Agenda, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let (shelf, now) = (stories::shelf(app).await?, clock::now());
    let roster = app.stores()?.ledger.roster().await;
    let mut all = Vec::new();
    for story in going_on(&shelf, &environment.id) {
        let mut dates = dates(story, &roster, now, AHEAD_DAYS);
        measure(app, story, &mut dates).await;
        all.extend(dates);
    }
    all.sort_by_key(|date| date.due_at);
    Ok(Agenda { due: count(&all, DueState::Due), missed: count(&all, DueState::Missed), dates: all })
}

/// Lists the runs of an environment whose dates go on.
///
/// **Shape**: they go on after the end of a run, until a later one of the same list is deployed in its place.
pub(crate) fn going_on<'a>(shelf: &'a Shelf, environment: &EnvironmentId) -> Vec<&'a Arc<Story>> {
    let of_here: Vec<&Arc<Story>> =
        shelf.runs.values().filter(|story| story.run.binding().environment == *environment).collect();
    let is_replaced = |story: &Story| {
        let later = |other: &&Arc<Story>| {
            other.run.template().id == story.run.template().id && other.run.deployed_at() > story.run.deployed_at()
        };
        story.run.ended().is_some() && of_here.iter().any(later)
    };
    of_here.iter().copied().filter(|story| !story.run.is_abandoned() && !is_replaced(story)).collect()
}

fn count(dates: &[DateView], state: DueState) -> u32 {
    view::number(dates.iter().filter(|date| date.state == state).count())
}

/// Says beside what can be done now how its figure stands at present, and not when somebody last looked.
async fn measure(app: &App, story: &Story, dates: &mut [DateView]) {
    let metric_of = |date: &DateView| match story.run.template().row(&date.item)?.proof.as_ref()? {
        Proof::Metric(id) => registry::metric(id.as_str()),
        Proof::Probe(_) => None,
    };
    let is_wanted = |date: &DateView| date.kind == DateKind::Line && can_be_done(date.state);
    let mut metrics: Vec<&'static Metric> = dates.iter().filter(|date| is_wanted(date)).filter_map(metric_of).collect();
    metrics.sort_by_key(|metric| metric.id);
    metrics.dedup_by_key(|metric| metric.id);
    let standing = snapshot::standing(app, story, metrics).await;
    for date in dates.iter_mut().filter(|date| is_wanted(date)) {
        if let Some(stands) = metric_of(date).and_then(|metric| standing.get(metric.id)) {
            (date.known, date.outcome) = (stands.line.words(), stands.line.outcome.clone());
        }
    }
}

/// Lists the dates of the lines and those that follow from the run, the earliest due first.
fn dates(story: &Story, roster: &Roster, now: Instant, days: i64) -> Vec<DateView> {
    let (run, until) = (&story.run, now + chrono::TimeDelta::days(days));
    let mut dates = of_lines(story, roster, now, until);
    let others = run.other_dates(now).into_iter().filter(|date| date.occurrence.opens_at < until);
    dates.extend(others.filter_map(|date| of_run(story, roster, date)));
    dates.sort_by_key(|date| date.due_at);
    dates
}

/// Says what the run knows of what a row asks, from what was recorded; empty for a row that asks nothing.
pub(super) fn known(run: &Run, row: &Row) -> String {
    let asks = row.proof.as_ref().is_some_and(|proof| catalogue::find(proof.as_str()).is_some());
    match run.known_of(row) {
        _ if !asks => String::new(),
        None => "Not checked yet.".to_owned(),
        Some(answer) => {
            let at = answer.at.format("%Y-%m-%d %H:%M UTC");
            format!("{} ({}, {at})", answer.seen.found().trim_end_matches('.'), answer.outcome.word())
        }
    }
}

fn can_be_done(state: DueState) -> bool {
    matches!(state, DueState::Due | DueState::Missed)
}

fn of_run(story: &Story, roster: &Roster, date: OtherDate) -> Option<DateView> {
    let run = &story.run;
    let row = run.template().row(&date.item)?;
    let text = match date.kind {
        DateKind::Waiver => format!("The waiver ends: {}", row.label),
        DateKind::File => format!("The attached file ends: {}", row.label),
        DateKind::PostMortem => format!("Post-mortem is due: {}", row.label),
        DateKind::Line => row.label.clone(),
    };
    Some(DateView {
        run: story.id.clone(),
        run_name: story.name(),
        kind: date.kind,
        text,
        section: row.section.clone(),
        key: date.occurrence.key,
        opens_at: date.occurrence.opens_at,
        due_at: date.occurrence.due_at,
        state: date.state,
        owner: people::name_of(roster, run.owner(&row.id)),
        known: date.because,
        outcome: String::new(),
        by: String::new(),
        note: String::new(),
        said: Vec::new(),
        seen: Vec::new(),
        has_report: false,
        item: date.item,
    })
}

fn of_lines(story: &Story, roster: &Roster, now: Instant, until: Instant) -> Vec<DateView> {
    let run = &story.run;
    let show = |due: Due| {
        let row = run.template().row(&due.item)?;
        let occasion = run.history(&due.item).and_then(|history| history.occasions.get(&due.occurrence.key));
        let done = occasion.and_then(|occasion| occasion.done.as_ref());
        Some(DateView {
            run: story.id.clone(),
            run_name: story.name(),
            kind: DateKind::Line,
            owner: people::name_of(roster, run.owner(&row.id)),
            // Of what cannot be done yet, or is settled, what is known now says nothing.
            known: if can_be_done(due.state) { known(run, row) } else { String::new() },
            outcome: String::new(),
            text: row.label.clone(),
            section: row.section.clone(),
            key: due.occurrence.key.clone(),
            opens_at: due.occurrence.opens_at,
            due_at: due.occurrence.due_at,
            state: due.state,
            by: occasion.map(|occasion| occasion.decision.by.name.clone()).unwrap_or_default(),
            note: occasion.map(|occasion| occasion.decision.text.clone()).unwrap_or_default(),
            said: done.map(said).unwrap_or_default(),
            seen: done.map(|done| done.seen.clone()).unwrap_or_default(),
            has_report: done.is_some_and(|done| done.report.is_some()),
            item: due.item,
        })
    };
    run.schedule(now, until).into_iter().filter_map(show).collect()
}

/// Writes down that a date is done.
///
/// **Errors**: a line without dates, a date that is settled, is none of the line's, or cannot be done yet; a person
/// without the role that the line names.
pub async fn done(app: &App, request_id: Uuid, request: DoOccurrence) -> Result<Schedule, Failure> {
    let DoOccurrence { run: id, item, key, operator, note, shown, said, dispositions } = request;
    let what = "Could not record what was done";
    if act::written_before(app, request_id, what).await?.is_some() {
        return view(app, ScheduleRequest { run: id }).await;
    }
    let story = stories::story(app, &id).await?;
    let acting = people::named(app, &operator).await?;
    let may = |run: &Run, acting: &people::Acting, now| {
        run.may_settle(&item, acting.actor(), &key, None)?;
        is_a_date(run, &item, &key, now)
    };
    // Asked here too, so that nothing is kept for what will be refused.
    may(&story.run, &acting, clock::now()).map_err(|refusal| refused(what, refusal))?;
    let said = answers(&story.run, &item, said).map_err(|refusal| refused(what, refusal))?;
    let taken = snapshot::shown(app, &story, (&item, &key), &shown).await?;
    drop(story);
    let (mut evidence, mut reviewed) = (Vec::new(), None);
    if let Some(taken) = &taken {
        reviewed = taken.reviewed(&dispositions).map_err(|refusal| refused(what, refusal))?;
        evidence = taken.keep(app).await?;
    }
    let written = act::perform_all(app, request_id, (&id, &operator), what, |story, acting, now| {
        may(&story.run, acting, now)?;
        let seen = taken.as_ref().map(|taken| taken.facts()).unwrap_or_default();
        let snapshot = taken.as_ref().map(|taken| taken.digest);
        let report = taken.as_ref().and_then(|taken| taken.report().map(Digest::of_bytes));
        let (item, key) = (item.clone(), key.clone());
        Ok((vec![OccurrenceDone { item, key, note, seen, snapshot, report, said, reviewed }.into()], evidence))
    });
    written.await?;
    view(app, ScheduleRequest { run: id }).await
}

/// Puts the answers in the order in which they are asked; one that is empty is none.
///
/// **Errors**: an answer that is missing, too long, or to what the line does not ask.
fn answers(run: &Run, item: &ItemId, said: Vec<DateAnswer>) -> Result<Vec<Fact>, Refusal> {
    let asked = run.template().row(item).map(questions).unwrap_or_default();
    let given = |question: Question| {
        let text = said.iter().find(|said| said.question == question).map_or("", |said| said.text.trim());
        (!text.is_empty()).then(|| text.to_owned())
    };
    if let Some(other) = said.iter().find(|said| !asked.contains(&said.question) && !said.text.trim().is_empty()) {
        return Err(not_accepted(format!("This line does not ask for \"{}\".", other.question.name())));
    }
    if let Some(missing) = asked.iter().find(|question| question.is_required() && given(**question).is_none()) {
        return Err(not_accepted(format!("\"{}\" has to be answered.", missing.name())));
    }
    if let Some(long) = said.iter().find(|said| said.text.chars().count() > TEXT_CHARS_MAX) {
        let what = long.question.name();
        return Err(not_accepted(format!("\"{what}\" may have {TEXT_CHARS_MAX} characters at most.")));
    }
    let fact = |question: &Question| Some(Fact { name: question.name().to_owned(), value: given(*question)? });
    Ok(asked.iter().filter_map(fact).collect())
}

fn not_accepted(sentence: String) -> Refusal {
    Refusal { code: Code::InputInvalid, sentence }
}

/// Gives what was answered, and what is done about each payment.
fn said(done: &OccurrenceDone) -> Vec<Fact> {
    let disposed = done.reviewed.iter().flat_map(|reviewed| &reviewed.dispositions);
    let disposed = disposed.map(|one| Fact { name: one.record.clone(), value: one.disposition.words().to_owned() });
    done.said.iter().cloned().chain(disposed).collect()
}

/// Writes down that a date is left out.
///
/// **Errors**: as [`done`], and no reason.
pub async fn skip(app: &App, request_id: Uuid, request: SkipOccurrence) -> Result<Schedule, Failure> {
    let SkipOccurrence { run: id, item, key, operator, reason } = request;
    let what = "Could not leave the date out";
    let written = act::perform(app, request_id, (&id, &operator), what, |run, acting, now| {
        run.may_settle(&item, acting.actor(), &key, Some(&reason))?;
        is_a_date(run, &item, &key, now)?;
        Ok(OccurrenceSkipped { item, key, reason }.into())
    });
    written.await?;
    view(app, ScheduleRequest { run: id }).await
}

/// Gives how a date of a line stands; `None` for one the line does not have.
pub(super) fn state_of(run: &Run, item: &ItemId, key: &str, now: Instant) -> Option<DueState> {
    let dates = run.schedule(now, now + chrono::TimeDelta::days(AHEAD_DAYS));
    dates.iter().find(|date| date.item == *item && date.occurrence.key == key).map(|date| date.state)
}

fn is_a_date(run: &Run, item: &ItemId, key: &str, now: Instant) -> Result<(), Refusal> {
    let refusal = |code, sentence: String| Err(Refusal { code, sentence });
    match state_of(run, item, key, now) {
        None => refusal(Code::NotFound, format!("The line has no date `{key}`.")),
        Some(DueState::Upcoming) => refusal(Code::StateConflict, format!("`{key}` cannot be done yet.")),
        Some(_) => Ok(()),
    }
}

/// Gives the dates of a run that are not settled, as a calendar has them.
pub(super) fn events(story: &Story, roster: &Roster, now: Instant) -> Vec<Event> {
    let open = |date: &DateView| matches!(date.state, DueState::Upcoming | DueState::Due | DueState::Missed);
    dates(story, roster, now, CALENDAR_DAYS)
        .into_iter()
        .filter(open)
        .map(|date| Event {
            id: format!("{}/{}/{}@countersign", story.id, date.item, date.key),
            title: date.text,
            about: [format!("{} · {}", story.name(), date.section.join(" / ")), date.owner, date.known]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("\n"),
            from: date.opens_at,
            to: date.due_at,
        })
        .collect()
}

/// Writes the dates that are not settled as a calendar file.
#[must_use]
pub(super) fn calendar(story: &Story, roster: &Roster, made: &Made) -> String {
    let events = events(story, roster, made.at);
    let is_demo = story.run.binding().is_demo;
    let name = if is_demo { format!("DEMO · {}", story.name()) } else { story.name() };
    calendar::write(&name, &account(made, events.len(), is_demo), &events, made.at)
}

/// Says what a calendar holds, how far it reaches, and where it comes from.
pub(super) fn account(made: &Made, count: usize, is_demo: bool) -> String {
    let until = (made.at + chrono::TimeDelta::days(CALENDAR_DAYS)).format("%Y-%m-%d");
    let mut said = made.sentences();
    let at = made.at.format("%Y-%m-%d %H:%M UTC");
    said.insert(1, format!("Every date that is not settled as of {at}, up to {until}: {count}."));
    said.extend(is_demo.then(|| "DEMO: the figures and dates are of an invented company.".to_owned()));
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::made::tests::made;

    #[test]
    fn a_calendar_says_how_many_dates_it_has_and_how_far_it_reaches() {
        let said = account(&made(), 7, true);
        assert!(said.starts_with("Exported by Ana Lopez with "), "{said}");
        assert!(
            said.contains("as of 2026-11-20 10:00 UTC, up to 2027-11-21: 7. The ledger then ended at entry 12"),
            "{said}"
        );
        assert!(said.contains("DEMO") && !account(&made(), 7, false).contains("DEMO"), "{said}");
    }
}
