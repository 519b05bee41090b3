//! Everybody's segments in memory, so that a figure costs arithmetic and no reading.
//!
//! One profile is held by one process, so whoever writes segments can say whose changed: only those are read again.
//! Nothing is computed here, and nothing here outlives the stores.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use countersign_domain::ids::{AccountId, CustomerId};
use countersign_domain::metrics::Segment;
use countersign_domain::stripe::Mode;
use countersign_store::mirror::{Scope, segments};
use countersign_store::{Database, StoreError};

/// Changed customers up to which reading them one by one is cheaper than reading everybody.
const CHANGED_MAX: usize = 2_000;

/// Whose rows: an account in one mode.
type Whose = (AccountId, Mode);

/// The segments of each account in each mode, as far as somebody asked for them.
#[derive(Default)]
pub struct Books {
    loaded: tokio::sync::Mutex<HashMap<Whose, Arc<Vec<Segment>>>>,
    changed: Mutex<HashMap<Whose, BTreeSet<CustomerId>>>,
}

impl Books {
    /// Says whose segments were written; to be called after the transaction.
    pub fn changed(&self, whose: &Whose, customers: impl IntoIterator<Item = CustomerId>) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.entry(whose.clone()).or_default().extend(customers);
    }

    fn take(&self, whose: &Whose) -> BTreeSet<CustomerId> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).remove(whose).unwrap_or_default()
    }

    /// Gives everybody's segments, customer by customer; `None` before anything was read.
    ///
    /// **Errors**: a mirror that cannot be read.
    pub async fn segments(&self, mirror: &Database, whose: &Whose) -> Result<Option<Arc<Vec<Segment>>>, StoreError> {
        let mut loaded = self.loaded.lock().await;
        // Taken before the snapshot begins: what is written later is marked again.
        let changed = self.take(whose);
        let kept = loaded.remove(whose);
        if let (Some(kept), true) = (&kept, changed.is_empty()) {
            loaded.insert(whose.clone(), Arc::clone(kept));
            return Ok(Some(Arc::clone(kept)));
        }
        let ((account, mode), which) = (whose.clone(), changed.clone());
        let read = mirror.read(move |conn| {
            let Some(scope) = Scope::find(conn, &account, mode)? else { return Ok(None) };
            let Some(kept) = kept.filter(|_| which.len() <= CHANGED_MAX) else {
                return segments::all(conn, scope).map(Some);
            };
            let mut fresh = Vec::new();
            for customer in &which {
                fresh.extend(segments::of_customer(conn, scope, customer)?);
            }
            Ok(Some(renewed(Arc::unwrap_or_clone(kept), &which, fresh)))
        });
        match read.await {
            Ok(found) => {
                let found = found.map(Arc::new);
                if let Some(found) = &found {
                    loaded.insert(whose.clone(), Arc::clone(found));
                }
                Ok(found)
            }
            Err(error) => {
                self.changed(whose, changed);
                Err(error)
            }
        }
    }
}

/// Puts some customers' segments in the place of their old ones.
fn renewed(mut all: Vec<Segment>, changed: &BTreeSet<CustomerId>, fresh: Vec<Segment>) -> Vec<Segment> {
    all.retain(|segment| !changed.contains(&segment.customer));
    all.extend(fresh);
    // Stable: the segments of one customer keep their order.
    all.sort_by(|one, two| one.customer.cmp(&two.customer));
    all
}
