//! Who may sign: operators, consoles and their keys, as the entries themselves add up to it.
//!
//! The verifier trusts no table of keys; it folds this from the entries it has already checked. Frozen: which entry
//! enrols, changes or ends a key, and what it must be signed with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bytes::{Hash, KeyId, LedgerId, PublicKey, Signature};
use super::entry::Entry;
use super::kind;
use super::sealed::Carried;
use super::verify::Reason;
use crate::Instant;
use crate::ids::OperatorId;

/// The name under which computers sign; no operator can have it.
pub const CONSOLE: &str = "console";

/// Body of [`kind::CONSOLE_ADDED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleAdded {
    /// What people call the computer.
    pub label: String,
    /// Its key, which signs this entry.
    pub public_key: PublicKey,
}

/// Body of [`kind::OPERATOR_ADDED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorAdded {
    /// The operator; never taken up twice.
    pub operator: OperatorId,
    /// Name as it is printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles.
    pub roles: Vec<String>,
    /// Their key, which signs this entry.
    pub public_key: PublicKey,
}

/// Body of [`kind::OPERATOR_CHANGED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorChanged {
    /// The operator.
    pub operator: OperatorId,
    /// Name from now on.
    pub name: String,
    /// Mail address from now on.
    pub email: String,
    /// Sign-off roles from now on.
    pub roles: Vec<String>,
}

/// Body of [`kind::KEY_CHANGE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyChange {
    /// Whose key.
    pub operator: OperatorId,
    /// The new key, which is the second to sign this entry.
    pub public_key: PublicKey,
}

/// Body of [`kind::KEY_REVOKED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRevoked {
    /// The key.
    pub key: KeyId,
    /// Since when it is not to be believed; what it signed before stays good.
    #[serde(with = "super::entry::stamp")]
    pub since: Instant,
    /// Why.
    pub reason: String,
}

/// Body of [`kind::OPERATOR_KNOWN`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorKnown {
    /// The ledger whose roster lists them; nobody else's may change what is known of them.
    pub origin: LedgerId,
    /// When that roster was written.
    #[serde(with = "super::entry::stamp")]
    pub listed_at: Instant,
    /// The operator there.
    pub operator: OperatorId,
    /// Name as it is printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles.
    pub roles: Vec<String>,
    /// Their key, which lies on the other computer: it signs documents and never an entry here.
    pub public_key: PublicKey,
    /// Since when their signatures are taken.
    #[serde(with = "super::entry::stamp")]
    pub valid_from: Instant,
    /// Until when.
    #[serde(with = "super::entry::stamp")]
    pub valid_until: Instant,
}

/// Where an operator of another computer is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// That computer's ledger.
    pub ledger: LedgerId,
    /// When the newest roster about them was written there.
    pub listed_at: Instant,
    /// Since when their signatures are taken.
    pub valid_from: Instant,
    /// Until when.
    pub valid_until: Instant,
}

/// An operator as the entries add up to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Id.
    pub id: OperatorId,
    /// Name as it is printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles.
    pub roles: Vec<String>,
    /// The key they sign with; `None` once it was revoked.
    pub key: Option<PublicKey>,
    /// Their newest key, good or not.
    pub newest_key: PublicKey,
    /// Since when that key is not to be believed, once it was revoked.
    pub revoked_since: Option<Instant>,
    /// Where they are known from; `None` for an operator of this computer.
    pub origin: Option<Origin>,
    /// When they were taken up.
    pub added_at: Instant,
    /// The entry that took them up.
    pub added_seq: u64,
}

#[derive(Debug, Clone)]
struct Key {
    public: PublicKey,
    holder: OperatorId,
    /// From when to when it is valid, for a key that lies on another computer.
    valid: Option<(Instant, Instant)>,
    is_good: bool,
    /// When this ledger took it in.
    since: Instant,
    last_signed: Option<(u64, Instant)>,
}

/// A key that is good, as a list of keys shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyInUse<'a> {
    /// The key.
    pub id: KeyId,
    /// Whose it is; [`CONSOLE`] for a computer's.
    pub holder: &'a OperatorId,
    /// When this ledger took it in; a key of another computer may be older.
    pub since: Instant,
    /// From when to when signatures with it are taken, for a key that lies on another computer.
    pub valid: Option<(Instant, Instant)>,
}

/// Everyone who may sign, at one place of the ledger.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    operators: BTreeMap<OperatorId, Operator>,
    keys: BTreeMap<KeyId, Key>,
}

/// A key was revoked as of a time before something it signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokedTooLate {
    /// The newest entry it signed after that time.
    pub signed_seq: u64,
}

impl Roster {
    /// Lists the operators in the order in which they were taken up.
    #[must_use]
    pub fn operators(&self) -> Vec<&Operator> {
        let mut operators: Vec<_> = self.operators.values().collect();
        operators.sort_by_key(|operator| operator.added_seq);
        operators
    }

    /// Lists the people who work on this computer, in the order in which they were taken up.
    #[must_use]
    pub fn own_operators(&self) -> Vec<&Operator> {
        let is_own = |known: &&Operator| known.origin.is_none() && known.id.as_str() != CONSOLE;
        self.operators().into_iter().filter(is_own).collect()
    }

    /// Finds an operator.
    #[must_use]
    pub fn operator(&self, id: &OperatorId) -> Option<&Operator> {
        self.operators.get(id)
    }

    /// Finds who holds a key, good or not.
    #[must_use]
    pub fn holder(&self, id: &KeyId) -> Option<&OperatorId> {
        self.keys.get(id).map(|key| &key.holder)
    }

    /// Finds a key, good or not.
    #[must_use]
    pub fn key(&self, id: &KeyId) -> Option<&PublicKey> {
        self.keys.get(id).map(|key| &key.public)
    }

    /// Lists the keys that are good, the oldest first.
    #[must_use]
    pub fn keys_in_use(&self) -> Vec<KeyInUse<'_>> {
        let good = self.keys.iter().filter(|(_, key)| key.is_good);
        let mut keys: Vec<_> = good
            .map(|(id, key)| KeyInUse { id: *id, holder: &key.holder, since: key.since, valid: key.valid })
            .collect();
        keys.sort_by_key(|key| key.since);
        keys
    }

    /// Gives the keys that must have signed an entry, in their order; none for one that is not signed.
    ///
    /// **Errors**: `SIG` where a signature is missing, `UNKNOWN_KEY` where the key is not enrolled, no longer good or
    /// not the signer's, `SCHEMA` where the body is not of its kind.
    pub fn keys_of(&self, entry: &Entry) -> Result<Vec<PublicKey>, Reason> {
        match entry.kind.as_str() {
            kind::CONSOLE_ADDED => {
                let body: ConsoleAdded = body(entry)?;
                self.enrolling(entry, &CONSOLE.into(), body.public_key)
            }
            kind::OPERATOR_ADDED => {
                let body: OperatorAdded = body(entry)?;
                if body.operator.as_str() == CONSOLE || self.operators.contains_key(&body.operator) {
                    return Err(Reason::UnknownKey);
                }
                self.enrolling(entry, &body.operator, body.public_key)
            }
            kind::KEY_CHANGE => {
                let body: KeyChange = body(entry)?;
                let present = self.signing(entry)?;
                let is_own = entry.signer.as_ref().is_some_and(|signer| signer.id == body.operator);
                let is_new = body.public_key.is_sound() && !self.keys.contains_key(&body.public_key.id());
                let both = present.filter(|_| is_own && is_new).map(|old| vec![old, body.public_key]);
                both.ok_or(Reason::UnknownKey)
            }
            kind::OPERATOR_KNOWN => {
                self.may_be_known(entry, &body(entry)?)?;
                Ok(self.signing(entry)?.into_iter().collect())
            }
            kind::OPERATOR_CHANGED => {
                let body: OperatorChanged = body(entry)?;
                let own = self.operators.get(&body.operator).filter(|known| known.origin.is_none());
                own.ok_or(Reason::UnknownKey)?;
                Ok(self.signing(entry)?.into_iter().collect())
            }
            kind::KEY_REVOKED => {
                let body: KeyRevoked = body(entry)?;
                self.keys.get(&body.key).ok_or(Reason::UnknownKey)?;
                Ok(self.signing(entry)?.into_iter().collect())
            }
            _ => Ok(self.signing(entry)?.into_iter().collect()),
        }
    }

    /// Checks an entry's signatures; says whether it has any.
    ///
    /// **Errors**: as [`Self::keys_of`], and `SIG` where a signature does not hold or one too many stands there.
    pub fn check(&self, entry: &Entry, hash: &Hash, signatures: &[Signature]) -> Result<bool, Reason> {
        let keys = self.keys_of(entry)?;
        let holds = keys.len() == signatures.len()
            && keys.iter().zip(signatures).all(|(key, signature)| key.verifies(hash, signature));
        if !holds {
            return Err(Reason::Sig);
        }
        self.check_carried(entry)?;
        Ok(!keys.is_empty())
    }

    /// Checks the signature an entry carries, where its kind carries one.
    ///
    /// **Shape**: a key counts when the entry is written. A date before it was revoked or ran out proves nothing: the
    /// signer writes it.
    fn check_carried(&self, entry: &Entry) -> Result<(), Reason> {
        let is_received = entry.kind == kind::SIGNATURE_RECEIVED;
        if !is_received && entry.kind != kind::SIGNATURE_GIVEN {
            return Ok(());
        }
        let carried = Carried::read(&entry.body).ok_or(Reason::Schema)?;
        let id = carried.signer.key.ok_or(Reason::Sig)?;
        let key = self.keys.get(&id).ok_or(Reason::UnknownKey)?;
        let in_time = key.valid.is_none_or(|(from, until)| from <= carried.at && entry.at < until);
        if !key.is_good || key.holder != carried.signer.id || key.holder.as_str() == CONSOLE || !in_time {
            return Err(Reason::UnknownKey);
        }
        if !carried.is_by(&key.public) {
            return Err(Reason::Sig);
        }
        if is_received {
            let is_of_run =
                entry.object.as_deref().and_then(|object| object.strip_prefix("run/")) == Some(&carried.run);
            return if carried.ledger != entry.ledger { Err(Reason::ForeignLedger) } else { schema(is_of_run) };
        }
        // Whoever gave it signs the entry, too, with the same key.
        schema(entry.signer.as_ref() == Some(&carried.signer))
    }

    /// Checks an entry that takes up somebody of another computer.
    fn may_be_known(&self, entry: &Entry, body: &OperatorKnown) -> Result<(), Reason> {
        let same = |known: &Operator| known.origin.is_some_and(|origin| origin.ledger == body.origin);
        let is_theirs = self.operators.get(&body.operator).is_none_or(same) && body.origin != entry.ledger;
        let is_free = |key: &Key| key.is_good && key.holder == body.operator;
        let may = self.keys.get(&body.public_key.id()).is_none_or(is_free) && body.public_key.is_sound();
        if is_theirs && may && body.operator.as_str() != CONSOLE { Ok(()) } else { Err(Reason::UnknownKey) }
    }

    /// Checks an entry that brings its own key.
    fn enrolling(&self, entry: &Entry, holder: &OperatorId, key: PublicKey) -> Result<Vec<PublicKey>, Reason> {
        let signer = entry.signer.as_ref().ok_or(Reason::Sig)?;
        let id = signer.key.ok_or(Reason::Sig)?;
        let fits = signer.id == *holder && id == key.id() && key.is_sound() && !self.keys.contains_key(&id);
        if fits { Ok(vec![key]) } else { Err(Reason::UnknownKey) }
    }

    /// Gives the key of an entry signed by someone already here.
    fn signing(&self, entry: &Entry) -> Result<Option<PublicKey>, Reason> {
        let signed = entry.signer.as_ref().and_then(|signer| Some((signer, signer.key?)));
        let Some((signer, id)) = signed else {
            return if entry.kind.is_decision() { Err(Reason::Sig) } else { Ok(None) };
        };
        let key = self.keys.get(&id).ok_or(Reason::UnknownKey)?;
        // A computer seals; it never decides.
        let may = (key.holder.as_str() != CONSOLE || entry.kind == kind::CHECKPOINT) && key.valid.is_none();
        if key.is_good && key.holder == signer.id && may { Ok(Some(key.public)) } else { Err(Reason::UnknownKey) }
    }

    /// Takes in an entry whose signatures were checked.
    ///
    /// **Errors**: `SCHEMA` where the body is not of its kind.
    pub fn take_in(&mut self, entry: &Entry) -> Result<Option<RevokedTooLate>, Reason> {
        if let Some(key) = entry.signer.as_ref().and_then(|signer| self.keys.get_mut(&signer.key?)) {
            key.last_signed = Some((entry.seq, entry.at));
        }
        if entry.kind == kind::SIGNATURE_RECEIVED {
            let carried = Carried::read(&entry.body).ok_or(Reason::Schema)?;
            if let Some(key) = carried.signer.key.and_then(|id| self.keys.get_mut(&id)) {
                // When it was made, only the signer says; when it was read, this ledger does.
                key.last_signed = Some((entry.seq, carried.at.max(entry.at)));
            }
        }
        match entry.kind.as_str() {
            kind::CONSOLE_ADDED => self.add_key(entry, CONSOLE.into(), body::<ConsoleAdded>(entry)?.public_key, None),
            kind::OPERATOR_ADDED => {
                let OperatorAdded { operator, name, email, roles, public_key } = body(entry)?;
                self.add_key(entry, operator.clone(), public_key, None);
                self.add_operator(entry, (operator, name, email, roles), public_key, None);
            }
            kind::OPERATOR_KNOWN => {
                let OperatorKnown {
                    origin: ledger,
                    listed_at,
                    operator,
                    name,
                    email,
                    roles,
                    public_key,
                    valid_from,
                    valid_until,
                } = body(entry)?;
                let before = self.operators.get(&operator).and_then(|known| known.key);
                if let Some(old) = before.filter(|old| *old != public_key).and_then(|old| self.keys.get_mut(&old.id()))
                {
                    old.is_good = false;
                }
                match self.keys.get_mut(&public_key.id()) {
                    Some(key) => key.valid = Some((valid_from, valid_until)),
                    None => self.add_key(entry, operator.clone(), public_key, Some((valid_from, valid_until))),
                }
                let origin = Origin { ledger, listed_at, valid_from, valid_until };
                self.add_operator(entry, (operator, name, email, roles), public_key, Some(origin));
            }
            kind::OPERATOR_CHANGED => {
                let body: OperatorChanged = body(entry)?;
                if let Some(operator) = self.operators.get_mut(&body.operator) {
                    (operator.name, operator.email, operator.roles) = (body.name, body.email, body.roles);
                }
            }
            kind::KEY_CHANGE => {
                let body: KeyChange = body(entry)?;
                if let Some(old) = entry.signer.as_ref().and_then(|signer| self.keys.get_mut(&signer.key?)) {
                    old.is_good = false;
                }
                self.add_key(entry, body.operator.clone(), body.public_key, None);
                if let Some(operator) = self.operators.get_mut(&body.operator) {
                    (operator.key, operator.newest_key) = (Some(body.public_key), body.public_key);
                }
            }
            kind::KEY_REVOKED => return Ok(self.revoke(&body(entry)?)),
            _ => {}
        }
        Ok(None)
    }

    fn add_key(&mut self, entry: &Entry, holder: OperatorId, public: PublicKey, valid: Option<(Instant, Instant)>) {
        let key = Key { public, holder, valid, is_good: true, since: entry.at, last_signed: None };
        self.keys.insert(public.id(), key);
    }

    /// Takes up an operator, or puts what is known of one in the place of what was; the first entry stays the first.
    fn add_operator(
        &mut self,
        entry: &Entry,
        (id, name, email, roles): (OperatorId, String, String, Vec<String>),
        key: PublicKey,
        origin: Option<Origin>,
    ) {
        let first = self.operators.get(&id).map_or((entry.at, entry.seq), |known| (known.added_at, known.added_seq));
        let (added_at, added_seq) = first;
        let (newest_key, key, revoked_since) = (key, Some(key), None);
        let operator = Operator {
            id: id.clone(),
            name,
            email,
            roles,
            key,
            newest_key,
            revoked_since,
            origin,
            added_at,
            added_seq,
        };
        self.operators.insert(id, operator);
    }

    fn revoke(&mut self, body: &KeyRevoked) -> Option<RevokedTooLate> {
        let key = self.keys.get_mut(&body.key)?;
        key.is_good = false;
        if let Some(operator) = self.operators.get_mut(&key.holder).filter(|of| of.key == Some(key.public)) {
            (operator.key, operator.revoked_since) = (None, Some(body.since));
        }
        key.last_signed.filter(|(_, at)| *at >= body.since).map(|(signed_seq, _)| RevokedTooLate { signed_seq })
    }
}

fn schema(holds: bool) -> Result<(), Reason> {
    if holds { Ok(()) } else { Err(Reason::Schema) }
}

/// Reads a body that is written exactly as this program writes it.
fn body<T: Serialize + serde::de::DeserializeOwned>(entry: &Entry) -> Result<T, Reason> {
    let body: T = entry.body_as().map_err(|_| Reason::Schema)?;
    let again = serde_json::to_value(&body).map_err(|_| Reason::Schema)?;
    if again.as_object() == Some(&entry.body) { Ok(body) } else { Err(Reason::Schema) }
}
