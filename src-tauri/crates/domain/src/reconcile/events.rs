//! Events on their way: made by Stripe, subscribed to, delivered, recorded by the application.
//!
//! A row of the application means "handled once without an error", not "received": in the profile that has such rows, one
//! that exists is one that was processed. The other profiles have none, and then nothing is said about processing; nor of
//! types the application does not handle, which it ignores without a trace.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::billing::BillingEvent;
use crate::metrics::webhooks::{Delivery, GRACE_MINUTES};
use crate::stripe::webhook_endpoint::EndpointStatus;
use crate::stripe::{Event, WebhookEndpoint};
use crate::zones::Period;

/// A row that comes this long after its event is late. **Units**: minutes.
pub const LATE_AFTER_MINUTES: i64 = 15;

/// What is wrong with an event on its way.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::EnumIter,
    ts_rs::TS,
)]
pub enum EventFinding {
    /// A delivery is pending or was given up.
    #[serde(rename = "event.undelivered")]
    #[strum(serialize = "event.undelivered")]
    Undelivered,
    /// Delivered, and no row.
    #[serde(rename = "event.missing_row")]
    #[strum(serialize = "event.missing_row")]
    MissingRow,
    /// More than one row.
    #[serde(rename = "event.duplicate_row")]
    #[strum(serialize = "event.duplicate_row")]
    DuplicateRow,
    /// The row came late.
    #[serde(rename = "event.late")]
    #[strum(serialize = "event.late")]
    Late,
    /// A row that names an event Stripe does not know.
    #[serde(rename = "event.row_without_event")]
    #[strum(serialize = "event.row_without_event")]
    RowWithoutEvent,
}

/// One event with how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way<'a> {
    /// The event.
    pub event: &'a Event,
    /// Whether an enabled endpoint asks for its type.
    pub is_subscribed: bool,
    /// Whether no delivery is outstanding.
    pub is_delivered: bool,
    /// Whether it is still too young to be judged.
    pub is_young: bool,
    /// The first row it left, if the profile has such rows.
    pub row: Option<&'a BillingEvent>,
    /// Further rows of it.
    pub duplicates: usize,
    /// Whether handling it leaves a row.
    pub is_recorded: bool,
}

impl Way<'_> {
    /// Gives how long after the event its row was made; negative where the database's clock is behind.
    #[must_use]
    pub fn lag(&self) -> Option<TimeDelta> {
        Some(self.row?.created_at? - self.event.created_at)
    }

    /// Lists what is wrong. A young event, and one nobody asked for, is not judged.
    #[must_use]
    pub fn findings(&self) -> Vec<EventFinding> {
        if self.is_young || !self.is_subscribed {
            return Vec::new();
        }
        let is_late = self.lag().is_some_and(|lag| lag > TimeDelta::minutes(LATE_AFTER_MINUTES));
        let is_missing = self.is_recorded && self.is_delivered && self.row.is_none();
        let all = [
            (!self.is_delivered, EventFinding::Undelivered),
            (is_missing, EventFinding::MissingRow),
            (self.duplicates > 0, EventFinding::DuplicateRow),
            (is_late, EventFinding::Late),
        ];
        all.into_iter().filter_map(|(is_so, finding)| is_so.then_some(finding)).collect()
    }

    /// Gives the event in the shape the success figures count.
    #[must_use]
    pub fn delivery(&self, was_in_time: Option<bool>) -> Delivery {
        Delivery {
            event: self.event.id.clone(),
            created_at: self.event.created_at,
            is_delivered: self.is_delivered,
            was_in_time,
            is_processed: self.is_recorded.then_some(self.row.is_some()),
        }
    }
}

/// How many events came how far. Each step counts only events that took every earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
pub struct Funnel {
    /// Made in the window and old enough to be judged.
    #[ts(type = "number")]
    pub created: u64,
    /// Asked for by an enabled endpoint.
    #[ts(type = "number")]
    pub subscribed: u64,
    /// Delivered everywhere.
    #[ts(type = "number")]
    pub delivered: u64,
    /// Of a type whose handling leaves a row; `None` where the profile has none.
    #[ts(type = "number | null")]
    pub row_expected: Option<u64>,
    /// With that row.
    #[ts(type = "number | null")]
    pub row_found: Option<u64>,
}

/// The events of a window against the application's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events<'a> {
    /// How many came how far.
    pub funnel: Funnel,
    /// Each event of the window, newest first.
    pub ways: Vec<Way<'a>>,
    /// Rows of the window that name no event Stripe shows.
    pub rows_without_event: Vec<&'a BillingEvent>,
    /// Rows older than every event that is kept: nothing can be said about them.
    pub rows_not_provable: u64,
    /// How often each thing is wrong.
    pub findings: BTreeMap<EventFinding, u64>,
}

/// Follows the events of a window.
///
/// **Shape**: `events` and `rows` are all that are kept, also outside the window: a row may come later than its event.
/// `recorded` are the types whose handling leaves a row; `None` where the profile has no such rows.
#[must_use]
pub fn events<'a>(
    events: &'a [Event],
    endpoints: &[WebhookEndpoint],
    rows: &'a [BillingEvent],
    recorded: Option<&[String]>,
    window: Period,
    now: Instant,
) -> Events<'a> {
    let has_table = recorded.is_some();
    let enabled: Vec<_> = endpoints.iter().filter(|endpoint| endpoint.status == EndpointStatus::Enabled).collect();
    let mut by_event = HashMap::<&str, Vec<&'a BillingEvent>>::new();
    for row in rows.iter().filter(|_| has_table) {
        by_event.entry(row.stripe_event.as_deref().unwrap_or_default()).or_default().push(row);
    }
    by_event.values_mut().for_each(|rows| rows.sort_by_key(|row| row.created_at));
    let way = |event: &'a Event| {
        let rows = by_event.get(event.id.as_str()).map_or(&[][..], Vec::as_slice);
        Way {
            event,
            is_subscribed: enabled.iter().any(|endpoint| endpoint.selects(&event.kind)),
            is_delivered: event.pending_webhooks == 0,
            is_young: now < event.created_at + TimeDelta::minutes(GRACE_MINUTES),
            row: rows.first().copied(),
            duplicates: rows.len().saturating_sub(1),
            is_recorded: recorded.is_some_and(|types| types.contains(&event.kind)),
        }
    };
    let mut ways: Vec<_> = events.iter().filter(|event| window.contains(event.created_at)).map(way).collect();
    ways.sort_by_key(|way| std::cmp::Reverse(way.event.created_at));

    let known: HashSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
    let kept_since = events.iter().map(|event| event.created_at).min();
    let is_unknown = |row: &&BillingEvent| !row.stripe_event.as_deref().is_some_and(|id| known.contains(id));
    let in_window = |row: &&BillingEvent| row.created_at.is_none_or(|at| window.contains(at));
    let unknown = rows.iter().filter(|_| has_table).filter(is_unknown).filter(in_window);
    let (rows_without_event, unprovable): (Vec<_>, Vec<_>) =
        unknown.partition(|row| row.created_at.is_none_or(|at| kept_since.is_some_and(|since| since <= at)));

    let mut findings = BTreeMap::new();
    for finding in
        ways.iter().flat_map(Way::findings).chain(rows_without_event.iter().map(|_| EventFinding::RowWithoutEvent))
    {
        *findings.entry(finding).or_default() += 1;
    }
    Events {
        funnel: funnel(&ways, has_table),
        ways,
        rows_without_event,
        rows_not_provable: unprovable.len() as u64,
        findings,
    }
}

fn funnel(ways: &[Way<'_>], has_table: bool) -> Funnel {
    let none = has_table.then_some(0);
    let mut funnel = Funnel { row_expected: none, row_found: none, ..Funnel::default() };
    for way in ways.iter().filter(|way| !way.is_young) {
        let (subscribed, delivered) = (way.is_subscribed, way.is_subscribed && way.is_delivered);
        funnel.created += 1;
        funnel.subscribed += u64::from(subscribed);
        funnel.delivered += u64::from(delivered);
        let recorded = delivered && way.is_recorded;
        funnel.row_expected = funnel.row_expected.map(|expected| expected + u64::from(recorded));
        funnel.row_found = funnel.row_found.map(|found| found + u64::from(recorded && way.row.is_some()));
    }
    funnel
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Instant {
        Instant::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
    }

    fn event(id: &str, kind: &str, minute: i64, pending_webhooks: u32) -> Event {
        Event {
            id: id.into(),
            kind: kind.into(),
            created_at: at(minute),
            api_version: None,
            pending_webhooks,
            object_kind: None,
            object_id: None,
            customer: None,
            request_id: None,
        }
    }

    fn row(key: &str, event: Option<&str>, minute: i64) -> BillingEvent {
        BillingEvent {
            row_id: key.into(),
            stripe_event: event.map(str::to_owned),
            kind: "invoice.paid".into(),
            created_at: Some(at(minute)),
        }
    }

    fn endpoint(status: EndpointStatus, kinds: &[&str]) -> WebhookEndpoint {
        WebhookEndpoint {
            id: "we_1".into(),
            url: "https://example.com/hook".into(),
            status,
            enabled_events: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            api_version: None,
            application: None,
            description: None,
            is_live: false,
            created_at: None,
        }
    }

    #[test]
    fn every_step_of_the_way_is_counted() {
        let all = [
            event("evt_before", "invoice.paid", -10, 0),
            event("evt_good", "invoice.paid", 10, 0),
            event("evt_twice", "invoice.paid", 11, 0),
            event("evt_late", "invoice.paid", 12, 0),
            event("evt_lost", "invoice.paid", 13, 0),
            event("evt_pending", "invoice.paid", 14, 1),
            event("evt_unasked", "charge.updated", 15, 0),
            event("evt_young", "invoice.paid", 50, 1),
            event("evt_ignored", "invoice.sent", 16, 0),
        ];
        let recorded = ["invoice.paid".to_owned()];
        let rows = [
            row("r1", Some("evt_good"), 11),
            row("r2", Some("evt_twice"), 12),
            row("r3", Some("evt_twice"), 13),
            row("r4", Some("evt_late"), 28),
            row("r5", Some("evt_invented"), 20),
            row("r6", None, 21),
            row("r7", Some("evt_before"), 2),
        ];
        let endpoints = [
            endpoint(EndpointStatus::Enabled, &["invoice.paid", "invoice.sent"]),
            endpoint(EndpointStatus::Disabled, &["*"]),
        ];
        let window = Period { start: at(0), end: at(60) };
        let judged = events(&all, &endpoints, &rows, Some(&recorded), window, at(60));
        let funnel = Funnel { created: 7, subscribed: 6, delivered: 5, row_expected: Some(4), row_found: Some(3) };
        assert_eq!(judged.funnel, funnel, "a type nobody handles leaves no row and misses none");
        let found: BTreeMap<_, _> = judged.findings.iter().map(|(finding, n)| (finding.as_ref(), *n)).collect();
        let expected = [
            ("event.duplicate_row", 1),
            ("event.late", 1),
            ("event.missing_row", 1),
            ("event.row_without_event", 2),
            ("event.undelivered", 1),
        ];
        assert_eq!(found, BTreeMap::from(expected));
        assert_eq!(judged.ways[0].event.id.as_str(), "evt_young", "newest first");
        let late = judged.ways.iter().find(|way| way.event.id.as_str() == "evt_late").unwrap();
        assert_eq!(late.lag(), Some(TimeDelta::minutes(16)));
        assert_eq!(late.delivery(None).is_processed, Some(true));
    }

    #[test]
    fn without_a_table_nothing_is_said_about_rows() {
        let all = [event("evt_1", "invoice.paid", 10, 0)];
        let endpoints = [endpoint(EndpointStatus::Enabled, &["*"])];
        let window = Period { start: at(0), end: at(60) };
        let judged = events(&all, &endpoints, &[], None, window, at(60));
        assert_eq!(judged.funnel, Funnel { created: 1, subscribed: 1, delivered: 1, ..Funnel::default() });
        assert_eq!(judged.findings, BTreeMap::new());
        assert_eq!(judged.ways[0].delivery(None).is_processed, None);
    }

    #[test]
    fn a_row_older_than_every_kept_event_proves_nothing() {
        let all = [event("evt_1", "invoice.paid", 30, 0)];
        let rows = [row("r1", Some("evt_gone"), 5), row("r2", Some("evt_invented"), 40)];
        let window = Period { start: at(0), end: at(60) };
        let judged = events(&all, &[], &rows, Some(&[]), window, at(60));
        assert_eq!((judged.rows_not_provable, judged.rows_without_event.len()), (1, 1));
    }
}
