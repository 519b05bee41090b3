//! Subscriptions of Stripe against the rows that name them, field by field.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use countersign_domain::billing::{BillingSubscription, RowKind};
use countersign_domain::metrics::webhooks::GRACE_MINUTES;
use countersign_domain::stripe::Subscription;
use countersign_store::StoreError;
use countersign_store::mirror::{billing, load_each};

use super::{Finding, Found, Look};
use crate::customers::ComparedField;
use crate::{comparison, mirror};

const ORPHAN_IN_DB: &str = "subscription.orphan_in_db";
const ORPHAN_IN_STRIPE: &str = "subscription.orphan_in_stripe";

/// Names a finding of subscriptions.
pub(super) fn words(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        ORPHAN_IN_STRIPE => {
            ("No row", "The event was not handled, or the customer's user was deleted: somebody pays for nothing.")
        }
        ORPHAN_IN_DB => {
            ("A row Stripe does not know", "The row is of another mode or account: somebody may use for nothing.")
        }
        "subscription.status_drift" => {
            ("Another status", "The application did not follow a change: access and payment may not agree.")
        }
        "subscription.price_drift" => ("Another price", "The application may not follow a change of the price."),
        "subscription.period_drift" => ("Another period", "The application did not follow a renewal."),
        "subscription.trial_drift" => {
            ("Another end of the trial", "The application may not follow a change of the trial.")
        }
        "subscription.end_drift" => ("Another end", "The application did not follow a cancellation."),
        "subscription.duplicate_row" => {
            ("More than one row", "The application recorded one subscription more than once.")
        }
        _ => return None,
    })
}

/// Gives the stable word of a field that differs.
fn kind(field: &str) -> &'static str {
    match field {
        "Price" => "subscription.price_drift",
        "Period from" | "Period until" => "subscription.period_drift",
        "Trial until" => "subscription.trial_drift",
        "Ends with the period" | "Cancelled" => "subscription.end_drift",
        "Rows" => "subscription.duplicate_row",
        _ => "subscription.status_drift",
    }
}

pub(super) fn found(look: &Look<'_>) -> Result<Found, StoreError> {
    let rows: Vec<BillingSubscription> =
        match mirror::compared(look.conn, look.environment, RowKind::BillingSubscription)? {
            Some(environment) => billing::all(look.conn, &environment)?,
            None => Vec::new(),
        };
    let all = load_each::<Subscription>(look.conn, look.scope)?;
    let known: BTreeSet<&str> = all.iter().map(|subscription| subscription.id.as_str()).collect();
    let mut by_id = BTreeMap::<&str, Vec<BillingSubscription>>::new();
    let mut found = Found::default();
    for row in &rows {
        match row.stripe_subscription.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => by_id.entry(id).or_default().push(row.clone()),
            // Paid through another provider, or never finished: Stripe has nothing to say about it.
            None => found.not_comparable += 1,
        }
    }
    let is_here = |at: Option<_>| at.is_none_or(|at| look.period.contains(at));
    let young_since = look.as_of - TimeDelta::minutes(GRACE_MINUTES);
    for subscription in all.iter().filter(|subscription| is_here(subscription.created_at)) {
        let rows = by_id.get(subscription.id.as_str()).map_or(&[][..], Vec::as_slice);
        if rows.is_empty() && subscription.created_at.is_some_and(|at| at > young_since) {
            found.awaited += 1;
            continue;
        }
        found.compared += 1;
        let wrong = of(subscription, rows, &comparison::subscription(subscription, Some(rows), look.as_of));
        found.equal += u64::from(wrong.is_empty());
        found.findings.extend(wrong);
    }
    for (id, rows) in by_id.iter().filter(|(id, _)| !known.contains(*id)) {
        let Some(row) = rows.iter().find(|row| is_here(row.created_at)) else { continue };
        found.compared += 1;
        found.findings.push(Finding {
            kind: ORPHAN_IN_DB,
            id: (*id).to_owned(),
            row: Some(row.row_id.clone()),
            field: "Status".to_owned(),
            stripe: None,
            database: Some(row.status.clone()),
            difference: None,
            at: row.created_at,
        });
    }
    Ok(found)
}

/// Turns what differs into findings, one of each kind.
fn of(subscription: &Subscription, rows: &[BillingSubscription], fields: &[ComparedField]) -> Vec<Finding> {
    let mut by_kind = BTreeMap::<&'static str, Finding>::new();
    for field in fields.iter().filter(|field| matches!(field.verdict.as_str(), "differs" | "missing")) {
        let is_missing = field.verdict == "missing";
        let kind = if is_missing { ORPHAN_IN_STRIPE } else { kind(&field.field) };
        by_kind.entry(kind).or_insert_with(|| Finding {
            kind,
            id: subscription.id.to_string(),
            row: rows.first().map(|row| row.row_id.clone()),
            field: field.field.clone(),
            stripe: Some(field.stripe.clone()),
            database: (!is_missing).then(|| field.database.clone()),
            difference: None,
            at: subscription.created_at,
        });
    }
    by_kind.into_values().collect()
}
