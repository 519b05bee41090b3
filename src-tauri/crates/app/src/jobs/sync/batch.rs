//! Objects as they came, understood and ready to be written in one transaction.
//!
//! The one place where a kind at run time meets its types: reading is `sources`, writing is `store`, and neither knows the
//! other. What could not be understood is named, and the rest goes on.

use countersign_domain::Instant;
use countersign_domain::ids::EventId;
use countersign_domain::stripe::{
    Account, Charge, Coupon, Customer, Event, Invoice, InvoicePayment, Mode, ObjectKind, Price, Product, Subscription,
    WebhookEndpoint,
};
use countersign_sources::stripe::{FromWire, Record, subscription_change, touched};
use countersign_store::mirror::sync::changes::{self, Hint};
use countersign_store::mirror::sync::unread::{self, Unread};
use countersign_store::mirror::{self, Incoming, Mirrored, Scope, Written};
use countersign_store::{StoreError, Transaction};
use serde_json::Value;

/// Writes what was understood; gives how many objects were new to the mirror.
type Write = Box<dyn FnOnce(&Transaction<'_>, &Observed) -> Result<usize, StoreError> + Send>;

/// Objects of one kind that came together.
pub(super) struct Batch {
    write: Write,
    /// How many were understood.
    pub count: u64,
    /// Those that were not.
    unread: Vec<Unread>,
    /// Modes the objects say they are of.
    pub modes: Vec<Mode>,
}

/// Where and when objects were observed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observed {
    pub scope: Scope,
    /// When the request was begun.
    pub at: Instant,
    /// Events made before this are older than what lists have brought: of them only the past of subscriptions is noted.
    pub changed_since: Option<Instant>,
}

impl Batch {
    /// Understands objects of a kind.
    pub fn of(kind: ObjectKind, objects: Vec<Value>) -> Self {
        match kind {
            ObjectKind::Account => Self::read::<Account>(objects),
            ObjectKind::WebhookEndpoint => Self::read::<WebhookEndpoint>(objects),
            ObjectKind::Product => Self::read::<Product>(objects),
            ObjectKind::Price => Self::read::<Price>(objects),
            ObjectKind::Coupon => Self::read::<Coupon>(objects),
            ObjectKind::Customer => Self::read::<Customer>(objects),
            ObjectKind::Subscription => Self::read::<Subscription>(objects),
            ObjectKind::Invoice => Self::read::<Invoice>(objects),
            ObjectKind::InvoicePayment => Self::read::<InvoicePayment>(objects),
            ObjectKind::Charge => Self::read::<Charge>(objects),
            ObjectKind::Event => Self::read::<Event>(objects),
        }
    }

    fn read<T: FromWire + Mirrored + Send + 'static>(objects: Vec<Value>) -> Self {
        let mut records: Vec<(Record<T>, Option<Hints>)> = Vec::with_capacity(objects.len());
        let mut unread = Vec::new();
        for object in objects {
            let hints = (<T as Mirrored>::KIND == ObjectKind::Event).then(|| Hints::of(&object)).flatten();
            match T::read(object) {
                Ok(record) => records.push((record, hints)),
                Err(error) => unread.push(Unread {
                    kind: error.kind,
                    id: error.id.unwrap_or_default(),
                    says: format!("`{}`: {}", error.path, error.what),
                }),
            }
        }
        let modes = records.iter().filter_map(|(record, _)| record.mode).collect();
        let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let write: Write = Box::new(move |tx, observed| {
            let mut fresh = 0;
            for (record, hints) in &records {
                if put(tx, observed, record)? == Written::New {
                    fresh += 1;
                    hints.as_ref().map_or(Ok(()), |hints| hints.note(tx, observed))?;
                }
            }
            Ok(fresh)
        });
        Self { write, count, unread, modes }
    }

    /// Writes the objects, what could not be understood, and what new events say about other objects.
    ///
    /// **Shape**: gives how many were new to the mirror.
    pub fn write(self, tx: &Transaction<'_>, observed: &Observed) -> Result<usize, StoreError> {
        for unread in &self.unread {
            unread::note(tx, observed.scope, unread, observed.at)?;
        }
        (self.write)(tx, observed)
    }
}

fn put<T: Mirrored>(tx: &Transaction<'_>, observed: &Observed, record: &Record<T>) -> Result<Written, StoreError> {
    let incoming = Incoming {
        value: &record.value,
        id: &record.id,
        created_at: record.created_at,
        raw: &record.raw,
        fetched_at: observed.at,
    };
    mirror::put(tx, observed.scope, &incoming)
}

/// What one event says about other objects.
struct Hints {
    event: EventId,
    at: Instant,
    objects: Vec<(ObjectKind, String)>,
    /// For the walk back of its subscription.
    change: Option<String>,
}

impl Hints {
    fn of(event: &Value) -> Option<Self> {
        Some(Self {
            event: event.get("id")?.as_str()?.into(),
            at: Instant::from_timestamp(event.get("created")?.as_i64()?, 0)?,
            objects: touched(event),
            change: subscription_change(event),
        })
    }

    fn note(&self, tx: &Transaction<'_>, observed: &Observed) -> Result<(), StoreError> {
        let is_newer = observed.changed_since.is_none_or(|since| self.at >= since);
        for (kind, id) in &self.objects {
            let payload = self.change.as_deref().filter(|_| *kind == ObjectKind::Subscription);
            if is_newer || payload.is_some() {
                let hint = Hint { event: &self.event, at: self.at, is_newer, payload };
                changes::hint(tx, observed.scope, *kind, id, &hint)?;
            }
        }
        Ok(())
    }
}
