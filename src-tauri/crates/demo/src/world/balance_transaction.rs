//! What moved the company's balance at Stripe.
//!
//! Every currency settles into a balance of its own, so nothing is converted; the company never pays out.

use serde_json::{Value, json};

use super::{Charge, Currency, Dispute, Named, No, Object, Refund, World, kept_in};
use crate::calendar::DAY;

/// What moved the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mover {
    Charge(No<Charge>),
    Refund(No<Refund>),
    Dispute(No<Dispute>),
}

/// A movement of the balance. **Units**: minor units, signed.
#[derive(Debug, Clone)]
pub(crate) struct BalanceTransaction {
    pub(crate) mover: Mover,
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) currency: Currency,
    pub(crate) created: i64,
}

/// How long money waits before it can be paid out, in seconds.
pub(crate) const PENDING_S: i64 = 2 * DAY;

/// Gives Stripe's fee on a charge, in minor units.
pub(crate) fn fee_on(amount: i64, currency: Currency) -> i64 {
    let (per_mille, fixed) = match currency {
        Currency::Usd => (29, 30),
        Currency::Eur => (15, 25),
        Currency::Jpy => (36, 0),
    };
    super::tax_rate::rounded_share(amount, per_mille, 1000) + fixed
}

impl BalanceTransaction {
    /// What is left after the fee.
    pub(crate) fn net(&self) -> i64 {
        self.amount - self.fee
    }

    /// Whether it can be paid out at an instant.
    pub(crate) fn is_available(&self, at: i64) -> bool {
        self.created + PENDING_S <= at
    }

    /// The words Stripe uses: type and reporting category.
    pub(crate) fn words(&self) -> (&'static str, &'static str) {
        match self.mover {
            Mover::Charge(_) => ("charge", "charge"),
            Mover::Refund(_) => ("refund", "refund"),
            Mover::Dispute(_) => ("adjustment", "dispute"),
        }
    }

    /// The id of what moved the balance.
    pub(crate) fn source_id(&self, world: &World) -> String {
        match self.mover {
            Mover::Charge(no) => world.id(no),
            Mover::Refund(no) => world.id(no),
            Mover::Dispute(no) => world.id(no),
        }
    }
}

impl Named for BalanceTransaction {
    const PREFIX: &'static str = "txn_1";
    const LENGTH: usize = 23;
}

impl Object for BalanceTransaction {
    const WORD: &'static str = "balance_transaction";
    kept_in!(balance_transactions);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let (kind, category) = self.words();
        let fees = (self.fee != 0).then(|| {
            json!({
                "amount": self.fee,
                "application": null,
                "currency": self.currency.code(),
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            })
        });
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "amount": self.amount,
            "available_on": self.created + PENDING_S,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency.code(),
            "description": "Subscription",
            "exchange_rate": null,
            "fee": self.fee,
            "fee_details": fees.into_iter().collect::<Vec<_>>(),
            "net": self.net(),
            "reporting_category": category,
            "source": self.source_id(world),
            "status": if self.is_available(world.now()) { "available" } else { "pending" },
            "type": kind,
        })
    }
}
