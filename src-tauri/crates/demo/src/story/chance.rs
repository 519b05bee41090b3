//! What chance plans for a customer: to leave, to change, to regret, to come back.
//!
//! Rates are per mille and per month, chosen so that the company looks like one of its kind: about four of a hundred
//! customers leave in a month, nearly half of the trials convert.

use super::life::{Deed, Life};
use super::persona::{Part, Plan};
use crate::calendar::{DAY, HOUR};
use crate::world::customer::Wallet;
use crate::world::price_list::{Listed, Offer};
use crate::world::subscription::{Collection, Status};
use crate::world::{Charge, Coupon, Currency, EventKind, No, Price, Subscription};

const FEEDBACK: &[&str] =
    &["too_expensive", "missing_features", "switched_service", "unused", "customer_service", "too_complex", "other"];

impl Life<'_> {
    pub(super) fn feedback(&mut self) -> &'static str {
        self.random.pick(FEEDBACK)
    }

    /// Plans how a trial goes: it converts, is cancelled in time, or ends with nothing to pay with.
    pub(super) fn plan_trial(&mut self, at: i64, no: No<Subscription>, end: i64) {
        if self.persona.part != Part::Chance {
            return;
        }
        let inside = self.random.between(at + HOUR, end - HOUR);
        match self.random.below(100) {
            0..48 => {}
            48..82 => self.plan(inside, Deed::Leave(no)),
            _ => self.world.touch(self.customer, |customer| customer.wallet = Wallet::Empty),
        }
    }

    /// Plans what happens in the period that begins.
    pub(super) fn plan_period(&mut self, at: i64, no: No<Subscription>) {
        let Some(subscription) = self.world.get(no).cloned() else { return };
        if self.persona.part != Part::Chance || subscription.status != Status::Active {
            return;
        }
        let Some(item) = subscription.items.first().filter(|item| item.start == at) else { return };
        let (start, end) = (item.start, item.end);
        let is_long = end - start > 60 * DAY;
        let is_short = end - start < 20 * DAY;
        let inside = self.random.between(start + 2 * HOUR, end - 2 * HOUR);
        let is_new = at - subscription.start < 60 * DAY;
        let leaves = match (is_long, is_short) {
            (true, _) => 220,
            (_, true) => 14,
            _ if is_new => 58,
            _ => 36,
        };
        let changes = if is_long { 60 } else { 16 };
        let of_team = if self.persona.plan == Plan::Team { 90 } else { 0 };
        let lot = self.random.below(1000);
        let bounds = [leaves, leaves / 6, changes, of_team, 4, 3];
        let deeds = [
            Deed::Leave(no),
            Deed::LeaveNow(no),
            Deed::ChangePlan(no),
            Deed::ChangeSeats(no),
            Deed::Discount(no, Offer::Spring.no()),
            Deed::PauseCollection(no, Collection::Void, None),
        ];
        let mut below = 0;
        for (bound, deed) in bounds.into_iter().zip(deeds) {
            below += bound;
            if lot < below {
                return match deed {
                    Deed::PauseCollection(..) => self.plan_pause(no, &subscription),
                    deed => self.plan(inside, deed),
                };
            }
        }
    }

    /// Plans that the next period is given away: paused in the last minute of this one, resumed in the last of that.
    fn plan_pause(&mut self, no: No<Subscription>, subscription: &Subscription) {
        if let [item] = subscription.items.as_slice()
            && let Some(price) = self.world.get(item.price)
        {
            let (pauses, resumes) = (item.end - 60, price.interval.after(item.anchor, item.periods + 1) - 60);
            self.plan(pauses, Deed::PauseCollection(no, Collection::Void, Some(resumes)));
            self.plan(resumes, Deed::ResumeCollection(no));
        }
    }

    /// Moves to another plan, where there is one to move to.
    pub(super) fn change_plan(&mut self, at: i64, no: No<Subscription>) {
        let Some(subscription) = self.world.get(no).cloned() else { return };
        let Some(item) = subscription.items.first() else { return };
        let is_single = subscription.items.len() == 1;
        let listed = |listed: Listed| listed.no() == item.price;
        let options: &[(Listed, &'static str)] = match subscription.currency {
            Currency::Usd if listed(Listed::ProMonthly) && is_single => {
                &[(Listed::ProYearly, "pro"), (Listed::EnterpriseMonthly, "enterprise")]
            }
            Currency::Usd if listed(Listed::ProMonthly) => &[(Listed::EnterpriseMonthly, "enterprise")],
            Currency::Usd if listed(Listed::EnterpriseMonthly) => &[(Listed::ProMonthly, "pro")],
            Currency::Usd if listed(Listed::ProMonthlyOld) => &[(Listed::ProMonthly, "pro")],
            Currency::Usd if listed(Listed::ProWeekly) => &[(Listed::ProMonthly, "pro")],
            Currency::Usd if listed(Listed::ProYearly) => &[(Listed::EnterpriseMonthly, "enterprise")],
            Currency::Eur if listed(Listed::ProMonthly) => &[(Listed::EnterpriseMonthlyEur, "enterprise")],
            Currency::Eur if listed(Listed::EnterpriseMonthlyEur) => &[(Listed::ProMonthly, "pro")],
            Currency::Jpy if listed(Listed::ProMonthlyJpy) => &[(Listed::EnterpriseMonthlyJpy, "enterprise")],
            Currency::Jpy if listed(Listed::EnterpriseMonthlyJpy) => &[(Listed::ProMonthlyJpy, "pro")],
            _ => &[],
        };
        if !options.is_empty() {
            let (price, plan) = self.random.pick(options);
            self.switch(at, no, price.no(), 1, plan);
        }
    }

    /// Takes more seats, or fewer.
    pub(super) fn change_seats(&mut self, at: i64, no: No<Subscription>) {
        let Some((price, seats)) = self
            .world
            .get(no)
            .and_then(|subscription| subscription.items.first().map(|item| (item.price, item.quantity.unwrap_or(1))))
        else {
            return;
        };
        let seats = match self.persona.part {
            Part::MoreSeats => 9,
            _ if self.random.chance(700) => seats + u32::try_from(self.random.between(1, 8)).unwrap_or(1),
            _ => seats.saturating_sub(2).max(1),
        };
        self.switch(at, no, price, seats, "team");
    }

    fn switch(&mut self, at: i64, no: No<Subscription>, price: No<Price>, quantity: u32, plan: &'static str) {
        if let Some(invoice) = self.world.change_first_item(at, no, price, quantity, plan) {
            self.finalize(at, invoice);
        }
        self.plan_renewal(no);
    }

    /// Gets a coupon in the middle of things.
    pub(super) fn discount(&mut self, at: i64, no: No<Subscription>, coupon: No<Coupon>) {
        if self.world.get(no).is_some_and(|subscription| subscription.discounts.is_empty()) {
            let before = self.world.get(no).cloned();
            self.world.give_discount(at, no, coupon, super::subscribing::Given::Subscription);
            self.world.tell_change(EventKind::SubscriptionUpdated, at, no, before);
            self.world.note_mrr(no, at);
            self.plan_discount_end(at, no, coupon);
        }
    }

    /// Plans a refund or a dispute of a payment.
    pub(super) fn plan_regret(&mut self, at: i64, charge: No<Charge>, amount: i64) {
        let is_late = self.world.as_of - 25 * DAY <= at;
        let later = at + self.random.between(DAY, 12 * DAY);
        match self.persona.part {
            Part::Refunded if is_late => self.plan(at + 2 * DAY, Deed::Refund(charge, None)),
            Part::PartlyRefunded if is_late => self.plan(at + 2 * DAY, Deed::Refund(charge, Some(amount / 3))),
            Part::Disputed if is_late => self.plan(at + 5 * DAY, Deed::Dispute(charge)),
            Part::Chance => match self.random.below(1000) {
                0..5 => self.plan(later, Deed::Refund(charge, None)),
                5..8 => self.plan(later, Deed::Refund(charge, Some(amount / 2))),
                8..10 => self.plan(later, Deed::Dispute(charge)),
                _ => {}
            },
            _ => {}
        }
    }

    /// Plans what happens after a subscription ended.
    pub(super) fn plan_afterwards(&mut self, at: i64) {
        let days = self.random.between(20, 200);
        match self.random.below(1000) {
            0..120 => {
                self.persona.has_trial = false;
                self.persona.offer = None;
                let has_card = self.world.get(self.customer).is_some_and(|customer| customer.wallet != Wallet::Empty);
                if has_card {
                    self.plan(at + days * DAY, Deed::Subscribe);
                }
            }
            120..150 => self.plan(at + days * DAY, Deed::Delete),
            _ => {}
        }
    }

    /// Plans that a name changes, now and then, in the last month.
    pub(super) fn plan_rename(&mut self) {
        if self.persona.part == Part::Chance && self.random.chance(8) {
            let at = self.random.between(self.world.events_from, self.world.as_of);
            self.plan(at, Deed::Rename);
        }
    }
}
