//! Subscriptions: begun, renewed, changed, paused, ended.
//!
//! Each step is one thing that Stripe would do in one request or at one moment, with the events it would make. Which
//! steps a customer takes is decided in `life`.

use crate::world::coupon::Discount;
use crate::world::invoice::{Invoice, Reason, Standing};
use crate::world::invoice_line::{Line, Why};
use crate::world::price::Usage;
use crate::world::subscription::{Cancellation, Collection, Item, Status, Subscription};
use crate::world::tax_rate::rounded_share;
use crate::world::{Coupon, Currency, Customer, EventKind, No, Price, PromotionCode, TaxRate, World};

use crate::calendar::{DAY, Interval};

/// What a customer signs up for.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) customer: No<Customer>,
    pub(crate) currency: Currency,
    pub(crate) plan: &'static str,
    /// Prices and how many of each; metered ones have no quantity.
    pub(crate) items: Vec<(No<Price>, Option<u32>)>,
    pub(crate) trial_days: i64,
    /// When it began elsewhere, and whether the time since is billed.
    pub(crate) backdated: Option<(i64, bool)>,
    pub(crate) days_until_due: Option<u32>,
    pub(crate) tax: Option<No<TaxRate>>,
    pub(crate) discount: Option<(No<Coupon>, Given)>,
}

/// What a discount is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    Subscription,
    FirstItem,
    Customer,
    ByCode(No<PromotionCode>),
}

impl World {
    /// Begins a subscription and bills its first period, or its trial. Gives the subscription and the draft invoice.
    pub(crate) fn subscribe(&mut self, at: i64, order: &Order) -> Option<(No<Subscription>, No<Invoice>)> {
        let trial = (order.trial_days > 0).then(|| (at, at + order.trial_days * DAY));
        let status = match (trial, order.days_until_due) {
            (Some(_), _) => Status::Trialing,
            // Whoever gets an invoice by mail is trusted from the start.
            (None, Some(_)) => Status::Active,
            (None, None) => Status::Incomplete,
        };
        let no = self.put(Subscription {
            customer: order.customer,
            currency: order.currency,
            status,
            created: at,
            start: order.backdated.map_or(at, |(start, _)| start),
            items: Vec::new(),
            discounts: Vec::new(),
            trial,
            cancel_at: None,
            cancels_at_period_end: false,
            cancellation: None,
            ended: None,
            pause: None,
            paused: None,
            days_until_due: order.days_until_due,
            tax: order.tax,
            latest_invoice: None,
            plan: order.plan,
        });
        let mut items = Vec::new();
        for (price, quantity) in &order.items {
            let interval = self.interval(*price);
            let end = trial.map_or_else(|| interval.after(at, 1), |(_, end)| end);
            let (anchor, periods) = trial.map_or((at, 1), |(_, end)| (end, 0));
            items.push(Item {
                no: self.next_item(no),
                price: *price,
                quantity: *quantity,
                created: at,
                anchor,
                periods,
                start: at,
                end,
                discount: None,
            });
        }
        self.touch(no, |subscription| subscription.items = items);
        if self.get(order.customer).is_some_and(|customer| customer.currency.is_none()) {
            let currency = Some(order.currency);
            self.change(EventKind::CustomerUpdated, at, order.customer, |customer| customer.currency = currency);
        }
        if order.backdated.is_some_and(|(_, is_billed)| !is_billed) {
            self.unseen.push(no);
        }
        if let Some((coupon, given)) = order.discount {
            self.give_discount(at, no, coupon, given);
        }
        self.tell(EventKind::SubscriptionCreated, at, no);
        let lines = self.first_lines(no, order.backdated);
        let invoice = self.bill(at, no, Reason::Create, lines)?;
        Some((no, invoice))
    }

    fn interval(&self, price: No<Price>) -> Interval {
        self.get(price).map_or(Interval::Month, |price| price.interval)
    }

    fn is_metered(&self, price: No<Price>) -> bool {
        self.get(price).is_some_and(|price| matches!(price.usage, Usage::Metered(_)))
    }

    fn first_lines(&mut self, no: No<Subscription>, backdated: Option<(i64, bool)>) -> Vec<Line> {
        let Some(subscription) = self.get(no).cloned() else { return Vec::new() };
        let why = if subscription.trial.is_some() { Why::Trial } else { Why::Period };
        let mut lines = Vec::new();
        for item in subscription.items.iter().filter(|item| item.quantity.is_some()) {
            if let Some((since, true)) = backdated {
                let full = self.period_amount(subscription.currency, item, item.quantity.unwrap_or(0));
                let amount = rounded_share(full, item.start - since, item.end - item.start);
                let why = Why::Backdated(self.next_invoice_item());
                lines.push(self.line(item, item.quantity.unwrap_or(0), why, amount, (since, item.start)));
            }
            lines.push(self.period_line(&subscription, item, why));
        }
        lines
    }

    /// Gives a discount, from an instant on.
    pub(crate) fn give_discount(
        &mut self,
        at: i64,
        no: No<Subscription>,
        coupon: No<Coupon>,
        given: Given,
    ) -> Option<()> {
        if self.get(coupon)?.is_deleted {
            return None;
        }
        let customer = self.get(no)?.customer;
        let item = self.get(no)?.items.first().map(|item| item.no);
        let promotion = match given {
            Given::ByCode(code) => Some(code),
            _ => None,
        };
        let discount = self.put(Discount {
            coupon,
            customer,
            subscription: if given == Given::Customer { None } else { Some(no) },
            item: item.filter(|_| given == Given::FirstItem),
            promotion,
            start: at,
            end: self.get(coupon)?.end_of(at),
            is_removed: false,
        });
        self.change(EventKind::CouponUpdated, at, coupon, |coupon| coupon.redeemed += 1);
        if let Some(code) = promotion {
            self.change(EventKind::PromotionCodeUpdated, at, code, |code| code.redeemed += 1);
        }
        match given {
            Given::Customer => {
                self.change(EventKind::CustomerUpdated, at, customer, |customer| customer.discount = Some(discount));
            }
            Given::FirstItem => self.touch(no, |subscription| {
                if let Some(item) = subscription.items.first_mut() {
                    item.discount = Some(discount);
                }
            }),
            Given::Subscription | Given::ByCode(_) => {
                self.touch(no, |subscription| subscription.discounts.push(discount));
            }
        }
        Some(())
    }

    /// Changes a subscription, tells of it, and notes what it is worth now.
    pub(crate) fn update(&mut self, at: i64, no: No<Subscription>, change: impl FnOnce(&mut Subscription)) {
        self.change(EventKind::SubscriptionUpdated, at, no, change);
        self.note_mrr(no, at);
    }

    /// Sets where a subscription stands.
    pub(crate) fn set_status(&mut self, at: i64, no: No<Subscription>, status: Status) {
        if self.get(no).is_some_and(|subscription| subscription.status != status) {
            self.update(at, no, |subscription| subscription.status = status);
        }
    }

    /// Ends every period that is over and bills the next. Gives the draft invoice.
    ///
    /// `usage` draws what a meter counted in the period before.
    pub(crate) fn renew(
        &mut self,
        at: i64,
        no: No<Subscription>,
        mut usage: impl FnMut(No<Price>) -> u32,
    ) -> Option<No<Invoice>> {
        let before = self.get(no)?.clone();
        let intervals: Vec<Interval> = before.items.iter().map(|item| self.interval(item.price)).collect();
        self.drop_ended_discounts(at, no);
        self.update(at, no, |subscription| {
            if subscription.status == Status::Trialing {
                subscription.status = Status::Active;
            }
            for (item, interval) in subscription.items.iter_mut().zip(intervals) {
                if item.end <= at {
                    item.periods += 1;
                    (item.start, item.end) = (item.end, interval.after(item.anchor, item.periods));
                }
            }
        });
        let after = self.get(no)?.clone();
        let mut lines = Vec::new();
        for (old, new) in before.items.iter().zip(&after.items).filter(|(old, _)| old.end <= at) {
            if self.is_metered(old.price) {
                lines.push(self.usage_line(&before, old, usage(old.price)));
            } else {
                lines.push(self.period_line(&after, new, Why::Period));
            }
        }
        self.bill(at, no, Reason::Cycle, lines)
    }

    fn usage_line(&mut self, subscription: &Subscription, item: &Item, used: u32) -> Line {
        let used = if subscription.status == Status::Trialing { 0 } else { used };
        let amount = self.period_amount(subscription.currency, item, used);
        self.line(item, used, Why::Usage, amount, (item.start, item.end))
    }

    /// Takes away the discounts whose time is over, as Stripe does at the next renewal.
    fn drop_ended_discounts(&mut self, at: i64, no: No<Subscription>) {
        let Some(subscription) = self.get(no).cloned() else { return };
        let of_items = subscription.items.iter().filter_map(|item| item.discount);
        let of_customer = self.get(subscription.customer).and_then(|customer| customer.discount);
        let held: Vec<_> = subscription.discounts.iter().copied().chain(of_items).chain(of_customer).collect();
        for discount in held {
            if self.get(discount).is_some_and(|discount| discount.end.is_some_and(|end| end <= at)) {
                self.remove_discount(at, no, discount);
            }
        }
    }

    /// Changes price and quantity of the first item and bills the difference at once. Gives the draft invoice.
    pub(crate) fn change_first_item(
        &mut self,
        at: i64,
        no: No<Subscription>,
        price: No<Price>,
        quantity: u32,
        plan: &'static str,
    ) -> Option<No<Invoice>> {
        let before = self.get(no)?.clone();
        let old = before.items.first()?.clone();
        let interval = self.interval(price);
        let is_same_rhythm = self.interval(old.price) == interval;
        let is_trial = before.status == Status::Trialing;
        self.update(at, no, |subscription| {
            subscription.plan = plan;
            if let Some(item) = subscription.items.first_mut() {
                item.price = price;
                item.quantity = Some(quantity);
                if !is_same_rhythm && !is_trial {
                    (item.anchor, item.periods) = (at, 1);
                    (item.start, item.end) = (at, interval.after(at, 1));
                }
            }
        });
        if is_trial {
            return None;
        }
        let after = self.get(no)?.clone();
        let new = after.items.first()?.clone();
        let mut lines = vec![self.unused_line(at, &before, &old)];
        if is_same_rhythm {
            let full = self.period_amount(after.currency, &new, quantity);
            let amount = rounded_share(full, new.end - at, new.end - new.start);
            let why = Why::Remaining(self.next_invoice_item());
            lines.push(self.line(&new, quantity, why, amount, (at, new.end)));
        } else {
            lines.push(self.period_line(&after, &new, Why::Period));
        }
        self.bill(at, no, Reason::Update, lines)
    }

    fn unused_line(&mut self, at: i64, subscription: &Subscription, item: &Item) -> Line {
        let quantity = item.quantity.unwrap_or(0);
        let full = self.period_amount(subscription.currency, item, quantity);
        let amount = rounded_share(-full, item.end - at, item.end - item.start);
        let why = Why::Unused(self.next_invoice_item());
        self.line(item, quantity, why, amount, (at, item.end))
    }

    /// Asks for the end: with the current period, or at an instant.
    pub(crate) fn ask_to_cancel(&mut self, at: i64, no: No<Subscription>, feedback: &'static str, until: Option<i64>) {
        let reason = "cancellation_requested";
        let cancellation = Cancellation { reason, feedback: Some(feedback), asked: at };
        self.update(at, no, |subscription| {
            subscription.cancellation = Some(cancellation);
            subscription.cancels_at_period_end = until.is_none();
            subscription.cancel_at = until.or_else(|| Some(subscription.last_paid_until()));
        });
    }

    /// Ends a subscription.
    pub(crate) fn end(&mut self, at: i64, no: No<Subscription>, reason: &'static str) {
        if self.get(no).is_none_or(|subscription| subscription.status.is_final()) {
            return;
        }
        self.touch(no, |subscription| {
            let asked = Cancellation { reason, feedback: None, asked: at };
            subscription.cancellation.get_or_insert(asked);
            subscription.status = Status::Canceled;
            subscription.ended = Some(at);
            subscription.pause = None;
        });
        self.tell(EventKind::SubscriptionDeleted, at, no);
        self.note_mrr(no, at);
        self.stop_collecting(at, no);
    }

    /// Leaves the newest invoice of an ended subscription as it is, but does not try it again.
    fn stop_collecting(&mut self, at: i64, no: No<Subscription>) {
        let Some(invoice) = self.get(no).and_then(|subscription| subscription.latest_invoice) else { return };
        let is_tried = |invoice: &&std::sync::Arc<Invoice>| {
            invoice.next_attempt.is_some() && matches!(invoice.standing, Standing::Draft | Standing::Open)
        };
        if self.get(invoice).filter(is_tried).is_some() {
            self.change(EventKind::InvoiceUpdated, at, invoice, |invoice| invoice.next_attempt = None);
        }
    }

    /// Lets the first payment lapse: the subscription never began.
    pub(crate) fn expire(&mut self, at: i64, no: No<Subscription>) {
        if self.get(no).is_some_and(|subscription| subscription.status == Status::Incomplete) {
            self.update(at, no, |subscription| {
                subscription.status = Status::IncompleteExpired;
                subscription.ended = Some(at);
            });
            if let Some(invoice) = self.get(no).and_then(|subscription| subscription.latest_invoice) {
                self.void(at, invoice);
            }
        }
    }

    /// Pauses the collection of a running subscription.
    pub(crate) fn pause_collection(&mut self, at: i64, no: No<Subscription>, how: Collection, until: Option<i64>) {
        if how == Collection::KeepAsDraft {
            self.unseen.push(no);
        }
        self.update(at, no, |subscription| subscription.pause = Some((how, until)));
    }

    /// Collects again.
    pub(crate) fn resume_collection(&mut self, at: i64, no: No<Subscription>) {
        if self.get(no).is_some_and(|subscription| subscription.pause.is_some()) {
            self.update(at, no, |subscription| subscription.pause = None);
        }
    }

    /// Pauses a subscription: nothing is invoiced any more.
    pub(crate) fn pause(&mut self, at: i64, no: No<Subscription>, why: &'static str) {
        self.unseen.push(no);
        self.update(at, no, |subscription| {
            subscription.status = Status::Paused;
            subscription.paused = Some((at, why));
        });
        self.tell(EventKind::SubscriptionPaused, at, no);
    }

    /// Bills what meters counted since the last renewal, when a subscription ends.
    pub(crate) fn bill_last_usage(
        &mut self,
        at: i64,
        no: No<Subscription>,
        mut usage: impl FnMut(No<Price>) -> u32,
    ) -> Option<No<Invoice>> {
        let subscription = self.get(no)?.clone();
        let metered: Vec<&Item> = subscription.items.iter().filter(|item| self.is_metered(item.price)).collect();
        let mut lines = Vec::new();
        for item in metered {
            lines.push(self.usage_line(&subscription, item, usage(item.price)));
        }
        if lines.is_empty() { None } else { self.bill(at, no, Reason::Cycle, lines) }
    }

    /// Deletes a customer; its subscriptions end with it.
    pub(crate) fn delete_customer(&mut self, at: i64, no: No<Customer>) {
        let held: Vec<No<Subscription>> =
            self.tables.subscriptions.iter().filter(|(_, held)| held.customer == no).map(|(no, _)| no).collect();
        for subscription in held {
            self.end(at, subscription, "cancellation_requested");
        }
        self.tell(EventKind::CustomerDeleted, at, no);
        self.touch(no, |customer| customer.is_deleted = true);
    }
}
