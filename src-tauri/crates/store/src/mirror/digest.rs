//! What the mirror holds, as one hash for each kind: comparable between machines and with the account itself.
//!
//! The bytes that are hashed are frozen: for each object that is not deleted, in the order of ids, its id, a line feed, its
//! kept text, a line feed.

use std::collections::BTreeMap;

use countersign_domain::stripe::ObjectKind;
use rusqlite::{Connection, named_params};
use serde::Serialize;
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
        for part in [id, "\n", raw, "\n"] {
            self.hash.update(part);
        }
    }

    fn done(self) -> KindDigest {
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        KindDigest { count: self.count, sha256 }
    }
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
