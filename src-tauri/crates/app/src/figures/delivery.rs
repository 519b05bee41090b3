//! Metrics of webhooks: events that arrived, in time, and that the billing database shows as handled.

use countersign_domain::billing::RowKind;
use countersign_domain::metrics::registry::Metric;
use countersign_domain::metrics::webhooks::{Delivery, Webhooks, webhooks};
use countersign_domain::reconcile::events::events;
use countersign_domain::stripe::WebhookEndpoint;
use countersign_domain::workspace::Environment;
use countersign_store::mirror::events::watched;
use countersign_store::mirror::{Scope, billing, load_each};
use countersign_store::{Connection, StoreError};

use super::ground::Ground;
use super::measure::{Measure, Reckoned};
use super::span::Span;
use crate::mirror;
use crate::webhooks::was_in_time;

/// Computes a metric; `None` for one that is not made of events.
///
/// **Errors**: a mirror that cannot be read.
pub fn reckon(
    conn: &Connection,
    scope: Scope,
    environment: &Environment,
    ground: &Ground,
    metric: &'static Metric,
    span: &Span,
) -> Result<Option<Reckoned>, StoreError> {
    if !metric.id.starts_with("metric.webhook_") {
        return Ok(None);
    }
    let deliveries = deliveries(conn, scope, environment, ground, metric, span)?;
    Ok(Some(judged(metric, span, &webhooks(&deliveries, span.period, ground.now))))
}

/// Follows the events of a stretch of time that an enabled endpoint asks for.
///
/// **Shape**: success is that of handling where a table tells it; types whose handling leaves no row say nothing there.
/// **Errors**: as [`reckon`].
pub fn deliveries(
    conn: &Connection,
    scope: Scope,
    environment: &Environment,
    ground: &Ground,
    metric: &Metric,
    span: &Span,
) -> Result<Vec<Delivery>, StoreError> {
    let period = span.period;
    let seen = watched(conn, scope, period)?;
    let endpoints = load_each::<WebhookEndpoint>(conn, scope)?;
    let compared = mirror::compared(conn, environment, RowKind::BillingEvent)?;
    let rows = match &compared {
        Some(environment) => billing::events_of_period(conn, scope, environment, period)?,
        None => Vec::new(),
    };
    let recorded = compared.map(|_| ground.handled.as_slice());
    let headers: Vec<_> = seen.iter().map(|seen| seen.event.clone()).collect();
    let followed = events(&headers, &endpoints, &rows, recorded, period, ground.now);
    let in_time: std::collections::HashMap<_, _> =
        seen.iter().map(|seen| (&seen.event.id, was_in_time(seen))).collect();
    let needs_row = metric.id == "metric.webhook_success_rate" && recorded.is_some();
    let subscribed = followed.ways.iter().filter(|way| way.is_subscribed && (way.is_recorded || !needs_row));
    Ok(subscribed.map(|way| way.delivery(in_time.get(&way.event.id).copied().flatten())).collect())
}

fn judged(metric: &'static Metric, span: &Span, all: &Webhooks) -> Reckoned {
    let (rate, part, whole) = match metric.id {
        "metric.webhook_delivery_rate" => (all.delivery_success_rate(), all.delivered, all.events),
        "metric.webhook_in_time_rate" => (all.in_time_rate(), all.delivered_in_time, all.watched),
        _ => (all.success_rate(), all.processed.unwrap_or(all.delivered), all.events),
    };
    let reason = match metric.id {
        "metric.webhook_in_time_rate" if all.events > 0 => "nobody looked while the events were young",
        _ => "no events that an endpoint asks for",
    };
    let mut notes = vec![format!("{part} of {whole} events")];
    if metric.id == "metric.webhook_success_rate" {
        notes.push(match all.processed {
            Some(_) => format!("{} delivered", all.delivered),
            None => "no table of handled events: delivered ones stand in".to_owned(),
        });
    }
    Reckoned {
        metric,
        value: rate.map(Measure::Rate).ok_or_else(|| reason.to_owned()),
        sample: whole,
        span: span.clone(),
        notes,
        worst: None,
    }
}
