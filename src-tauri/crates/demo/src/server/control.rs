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

/// What somebody asks to be otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The application's endpoint is switched on or off.
    Endpoint { is_enabled: bool },
    /// The bank declines so many open invoices that are tried again.
    Decline { count: u32 },
    /// So many of the users see the new billing. **Units**: per cent.
    Exposure { pct: u32 },
}

/// Reads what is asked for.
pub(super) fn asked((method, path): (&Method, &str), headers: &HeaderMap, host: &str) -> Result<Asked, Refusal> {
    answer::guard(headers, host)?;
    let share = |text: &str| text.parse().ok().filter(|pct| *pct <= 100).map(|pct| Asked::Exposure { pct });
    let asked = match path.strip_prefix(PATHS) {
        Some("webhook_endpoint/enable") => Some(Asked::Endpoint { is_enabled: true }),
        Some("webhook_endpoint/disable") => Some(Asked::Endpoint { is_enabled: false }),
        Some(path) => match path.strip_prefix("decline/") {
            Some(count) => count.parse().ok().map(|count| Asked::Decline { count }),
            None => path.strip_prefix("exposure/").and_then(share),
        },
        None => None,
    };
    let asked = asked.ok_or_else(|| Refusal::plain(404, format!("There is nothing to change at {path}.")))?;
    if method == Method::POST { Ok(asked) } else { Err(Refusal::plain(405, "A change is asked for with POST.")) }
}

/// Switches the application's endpoint on or off, and shows it as it is then.
pub(super) fn switch(world: &mut World, is_enabled: bool) -> Result<Value, Refusal> {
    let no = No::<WebhookEndpoint>::at(0);
    let endpoint = WebhookEndpoint::table_mut(&mut world.tables).get_mut(no).map(std::sync::Arc::make_mut);
    let Some(endpoint) = endpoint else { return Err(Refusal::plain(404, "The company has no endpoint.")) };
    endpoint.is_enabled = is_enabled;
    Ok(endpoint.clone().json(no, world))
}
