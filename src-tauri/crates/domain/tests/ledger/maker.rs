//! Makes ledgers for tests: honest ones, with keys that are known here. Included by the tests of three crates.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "every test uses another part of it")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::{
    Draft, Entry, Evidence, Hash, Head, Kind, LedgerId, Moment, Offset, PublicKey, Recorded, Signature, Signer,
    Unsigned, canonical, kind, roster,
};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A ledger being written, with the secret halves of all its keys.
#[derive(Clone)]
pub struct Maker {
    pub ledger: LedgerId,
    pub at: DateTime<Utc>,
    pub keys: BTreeMap<String, SigningKey>,
    pub recorded: Vec<Recorded>,
    requests: u128,
}

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

pub fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

pub fn sign(key: &SigningKey, hash: &Hash) -> Signature {
    Signature(key.sign(&hash.0).to_bytes())
}

impl Maker {
    /// Begins a ledger with the entry of its computer.
    pub fn new(seed: u8) -> Self {
        let at = DateTime::from_timestamp_millis(1_790_000_000_000).unwrap();
        let ledger = LedgerId([seed; 16]);
        let mut made = Self { ledger, at, keys: BTreeMap::new(), recorded: Vec::new(), requests: 0 };
        made.keys.insert(roster::CONSOLE.to_owned(), key(100));
        let body = json!({ "label": "desk", "public_key": public(&key(100)) });
        made.signed(kind::CONSOLE_ADDED, roster::CONSOLE, body);
        made
    }

    /// A small ledger with a bit of everything.
    pub fn sample(seed: u8) -> Self {
        let mut made = Self::new(seed);
        made.operator("anna", 1);
        made.plain("run_started", json!({ "template": "rollout.1", "release": "v1.2.0" }));
        made.operator("boris", 2);
        made.plain(
            "item_checked",
            json!({ "outcome": "pass", "facts": [{ "name": "n", "value": "9007199254740993" }] }),
        );
        made.plain("item_confirmed", json!({ "note": "seen by e\u{301}milie \u{1f680}" }));
        made.signed("run_signed", "anna", json!({ "role": "lead_developer", "meaning": "approved" }));
        made.checkpoint();
        made.plain("item_checked", json!({ "outcome": "warn" }));
        made.signed("run_signed", "boris", json!({ "role": "finance", "meaning": "rejected", "comment": "" }));
        made.plain("exported", json!({ "what": "run", "is_masked": true }));
        made
    }

    pub fn moment(&self) -> Moment {
        let server_time = None;
        Moment { at: self.at, offset: Offset { minutes: 60 }, server_time, app: "0.1.0".to_owned() }
    }

    pub fn draft(&mut self, kind: &str, body: Value) -> Draft {
        self.requests += 1;
        let request = Uuid::from_u128(self.requests);
        Draft::new(Kind::try_from(kind).unwrap(), request, &body).unwrap()
    }

    /// Builds the next entry without keeping it.
    pub fn next(&mut self, draft: Draft) -> Unsigned {
        self.at += TimeDelta::milliseconds(1_234);
        let tail = self.recorded.last().map(Recorded::tail);
        Entry::following(self.ledger, tail.as_ref(), draft, &self.moment()).unwrap()
    }

    pub fn keep(&mut self, unsigned: Unsigned, signatures: Vec<Signature>) -> &Recorded {
        self.recorded.push(unsigned.signed(signatures));
        self.recorded.last().unwrap()
    }

    pub fn plain(&mut self, kind: &str, body: Value) -> &Recorded {
        let draft = self.draft(kind, body).on(format!("run/{}/item/a", self.recorded.len() % 3));
        let evidence = Evidence { name: "report.xml".to_owned(), sha256: Hash([7; 32]), size: 12 };
        let draft = if kind == "item_checked" { draft.resting_on(vec![evidence]) } else { draft };
        let draft = draft.in_environment("production").by("anna".into(), "Anna Andersson");
        let unsigned = self.next(draft);
        self.keep(unsigned, Vec::new())
    }

    pub fn signed_draft(&mut self, kind: &str, by: &str, body: Value) -> Draft {
        let id = public(&self.keys[by]).id();
        let draft = self.draft(kind, body);
        Draft { signer: Some(Signer { id: OperatorId::from(by), key: Some(id), name: by.to_uppercase() }), ..draft }
    }

    pub fn signed(&mut self, kind: &str, by: &str, body: Value) -> &Recorded {
        let draft = self.signed_draft(kind, by, body);
        let unsigned = self.next(draft);
        let signature = sign(&self.keys[by], &unsigned.hash);
        self.keep(unsigned, vec![signature])
    }

    pub fn operator(&mut self, id: &str, seed: u8) -> &Recorded {
        self.keys.insert(id.to_owned(), key(seed));
        let body = json!({
            "operator": id, "name": id.to_uppercase(), "email": format!("{id}@example.com"),
            "roles": ["lead_developer"], "public_key": public(&key(seed)),
        });
        self.signed(kind::OPERATOR_ADDED, id, body)
    }

    pub fn checkpoint(&mut self) -> &Recorded {
        self.signed(kind::CHECKPOINT, roster::CONSOLE, json!({}))
    }

    pub fn change_key(&mut self, operator: &str, seed: u8) -> &Recorded {
        let body = json!({ "operator": operator, "public_key": public(&key(seed)) });
        let draft = self.signed_draft(kind::KEY_CHANGE, operator, body);
        let unsigned = self.next(draft);
        let signatures = vec![sign(&self.keys[operator], &unsigned.hash), sign(&key(seed), &unsigned.hash)];
        self.keys.insert(operator.to_owned(), key(seed));
        self.keep(unsigned, signatures)
    }

    pub fn revoke(&mut self, of: &str, by: &str, since: DateTime<Utc>) -> &Recorded {
        let body = json!({ "key": public(&self.keys[of]).id(), "since": stamp(since), "reason": "lost laptop" });
        self.signed(kind::KEY_REVOKED, by, body)
    }

    /// Takes up somebody of the computer whose ledger is all `e`, for some days from now on.
    pub fn known(&mut self, id: &str, seed: u8, days: i64) -> &Recorded {
        let body = self.listed(id, seed, days);
        self.signed(kind::OPERATOR_KNOWN, "anna", body)
    }

    /// What a roster of that computer makes of a person.
    pub fn listed(&self, id: &str, seed: u8, days: i64) -> Value {
        json!({
            "origin": LedgerId([0xee; 16]), "listed_at": stamp(self.at), "operator": id, "name": id.to_uppercase(),
            "email": format!("{id}@example.com"), "roles": ["finance_manager"], "public_key": public(&key(seed)),
            "valid_from": stamp(self.at - TimeDelta::days(1)), "valid_until": stamp(self.at + TimeDelta::days(days)),
        })
    }

    /// A signature of somebody on another computer, for a run of this ledger.
    pub fn carried(&self, run: &str, who: &str, seed: u8) -> Value {
        self.sealed(self.said(run, who, seed), seed)
    }

    /// The document such a signature is over.
    pub fn said(&self, run: &str, who: &str, seed: u8) -> Value {
        json!({
            "v": "countersign-signature-v1", "ledger": self.ledger, "run": run, "at": stamp(self.at),
            "signer": { "id": who, "key": public(&key(seed)).id(), "name": who.to_uppercase() },
            "meaning": "approve", "statement": ["I approve \u{1f680}", "\u{e9}"],
        })
    }

    pub fn sealed(&self, said: Value, seed: u8) -> Value {
        let bytes = canonical::write(&said).unwrap();
        let naming = said.get("reopens").and_then(|_| said["v"].as_str());
        let version = naming.unwrap_or("countersign-signature-v1");
        let digest = Sha256::new().chain_update(version).chain_update(bytes).finalize();
        json!({ "signed": said, "signature": sign(&key(seed), &Hash(digest.into())) })
    }

    pub fn received(&mut self, run: &str, body: Value) -> &Recorded {
        let draft = self.draft(kind::SIGNATURE_RECEIVED, body).on(format!("run/{run}"));
        let unsigned = self.next(draft.by("anna".into(), "Anna"));
        self.keep(unsigned, Vec::new())
    }

    pub fn head(&self) -> Head {
        self.recorded.last().unwrap().head()
    }

    /// An honest ledger of a shape that depends on the seed.
    pub fn random(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut made = Self::new(dice.roll(200));
        let mut next_key = 10;
        for _ in 0..dice.roll(24) {
            let names: Vec<_> = made.keys.keys().filter(|name| *name != roster::CONSOLE).cloned().collect();
            let any = names.get(usize::from(dice.roll(8)) % names.len().max(1)).cloned();
            next_key += 1;
            match (dice.roll(10), any) {
                (0, _) if names.len() < 5 => drop(made.operator(&format!("op{}", names.len()), next_key)),
                (1, Some(name)) => drop(made.change_key(&name, next_key).hash),
                (2 | 3, Some(name)) => drop(made.signed("run_signed", &name, json!({ "comment": "ok" })).hash),
                (4, _) => drop(made.checkpoint().hash),
                (5, Some(name)) if names.len() > 1 => {
                    let since = made.at;
                    made.revoke(&name, &name, since);
                    made.keys.remove(&name);
                    // A name is never taken up twice.
                    made.operator(&format!("{name}x"), next_key + 100);
                }
                (6, _) => made.at -= TimeDelta::hours(3),
                (n, _) => drop(made.plain("item_note", json!({ "text": "\u{fffd}\u{0}\"\\ ".repeat(n.into()) })).hash),
            }
        }
        made
    }
}

/// A fixed sequence of numbers that looks random.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn roll(&mut self, sides: u8) -> u8 {
        u8::try_from(self.next() % u64::from(sides)).unwrap()
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }
}
