//! `stripe.webhooks.endpoint_registered`: exactly one enabled endpoint has the expected address, in the right mode.
//!
//! Proves what is registered with Stripe. Cannot prove that the application answers there.

use countersign_domain::probe::{Outcome, Verdict};
use countersign_domain::stripe::webhook_endpoint::EndpointStatus;
use countersign_domain::stripe::{Mode, WebhookEndpoint};
use countersign_sources::stripe::Client;
use url::Url;

use super::{fact, listed, unread};
use crate::Context;

/// Hosts of services that open a tunnel to one computer.
const TUNNELS: [&str; 6] =
    [".ngrok.io", ".ngrok.app", ".ngrok-free.app", ".loca.lt", ".trycloudflare.com", ".localhost.run"];

pub(super) async fn check(context: &Context<'_>, client: &Client) -> (Verdict, &'static [&'static str]) {
    let expected = context.environment.webhook_url.as_deref();
    let verdict = match context.gathered.endpoints(client).await {
        Ok(endpoints) => judge(expected, context.environment.mode(), context.is_deployed, endpoints),
        Err(missing) => unread(&sentence(expected, context.environment.mode()), missing),
    };
    (verdict, &["/v1/webhook_endpoints"])
}

fn sentence(expected: Option<&str>, mode: Mode) -> String {
    match expected {
        Some(url) => format!("Exactly one enabled {mode} endpoint has the address {url}."),
        None => format!("Exactly one enabled {mode} endpoint has the application's address."),
    }
}

/// The endpoints that could be ours: of this mode, and not of a Connect application.
pub(super) fn own(endpoints: &[WebhookEndpoint], mode: Mode) -> impl Iterator<Item = &WebhookEndpoint> {
    endpoints
        .iter()
        .filter(move |endpoint| endpoint.application.is_none() && Mode::of_livemode(endpoint.is_live) == mode)
}

/// Compares addresses as a server would: case of the host, default port and a closing slash do not matter.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        let url = Url::parse(text.trim()).ok()?;
        let path = url.path().trim_end_matches('/').to_owned();
        let port = url.port_or_known_default();
        Some((url.scheme().to_owned(), url.host_str()?.to_owned(), port, path, url.query().map(str::to_owned)))
    };
    matches!((plain(a), plain(b)), (Some(a), Some(b)) if a == b)
}

fn judge(expected: Option<&str>, mode: Mode, is_deployed: bool, endpoints: &[WebhookEndpoint]) -> Verdict {
    let ours: Vec<&WebhookEndpoint> = own(endpoints, mode).collect();
    let enabled: Vec<&WebhookEndpoint> =
        ours.iter().copied().filter(|endpoint| endpoint.status == EndpointStatus::Enabled).collect();
    let addresses: Vec<String> = enabled.iter().map(|endpoint| endpoint.url.clone()).collect();
    let (outcome, found, fix) = match expected {
        None => without_expectation(&addresses),
        Some(url) => with_expectation(url, (mode, is_deployed), &ours, &addresses),
    };
    let mut facts = vec![fact("endpoints of this mode", ours.len()), fact("enabled", enabled.len())];
    facts.extend(
        ours.iter().map(|endpoint| fact(endpoint.id.as_str(), format!("{} {}", endpoint.status, endpoint.url))),
    );
    Verdict { outcome, expected: sentence(expected, mode), found, fix, remainder: String::new(), facts }
}

fn without_expectation(addresses: &[String]) -> (Outcome, String, String) {
    match addresses {
        [] => (
            Outcome::Fail,
            "No endpoint is enabled: no event reaches the application.".to_owned(),
            "Register the application's webhook address in Stripe.".to_owned(),
        ),
        addresses => (
            Outcome::Warn,
            format!("Enabled: {}. No address is set to compare with.", listed(addresses)),
            "Set the expected address in Settings, or accept what is registered with a note.".to_owned(),
        ),
    }
}

fn with_expectation(
    url: &str,
    (mode, is_deployed): (Mode, bool),
    ours: &[&WebhookEndpoint],
    addresses: &[String],
) -> (Outcome, String, String) {
    let at: Vec<&&WebhookEndpoint> = ours.iter().filter(|endpoint| is_same(&endpoint.url, url)).collect();
    let enabled = at.iter().filter(|endpoint| endpoint.status == EndpointStatus::Enabled).count();
    match (at.len(), enabled) {
        (0, _) => (
            Outcome::Fail,
            format!("No endpoint has that address; enabled: {}.", listed(addresses)),
            format!("Register {url} in Stripe, or correct the expected address in Settings."),
        ),
        (_, 0) => (
            Outcome::Fail,
            "The endpoint is registered and disabled: Stripe sends nothing to it.".to_owned(),
            "Enable it in Stripe; events made meanwhile are not sent afterwards.".to_owned(),
        ),
        _ if !url.starts_with("https://") => (
            Outcome::Fail,
            "The endpoint is enabled and its address is not encrypted.".to_owned(),
            "Serve the webhook over https and register that address.".to_owned(),
        ),
        _ if mode == Mode::Live && is_passing(url) => (
            Outcome::Fail,
            "The address is that of one computer or of a tunnel: it ends with whoever opened it.".to_owned(),
            "Register the address under which the application itself is served.".to_owned(),
        ),
        (_, 1) => beside(url, is_deployed, addresses),
        (_, several) => (
            Outcome::Fail,
            format!("It is registered {several} times: each event is handled {several} times."),
            "Remove all but one of them in Stripe.".to_owned(),
        ),
    }
}

/// Looks whether something else on the same host listens too, as an address of an earlier release would; once the new one
/// is deployed, nothing should.
fn beside(url: &str, is_deployed: bool, addresses: &[String]) -> (Outcome, String, String) {
    let host = |text: &str| Url::parse(text.trim()).ok()?.host_str().map(str::to_owned);
    let is_beside = |other: &&String| !is_same(other, url) && host(other).is_some() && host(other) == host(url);
    let others: Vec<String> = addresses.iter().filter(is_beside).cloned().collect();
    if others.is_empty() {
        return (Outcome::Pass, "It is registered once and enabled.".to_owned(), String::new());
    }
    (
        if is_deployed { Outcome::Fail } else { Outcome::Warn },
        format!("It is registered once and enabled; on the same host is enabled too: {}.", listed(&others)),
        "Remove the address of an earlier release in Stripe; its events are handled twice.".to_owned(),
    )
}

/// Whether an address leads to one computer or through a tunnel.
fn is_passing(url: &str) -> bool {
    let host = Url::parse(url.trim()).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let host = host.trim_matches(['[', ']']);
    host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        || TUNNELS.iter().any(|tunnel| host.ends_with(tunnel))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str, status: EndpointStatus) -> WebhookEndpoint {
        WebhookEndpoint {
            id: "we_1".into(),
            url: url.to_owned(),
            status,
            enabled_events: vec!["*".to_owned()],
            api_version: None,
            application: None,
            description: None,
            is_live: true,
            created_at: None,
        }
    }

    #[test]
    fn the_address_decides_and_so_does_the_state() {
        let url = "https://app.example/api/billing/webhook";
        let on = || endpoint(url, EndpointStatus::Enabled);
        let cases = [
            (vec![on()], Outcome::Pass),
            (vec![endpoint("https://APP.example:443/api/billing/webhook/", EndpointStatus::Enabled)], Outcome::Pass),
            (vec![], Outcome::Fail),
            (vec![endpoint(url, EndpointStatus::Disabled)], Outcome::Fail),
            (vec![endpoint("https://app.example/other", EndpointStatus::Enabled)], Outcome::Fail),
            (vec![on(), on()], Outcome::Fail),
            (vec![on(), endpoint("https://app.example/old/hook", EndpointStatus::Enabled)], Outcome::Warn),
            (vec![on(), endpoint("https://app.example/old/hook", EndpointStatus::Disabled)], Outcome::Pass),
            (vec![on(), endpoint("https://other.example/hook", EndpointStatus::Enabled)], Outcome::Pass),
            (vec![WebhookEndpoint { is_live: false, ..on() }], Outcome::Fail),
            (vec![WebhookEndpoint { application: Some("ca_1".to_owned()), ..on() }], Outcome::Fail),
        ];
        for (endpoints, outcome) in cases {
            assert_eq!(judge(Some(url), Mode::Live, false, &endpoints).outcome, outcome, "{endpoints:?}");
        }
        let older = [on(), endpoint("https://app.example/old/hook", EndpointStatus::Enabled)];
        assert_eq!(judge(Some(url), Mode::Live, true, &older).outcome, Outcome::Fail, "once the new one is deployed");
        for url in ["https://localhost/hook", "https://127.0.0.1:8443/hook", "https://ours.ngrok-free.app/hook"] {
            let open = endpoint(url, EndpointStatus::Enabled);
            assert_eq!(judge(Some(url), Mode::Live, false, &[open]).outcome, Outcome::Fail, "{url}");
        }
        let plain = "http://app.example/api/billing/webhook";
        let open = endpoint(plain, EndpointStatus::Enabled);
        assert_eq!(judge(Some(plain), Mode::Live, false, &[open]).outcome, Outcome::Fail);
    }

    #[test]
    fn without_an_expected_address_an_endpoint_is_a_warning() {
        let one = endpoint("https://a.example/hook", EndpointStatus::Enabled);
        assert_eq!(judge(None, Mode::Live, false, &[one]).outcome, Outcome::Warn);
        assert_eq!(judge(None, Mode::Live, false, &[]).outcome, Outcome::Fail);
    }
}
