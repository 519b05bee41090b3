//! The hour after a deployment, looked at each minute.
//!
//! A minute that nobody looked at then can never be added, and stays a gap. Like the samples of a soak these are no part of
//! the evidence root. Deliberately absent: looking, and which figure is good.

use std::sync::Arc;

use chrono::TimeDelta;

use super::super::catalogue::{self, CheckSource};
use super::super::dated::is_first_hours;
use super::super::entry::{Act, FirstHourSampled, MinuteLine};
use super::super::row::{Kind, Proof, Row};
use super::{Refusal, Run};
use crate::Instant;
use crate::probe::Outcome;

/// How many minutes are looked at.
pub const FIRST_HOUR_MINUTES: u8 = 60;

/// What was seen in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteSample {
    /// Its place in the ledger.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// What was seen, line by line.
    pub lines: Vec<MinuteLine>,
}

/// One minute of the first hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minute {
    /// When it begins.
    pub at: Instant,
    /// What was seen in it.
    pub sample: Option<Arc<MinuteSample>>,
    /// Whether it is over.
    pub is_over: bool,
}

/// Says whether a line can be looked at each minute: a figure, or a check that only reads Stripe. What rests on files and
/// people does not change by itself.
fn is_looked_at(row: &Row) -> bool {
    match &row.proof {
        Some(Proof::Metric(_)) => true,
        Some(proof @ Proof::Probe(_)) => {
            let check = catalogue::find(proof.as_str());
            check.is_some_and(|check| check.source == CheckSource::Stripe && !check.active)
        }
        None => false,
    }
}

impl MinuteSample {
    /// Gives the worst answer: what failed, then what is not known; `None` where nothing is judged.
    #[must_use]
    pub fn worst(&self) -> Option<Outcome> {
        let rank = |outcome: &Outcome| match outcome {
            Outcome::Fail => 3,
            Outcome::Unknown(_) => 2,
            Outcome::Warn => 1,
            Outcome::Pass => 0,
        };
        self.lines.iter().filter_map(|line| line.outcome).max_by_key(rank)
    }
}

impl Run {
    /// Lists the lines that are looked at each minute of the hour after the deployment.
    pub fn first_hour_lines(&self) -> impl Iterator<Item = &Row> {
        let is_watched = |row: &&Row| row.kind == Kind::Schedule && is_first_hours(row) && is_looked_at(row);
        self.template.rows.iter().filter(is_watched)
    }

    /// Says whether the present minute belongs to the first hour and was not looked at.
    #[must_use]
    pub fn lacks_minute(&self, now: Instant) -> bool {
        let Some(minute) = self.minute_of(now).filter(|_| self.ended.is_none()) else { return false };
        let last = self.first_hour.last().and_then(|sample| self.minute_of(sample.at));
        last.is_none_or(|last| last < minute) && self.first_hour_lines().next().is_some()
    }

    /// Gives the minutes of the hour after the deployment; empty without a deployment or without lines for it.
    #[must_use]
    pub fn first_hour(&self, now: Instant) -> Vec<Minute> {
        let Some(since) = self.deployed_at.filter(|_| self.first_hour_lines().next().is_some()) else {
            return Vec::new();
        };
        let minute = |nth: u8| {
            let sample = self.first_hour.iter().find(|sample| self.minute_of(sample.at) == Some(nth));
            let at = since + TimeDelta::minutes(nth.into());
            Minute { at, sample: sample.cloned(), is_over: at + TimeDelta::minutes(1) <= now }
        };
        (0..FIRST_HOUR_MINUTES).map(minute).collect()
    }

    /// Says how often a line was looked at in the first hour, and how that went; `None` where it was not.
    pub(super) fn first_hour_line(&self, row: &Row, now: Instant) -> Option<String> {
        if !is_first_hours(row) {
            return None;
        }
        let all = self.first_hour(now);
        let lines = all.iter().filter_map(|minute| minute.sample.as_ref());
        let lines: Vec<&MinuteLine> =
            lines.filter_map(|seen| seen.lines.iter().find(|line| line.item == row.id)).collect();
        let count =
            |is: fn(Outcome) -> bool| lines.iter().filter_map(|line| line.outcome).filter(|one| is(*one)).count();
        let failed = count(|outcome| outcome == Outcome::Fail);
        let unknown = count(|outcome| matches!(outcome, Outcome::Unknown(_)));
        let last = &lines.last()?.shown;
        let counts = format!("{} of {} minutes, {failed} failed, {unknown} unknown", lines.len(), all.len());
        Some(format!("First hour: looked at in {counts}. The last: {last}"))
    }

    /// Says in which minute after the deployment an instant lies; `None` outside the first hour.
    #[must_use]
    pub fn minute_of(&self, at: Instant) -> Option<u8> {
        let since = at.signed_duration_since(self.deployed_at?);
        let minute = u8::try_from(since.num_minutes()).ok().filter(|_| since >= TimeDelta::zero())?;
        Some(minute).filter(|minute| *minute < FIRST_HOUR_MINUTES)
    }

    /// Takes in what was seen in a minute.
    pub(super) fn looked_at(&mut self, act: &Act, body: &FirstHourSampled) -> Result<(), Refusal> {
        if !self.lacks_minute(act.at) {
            return Err(Refusal::state("It is not the first hour, or this minute was looked at."));
        }
        let is_watched = |line: &MinuteLine| self.first_hour_lines().any(|row| row.id == line.item);
        if self.upgraded.is_none() && !body.lines.iter().all(is_watched) {
            return Err(Refusal::state("A minute is of the lines of the first hour."));
        }
        let lines = body.lines.iter().filter(|line| is_watched(line)).cloned().collect();
        self.first_hour.push(Arc::new(MinuteSample { seq: act.seq, at: act.at, lines }));
        Ok(())
    }
}
