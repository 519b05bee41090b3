//! Invoices: made, finalised, taken back, written off.
//!
//! What an invoice says follows from its lines; the lines follow from the subscription. Whether and when it is paid is
//! told in `paying`.

use crate::world::coupon::{Duration, Off};
use crate::world::invoice::{Invoice, Reason, Standing, Transitions};
use crate::world::invoice_line::{Line, Why};
use crate::world::invoice_payment::{InvoicePayment, Progress};
use crate::world::mrr::subscription_discounts;
use crate::world::payment_intent::{PaymentIntent, Stage};
use crate::world::price_list::Listed;
use crate::world::subscription::{Item, Subscription};
use crate::world::tax_rate::rounded_share;
use crate::world::{Currency, Customer, Discount, EventKind, No, World};

use crate::calendar::{DAY, HOUR};

/// How long an invoice of a renewal stays a draft, in seconds.
pub(crate) const DRAFT_S: i64 = HOUR;

/// The smallest amount that is charged; less is carried over in the customer's balance. **Units**: minor units.
pub(crate) const CHARGE_MIN: i64 = 50;

impl World {
    /// Makes the line of an item's period.
    pub(crate) fn period_line(&mut self, subscription: &Subscription, item: &Item, why: Why) -> Line {
        let quantity = item.quantity.unwrap_or(0);
        let amount = match why {
            Why::Trial => 0,
            _ => self.period_amount(subscription.currency, item, quantity),
        };
        self.line(item, quantity, why, amount, (item.start, item.end))
    }

    /// Gives the amount of one period of an item.
    pub(crate) fn period_amount(&self, currency: Currency, item: &Item, quantity: u32) -> i64 {
        self.get(item.price).map_or(0, |price| price.scheme_in(currency).amount(quantity))
    }

    /// Makes a line of an item.
    pub(crate) fn line(&mut self, item: &Item, quantity: u32, why: Why, amount: i64, period: (i64, i64)) -> Line {
        Line {
            no: self.next_line(),
            why,
            item: Some(item.no),
            price: item.price,
            quantity,
            amount,
            start: period.0,
            end: period.1,
            discounts: Vec::new(),
            tax: 0,
        }
    }

    /// Makes a line of something sold once.
    pub(crate) fn sold_line(&mut self, at: i64, amount: i64) -> Line {
        let why = Why::Sold(self.next_invoice_item());
        Line {
            no: self.next_line(),
            why,
            item: None,
            price: Listed::Onboarding.no(),
            quantity: 1,
            amount,
            start: at,
            end: at,
            discounts: Vec::new(),
            tax: 0,
        }
    }

    /// Makes the draft invoice of a subscription.
    pub(crate) fn bill(
        &mut self,
        at: i64,
        no: No<Subscription>,
        reason: Reason,
        lines: Vec<Line>,
    ) -> Option<No<Invoice>> {
        let subscription = self.get(no)?.clone();
        let mut invoice = self.blank_invoice(at, subscription.customer, subscription.currency, reason, lines)?;
        invoice.subscription = Some(no);
        invoice.plan = subscription.plan;
        invoice.window = (subscription.items.first().map_or(at, |item| item.start.min(at)), at);
        invoice.tax_rate = subscription.tax;
        invoice.is_tax_inclusive = subscription.tax.and_then(|tax| self.get(tax)).is_some_and(|tax| tax.is_inclusive);
        invoice.due = subscription.days_until_due.map(|days| at + i64::from(days) * DAY);
        self.discount_lines(at, &subscription, &mut invoice);
        self.tax_lines(&mut invoice);
        let spent = self.spent_discounts(&invoice);
        let billed = self.add(EventKind::InvoiceCreated, invoice);
        self.touch(no, |subscription| subscription.latest_invoice = Some(billed));
        for discount in spent {
            self.remove_discount(at, no, discount);
        }
        Some(billed)
    }

    /// Makes a draft invoice outside every subscription.
    pub(crate) fn bill_by_hand(&mut self, at: i64, customer: No<Customer>, lines: Vec<Line>) -> Option<No<Invoice>> {
        let currency = self.get(customer)?.currency.unwrap_or_default();
        let mut invoice = self.blank_invoice(at, customer, currency, Reason::Manual, lines)?;
        invoice.due = Some(at + 30 * DAY);
        invoice.next_attempt = None;
        Some(self.add(EventKind::InvoiceCreated, invoice))
    }

    fn blank_invoice(
        &self,
        at: i64,
        customer: No<Customer>,
        currency: Currency,
        reason: Reason,
        lines: Vec<Line>,
    ) -> Option<Invoice> {
        let payer = self.get(customer)?;
        Some(Invoice {
            customer,
            subscription: None,
            plan: "",
            reason,
            standing: Standing::Draft,
            currency,
            created: at,
            window: (at, at),
            lines,
            discounts: Vec::new(),
            tax_rate: None,
            is_tax_inclusive: false,
            starting_balance: payer.balance,
            ending_balance: None,
            amount_paid: 0,
            is_paid_off_stripe: false,
            number: None,
            attempts: 0,
            next_attempt: Some(at + DRAFT_S),
            due: None,
            at: Transitions::default(),
            intent: None,
            payment: None,
            name: payer.name.clone(),
            email: payer.email.clone(),
        })
    }

    fn discount_lines(&self, at: i64, subscription: &Subscription, invoice: &mut Invoice) {
        for item in &subscription.items {
            if let Some(discount) = item.discount {
                let of_item = |line: &Line| line.item == Some(item.no);
                self.discount_some(at, discount, invoice, of_item);
            }
        }
        for discount in subscription_discounts(self, subscription) {
            self.discount_some(at, discount, invoice, |_| true);
        }
    }

    fn discount_some(&self, at: i64, no: No<Discount>, invoice: &mut Invoice, concerns: impl Fn(&Line) -> bool) {
        let Some(discount) = self.get(no).filter(|discount| discount.is_in_force(at)) else { return };
        let Some(coupon) = self.get(discount.coupon) else { return };
        let is_good_for = |line: &Line| {
            coupon.product.is_none_or(|product| self.get(line.price).is_some_and(|price| price.product == product))
        };
        let mut lines: Vec<&mut Line> =
            invoice.lines.iter_mut().filter(|line| line.amount != 0 && concerns(line) && is_good_for(line)).collect();
        if lines.is_empty() {
            return;
        }
        invoice.discounts.push(no);
        let total: i64 = lines.iter().map(|line| line.amount - line.discounted()).sum();
        let mut rest = coupon.amount_in(invoice.currency).unwrap_or(0).min(total).max(0);
        let last = lines.len() - 1;
        for (place, line) in lines.iter_mut().enumerate() {
            let left = line.amount - line.discounted();
            let off = match coupon.off {
                Off::Percent(hundredths) => rounded_share(left, i64::from(hundredths), 10_000),
                // The last line takes what rounding left, so that the whole amount is given.
                Off::Amount(..) if place == last => rest,
                Off::Amount(..) => rounded_share(rest, left, total).min(rest),
            };
            rest -= off;
            if off != 0 {
                line.discounts.push((no, off));
            }
        }
    }

    fn tax_lines(&self, invoice: &mut Invoice) {
        let Some(rate) = invoice.tax_rate.and_then(|rate| self.get(rate)) else { return };
        for line in &mut invoice.lines {
            line.tax = rate.tax_on(line.amount - line.discounted());
        }
    }

    /// Lists the discounts that are used up by an invoice: those good for one invoice only.
    fn spent_discounts(&self, invoice: &Invoice) -> Vec<No<Discount>> {
        let is_spent = |no: &No<Discount>| {
            self.get(*no)
                .and_then(|discount| self.get(discount.coupon))
                .is_some_and(|coupon| coupon.duration == Duration::Once)
        };
        invoice.discounts.iter().copied().filter(is_spent).collect()
    }

    /// Takes a discount away from a subscription and whatever else held it.
    pub(crate) fn remove_discount(&mut self, at: i64, no: No<Subscription>, discount: No<Discount>) {
        let duration = self.get(discount).and_then(|held| self.get(held.coupon)).map(|coupon| coupon.duration);
        if duration != Some(Duration::Once) {
            self.unseen.push(no);
        }
        self.touch(discount, |discount| discount.is_removed = true);
        let mut customer = None;
        self.touch(no, |subscription| {
            subscription.discounts.retain(|held| *held != discount);
            for item in &mut subscription.items {
                item.discount = item.discount.filter(|held| *held != discount);
            }
            customer = Some(subscription.customer);
        });
        let held =
            customer.filter(|customer| self.get(*customer).is_some_and(|payer| payer.discount == Some(discount)));
        if let Some(customer) = held {
            self.change(EventKind::CustomerUpdated, at, customer, |customer| customer.discount = None);
        }
    }

    /// Finalises a draft: it gets its number, uses the customer's balance, and is paid at once when nothing is due.
    ///
    /// Gives whether something is to be paid.
    pub(crate) fn finalize(&mut self, at: i64, no: No<Invoice>) -> bool {
        let Some(invoice) = self.get(no).filter(|invoice| invoice.standing == Standing::Draft).cloned() else {
            return false;
        };
        let Some(payer) = self.get(invoice.customer).cloned() else { return false };
        let owed = invoice.total() + payer.balance;
        let carried = if owed < CHARGE_MIN { owed } else { 0 };
        let due = owed - carried;
        self.change(EventKind::InvoiceFinalized, at, no, |invoice| {
            invoice.standing = Standing::Open;
            invoice.number = Some(payer.next_invoice);
            invoice.starting_balance = payer.balance;
            invoice.ending_balance = Some(carried);
            invoice.at.finalized = Some(at);
            invoice.next_attempt = if due > 0 && invoice.due.is_none() { Some(at) } else { None };
        });
        self.touch(invoice.customer, |customer| customer.next_invoice += 1);
        if carried != payer.balance {
            self.change(EventKind::CustomerUpdated, at, invoice.customer, |customer| customer.balance = carried);
        }
        if due > 0 {
            self.ask_for_payment(at, no, due);
            if invoice.due.is_some() {
                self.tell(EventKind::InvoiceSent, at, no);
            }
        } else {
            self.settle_invoice(at, no, 0);
        }
        due > 0
    }

    fn ask_for_payment(&mut self, at: i64, no: No<Invoice>, amount: i64) {
        let Some(invoice) = self.get(no).cloned() else { return };
        let intent = self.add(
            EventKind::IntentCreated,
            PaymentIntent {
                customer: invoice.customer,
                invoice: no,
                amount,
                currency: invoice.currency,
                stage: Stage::NeedsMethod,
                latest_charge: None,
                last_error: None,
                created: at,
            },
        );
        let payment = self.put(InvoicePayment {
            invoice: no,
            amount,
            currency: invoice.currency,
            intent: Some(intent),
            progress: Progress::Open,
            created: at,
        });
        self.touch(no, |invoice| (invoice.intent, invoice.payment) = (Some(intent), Some(payment)));
    }

    /// Takes an invoice back.
    pub(crate) fn void(&mut self, at: i64, no: No<Invoice>) {
        self.give_up(at, no, "void_invoice");
        self.change(EventKind::InvoiceVoided, at, no, |invoice| {
            invoice.standing = Standing::Void;
            invoice.at.voided = Some(at);
            invoice.next_attempt = None;
        });
    }

    /// Writes an invoice off.
    pub(crate) fn write_off(&mut self, at: i64, no: No<Invoice>) {
        self.change(EventKind::InvoiceMarkedUncollectible, at, no, |invoice| {
            invoice.standing = Standing::Uncollectible;
            invoice.at.written_off = Some(at);
            invoice.next_attempt = None;
        });
    }

    fn give_up(&mut self, at: i64, no: No<Invoice>, why: &'static str) {
        let Some(invoice) = self.get(no).cloned() else { return };
        if let Some(intent) = invoice.intent {
            self.change(EventKind::IntentCanceled, at, intent, |intent| intent.stage = Stage::Canceled(at, why));
        }
        if let Some(payment) = invoice.payment {
            self.touch(payment, |payment| payment.progress = Progress::Canceled(at));
        }
    }

    /// Deletes a draft; nothing of it is left but the event.
    pub(crate) fn delete_draft(&mut self, at: i64, no: No<Invoice>) {
        if self.get(no).is_some_and(|invoice| invoice.standing == Standing::Draft && invoice.subscription.is_none()) {
            self.remove(EventKind::InvoiceDeleted, at, no);
        }
    }
}
