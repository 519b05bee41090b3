//! `stripe.account.activated`: the account may take and pay out money, and Stripe asks for nothing more.
//!
//! Proves what the account says of itself at this moment. Cannot prove that it stays so. A test account says nothing about
//! a live one: a production environment demands a live key.

use countersign_domain::probe::{Outcome, Unknown, Verdict};
use countersign_domain::stripe::account::Requirements;
use countersign_domain::stripe::{Account, Mode};
use countersign_sources::stripe::Client;

use super::{fact, listed, unread};
use crate::Context;

const EXPECTED: &str = "Charges and payouts are enabled, the details are submitted, and nothing is due or overdue.";

pub(super) async fn check(context: &Context<'_>, client: &Client) -> (Verdict, &'static [&'static str]) {
    let verdict = match context.gathered.account(client).await {
        Ok(account) => judge(account, client.mode(), context.environment.mode()),
        Err(missing) => unread(EXPECTED, missing),
    };
    (verdict, &["/v1/account"])
}

fn judge(account: &Account, key: Mode, wanted: Mode) -> Verdict {
    let mut verdict = Verdict {
        outcome: Outcome::Pass,
        expected: EXPECTED.to_owned(),
        found: String::new(),
        fix: String::new(),
        remainder: String::new(),
        facts: vec![
            fact("account", &account.id),
            fact("charges_enabled", account.charges_enabled),
            fact("payouts_enabled", account.payouts_enabled),
            fact("details_submitted", account.details_submitted),
            fact("key mode", key),
        ],
    };
    if wanted == Mode::Live && key == Mode::Test {
        verdict.outcome = Outcome::Unknown(Unknown::NotConfigured);
        verdict.found = "The key is a test key; a test account says nothing about the live one.".to_owned();
        verdict.fix = "Connect a live key to this environment.".to_owned();
        return verdict;
    }
    let mut wrong = Vec::new();
    for (is_on, what) in [
        (account.charges_enabled, "charges are not enabled"),
        (account.payouts_enabled, "payouts are not enabled"),
        (account.details_submitted, "the account's details are not submitted"),
    ] {
        if !is_on {
            wrong.push(what.to_owned());
        }
    }
    let Some(requirements) = &account.requirements else {
        return without_requirements(verdict, wrong);
    };
    verdict.facts.extend(due(requirements));
    wrong.extend(faults(requirements));
    if !wrong.is_empty() {
        verdict.outcome = Outcome::Fail;
        verdict.found = sentence(&wrong);
        verdict.fix = "Finish the account's activation in Stripe's dashboard, under Settings, Business.".to_owned();
    } else if let Some(later) = coming(requirements) {
        verdict.outcome = Outcome::Warn;
        verdict.found = later;
        verdict.fix = "Hand in what will be asked for before it is due, or accept this with a note.".to_owned();
    } else {
        verdict.found = "Charges, payouts and details are in order; nothing is due.".to_owned();
    }
    verdict
}

/// An answer that does not speak of requirements proves no absence of them.
fn without_requirements(mut verdict: Verdict, wrong: Vec<String>) -> Verdict {
    if wrong.is_empty() {
        verdict.outcome = Outcome::Unknown(Unknown::InsufficientData);
        verdict.found = "The answer does not say whether Stripe still asks for something.".to_owned();
        verdict.fix = "Give the key the permission to read the account's requirements, and check again.".to_owned();
    } else {
        verdict.outcome = Outcome::Fail;
        verdict.found = sentence(&wrong);
        verdict.fix = "Finish the account's activation in Stripe's dashboard, under Settings, Business.".to_owned();
    }
    verdict
}

fn faults(requirements: &Requirements) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(reason) = &requirements.disabled_reason {
        wrong.push(format!("Stripe has switched something off: {reason}"));
    }
    if !requirements.past_due.is_empty() {
        wrong.push(format!("overdue: {}", listed(&requirements.past_due)));
    }
    if !requirements.currently_due.is_empty() {
        wrong.push(format!("due now: {}", listed(&requirements.currently_due)));
    }
    wrong
}

fn coming(requirements: &Requirements) -> Option<String> {
    match (requirements.current_deadline_at, requirements.eventually_due.as_slice()) {
        (Some(at), _) => Some(format!("Something is due by {}.", at.format("%Y-%m-%d"))),
        (None, []) => None,
        (None, later) => Some(format!("Stripe will ask for more: {}.", listed(later))),
    }
}

fn due(requirements: &Requirements) -> Vec<countersign_domain::probe::Fact> {
    vec![
        fact("currently due", requirements.currently_due.len()),
        fact("past due", requirements.past_due.len()),
        fact("eventually due", requirements.eventually_due.len()),
        fact("disabled reason", requirements.disabled_reason.as_deref().unwrap_or("none")),
    ]
}

fn sentence(wrong: &[String]) -> String {
    let text = wrong.join("; ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account {
            id: "acct_1".into(),
            name: None,
            country: None,
            default_currency: None,
            charges_enabled: true,
            payouts_enabled: true,
            details_submitted: true,
            requirements: Some(Requirements::default()),
        }
    }

    #[test]
    fn the_account_is_judged_by_all_it_says() {
        let due = |list: &str| vec![list.to_owned()];
        let with = |requirements: Requirements| Account { requirements: Some(requirements), ..account() };
        let cases = [
            (account(), Outcome::Pass),
            (Account { payouts_enabled: false, ..account() }, Outcome::Fail),
            (Account { requirements: None, ..account() }, Outcome::Unknown(Unknown::InsufficientData)),
            (Account { requirements: None, charges_enabled: false, ..account() }, Outcome::Fail),
            (with(Requirements { currently_due: due("tos"), ..Requirements::default() }), Outcome::Fail),
            (with(Requirements { past_due: due("tos"), ..Requirements::default() }), Outcome::Fail),
            (
                with(Requirements { disabled_reason: Some("listed".to_owned()), ..Requirements::default() }),
                Outcome::Fail,
            ),
            (with(Requirements { eventually_due: due("tos"), ..Requirements::default() }), Outcome::Warn),
        ];
        for (account, outcome) in cases {
            assert_eq!(judge(&account, Mode::Test, Mode::Test).outcome, outcome, "{account:?}");
        }
    }

    #[test]
    fn a_test_account_proves_nothing_in_production() {
        let verdict = judge(&account(), Mode::Test, Mode::Live);
        assert_eq!(verdict.outcome, Outcome::Unknown(Unknown::NotConfigured));
        assert_eq!(judge(&account(), Mode::Live, Mode::Live).outcome, Outcome::Pass);
    }
}
