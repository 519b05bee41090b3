//! Changes while somebody looks: the same steps as in the history, at the present moment.
//!
//! A good share of them hits what a reader is looking at: the object its last page ended with.

use super::names;
use super::persona::{Persona, Plan};
use crate::random::Random;
use crate::world::charge::{Decline, Outcome};
use crate::world::invoice::Standing;
use crate::world::price_list::Listed;
use crate::world::subscription::Status;
use crate::world::{Customer, EventKind, Invoice, No, Object, Subscription, World};

/// A change that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What was done: `create`, `update`, `cancel`, `pay`, `decline` or `delete`.
    pub what: &'static str,
    /// The id of the object it was done to.
    pub id: String,
}

/// How many objects are looked at to find one that a change is possible for.
const TRIES: u32 = 40;

/// How often, per mille, a change hits what a reader is looking at.
const AIMED_PER_MILLE: u64 = 400;

/// One change at the present moment.
pub(crate) struct Live<'w> {
    pub(crate) world: &'w mut World,
    pub(crate) random: Random,
    pub(crate) at: i64,
}

impl Live<'_> {
    /// Makes one change; `watched` are the ids with which the last pages ended.
    pub(crate) fn change(&mut self, watched: &[String]) -> Change {
        let aim = usize::try_from(self.random.below(watched.len() as u64)).ok().and_then(|at| watched.get(at));
        if let Some(id) = aim.filter(|_| self.random.chance(AIMED_PER_MILLE))
            && let Some(change) = self.hit(id)
        {
            return change;
        }
        let change = match self.random.below(100) {
            0..30 => None,
            30..50 => self.update(),
            50..65 => self.cancel(),
            65..85 => self.pay(),
            _ => self.delete(),
        };
        change.unwrap_or_else(|| self.create())
    }

    fn done<T: Object>(&self, what: &'static str, no: No<T>) -> Change {
        Change { what, id: T::id_of(no, self.world) }
    }

    /// Changes what a reader is looking at, where its kind allows it.
    fn hit(&mut self, id: &str) -> Option<Change> {
        if let Some((no, customer)) = self.world.find::<Customer>(id) {
            return if customer.is_deleted {
                None
            } else if self.random.chance(500) {
                self.delete_customer(no)
            } else {
                self.rename(no)
            };
        }
        if let Some((no, subscription)) = self.world.find::<Subscription>(id) {
            return if subscription.status.is_final() { None } else { self.cancel_one(no) };
        }
        let (no, invoice) = self.world.find::<Invoice>(id)?;
        match invoice.standing {
            Standing::Open => self.pay_one(no),
            Standing::Draft if invoice.subscription.is_none() => self.delete_draft(no),
            _ => None,
        }
    }

    /// Draws objects until one fits.
    fn find<T: Object>(&mut self, fits: impl Fn(&T) -> bool) -> Option<No<T>> {
        let count = u64::try_from(T::table(&self.world.tables).len()).unwrap_or(0);
        (0..TRIES).find_map(|_| {
            let no = No::<T>::at(usize::try_from(self.random.below(count)).unwrap_or(0));
            self.world.get(no).filter(|object| fits(object)).map(|_| no)
        })
    }

    /// Somebody signs up; or, now and then, somebody gets a draft invoice.
    fn create(&mut self) -> Change {
        let place = u32::try_from(self.world.tables.customers.len()).unwrap_or(u32::MAX);
        let persona = Persona::newcomer(&mut self.random);
        let (name, email) = names::drawn(&mut self.random, place, persona.country);
        let customer = self.world.add(
            EventKind::CustomerCreated,
            Customer {
                name: name.into(),
                email: email.map(Into::into),
                phone: None,
                country: persona.country,
                currency: None,
                balance: 0,
                is_delinquent: false,
                discount: None,
                wallet: persona.wallet,
                next_invoice: 1,
                created: self.at,
                is_deleted: false,
            },
        );
        if self.random.chance(150) {
            let lines = vec![self.world.sold_line(self.at, 50_000)];
            if let Some(draft) = self.world.bill_by_hand(self.at, customer, lines) {
                return self.done("create", draft);
            }
        }
        if persona.plan != Plan::Free
            && let Some((no, invoice)) = self.world.subscribe(self.at, &persona.order(customer, None))
        {
            self.collect(invoice);
            self.world.note_mrr(no, self.at);
            self.world.put_checkout(self.at, no);
            return self.done("create", no);
        }
        self.done("create", customer)
    }

    /// Finalises an invoice and takes its money.
    fn collect(&mut self, no: No<Invoice>) {
        if self.world.finalize(self.at, no) {
            self.world.attempt(self.at, no, Outcome::Succeeded);
        }
        if let Some(subscription) = self.world.get(no).and_then(|invoice| invoice.subscription) {
            self.recover(subscription);
        }
    }

    fn recover(&mut self, no: No<Subscription>) {
        let status = self.world.get(no).map(|subscription| subscription.status);
        if matches!(status, Some(Status::Incomplete | Status::PastDue)) {
            self.world.set_status(self.at, no, Status::Active);
        }
    }

    fn update(&mut self) -> Option<Change> {
        if self.random.chance(400) {
            let no = self.find::<Customer>(|customer| !customer.is_deleted)?;
            return self.rename(no);
        }
        let no = self.find::<Subscription>(|held| held.status == Status::Active && held.pause.is_none())?;
        let subscription = self.world.get(no)?.clone();
        let item = subscription.items.first()?;
        let more = item.quantity.unwrap_or(1) + 1;
        let (price, quantity, plan) = match item.price {
            price if price == Listed::ProMonthly.no() && subscription.currency == crate::world::Currency::Usd => {
                (Listed::EnterpriseMonthly.no(), 1, "enterprise")
            }
            price => (price, more, subscription.plan),
        };
        if let Some(invoice) = self.world.change_first_item(self.at, no, price, quantity, plan) {
            self.collect(invoice);
        }
        Some(self.done("update", no))
    }

    fn rename(&mut self, no: No<Customer>) -> Option<Change> {
        let country = self.world.get(no)?.country;
        let (name, _) = names::drawn(&mut self.random, no.number(), country);
        let mark = self.random.below(10_000);
        let name = format!("{name} {mark}");
        self.world.change(EventKind::CustomerUpdated, self.at, no, |customer| customer.name = name.into());
        Some(self.done("update", no))
    }

    fn cancel(&mut self) -> Option<Change> {
        let no = self.find::<Subscription>(|held| held.status == Status::Active && held.cancellation.is_none())?;
        self.cancel_one(no)
    }

    fn cancel_one(&mut self, no: No<Subscription>) -> Option<Change> {
        if self.world.get(no)?.cancellation.is_none() && self.random.chance(400) {
            self.world.ask_to_cancel(self.at, no, "unused", None);
        } else {
            self.world.end(self.at, no, "cancellation_requested");
        }
        Some(self.done("cancel", no))
    }

    fn pay(&mut self) -> Option<Change> {
        let no = self.find::<Invoice>(|invoice| invoice.standing == Standing::Open)?;
        self.pay_one(no)
    }

    fn pay_one(&mut self, no: No<Invoice>) -> Option<Change> {
        self.world.attempt(self.at, no, Outcome::Succeeded);
        if let Some(subscription) = self.world.get(no)?.subscription {
            self.recover(subscription);
        }
        Some(self.done("pay", no))
    }

    /// Tries so many open invoices again, the newest first; the bank declines each.
    pub(crate) fn decline(&mut self, count: usize) -> Vec<Change> {
        let all = 0..Invoice::table(&self.world.tables).len();
        let is_open = |invoice: &Invoice| invoice.standing == Standing::Open && invoice.intent.is_some();
        let open =
            all.rev().map(No::<Invoice>::at).filter(|no| self.world.get(*no).is_some_and(|found| is_open(found)));
        let open: Vec<_> = open.take(count).collect();
        for no in &open {
            self.world.attempt(self.at, *no, Outcome::Failed(Decline::ExpiredCard));
        }
        open.into_iter().map(|no| self.done("decline", no)).collect()
    }

    fn delete(&mut self) -> Option<Change> {
        let is_draft = |invoice: &Invoice| invoice.standing == Standing::Draft && invoice.subscription.is_none();
        if let Some(no) = self.find::<Invoice>(is_draft) {
            return self.delete_draft(no);
        }
        let no = self.find::<Customer>(|customer| !customer.is_deleted)?;
        self.delete_customer(no)
    }

    fn delete_draft(&mut self, no: No<Invoice>) -> Option<Change> {
        let change = self.done("delete", no);
        self.world.delete_draft(self.at, no);
        Some(change)
    }

    fn delete_customer(&mut self, no: No<Customer>) -> Option<Change> {
        self.world.delete_customer(self.at, no);
        Some(self.done("delete", no))
    }
}
