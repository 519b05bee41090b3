//! What was billed.
//!
//! Every sum is computed from the lines; only what cannot be derived is kept.

use std::sync::Arc;

use serde_json::{Value, json};

use super::invoice_line::{Line, discount_amounts_json, pretax_credits_json};
use super::{
    Currency, Customer, Discount, InvoicePayment, Named, No, Object, PaymentIntent, Subscription, TaxRate, World,
    completed, embedded, joined, kept_in,
};

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

impl Standing {
    /// The word Stripe uses.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Uncollectible => "uncollectible",
            Self::Void => "void",
        }
    }
}

/// Why an invoice was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Create,
    Cycle,
    Update,
    Manual,
}

impl Reason {
    /// The word Stripe uses.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Create => "subscription_create",
            Self::Cycle => "subscription_cycle",
            Self::Update => "subscription_update",
            Self::Manual => "manual",
        }
    }
}

/// When an invoice came where.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Transitions {
    pub(crate) finalized: Option<i64>,
    pub(crate) paid: Option<i64>,
    pub(crate) voided: Option<i64>,
    pub(crate) written_off: Option<i64>,
}

/// An invoice. **Units**: minor units of its currency.
#[derive(Debug, Clone)]
pub(crate) struct Invoice {
    pub(crate) customer: No<Customer>,
    pub(crate) subscription: Option<No<Subscription>>,
    /// The subscription's plan when it was billed: its metadata on an invoice are a snapshot.
    pub(crate) plan: &'static str,
    pub(crate) reason: Reason,
    pub(crate) standing: Standing,
    pub(crate) currency: Currency,
    pub(crate) created: i64,
    /// The window in which pending items were gathered, not the service period.
    pub(crate) window: (i64, i64),
    pub(crate) lines: Vec<Line>,
    pub(crate) discounts: Vec<No<Discount>>,
    pub(crate) tax_rate: Option<No<TaxRate>>,
    pub(crate) is_tax_inclusive: bool,
    /// Customer balance before and, once final, after; negative is credit.
    pub(crate) starting_balance: i64,
    pub(crate) ending_balance: Option<i64>,
    pub(crate) amount_paid: i64,
    pub(crate) is_paid_off_stripe: bool,
    pub(crate) number: Option<u32>,
    pub(crate) attempts: u32,
    pub(crate) next_attempt: Option<i64>,
    /// When it is due, where it is sent and not charged.
    pub(crate) due: Option<i64>,
    pub(crate) at: Transitions,
    pub(crate) intent: Option<No<PaymentIntent>>,
    pub(crate) payment: Option<No<InvoicePayment>>,
    pub(crate) name: Arc<str>,
    pub(crate) email: Option<Arc<str>>,
}

impl Invoice {
    /// Before discounts and tax.
    pub(crate) fn subtotal(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// All tax in the total.
    pub(crate) fn tax(&self) -> i64 {
        self.lines.iter().map(|line| line.tax).sum()
    }

    /// After discounts and tax, before customer balance.
    pub(crate) fn total(&self) -> i64 {
        let discounted: i64 = self.lines.iter().map(Line::discounted).sum();
        let on_top = if self.is_tax_inclusive { 0 } else { self.tax() };
        self.subtotal() - discounted + on_top
    }

    /// What was to be paid for it, after customer balance.
    pub(crate) fn amount_due(&self) -> i64 {
        let left = self.ending_balance.unwrap_or_else(|| (self.total() + self.starting_balance).min(0));
        (self.total() + self.starting_balance - left).max(0)
    }

    /// What is still to be paid.
    pub(crate) fn amount_remaining(&self) -> i64 {
        (self.amount_due() - self.amount_paid).max(0)
    }

    /// The word Stripe uses for how it is paid.
    pub(crate) fn collection_method(&self) -> &'static str {
        if self.due.is_some() { "send_invoice" } else { "charge_automatically" }
    }

    /// Its number as the customer sees it.
    pub(crate) fn number_text(&self, world: &World) -> Option<String> {
        let number = self.number?;
        Some(format!("{}-{number:04}", Customer::invoice_prefix(self.customer, world)))
    }

    /// Where the customer can look at it.
    pub(crate) fn hosted_url(&self, no: No<Self>, world: &World) -> Option<String> {
        self.number.map(|_| format!("https://invoice.devflowhub.example/i/{}", world.id(no)))
    }

    /// Renders the tax on an amount, or none.
    pub(crate) fn taxes_json(&self, tax: i64, taxable: i64, world: &World) -> Value {
        let Some(rate) = self.tax_rate.filter(|_| tax != 0) else { return json!([]) };
        json!([{
            "amount": tax,
            "tax_behavior": if self.is_tax_inclusive { "inclusive" } else { "exclusive" },
            "tax_rate_details": { "tax_rate": world.id(rate) },
            "taxability_reason": "standard_rated",
            "taxable_amount": if self.is_tax_inclusive { taxable - tax } else { taxable },
            "type": "tax_rate_details",
        }])
    }

    /// Renders its lines, all of them.
    pub(crate) fn lines_json<'a>(
        &'a self,
        no: No<Self>,
        world: &'a World,
    ) -> impl DoubleEndedIterator<Item = Value> + 'a {
        self.lines.iter().map(move |line| line.json(self, no, world))
    }

    /// Where its complete list of lines is.
    pub(crate) fn lines_url(no: No<Self>, world: &World) -> String {
        format!("/v1/invoices/{}/lines", world.id(no))
    }

    fn discount_amounts(&self) -> Vec<(No<Discount>, i64)> {
        let mut amounts: Vec<(No<Discount>, i64)> = Vec::new();
        for (discount, amount) in self.lines.iter().flat_map(|line| &line.discounts) {
            match amounts.iter_mut().find(|(known, _)| known == discount) {
                Some((_, sum)) => *sum += amount,
                None => amounts.push((*discount, *amount)),
            }
        }
        amounts
    }

    fn amounts_json(&self, world: &World) -> Value {
        let (subtotal, total, tax) = (self.subtotal(), self.total(), self.tax());
        let discounts = self.discount_amounts();
        let taxable = total - if self.is_tax_inclusive { 0 } else { tax };
        let mut amounts = json!({
            "amount_due": self.amount_due(),
            "amount_overpaid": 0,
            "amount_paid": self.amount_paid,
            "amount_remaining": self.amount_remaining(),
            "amount_shipping": 0,
            "ending_balance": self.ending_balance,
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "starting_balance": self.starting_balance,
            "subtotal": subtotal,
            "subtotal_excluding_tax": subtotal - if self.is_tax_inclusive { tax } else { 0 },
            "total": total,
            "total_discount_amounts": discount_amounts_json(&discounts, world),
            "total_excluding_tax": total - tax,
            "total_pretax_credit_amounts": pretax_credits_json(&discounts, world),
            "total_taxes": self.taxes_json(tax, taxable, world),
        });
        if let (true, Some(fields)) = (self.is_paid_off_stripe, amounts.as_object_mut()) {
            fields.insert("amount_paid_off_stripe".to_owned(), self.amount_paid.into());
        }
        amounts
    }

    fn customer_json(&self, world: &World) -> Value {
        json!({
            "customer": world.id(self.customer),
            "customer_account": null,
            "customer_address": world.get(self.customer).map(|customer| customer.address_json()),
            "customer_email": self.email.as_deref(),
            "customer_name": &*self.name,
            "customer_phone": null,
            "customer_shipping": null,
            "customer_tax_exempt": "none",
            "customer_tax_ids": [],
        })
    }

    fn progress_json(&self, no: No<Self>, world: &World) -> Value {
        let is_final = self.number.is_some();
        let hosted = self.hosted_url(no, world);
        let mut progress = json!({
            "attempt_count": self.attempts,
            "attempted": self.attempts > 0,
            "auto_advance": matches!(self.standing, Standing::Draft | Standing::Open) && self.next_attempt.is_some(),
            "automatically_finalizes_at": if is_final { None } else { self.next_attempt },
            "due_date": self.due,
            "effective_at": self.at.finalized,
            "hosted_invoice_url": hosted,
            "invoice_pdf": hosted.as_ref().map(|url| format!("{url}/pdf")),
            "last_finalization_error": null,
            "next_payment_attempt": self.next_attempt.filter(|_| self.standing == Standing::Open),
            "number": self.number_text(world),
            "status": self.standing.word(),
            "status_transitions": {
                "finalized_at": self.at.finalized,
                "marked_uncollectible_at": self.at.written_off,
                "paid_at": self.at.paid,
                "voided_at": self.at.voided,
            },
            "webhooks_delivered_at": self.at.finalized.map(|at| at + 2).filter(|at| *at <= world.now()),
        });
        if let (Standing::Uncollectible, Some(fields)) = (self.standing, progress.as_object_mut()) {
            let reason = json!({ "uncollectible": { "reason": "max_payment_attempts" } });
            fields.insert("status_details".to_owned(), reason);
        }
        progress
    }

    fn parent_json(&self, world: &World) -> Value {
        let Some(subscription) = self.subscription else { return Value::Null };
        json!({
            "quote_details": null,
            "subscription_details": {
                "metadata": { "plan": self.plan, "userId": Customer::user_id(self.customer, world) },
                "subscription": world.id(subscription),
            },
            "type": "subscription_details",
        })
    }
}

impl Named for Invoice {
    const PREFIX: &'static str = "in_1";
    const LENGTH: usize = 23;
}

impl Object for Invoice {
    const WORD: &'static str = "invoice";
    kept_in!(invoices);

    fn created(&self) -> i64 {
        self.created
    }

    fn whole_json(&self, no: No<Self>, world: &World) -> Value {
        completed(self.json(no, world), "lines", self.lines_json(no, world))
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let fixed = json!({
            "id": world.id(no),
            "object": Self::WORD,
            "account_country": "US",
            "account_name": super::account::NAME,
            "account_tax_ids": null,
            "application": null,
            "automatic_tax": {
                "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null,
            },
            "billing_reason": self.reason.word(),
            "collection_method": self.collection_method(),
            "created": self.created,
            "currency": self.currency.code(),
            "custom_fields": null,
            "default_payment_method": null,
            "default_source": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": self.discounts.iter().map(|discount| world.id(*discount)).collect::<Vec<_>>(),
            "footer": null,
            "from_invoice": null,
            "issuer": { "type": "self" },
            "latest_revision": null,
            "lines": embedded(&Self::lines_url(no, world), self.lines.len(), self.lines_json(no, world)),
            "livemode": false,
            "metadata": {},
            "on_behalf_of": null,
            "parent": self.parent_json(world),
            "payment_settings": {
                "default_mandate": null, "payment_method_options": null, "payment_method_types": null,
            },
            "period_end": self.window.1,
            "period_start": self.window.0,
            "receipt_number": null,
            "rendering": null,
            "shipping_cost": null,
            "shipping_details": null,
            "statement_descriptor": null,
            "test_clock": null,
        });
        joined(fixed, [self.amounts_json(world), self.customer_json(world), self.progress_json(no, world)])
    }
}
