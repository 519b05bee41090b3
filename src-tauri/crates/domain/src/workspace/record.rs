//! The present state of the workspace: what its entries add up to, in their order.

use std::collections::BTreeMap;

use super::entry::{Disconnected, Entry, EnvironmentAdded};
use super::{Environment, Source, Workspace};
use crate::Instant;
use crate::ids::EnvironmentId;

/// Environments and settings as of some entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The workspace's settings.
    pub workspace: Workspace,
    /// Environments by name.
    pub environments: BTreeMap<EnvironmentId, Environment>,
}

impl Default for Record {
    fn default() -> Self {
        Self { workspace: Workspace::devflowhub(), environments: BTreeMap::new() }
    }
}

impl Record {
    /// Adds what one entry says. An entry about an environment nobody made changes nothing.
    pub fn apply(&mut self, environment: Option<&EnvironmentId>, at: Instant, entry: Entry) {
        if let Entry::WorkspaceSet(workspace) = entry {
            self.workspace = workspace;
            return;
        }
        let Some(id) = environment else { return };
        if let Entry::EnvironmentAdded(EnvironmentAdded { class, is_demo }) = entry {
            self.environments.entry(id.clone()).or_insert_with(|| Environment {
                id: id.clone(),
                class,
                is_demo,
                webhook_url: None,
                stripe: None,
                stripe_key_since: None,
                database: None,
                database_since: None,
                added_at: at,
            });
            return;
        }
        let Some(environment) = self.environments.get_mut(id) else { return };
        match entry {
            Entry::EndpointExpected(expected) => environment.webhook_url = expected.webhook_url,
            Entry::StripeConnected(connection) => {
                let is_same = environment.stripe.as_ref().is_some_and(|before| before.key == connection.key);
                environment.stripe_key_since = environment.stripe_key_since.filter(|_| is_same).or(Some(at));
                environment.stripe = Some(connection);
            }
            Entry::DatabaseConnected(connection) => {
                let before = environment.database.as_ref();
                let is_same = before.is_some_and(|before| before.place == connection.place);
                environment.database_since = environment.database_since.filter(|_| is_same).or(Some(at));
                environment.database = Some(connection);
            }
            Entry::Disconnected(Disconnected { source: Source::Stripe }) => {
                (environment.stripe, environment.stripe_key_since) = (None, None);
            }
            Entry::Disconnected(Disconnected { source: Source::Database }) => {
                (environment.database, environment.database_since) = (None, None);
            }
            Entry::EnvironmentAdded(_) | Entry::WorkspaceSet(_) | Entry::Revealed(_) | Entry::Exported(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Class;
    use super::super::entry::EndpointExpected;
    use super::*;

    #[test]
    fn entries_add_up_in_their_order() {
        let at = Instant::UNIX_EPOCH;
        let name = EnvironmentId::from("prod");
        let mut record = Record::default();
        let expected = |url: &str| Entry::EndpointExpected(EndpointExpected { webhook_url: Some(url.to_owned()) });
        record.apply(Some(&name), at, expected("https://early.test"));
        assert!(record.environments.is_empty());
        let added = Entry::EnvironmentAdded(EnvironmentAdded { class: Class::Production, is_demo: false });
        record.apply(Some(&name), at, added);
        record.apply(Some(&name), at, expected("https://a.test"));
        record.apply(Some(&name), at, expected("https://b.test"));
        let environment = record.environments.get(&name).unwrap();
        assert_eq!(environment.webhook_url.as_deref(), Some("https://b.test"));
        assert_eq!(environment.mode(), crate::stripe::Mode::Live);
    }

    #[test]
    fn a_key_is_as_old_as_its_first_connection() {
        let name = EnvironmentId::from("prod");
        let at = |seconds: i64| Instant::UNIX_EPOCH + chrono::TimeDelta::seconds(seconds);
        let mut record = Record::default();
        let added = Entry::EnvironmentAdded(EnvironmentAdded { class: Class::Staging, is_demo: false });
        record.apply(Some(&name), at(0), added);
        let connected = |key: &str| {
            Entry::StripeConnected(super::super::StripeConnection {
                account: None,
                account_name: String::new(),
                mode: crate::stripe::Mode::Test,
                key: key.to_owned(),
                is_restricted: true,
                url: None,
                permissions: Vec::new(),
                notes: Vec::new(),
                checked_at: at(0),
            })
        };
        let mut since = |seconds: i64, entry: Entry| {
            record.apply(Some(&name), at(seconds), entry);
            record.environments.get(&name).unwrap().stripe_key_since
        };
        assert_eq!(since(1, connected("rk_test_…1111")), Some(at(1)));
        assert_eq!(since(2, connected("rk_test_…1111")), Some(at(1)), "looked at again");
        assert_eq!(since(3, connected("rk_test_…2222")), Some(at(3)), "rolled");
        assert_eq!(since(4, Entry::Disconnected(Disconnected { source: Source::Stripe })), None);
        assert_eq!(since(5, connected("rk_test_…2222")), Some(at(5)));
    }
}
