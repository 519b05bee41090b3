//! The metrics of a case file by their names there, with values in the form of that file.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::Instant;
use countersign_domain::metrics::movements::{Movement, movements};
use countersign_domain::metrics::receivables::{Bucket, aging};
use countersign_domain::metrics::revenue::{Revenue, revenue, volume};
use countersign_domain::metrics::usage::{accuracy, usage};
use countersign_domain::metrics::{cohorts, current, disputes, ltv, payments, retention, series, trials, webhooks};
use countersign_domain::money::{Currency, Micro};
use countersign_domain::rate::{Average, Rate};
use countersign_domain::reconcile::invoices::{Category, invoices};
use countersign_domain::zones::{Month, Period};
use num_rational::BigRational;
use serde_json::{Map, Value, json};

use super::compare::NOT_KNOWN;
use super::file::Args;
use super::world::View;

/// An answer, or why there is none.
type Answer = Result<Value, Cow<'static, str>>;

/// Computes one metric.
pub(super) fn answer(view: &View<'_>, metric: &str, args: &Args) -> Answer {
    match metric {
        "current" => Ok(current_values(view)),
        "mrr_series" => series_values(view, args),
        "movements" => movement_values(view, period(view, args)?),
        "retention_t12m" => Ok(retention_values(view, period(view, args)?)),
        "cohorts" => cohort_values(view, args),
        "ltv" => ltv_values(view, args),
        "trials" => Ok(trial_values(view, period(view, args)?)),
        "revenue" => Ok(revenue_values(view, period(view, args)?)),
        "volume" => Ok(volume_values(view, period(view, args)?)),
        "payments" => Ok(payment_values(view, period(view, args)?)),
        "usage" => Ok(usage_values(view, period(view, args)?)),
        "aging" => Ok(aging_values(view)),
        "disputes" => Ok(dispute_values(view, period(view, args)?)),
        "webhooks" => Ok(webhook_values(view, period(view, args)?)),
        "reconcile" => Ok(reconcile_values(view, period(view, args)?)),
        _ => Err(NOT_KNOWN.into()),
    }
}

fn money(micro: Micro) -> Value {
    let exact = BigRational::new(micro.0.into(), Micro::PER_MINOR.into());
    json!({"exact": exact.to_string(), "minor": micro.to_minor().0})
}

fn average(average: Option<&Average>) -> Value {
    average.map_or(
        Value::Null,
        |average| json!({"exact": average.to_string(), "minor": average.to_minor().map(|minor| minor.0)}),
    )
}

fn rate(rate: Option<&Rate>) -> Value {
    rate.map_or(Value::Null, |rate| json!({"exact": rate.ratio().to_string(), "pct": rate.pct()}))
}

fn text(ratio: Option<BigRational>) -> Value {
    ratio.map_or(Value::Null, |ratio| ratio.to_string().into())
}

fn by<K: AsRef<str>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
    entries.into_iter().map(|(key, value)| (key.as_ref().to_owned(), value)).collect::<Map<_, _>>().into()
}

fn by_currency<'a, T: 'a>(entries: impl IntoIterator<Item = (&'a Currency, T)>, value: impl Fn(T) -> Value) -> Value {
    by(entries.into_iter().map(|(currency, entry)| (currency.code().to_owned(), value(entry))))
}

fn instant(seconds: i64) -> Result<Instant, Cow<'static, str>> {
    Instant::from_timestamp(seconds, 0).ok_or(Cow::Borrowed("an instant outside the calendar"))
}

fn period(view: &View<'_>, args: &Args) -> Result<Period, Cow<'static, str>> {
    match (args.start, args.end, view.world.period) {
        (Some(start), Some(end), _) => Ok(Period { start: instant(start)?, end: instant(end)? }),
        (None, None, Some(period)) => Ok(period),
        _ => Err("the case names no period".into()),
    }
}

fn months(words: Option<&Vec<String>>) -> Result<Vec<Month>, Cow<'static, str>> {
    let words = words.ok_or("the months are missing")?;
    words.iter().map(|word| Month::parse(word).ok_or_else(|| format!("`{word}` is not a month").into())).collect()
}

fn current_values(view: &View<'_>) -> Value {
    let now = current::current(&view.reading(), view.world.now);
    json!({
        "mrr_by_currency": by_currency(&now.mrr.by_currency, |micro| money(*micro)),
        "mrr": money(now.mrr.converted),
        "arr": money(now.arr()),
        "scheduled_churn_mrr": money(now.scheduled_churn),
        "cmrr": money(now.cmrr()),
        "active_customers": now.paying_customers,
        "arpa": average(now.arpa().as_ref()),
        "unconverted_currencies": now.mrr.unconverted.iter().map(Currency::code).collect::<Vec<_>>(),
    })
}

fn series_values(view: &View<'_>, args: &Args) -> Answer {
    let instants = args.instants.as_ref().ok_or("the instants are missing")?;
    let instants = instants.iter().map(|at| instant(*at)).collect::<Result<Vec<_>, _>>()?;
    let ascending: Vec<_> = instants.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let points = series::series(&view.reading(), &ascending);
    let by_instant: BTreeMap<_, _> = points.iter().map(|point| (point.at, point.mrr.converted)).collect();
    let point = |at: &Instant| json!({"at": at.timestamp(), "mrr": by_instant.get(at).copied().map(money)});
    Ok(instants.iter().map(point).collect())
}

fn movement_values(view: &View<'_>, period: Period) -> Answer {
    let reading = view.reading();
    let moved = movements(&reading, period, view.world.now);
    let kinds = [Movement::New, Movement::Reactivation, Movement::Expansion, Movement::Contraction, Movement::Churn];
    let amount = |kind| money(moved.amount(kind));
    Ok(json!({
        "opening": money(moved.opening),
        "new": amount(Movement::New),
        "reactivation": amount(Movement::Reactivation),
        "expansion": amount(Movement::Expansion),
        "contraction": amount(Movement::Contraction),
        "churn": amount(Movement::Churn),
        "fx": money(moved.fx()),
        "closing": money(moved.closing),
        "customers": by(kinds.map(|kind| (kind, moved.customers(kind).into()))),
        "opening_customers": moved.opening_customers,
        "closing_customers": moved.closing_customers,
        "started_and_ended_in_period": moved.started_and_ended,
        "logo_churn_rate": rate(moved.logo_churn_rate().as_ref()),
        "gross_mrr_churn_rate": rate(moved.gross_churn_rate().as_ref()),
        "net_mrr_churn_rate": rate(moved.net_churn_rate().as_ref()),
        "grr": rate(moved.grr().as_ref()),
        "nrr": rate(moved.nrr().as_ref()),
        "quick_ratio": text(moved.quick_ratio().map(|ratio| ratio.ratio().clone())),
        "arpa": average(moved.arpa().as_ref()),
        "arr": money(moved.arr()),
    }))
}

fn retention_values(view: &View<'_>, period: Period) -> Value {
    let reading = view.reading();
    let kept = retention::retention(&reading, period, view.world.now);
    json!({
        "cohort_customers": kept.rows.len(),
        "cohort_opening_mrr": money(kept.opening),
        "grr": rate(kept.grr().as_ref()),
        "nrr": rate(kept.nrr().as_ref()),
    })
}

fn cohort_values(view: &View<'_>, args: &Args) -> Answer {
    let all = cohorts::cohorts(&view.reading(), &months(args.months.as_ref())?, view.world.now);
    let rates = |rates: Vec<Option<Rate>>| rates.iter().map(|one| rate(one.as_ref())).collect::<Value>();
    let row = |cohort: &cohorts::Cohort| {
        json!({
            "cohort": cohort.month.to_string(),
            "customers": cohort.customers,
            "logo": rates(cohort.logo()),
            "mrr": rates(cohort.mrr()),
        })
    };
    Ok(all.rows.iter().map(row).collect())
}

fn ltv_values(view: &View<'_>, args: &Args) -> Answer {
    let month = args.month.as_deref().and_then(Month::parse).ok_or("the month is missing")?;
    let window = match &args.window {
        Some(window) => months(Some(window))?,
        None => ltv::pooled(month),
    };
    let lifetime = ltv::lifetime(&view.reading(), month, &window);
    Ok(json!({
        "arpa": average(lifetime.arpa.as_ref()),
        "churn_rate": rate(lifetime.churn_rate().as_ref()),
        "ltv": average(lifetime.value().as_ref()),
    }))
}

fn trial_values(view: &View<'_>, period: Period) -> Value {
    let world = view.world;
    let of = |subscription| trials::Trial::of(subscription, &world.invoices, &world.catalog);
    let all: Vec<_> = world.subscriptions.iter().filter_map(of).collect();
    let counted = trials::trials(&all, period, world.now);
    json!({
        "trials_ended": counted.ended,
        "converted": counted.converted,
        "still_running": counted.still_running,
        "trial_conversion_rate": rate(counted.conversion_rate().as_ref()),
    })
}

fn revenue_values(view: &View<'_>, period: Period) -> Value {
    let all = revenue(&view.world.balance, period, &view.world.zone);
    let figures = |one: &Revenue| {
        let parts = [("gross", one.gross), ("refunds", one.refunds), ("disputes", one.disputes), ("fees", one.fees)];
        parts.into_iter().chain([("other", one.other_total()), ("net", one.net)]).map(|(key, part)| (key, part.into()))
    };
    let days = all.by_day.iter().map(|((date, currency), day)| {
        let of = [("date", date.to_string().into()), ("currency", currency.code().into())];
        by(figures(day).chain(of))
    });
    json!({"by_currency": by_currency(&all.by_currency, |one| by(figures(one))), "by_day": days.collect::<Value>()})
}

fn volume_values(view: &View<'_>, period: Period) -> Value {
    let all = volume(&view.world.charges, period, &view.world.zone);
    let days = all.by_day.iter().map(|((date, currency), day)| {
        json!({"date": date.to_string(), "currency": currency.code(), "count": day.count, "amount": day.amount})
    });
    json!({
        "by_currency": by_currency(&all.by_currency, |one| json!({
            "count": one.count, "amount": one.amount, "average_transaction_value": average(one.average().as_ref()),
        })),
        "by_day": days.collect::<Value>(),
    })
}

fn payment_values(view: &View<'_>, period: Period) -> Value {
    let world = view.world;
    let all = payments::payments(&world.charges, &world.intent_failures, period, &view.fx, &world.zone);
    let codes = all.by_code.iter().map(|((code, currency), one)| {
        json!({
            "code": code, "currency": currency.code(), "payments": one.payments, "amount": one.amount,
            "recovered": one.recovered, "recovered_amount": one.recovered_amount,
        })
    });
    json!({
        "payments": all.payments,
        "failed_payments": all.failed,
        "blocked_payments": all.blocked,
        "payment_failure_rate": rate(all.failure_rate().as_ref()),
        "first_attempt_failure_rate": rate(all.first_attempt_failure_rate().as_ref()),
        "first_attempt_failure_rate_by_amount": rate(all.first_attempt_failure_rate_by_amount().as_ref()),
        "attempt_decline_rate": rate(all.attempt_decline_rate().as_ref()),
        "recovery_rate": rate(all.recovery_rate().as_ref()),
        "recovery_rate_by_amount": rate(all.recovery_rate_by_amount().as_ref()),
        "by_decline_code": codes.collect::<Value>(),
    })
}

fn usage_values(view: &View<'_>, period: Period) -> Value {
    let recorded = usage(&view.world.usage, period, &view.world.zone);
    let accuracy = accuracy(&recorded, &view.world.meters);
    json!({
        "by_meter": by(recorded.iter().map(|(meter, used)| (meter, json!({
            "total": used.total.to_string(), "active_customers": used.by_customer.len(),
            "mean": text(used.mean()), "median": text(used.median()), "p95": text(used.p95()),
        })))),
        "accuracy_by_meter": by(accuracy.by_meter.iter().map(|(meter, one)| (meter, rate(one.as_ref())))),
        "usage_tracking_accuracy": rate(accuracy.worst()),
        "matching_cells": rate(accuracy.matching_cells().as_ref()),
    })
}

fn aging_values(view: &View<'_>) -> Value {
    use Bucket::{NotDue, Over120, To30, To60, To90, To120};
    let all = aging(&view.world.invoices, view.world.now);
    json!({
        "buckets": by_currency(&all.buckets, |buckets| by([NotDue, To30, To60, To90, To120, Over120].map(|bucket| {
            let owed = buckets.get(&bucket).copied().unwrap_or_default();
            (bucket, json!({"count": owed.count, "amount": owed.amount}))
        }))),
        "total": by_currency(&all.total(), |total| (*total).into()),
        "uncollectible": by_currency(&all.uncollectible, |total| (*total).into()),
    })
}

fn dispute_values(view: &View<'_>, period: Period) -> Value {
    let all = disputes::disputes(&view.world.disputes, &view.world.charges, period);
    json!({
        "successful_charges": all.successful_charges,
        "disputes_opened": all.opened,
        "dispute_activity": rate(all.activity().as_ref()),
        "dispute_rate": rate(all.rate().as_ref()),
    })
}

fn webhook_values(view: &View<'_>, period: Period) -> Value {
    let all = webhooks::webhooks(&view.world.deliveries, period, view.world.now);
    json!({
        "events": all.events,
        "delivered": all.delivered,
        "processed": all.processed,
        "delivery_success_rate": rate(all.delivery_success_rate().as_ref()),
        "webhook_success_rate": rate(all.success_rate().as_ref()),
    })
}

fn reconcile_values(view: &View<'_>, period: Period) -> Value {
    use Category::{
        AmountMismatch, CurrencyMismatch, DuplicateInDb, Matched, MissingInDb, MissingInStripe, PendingSync,
        StatusMismatch,
    };
    let world = view.world;
    let compared = invoices(&world.invoices, &world.billing_invoices, period, world.now);
    let categories = [
        Matched,
        PendingSync,
        MissingInDb,
        MissingInStripe,
        StatusMismatch,
        CurrencyMismatch,
        AmountMismatch,
        DuplicateInDb,
    ];
    json!({
        "stripe_total": by_currency(&compared.stripe_total, |total| (*total).into()),
        "db_total": by_currency(&compared.db_total, |total| (*total).into()),
        "difference": by_currency(&compared.difference(), |total| (*total).into()),
        "counts": by(categories.map(|category| (category, compared.count(category).into()))),
        "difference_by_category": by_currency(&compared.by_category, |parts| {
            by(parts.iter().map(|(category, part)| (category, (*part).into())))
        }),
        "match_rate": rate(compared.match_rate().as_ref()),
    })
}
