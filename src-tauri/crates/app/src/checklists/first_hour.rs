//! The hour after a deployment: its lines looked at once a minute, and how that went.
//!
//! Figures come from the mirror, checks of Stripe are made anew; a line that rests on files or people is none of it.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{Entry, FirstHourSampled, MinuteLine};
use countersign_domain::checklist::row::{Proof, Row};
use countersign_domain::checklist::run::{Minute, Run};
use countersign_domain::metrics::registry;
use countersign_domain::probe::{Outcome, Unknown};
use serde::Serialize;
use ts_rs::TS;

use super::snapshot::{self, Stands};
use super::stories::Story;
use super::view;
use crate::app::App;
use crate::checks;

/// The hour after a deployment.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FirstHour {
    /// When it began.
    pub since: Instant,
    /// When it ends.
    pub until: Instant,
    /// Its minutes.
    pub minutes: Vec<MinuteView>,
    /// How many of them were looked at.
    pub seen: u32,
    /// How many are over and were not.
    pub missed: u32,
}

/// One minute.
#[derive(Debug, Clone, Serialize, TS)]
pub struct MinuteView {
    /// When it begins.
    pub at: Instant,
    /// `pass`, `warn`, `fail`, `unknown` for the worst that was seen; `read` where nothing is judged; `missed`, `ahead`.
    pub word: String,
    /// What was seen, line by line.
    pub lines: Vec<String>,
}

/// Gives the first hour of a run; `None` without a deployment or without lines for it.
pub(super) fn first_hour(run: &Run, now: Instant) -> Option<FirstHour> {
    let minutes = run.first_hour(now);
    let (first, last) = (minutes.first()?, minutes.last()?);
    // Of a deployment before anybody could look there is nothing to show.
    if minutes.iter().all(|minute| minute.sample.is_none() && minute.is_over) {
        return None;
    }
    let (since, until) = (first.at, last.at + chrono::TimeDelta::minutes(1));
    let minutes: Vec<MinuteView> = minutes.iter().map(|minute| show(run, minute)).collect();
    let count = |is: fn(&str) -> bool| view::number(minutes.iter().filter(|minute| is(&minute.word)).count());
    let (missed, ahead) = (count(|word| word == "missed"), count(|word| word == "ahead"));
    let seen = view::number(minutes.len()) - missed - ahead;
    Some(FirstHour { since, until, seen, missed, minutes })
}

fn show(run: &Run, minute: &Minute) -> MinuteView {
    let word = match &minute.sample {
        Some(sample) => sample.worst().map_or("read", Outcome::word),
        None if minute.is_over => "missed",
        None => "ahead",
    };
    let line = |line: &MinuteLine| {
        let label = run.template().row(&line.item).map_or(line.item.as_str(), |row| row.label.as_str());
        let word = line.outcome.map(|outcome| format!("{}: ", outcome.word())).unwrap_or_default();
        format!("{label}: {word}{}", line.shown)
    };
    let lines = minute.sample.iter().flat_map(|sample| &sample.lines).map(line).collect();
    MinuteView { at: minute.at, word: word.to_owned(), lines }
}

/// Looks at the lines of the first hour, where this minute of it was not looked at.
///
/// **Shape**: what cannot be looked at is unknown, and the minute counts as looked at: nobody can do so later.
pub(super) async fn sample(app: &App, story: &Story, now: Instant) -> Option<Entry> {
    if !story.run.lacks_minute(now) {
        return None;
    }
    let rows: Vec<&Row> = story.run.first_hour_lines().collect();
    let metrics = rows.iter().filter_map(|row| registry::metric(row.proof.as_ref()?.as_str())).collect();
    let standing = snapshot::standing(app, story, metrics).await;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let proof = row.proof.as_ref().map_or("", |proof| proof.as_str());
        let (outcome, shown, data_through) = match (&row.proof, standing.get(proof)) {
            (Some(Proof::Metric(_)), Some(stands)) => of_figure(stands, story.run.deployed_at(), now),
            (Some(Proof::Probe(_)), _) => match checks::look(app, story, row).await {
                Ok(Some(result)) => (Some(result.verdict.outcome), result.verdict.found, result.data_at),
                Ok(None) => unknown("There was no answer."),
                Err(failure) => unknown(&failure.why),
            },
            _ => unknown("Nothing could be computed."),
        };
        lines.push(MinuteLine { item: row.id.clone(), outcome, shown, data_through });
    }
    (!lines.is_empty()).then(|| FirstHourSampled { lines }.into())
}

/// Gives a figure of data that are of this minute; older ones say nothing of it, least of all something good.
fn of_figure(
    stands: &Stands,
    deployed_at: Option<Instant>,
    now: Instant,
) -> (Option<Outcome>, String, Option<Instant>) {
    /// Oldest data that count. **Units**: minutes.
    const MINUTES_MAX: i64 = 5;
    let (words, through) = (stands.line.words(), stands.through);
    let is_old = now - through > chrono::TimeDelta::minutes(MINUTES_MAX) || deployed_at.is_some_and(|at| through < at);
    if !is_old || matches!(stands.outcome, Some(Outcome::Unknown(_))) {
        return (stands.outcome, words, Some(through));
    }
    let words = format!("known up to {} only: {words}", through.format("%Y-%m-%d %H:%M UTC"));
    (Some(Outcome::Unknown(Unknown::InsufficientData)), words, Some(through))
}

fn unknown(why: &str) -> (Option<Outcome>, String, Option<Instant>) {
    (Some(Outcome::Unknown(Unknown::Unreachable)), why.to_owned(), None)
}
