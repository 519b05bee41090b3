//! An entry of the ledger: the envelope every entry has, its bytes, its hash.
//!
//! Frozen: the bytes of version `countersign-ledger-v1` never change their form. What was hashed is kept as those bytes;
//! reading gives back an entry only if writing it again gives the same bytes, which refuses unknown, missing and
//! repeated fields, other orders, spaces and escapes with one rule.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::bytes::{Hash, KeyId, LedgerId, Signature};
use super::canonical::{self, NotCanonical};
use super::kind::Kind;
use crate::Instant;
use crate::ids::OperatorId;

/// Version of the format; the first words under every hash.
pub const VERSION: &str = "countersign-ledger-v1";
/// Longest entry. **Units**: bytes.
pub const ENTRY_BYTES_MAX: usize = 256 * 1_024;
/// Signatures an entry may carry: one, or two where a key follows another.
pub const SIGNATURES_MAX: usize = 2;
/// Years in which an entry can be made.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;
/// Farthest local clock from UTC. **Units**: minutes.
const OFFSET_MINUTES_MAX: i16 = 18 * 60;

/// Version of an entry; there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Version {
    /// The first.
    #[serde(rename = "countersign-ledger-v1")]
    V1,
}

/// An entry: everything that is said, shown and exported about it comes from here.
///
/// **Shape**: every field is always written; `null` is not the same as an empty text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Format.
    pub v: Version,
    /// The ledger it belongs to.
    pub ledger: LedgerId,
    /// Its place, from 1, without gaps; the order of entries is this and never the clock.
    #[serde(with = "crate::text_number")]
    pub seq: u64,
    /// Hash of the entry before; zeros for the first.
    pub prev: Hash,
    /// When, by this computer's clock. **Units**: milliseconds.
    #[serde(with = "stamp")]
    pub at: Instant,
    /// The local clock then.
    pub offset: Offset,
    /// Whether the clock stood before the time of the entry before.
    pub clock_regressed: bool,
    /// The last time a server told, where one did.
    #[serde(deserialize_with = "present")]
    pub server_time: Option<ServerTime>,
    /// What happened.
    pub kind: Kind,
    /// What it happened to: `run/…`, `run/…/item/…`, `operator/…`.
    #[serde(deserialize_with = "present")]
    pub object: Option<String>,
    /// The environment it happened in.
    #[serde(deserialize_with = "present")]
    pub environment: Option<String>,
    /// Who did it, where a person did.
    #[serde(deserialize_with = "present")]
    pub signer: Option<Signer>,
    /// The files it rests on.
    pub evidence: Vec<Evidence>,
    /// Made by the caller; the same request is written once.
    pub request: Uuid,
    /// Version of the program.
    pub app: String,
    /// What the kind says.
    pub body: Map<String, Value>,
}

/// A person as an entry names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The operator.
    pub id: OperatorId,
    /// The key they signed with; `None` for what an operator did without signing.
    #[serde(deserialize_with = "present")]
    pub key: Option<KeyId>,
    /// The name as it is printed beside the signature.
    pub name: String,
}

/// A file an entry rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Name it had.
    pub name: String,
    /// SHA-256 of its content.
    pub sha256: Hash,
    /// Its length. **Units**: bytes.
    #[serde(with = "crate::text_number")]
    pub size: u64,
}

/// A time told by a server, and how long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTime {
    /// How long before the entry it was told. **Units**: milliseconds.
    #[serde(with = "crate::text_number")]
    pub age_ms: u64,
    /// The time told.
    #[serde(with = "stamp")]
    pub at: Instant,
}

/// Distance of a local clock from UTC, written `+01:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// **Units**: minutes east of UTC.
    pub minutes: i16,
}

impl Offset {
    /// Rounds an offset to whole minutes; out of range counts as UTC.
    #[must_use]
    pub fn from_seconds(seconds: i32) -> Self {
        let minutes = i16::try_from(seconds / 60).unwrap_or(0);
        Self { minutes: if minutes.abs() > OFFSET_MINUTES_MAX { 0 } else { minutes } }
    }
}

impl std::fmt::Display for Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, minutes) = (if self.minutes < 0 { '-' } else { '+' }, self.minutes.abs());
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl Serialize for Offset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = || {
            let (sign, rest) = text.split_at_checked(1)?;
            let (hours, minutes) = rest.split_once(':')?;
            let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
            let minutes = (hours.checked_mul(60)?.checked_add(minutes)?) * if sign == "-" { -1 } else { 1 };
            (minutes.abs() <= OFFSET_MINUTES_MAX).then_some(Self { minutes })
        };
        read().ok_or_else(|| serde::de::Error::custom("not an offset such as +01:00"))
    }
}

/// Instants as text with milliseconds and `Z`.
pub(crate) mod stamp {
    use super::{DateTime, Deserialize, Deserializer, Instant, SecondsFormat, Serializer, Utc};

    pub fn serialize<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at = DateTime::parse_from_rfc3339(&text).map_err(serde::de::Error::custom)?.with_timezone(&Utc);
        // A leap second has no instant of its own in this calendar.
        let is_sound = at.timestamp_subsec_nanos() < 1_000_000_000 && super::is_in_range(at);
        is_sound.then_some(at).ok_or_else(|| serde::de::Error::custom("not an instant of an entry"))
    }
}

fn is_in_range(at: Instant) -> bool {
    YEARS.contains(&chrono::Datelike::year(&at))
}

/// Reads a field that must be there, though it may be `null`.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// Why something is not an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// It is longer than an entry may be.
    #[error("{bytes} bytes, the limit is {ENTRY_BYTES_MAX}")]
    TooLong {
        /// Its length. **Units**: bytes.
        bytes: usize,
    },
    /// It does not have the envelope's fields.
    #[error("not an entry: {0}")]
    Envelope(String),
    /// It is an entry, and not written in the one canonical way.
    #[error("not in the canonical form")]
    OtherForm,
    /// It cannot be written in the canonical way.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// The clock stands in a year no entry can be made in.
    #[error("the clock stands in the year {0}")]
    Year(i32),
}

impl Entry {
    /// Writes the entry's bytes.
    ///
    /// **Errors**: a number in the body, too deep a nesting, or too many bytes.
    pub fn bytes(&self) -> Result<Vec<u8>, EntryError> {
        let bytes = canonical::write(self)?;
        if bytes.len() > ENTRY_BYTES_MAX { Err(EntryError::TooLong { bytes: bytes.len() }) } else { Ok(bytes) }
    }

    /// Reads an entry from its bytes.
    ///
    /// **Errors**: anything but the exact bytes this entry would be written as.
    pub fn read(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong { bytes: bytes.len() });
        }
        let entry: Self = serde_json::from_slice(bytes).map_err(|cause| EntryError::Envelope(cause.to_string()))?;
        if entry.bytes()? == bytes { Ok(entry) } else { Err(EntryError::OtherForm) }
    }

    /// Reads an entry from bytes whose hash was found to be the one kept with them.
    ///
    /// **Shape**: takes any form of JSON; only [`Self::read`] holds bytes to the one canonical form, and every entry passes
    /// it when it is verified. For loads, where that would double the work.
    /// **Errors**: bytes that are no entry.
    pub fn from_hashed(bytes: &[u8]) -> Result<Self, EntryError> {
        serde_json::from_slice(bytes).map_err(|cause| EntryError::Envelope(cause.to_string()))
    }

    /// Reads what the kind says.
    ///
    /// **Errors**: a body of another shape.
    pub fn body_as<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(self.body.clone()))
    }
}

/// Gives the hash of an entry's bytes.
#[must_use]
pub fn hash(bytes: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update(VERSION).chain_update(bytes).finalize().into())
}

/// The newest entry of a ledger, as it is remembered outside the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The ledger.
    pub ledger: LedgerId,
    /// Its newest entry.
    #[serde(with = "crate::text_number")]
    pub seq: u64,
    /// Hash of that entry.
    pub hash: Hash,
}

/// What is to be written down; the rest of the envelope follows from the ledger's end and the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What happened.
    pub kind: Kind,
    /// What it happened to.
    pub object: Option<String>,
    /// The environment it happened in.
    pub environment: Option<String>,
    /// Who did it.
    pub signer: Option<Signer>,
    /// The files it rests on.
    pub evidence: Vec<Evidence>,
    /// Made by the caller; the same request is written once.
    pub request: Uuid,
    /// What the kind says.
    pub body: Map<String, Value>,
}

impl Draft {
    /// Begins a draft with what happened.
    ///
    /// **Errors**: a body that is no JSON object.
    pub fn new(kind: Kind, request: Uuid, body: &impl Serialize) -> Result<Self, EntryError> {
        let told = |cause: serde_json::Error| EntryError::Envelope(cause.to_string());
        let Value::Object(body) = serde_json::to_value(body).map_err(told)? else {
            return Err(EntryError::Envelope("the body is no object".to_owned()));
        };
        Ok(Self { kind, object: None, environment: None, signer: None, evidence: Vec::new(), request, body })
    }

    /// Says what it happened to.
    #[must_use]
    pub fn on(self, object: impl Into<String>) -> Self {
        Self { object: Some(object.into()), ..self }
    }

    /// Says in which environment.
    #[must_use]
    pub fn in_environment(self, environment: impl Into<String>) -> Self {
        Self { environment: Some(environment.into()), ..self }
    }

    /// Says who did it, without a signature.
    #[must_use]
    pub fn by(self, id: OperatorId, name: impl Into<String>) -> Self {
        Self { signer: Some(Signer { id, key: None, name: name.into() }), ..self }
    }

    /// Names the files it rests on.
    #[must_use]
    pub fn resting_on(self, evidence: Vec<Evidence>) -> Self {
        Self { evidence, ..self }
    }
}

/// The clock when an entry is made, and the program that makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Now.
    pub at: Instant,
    /// The local clock.
    pub offset: Offset,
    /// The last time a server told.
    pub server_time: Option<ServerTime>,
    /// Version of the program.
    pub app: String,
}

/// The end of a ledger, where the next entry goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// The newest entry.
    pub head: Head,
    /// When it was made.
    pub at: Instant,
}

impl Entry {
    /// Builds the entry that follows the tail; the first of a ledger when there is no tail.
    ///
    /// **Errors**: what [`Self::bytes`] refuses, and a clock outside the years of the format.
    pub fn following(
        ledger: LedgerId,
        tail: Option<&Tail>,
        draft: Draft,
        moment: &Moment,
    ) -> Result<Unsigned, EntryError> {
        let at = moment.at - TimeDelta::nanoseconds(i64::from(moment.at.timestamp_subsec_nanos() % 1_000_000));
        if !is_in_range(at) {
            return Err(EntryError::Year(chrono::Datelike::year(&at)));
        }
        let signer = draft.signer.map(|signer| Signer { name: canonical::composed(&signer.name), ..signer });
        let evidence = draft.evidence.into_iter();
        let entry = Self {
            v: Version::V1,
            ledger,
            seq: tail.map_or(0, |tail| tail.head.seq).saturating_add(1),
            prev: tail.map_or(Hash([0; Hash::LENGTH]), |tail| tail.head.hash),
            at,
            offset: moment.offset,
            clock_regressed: tail.is_some_and(|tail| at < tail.at),
            server_time: moment.server_time,
            kind: draft.kind,
            object: draft.object.as_deref().map(canonical::composed),
            environment: draft.environment.as_deref().map(canonical::composed),
            signer,
            evidence: evidence.map(|file| Evidence { name: canonical::composed(&file.name), ..file }).collect(),
            request: draft.request,
            app: canonical::composed(&moment.app),
            body: canonical::composed_fields(draft.body),
        };
        let bytes = entry.bytes()?;
        Ok(Unsigned { hash: hash(&bytes), bytes, entry })
    }
}

/// An entry whose bytes are final and whose signatures are still to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// The entry.
    pub entry: Entry,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What is to be signed.
    pub hash: Hash,
}

impl Unsigned {
    /// Adds the signatures over the hash.
    #[must_use]
    pub fn signed(self, signatures: Vec<Signature>) -> Recorded {
        Recorded { entry: self.entry, bytes: self.bytes, hash: self.hash, signatures }
    }
}

/// An entry as it is kept: its bytes, their hash, and the signatures over the hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What the bytes say.
    pub entry: Entry,
    /// The bytes that were hashed.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub hash: Hash,
    /// None, one, or two where a key follows another.
    pub signatures: Vec<Signature>,
}

impl Recorded {
    /// Gives the head of a ledger that ends here.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { ledger: self.entry.ledger, seq: self.entry.seq, hash: self.hash }
    }

    /// Gives the tail of a ledger that ends here.
    #[must_use]
    pub fn tail(&self) -> Tail {
        Tail { head: self.head(), at: self.entry.at }
    }
}
