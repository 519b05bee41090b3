//! What the mirror holds, as one hash for each kind: comparable between machines and with the account itself.
//!
//! The bytes that are hashed are frozen: for each object that is not deleted, in the order of ids, its id, a line feed, its
//! kept text as [`plain`] writes it, a line feed.

use std::collections::BTreeMap;

use countersign_domain::stripe::ObjectKind;
use rusqlite::{Connection, named_params};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Scope;
use crate::StoreError;

/// One kind in the digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindDigest {
    /// Objects that are not deleted.
    pub count: u64,
    /// SHA-256 over ids and texts, in hex.
    pub sha256: String,
}

impl KindDigest {
    /// Hashes ids and texts that come in the order of ids.
    pub fn of<'a>(objects: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sum = Sum::default();
        for (id, raw) in objects {
            sum.add(id, raw);
        }
        sum.done()
    }
}

#[derive(Default)]
struct Sum {
    count: u64,
    hash: Sha256,
}

impl Sum {
    fn add(&mut self, id: &str, raw: &str) {
        self.count += 1;
        for part in [id, "\n", &plain(raw), "\n"] {
            self.hash.update(part);
        }
    }

    fn done(self) -> KindDigest {
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        KindDigest { count: self.count, sha256 }
    }
}

/// Parts that only lists expand, and parts that change without an event: which way an object came is no difference.
const PASSING: [&str; 5] = ["tiers", "currency_options", "applies_to", "webhooks_delivered_at", "pending_webhooks"];

/// Writes a kept text in the way in which two mirrors of one account are equal.
///
/// **Shape**: keys in their order, without what only lists expand, whole discounts as their ids. What is no object of
/// JSON stays as it is.
#[must_use]
pub fn plain(raw: &str) -> String {
    fn id(value: &mut Value) {
        if let Some(id) = value.get("id").cloned() {
            *value = id;
        }
    }
    fn ids(list: Option<&mut Value>) {
        list.and_then(Value::as_array_mut).into_iter().flatten().for_each(id);
    }
    let Ok(mut object) = serde_json::from_str::<Value>(raw) else { return raw.to_owned() };
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|key, _| !PASSING.contains(&key.as_str()));
    }
    object.pointer_mut("/discount/source/coupon").into_iter().for_each(id);
    ids(object.get_mut("discounts"));
    for item in object.pointer_mut("/items/data").and_then(Value::as_array_mut).into_iter().flatten() {
        ids(item.get_mut("discounts"));
    }
    object.sort_all_objects();
    object.to_string()
}

/// Gives ids and kept texts of the objects of a kind that are not deleted, by id.
///
/// **Shape**: everything at once; meant for comparing and exporting, not for screens.
/// **Errors**: the file cannot be read.
pub fn texts(conn: &Connection, scope: Scope, kind: ObjectKind) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = conn.prepare_cached(BY_ID)?;
    let params = named_params! {":scope": scope.0, ":kind": kind.as_ref()};
    let rows = statement.query_map(params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

const BY_ID: &str = "SELECT o.id, b.raw FROM objects o JOIN bodies b ON b.row = o.row
    WHERE o.scope = :scope AND o.kind = :kind AND o.is_deleted = 0 ORDER BY o.id";

/// Hashes everything a scope holds.
///
/// **Shape**: every kind is there, also one without objects.
/// **Errors**: the file cannot be read.
pub fn digest(conn: &Connection, scope: Scope) -> Result<BTreeMap<ObjectKind, KindDigest>, StoreError> {
    let mut kinds = BTreeMap::new();
    for kind in ObjectKind::all() {
        let mut sum = Sum::default();
        let mut statement = conn.prepare_cached(BY_ID)?;
        let mut rows = statement.query(named_params! {":scope": scope.0, ":kind": kind.as_ref()})?;
        while let Some(row) = rows.next()? {
            let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
            sum.add(text(0)?, text(1)?);
        }
        kinds.insert(kind, sum.done());
    }
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_an_object_came_is_no_difference() {
        let listed = r#"{"id":"sub_1","discounts":[{"id":"di_1","source":{"coupon":{"id":"c"}}}],"status":"active"}"#;
        let told = r#"{"status":"active","id":"sub_1","discounts":["di_1"],"pending_webhooks":2}"#;
        let other = r#"{"status":"past_due","id":"sub_1","discounts":["di_1"]}"#;
        assert_eq!(plain(listed), plain(told));
        assert_ne!(plain(told), plain(other));
        assert_eq!(plain("no object"), "no object");
    }
}
