//! Metrics as lines of a checklist keep them: exact, in the unit of the line's limit, with what they were made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_domain::Instant;
use countersign_domain::checklist::catalogue;
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::ItemMeasured;
use countersign_domain::checklist::row::Row;
use countersign_domain::checklist::run::Run;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{ItemId, MetricId};
use countersign_domain::metrics::registry::{self, TICKETS, Unit};
use countersign_domain::probe::Unknown;
use countersign_domain::workspace::{Environment, Source};
use countersign_domain::zones::Zone;
use num_rational::BigRational;

use crate::app::App;
use crate::checklists::runs;
use crate::clock;
use crate::figures::exposure::is_exposure;
use crate::figures::tickets::{Known, is_tickets};
use crate::figures::{self, Ground, Measure, Reckoned, Span};

/// The metrics of one batch, computed in one look at the mirror.
pub(crate) struct Measured {
    values: BTreeMap<MetricId, Reckoned>,
    /// Why nothing could be computed, where nothing could.
    failure: Option<Failure>,
    through: Instant,
    /// Fingerprints of what is connected, by source.
    connected: BTreeMap<String, String>,
    /// Tickets by day, where one of the metrics counts them.
    tickets: Option<(Arc<Known>, Zone)>,
}

impl Measured {
    /// Computes metrics over their usual windows; those nobody knows are left out.
    pub async fn read(app: &App, environment: &Environment, metrics: Vec<MetricId>, now: Instant) -> Self {
        let connected = runs::fingerprints(environment);
        let none = |failure| {
            let (values, connected) = (BTreeMap::new(), connected.clone());
            Self { values, failure, through: now, connected, tickets: None }
        };
        if metrics.is_empty() {
            return none(None);
        }
        let ground: Ground = match figures::ground::load(app, environment, "").await {
            Ok(ground) => ground,
            Err(failure) => return none(Some(failure)),
        };
        let known = metrics.iter().filter_map(|id| registry::metric(id.as_str()));
        let asked = known.map(|metric| (metric, Span::usual(metric, &ground.zone, ground.now))).collect();
        let tickets = match metrics.iter().any(|id| id.as_str() == TICKETS) {
            true => figures::tickets::load(app, environment, &ground.zone).await.map(Some),
            false => Ok(None),
        };
        match (figures::reckon(app, environment, &ground, asked).await, tickets) {
            (Ok(values), Ok(tickets)) => {
                let values = values.into_iter().map(|value| (MetricId::from(value.metric.id), value)).collect();
                let tickets = tickets.map(|known| (known, ground.zone.clone()));
                Self { values, failure: None, through: ground.now, connected, tickets }
            }
            (Err(failure), _) | (_, Err(failure)) => none(Some(failure)),
        }
    }

    /// Gives a metric for a line of a run; what is counted by the day over the days since the line's phase soaks.
    pub fn of_line(&self, run: &Run, row: &Row, metric: &MetricId) -> ItemMeasured {
        let unit = row.limit.as_ref().map_or("", |limit| limit.unit.as_str());
        let soaks = row.phase.filter(|phase| run.template().phase(*phase).is_some_and(|phase| phase.soak_hours > 0));
        match (&self.tickets, soaks.and_then(|phase| run.soaks_since(phase)), registry::metric(metric.as_str())) {
            (Some((known, zone)), Some(since), Some(of)) if is_tickets(of) => {
                let (found, days) = figures::tickets::since(known, zone, of, (since, clock::now()));
                self.kept(&row.id, metric, Some(&found), (unit, days))
            }
            _ => self.of(&row.id, metric, unit),
        }
    }

    /// Gives why nothing could be computed, where nothing could.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Gives a metric for a line whose limit counts this unit; without a limit in the metric's own.
    pub fn of(&self, item: &ItemId, metric: &MetricId, unit: &str) -> ItemMeasured {
        let found = self.values.get(metric);
        let need = found.map_or(0, |found| found.metric.minimum_sample);
        self.kept(item, metric, found, (unit, need))
    }

    fn kept(
        &self,
        item: &ItemId,
        metric: &MetricId,
        found: Option<&Reckoned>,
        (unit, need): (&str, u64),
    ) -> ItemMeasured {
        let (value, reason, shown) = match (found, &self.failure) {
            (Some(found), _) => read(found, unit, need),
            (None, Some(failure)) => (None, Some(Unknown::InsufficientData), failure.why.clone()),
            (None, None) => (None, Some(Unknown::NotSupported), "This version has no such metric yet.".to_owned()),
        };
        ItemMeasured {
            item: item.clone(),
            metric: metric.clone(),
            formula_version: found.map_or(0, |found| found.metric.formula_version),
            value: value.map(|value| format!("{}/{}", value.numer(), value.denom())),
            reason,
            shown,
            // What stands alone is as old as its own source, whatever else was read since.
            data_through: found.filter(|found| figures::stands_alone(found.metric)).map_or(self.through, Reckoned::at),
            inputs: found.map(|found| {
                let exact = found.exact().map(|value| value.to_string());
                Digest::of_value("countersign-metric-inputs-v1", &(exact, found.sample.to_string(), &found.notes))
            }),
            fingerprints: self.fingerprints(metric),
        }
    }

    /// Gives the fingerprints of the connections a metric is read from.
    fn fingerprints(&self, metric: &MetricId) -> BTreeMap<String, String> {
        let sources = catalogue::find(metric.as_str()).map_or(&[][..], |check| check.connections());
        let known = |source: &Source| self.connected.get_key_value(source.as_ref());
        sources.iter().filter_map(known).map(|(source, print)| (source.clone(), print.clone())).collect()
    }
}

/// Gives value, reason and words: too few cases are no value, as an unknown unit is none.
fn read(found: &Reckoned, unit: &str, need: u64) -> (Option<BigRational>, Option<Unknown>, String) {
    let none = |reason, shown: String| (None, Some(reason), shown);
    let measure = match &found.value {
        Ok(measure) => measure,
        Err(why) => return none(figures::unknown(found), format!("No value: {why}.")),
    };
    let cases = match found.sample {
        0 => String::new(),
        _ if is_exposure(found.metric) => found.notes.first().map(|counted| format!(", {counted}")).unwrap_or_default(),
        sample => format!(", from {sample}"),
    };
    let average = format!("{}{cases}, {}", found.shown(), found.span.words());
    // A mean would hide the day the rule is about.
    let (measure, shown) = match found.worst {
        Some((date, most)) if matches!(unit, "" | "per day") => {
            let days =
                format!("{most} on {date}, the most of {} days; {} a day on average", found.sample, found.shown());
            // The first note says the same of the worst day; the others name missing days and the files.
            let rest: String = found.notes.iter().skip(1).map(|note| format!("; {note}")).collect();
            (Measure::Number(BigRational::from_integer(most.into())), format!("{days}, {}{rest}", found.span.words()))
        }
        _ => (measure.clone(), average),
    };
    if found.sample < need {
        let what = if found.worst.is_some() { "days" } else { "cases" };
        let text = format!("Too few {what} to judge: {} of {need}. It would be {shown}.", found.sample);
        return none(Unknown::InsufficientData, text);
    }
    match in_unit(&measure, found.metric.unit, unit) {
        Some(value) => (Some(value), None, shown),
        None => none(Unknown::NotConfigured, format!("{shown}; that cannot be compared with a limit in {unit}.")),
    }
}

/// Converts a value into what a limit counts; `None` where the two have nothing to do with each other.
fn in_unit(measure: &Measure, unit: Unit, wanted: &str) -> Option<BigRational> {
    let value = measure.exact();
    let times = |factor: i64| Some(&value * BigRational::from_integer(factor.into()));
    let over = |divisor: i64| Some(&value / BigRational::from_integer(divisor.into()));
    match (measure, unit, wanted) {
        // A limit on money is written in major units.
        (Measure::Money(_, currency), _, "") => over(10_i64.pow(currency.exponent())),
        (Measure::Rate(_), _, "" | "%" | "points") => times(100),
        (_, Unit::Milliseconds, "" | "ms")
        | (_, Unit::PerDay, "" | "per day")
        | (_, Unit::PerHour, "" | "per hour") => times(1),
        (_, Unit::Milliseconds, "s") => over(1_000),
        (_, Unit::PerDay, "per hour") => over(24),
        (_, Unit::PerDay, "per week") => times(7),
        (_, Unit::PerHour, "per day") => times(24),
        (_, Unit::Percent, "%") => times(100),
        (_, Unit::Ratio, "%") => times(100),
        (_, Unit::Count | Unit::Ratio, "") => times(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::money::Currency;
    use countersign_domain::rate::Rate;

    use super::*;

    fn number(n: i64, d: i64) -> BigRational {
        BigRational::new(n.into(), d.into())
    }

    #[test]
    fn values_are_given_in_the_unit_of_the_limit() {
        let share = Measure::Rate(Rate::of(999_u64, 1_000_u64).unwrap());
        assert_eq!(in_unit(&share, Unit::Percent, "%"), Some(number(999, 10)));
        assert_eq!(in_unit(&share, Unit::Percent, "ms"), None);
        let slow = Measure::Number(number(250, 1));
        assert_eq!(in_unit(&slow, Unit::Milliseconds, "s"), Some(number(1, 4)));
        assert_eq!(in_unit(&slow, Unit::PerDay, "per week"), Some(number(1_750, 1)));
        assert_eq!(in_unit(&slow, Unit::Count, "per day"), None);
        let usd = Measure::Money(number(123_450, 1), Currency::USD);
        assert_eq!(in_unit(&usd, Unit::MoneyPerMonth, ""), Some(number(2_469, 2)));
        let yen = Measure::Money(number(500, 1), Currency::parse("jpy").unwrap());
        assert_eq!(in_unit(&yen, Unit::Money, ""), Some(number(500, 1)));
    }

    #[test]
    fn a_metric_nobody_computes_is_not_supported_and_has_no_value() {
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let print = |source: &str| (source.to_owned(), format!("{source}_1"));
        let connected = BTreeMap::from([print("database"), print("stripe")]);
        let measured = Measured { values: BTreeMap::new(), failure: None, through: now, connected, tickets: None };
        let kept = measured.of(&"line".into(), &"metric.nonsense".into(), "%");
        assert_eq!((kept.value, kept.reason), (None, Some(Unknown::NotSupported)));
        let from = |metric: &str| measured.of(&"line".into(), &metric.into(), "%").fingerprints;
        assert_eq!(from("metric.churn_rate"), BTreeMap::from([print("stripe")]), "it says what it was read from");
        assert_eq!(from("metric.rollout_exposure_pct"), BTreeMap::from([print("database")]));
        assert_eq!(from("metric.nonsense"), BTreeMap::new());
    }
}
