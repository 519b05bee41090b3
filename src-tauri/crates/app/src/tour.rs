//! The screens that pictures are taken of, on whatever the profile holds.

mod made;

use countersign_domain::checklist::run::DueState;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, RunId, TemplateId};
use serde::Serialize;

use crate::answer::Window;
use crate::app::App;
use crate::checklists::course::{self, UpgradePreviewRequest};
use crate::checklists::gates::{self, GatesRequest};
use crate::checklists::runs::{self, RunsRequest};
use crate::checklists::schedule::{self, ScheduleRequest};
use crate::checklists::templates::{self, TemplatesRequest};
use crate::customers::{self, CustomersRequest};
use crate::frame;
use crate::invoices::{self, InvoicesRequest};
use crate::subscriptions::{self, SubscriptionsRequest};
use crate::webhooks::{self, EventsRequest};

/// Days of events among which one is shown.
const EVENT_DAYS: u16 = 30;
/// The views of a run, each with the name of its picture.
const RUN_VIEWS: [(&str, &str); 8] = [
    ("run", ""),
    ("run-gates", "?tab=gates"),
    ("run-rollback", "?tab=rollback"),
    ("run-contacts", "?tab=contacts"),
    ("run-notes", "?tab=notes"),
    ("run-by-line", "/work"),
    ("run-verified", "/work?mode=verify"),
    ("sign", "/sign"),
];
/// The views of a run that users see something of.
const EXPOSED_VIEWS: [(&str, &str); 5] = [
    ("exposed", ""),
    ("exposed-gates", "?tab=gates"),
    ("exposed-rollback", "?tab=rollback"),
    ("exposed-dates", "?tab=dates"),
    ("exposed-contacts", "?tab=contacts"),
];

pub use made::make;

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
    stops.extend(lists(app).await?);
    stops.extend(work(app).await?);
    stops.extend([
        stop("audit", "/audit"),
        stop("schedule", "/schedule"),
        stop("contacts", "/schedule/contacts"),
        stop("settings", "/settings"),
        stop("settings-operators", "/settings/operators"),
        stop("settings-workspace", "/settings/workspace"),
        stop("settings-appearance", "/settings/appearance"),
    ]);
    Ok(stops)
}

/// Lists the screens of templates: of the first, and of one that has two versions.
async fn lists(app: &App) -> Result<Vec<Stop>, Failure> {
    let templates = templates::list(app, TemplatesRequest {}).await?.templates;
    let page = |template: &TemplateId, view| format!("/checklists/templates/{template}{view}");
    let first = templates.first().map(|one| stop("template", page(&one.id, "")));
    let own = templates.iter().find(|one| one.version > 1);
    let own = own.into_iter().flat_map(|one| {
        [stop("template-edit", page(&one.id, "/edit")), stop("template-compare", page(&one.id, "/compare"))]
    });
    let fixed = [
        stop("import", "/checklists/import"),
        stop("requests", "/checklists/requests"),
        stop("run-new", "/checklists/new"),
    ];
    Ok(first.into_iter().chain(own).chain(fixed).collect())
}

/// Lists the screens of runs: of the newest, of one that users see something of, and of one whose template was changed.
async fn work(app: &App) -> Result<Vec<Stop>, Failure> {
    let runs = runs::list(app, RunsRequest::default()).await?.runs;
    let page = |run: &RunId, view| format!("/checklists/runs/{run}{view}");
    let mut stops = Vec::new();
    if let Some(newest) = runs.first() {
        stops.extend(RUN_VIEWS.map(|(name, view)| stop(name, page(&newest.run, view))));
    }
    for brief in runs {
        let gates = gates::view(app, GatesRequest { run: brief.run.clone() }).await?;
        let phase = gates.gates.iter().find(|gate| Some(gate.phase) == gates.phase);
        if phase.is_some_and(|gate| gate.exposure_pct.is_some()) {
            stops.extend(EXPOSED_VIEWS.map(|(name, view)| stop(name, page(&brief.run, view))));
            stops.extend(doing(app, &brief.run).await?);
        }
        let preview = course::preview_upgrade(app, UpgradePreviewRequest { run: brief.run.clone() }).await?;
        if preview.newest > preview.version {
            stops.push(stop("run-upgrade", page(&brief.run, "/upgrade")));
        }
    }
    Ok(stops)
}

/// Lists dates of a run that are about to be done: of payments that failed, and of a review.
async fn doing(app: &App, run: &RunId) -> Result<Vec<Stop>, Failure> {
    let dates = schedule::view(app, ScheduleRequest { run: run.clone() }).await?.dates;
    let open = |name, text: &str| {
        let date = dates.iter().find(|date| date.text == text && date.state == DueState::Due)?;
        Some(stop(name, format!("/checklists/runs/{run}?tab=dates&do={run}+{}+{}", date.item, date.key)))
    };
    let stops = [open("date-payments", "Review failed payments"), open("date-review", "Review business metrics")];
    Ok(stops.into_iter().flatten().collect())
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
