//! The way of one event, step by step, each with its evidence; and how a person could send it again.

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::ids::{EventId, InvoiceId, SubscriptionId};
use countersign_domain::stripe::webhook_endpoint::EndpointStatus;
use countersign_domain::stripe::{Event, Mode, WebhookEndpoint};
use countersign_domain::workspace::Environment;
use countersign_store::mirror::events::{self as kept, EventRow};
use countersign_store::mirror::{Scope, invoices, load, subscriptions};
use countersign_store::{Connection, StoreError};

use super::{EventPage, TraceStep, asked, known_endpoints, row};
use crate::mirror;

/// Events of one object on one page; the newest stay.
const SIBLINGS_MAX: u32 = 100;
/// How long Stripe can send an event again. **Units**: days.
const KEPT_DAYS: i64 = 30;

/// Follows an event; `None` when it is not in the mirror.
pub(super) fn page(
    conn: &Connection,
    scope: Scope,
    environment: &Environment,
    expected: Vec<String>,
    id: &EventId,
    now: Instant,
) -> Result<Option<EventPage>, StoreError> {
    let asked = asked(conn, scope, environment, expected)?;
    let Some(found) = kept::row(conn, scope, &asked, id, now)? else { return Ok(None) };
    let siblings = match &found.object {
        Some(object) => kept::of_object(conn, scope, &asked, object, SIBLINGS_MAX, now)?,
        None => Vec::new(),
    };
    let endpoints = known_endpoints(conn, scope)?;
    let asking: Option<Vec<&WebhookEndpoint>> = endpoints.as_ref().map(|endpoints| {
        let is_asking = |one: &&WebhookEndpoint| one.status == EndpointStatus::Enabled && one.selects(&found.kind);
        endpoints.iter().filter(is_asking).collect()
    });
    let request = load::<Event>(conn, scope, id.as_str())?.and_then(|event| event.request_id);
    let mut steps = vec![made(&found, request.as_deref()), heard(asking.as_deref()), delivered(&found)];
    steps.push(recorded(&found));
    steps.extend(agreed(conn, scope, environment, &found, now)?);
    Ok(Some(EventPage {
        resend: resend(&found, asking.as_deref(), environment, now),
        notes: notes(&found, environment, now),
        siblings: siblings.into_iter().map(row).collect(),
        steps,
        row: row(found),
    }))
}

fn step(tone: &str, title: impl Into<String>, detail: impl Into<String>, at: Option<Instant>) -> TraceStep {
    TraceStep { tone: tone.to_owned(), title: title.into(), detail: detail.into(), at }
}

fn made(found: &EventRow, request: Option<&str>) -> TraceStep {
    let by = match request {
        Some(request) => format!("Request {request} caused it."),
        None => "Stripe itself caused it; no request did.".to_owned(),
    };
    let version = found.api_version.as_deref().map(|version| format!(" Rendered in {version}.")).unwrap_or_default();
    step("ok", format!("Stripe made the event {}", found.kind), format!("{by}{version}"), Some(found.created_at))
}

fn heard(asking: Option<&[&WebhookEndpoint]>) -> TraceStep {
    match asking {
        None => step(
            "unknown",
            "Whether an endpoint asks for it is not known",
            "The key may not read webhook endpoints.",
            None,
        ),
        Some([]) => {
            let detail = "Which types were selected when it was made is not known.";
            step("warn", "No enabled endpoint asks for this type", detail, None)
        }
        Some([one]) => step("ok", "One endpoint asks for it", one.id.as_str(), None),
        Some(several) => {
            let ids: Vec<&str> = several.iter().map(|one| one.id.as_str()).collect();
            step("ok", format!("{} endpoints ask for it", several.len()), ids.join(", "), None)
        }
    }
}

fn delivered(found: &EventRow) -> TraceStep {
    let first = found.first_seen_at.format("%Y-%m-%d %H:%M:%S UTC");
    match found.delivery.as_str() {
        "delivered" => match found.delivered_seen_at {
            Some(at) if at > found.first_seen_at => {
                step("ok", "Delivered", format!("First seen {first}, then still on its way."), Some(at))
            }
            _ => step("ok", "Delivered", format!("When this program first looked, {first}, nothing was open."), None),
        },
        "too_young" => step("unknown", "On its way", "It is only minutes old.", None),
        "not_subscribed" => step("unknown", "Sent nowhere", "Nobody asks for it now; nothing is open.", None),
        _ => {
            let detail = format!(
                "{} without a good answer. The answers of each attempt are shown in Stripe's Workbench only.",
                if found.pending == 1 {
                    "One delivery is".to_owned()
                } else {
                    format!("{} deliveries are", found.pending)
                }
            );
            step("fail", "The endpoint did not accept it", detail, None)
        }
    }
}

fn recorded(found: &EventRow) -> TraceStep {
    let lag = found.database_row_at.map(|at| lag_text(at - found.created_at));
    let after = lag.map(|lag| format!("{lag} after the event.")).unwrap_or_default();
    match found.row.as_str() {
        "found" => step("ok", "The application left its row", after, found.database_row_at),
        "duplicate" => step("warn", "The application left more than one row", after, found.database_row_at),
        "missing" => {
            let detail = "It was delivered, and no row names it: handling it failed or was not finished.";
            step("fail", "No row in the billing database", detail, None)
        }
        "awaited" => step("unknown", "No row yet", "It was not delivered yet, or only minutes ago.", None),
        "not_expected" => step("ok", "No row is expected", "The application does not record this type.", None),
        _ => {
            let detail = "The billing database is not connected, was not read yet, or keeps no such rows.";
            step("unknown", "Whether it left a row is not known", detail, None)
        }
    }
}

/// Says whether the object it is about is the same on both sides now, where the database keeps such objects.
fn agreed(
    conn: &Connection,
    scope: Scope,
    environment: &Environment,
    found: &EventRow,
    now: Instant,
) -> Result<Option<TraceStep>, StoreError> {
    let Some(object) = found.object.as_deref() else { return Ok(None) };
    let compared = if object.starts_with("sub_") {
        let of = mirror::compared(conn, environment, RowKind::BillingSubscription)?;
        let row = subscriptions::row(conn, scope, of.as_ref(), &SubscriptionId::from(object))?;
        row.map(|row| (row.verdict, row.status.to_string(), row.database_status))
    } else if object.starts_with("in_") {
        let of = mirror::compared(conn, environment, RowKind::BillingInvoice)?;
        let row = invoices::row(conn, scope, of.as_ref(), &InvoiceId::from(object), now)?;
        row.map(|row| (row.verdict, row.status.to_string(), row.database_status))
    } else {
        None
    };
    Ok(compared.and_then(|(verdict, stripe, database)| {
        let database = database.unwrap_or_else(|| "no row".to_owned());
        let detail = format!("Now: Stripe says {stripe}, the database says {database}.");
        match verdict.as_str() {
            "equal" => Some(step("ok", "Both sides agree about the object", detail, None)),
            "differs" => Some(step("fail", "The sides differ about the object", detail, None)),
            "missing" => Some(step("fail", "The database does not hold the object", detail, None)),
            _ => None,
        }
    }))
}

/// Writes the command with which a person sends the event again, from a terminal of their own.
fn resend(
    found: &EventRow,
    asking: Option<&[&WebhookEndpoint]>,
    environment: &Environment,
    now: Instant,
) -> Option<String> {
    let endpoint = asking?.first()?;
    let is_plain = |id: &str| id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !can_resend(found, now) || !is_plain(found.id.as_str()) || !is_plain(endpoint.id.as_str()) {
        return None;
    }
    let is_live = environment.stripe.as_ref().is_some_and(|stripe| stripe.mode == Mode::Live);
    let live = if is_live { " --live" } else { "" };
    Some(format!("stripe events resend {} --webhook-endpoint={}{live}", found.id, endpoint.id))
}

fn can_resend(found: &EventRow, now: Instant) -> bool {
    now - found.created_at < TimeDelta::days(KEPT_DAYS)
}

fn notes(found: &EventRow, environment: &Environment, now: Instant) -> Vec<String> {
    let mut notes = Vec::new();
    if can_resend(found, now) {
        let until = (found.created_at + TimeDelta::days(KEPT_DAYS)).format("%Y-%m-%d");
        notes.push(format!("Stripe keeps events for {KEPT_DAYS} days: this one can be sent again until {until}."));
        notes.push("A type that was not selected when the event was made is not sent to that endpoint.".to_owned());
    } else {
        notes.push(format!("It is older than {KEPT_DAYS} days: Stripe cannot send it again."));
    }
    let profile = environment.database.as_ref().map(|database| database.profile);
    if profile == Some(SchemaProfile::Devflowhub) && matches!(found.row.as_str(), "found" | "duplicate") {
        notes.push(
            "Its row exists: the application answers a repetition with an error, although nothing is wrong.".to_owned(),
        );
    }
    if environment.is_demo {
        notes.push("This company is invented: the command only shows its form.".to_owned());
    }
    notes
}

/// Writes a time between two moments: `0.8 s`, `12 s`, `4 min`, `3 h`, `2 d`.
pub(crate) fn lag_text(lag: TimeDelta) -> String {
    let sign = if lag < TimeDelta::zero() { "−" } else { "" };
    let ms = lag.num_milliseconds().unsigned_abs();
    match ms {
        0..10_000 => format!("{sign}{}.{} s", ms / 1_000, ms % 1_000 / 100),
        10_000..120_000 => format!("{sign}{} s", ms / 1_000),
        120_000..7_200_000 => format!("{sign}{} min", ms / 60_000),
        7_200_000..172_800_000 => format!("{sign}{} h", ms / 3_600_000),
        _ => format!("{sign}{} d", ms / 86_400_000),
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::workspace::{Class, StripeConnection};

    use super::*;

    fn at(hour: i64) -> Instant {
        Instant::from_timestamp(1_800_000_000 + hour * 3_600, 0).unwrap()
    }

    fn event(id: &str, row: &str) -> EventRow {
        EventRow {
            id: id.into(),
            kind: "invoice.paid".to_owned(),
            created_at: at(0),
            object: None,
            customer: None,
            api_version: None,
            pending: 0,
            delivery: "delivered".to_owned(),
            row: row.to_owned(),
            first_seen_at: at(5),
            delivered_seen_at: Some(at(5)),
            database_row_at: None,
        }
    }

    fn environment(mode: Mode) -> Environment {
        let stripe = StripeConnection {
            account: None,
            account_name: String::new(),
            mode,
            key: String::new(),
            is_restricted: true,
            url: None,
            permissions: Vec::new(),
            notes: Vec::new(),
            checked_at: at(0),
        };
        Environment {
            id: "e".into(),
            class: Class::Test,
            is_demo: false,
            webhook_url: None,
            stripe: Some(stripe),
            stripe_key_since: None,
            database_since: None,
            database: None,
            added_at: at(0),
        }
    }

    #[test]
    fn the_command_is_for_live_only_when_live_and_for_30_days() {
        let endpoint = WebhookEndpoint {
            id: "we_1".into(),
            url: String::new(),
            status: EndpointStatus::Enabled,
            enabled_events: vec!["*".to_owned()],
            api_version: None,
            application: None,
            description: None,
            is_live: false,
            created_at: None,
        };
        let asking = [&endpoint];
        let of = |id: &str, mode, hour| resend(&event(id, "found"), Some(&asking), &environment(mode), at(hour));
        assert_eq!(of("evt_1", Mode::Test, 1).as_deref(), Some("stripe events resend evt_1 --webhook-endpoint=we_1"));
        assert!(of("evt_1", Mode::Live, 1).unwrap().ends_with(" --live"));
        assert_eq!(of("evt_1", Mode::Test, 24 * 31), None);
        assert_eq!(of("evt_1; rm -rf ~", Mode::Test, 1), None, "an id of another form never becomes a command");
        assert_eq!(resend(&event("evt_1", "found"), Some(&[]), &environment(Mode::Test), at(1)), None);
    }

    #[test]
    fn a_moment_that_nobody_saw_is_not_claimed() {
        assert_eq!(delivered(&event("evt_1", "found")).at, None);
        let seen = EventRow { delivered_seen_at: Some(at(6)), ..event("evt_1", "found") };
        assert_eq!(delivered(&seen).at, Some(at(6)));
        assert_eq!(recorded(&event("evt_1", "missing")).tone, "fail");
        assert_eq!(recorded(&event("evt_1", "not_connected")).tone, "unknown");
    }

    #[test]
    fn times_are_written_in_one_unit() {
        let of = |ms| lag_text(TimeDelta::milliseconds(ms));
        let cases = [(800, "0.8 s"), (12_000, "12 s"), (240_000, "4 min"), (10_800_000, "3 h"), (-1_500, "−1.5 s")];
        for (ms, text) in cases {
            assert_eq!(of(ms), text);
        }
        assert_eq!(of(5 * 86_400_000), "5 d");
    }
}
