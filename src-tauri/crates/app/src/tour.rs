//! The screens that pictures are taken of, on whatever the profile holds.

use countersign_domain::failure::Failure;
use serde::Serialize;

use crate::app::App;
use crate::checklists::runs::{self, RunsRequest};
use crate::customers::{self, CustomersRequest};
use crate::frame;

/// One screen.
#[derive(Debug, Clone, Serialize)]
pub struct Stop {
    /// Name of the picture.
    pub name: &'static str,
    /// Route of the screen.
    pub route: String,
}

/// Lists the screens of the chosen environment, in the order of the navigation.
///
/// **Errors**: closed stores, a mirror that cannot be read.
pub async fn stops(app: &App) -> Result<Vec<Stop>, Failure> {
    let stop = |name, route: &str| Stop { name, route: route.to_owned() };
    let mut stops = vec![stop("overview", "/overview"), stop("revenue", "/revenue"), stop("customers", "/customers")];
    let frame = frame::view(app, frame::FrameRequest {}).await?;
    if let Some(environment) = frame.environment {
        let request = CustomersRequest {
            environment,
            status: "past_due".to_owned(),
            currency: String::new(),
            window: crate::answer::Window { take: 1, ..Default::default() },
        };
        if let Some(first) = customers::list(app, request).await?.view.rows.first() {
            stops.push(stop("customer", &format!("/customers/{}", first.id)));
        }
    }
    for (name, route) in [
        ("subscriptions", "/subscriptions"),
        ("invoices", "/invoices"),
        ("webhooks", "/webhooks"),
        ("checklists", "/checklists"),
    ] {
        stops.push(stop(name, route));
    }
    if let Some(run) = runs::list(app, RunsRequest::default()).await?.runs.first() {
        stops.push(stop("run", &format!("/checklists/runs/{}", run.run)));
        stops.push(stop("sign", &format!("/checklists/runs/{}/sign", run.run)));
    }
    stops.push(stop("audit", "/audit"));
    stops.push(stop("settings", "/settings"));
    Ok(stops)
}
