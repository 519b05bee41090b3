//! Which keys are in use and how old they are, and who reaches what from here: what a security audit leaves behind.
//!
//! Only what this program holds is known. Who else has a key of the account, and what the database's other roles may do,
//! the person adds in the note.

use countersign_domain::Instant;
use countersign_domain::ledger::Roster;
use countersign_domain::ledger::roster::{CONSOLE, KeyInUse};
use countersign_domain::workspace::{DatabaseConnection, DatabasePlace, Environment, StripeConnection};

use super::SeenTable;
use crate::checklists::people;

/// Age from which a key is due to be rolled. **Units**: days.
const ROLL_DAYS: i64 = 365;

/// Lists the keys, the oldest first.
pub(super) fn keys(environment: &Environment, roster: &Roster, now: Instant) -> SeenTable {
    let mut keys: Vec<(Instant, [String; 2])> = Vec::new();
    if let (Some(stripe), Some(since)) = (&environment.stripe, environment.stripe_key_since) {
        keys.push((since, ["Stripe key".to_owned(), stripe.key.clone()]));
    }
    let with_password =
        environment.database.as_ref().filter(|known| matches!(known.place, DatabasePlace::Postgres { .. }));
    if let Some(database) = with_password {
        keys.push((database.checked_at, ["Password of the billing database".to_owned(), role(database)]));
    }
    let signing = |key: KeyInUse<'_>| {
        let what = match key.holder.as_str() {
            CONSOLE => "Key of this computer".to_owned(),
            _ => format!("Signing key of {}", people::name_of(roster, key.holder)),
        };
        (key.since, [what, key.id.to_string()])
    };
    keys.extend(roster.keys_in_use().into_iter().map(signing));
    keys.sort_by_key(|(since, _)| *since);
    let days = |since: Instant| (now - since).num_days().max(0);
    let old = keys.iter().filter(|(since, _)| days(*since) >= ROLL_DAYS).count();
    let rows = keys.iter().map(|(since, [what, key])| {
        let due = if days(*since) >= ROLL_DAYS { "roll it" } else { "in use" };
        let (since, days) = (since.format("%Y-%m-%d").to_string(), days(*since).to_string());
        vec![what.clone(), key.clone(), since, days, due.to_owned()]
    });
    let note = match old {
        0 => format!("None has been here for {ROLL_DAYS} days. A key may be older than its time here."),
        1 => format!("1 has been here for {ROLL_DAYS} days or longer: roll it."),
        more => format!("{more} have been here for {ROLL_DAYS} days or longer: roll them."),
    };
    SeenTable::new("Keys in use", &["Key", "Shown as", "Here since", "Days#", "State"], rows.collect()).noted(note)
}

/// Lists what is reached from here, as whom, and what that may do.
pub(super) fn access(environment: &Environment, roster: &Roster) -> SeenTable {
    let mut rows = Vec::new();
    let mut row = |what: &str, who: String, may: String| rows.push(vec![what.to_owned(), who, may]);
    match &environment.stripe {
        Some(stripe) => row("Stripe", stripe.key.clone(), reads(stripe)),
        None => row("Stripe", "nobody".to_owned(), "not connected".to_owned()),
    }
    match &environment.database {
        Some(database) => row("Billing database", role(database), powers(database)),
        None => row("Billing database", "nobody".to_owned(), "not connected".to_owned()),
    }
    for known in roster.operators() {
        let roles =
            if known.roles.is_empty() { "no role named".to_owned() } else { known.roles.join(", ").replace('_', " ") };
        let may = match (known.key, known.origin) {
            (None, _) => "signs nothing: the key was revoked".to_owned(),
            (Some(_), None) => "signs on this computer".to_owned(),
            (Some(_), Some(origin)) => format!("signs by file until {}", origin.valid_until.format("%Y-%m-%d")),
        };
        row("Signing", known.name.clone(), format!("{roles}; {may}"));
    }
    SeenTable::new("Who reaches what from here", &["What", "As", "May"], rows).noted(
        "What this program holds. Other keys of the account and other roles of the database are not known to it.",
    )
}

fn reads(stripe: &StripeConnection) -> String {
    let granted = stripe.permissions.iter().filter(|one| one.granted == "granted").count();
    let kind = if stripe.is_restricted { "restricted" } else { "unrestricted: it may change everything" };
    format!("{kind}; {granted} of {} reads granted", stripe.permissions.len())
}

fn role(database: &DatabaseConnection) -> String {
    match &database.place {
        DatabasePlace::Postgres { user, .. } => user.clone(),
        DatabasePlace::Sqlite { .. } => "a file, without a role".to_owned(),
    }
}

fn powers(database: &DatabaseConnection) -> String {
    let found: Vec<String> = database.role_audit.iter().map(|found| format!("{} {}", found.kind, found.what)).collect();
    if found.is_empty() { "reads, nothing more was found".to_owned() } else { found.join("; ") }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use countersign_domain::workspace::Class;

    use super::*;

    #[test]
    fn a_key_is_due_after_a_year_and_unknown_is_said() {
        let now: Instant = "2026-11-22T12:00:00Z".parse().unwrap();
        let stripe = StripeConnection {
            account: None,
            account_name: String::new(),
            mode: countersign_domain::stripe::Mode::Test,
            key: "sk_test_…7xQ2".to_owned(),
            is_restricted: false,
            url: None,
            permissions: Vec::new(),
            notes: Vec::new(),
            checked_at: now,
        };
        let mut environment = Environment {
            id: "prod".into(),
            class: Class::Staging,
            is_demo: false,
            webhook_url: None,
            stripe: Some(stripe),
            stripe_key_since: Some(now - TimeDelta::days(ROLL_DAYS - 1)),
            database: None,
            added_at: now,
        };
        let states = |environment: &Environment| {
            let table = keys(environment, &Roster::default(), now);
            table.rows.into_iter().filter_map(|row| row.into_iter().next_back()).collect::<Vec<_>>()
        };
        assert_eq!(states(&environment), ["in use"]);
        environment.stripe_key_since = Some(now - TimeDelta::days(ROLL_DAYS));
        assert_eq!(states(&environment), ["roll it"]);
        let reached = access(&environment, &Roster::default());
        assert!(reached.rows.iter().flatten().any(|cell| cell.contains("unrestricted")), "{reached:?}");
        assert!(reached.rows.iter().flatten().any(|cell| cell == "not connected"), "{reached:?}");
    }
}
