//! Metrics of webhooks: events that arrived, in time, and that the billing database shows as handled.

use countersign_domain::Instant;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::metrics::registry::Metric;
use countersign_domain::metrics::webhooks::{Delivery, GRACE_MINUTES, Webhooks, webhooks};
use countersign_domain::reconcile::events::events;
use countersign_domain::stripe::WebhookEndpoint;
use countersign_store::mirror::events::{Watched, watched};
use countersign_store::mirror::{Scope, billing, load_each};
use countersign_store::{Connection, StoreError};

use super::ground::Ground;
use super::measure::{Measure, Reckoned};
use super::span::Span;

/// Computes a metric; `None` for one that is not made of events.
///
/// **Errors**: a mirror that cannot be read.
pub fn reckon(
    conn: &Connection,
    scope: Scope,
    environment: &EnvironmentId,
    ground: &Ground,
    metric: &'static Metric,
    span: &Span,
) -> Result<Option<Reckoned>, StoreError> {
    if !metric.id.starts_with("metric.webhook_") {
        return Ok(None);
    }
    let deliveries = deliveries(conn, scope, environment, ground, metric, span)?;
    Ok(Some(judged(metric, span, &webhooks(&deliveries, span.period, ground.now), ground)))
}

/// Follows the events of a stretch of time that an enabled endpoint asks for.
///
/// **Shape**: success is that of handling where a table tells it; types whose handling leaves no row say nothing there.
/// **Errors**: as [`reckon`].
pub fn deliveries(
    conn: &Connection,
    scope: Scope,
    environment: &EnvironmentId,
    ground: &Ground,
    metric: &Metric,
    span: &Span,
) -> Result<Vec<Delivery>, StoreError> {
    let period = span.period;
    let seen = watched(conn, scope, period)?;
    let endpoints = load_each::<WebhookEndpoint>(conn, scope)?;
    let rows = match &ground.recorded {
        Some(_) => billing::events_of_period(conn, scope, environment, period)?,
        None => Vec::new(),
    };
    let headers: Vec<_> = seen.iter().map(|seen| seen.event.clone()).collect();
    let followed = events(&headers, &endpoints, &rows, ground.recorded.as_deref(), period, ground.now);
    let in_time: std::collections::HashMap<_, _> = seen.iter().map(|seen| (&seen.event.id, in_time(seen))).collect();
    let needs_row = metric.id == "metric.webhook_success_rate" && ground.recorded.is_some();
    let subscribed = followed.ways.iter().filter(|way| way.is_subscribed && (way.is_recorded || !needs_row));
    Ok(subscribed.map(|way| way.delivery(in_time.get(&way.event.id).copied().flatten())).collect())
}

/// Says whether an event was delivered when the grace ended; `None` where nobody looked at the right time.
fn in_time(seen: &Watched) -> Option<bool> {
    let grace_ends: Instant = seen.event.created_at + chrono::TimeDelta::minutes(GRACE_MINUTES);
    match seen.delivered_seen_at {
        Some(at) if at <= grace_ends => Some(true),
        // Seen pending after the grace, or still pending at the newest look.
        Some(_) if seen.first_seen_at >= grace_ends => None,
        None if seen.seen_at >= grace_ends => Some(false),
        _ => None,
    }
}

fn judged(metric: &'static Metric, span: &Span, all: &Webhooks, ground: &Ground) -> Reckoned {
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
        notes.push(match &ground.recorded {
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
    }
}
