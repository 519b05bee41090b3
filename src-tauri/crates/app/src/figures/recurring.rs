//! Metrics of recurring revenue: read off the segments alone.
//!
//! The arithmetic stands in the domain; here a metric's id finds its arithmetic, and a missing value its reason.

use std::collections::BTreeSet;

use countersign_domain::metrics::current::{Current, annual, current};
use countersign_domain::metrics::movements::{Movement, Movements, movements};
use countersign_domain::metrics::registry::Metric;
use countersign_domain::metrics::{cohorts, ltv, retention};
use countersign_domain::money::Currency;
use countersign_domain::rate::{Average, Rate};
use countersign_domain::zones::{Month, Period};

use super::ground::Ground;
use super::measure::{Measure, Reckoned};
use super::span::Span;

/// Months between a cohort's month and the one it is looked at.
const COHORT_MONTHS: i32 = 12;

/// Computes a metric; `None` for one that is not made of segments.
#[must_use]
pub fn reckon(ground: &Ground, metric: &'static Metric, span: &Span) -> Option<Reckoned> {
    let reading = ground.reading();
    match metric.id {
        "metric.mrr" | "metric.arr" | "metric.cmrr" | "metric.paying_customers" | "metric.arpu" => {
            Some(standing(ground, metric, &current(&reading, span.closes_at), span))
        }
        "metric.net_new_mrr"
        | "metric.churn_rate"
        | "metric.mrr_churn_rate"
        | "metric.grr"
        | "metric.nrr"
        | "metric.quick_ratio" => Some(moved(ground, metric, &movements(&reading, span.period, ground.now), span)),
        "metric.grr_t12m" | "metric.nrr_t12m" => Some(kept(ground, metric, span)),
        "metric.ltv" => Some(of_month(metric, span, |month| lifetime(ground, metric, month, span))),
        "metric.cohort_retention" => Some(of_month(metric, span, |month| cohort(ground, metric, month, span))),
        _ => None,
    }
}

/// Gives a metric that tells how things stand at an instant.
#[must_use]
pub fn standing(ground: &Ground, metric: &'static Metric, current: &Current, span: &Span) -> Reckoned {
    let currency = ground.currency();
    let missing = &current.mrr.unconverted;
    let value = match metric.id {
        "metric.arr" => Ok(Measure::money(current.arr(), currency)),
        // Which ends were planned is known of today only: of the past it is known what ended.
        "metric.cmrr" if span.closes_at < ground.now => Err("known of the present only".to_owned()),
        "metric.cmrr" => Ok(Measure::money(current.cmrr(), currency)),
        "metric.paying_customers" => Ok(Measure::Count(count(current.paying_customers))),
        "metric.arpu" => average(current.arpa(), currency, missing),
        _ => Ok(Measure::money(current.mrr.converted, currency)),
    };
    reckoned(metric, value, current.paying_customers, span, missing, Vec::new())
}

/// Gives a metric that tells how things moved over a period.
#[must_use]
pub fn moved(ground: &Ground, metric: &'static Metric, moved: &Movements<'_>, span: &Span) -> Reckoned {
    let missing = &moved.unconverted;
    let share = |rate: Option<Rate>, why: &str| share(rate, missing, why);
    let no_opening = "no MRR at the opening";
    let value = match metric.id {
        "metric.churn_rate" => {
            moved.logo_churn_rate().map(Measure::Rate).ok_or_else(|| "no customers at the opening".to_owned())
        }
        "metric.mrr_churn_rate" => share(moved.gross_churn_rate(), no_opening),
        "metric.grr" => share(moved.grr(), no_opening),
        "metric.nrr" => share(moved.nrr(), no_opening),
        "metric.quick_ratio" => match share(moved.quick_ratio(), "no losses") {
            Ok(measure) => Ok(Measure::Number(measure.exact())),
            Err(why) => Err(why),
        },
        _ => Ok(Measure::money(moved.net_new(), ground.currency())),
    };
    let churned = moved.customers(Movement::Churn);
    let note = format!("{churned} of {} customers of the opening left", moved.opening_customers);
    let notes = if metric.id == "metric.churn_rate" { vec![note] } else { Vec::new() };
    reckoned(metric, value, moved.opening_customers, span, missing, notes)
}

fn kept(ground: &Ground, metric: &'static Metric, span: &Span) -> Reckoned {
    let Some(month) = span.month else {
        return Reckoned::none(metric, span, "computed at the close of a calendar month");
    };
    let year = Period { start: ground.zone.month(month.plus(-11)).start, end: span.period.end };
    let kept = retention::retention(&ground.reading(), year, ground.now);
    let rate = if metric.id == "metric.grr_t12m" { kept.grr() } else { kept.nrr() };
    let value = share(rate, &kept.unconverted, "no customers twelve months before");
    reckoned(metric, value, kept.rows.len() as u64, span, &kept.unconverted, Vec::new())
}

fn of_month(metric: &'static Metric, span: &Span, work: impl FnOnce(Month) -> Reckoned) -> Reckoned {
    match span.month {
        Some(month) if !span.is_provisional => work(month),
        _ => Reckoned::none(metric, span, "computed for complete calendar months"),
    }
}

fn lifetime(ground: &Ground, metric: &'static Metric, month: Month, span: &Span) -> Reckoned {
    let lifetime = ltv::lifetime(&ground.reading(), month, &ltv::pooled(month));
    let missing = current(&ground.reading(), span.closes_at).mrr.unconverted;
    let value = match lifetime.value() {
        None if lifetime.churned == 0 => Err("nobody left in the six months".to_owned()),
        value => average(value, ground.currency(), &missing),
    };
    let note = format!("{} of {} monthly openings left in six months", lifetime.churned, lifetime.opening_customers);
    reckoned(metric, value, lifetime.opening_customers, span, &missing, vec![note])
}

fn cohort(ground: &Ground, metric: &'static Metric, month: Month, span: &Span) -> Reckoned {
    let months: Vec<Month> = (0..=COHORT_MONTHS).rev().map(|back| month.plus(-back)).collect();
    let all = cohorts::cohorts(&ground.reading(), &months, ground.now);
    let Some(first) = all.rows.first() else { return Reckoned::none(metric, span, "no cohort") };
    let last = first.logo().last().cloned().flatten();
    let value = last.map(Measure::Rate).ok_or_else(|| format!("nobody began in {}", first.month));
    let note = format!("{} customers began in {}", first.customers, first.month);
    reckoned(metric, value, first.customers, span, &BTreeSet::new(), vec![note])
}

fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn average(average: Option<Average>, currency: Currency, missing: &BTreeSet<Currency>) -> Result<Measure, String> {
    match average {
        Some(average) => Ok(Measure::Money(average.ratio().clone(), currency)),
        None => Err(no_rate(missing).unwrap_or_else(|| "no paying customers".to_owned())),
    }
}

/// A quotient over money is none where a currency is missing from it: it would mislead.
fn share(rate: Option<Rate>, missing: &BTreeSet<Currency>, why: &str) -> Result<Measure, String> {
    match (no_rate(missing), rate) {
        (Some(reason), _) => Err(reason),
        (None, Some(rate)) => Ok(Measure::Rate(rate)),
        (None, None) => Err(why.to_owned()),
    }
}

/// Names the currencies without a rate.
#[must_use]
pub fn no_rate(missing: &BTreeSet<Currency>) -> Option<String> {
    let names: Vec<String> = missing.iter().map(Currency::iso).collect();
    (!names.is_empty()).then(|| format!("no exchange rate for {}", names.join(", ")))
}

fn reckoned(
    metric: &'static Metric,
    value: Result<Measure, String>,
    sample: u64,
    span: &Span,
    missing: &BTreeSet<Currency>,
    mut notes: Vec<String>,
) -> Reckoned {
    notes.extend(no_rate(missing).map(|reason| format!("{reason}: left out")));
    Reckoned { metric, value, sample, span: span.clone(), notes, worst: None }
}

/// Gives ARR's part of a monthly amount.
#[must_use]
pub fn yearly(metric: &Metric, micro: countersign_domain::money::Micro) -> countersign_domain::money::Micro {
    if metric.id == "metric.arr" { annual(micro) } else { micro }
}
