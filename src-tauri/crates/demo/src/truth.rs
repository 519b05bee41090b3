//! What the invented company earned, by construction: what figures are held against.
//!
//! Derived from what the generator noted while it told the story, under the default settings of the figures: past due
//! counts, recurring discounts are taken off. Nothing here asks the code that computes figures.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, SubscriptionId};
use countersign_domain::money::{Currency, Micro};

use crate::calendar::{month_starts, month_text};
use crate::world::invoice::Standing;
use crate::world::subscription::Status;
use crate::world::{self, No, Subscription, World, mrr};

/// What a company earned, by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// The moment of which `now` tells.
    pub as_of: Instant,
    /// MRR at that moment.
    pub now: BTreeMap<Currency, Micro>,
    /// Customers with MRR at that moment.
    pub paying_customers: u64,
    /// The complete months of the history (UTC), oldest first.
    pub months: Vec<MonthTruth>,
    /// MRR of every subscription from each of its changes on, oldest first within a subscription.
    pub steps: Vec<Step>,
    /// Subscriptions of whose past the API does not tell everything: discounts that were used up, spells of unpaid,
    /// pauses on request, drafts kept back, starts that were not billed. Rebuilt from invoices they may differ.
    pub unseen: Vec<SubscriptionId>,
    /// How many objects there are, by kind, deleted ones left out.
    pub counts: BTreeMap<&'static str, u64>,
}

/// One month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthTruth {
    /// The month, `2026-03`.
    pub month: String,
    /// Its last second.
    pub closes_at: Instant,
    /// MRR at its close. **Units**: micro-units of each currency.
    pub mrr: BTreeMap<Currency, Micro>,
    /// Customers with MRR at its close.
    pub paying_customers: u64,
    /// What moved MRR in it, netted per customer.
    pub movements: BTreeMap<Currency, Movements>,
    /// Trials that ended in it.
    pub trials_ended: u64,
    /// Of those, the ones that led to a paid invoice above nothing by now.
    pub trials_converted: u64,
}

/// What moved MRR in a month. **Units**: micro-units, all positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Movements {
    /// At its beginning.
    pub opening: Micro,
    /// From customers that never had MRR before.
    pub new: Micro,
    /// From customers that once had.
    pub reactivation: Micro,
    /// More from customers that had some.
    pub expansion: Micro,
    /// Less from customers that still have some.
    pub contraction: Micro,
    /// From customers that have none any more.
    pub churn: Micro,
    /// At its end.
    pub closing: Micro,
}

/// From an instant on, a subscription earns this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Who pays.
    pub customer: CustomerId,
    /// In which currency.
    pub currency: Currency,
    /// From when on.
    pub from: Instant,
    /// How much a month.
    pub mrr: Micro,
}

/// The courses of one customer's subscriptions; a customer pays in one currency.
struct Payer<'w> {
    currency: Currency,
    courses: Vec<&'w [(i64, i64)]>,
}

impl Payer<'_> {
    fn at(&self, instant: i64) -> Micro {
        self.courses.iter().map(|course| Micro(i128::from(mrr::at(course, instant)))).sum()
    }

    fn first(&self) -> i64 {
        let paid = self.courses.iter().flat_map(|course| course.iter()).filter(|(_, micro)| *micro > 0);
        paid.map(|(from, _)| *from).min().unwrap_or(i64::MAX)
    }
}

fn currency(of: world::Currency) -> Currency {
    // The codes are fixed and well formed, so this never falls back.
    Currency::parse(of.code()).unwrap_or(Currency::USD)
}

fn instant(at: i64) -> Instant {
    DateTime::<Utc>::from_timestamp(at, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

impl Truth {
    /// Tells the truth about a company as it stands.
    pub(crate) fn of(world: &World) -> Self {
        let payers = payers(world);
        let now = world.now();
        let bounds = month_starts(world.starts_at, now);
        let months = bounds.iter().zip(bounds.iter().skip(1)).map(|(start, end)| month(world, &payers, *start, *end));
        let mut unseen: Vec<SubscriptionId> =
            world.unseen.iter().map(|no| SubscriptionId::new(world.id(*no))).collect();
        unseen.sort_unstable();
        unseen.dedup();
        Self {
            as_of: instant(now),
            now: sums(&payers, now),
            paying_customers: paying(&payers, now),
            months: months.collect(),
            steps: steps(world),
            unseen,
            counts: crate::server::counts(world),
        }
    }
}

fn course(world: &World, no: No<Subscription>) -> &[(i64, i64)] {
    world.mrr.get(no.place()).map(Vec::as_slice).unwrap_or_default()
}

fn payers(world: &World) -> Vec<Payer<'_>> {
    let mut payers: BTreeMap<u32, Payer<'_>> = BTreeMap::new();
    for (no, subscription) in world.tables.subscriptions.iter() {
        let currency = currency(subscription.currency);
        let payer = payers.entry(subscription.customer.number()).or_insert(Payer { currency, courses: Vec::new() });
        payer.courses.push(course(world, no));
    }
    payers.into_values().collect()
}

fn sums(payers: &[Payer<'_>], at: i64) -> BTreeMap<Currency, Micro> {
    let mut sums = BTreeMap::new();
    for payer in payers {
        *sums.entry(payer.currency).or_insert(Micro::ZERO) += payer.at(at);
    }
    sums
}

fn paying(payers: &[Payer<'_>], at: i64) -> u64 {
    payers.iter().map(|payer| u64::from(payer.at(at) > Micro::ZERO)).sum()
}

fn month(world: &World, payers: &[Payer<'_>], start: i64, end: i64) -> MonthTruth {
    let mut movements: BTreeMap<Currency, Movements> = BTreeMap::new();
    for payer in payers {
        let (before, after) = (payer.at(start - 1), payer.at(end - 1));
        let sum = movements.entry(payer.currency).or_default();
        sum.opening += before;
        sum.closing += after;
        match (before > Micro::ZERO, after > Micro::ZERO) {
            (false, true) if payer.first() >= start => sum.new += after,
            (false, true) => sum.reactivation += after,
            (true, false) => sum.churn += before,
            _ if after > before => sum.expansion += after - before,
            _ => sum.contraction += before - after,
        }
    }
    let ended: Vec<No<Subscription>> = trials_ended(world, start, end);
    MonthTruth {
        month: month_text(start),
        closes_at: instant(end - 1),
        mrr: sums(payers, end - 1),
        paying_customers: paying(payers, end - 1),
        movements,
        trials_ended: u64::try_from(ended.len()).unwrap_or(0),
        trials_converted: converted(world, &ended),
    }
}

fn trials_ended(world: &World, start: i64, end: i64) -> Vec<No<Subscription>> {
    let ends = |subscription: &Subscription| {
        let (_, trial_end) = subscription.trial?;
        (subscription.status != Status::Trialing).then(|| subscription.ended.map_or(trial_end, |at| at.min(trial_end)))
    };
    let inside = |subscription: &Subscription| ends(subscription).is_some_and(|at| start <= at && at < end);
    world.tables.subscriptions.iter().filter(|(_, held)| inside(held)).map(|(no, _)| no).collect()
}

fn converted(world: &World, trials: &[No<Subscription>]) -> u64 {
    let mut paid: Vec<u32> = Vec::new();
    for (_, invoice) in world.tables.invoices.iter() {
        if let (Some(no), Standing::Paid) = (invoice.subscription, invoice.standing)
            && invoice.total() > 0
        {
            paid.push(no.number());
        }
    }
    paid.sort_unstable();
    trials.iter().map(|no| u64::from(paid.binary_search(&no.number()).is_ok())).sum()
}

fn steps(world: &World) -> Vec<Step> {
    let of_one = |(no, subscription): (No<Subscription>, &std::sync::Arc<Subscription>)| {
        let step = |(from, micro): &(i64, i64)| Step {
            subscription: SubscriptionId::new(world.id(no)),
            customer: CustomerId::new(world.id(subscription.customer)),
            currency: currency(subscription.currency),
            from: instant(*from),
            mrr: Micro(i128::from(*micro)),
        };
        course(world, no).iter().map(step).collect::<Vec<_>>()
    };
    world.tables.subscriptions.iter().flat_map(of_one).collect()
}
