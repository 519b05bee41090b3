//! Money given back.
//!
//! Refunds succeed at once; none is pending or fails.

use serde_json::{Value, json};

use super::{BalanceTransaction, Charge, Currency, Customer, Named, No, Object, PaymentIntent, World, kept_in};

/// A refund. **Units**: minor units.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) charge: No<Charge>,
    pub(crate) intent: No<PaymentIntent>,
    pub(crate) customer: No<Customer>,
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) reason: Option<&'static str>,
    pub(crate) balance_transaction: Option<No<BalanceTransaction>>,
    pub(crate) created: i64,
}

impl Named for Refund {
    const PREFIX: &'static str = "re_3";
    const LENGTH: usize = 23;
}

impl Object for Refund {
    const WORD: &'static str = "refund";
    kept_in!(refunds);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let method = world.get(self.customer).and_then(|customer| customer.payment_method(self.customer, world));
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "amount": self.amount,
            "balance_transaction": self.balance_transaction.map(|transaction| world.id(transaction)),
            "charge": world.id(self.charge),
            "created": self.created,
            "currency": self.currency.code(),
            "customer": world.id(self.customer),
            "customer_account": null,
            "metadata": {},
            "payment_intent": world.id(self.intent),
            "payment_method": method,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": "succeeded",
            "transfer_reversal": null,
        })
    }
}
