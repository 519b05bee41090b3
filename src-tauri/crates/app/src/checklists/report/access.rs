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

/// A key with how long it is here.
struct Key {
    what: String,
    shown: String,
    since: Instant,
    /// Until when it is taken, for a key that lies on another computer.
    until: Option<Instant>,
}

impl Key {
    fn days(&self, now: Instant) -> i64 {
        (now - self.since).num_days().max(0)
    }

    fn state(&self, now: Instant) -> &'static str {
        match () {
            () if self.until.is_some_and(|until| until <= now) => "over",
            () if self.days(now) >= ROLL_DAYS => "roll it",
            () => "in use",
        }
    }
}

/// Lists the keys, the oldest first.
pub(super) fn keys(environment: &Environment, roster: &Roster, now: Instant) -> SeenTable {
    let mut keys: Vec<Key> = connected(environment);
    keys.extend(roster.keys_in_use().into_iter().map(|key| signing(roster, key)));
    keys.sort_by_key(|key| key.since);
    let row = |key: &Key| {
        let (since, days) = (key.since.format("%Y-%m-%d").to_string(), key.days(now).to_string());
        vec![key.what.clone(), key.shown.clone(), since, days, key.state(now).to_owned()]
    };
    let due = match keys.iter().filter(|key| key.state(now) == "roll it").count() {
        0 => format!("None has been here for {ROLL_DAYS} days."),
        1 => format!("1 has been here for {ROLL_DAYS} days or longer: roll it."),
        more => format!("{more} have been here for {ROLL_DAYS} days or longer: roll them."),
    };
    // What the program cannot see is said, so that nobody takes the list for more than it is.
    let note = format!(
        "{due} A key may be older than its time here, and a password younger than the connection. The keys of the two stores \
         are not listed: they are as old as the profile and never leave the keychain."
    );
    let heads = ["Key", "Shown as", "Here since", "Days#", "State"];
    SeenTable::new("Keys in use", &heads, keys.iter().map(row).collect()).noted(note)
}

fn connected(environment: &Environment) -> Vec<Key> {
    let stripe = environment.stripe.as_ref().zip(environment.stripe_key_since).map(|(stripe, since)| Key {
        what: "Stripe key".to_owned(),
        shown: stripe.key.clone(),
        since,
        until: None,
    });
    let is_server = |known: &&DatabaseConnection| matches!(known.place, DatabasePlace::Postgres { .. });
    let database = environment.database.as_ref().filter(is_server).zip(environment.database_since);
    let database = database.map(|(database, since)| Key {
        what: "Login of the billing database".to_owned(),
        shown: role(database),
        since,
        until: None,
    });
    stripe.into_iter().chain(database).collect()
}

fn signing(roster: &Roster, key: KeyInUse<'_>) -> Key {
    let what = match key.holder.as_str() {
        CONSOLE => "Key of this computer".to_owned(),
        _ => format!("Signing key of {}", people::name_of(roster, key.holder)),
    };
    Key { what, shown: key.id.to_string(), since: key.since, until: key.valid.map(|(_, until)| until) }
}

/// Lists what is reached from here, as whom, and what that may do.
pub(super) fn access(environment: &Environment, roster: &Roster, now: Instant) -> SeenTable {
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
            (Some(_), Some(origin)) if origin.valid_until <= now => "signs nothing: the key is over".to_owned(),
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
            database_since: None,
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
        let until = Some(now);
        let other = Key { what: String::new(), shown: String::new(), since: now, until };
        assert_eq!(other.state(now), "over", "a key of another computer whose time is over signs nothing");
        let reached = access(&environment, &Roster::default(), now);
        assert!(reached.rows.iter().flatten().any(|cell| cell.contains("unrestricted")), "{reached:?}");
        assert!(reached.rows.iter().flatten().any(|cell| cell == "not connected"), "{reached:?}");
    }
}
