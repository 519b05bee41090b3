//! What is wrong with an endpoint: where it leads, what it listens to, how its payloads are rendered.

use countersign_domain::billing::SchemaProfile;
use countersign_domain::stripe::webhook_endpoint::EndpointStatus;
use countersign_domain::stripe::{Mode, WebhookEndpoint};
use countersign_domain::workspace::Environment;

use super::EndpointRow;

/// First version in which the times of a period are at a subscription's items.
const PERIODS_MOVED: &str = "2025-03-31";
/// Parts of host names under which tunnels to somebody's own computer are reached.
const TUNNELS: &[&str] = &[
    "ngrok",
    "loca.lt",
    "localtunnel",
    "trycloudflare",
    "serveo",
    "localhost.run",
    "tunnel",
    "pagekite",
    "webhook.site",
];

/// Gives the types that enabled endpoints select; `None` for all of them.
pub(super) fn selected(endpoints: &[WebhookEndpoint]) -> Option<Vec<String>> {
    let enabled = endpoints.iter().filter(|endpoint| endpoint.status == EndpointStatus::Enabled);
    let mut types: Vec<String> = enabled.flat_map(|endpoint| endpoint.enabled_events.iter().cloned()).collect();
    types.sort();
    types.dedup();
    (!types.iter().any(|kind| kind == "*")).then_some(types)
}

/// Judges every endpoint.
pub(super) fn rows(all: &[WebhookEndpoint], environment: &Environment, expected: &[String]) -> Vec<EndpointRow> {
    all.iter().map(|endpoint| row(endpoint, all, environment, expected)).collect()
}

fn row(
    endpoint: &WebhookEndpoint,
    all: &[WebhookEndpoint],
    environment: &Environment,
    expected: &[String],
) -> EndpointRow {
    let selects_all = endpoint.enabled_events.iter().any(|kind| kind == "*");
    let selected = if selects_all { 0 } else { endpoint.enabled_events.len() };
    let extra = endpoint.enabled_events.iter().filter(|kind| !selects_all && !expected.contains(kind));
    EndpointRow {
        id: endpoint.id.clone(),
        url: shown(&endpoint.url),
        status: endpoint.status.to_string(),
        mode: Mode::of_livemode(endpoint.is_live).to_string(),
        api_version: endpoint.api_version.clone().unwrap_or_default(),
        selects_all,
        selected: u32::try_from(selected).unwrap_or(u32::MAX),
        missing: expected.iter().filter(|kind| !endpoint.selects(kind)).cloned().collect(),
        extra: extra.cloned().collect(),
        problems: problems(endpoint, all, environment),
    }
}

/// Shows an address without what may be secret in it: a password, and words behind a question mark.
fn shown(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    match plain.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        None => plain.to_owned(),
    }
}

/// Gives the host of an address, without its port.
fn host(url: &str) -> String {
    let shown = shown(url);
    let rest = shown.split_once("://").map_or(shown.as_str(), |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.to_ascii_lowercase()
}

fn problems(endpoint: &WebhookEndpoint, all: &[WebhookEndpoint], environment: &Environment) -> Vec<String> {
    let is_enabled = endpoint.status == EndpointStatus::Enabled;
    let others = || all.iter().filter(|other| other.id != endpoint.id && other.status == EndpointStatus::Enabled);
    let mut problems = Vec::new();
    let mut add = |is_so: bool, problem: &str| {
        if is_so {
            problems.push(problem.to_owned());
        }
    };
    add(!is_enabled, "It is disabled: Stripe sends nothing to it.");
    add(endpoint.url.starts_with("http://"), "Plain http: payloads travel where others can read and change them.");
    let host = host(&endpoint.url);
    add(is_local(&host), "It leads to a computer of its own network, which Stripe cannot reach.");
    add(TUNNELS.iter().any(|tunnel| host.contains(tunnel)), "It leads through a tunnel to somebody's own computer.");
    add(
        is_enabled && others().any(|other| other.url == endpoint.url),
        "Another enabled endpoint has the same address: every event arrives there twice.",
    );
    let wrong_mode =
        environment.stripe.as_ref().is_some_and(|stripe| stripe.mode != Mode::of_livemode(endpoint.is_live));
    add(wrong_mode, "It belongs to the other mode than this environment.");
    if let Some(expected) = environment.webhook_url.as_deref().filter(|expected| !expected.is_empty()) {
        let is_there = all.iter().any(|other| other.status == EndpointStatus::Enabled && other.url == expected);
        add(
            is_enabled && !is_there,
            &format!("This environment expects {}, and no enabled endpoint has that address.", shown(expected)),
        );
    }
    let profile = environment.database.as_ref().map(|database| database.profile);
    if let (Some(version), Some(profile)) = (endpoint.api_version.as_deref(), profile) {
        add(!is_understood(version, profile), &rendered(version, profile));
    }
    problems
}

/// Says whether the application finds the times of a period where this version puts them.
fn is_understood(version: &str, profile: SchemaProfile) -> bool {
    let is_moved = version >= PERIODS_MOVED;
    match profile {
        SchemaProfile::Devflowhub => !is_moved,
        SchemaProfile::NestModels | SchemaProfile::NestDocumented => is_moved,
    }
}

fn rendered(version: &str, profile: SchemaProfile) -> String {
    let place = if profile == SchemaProfile::Devflowhub { "old" } else { "new" };
    format!(
        "Payloads are rendered in {version}; the place of a subscription's period changed in {PERIODS_MOVED}, and the \
         application reads the {place} one."
    )
}

fn is_local(host: &str) -> bool {
    let names = ["localhost", "0.0.0.0", "::1", "::"];
    let is_private = match host.parse::<std::net::Ipv4Addr>() {
        Ok(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Err(_) => false,
    };
    let is_named = [".local", ".localhost", ".internal", ".lan"].iter().any(|ending| host.ends_with(ending));
    names.contains(&host) || is_private || is_named
}

#[cfg(test)]
mod tests {
    use countersign_domain::Instant;
    use countersign_domain::workspace::Class;

    use super::*;

    fn endpoint(id: &str, url: &str, types: &[&str]) -> WebhookEndpoint {
        WebhookEndpoint {
            id: id.into(),
            url: url.to_owned(),
            status: EndpointStatus::Enabled,
            enabled_events: types.iter().map(|kind| (*kind).to_owned()).collect(),
            api_version: None,
            application: None,
            description: None,
            is_live: false,
            created_at: None,
        }
    }

    fn environment(webhook_url: Option<&str>) -> Environment {
        Environment {
            id: "test".into(),
            class: Class::Test,
            is_demo: false,
            webhook_url: webhook_url.map(str::to_owned),
            stripe: None,
            stripe_key_since: None,
            database_since: None,
            database: None,
            added_at: Instant::default(),
        }
    }

    #[test]
    fn an_address_is_shown_without_what_may_be_secret_in_it() {
        let shown_as = [
            ("https://user:pw@api.example.com/hook?token=abc#x", "https://api.example.com/hook"),
            ("https://api.example.com?x=1", "https://api.example.com"),
            ("nonsense", "nonsense"),
        ];
        for (url, expected) in shown_as {
            assert_eq!(shown(url), expected);
        }
        assert_eq!(host("https://u@API.example.com:8443/x"), "api.example.com");
        assert_eq!(host("http://[::1]:80/x"), "::1");
    }

    #[test]
    fn each_problem_is_found_and_a_good_endpoint_has_none() {
        let of = |url: &str| problems(&endpoint("we_1", url, &["*"]), &[], &environment(None)).join(" ");
        assert_eq!(of("https://api.example.com/hook"), "");
        for url in ["http://api.example.com/x", "https://localhost/x", "https://10.1.2.3/x", "https://ci.local/x"] {
            assert!(!of(url).is_empty(), "{url}");
        }
        assert!(of("https://4f2a.ngrok-free.app/hook").contains("tunnel"));
        assert_eq!(of("https://8.8.8.8/x"), "");
        let twins = [endpoint("we_1", "https://a.example/x", &["*"]), endpoint("we_2", "https://a.example/x", &["*"])];
        assert!(problems(&twins[0], &twins, &environment(None)).join("").contains("twice"));
        let other = problems(&twins[0], &twins[..1], &environment(Some("https://b.example/x"))).join("");
        assert!(other.contains("expects https://b.example/x"), "{other}");
        assert!(is_understood("2024-06-20", SchemaProfile::Devflowhub));
        assert!(!is_understood("2025-03-31.basil", SchemaProfile::Devflowhub));
        assert!(is_understood("2026-01-28.clover", SchemaProfile::NestModels));
    }

    #[test]
    fn missing_and_extra_types_are_told_apart() {
        let expected = ["a.b".to_owned(), "c.d".to_owned()];
        let one = endpoint("we_1", "https://a.example/x", &["a.b", "e.f"]);
        let shown = row(&one, &[], &environment(None), &expected);
        assert_eq!((shown.missing, shown.extra, shown.selected), (vec!["c.d".to_owned()], vec!["e.f".to_owned()], 2));
        let all = row(&endpoint("we_2", "https://a.example/x", &["*"]), &[], &environment(None), &expected);
        assert!(all.selects_all && all.missing.is_empty() && all.extra.is_empty());
        assert_eq!(selected(std::slice::from_ref(&one)), Some(vec!["a.b".to_owned(), "e.f".to_owned()]));
        let off = WebhookEndpoint { status: EndpointStatus::Disabled, ..endpoint("we_3", "https://a.example", &["*"]) };
        assert_eq!(selected(&[off]), Some(Vec::new()));
    }
}
