//! `stripe.webhooks.events_selected` and `stripe.webhooks.event.<type>`: the expected types are selected.
//!
//! Proves that Stripe would send them. Cannot prove that they arrive, nor that the application understands them: those are
//! other checks.

use countersign_domain::probe::{Outcome, Verdict};
use countersign_domain::stripe::webhook_endpoint::EndpointStatus;
use countersign_domain::stripe::{Mode, WebhookEndpoint};
use countersign_sources::stripe::Client;

use super::webhook_endpoint_registered::{is_same, own};
use super::{fact, listed, unread};
use crate::Context;

const PATHS: &[&str] = &["/v1/webhook_endpoints"];

pub(super) async fn check_all(context: &Context<'_>, client: &Client) -> (Verdict, &'static [&'static str]) {
    let kinds: Vec<&str> = context.workspace.events.iter().map(String::as_str).collect();
    (check(context, client, &kinds).await, PATHS)
}

pub(super) async fn check_one(
    context: &Context<'_>,
    client: &Client,
    kind: &str,
) -> (Verdict, &'static [&'static str]) {
    (check(context, client, &[kind]).await, PATHS)
}

async fn check(context: &Context<'_>, client: &Client, kinds: &[&str]) -> Verdict {
    let (expected, mode) = (context.environment.webhook_url.as_deref(), context.environment.mode());
    match context.gathered.endpoints(client).await {
        Ok(endpoints) => judge(kinds, expected, mode, endpoints),
        Err(missing) => unread(&sentence(kinds), missing),
    }
}

fn sentence(kinds: &[&str]) -> String {
    match kinds {
        [one] => format!("The endpoint selects {one}."),
        several => format!("The endpoint selects all {} expected types.", several.len()),
    }
}

/// The enabled endpoints that count: those at the expected address, or all where none is set.
fn receiving<'a>(expected: Option<&str>, mode: Mode, endpoints: &'a [WebhookEndpoint]) -> Vec<&'a WebhookEndpoint> {
    own(endpoints, mode)
        .filter(|endpoint| endpoint.status == EndpointStatus::Enabled)
        .filter(|endpoint| expected.is_none_or(|url| is_same(&endpoint.url, url)))
        .collect()
}

fn judge(kinds: &[&str], expected: Option<&str>, mode: Mode, endpoints: &[WebhookEndpoint]) -> Verdict {
    let receiving = receiving(expected, mode, endpoints);
    let missing: Vec<String> = kinds
        .iter()
        .filter(|kind| !receiving.iter().any(|endpoint| endpoint.selects(kind)))
        .map(|kind| (*kind).to_owned())
        .collect();
    let takes_all = receiving.iter().any(|endpoint| endpoint.enabled_events.iter().any(|kind| kind == "*"));
    let (outcome, found, fix) = if receiving.is_empty() {
        (
            Outcome::Fail,
            "No enabled endpoint receives events here.".to_owned(),
            "Register and enable the application's endpoint first.".to_owned(),
        )
    } else if !missing.is_empty() {
        (
            Outcome::Fail,
            format!("Not selected: {}.", listed(&missing)),
            "Select them for the endpoint in Stripe; events made before are not sent afterwards.".to_owned(),
        )
    } else if kinds.is_empty() {
        let found = "No expected types are set in this workspace, so there is nothing to compare.".to_owned();
        (Outcome::Warn, found, "Enter the expected types in Settings, or accept this with a note.".to_owned())
    } else if takes_all {
        (
            Outcome::Pass,
            "Selected, as is every other type (`*`).".to_owned(),
            "Select only the types the application handles: the others cost it requests.".to_owned(),
        )
    } else {
        (Outcome::Pass, "Selected.".to_owned(), String::new())
    };
    let mut facts = vec![fact("expected types", kinds.join(", "))];
    facts.extend(receiving.iter().map(|endpoint| fact(endpoint.id.as_str(), endpoint.enabled_events.join(", "))));
    Verdict { outcome, expected: sentence(kinds), found, fix, remainder: String::new(), facts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str, kinds: &[&str]) -> WebhookEndpoint {
        WebhookEndpoint {
            id: "we_1".into(),
            url: url.to_owned(),
            status: EndpointStatus::Enabled,
            enabled_events: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            api_version: None,
            application: None,
            description: None,
            is_live: false,
            created_at: None,
        }
    }

    #[test]
    fn each_type_is_selected_or_it_fails() {
        let url = "https://a.example/hook";
        let kinds = ["invoice.payment_succeeded", "invoice.payment_failed"];
        let outcome = |endpoints: &[WebhookEndpoint]| judge(&kinds, Some(url), Mode::Test, endpoints).outcome;
        assert_eq!(outcome(&[endpoint(url, &kinds)]), Outcome::Pass);
        assert_eq!(outcome(&[endpoint(url, &["*"])]), Outcome::Pass);
        assert_eq!(outcome(&[endpoint(url, &kinds[..1])]), Outcome::Fail);
        assert_eq!(outcome(&[endpoint("https://other.example/hook", &kinds)]), Outcome::Fail);
        assert_eq!(outcome(&[]), Outcome::Fail);
        let off = WebhookEndpoint { status: EndpointStatus::Disabled, ..endpoint(url, &kinds) };
        assert_eq!(outcome(&[off]), Outcome::Fail);
    }

    #[test]
    fn the_missing_ones_are_named() {
        let one = endpoint("https://a.example/hook", &["invoice.paid"]);
        let verdict = judge(&["invoice.paid", "invoice.payment_failed"], None, Mode::Test, &[one]);
        assert_eq!(verdict.found, "Not selected: invoice.payment_failed.");
        assert_eq!(judge(&[], None, Mode::Test, &[endpoint("https://a.example", &[])]).outcome, Outcome::Warn);
    }
}
