//! The soak of a phase: samples of its limited metrics and of the share of users it has reached, taken while the phase is
//! open, and the window its gate looks at.
//!
//! A sample stands for one quarter of an hour and is made of data as young as that: what nobody sampled then can never be
//! added, and stays a gap. Samples are no part of the evidence root: a signature does not lapse because time goes by.
//! Deliberately absent: taking samples, and judging them.

use std::sync::Arc;

use num_rational::BigRational;

use super::super::entry::{Act, ItemMeasured, SoakSampled};
use super::super::limit::Limit;
use super::super::row::{Kind, Proof, Row};
use super::super::template::Phase;
use super::{Refusal, Run};
use crate::Instant;
use crate::ids::{ItemId, MetricId};
use crate::metrics::registry::EXPOSURE;
use crate::probe::Unknown;

/// How long one sample stands for, and how old its data may be. **Units**: minutes.
pub const SAMPLE_MINUTES: i64 = 15;
/// Samples of one hour.
const PER_HOUR: i64 = 60 / SAMPLE_MINUTES;

/// The watched metrics of a phase, read once while it was open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoakSample {
    /// When.
    pub at: Instant,
    /// How far the data reached.
    pub through: Instant,
    /// What was read, line by line.
    pub lines: Vec<ItemMeasured>,
}

/// What the samples of one line say about the window its gate looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SoakWindow {
    /// Quarters of an hour in the window that are over.
    pub expected: u64,
    /// Of these, sampled with a value.
    pub seen: u64,
    /// Of these, sampled with too few cases for a value.
    pub thin: u64,
    /// The longest stretch without a value, from and until.
    pub gap: Option<(Instant, Instant)>,
    /// The lowest value, in the unit of the line's limit.
    pub lowest: Option<BigRational>,
    /// The highest.
    pub highest: Option<BigRational>,
    /// What the newest sample showed, in words.
    pub newest: Option<String>,
}

/// Which share of the users was exposed when that was measured last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The share; absent where it could not be measured. **Units**: per cent.
    pub pct: Option<BigRational>,
    /// What was counted, or why nothing could be.
    pub shown: String,
    /// When the users were counted.
    pub at: Instant,
}

impl SoakWindow {
    /// Gives the value furthest on the wrong side of a limit.
    #[must_use]
    pub fn worst(&self, limit: &Limit) -> Option<&BigRational> {
        if limit.allows_more() { self.lowest.as_ref() } else { self.highest.as_ref() }
    }
}

impl Run {
    /// Lists the lines of a phase whose limits have to be kept over its soak, each with its metric.
    ///
    /// **Shape**: every limited line is one of its own, also where two of them ask for the same metric.
    pub fn soak_lines(&self, phase: u8) -> impl Iterator<Item = (&Row, &MetricId, &Limit)> {
        self.template.rows.iter().filter_map(move |row| match (&row.proof, &row.limit) {
            // The share of users is compared with what the phase is meant for, at its end and not all along; what is counted
            // by the day is held against its limit as a line, on every day of the soak.
            (Some(proof @ Proof::Metric(metric)), Some(limit))
                if row.kind == Kind::Metric
                    && row.phase == Some(phase)
                    && !proof.is_exposure()
                    && !proof.is_by_day() =>
            {
                Some((row, metric, limit))
            }
            _ => None,
        })
    }

    /// Lists the lines of a phase that measure which share of the users it has reached.
    pub fn share_lines(&self, phase: u8) -> impl Iterator<Item = (&Row, &MetricId)> {
        self.template.rows.iter().filter_map(move |row| match &row.proof {
            Some(proof @ Proof::Metric(metric))
                if row.kind == Kind::Metric && row.phase == Some(phase) && proof.is_exposure() =>
            {
                Some((row, metric))
            }
            _ => None,
        })
    }

    /// Says whether a phase is watched and its present quarter of an hour has no sample yet.
    ///
    /// **Shape**: what soaks is watched, and what users are let into.
    #[must_use]
    pub fn lacks_sample(&self, phase: u8, now: Instant) -> bool {
        let is_watched = |phase: &Phase| phase.soak_hours > 0 || phase.exposure_pct.is_some();
        let soaks = self.template.phase(phase).is_some_and(is_watched);
        let is_going_on = soaks && self.ended.is_none() && !self.is_open(phase);
        let since = self.phase_opened_at(phase).filter(|_| is_going_on);
        since.is_some_and(|since| self.last_sample(phase).is_none_or(|last| slot(since, last.at) < slot(since, now)))
    }

    /// Gives the share of exposed users as it was measured last, by a check or with a sample.
    #[must_use]
    pub fn share(&self) -> Option<&Share> {
        self.share.as_ref()
    }

    /// Keeps the share of exposed users, where one of the lines measured it.
    pub(super) fn counted(&mut self, lines: &[ItemMeasured]) {
        let Some(line) = lines.iter().rfind(|line| line.metric.as_str() == EXPOSURE) else { return };
        let pct = line.value.as_deref().and_then(|text| text.parse().ok());
        self.share = Some(Share { pct, shown: line.shown.clone(), at: line.data_through });
    }

    /// Keeps the answers with which the lines about the share of users were passed; later shares are of later phases.
    pub(super) fn share_passed(&mut self, phase: u8, at: Instant) {
        for (row, history) in self.template.rows.iter().zip(&mut self.histories) {
            let is_share = row.phase == Some(phase) && row.proof.as_ref().is_some_and(Proof::is_exposure);
            if let Some(answer) = history.answer.clone().filter(|_| is_share) {
                Arc::make_mut(history).passed = Some((at, answer));
            }
        }
    }

    fn last_sample(&self, phase: u8) -> Option<&SoakSample> {
        self.gates.get(&phase)?.samples.last().map(Arc::as_ref)
    }

    /// Says whether a phase can be sampled now from data that reach this far.
    ///
    /// **Errors**: `STATE_CONFLICT` for a phase that is not watched, a quarter of an hour that has its sample, and data
    /// that are too old or were sampled already.
    pub fn may_sample(&self, phase: u8, through: Instant, now: Instant) -> Result<(), Refusal> {
        if !self.lacks_sample(phase, now) {
            return Err(Refusal::state("The phase is not watched, or this quarter of an hour has its sample."));
        }
        let known = self.last_sample(phase).map(|last| last.through);
        if self.phase_opened_at(phase).is_none_or(|since| through < since)
            || known.is_some_and(|known| known >= through)
        {
            return Err(Refusal::state("Nothing was read since the phase began, or since its last sample."));
        }
        if through > now || now.signed_duration_since(through) > chrono::TimeDelta::minutes(SAMPLE_MINUTES) {
            return Err(Refusal::state("The data are not of this quarter of an hour."));
        }
        Ok(())
    }

    /// Takes in a sample.
    pub(super) fn sampled(&mut self, act: &Act, body: &SoakSampled) -> Result<(), Refusal> {
        let decides = |line: &&ItemMeasured| {
            let is_line = |row: &Row, metric: &MetricId| row.id == line.item && *metric == line.metric;
            self.soak_lines(body.phase).any(|(row, metric, _)| is_line(row, metric))
                || self.share_lines(body.phase).any(|(row, metric)| is_line(row, metric))
        };
        // An upgrade may have removed a line that was sampled before it.
        let lines: Vec<ItemMeasured> = body.lines.iter().filter(decides).cloned().collect();
        if lines.len() < body.lines.len() && self.upgraded.is_none() {
            return Err(Refusal::state("A sample is of the watched metrics of its phase."));
        }
        let Some(through) = lines.iter().map(|line| line.data_through).min() else {
            return Err(Refusal::state("A sample without values says nothing."));
        };
        self.may_sample(body.phase, through, act.at)?;
        self.counted(&lines);
        let sample = Arc::new(SoakSample { at: act.at, through, lines });
        self.gates.entry(body.phase).or_default().samples.push(sample);
        Ok(())
    }

    /// Gives what was sampled of a line over the newest hours that its phase has to soak; `None` before the phase began.
    ///
    /// **Shape**: while fewer hours have passed, as many as there are. A gap or a value beyond the limit leaves the
    /// window when that many hours have passed since, and with the end of a rollback, from which on the phase soaks anew.
    #[must_use]
    pub fn soak_window(&self, phase: u8, item: &ItemId, now: Instant) -> Option<SoakWindow> {
        let since = self.phase_opened_at(phase)?;
        let whole = i64::from(self.template.phase(phase)?.soak_hours) * PER_HOUR;
        let (current, mut window) = (slot(since, now), SoakWindow::default());
        let anew = self.soaks_since(phase)?;
        // Quarters keep their places, also where the soak begins again in the middle of one; that one is not expected.
        let first = (current - whole).max(slot(since, anew) + i64::from(anew > since)).min(current);
        window.expected = (current - first).unsigned_abs();
        let mut covered_to = first;
        let samples = self.gates.get(&phase).map_or(&[][..], |record| &record.samples);
        let samples = samples.iter().filter(|sample| sample.at >= anew);
        let lines = samples.filter_map(|sample| Some((sample.at, sample.line(item)?)));
        for (at, line) in lines.filter(|(_, line)| self.is_of_pinned(line)) {
            let at = slot(since, at);
            if at < first || at > current {
                continue;
            }
            window.newest = Some(line.shown.clone());
            let value: Option<BigRational> = line.value.as_ref().and_then(|text| text.parse().ok());
            let Some(value) = value else {
                window.thin += u64::from(line.reason == Some(Unknown::InsufficientData) && at < current);
                continue;
            };
            window.seen += u64::from(at < current);
            window.widen(since, covered_to, at);
            covered_to = at + 1;
            window.lowest = window.lowest.filter(|lowest| *lowest < value).or_else(|| Some(value.clone()));
            window.highest = window.highest.filter(|highest| *highest > value).or(Some(value));
        }
        window.widen(since, covered_to, current);
        Some(window)
    }
}

impl SoakSample {
    fn line(&self, item: &ItemId) -> Option<&ItemMeasured> {
        self.lines.iter().find(|line| line.item == *item)
    }
}

impl SoakWindow {
    /// Keeps a stretch without a value if it is the longest.
    fn widen(&mut self, since: Instant, from: i64, until: i64) {
        let at = |slot: i64| since + chrono::TimeDelta::minutes(slot * SAMPLE_MINUTES);
        let longest = self.gap.map_or(0, |(from, until)| slot(from, until));
        if until - from > longest {
            self.gap = Some((at(from), at(until)));
        }
    }
}

/// Counts the quarters of an hour between two instants.
fn slot(since: Instant, at: Instant) -> i64 {
    at.signed_duration_since(since).num_minutes().div_euclid(SAMPLE_MINUTES)
}
