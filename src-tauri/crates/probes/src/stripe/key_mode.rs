//! `stripe.key.mode`: everything the key reaches is in the environment's mode and in the recorded account.
//!
//! Proves it for the key's prefix, the balance, the account's id, the endpoints and the newest events. Cannot prove that
//! the application uses the same key, nor that the key is kept safe there.

use std::collections::BTreeSet;

use countersign_domain::ids::AccountId;
use countersign_domain::probe::{Outcome, Verdict};
use countersign_domain::stripe::Mode;
use countersign_sources::stripe::{Client, KeyClass};

use super::{fact, unread};
use crate::Context;

/// What was seen of the key.
struct Facts {
    prefix: Mode,
    is_restricted: bool,
    balance: Mode,
    /// Recorded when the key was connected, and seen now; each `None` when the key may not read it.
    accounts: (Option<AccountId>, Option<AccountId>),
    endpoints: BTreeSet<Mode>,
    events: BTreeSet<Mode>,
}

pub(super) async fn check(context: &Context<'_>, client: &Client) -> (Verdict, &'static [&'static str]) {
    let paths = &["/v1/balance", "/v1/account", "/v1/webhook_endpoints", "/v1/events"];
    let wanted = context.environment.mode();
    let balance = match context.gathered.mode(client).await {
        Ok(mode) => *mode,
        Err(missing) => return (unread(&expected(wanted), missing), paths),
    };
    // The other places confirm; a place the key may not read takes nothing from what the balance proves.
    let seen = context.gathered.account(client).await.ok().map(|account| account.id.clone());
    let endpoints = context.gathered.endpoints(client).await.into_iter().flatten();
    let endpoints = endpoints.map(|endpoint| Mode::of_livemode(endpoint.is_live)).collect();
    let events =
        context.gathered.newest_events(client).await.into_iter().flatten().filter_map(|(_, mode)| *mode).collect();
    let recorded = context.environment.stripe.as_ref().and_then(|connection| connection.account.clone());
    let is_restricted = client.key_class() == KeyClass::Restricted;
    let facts = Facts { prefix: client.mode(), is_restricted, balance, accounts: (recorded, seen), endpoints, events };
    let mut verdict = judge(&facts, wanted);
    if context.environment.is_demo {
        verdict.found.push_str(" The invented company answers to test keys only.");
    }
    (verdict, paths)
}

fn expected(wanted: Mode) -> String {
    format!("The key, the account, the endpoints and the newest events are all in {wanted} mode and in one account.")
}

fn judge(facts: &Facts, wanted: Mode) -> Verdict {
    let modes = |set: &BTreeSet<Mode>| set.iter().map(Mode::as_ref).collect::<Vec<_>>().join(", ");
    let mut wrong = Vec::new();
    if facts.prefix != wanted {
        wrong.push(format!("the key's prefix says {}", facts.prefix));
    }
    if facts.balance != wanted {
        wrong.push(format!("the balance says {}", facts.balance));
    }
    for (place, set) in [("an endpoint", &facts.endpoints), ("an event", &facts.events)] {
        wrong.extend(set.iter().filter(|mode| **mode != wanted).map(|mode| format!("{place} says {mode}")));
    }
    if let (Some(recorded), Some(seen)) = &facts.accounts
        && recorded != seen
    {
        wrong.push(format!("the key belongs to {seen}, recorded is {recorded}"));
    }
    let is_open = facts.prefix == Mode::Live && !facts.is_restricted;
    let (outcome, found, fix) = if !wrong.is_empty() {
        (
            Outcome::Fail,
            format!("Expected {wanted}: {}.", wrong.join("; ")),
            format!("Connect a {wanted} key of the recorded account, or make another environment for this one."),
        )
    } else if is_open {
        (
            Outcome::Warn,
            "Everything is in live mode, with an unrestricted key: it could move money.".to_owned(),
            "Replace it by a restricted key with read permissions; Settings shows the list.".to_owned(),
        )
    } else {
        (Outcome::Pass, format!("Everything the key reaches is in {wanted} mode."), String::new())
    };
    let account = facts.accounts.1.as_ref().map_or("not readable with this key", AccountId::as_str);
    Verdict {
        outcome,
        expected: expected(wanted),
        found,
        fix,
        remainder: String::new(),
        facts: vec![
            fact("key prefix", facts.prefix),
            fact("restricted", facts.is_restricted),
            fact("balance", facts.balance),
            fact("account", account),
            fact("endpoints", modes(&facts.endpoints)),
            fact("newest events", modes(&facts.events)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(mode: Mode) -> Facts {
        Facts {
            prefix: mode,
            is_restricted: true,
            balance: mode,
            accounts: (Some("acct_1".into()), Some("acct_1".into())),
            endpoints: BTreeSet::from([mode]),
            events: BTreeSet::new(),
        }
    }

    #[test]
    fn every_place_must_agree() {
        for mode in [Mode::Live, Mode::Test] {
            assert_eq!(judge(&facts(mode), mode).outcome, Outcome::Pass);
        }
        let live = || facts(Mode::Live);
        let wrong = [
            Facts { prefix: Mode::Test, ..live() },
            Facts { balance: Mode::Test, ..live() },
            Facts { endpoints: BTreeSet::from([Mode::Live, Mode::Test]), ..live() },
            Facts { events: BTreeSet::from([Mode::Test]), ..live() },
            Facts { accounts: (Some("acct_1".into()), Some("acct_2".into())), ..live() },
        ];
        for facts in wrong {
            assert_eq!(judge(&facts, Mode::Live).outcome, Outcome::Fail);
        }
    }

    #[test]
    fn an_unrestricted_live_key_is_a_warning_and_a_hidden_account_is_none() {
        let open = Facts { is_restricted: false, ..facts(Mode::Live) };
        assert_eq!(judge(&open, Mode::Live).outcome, Outcome::Warn);
        let open_test = Facts { is_restricted: false, ..facts(Mode::Test) };
        assert_eq!(judge(&open_test, Mode::Test).outcome, Outcome::Pass);
        let hidden = Facts { accounts: (None, None), ..facts(Mode::Live) };
        assert_eq!(judge(&hidden, Mode::Live).outcome, Outcome::Pass);
    }
}
