//! A roster as a file: the operators of one computer with their keys, for another computer to know them by.
//!
//! Frozen form `countersign-roster-v1`. What the other computer makes of it, person by person, is decided here; that
//! somebody there compared the fingerprints and signs for it is the use case's matter.

use serde::{Deserialize, Serialize};

use super::bytes::{LedgerId, PublicKey};
use super::roster::{Operator, OperatorKnown, Roster};
use super::sealed::Document;
use crate::Instant;
use crate::ids::OperatorId;

/// Days for which a listed key is valid, unless the list says less.
pub const VALID_DAYS: i64 = 365;
/// Longest validity of a listed key. **Units**: days.
pub const VALID_DAYS_MAX: i64 = 5 * 366;
/// People on one list.
pub const PEOPLE_MAX: usize = 500;

/// A person who seals a document: with the key itself, so that the file can be checked by whoever has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealer {
    /// The operator.
    pub id: OperatorId,
    /// Name as it is printed.
    pub name: String,
    /// Their key.
    pub key: PublicKey,
}

/// The operators of one computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Form.
    pub v: String,
    /// Ledger of the computer.
    pub ledger: LedgerId,
    /// When it was written.
    #[serde(with = "super::entry::stamp")]
    pub at: Instant,
    /// Everybody who works there.
    pub people: Vec<Listed>,
    /// Who answers for it.
    pub sealer: Sealer,
}

/// One person on the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The operator.
    pub operator: OperatorId,
    /// Name as it is printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles.
    pub roles: Vec<String>,
    /// Their newest key.
    pub key: PublicKey,
    /// Since when what it signs is to be taken.
    #[serde(with = "super::entry::stamp")]
    pub valid_from: Instant,
    /// Until when.
    #[serde(with = "super::entry::stamp")]
    pub valid_until: Instant,
    /// Set once the key was revoked.
    #[serde(deserialize_with = "super::entry::present")]
    pub revoked: Option<Revoked>,
}

/// A key that is not to be believed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// Since when.
    #[serde(with = "super::entry::stamp")]
    pub since: Instant,
}

/// What a listed person means for the computer that reads the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// They are not known yet.
    New,
    /// They are known, and something about them is different.
    Other,
    /// Their key is not to be believed since then; it still is here.
    Ended(Instant),
    /// Nothing is new.
    Same,
    /// They are not taken up, and why.
    Refused(String),
}

/// Why a list is not read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotThisList {
    /// It is this computer's own.
    #[error("it is the roster of this computer")]
    Own,
    /// A newer one was read.
    #[error("a newer one of the same computer was read, of {}", newest.format("%Y-%m-%d %H:%M UTC"))]
    Older {
        /// When the newer one was written.
        newest: Instant,
    },
    /// It lists nobody, or more people than fit.
    #[error("it lists {0} people, 1 to {PEOPLE_MAX} are expected")]
    People(usize),
    /// Whoever sealed it is not on it with this key.
    #[error("whoever signed it is not on it with that key")]
    Sealer,
}

impl Document for Listing {
    const VERSION: &'static str = "countersign-roster-v1";
    const NAME: &'static str = "a roster";
}

impl Listing {
    /// Lists the operators of this computer; `None` where the sealer is none of them or has no good key.
    ///
    /// **Shape**: people of other computers are left out; each computer answers for its own.
    #[must_use]
    pub fn of(roster: &Roster, ledger: LedgerId, sealer: &OperatorId, at: Instant, until: Instant) -> Option<Self> {
        let own = roster.own_operators();
        let sealer = own.iter().find(|known| known.id == *sealer)?;
        let sealer = Sealer { id: sealer.id.clone(), name: sealer.name.clone(), key: sealer.key? };
        let listed = |known: &Operator| Listed {
            operator: known.id.clone(),
            name: known.name.clone(),
            email: known.email.clone(),
            roles: known.roles.clone(),
            key: known.newest_key,
            valid_from: known.added_at,
            valid_until: until,
            revoked: known.revoked_since.map(|since| Revoked { since }),
        };
        let people = own.into_iter().map(listed).collect();
        Some(Self { v: Self::VERSION.to_owned(), ledger, at, people, sealer })
    }

    /// Says what each person on the list means here.
    ///
    /// **Errors**: [`NotThisList`] for a list nobody of which is to be taken up.
    pub fn changes(&self, roster: &Roster, own: LedgerId, now: Instant) -> Result<Vec<Change>, NotThisList> {
        if self.ledger == own {
            return Err(NotThisList::Own);
        }
        if self.people.is_empty() || self.people.len() > PEOPLE_MAX {
            return Err(NotThisList::People(self.people.len()));
        }
        let is_sealer = |one: &&Listed| one.operator == self.sealer.id && one.key == self.sealer.key;
        if self.people.iter().find(is_sealer).is_none_or(|one| one.revoked.is_some()) {
            return Err(NotThisList::Sealer);
        }
        let read = roster.operators().into_iter().filter_map(|known| known.origin);
        let newest = read.filter(|origin| origin.ledger == self.ledger).map(|origin| origin.listed_at).max();
        if let Some(newest) = newest.filter(|newest| *newest > self.at) {
            return Err(NotThisList::Older { newest });
        }
        Ok(self.people.iter().map(|one| self.change(one, roster, now)).collect())
    }

    fn change(&self, one: &Listed, roster: &Roster, now: Instant) -> Change {
        let refused = |why: &str| Change::Refused(why.to_owned());
        let known = roster.operator(&one.operator);
        if known.is_some_and(|known| known.origin.is_none_or(|origin| origin.ledger != self.ledger)) {
            return refused("Somebody of another computer is known here under this id.");
        }
        if let Some(revoked) = one.revoked {
            let is_believed = known.and_then(|known| known.key) == Some(one.key);
            return if is_believed { Change::Ended(revoked.since) } else { Change::Same };
        }
        if self.people.iter().filter(|other| other.operator == one.operator || other.key == one.key).count() > 1 {
            return refused("The person or the key is listed twice.");
        }
        let mail = one.email.to_lowercase();
        if roster.operators().iter().any(|other| other.id != one.operator && other.email.to_lowercase() == mail) {
            return refused("This mail address is somebody else's here: one person signs with one key.");
        }
        let held = roster.holder(&one.key.id());
        if !one.key.is_sound() || held.is_some_and(|holder| *holder != one.operator) {
            return refused("The key is somebody else's, or none.");
        }
        if held.is_some() && known.and_then(|known| known.key) != Some(one.key) {
            return refused("The key was revoked here, and stays so.");
        }
        if one.valid_until <= now || one.valid_until <= one.valid_from {
            return refused("The key is not valid any more; a newer roster is needed.");
        }
        if (one.valid_until - self.at).num_days() > VALID_DAYS_MAX {
            return refused("The key would be valid for too long.");
        }
        let same = known.is_some_and(|known| {
            let origin = known.origin.map(|origin| (origin.valid_from, origin.valid_until));
            (&known.name, &known.email, &known.roles) == (&one.name, &one.email, &one.roles)
                && origin == Some((one.valid_from, one.valid_until))
                && known.key == Some(one.key)
        });
        match known {
            None => Change::New,
            Some(_) if same => Change::Same,
            Some(_) => Change::Other,
        }
    }

    /// Gives the body of the entry that takes a listed person up.
    #[must_use]
    pub fn known(&self, one: &Listed) -> OperatorKnown {
        OperatorKnown {
            origin: self.ledger,
            listed_at: self.at,
            operator: one.operator.clone(),
            name: one.name.clone(),
            email: one.email.clone(),
            roles: one.roles.clone(),
            public_key: one.key,
            valid_from: one.valid_from,
            valid_until: one.valid_until,
        }
    }
}

#[cfg(test)]
mod tests;
