//! Invented subscriptions, prices and invoices for the tests of the figures.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::amount::Cadence;
use super::{Catalog, CustomerBook, History, Segment, Settings, Silence, Source, segments_of};
use crate::Instant;
use crate::ids::CustomerId;
use crate::money::{Currency, Micro, Minor};
use crate::stripe::charge::ChargeStatus;
use crate::stripe::coupon::{Coupon, CouponDuration};
use crate::stripe::invoice::InvoiceStatus;
use crate::stripe::price::{Amounts, Interval, Recurring, Tier, UsageType};
use crate::stripe::subscription::SubscriptionStatus;
use crate::stripe::{Charge, Discount, Invoice, InvoiceLine, Price, Subscription, SubscriptionItem};

pub type Tiers = &'static [(Option<u64>, &'static str, &'static str)];

/// An instant, `2026-03-01` or `2026-03-01T12:00:00`.
pub fn at(text: &str) -> Instant {
    let whole = if text.contains('T') { format!("{text}Z") } else { format!("{text}T00:00:00Z") };
    whole.parse().unwrap()
}

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A licensed monthly price in dollars.
pub fn price(id: &str, unit: &str) -> Price {
    Price {
        id: id.into(),
        product: Some(format!("prod_{id}").into()),
        is_active: true,
        nickname: None,
        lookup_key: None,
        currency: Currency::USD,
        amounts: Amounts { unit_amount: Some(decimal(unit)), ..Amounts::default() },
        currency_options: BTreeMap::new(),
        recurring: Some(Recurring {
            interval: Interval::Month,
            interval_count: 1,
            usage_type: UsageType::Licensed,
            meter: None,
        }),
        tiers_mode: None,
        transform_quantity: None,
        tax_behavior: None,
        created_at: None,
    }
}

pub fn every(interval: Interval, price: Price) -> Price {
    let recurring = price.recurring.clone().map(|recurring| Recurring { interval, ..recurring });
    Price { recurring, ..price }
}

pub fn tiers(tiers: Tiers) -> Amounts {
    let tier = |(up_to, unit, flat): &(Option<u64>, &str, &str)| Tier {
        up_to: *up_to,
        unit_amount: Some(decimal(unit)),
        flat_amount: Some(decimal(flat)),
    };
    Amounts { unit_amount: None, tiers: tiers.iter().map(tier).collect(), tax_behavior: None }
}

pub fn item(id: &str, price: Price, quantity: i64) -> SubscriptionItem {
    SubscriptionItem {
        id: id.into(),
        price: price.id.clone(),
        embedded: Some(Box::new(price)),
        quantity: Some(quantity.into()),
        current_period_start_at: None,
        current_period_end_at: None,
        discounts: Vec::new(),
        tax_rates: Vec::new(),
        trial_end_at: None,
        created_at: None,
    }
}

/// An active subscription of `cus_1` in dollars.
pub fn subscription(id: &str, start: &str, items: Vec<SubscriptionItem>) -> Subscription {
    Subscription {
        id: id.into(),
        customer: "cus_1".into(),
        status: SubscriptionStatus::Active,
        currency: Currency::USD,
        created_at: None,
        start_at: at(start),
        billing_cycle_anchor_at: None,
        cancel_at: None,
        cancels_at_period_end: false,
        canceled_at: None,
        ended_at: None,
        cancellation_reason: None,
        trial_start_at: None,
        trial_end_at: None,
        pause_collection: None,
        paused_since: None,
        discounts: Vec::new(),
        items,
        default_tax_rates: Vec::new(),
        latest_invoice: None,
        collection_method: None,
        has_automatic_tax: false,
        metadata: BTreeMap::new(),
    }
}

/// A forever coupon, `"10%"` or an amount in cents.
pub fn coupon(id: &str, off: &str) -> Coupon {
    let percent = off.strip_suffix('%').map(decimal);
    Coupon {
        id: id.into(),
        name: None,
        percent_off: percent,
        amount_off: percent.is_none().then(|| Minor(off.parse().unwrap())),
        currency: percent.is_none().then_some(Currency::USD),
        currency_options: BTreeMap::new(),
        duration: CouponDuration::Forever,
        duration_in_months: None,
        applies_to: None,
        is_valid: true,
        created_at: None,
    }
}

pub fn discount(coupon: Coupon, start: &str, end: Option<&str>) -> Discount {
    Discount {
        id: format!("di_{}", coupon.id).into(),
        coupon: Some(coupon.id.clone()),
        embedded: Some(Box::new(coupon)),
        start_at: Some(at(start)),
        end_at: end.map(at),
    }
}

pub fn invoice(id: &str, created: &str, lines: Vec<InvoiceLine>) -> Invoice {
    Invoice {
        id: id.into(),
        number: None,
        customer: Some("cus_1".into()),
        subscription: Some("sub_1".into()),
        status: InvoiceStatus::Paid,
        currency: Currency::USD,
        billing_reason: Some("subscription_cycle".into()),
        total: Minor(0),
        subtotal: Minor(0),
        tax: Minor(0),
        amount_due: Minor(0),
        amount_paid: Minor(0),
        amount_remaining: Minor(0),
        amount_paid_off_stripe: Minor(0),
        attempt_count: 0,
        next_attempt_at: None,
        created_at: at(created),
        due_at: None,
        finalized_at: None,
        paid_at: None,
        voided_at: None,
        marked_uncollectible_at: None,
        webhooks_delivered_at: None,
        lines,
    }
}

/// A normal line of item `si_1`; a negative or proration line is made from it.
pub fn line(price: &str, quantity: i64, amount: i64, from: &str, to: &str) -> InvoiceLine {
    InvoiceLine {
        id: format!("il_{price}_{from}_{amount}").into(),
        amount: Minor(amount),
        description: None,
        period_start_at: at(from),
        period_end_at: at(to),
        quantity: Some(quantity.into()),
        price: Some(price.into()),
        product: None,
        unit_amount: None,
        subscription: Some("sub_1".into()),
        subscription_item: Some("si_1".into()),
        is_proration: false,
        discount_amount: Minor(0),
        tax_amount: Minor(0),
        is_tax_inclusive: false,
    }
}

pub fn proration(price: &str, quantity: i64, amount: i64, from: &str, to: &str) -> InvoiceLine {
    InvoiceLine { is_proration: true, ..line(price, quantity, amount, from, to) }
}

/// A segment of one item of a customer, in whole cents.
pub fn span(customer: &str, minor: i64, from: &str, to: Option<&str>) -> Segment {
    let micro = Micro::from_minor(Minor(minor));
    Segment {
        customer: customer.into(),
        subscription: format!("sub_{customer}").into(),
        item: format!("si_{customer}").into(),
        price: "p".into(),
        product: Some("prod_p".into()),
        cadence: Cadence { interval: Interval::Month, count: 1 },
        quantity: Some(Decimal::ONE),
        currency: Currency::USD,
        start_at: at(from),
        end_at: to.map(at),
        micro,
        list: micro,
        source: Source::Observed,
        before: Some(Silence::NotBegun),
        after: to.map(|_| Silence::Cancelled),
    }
}

/// A charge without an intent, captured whole if it succeeded.
pub fn charge(id: &str, amount: i64, day: &str, status: ChargeStatus) -> Charge {
    let is_captured = status == ChargeStatus::Succeeded;
    Charge {
        id: id.into(),
        customer: None,
        payment_intent: None,
        status,
        currency: Currency::USD,
        amount: Minor(amount),
        amount_captured: Minor(if is_captured { amount } else { 0 }),
        amount_refunded: Minor(0),
        is_captured,
        is_disputed: false,
        failure_code: None,
        outcome_type: None,
        outcome_reason: None,
        card_brand: None,
        card_last4: None,
        created_at: at(day),
    }
}

/// A book that owns what it holds.
#[derive(Default)]
pub struct Shelf {
    pub subscriptions: Vec<Subscription>,
    pub observations: Vec<(Instant, Subscription)>,
    pub invoices: Vec<Invoice>,
    pub discount: Option<Discount>,
    pub catalog: Catalog,
}

impl Shelf {
    pub fn of(subscription: Subscription) -> Self {
        Self { subscriptions: vec![subscription], ..Self::default() }
    }

    pub fn with_prices(mut self, prices: impl IntoIterator<Item = Price>) -> Self {
        self.catalog.prices.extend(prices.into_iter().map(|price| (price.id.clone(), price)));
        self
    }

    pub fn history(&self, settings: &Settings, now: &str) -> History {
        let customer = CustomerId::from("cus_1");
        let book = CustomerBook {
            customer: &customer,
            discount: self.discount.as_ref(),
            subscriptions: &self.subscriptions,
            observations: &self.observations,
            invoices: &self.invoices,
            catalog: &self.catalog,
        };
        segments_of(&book, settings, at(now))
    }

    /// MRR in whole cents at an instant, seen from `now`.
    pub fn mrr(&self, now: &str, instant: &str) -> i64 {
        let history = self.history(&Settings::default(), now);
        let covering = history.segments.iter().filter(|segment| segment.covers(at(instant)));
        covering.map(|segment| segment.micro).sum::<Micro>().to_minor().0
    }
}
