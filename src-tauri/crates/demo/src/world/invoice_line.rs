//! What an invoice consists of.
//!
//! A line knows why it is there; what Stripe calls parent, pricing and description follows from that.

use serde_json::{Value, json};

use super::subscription::Item;
use super::{Discount, Invoice, Named, No, Price, Subscription, World};

/// An amount added to an invoice by hand or by a change in mid-period; it has an id but is served by no list here.
#[derive(Debug)]
pub(crate) struct InvoiceItem;

impl Named for InvoiceItem {
    const PREFIX: &'static str = "ii_1";
    const LENGTH: usize = 23;
}

/// Why a line is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// A period of an item.
    Period,
    /// A free period of an item.
    Trial,
    /// What a meter counted in the period before.
    Usage,
    /// What was not used of a period that was changed; an amount below zero.
    Unused(No<InvoiceItem>),
    /// The rest of a period that was changed.
    Remaining(No<InvoiceItem>),
    /// The time before a backdated subscription was made.
    Backdated(No<InvoiceItem>),
    /// Something sold once.
    Sold(No<InvoiceItem>),
}

/// A line. **Units**: minor units of the invoice's currency, signed.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) no: No<Line>,
    pub(crate) why: Why,
    pub(crate) item: Option<No<Item>>,
    pub(crate) price: No<Price>,
    pub(crate) quantity: u32,
    pub(crate) amount: i64,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) discounts: Vec<(No<Discount>, i64)>,
    pub(crate) tax: i64,
}

impl Named for Line {
    const PREFIX: &'static str = "il_1";
    const LENGTH: usize = 23;
}

impl Line {
    /// What the discounts take off it.
    pub(crate) fn discounted(&self) -> i64 {
        self.discounts.iter().map(|(_, amount)| amount).sum()
    }

    fn invoice_item(&self) -> Option<No<InvoiceItem>> {
        match self.why {
            Why::Unused(no) | Why::Remaining(no) | Why::Backdated(no) | Why::Sold(no) => Some(no),
            Why::Period | Why::Trial | Why::Usage => None,
        }
    }

    /// Whether it corrects a part of a period.
    pub(crate) fn is_proration(&self) -> bool {
        matches!(self.why, Why::Unused(_) | Why::Remaining(_) | Why::Backdated(_))
    }

    fn description(&self, name: &str) -> String {
        match self.why {
            Why::Period => format!("{} × {name}", self.quantity),
            Why::Trial => format!("Trial period for {name}"),
            Why::Usage => format!("{} {name} used", self.quantity),
            Why::Unused(_) => format!("Unused time on {} × {name}", self.quantity),
            Why::Remaining(_) => format!("Remaining time on {} × {name}", self.quantity),
            Why::Backdated(_) => format!("Time on {} × {name} before the start", self.quantity),
            Why::Sold(_) => name.to_owned(),
        }
    }

    fn parent_json(&self, subscription: Option<No<Subscription>>, world: &World) -> Value {
        let subscription = subscription.map(|subscription| world.id(subscription));
        let invoice_item = self.invoice_item().map(|item| world.id(item));
        let Some(item) = self.item else {
            return json!({
                "invoice_item_details": {
                    "invoice_item": invoice_item,
                    "proration": false,
                    "proration_details": { "credited_items": null },
                    "subscription": subscription,
                },
                "subscription_item_details": null,
                "type": "invoice_item_details",
            });
        };
        json!({
            "invoice_item_details": null,
            "subscription_item_details": {
                "invoice_item": invoice_item,
                "proration": self.is_proration(),
                "proration_details": { "credited_items": null },
                "subscription": subscription,
                "subscription_item": world.id(item),
            },
            "type": "subscription_item_details",
        })
    }

    /// Renders it as part of its invoice.
    pub(crate) fn json(&self, invoice: &Invoice, no: No<Invoice>, world: &World) -> Value {
        let price = world.get(self.price);
        let product = price.map(|price| price.product);
        let unit = price.and_then(|price| price.scheme_in(invoice.currency).unit());
        let name = product.and_then(|product| world.get(product)).map_or("", |product| product.name);
        let subscription = self.item.and(invoice.subscription);
        json!({
            "id": world.id(self.no),
            "object": "line_item",
            "amount": self.amount,
            "currency": invoice.currency.code(),
            "description": self.description(name),
            "discount_amounts": discount_amounts_json(&self.discounts, world),
            "discountable": true,
            "discounts": [],
            "invoice": world.id(no),
            "livemode": false,
            "metadata": {},
            "parent": self.parent_json(subscription, world),
            "period": { "end": self.end, "start": self.start },
            "pretax_credit_amounts": pretax_credits_json(&self.discounts, world),
            "pricing": {
                "price_details": {
                    "price": world.id(self.price),
                    "product": product.map(|product| world.id(product)),
                },
                "type": "price_details",
                "unit_amount_decimal": unit.map(|unit| unit.to_string()),
            },
            "quantity": self.quantity,
            "quantity_decimal": self.quantity.to_string(),
            "subscription": subscription.map(|subscription| world.id(subscription)),
            "subtotal": self.amount,
            "taxes": invoice.taxes_json(self.tax, self.amount - self.discounted(), world),
        })
    }
}

/// Renders what each discount takes off.
pub(crate) fn discount_amounts_json(amounts: &[(No<Discount>, i64)], world: &World) -> Value {
    amounts.iter().map(|(discount, amount)| json!({ "amount": amount, "discount": world.id(*discount) })).collect()
}

/// Renders what is taken off before tax; here these are the discounts again.
pub(crate) fn pretax_credits_json(amounts: &[(No<Discount>, i64)], world: &World) -> Value {
    let credit = |(discount, amount): &(No<Discount>, i64)| {
        let discount = world.id(*discount);
        json!({ "amount": amount, "discount": discount, "type": "discount" })
    };
    amounts.iter().map(credit).collect()
}
