//! What somebody can change at the company while it is served, as they would in Stripe's dashboard.
//!
//! Apart from Stripe's own paths, so that nothing that reads Stripe comes upon it. It takes no key: it is reached from this
//! computer only, by programs and not by web pages, and there is nothing real to change.

use axum::http::{HeaderMap, Method};
use serde_json::Value;

use super::answer;
use super::refusal::Refusal;
use crate::world::{No, Object, WebhookEndpoint, World};

/// What all its paths begin with.
pub(super) const PATHS: &str = "/simulator/";

/// Switches the application's endpoint on or off, and shows it as it is then.
pub(super) fn change(
    world: &mut World,
    (method, path): (&Method, &str),
    headers: &HeaderMap,
    host: &str,
) -> Result<Value, Refusal> {
    answer::guard(headers, host)?;
    let is_enabled = match path.strip_prefix(PATHS) {
        Some("webhook_endpoint/enable") => true,
        Some("webhook_endpoint/disable") => false,
        _ => return Err(Refusal::plain(404, format!("There is nothing to change at {path}."))),
    };
    if method != Method::POST {
        return Err(Refusal::plain(405, "A change is asked for with POST."));
    }
    let no = No::<WebhookEndpoint>::at(0);
    let endpoint = WebhookEndpoint::table_mut(&mut world.tables).get_mut(no).map(std::sync::Arc::make_mut);
    let Some(endpoint) = endpoint else { return Err(Refusal::plain(404, "The company has no endpoint.")) };
    endpoint.is_enabled = is_enabled;
    Ok(endpoint.clone().json(no, world))
}
