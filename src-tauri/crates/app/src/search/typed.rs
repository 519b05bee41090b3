//! What somebody typed or pasted: a secret, which is refused; a link of Stripe's dashboard, which names a record; or words.

use countersign_sources::redact::redacted;

/// How a secret begins; enough of one to refuse it while it is still being typed.
const SECRET_BEGINNINGS: &[&str] =
    &["sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_org_", "rk_org_", "whsec_", "-----BEGIN"];
/// Kinds that the filter against secrets marks and that are none: an account is on every page of Stripe.
const HARMLESS: &[&str] = &["[redacted:account]", "[redacted:mail]"];

/// Says why a text is not searched for; `None` for one that is.
pub(super) fn refused(text: &str) -> Option<&'static str> {
    let plain = HARMLESS.iter().fold(redacted(text), |text, kind| text.replace(kind, ""));
    if plain.contains("[redacted:card]") {
        return Some("That looks like a card number; it was not searched or stored. Its last four digits are enough.");
    }
    if plain.contains("[redacted:iban]") {
        return Some("That looks like a bank account number; it was not searched or stored.");
    }
    let is_begun = SECRET_BEGINNINGS.iter().any(|beginning| text.contains(beginning));
    let is_marked = plain.contains("[redacted:") && !text.contains("[redacted:");
    (is_begun || is_marked).then_some("That looks like a secret key; it was not searched or stored.")
}

/// Gives what is wanted: the record a link of Stripe's dashboard names, else the text itself.
pub(super) fn wanted(text: &str) -> &str {
    let text = text.trim();
    let Some(rest) = text.strip_prefix("https://") else { return text };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host != "stripe.com" && !host.ends_with(".stripe.com") {
        return text;
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').find(|part| is_id(part) && !part.starts_with("acct_")).unwrap_or(text)
}

fn is_id(text: &str) -> bool {
    text.split_once('_').is_some_and(|(prefix, rest)| {
        (2..=8).contains(&prefix.len())
            && prefix.bytes().all(|b| b.is_ascii_lowercase())
            && rest.len() >= 4
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_refused() {
        let secrets = [
            "sk_live_51Abc",
            "  rk_test_",
            "key: sk_test_4eC39Hq",
            "whsec_abc",
            "postgres://app:hunter2@db.example/billing",
            "STRIPE_API_KEY=abcd1234",
            "-----BEGIN PRIVATE KEY-----",
            "4242 4242 4242 4242",
            "DE89370400440532013000",
        ];
        for text in secrets {
            assert!(refused(text).is_some(), "{text}");
        }
        let harmless = [
            "ada@example.com",
            "4242",
            "cus_NffrFeUfNV2Hib",
            "29.00 usd",
            "O'Neil",
            "skyline",
            "acct_1Ab23Cd45",
            "<b>",
        ];
        for text in harmless {
            assert_eq!(refused(text), None, "{text}");
        }
    }

    #[test]
    fn a_link_of_the_dashboard_names_its_record() {
        let links = [
            ("https://dashboard.stripe.com/customers/cus_Nff1x2", "cus_Nff1x2"),
            ("https://dashboard.stripe.com/acct_1Ab23/test/invoices/in_1Qh2?tab=x#y", "in_1Qh2"),
            (" https://dashboard.stripe.com/test/subscriptions/sub_1Qh2/ ", "sub_1Qh2"),
            ("https://evil.example/customers/cus_Nff1x2", "https://evil.example/customers/cus_Nff1x2"),
            ("https://notstripe.com/cus_Nff1x2", "https://notstripe.com/cus_Nff1x2"),
            ("ada lovelace", "ada lovelace"),
        ];
        for (text, expected) in links {
            assert_eq!(wanted(text), expected);
        }
    }
}
