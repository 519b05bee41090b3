//! Faults planted into the company's billing database and webhook deliveries, for the product to find.
//!
//! The table says what there is; a test holds the database to it: these faults and no others. Everything is picked by
//! rule from the history, so that any company, of any seed, has them.

use crate::calendar::{DAY, month_starts};
use crate::world::subscription::Status;
use crate::world::{Currency, Customer, Event, EventKind, Invoice, No, Subscription, World};

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlantedFault {
    /// Its name.
    pub id: &'static str,
    /// The finding it should lead to, in the words of the reconciler.
    pub finding: &'static str,
    /// How many there are; `None` where it depends on the history.
    pub count: Option<usize>,
    /// What is wrong.
    pub what: &'static str,
}

/// Every planted fault.
pub const PLANTED: &[PlantedFault] = &[
    PlantedFault {
        id: "silent_events",
        finding: "event.missing_row",
        count: Some(3),
        what: "Three delivered invoice.payment_succeeded events left no BillingEvent row, although their invoices did.",
    },
    PlantedFault {
        id: "failing_handler",
        finding: "event.handler_failing",
        count: None,
        what: "For nine days the handler of customer.subscription.deleted has failed after changing the row: no \
               BillingEvent row, the plan stays granted, Stripe keeps the event undelivered. One cause, many events.",
    },
    PlantedFault {
        id: "status_drift",
        finding: "subscription.status_drift",
        count: Some(2),
        what: "Two Subscription rows say active: one is past due at Stripe, one ended months ago.",
    },
    PlantedFault {
        id: "orphan_subscription",
        finding: "subscription.orphan_in_db",
        count: Some(1),
        what: "One Subscription row names a subscription that Stripe does not have.",
    },
    PlantedFault {
        id: "off_by_one",
        finding: "invoice.amount_mismatch",
        count: Some(1),
        what: "One Invoice row of the last complete month is one minor unit short, and so is the month.",
    },
];

/// A planted fault where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The fault.
    pub fault: PlantedFault,
    /// The Stripe ids of the objects concerned, sorted.
    pub ids: Vec<String>,
}

/// The type of event whose handler fails.
pub(crate) const FAILING_KIND: EventKind = EventKind::SubscriptionDeleted;

/// For how long it has failed at the end of the history, in seconds.
pub(crate) const FAILING_S: i64 = 9 * DAY;

/// How long ago a drifted subscription ended at least, in seconds.
const LONG_ENDED_S: i64 = 40 * DAY;

/// The planted faults of one company.
#[derive(Debug)]
pub(crate) struct Planted {
    /// Events without rows.
    pub(crate) silent: Vec<No<Event>>,
    /// Subscriptions whose rows say something else, and what.
    pub(crate) drifted: Vec<(No<Subscription>, Status)>,
    /// A subscription that does not exist, and the customer whose user it is written down for.
    pub(crate) orphan: (No<Subscription>, No<Customer>),
    /// The invoice whose row is one minor unit short.
    pub(crate) short: Option<No<Invoice>>,
}

impl Planted {
    /// Picks where the faults are.
    pub(crate) fn of(world: &World) -> Self {
        let subscriptions = || world.tables.subscriptions.iter();
        let past_due = subscriptions().find(|(_, held)| held.status == Status::PastDue);
        let ended = subscriptions().find(|(_, held)| {
            held.status == Status::Canceled && held.ended.is_some_and(|at| at < world.as_of - LONG_ENDED_S)
        });
        Self {
            silent: silent_events(world),
            drifted: past_due.into_iter().chain(ended).map(|(no, _)| (no, Status::Active)).collect(),
            orphan: (No::new(u32::MAX), No::new(0)),
            short: short_invoice(world),
        }
    }

    /// Says where each fault of the table stands.
    pub(crate) fn sightings(&self, world: &World) -> Vec<Sighting> {
        let ids = |id: &str| -> Vec<String> {
            match id {
                "silent_events" => self.silent.iter().map(|no| world.id(*no)).collect(),
                "failing_handler" => {
                    let undelivered = world.tables.events.iter().filter(|(_, event)| event.delivered.is_none());
                    undelivered.map(|(no, _)| world.id(no)).collect()
                }
                "status_drift" => self.drifted.iter().map(|(no, _)| world.id(*no)).collect(),
                "orphan_subscription" => vec![world.id(self.orphan.0)],
                _ => self.short.iter().map(|no| world.id(*no)).collect(),
            }
        };
        let sighting = |fault: &PlantedFault| {
            let mut ids = ids(fault.id);
            ids.sort_unstable();
            Sighting { fault: *fault, ids }
        };
        PLANTED.iter().map(sighting).collect()
    }
}

/// Three payments between two and twenty days old, spread over that time.
fn silent_events(world: &World) -> Vec<No<Event>> {
    let table = &world.tables.events;
    let places = table.places(world.as_of - 20 * DAY, world.as_of - 2 * DAY);
    let paid: Vec<No<Event>> = table
        .span(places)
        .filter(|(_, event)| event.kind == EventKind::InvoicePaymentSucceeded)
        .map(|(no, _)| no)
        .collect();
    [1, 2, 3].iter().filter_map(|quarter| paid.get(paid.len() * quarter / 4).copied()).collect()
}

/// A payment in US dollars from the middle of the last complete month.
fn short_invoice(world: &World) -> Option<No<Invoice>> {
    let starts = month_starts(world.as_of - 70 * DAY, world.as_of);
    let [.., start, end] = starts.as_slice() else { return None };
    let is_paid_then = |invoice: &Invoice| {
        invoice.at.paid.is_some_and(|at| *start <= at && at < *end)
            && invoice.currency == Currency::Usd
            && invoice.amount_paid > 0
    };
    let paid: Vec<No<Invoice>> =
        world.tables.invoices.iter().filter(|(_, invoice)| is_paid_then(invoice)).map(|(no, _)| no).collect();
    paid.get(paid.len() / 2).copied()
}
