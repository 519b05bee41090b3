//! The screens that pictures are taken of, on whatever the profile holds.

use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use serde::Serialize;

use crate::answer::Window;
use crate::app::App;
use crate::checklists::runs::{self, RunsRequest};
use crate::checklists::templates::{self, TemplatesRequest};
use crate::customers::{self, CustomersRequest};
use crate::frame;
use crate::invoices::{self, InvoicesRequest};
use crate::subscriptions::{self, SubscriptionsRequest};
use crate::webhooks::{self, EventsRequest};

/// Days of events among which one is shown.
const EVENT_DAYS: u16 = 30;
/// The views of a run, each with the name of its picture.
const RUN_VIEWS: [(&str, &str); 7] = [
    ("run", ""),
    ("run-gates", "?tab=gates"),
    ("run-rollback", "?tab=rollback"),
    ("run-dates", "?tab=dates"),
    ("run-contacts", "?tab=contacts"),
    ("run-notes", "?tab=notes"),
    ("sign", "/sign"),
];

/// One screen.
#[derive(Debug, Clone, Serialize)]
pub struct Stop {
    /// Name of the picture.
    pub name: &'static str,
    /// Route of the screen.
    pub route: String,
}

fn stop(name: &'static str, route: impl Into<String>) -> Stop {
    Stop { name, route: route.into() }
}

/// Lists the screens of the chosen environment: the first run, then in the order of the navigation.
///
/// **Errors**: closed stores, a mirror that cannot be read.
pub async fn stops(app: &App) -> Result<Vec<Stop>, Failure> {
    let mut stops = vec![
        stop("first-run", "/setup/welcome"),
        stop("overview", "/overview"),
        stop("revenue", "/revenue"),
        stop("revenue-movements", "/revenue?tab=movements"),
        stop("revenue-rows", "/revenue/rows/metric.paying_customers"),
    ];
    let frame = frame::view(app, frame::FrameRequest {}).await?;
    if let Some(environment) = frame.environment {
        stops.extend(records(app, environment).await?);
    }
    stops.extend([stop("checklists", "/checklists"), stop("templates", "/checklists/templates")]);
    if let Some(template) = templates::list(app, TemplatesRequest {}).await?.templates.first() {
        stops.push(stop("template", format!("/checklists/templates/{}", template.id)));
    }
    stops.extend([stop("import", "/checklists/import"), stop("run-new", "/checklists/new")]);
    if let Some(run) = runs::list(app, RunsRequest::default()).await?.runs.first() {
        stops.extend(RUN_VIEWS.map(|(name, view)| stop(name, format!("/checklists/runs/{}{view}", run.run))));
    }
    stops.extend([
        stop("audit", "/audit"),
        stop("settings", "/settings"),
        stop("settings-operators", "/settings/operators"),
        stop("settings-workspace", "/settings/workspace"),
        stop("settings-appearance", "/settings/appearance"),
    ]);
    Ok(stops)
}

/// Lists the screens of records, each list followed by one of its records.
async fn records(app: &App, environment: EnvironmentId) -> Result<Vec<Stop>, Failure> {
    let window = || Window { take: 1, ..Window::default() };
    let late = "past_due".to_owned();
    let request = CustomersRequest {
        environment: environment.clone(),
        status: late.clone(),
        currency: String::new(),
        window: window(),
    };
    let customer = customers::list(app, request).await?.view.rows.into_iter().next();
    let request = SubscriptionsRequest {
        environment: environment.clone(),
        status: late,
        verdict: String::new(),
        window: window(),
    };
    let subscription = subscriptions::list(app, request).await?.view.rows.into_iter().next();
    let request = InvoicesRequest {
        environment: environment.clone(),
        status: "open".to_owned(),
        verdict: String::new(),
        currency: String::new(),
        window: window(),
    };
    let invoice = invoices::list(app, request).await?.view.rows.into_iter().next();
    let request = EventsRequest {
        environment,
        days: EVENT_DAYS,
        delivery: String::new(),
        row: "missing".to_owned(),
        kind: String::new(),
        window: window(),
    };
    let event = webhooks::events(app, request).await?.view.rows.into_iter().next();
    let stops = [
        Some(stop("customers", "/customers")),
        customer.map(|row| stop("customer", format!("/customers/{}", row.id))),
        Some(stop("subscriptions", "/subscriptions")),
        subscription.map(|row| stop("subscription", format!("/subscriptions/{}", row.id))),
        Some(stop("invoices", "/invoices")),
        invoice.map(|row| stop("invoice", format!("/invoices/{}", row.id))),
        Some(stop("webhooks", "/webhooks")),
        Some(stop("webhooks-events", "/webhooks?tab=events")),
        event.map(|row| stop("webhooks-event", format!("/webhooks/events/{}", row.id))),
    ];
    Ok(stops.into_iter().flatten().collect())
}
