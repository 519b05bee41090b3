//! Checks of the Stripe account: one file each, listed here.

mod account_activated;
mod catalog_prices;
mod gathered;
mod key_mode;
mod webhook_endpoint_registered;
mod webhook_events;

use countersign_domain::probe::{Fact, Outcome, Unknown, Verdict};

pub use gathered::Gathered;
use gathered::Missing;

use crate::{Answer, Context};

/// Checks with an id of their own, and the version of each rule.
const CHECKS: &[(&str, u32)] = &[
    ("stripe.account.activated", 1),
    ("stripe.key.mode", 1),
    ("stripe.catalog.prices", 1),
    ("stripe.webhooks.endpoint_registered", 2),
    ("stripe.webhooks.events_selected", 1),
];
/// Checks of one event type each; the type is the rest of the id.
const EVENT: (&str, u32) = ("stripe.webhooks.event.", 1);

/// Gives the version of a check's rule; `None` when there is no such check.
#[must_use]
pub fn version(probe: &str) -> Option<u32> {
    let exact = CHECKS.iter().find(|(id, _)| *id == probe).map(|(_, version)| *version);
    exact.or_else(|| probe.strip_prefix(EVENT.0).is_some_and(|kind| !kind.is_empty()).then_some(EVENT.1))
}

pub(crate) async fn run(probe: &str, version: u32, context: &Context<'_>) -> Answer {
    let Some(client) = context.stripe else {
        return Answer { version, verdict: not_connected(), requests: Vec::new() };
    };
    let (verdict, paths) = match probe {
        "stripe.account.activated" => account_activated::check(context, client).await,
        "stripe.key.mode" => key_mode::check(context, client).await,
        "stripe.catalog.prices" => catalog_prices::check(context, client).await,
        "stripe.webhooks.endpoint_registered" => webhook_endpoint_registered::check(context, client).await,
        "stripe.webhooks.events_selected" => webhook_events::check_all(context, client).await,
        event => webhook_events::check_one(context, client, event.strip_prefix(EVENT.0).unwrap_or_default()).await,
    };
    let host = client.host();
    Answer { version, verdict, requests: paths.iter().map(|path| format!("GET {host}{path}")).collect() }
}

fn not_connected() -> Verdict {
    Verdict {
        outcome: Outcome::Unknown(Unknown::NotConfigured),
        expected: String::new(),
        found: "Stripe is not connected in this environment.".to_owned(),
        fix: "Connect a restricted, read-only key in Settings.".to_owned(),
        remainder: String::new(),
        facts: Vec::new(),
    }
}

/// Turns "could not be read" into an answer: unknown with its reason, never a failure of the thing itself.
fn unread(expected: &str, missing: &Missing) -> Verdict {
    Verdict {
        outcome: Outcome::Unknown(missing.reason),
        expected: expected.to_owned(),
        found: missing.says.clone(),
        fix: missing.fix.clone(),
        remainder: String::new(),
        facts: Vec::new(),
    }
}

/// Names a compared value.
fn fact(name: &str, value: impl ToString) -> Fact {
    Fact { name: name.to_owned(), value: value.to_string() }
}

/// Writes a list for people: `a`, `a and b`, `a, b and 3 more`.
fn listed(names: &[String]) -> String {
    /// Names written out before the rest is counted.
    const NAMED_MAX: usize = 6;
    match names {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        names if names.len() <= NAMED_MAX => {
            let Some((last, rest)) = names.split_last() else { return String::new() };
            format!("{} and {last}", rest.join(", "))
        }
        names => {
            let shown: Vec<&str> = names.iter().take(NAMED_MAX).map(String::as_str).collect();
            format!("{} and {} more", shown.join(", "), names.len() - NAMED_MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_like_sentences() {
        let names = |count: usize| (1..=count).map(|n| format!("n{n}")).collect::<Vec<_>>();
        assert_eq!(listed(&names(0)), "nothing");
        assert_eq!(listed(&names(2)), "n1 and n2");
        assert_eq!(listed(&names(8)), "n1, n2, n3, n4, n5, n6 and 2 more");
    }

    #[test]
    fn only_checks_that_exist_have_a_version() {
        assert_eq!(version("stripe.key.mode"), Some(1));
        assert_eq!(version("stripe.webhooks.event.invoice.paid"), Some(1));
        assert_eq!(version("stripe.webhooks.event."), None);
        assert_eq!(version("stripe.tax.settings"), None);
    }
}
