//! Webhooks: endpoints, whether events were delivered, and whether each left its row in the billing database.
//!
//! Endpoints are judged in `endpoints`, the way of all events in a window in `window`, what went wrong in `causes`, the way
//! of one event in `trace`. Deliberately absent: sending anything again; a person does that elsewhere.

mod causes;
mod endpoints;
mod trace;
mod window;

pub(crate) use window::{EARLIER_DAYS, was_in_time};

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::billing::RowKind;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{CustomerId, EnvironmentId, EventId, WebhookEndpointId};
use countersign_domain::stripe::{ObjectKind, WebhookEndpoint};
use countersign_domain::workspace::{Environment, Source};
use countersign_domain::zones::Period;
use countersign_render::scene::Scene;
use countersign_store::mirror::events::{self as kept, Asked, EventFilter, EventSort};
use countersign_store::mirror::sync::kinds::{self, KindState};
use countersign_store::mirror::{Scope, load_each};
use countersign_store::{Connection, StoreError};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Answer, Figure, Rows, Window};
use crate::app::App;
use crate::failure::{invalid, not_found};
use crate::{clock, freshness, mirror, record};

pub(crate) use trace::lag_text;

/// Oldest data that counts as fresh here. **Units**: minutes.
const FRESH_MINUTES: i64 = 15;
/// Longest window: events are kept as long. **Units**: days.
const DAYS_MAX: u16 = 400;

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
    /// `created`, `subscribed`, `delivered`, `row_expected`, `row_found`.
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
    /// A word of [`EventRow::delivery`], or empty.
    #[serde(default)]
    pub delivery: String,
    /// A word of [`EventRow::row`], or empty.
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
    /// `found`, `missing`, `duplicate`, `awaited` while it is young or undelivered, `not_expected`, `not_connected`.
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

/// Gives the endpoints, and how the events of a window fared.
///
/// **Errors**: closed stores.
pub async fn view(app: &App, request: WebhooksRequest) -> Result<Answer<Webhooks>, Failure> {
    let record = record::record(app).await?;
    let environment = record::environment(app, &request.environment).await?;
    let period = back(request.days, clock::now());
    let (expected, asked) = (record.workspace.events.clone(), environment.clone());
    let found = mirror::read(app, &environment, "Could not read the events", move |conn, scope| {
        window::Known::load(conn, scope, &asked, expected, period)
    });
    let known = found.await?.unwrap_or_default();
    let view = known.view(&environment, &record.workspace.events, period, request.width)?;
    answered(app, &environment, view).await
}

/// Lists a window of the events.
///
/// **Errors**: an order nobody offers; closed stores.
pub async fn events(app: &App, request: EventsRequest) -> Result<Answer<Events>, Failure> {
    events_until(app, request, clock::now()).await
}

/// Lists the same up to a moment, so that all parts of one list are of one window.
///
/// **Errors**: as [`events`].
pub(crate) async fn events_until(app: &App, request: EventsRequest, now: Instant) -> Result<Answer<Events>, Failure> {
    let record = record::record(app).await?;
    let environment = record::environment(app, &request.environment).await?;
    let (part, environment_asked) = (mirror::part(&request.window), environment.clone());
    let expected = record.workspace.events.clone();
    let filter = EventFilter {
        period: back(request.days, now),
        sort: order(&request.window.sort)?,
        is_reversed: request.window.is_reversed,
        delivery: request.delivery,
        row: request.row,
        kind: request.kind,
    };
    let found = mirror::read(app, &environment, "Could not read the events", move |conn, scope| {
        let asked = asked(conn, scope, &environment_asked, expected)?;
        let found = kept::list(conn, scope, &asked, &filter, &part, now)?;
        Ok(Rows { rows: found.rows.into_iter().map(row).collect(), total: found.total, totals: Vec::new() })
    });
    answered(app, &environment, found.await?.unwrap_or_else(Rows::none)).await
}

/// Follows one event from being made to the row it wrote.
///
/// **Errors**: one that is not in the mirror; closed stores.
pub async fn event(app: &App, request: EventRequest) -> Result<Answer<EventPage>, Failure> {
    let record = record::record(app).await?;
    let environment = record::environment(app, &request.environment).await?;
    let (id, asked, now) = (request.event.clone(), environment.clone(), clock::now());
    let expected = record.workspace.events.clone();
    let found = mirror::read(app, &environment, "Could not read the event", move |conn, scope| {
        trace::page(conn, scope, &asked, expected, &id, now)
    });
    match found.await?.flatten() {
        Some(view) => answered(app, &environment, view).await,
        None => Err(not_found("event", request.event.as_str())),
    }
}

/// Gives what is asked of the events of an environment: the types somebody listens to, and those that leave a row.
pub(crate) fn asked(
    conn: &Connection,
    scope: Scope,
    environment: &Environment,
    expected: Vec<String>,
) -> Result<Asked, StoreError> {
    let selected = known_endpoints(conn, scope)?.and_then(|endpoints| endpoints::selected(&endpoints));
    Ok(Asked { environment: mirror::compared(conn, environment, RowKind::BillingEvent)?, selected, recorded: expected })
}

/// Loads the endpoints; `None` where the key may not read them.
fn known_endpoints(conn: &Connection, scope: Scope) -> Result<Option<Vec<WebhookEndpoint>>, StoreError> {
    let is_refused = kinds::all(conn, scope)?.into_iter().any(|standing| {
        standing.kind == ObjectKind::WebhookEndpoint && matches!(standing.state, KindState::NotPermitted(_))
    });
    if is_refused { Ok(None) } else { load_each(conn, scope).map(Some) }
}

/// Turns a row of the store into one that may be shown.
fn row(found: kept::EventRow) -> EventRow {
    EventRow {
        lag_s: found.database_row_at.map(|at| (at - found.created_at).num_seconds()),
        id: found.id,
        kind: found.kind,
        created_at: found.created_at,
        object: found.object.unwrap_or_default(),
        customer: found.customer,
        delivery: found.delivery,
        pending: found.pending,
        row: found.row,
        api_version: found.api_version.unwrap_or_default(),
    }
}

/// Gives the period that ends now.
fn back(days: u16, now: Instant) -> Period {
    Period { start: now - TimeDelta::days(i64::from(days.clamp(1, DAYS_MAX))), end: now }
}

async fn answered<T>(app: &App, environment: &Environment, view: T) -> Result<Answer<T>, Failure> {
    let sources = [Source::Stripe, Source::Database];
    let mut answer = freshness::answer(app, environment, &sources, FRESH_MINUTES, view).await?;
    let wanted = [ObjectKind::Event, ObjectKind::WebhookEndpoint];
    freshness::needs(app, environment, &mut answer.sources, &wanted).await?;
    Ok(answer)
}

fn order(word: &str) -> Result<EventSort, Failure> {
    Ok(match word {
        "" | "created_at" => EventSort::Created,
        "kind" => EventSort::Kind,
        "delivery" => EventSort::Delivery,
        "row" => EventSort::Row,
        "lag_s" => EventSort::Lag,
        other => return Err(invalid("sort", format!("events are not ordered by {other}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_moves_only_with_the_moment_it_is_asked_for() {
        let now = "2026-11-20T09:00:00Z".parse().unwrap();
        for (days, start) in
            [(0, "2026-11-19T09:00:00Z"), (7, "2026-11-13T09:00:00Z"), (u16::MAX, "2025-10-16T09:00:00Z")]
        {
            assert_eq!(back(days, now), Period { start: start.parse().unwrap(), end: now });
        }
    }
}
