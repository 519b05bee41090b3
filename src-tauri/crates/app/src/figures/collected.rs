//! Metrics of money that moved, was tried for or is owed, and of trials: read from the records of one window.

use std::collections::BTreeMap;

use countersign_domain::metrics::fx::Total;
use countersign_domain::metrics::payments::{Payments, payments};
use countersign_domain::metrics::receivables::aging;
use countersign_domain::metrics::registry::Metric;
use countersign_domain::metrics::revenue::{is_taken, volume};
use countersign_domain::metrics::trials::{Trial, trials};
use countersign_domain::metrics::{Catalog, daily};
use countersign_domain::money::{Currency, Micro, Minor, Money};
use countersign_domain::rate::Rate;
use countersign_domain::stripe::{Charge, Coupon, Invoice, Price, Subscription};
use countersign_domain::zones::Period;
use countersign_store::mirror::{Scope, charges, load_each, samples};
use countersign_store::{Connection, StoreError};
use num_rational::BigRational;

use super::ground::Ground;
use super::measure::{Measure, Reckoned};
use super::recurring::no_rate;
use super::span::Span;

/// Computes a metric; `None` for one that is not made of charges, invoices or trials.
///
/// **Errors**: a mirror that cannot be read.
pub fn reckon(
    conn: &Connection,
    scope: Scope,
    ground: &Ground,
    metric: &'static Metric,
    span: &Span,
) -> Result<Option<Reckoned>, StoreError> {
    Ok(Some(match metric.id {
        "metric.trial_conversion" => conversion(metric, span, &trials_of(conn, scope, span)?, ground),
        "metric.subscription_creation_rate" => {
            let made = samples::subscriptions_made(conn, scope, span.period)?;
            let counted = daily::daily(made, span.period, ground.now, &ground.zone);
            let sample = counted.by_day.values().sum();
            let value = counted.mean().map(|mean| Measure::Number(mean.ratio().clone()));
            let value = value.ok_or_else(|| "no complete day".to_owned());
            Reckoned { metric, value, sample, span: span.clone(), notes: Vec::new(), worst: None }
        }
        "metric.revenue_collected" | "metric.daily_transaction_volume" | "metric.average_transaction_value" => {
            taken(metric, span, &takings(conn, scope, ground, span)?, ground)
        }
        "metric.transaction_success_rate" | "metric.payment_failure_rate" | "metric.failed_payments" => {
            let all = attempts(conn, scope, ground, span)?;
            tried(metric, span, &payments(&all, &[], span.period, &ground.fx, &ground.zone))
        }
        "metric.open_invoices" if span.closes_at < ground.now => {
            Reckoned::none(metric, span, "known of the present only")
        }
        "metric.open_invoices" => owed(metric, span, &unpaid(conn, scope, ground)?, ground),
        _ => return Ok(None),
    }))
}

/// Reads the trials that may have ended in a stretch of time.
///
/// **Errors**: as [`reckon`].
pub fn trials_of(conn: &Connection, scope: Scope, span: &Span) -> Result<Vec<Trial>, StoreError> {
    let catalog = Catalog {
        prices: load_each::<Price>(conn, scope)?.into_iter().map(|price| (price.id.clone(), price)).collect(),
        coupons: load_each::<Coupon>(conn, scope)?.into_iter().map(|coupon| (coupon.id.clone(), coupon)).collect(),
    };
    let found = samples::trials(conn, scope, span.period)?;
    let trial = |(subscription, invoices): &(Subscription, Vec<Invoice>)| Trial::of(subscription, invoices, &catalog);
    Ok(found.iter().filter_map(trial).collect())
}

fn conversion(metric: &'static Metric, span: &Span, all: &[Trial], ground: &Ground) -> Reckoned {
    let counted = trials(all, span.period, ground.now);
    let value = counted.conversion_rate().map(Measure::Rate).ok_or_else(|| "no trial ended".to_owned());
    let mut notes = vec![format!("{} of {} trials were paid", counted.converted, counted.ended)];
    if counted.maturing > 0 {
        notes.push(format!("{} may still turn out paid", counted.maturing));
    }
    Reckoned { metric, value, sample: counted.ended, span: span.clone(), notes, worst: None }
}

/// Gives what a charge adds to a metric: what was taken, or what was kept of it. **Units**: minor units.
#[must_use]
pub fn part_of(metric: &Metric, charge: &Charge) -> Minor {
    let given_back = if metric.id == "metric.revenue_collected" { charge.amount_refunded.0 } else { 0 };
    Minor(charge.amount_captured.0 - given_back)
}

/// Loads the charges of a stretch of time that took money, oldest first.
///
/// **Errors**: as [`reckon`].
pub fn takings(conn: &Connection, scope: Scope, ground: &Ground, span: &Span) -> Result<Vec<Charge>, StoreError> {
    let mut all = charges::in_period(conn, scope, span.period)?;
    all.retain(|charge| is_taken(charge) && ground.counts(charge.currency));
    Ok(all)
}

/// Loads every attempt of the payments of a stretch of time, oldest first.
///
/// **Errors**: as [`reckon`].
pub fn attempts(conn: &Connection, scope: Scope, ground: &Ground, span: &Span) -> Result<Vec<Charge>, StoreError> {
    let mut all = samples::charges_of_payments(conn, scope, span.period)?;
    all.retain(|charge| ground.counts(charge.currency));
    Ok(all)
}

/// Loads the invoices that wait for payment.
///
/// **Errors**: as [`reckon`].
pub fn unpaid(conn: &Connection, scope: Scope, ground: &Ground) -> Result<Vec<Invoice>, StoreError> {
    let mut all = samples::unpaid_invoices(conn, scope)?;
    all.retain(|invoice| ground.counts(invoice.currency));
    Ok(all)
}

fn taken(metric: &'static Metric, span: &Span, takings: &[Charge], ground: &Ground) -> Reckoned {
    let all = volume(takings, span.period, &ground.zone);
    let mut total = Total::default();
    for charge in takings {
        total.add(Micro::from_minor(part_of(metric, charge)), charge.currency, &ground.rates_at(charge.created_at));
    }
    let charges: u64 = all.by_currency.values().map(|volume| volume.count).sum();
    let currency = ground.currency();
    let amount = Measure::money(total.converted, currency);
    let days = days(span.period, ground);
    let per = |count: u64, why: &str| match (no_rate(&total.unconverted), count) {
        (Some(reason), _) => Err(reason),
        (None, 0) => Err(why.to_owned()),
        (None, count) => Ok(Measure::Money(amount.exact() / BigRational::from_integer(count.into()), currency)),
    };
    let value = match metric.id {
        "metric.daily_transaction_volume" => per(days, "no day"),
        "metric.average_transaction_value" => per(charges, "no charges"),
        _ => Ok(amount.clone()),
    };
    let mut notes = vec![format!("{charges} successful charges in {days} days")];
    notes.extend(all.by_currency.iter().map(|(currency, volume)| {
        let money = |minor| Money::new(minor, *currency);
        format!("{} taken, {} given back", money(volume.amount), money(volume.refunded))
    }));
    notes.extend(no_rate(&total.unconverted).map(|reason| format!("{reason}: left out")));
    Reckoned { metric, value, sample: charges, span: span.clone(), notes, worst: None }
}

/// Counts the local days that a stretch of time touches, as far as it is over; at least one.
fn days(period: Period, ground: &Ground) -> u64 {
    let end = period.end.min(ground.now);
    let (first, last) = (ground.zone.date_of(period.start), ground.zone.date_of(end - chrono::TimeDelta::seconds(1)));
    let between = first.until(last).map_or(0, |span| span.get_days());
    // A window of so many times 24 hours from noon to noon touches one day more than it is long.
    let is_whole = ground.zone.start_of_day(first) == period.start;
    u64::try_from(between + i32::from(is_whole)).unwrap_or(1).max(1)
}

fn tried(metric: &'static Metric, span: &Span, all: &Payments<'_>) -> Reckoned {
    let none = || "no settled payments".to_owned();
    let value = match metric.id {
        "metric.transaction_success_rate" => {
            Rate::of(all.attempts - all.failed_attempts, all.attempts).map(Measure::Rate).ok_or_else(none)
        }
        "metric.failed_payments" => Ok(Measure::Count(i64::try_from(all.failed).unwrap_or(i64::MAX))),
        _ => all.failure_rate().map(Measure::Rate).ok_or_else(none),
    };
    let mut lost = BTreeMap::<Currency, i64>::new();
    for payment in all.rows.iter().filter(|payment| !payment.is_paid) {
        *lost.entry(payment.currency).or_default() += payment.amount.0;
    }
    let mut notes = vec![format!(
        "{} of {} payments have no success by now; {} failed at first, {} of them were paid later",
        all.failed, all.payments, all.first_failed, all.recovered
    )];
    notes.extend(all.first_attempt_failure_rate().map(|rate| format!("first attempts failed: {} %", rate.pct())));
    notes.extend(lost.iter().map(|(currency, minor)| format!("{} not collected", Money::new(*minor, *currency))));
    let is_of_attempts = metric.id == "metric.transaction_success_rate";
    let sample = if is_of_attempts { all.attempts } else { all.payments };
    Reckoned { metric, value, sample, span: span.clone(), notes, worst: None }
}

fn owed(metric: &'static Metric, span: &Span, invoices: &[Invoice], ground: &Ground) -> Reckoned {
    let all = aging(invoices, ground.now);
    let rates = ground.rates_at(ground.now);
    let mut total = Total::default();
    for open in &all.rows {
        total.add(Micro::from_minor(Minor(open.amount)), open.currency, &rates);
    }
    let mut notes: Vec<String> = Vec::new();
    for (currency, buckets) in &all.buckets {
        for (bucket, owed) in buckets {
            let money = Money::new(owed.amount, *currency);
            notes.push(format!("{}: {money} on {} invoices", bucket.as_ref(), owed.count));
        }
    }
    notes.extend(no_rate(&total.unconverted).map(|reason| format!("{reason}: left out")));
    let value = Ok(Measure::money(total.converted, ground.currency()));
    Reckoned { metric, value, sample: all.rows.len() as u64, span: span.clone(), notes, worst: None }
}
