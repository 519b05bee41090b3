//! Who is billed.
//!
//! Of an address only the country is known. The user of the application behind a customer is drawn from its number.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Currency, Discount, Named, No, Object, World, kept_in};
use crate::random::Random;

/// A way to pay; it has an id but is served by no list here.
#[derive(Debug)]
pub(crate) struct PaymentMethod;

impl Named for PaymentMethod {
    const PREFIX: &'static str = "pm_1";
    const LENGTH: usize = 23;
}

/// What a customer pays with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wallet {
    /// A card, by brand and last four digits.
    Card { brand: &'static str, last4: u16 },
    /// A bank debit, by last four digits; it settles days later.
    Bank { last4: u16 },
    /// Nothing on file.
    Empty,
}

/// A customer.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) name: Arc<str>,
    pub(crate) email: Option<Arc<str>>,
    pub(crate) phone: Option<Arc<str>>,
    pub(crate) country: &'static str,
    /// The currency of its first subscription or invoice.
    pub(crate) currency: Option<Currency>,
    /// What it owes; negative for credit. **Units**: minor units of its currency.
    pub(crate) balance: i64,
    pub(crate) is_delinquent: bool,
    pub(crate) discount: Option<No<Discount>>,
    pub(crate) wallet: Wallet,
    /// The sequence number of its next invoice.
    pub(crate) next_invoice: u32,
    pub(crate) created: i64,
    pub(crate) is_deleted: bool,
}

impl Customer {
    /// What its invoice numbers begin with.
    pub(crate) fn invoice_prefix(no: No<Self>, world: &World) -> String {
        format!("{:08X}", Random::new(world.seed, 0xBEEF_0000_0000 | u64::from(no.number())).bits() >> 32)
    }

    /// The user of the company's application that it belongs to, a cuid.
    pub(crate) fn user_id(no: No<Self>, world: &World) -> String {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let mut random = Random::new(world.seed, 0xCAFE_0000_0000 | u64::from(no.number()));
        let rest = (0..24).map(|_| char::from(random.pick(DIGITS)));
        std::iter::once('c').chain(rest).collect()
    }

    /// Renders its way to pay; the number of the customer is that of the way.
    pub(crate) fn payment_method(&self, no: No<Self>, world: &World) -> Option<String> {
        (self.wallet != Wallet::Empty).then(|| world.id(No::<PaymentMethod>::new(no.number())))
    }

    /// Renders its address: the country is all the company knows.
    pub(crate) fn address_json(&self) -> Value {
        json!({
            "city": null,
            "country": self.country,
            "line1": null,
            "line2": null,
            "postal_code": null,
            "state": null,
        })
    }

    /// Renders what is left of a deleted customer.
    pub(crate) fn stub_json(no: No<Self>, world: &World) -> Value {
        json!({ "id": world.id(no), "object": Self::WORD, "deleted": true })
    }
}

impl Named for Customer {
    const PREFIX: &'static str = "cus_";
    const LENGTH: usize = 14;
}

impl Object for Customer {
    const WORD: &'static str = "customer";
    kept_in!(customers);

    fn created(&self) -> i64 {
        self.created
    }

    fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let discount = self.discount.and_then(|no| world.get(no).map(|discount| discount.json(no, world)));
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "address": self.address_json(),
            "balance": self.balance,
            "created": self.created,
            "currency": self.currency.map(Currency::code),
            "customer_account": null,
            "default_source": null,
            "delinquent": self.is_delinquent,
            "description": null,
            "discount": discount,
            "email": self.email.as_deref(),
            "invoice_prefix": Self::invoice_prefix(no, world),
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.payment_method(no, world),
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": { "userId": Self::user_id(no, world) },
            "name": &*self.name,
            "phone": self.phone.as_deref(),
            "preferred_locales": [],
            "shipping": null,
            "tax_exempt": "none",
            "test_clock": null,
        })
    }
}
