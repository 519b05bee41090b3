//! Signs that a billing database is damaged, and which of them are new.
//!
//! What a server says of itself, and rows without the row they refer to. Deliberately absent: what follows from a new sign
//! (`checklist/triggers`).

use serde::{Deserialize, Serialize};

/// What a server says of its own health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSigns {
    /// Pages whose checksum was wrong since the server's counters began; `None` where it keeps no checksums.
    pub checksum_failures: Option<u64>,
    /// Indexes that are not valid and constraints that were not validated, as `index x` and `constraint y`, in order.
    pub invalid: Vec<String>,
}

/// Everything that was looked at in one read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DamageSigns {
    /// What the server says; `None` where the source is none that could say it.
    pub server: Option<ServerSigns>,
    /// Subscriptions and invoices of users without a customer.
    pub orphans: u64,
}

/// What is worse than before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewDamage {
    /// Checksum failures more.
    pub checksum_failures: u64,
    /// Indexes and constraints that were not among the invalid ones.
    pub invalid: Vec<String>,
    /// Orphans more.
    pub orphans: u64,
}

impl DamageSigns {
    /// Says what is worse than before. Counters that begin anew count from nothing.
    #[must_use]
    pub fn since(&self, before: &Self) -> NewDamage {
        let failures = |signs: &Self| signs.server.as_ref().and_then(|server| server.checksum_failures).unwrap_or(0);
        let invalid = |signs: &Self| signs.server.as_ref().map(|server| server.invalid.clone()).unwrap_or_default();
        let known = invalid(before);
        NewDamage {
            checksum_failures: failures(self).saturating_sub(failures(before)),
            invalid: invalid(self).into_iter().filter(|name| !known.contains(name)).collect(),
            orphans: self.orphans.saturating_sub(before.orphans),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_worse_than_before_is_new() {
        let signs = |checksum_failures, invalid: &[&str], orphans| DamageSigns {
            server: Some(ServerSigns {
                checksum_failures,
                invalid: invalid.iter().map(|&name| name.to_owned()).collect(),
            }),
            orphans,
        };
        let before = signs(Some(2), &["index a"], 3);
        assert_eq!(before.since(&before), NewDamage::default());
        let worse = signs(Some(5), &["constraint c", "index a"], 4).since(&before);
        assert_eq!(worse, NewDamage { checksum_failures: 3, invalid: vec!["constraint c".to_owned()], orphans: 1 });
        assert_eq!(signs(Some(0), &[], 0).since(&before), NewDamage::default(), "repaired, and counted anew");
        assert_eq!(signs(Some(1), &[], 0).since(&signs(None, &[], 0)).checksum_failures, 1);
    }
}
