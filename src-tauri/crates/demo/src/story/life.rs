//! The life of one customer: what it does, in the order of time, until the history ends.
//!
//! Each life has draws of its own, so a change to one customer's story leaves all others as they were.

use std::collections::BTreeMap;

use super::persona::{Part, Persona, Plan};
use super::{names, parts};
use crate::calendar::{DAY, HOUR, Interval};
use crate::random::{Random, mix};
use crate::world::charge::Outcome;
use crate::world::coupon::Duration;
use crate::world::price::{Scheme, Usage};
use crate::world::price_list::{METERED, Offer, Sold};
use crate::world::subscription::{Collection, Status};
use crate::world::{
    Charge, CheckoutSession, Coupon, Currency, Customer, Dispute, EventKind, Invoice, No, Price, Subscription, World,
};

/// How long a bank takes to decide on a dispute, in seconds.
const DISPUTE_S: i64 = 25 * DAY;

/// Something that will happen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Subscribe,
    WarnOfTrialEnd(No<Subscription>),
    Renew(No<Subscription>),
    Finalize(No<Invoice>),
    Retry(No<Invoice>),
    Settle(No<Charge>),
    PayByHand(No<Invoice>),
    Expire(No<Subscription>),
    ChangePlan(No<Subscription>),
    ChangeSeats(No<Subscription>),
    Discount(No<Subscription>, No<Coupon>),
    DiscountEnds(No<Subscription>),
    Leave(No<Subscription>),
    LeaveAt(No<Subscription>, i64),
    LeaveNow(No<Subscription>),
    PauseCollection(No<Subscription>, Collection, Option<i64>),
    ResumeCollection(No<Subscription>),
    Pause(No<Subscription>),
    Drop(No<Subscription>),
    Refund(No<Charge>, Option<i64>),
    Dispute(No<Charge>),
    LoseDispute(No<Dispute>),
    BillByHand,
    DeleteDraft(No<Invoice>),
    Void(No<Invoice>),
    WriteOff(No<Invoice>),
    Rename,
    Delete,
}

/// A customer while its life is being told.
pub(super) struct Life<'w> {
    pub(super) world: &'w mut World,
    pub(super) random: Random,
    pub(super) persona: Persona,
    pub(super) customer: No<Customer>,
    /// From when on every attempt to take money fails.
    pub(super) declines_from: i64,
    deeds: BTreeMap<(i64, u32), Deed>,
    count: u32,
}

/// Tells the life of customer number `place`.
pub(super) fn live(world: &mut World, mut random: Random, place: u32, customers: u32, arrives: i64) {
    let persona = Persona::drawn(&mut random, place, customers);
    let begins = parts::begins(&persona, &mut random, world, arrives);
    let (name, email) = names::drawn(&mut random, place, persona.country);
    let customer = world.add(
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
            created: arrives.min(begins - 600),
            is_deleted: false,
        },
    );
    let mut life = Life { world, random, persona, customer, declines_from: i64::MAX, deeds: BTreeMap::new(), count: 0 };
    if life.persona.plan != Plan::Free {
        life.plan(begins, Deed::Subscribe);
    }
    life.plan_rename();
    parts::declare(&mut life);
    life.run();
}

impl Life<'_> {
    /// Plans a deed; the past and the time after the history are left out when their time comes.
    pub(super) fn plan(&mut self, at: i64, deed: Deed) {
        self.count += 1;
        self.deeds.insert((at, self.count), deed);
    }

    fn run(&mut self) {
        while let Some(((at, _), deed)) = self.deeds.pop_first() {
            if at > self.world.as_of {
                break;
            }
            self.perform(at, deed);
        }
    }

    fn perform(&mut self, at: i64, deed: Deed) {
        match deed {
            Deed::Subscribe => self.sign_up(at),
            Deed::WarnOfTrialEnd(no) if self.status(no) == Some(Status::Trialing) => {
                self.world.tell(EventKind::SubscriptionTrialWillEnd, at, no);
            }
            Deed::Renew(no) => self.renew(at, no),
            Deed::Finalize(no) => self.finalize(at, no),
            Deed::Retry(no) => self.attempt(at, no),
            Deed::Settle(no) => self.settle(at, no),
            Deed::PayByHand(no) => self.pay_by_hand(at, no),
            Deed::Expire(no) => self.world.expire(at, no),
            Deed::ChangePlan(no) if self.is_at_ease(no) => self.change_plan(at, no),
            Deed::ChangeSeats(no) if self.is_at_ease(no) => self.change_seats(at, no),
            Deed::Discount(no, coupon) if self.is_at_ease(no) => self.discount(at, no, coupon),
            Deed::DiscountEnds(no) => self.world.note_mrr(no, at),
            Deed::Leave(no) if self.is_at_ease(no) || self.status(no) == Some(Status::Trialing) => {
                let feedback = self.feedback();
                self.world.ask_to_cancel(at, no, feedback, None);
            }
            Deed::LeaveAt(no, until) if self.is_at_ease(no) => {
                let feedback = self.feedback();
                self.world.ask_to_cancel(at, no, feedback, Some(until));
            }
            Deed::LeaveNow(no) if self.is_at_ease(no) => self.end(at, no, "cancellation_requested"),
            Deed::PauseCollection(no, how, until) if self.is_at_ease(no) => {
                self.world.pause_collection(at, no, how, until);
            }
            Deed::ResumeCollection(no) => self.world.resume_collection(at, no),
            Deed::Pause(no) if self.is_at_ease(no) => self.world.pause(at, no, "pause_requested"),
            Deed::Drop(no) if self.status(no) == Some(Status::Paused) => self.end(at, no, "cancellation_requested"),
            Deed::Refund(no, amount) => self.world.refund(at, no, amount, Some("requested_by_customer")),
            Deed::Dispute(no) => self.dispute(at, no),
            Deed::LoseDispute(no) => self.world.lose_dispute(at, no),
            Deed::BillByHand => self.bill_by_hand(at),
            Deed::DeleteDraft(no) => self.world.delete_draft(at, no),
            Deed::Void(no) => self.world.void(at, no),
            Deed::WriteOff(no) => self.world.write_off(at, no),
            Deed::Rename => self.rename(at),
            Deed::Delete => {
                self.world.delete_customer(at, self.customer);
                self.deeds.clear();
            }
            // What was planned for a subscription that is no longer what it was.
            Deed::WarnOfTrialEnd(_)
            | Deed::ChangePlan(_)
            | Deed::ChangeSeats(_)
            | Deed::Discount(..)
            | Deed::Leave(_)
            | Deed::LeaveAt(..)
            | Deed::LeaveNow(_)
            | Deed::PauseCollection(..)
            | Deed::Pause(_)
            | Deed::Drop(_) => {}
        }
    }

    pub(super) fn status(&self, no: No<Subscription>) -> Option<Status> {
        self.world.get(no).map(|subscription| subscription.status)
    }

    /// Whether a subscription runs, is paid, and nobody asked for its end.
    fn is_at_ease(&self, no: No<Subscription>) -> bool {
        self.world.get(no).is_some_and(|subscription| {
            subscription.status == Status::Active && subscription.cancellation.is_none() && subscription.pause.is_none()
        })
    }

    fn sign_up(&mut self, at: i64) {
        let own_price = self.persona.has_own_price.then(|| self.own_price(at));
        let mut order = self.persona.order(self.customer, own_price);
        order.backdated = parts::backdating(self.persona.part, at);
        let is_late = at >= self.world.as_of - super::WITHDRAWN_S;
        order.discount = order.discount.filter(|(coupon, _)| !is_late || *coupon != Offer::Launch.no());
        let Some((no, invoice)) = self.world.subscribe(at, &order) else { return };
        if let Some((coupon, _)) = order.discount {
            self.plan_discount_end(at, no, coupon);
        }
        self.finalize(at, invoice);
        let is_by_mail = order.days_until_due.is_some();
        if is_by_mail {
            self.world.note_mrr(no, at);
        } else if self.status(no) != Some(Status::Incomplete) {
            self.world.put_checkout(at, no);
        }
        if let Some((start, _)) = order.backdated {
            self.world.backdate_mrr(no, start);
        }
        if let Some((_, end)) = self.world.get(no).and_then(|subscription| subscription.trial) {
            self.plan(end - 3 * DAY, Deed::WarnOfTrialEnd(no));
            self.plan_trial(at, no, end);
        }
        self.plan_renewal(no);
        parts::perform(self, at, no);
        self.plan_period(at, no);
    }

    /// Makes a price for one customer alone, of the size of the listed one.
    fn own_price(&mut self, at: i64) -> No<Price> {
        let amount = self.random.between(60, 400) * 100;
        self.world.put(Price {
            product: No::new(Sold::Enterprise as u32),
            nickname: "Enterprise by contract",
            lookup_key: None,
            currency: Currency::Usd,
            scheme: Scheme::Unit(amount),
            options: &[],
            interval: Interval::Month,
            usage: Usage::Licensed,
            is_tax_inclusive: false,
            is_active: true,
            is_inline: true,
            created: at,
        })
    }

    pub(super) fn plan_renewal(&mut self, no: No<Subscription>) {
        if let Some(renewal) = self.world.get(no).map(|subscription| subscription.next_renewal()) {
            self.plan(renewal, Deed::Renew(no));
        }
    }

    pub(super) fn plan_discount_end(&mut self, at: i64, no: No<Subscription>, coupon: No<Coupon>) {
        let months = self.world.get(coupon).map(|coupon| coupon.duration);
        if let Some(Duration::Months(months)) = months {
            self.plan(Interval::Month.after(at, months), Deed::DiscountEnds(no));
        }
    }

    fn renew(&mut self, at: i64, no: No<Subscription>) {
        let Some(subscription) = self.world.get(no).cloned() else { return };
        // A change may have moved the renewal since this one was planned.
        if subscription.status.is_final() || subscription.next_renewal() != at {
            return;
        }
        if subscription.cancel_at.is_some_and(|end| end <= at) {
            return self.end(at, no, "cancellation_requested");
        }
        match subscription.status {
            Status::Trialing if self.has_nothing_to_pay_with() => return self.stall(at, no),
            Status::Paused | Status::Incomplete => return,
            _ => {}
        }
        let Some(invoice) = self.world.renew(at, no, usage(self.world.seed, no, at)) else { return };
        if subscription.status == Status::Unpaid {
            self.world.touch(invoice, |invoice| invoice.next_attempt = None);
        } else {
            self.plan(at + HOUR, Deed::Finalize(invoice));
        }
        self.plan_renewal(no);
        self.plan_period(at, no);
    }

    fn has_nothing_to_pay_with(&self) -> bool {
        self.world.get(self.customer).is_none_or(|customer| customer.wallet == crate::world::customer::Wallet::Empty)
    }

    /// A trial ends and there is nothing to pay with.
    fn stall(&mut self, at: i64, no: No<Subscription>) {
        self.world.pause(at, no, "trial_end_without_payment_method");
        if self.persona.part == Part::Chance && self.random.chance(700) {
            let days = self.random.between(7, 20);
            self.plan(at + days * DAY, Deed::Drop(no));
        }
    }

    /// Ends a subscription, bills what meters counted, and perhaps comes back some day.
    pub(super) fn end(&mut self, at: i64, no: No<Subscription>, reason: &'static str) {
        if let Some(invoice) = self.world.bill_last_usage(at, no, usage(self.world.seed, no, at)) {
            self.finalize(at, invoice);
        }
        self.world.end(at, no, reason);
        if self.persona.part == Part::Chance {
            self.plan_afterwards(at);
        }
    }

    fn dispute(&mut self, at: i64, no: No<Charge>) {
        let Some(dispute) = self.world.dispute(at, no, "fraudulent") else { return };
        self.plan(at + DISPUTE_S, Deed::LoseDispute(dispute));
    }

    fn bill_by_hand(&mut self, at: i64) {
        let lines = vec![self.world.sold_line(at, 50_000)];
        let Some(invoice) = self.world.bill_by_hand(at, self.customer, lines) else { return };
        match self.persona.part {
            Part::ManualDraft => {}
            Part::DeletedDraft => self.plan(at + DAY, Deed::DeleteDraft(invoice)),
            Part::Voided => {
                self.world.finalize(at, invoice);
                self.plan(at + 10 * DAY, Deed::Void(invoice));
            }
            _ => self.finalize(at, invoice),
        }
    }

    fn rename(&mut self, at: i64) {
        let (name, _) = names::drawn(&mut self.random, self.customer.number(), self.persona.country);
        self.world.change(EventKind::CustomerUpdated, at, self.customer, |customer| customer.name = name.into());
    }

    pub(super) fn pays(&self) -> Outcome {
        match self.world.get(self.customer).map(|customer| customer.wallet) {
            Some(crate::world::customer::Wallet::Bank { .. }) => Outcome::Pending,
            _ => Outcome::Succeeded,
        }
    }
}

impl World {
    /// Takes note of the checkout page through which a subscription was begun.
    pub(crate) fn put_checkout(&mut self, at: i64, no: No<Subscription>) {
        let Some(subscription) = self.get(no).cloned() else { return };
        let amount = subscription.latest_invoice.and_then(|no| self.get(no)).map_or(0, |invoice| invoice.amount_paid);
        self.add(
            EventKind::CheckoutCompleted,
            CheckoutSession {
                customer: subscription.customer,
                subscription: no,
                currency: subscription.currency,
                amount,
                created: at,
            },
        );
    }

    /// Moves the beginning of a subscription's MRR back to when it began elsewhere.
    pub(crate) fn backdate_mrr(&mut self, no: No<Subscription>, start: i64) {
        if let Some(first) = self.mrr.get_mut(no.place()).and_then(|course| course.first_mut()) {
            first.0 = start;
        }
    }
}

/// Draws what meters counted for a subscription before an instant.
pub(super) fn usage(seed: u64, no: No<Subscription>, at: i64) -> impl FnMut(No<Price>) -> u32 {
    const MOST: [u64; METERED.len()] = [4_000, 300, 40, 12];
    let mut random = Random::new(seed, mix(u64::from(no.number())) ^ at.unsigned_abs());
    move |price| {
        let most = METERED.into_iter().zip(MOST).find(|(metered, _)| metered.no() == price);
        u32::try_from(random.below(most.map_or(0, |(_, most)| most))).unwrap_or(0)
    }
}
