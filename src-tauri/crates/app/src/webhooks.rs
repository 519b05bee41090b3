//! Webhooks: endpoints, whether events were delivered, and whether each left its row in the billing database.

use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId, EventId, WebhookEndpointId};
use countersign_render::scene::Scene;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Figure, Rows, Window};

/// Asks for endpoints and funnel over a window of time.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WebhooksRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Days back, 1 to 400; 0 is 1.
    #[serde(default)]
    pub days: u16,
    /// Width of the chart in CSS pixels; 0 is 960.
    #[serde(default)]
    pub width: u16,
}

/// Endpoints and funnel.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Webhooks {
    /// Every endpoint.
    pub endpoints: Vec<EndpointRow>,
    /// Delivery and success rates.
    pub figures: Vec<Figure>,
    /// Created, subscribed, delivered, row found.
    pub funnel: Vec<FunnelStep>,
    /// The funnel drawn.
    pub chart: Scene,
    /// Undelivered or unrecorded events, by cause.
    pub causes: Vec<Cause>,
    /// From.
    pub from: Instant,
    /// Until.
    pub to: Instant,
    /// Newest event known, whatever the window.
    pub last_event_at: Option<Instant>,
}

/// One endpoint.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EndpointRow {
    /// Id.
    pub id: WebhookEndpointId,
    /// Address.
    pub url: String,
    /// `enabled` or `disabled`.
    pub status: String,
    /// `live` or `test`.
    pub mode: String,
    /// Version payloads are rendered in; empty is the account's default.
    pub api_version: String,
    /// Whether every type is selected.
    pub selects_all: bool,
    /// How many types are selected.
    pub selected: u32,
    /// Expected types that are not selected.
    pub missing: Vec<String>,
    /// Selected types nobody expects here.
    pub extra: Vec<String>,
    /// What is wrong with it, one sentence each.
    pub problems: Vec<String>,
}

/// One step of the funnel.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FunnelStep {
    /// `created`, `subscribed`, `delivered`, `row_found`.
    pub word: String,
    /// What people call it.
    pub name: String,
    /// Events that got here.
    #[ts(type = "number | null")]
    pub count: Option<u64>,
    /// Why there is no count.
    pub reason: Option<String>,
}

/// Events with one explanation.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Cause {
    /// Stable word.
    pub word: String,
    /// What happened, one line.
    pub title: String,
    /// What it means and what to do.
    pub detail: String,
    /// How many events.
    #[ts(type = "number")]
    pub count: u64,
    /// The oldest.
    pub since: Option<Instant>,
    /// Filter that lists them.
    pub filter: String,
}

/// Asks for a window of the events.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EventsRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Days back, 1 to 400; 0 is 1.
    #[serde(default)]
    pub days: u16,
    /// `pending`, `delivered`, `not_subscribed`, or empty.
    #[serde(default)]
    pub delivery: String,
    /// `found`, `missing`, `duplicate`, or empty.
    #[serde(default)]
    pub row: String,
    /// A type, or empty.
    #[serde(default)]
    pub kind: String,
    /// Which window.
    #[serde(default)]
    pub window: Window,
}

/// The list.
pub type Events = Rows<EventRow>;

/// One event in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EventRow {
    /// Id.
    pub id: EventId,
    /// Type.
    pub kind: String,
    /// When it was made.
    pub created_at: Instant,
    /// The object it is about.
    pub object: String,
    /// Who it concerns.
    pub customer: Option<CustomerId>,
    /// `delivered`, `pending`, `not_subscribed`, `too_young`.
    pub delivery: String,
    /// Deliveries still without a good answer.
    pub pending: u32,
    /// `found`, `missing`, `duplicate`, `not_expected`, `not_connected`.
    pub row: String,
    /// Seconds from event to row.
    #[ts(type = "number | null")]
    pub lag_s: Option<i64>,
    /// Version its payload was rendered in.
    pub api_version: String,
}

/// Asks for one event.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EventRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which.
    pub event: EventId,
}

/// One event, followed to the row it wrote.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EventPage {
    /// The row of the list.
    pub row: EventRow,
    /// From being made to the row, step by step.
    pub steps: Vec<TraceStep>,
    /// Every event of the same object, oldest first.
    pub siblings: Vec<EventRow>,
    /// A command to send it again, to be run by a person elsewhere.
    pub resend: Option<String>,
    /// What to know about resending.
    pub notes: Vec<String>,
}

/// One step of an event's way.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TraceStep {
    /// `ok`, `warn`, `fail`, `unknown`.
    pub tone: String,
    /// What happened.
    pub title: String,
    /// With which evidence.
    pub detail: String,
    /// When.
    pub at: Option<Instant>,
}
