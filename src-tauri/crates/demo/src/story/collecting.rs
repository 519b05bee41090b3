//! How one customer's invoices get paid: at once, late, by hand, or never.
//!
//! Draws how each attempt ends and follows the consequences to the subscription; the attempts themselves are in `paying`.

use super::life::{Deed, Life};
use super::paying::RETRY_DAYS;
use super::persona::Part;
use crate::calendar::{DAY, HOUR};
use crate::world::charge::{Decline, Outcome};
use crate::world::invoice::{Reason, Standing};
use crate::world::subscription::{Collection, Status};
use crate::world::{Charge, Invoice, No, Subscription};

impl Life<'_> {
    /// Finalises an invoice and sees that it is paid.
    pub(super) fn finalize(&mut self, at: i64, no: No<Invoice>) {
        let Some(invoice) =
            self.world.get(no).filter(|invoice| invoice.next_attempt.is_some() || invoice.due.is_some())
        else {
            return;
        };
        let (subscription, is_by_mail) = (invoice.subscription, invoice.due.is_some());
        let pause = subscription.and_then(|no| self.world.get(no)).and_then(|subscription| subscription.pause);
        match pause {
            Some((Collection::KeepAsDraft, _)) => {
                return self.world.touch(no, |invoice| invoice.next_attempt = None);
            }
            Some((Collection::Void, _)) => {
                self.world.finalize(at, no);
                return self.world.void(at, no);
            }
            None => {}
        }
        match (self.world.finalize(at, no), is_by_mail) {
            (true, true) => {
                let days = if self.persona.part == Part::OffStripe { 12 } else { self.random.between(2, 40) };
                self.plan(at + days * DAY, Deed::PayByHand(no));
            }
            (true, false) => self.attempt(at, no),
            (false, _) => self.took(at, no),
        }
    }

    /// Tries to take what an invoice asks for, and draws how that ends.
    pub(super) fn attempt(&mut self, at: i64, no: No<Invoice>) {
        let Some(invoice) = self.world.get(no).filter(|invoice| invoice.standing == Standing::Open).cloned() else {
            return;
        };
        let outcome = self.outcome(at, invoice.attempts, invoice.reason);
        self.world.attempt(at, no, outcome);
        match outcome {
            Outcome::Succeeded => self.took(at, no),
            Outcome::Pending => {
                let charge =
                    invoice.intent.and_then(|intent| self.world.get(intent)).and_then(|intent| intent.latest_charge);
                if let Some(charge) = charge {
                    self.plan(at + 4 * DAY, Deed::Settle(charge));
                }
                if let Some(subscription) = invoice.subscription {
                    self.recover(at, subscription);
                }
            }
            Outcome::Failed(_) => self.missed(at, no),
        }
    }

    fn outcome(&mut self, at: i64, attempts: u32, reason: Reason) -> Outcome {
        const DECLINES: &[(u64, Decline)] = &[
            (40, Decline::InsufficientFunds),
            (22, Decline::Generic),
            (16, Decline::ExpiredCard),
            (12, Decline::DoNotHonor),
            (5, Decline::ProcessingError),
            (5, Decline::LostCard),
        ];
        let decline = self.random.weighted(DECLINES);
        let is_late = self.world.as_of - 12 * DAY <= at;
        match self.persona.part {
            _ if at >= self.declines_from => Outcome::Failed(decline),
            Part::Blocked if attempts == 0 && is_late => Outcome::Failed(Decline::Blocked),
            Part::Chance => {
                let fails_per_mille = match (attempts, reason) {
                    (0, Reason::Create) => 30,
                    (0, _) => 45,
                    _ => 560,
                };
                if self.random.chance(fails_per_mille) { Outcome::Failed(decline) } else { self.pays() }
            }
            _ => self.pays(),
        }
    }

    /// A bank debit arrives.
    pub(super) fn settle(&mut self, at: i64, no: No<Charge>) {
        self.world.collect(at, no);
        if let Some(invoice) = self.world.get(no).map(|charge| charge.invoice) {
            self.took(at, invoice);
        }
    }

    /// An invoice by mail is paid: through Stripe, outside it, or not at all.
    pub(super) fn pay_by_hand(&mut self, at: i64, no: No<Invoice>) {
        let is_off_stripe = self.persona.part == Part::OffStripe || self.random.chance(150);
        let is_first = self.world.get(no).is_some_and(|invoice| invoice.reason == Reason::Create);
        if self.persona.part == Part::Chance && !is_first && self.random.chance(60) {
            self.plan(at + 75 * DAY, Deed::WriteOff(no));
        } else if is_off_stripe {
            self.world.pay_off_stripe(at, no);
            self.took(at, no);
        } else {
            self.attempt(at, no);
        }
    }

    /// What follows from a paid invoice.
    fn took(&mut self, at: i64, no: No<Invoice>) {
        let Some(invoice) = self.world.get(no).cloned() else { return };
        if let Some(subscription) = invoice.subscription {
            self.recover(at, subscription);
        }
        let charge = invoice.intent.and_then(|intent| self.world.get(intent)).and_then(|intent| intent.latest_charge);
        if let Some(charge) = charge.filter(|_| !invoice.is_paid_off_stripe) {
            self.plan_regret(at, charge, invoice.amount_paid);
        }
    }

    fn recover(&mut self, at: i64, no: No<Subscription>) {
        if matches!(self.status(no), Some(Status::Incomplete | Status::PastDue)) {
            self.world.set_status(at, no, Status::Active);
        }
    }

    /// What follows from a failed attempt: another one, or the end.
    fn missed(&mut self, at: i64, no: No<Invoice>) {
        let Some(invoice) = self.world.get(no).cloned() else { return };
        let Some(subscription) = invoice.subscription else { return };
        let tries = usize::try_from(invoice.attempts).unwrap_or(usize::MAX);
        match self.status(subscription) {
            Some(Status::Incomplete) if tries == 1 && self.persona.part == Part::Chance && self.random.chance(600) => {
                let minutes = self.random.between(4, 40);
                self.plan(at + minutes * 60, Deed::Retry(no));
                self.plan(at + 23 * HOUR, Deed::Expire(subscription));
            }
            Some(Status::Incomplete) => self.plan(at + 23 * HOUR, Deed::Expire(subscription)),
            Some(Status::Active | Status::PastDue) => {
                self.world.set_status(at, subscription, Status::PastDue);
                match invoice.next_attempt {
                    Some(next) if tries <= RETRY_DAYS.len() => self.plan(next, Deed::Retry(no)),
                    _ => self.give_up(at, no, subscription),
                }
            }
            _ => {}
        }
    }

    /// The last attempt failed.
    fn give_up(&mut self, at: i64, no: No<Invoice>, subscription: No<Subscription>) {
        // Only in the last month: what a spell of `unpaid` was worth cannot be seen in older data.
        let is_recent = at >= self.world.events_from;
        let stays_open = match self.persona.part {
            Part::Unpaid => true,
            Part::Chance => is_recent && self.random.chance(250),
            _ => false,
        };
        if stays_open {
            self.world.unseen.push(subscription);
            return self.world.set_status(at, subscription, Status::Unpaid);
        }
        self.end(at, subscription, "payment_failed");
        if self.random.chance(500) {
            self.world.write_off(at, no);
        }
    }
}
