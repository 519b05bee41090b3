//! Payments that a customer's bank took back.
//!
//! No evidence is ever handed in: its fields are there and empty.

use serde_json::{Value, json};

use super::{BalanceTransaction, Charge, Currency, Named, No, Object, PaymentIntent, World, kept_in};
use crate::calendar::DAY;

/// A dispute. **Units**: minor units.
#[derive(Debug, Clone)]
pub(crate) struct Dispute {
    pub(crate) charge: No<Charge>,
    pub(crate) intent: No<PaymentIntent>,
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) reason: &'static str,
    pub(crate) status: &'static str,
    pub(crate) balance_transaction: Option<No<BalanceTransaction>>,
    pub(crate) created: i64,
}

/// The texts and files that evidence may consist of; none was handed in.
const EVIDENCE: &[&str] = &[
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

fn evidence_json() -> Value {
    let mut evidence: serde_json::Map<_, _> = EVIDENCE.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
    evidence.insert("enhanced_evidence".to_owned(), json!({}));
    Value::Object(evidence)
}

impl Named for Dispute {
    const PREFIX: &'static str = "dp_1";
    const LENGTH: usize = 23;
}

impl Object for Dispute {
    const WORD: &'static str = "dispute";
    kept_in!(disputes);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let moved =
            self.balance_transaction.and_then(|no| world.get(no).map(|transaction| transaction.json(no, world)));
        let due_by = self.created + 9 * DAY;
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "amount": self.amount,
            "balance_transactions": moved.into_iter().collect::<Vec<_>>(),
            "charge": world.id(self.charge),
            "created": self.created,
            "currency": self.currency.code(),
            "enhanced_eligibility_types": [],
            "evidence": evidence_json(),
            "evidence_details": {
                "due_by": due_by,
                "enhanced_eligibility": {},
                "has_evidence": false,
                "past_due": self.status == "lost",
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "intended_submission_method": null,
            "is_charge_refundable": false,
            "livemode": false,
            "metadata": {},
            "payment_intent": world.id(self.intent),
            "payment_method_details": {
                "card": { "brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4" },
                "type": "card",
            },
            "reason": self.reason,
            "status": self.status,
        })
    }
}
