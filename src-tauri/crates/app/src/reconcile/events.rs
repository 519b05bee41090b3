//! Events of Stripe against the rows their handlers left.

use countersign_domain::billing::RowKind;
use countersign_domain::reconcile::events::{EventFinding, Way, events};
use countersign_domain::stripe::Event;
use countersign_domain::zones::Period;
use countersign_store::StoreError;
use countersign_store::mirror::{billing, events as kept, load_each};

use super::{Finding, Found, Look};
use crate::mirror;
use crate::webhooks::EARLIER_DAYS;

/// Names a finding of events.
pub(super) fn words(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind.parse().ok()? {
        EventFinding::Undelivered => ("Not delivered", "Stripe could not hand the event over, or still tries."),
        EventFinding::MissingRow => {
            ("Delivered, and no row", "The handler answered, and left no row: it may have failed in silence.")
        }
        EventFinding::DuplicateRow => ("More than one row", "The handler ran more than once for one event."),
        EventFinding::Late => ("The row came late", "The handler was slow, or the event was delivered again later."),
        EventFinding::RowWithoutEvent => {
            ("A row without an event", "The row names an event this account does not have: another mode or account?")
        }
    })
}

pub(super) fn found(look: &Look<'_>) -> Result<Found, StoreError> {
    let (conn, period) = (look.conn, look.period);
    // A row may name an event that was made before the period.
    let wide = Period { start: period.start - chrono::TimeDelta::days(EARLIER_DAYS), end: look.as_of };
    let all: Vec<Event> = kept::in_period(conn, look.scope, wide)?;
    let endpoints = load_each(conn, look.scope)?;
    let environment = mirror::compared(conn, look.environment, RowKind::BillingEvent)?;
    let rows = match &environment {
        Some(environment) => billing::events_of_period(conn, look.scope, environment, period)?,
        None => Vec::new(),
    };
    let judged = events(&all, &endpoints, &rows, Some(look.recorded), period, look.as_of);
    let asked: Vec<&Way<'_>> = judged.ways.iter().filter(|way| way.is_subscribed).collect();
    let (young, old): (Vec<&Way<'_>>, Vec<&Way<'_>>) = asked.into_iter().partition(|way| way.is_young);
    let equal = old.iter().filter(|way| way.findings().is_empty()).count() as u64;
    let of_way = |way: &&Way<'_>| way.findings().into_iter().map(|finding| of(way, finding)).collect::<Vec<_>>();
    let mut findings: Vec<Finding> = old.iter().flat_map(of_way).collect();
    findings.extend(judged.rows_without_event.iter().map(|row| Finding {
        kind: EventFinding::RowWithoutEvent.into(),
        id: row.stripe_event.clone().unwrap_or_default(),
        row: Some(row.row_id.clone()),
        field: row.kind.clone(),
        stripe: None,
        database: Some("handled".to_owned()),
        difference: None,
        at: row.created_at,
    }));
    Ok(Found {
        compared: (old.len() + judged.rows_without_event.len()) as u64,
        equal,
        awaited: young.len() as u64,
        not_comparable: judged.rows_not_provable,
        findings,
        ..Found::default()
    })
}

fn of(way: &Way<'_>, finding: EventFinding) -> Finding {
    let database = match (finding, way.row, way.lag()) {
        (EventFinding::Late, _, Some(lag)) => Some(format!("handled after {} min", lag.num_minutes())),
        (EventFinding::DuplicateRow, ..) => Some(format!("{} rows", way.duplicates + 1)),
        (_, row, _) => row.map(|_| "handled".to_owned()),
    };
    Finding {
        kind: finding.into(),
        id: way.event.id.to_string(),
        row: way.row.map(|row| row.row_id.clone()),
        field: way.event.kind.clone(),
        stripe: Some(if way.is_delivered { "delivered" } else { "not delivered" }.to_owned()),
        database,
        difference: None,
        at: Some(way.event.created_at),
    }
}
