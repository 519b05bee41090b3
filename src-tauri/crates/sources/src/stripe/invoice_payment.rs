//! Reads payments of invoices: the only join between invoices and charges at the pinned version.

use countersign_domain::money::Currency;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::stripe::invoice_payment::{InvoicePayment, InvoicePaymentStatus, PaidBy};
use serde::Deserialize;
use serde_json::Value;

use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Fallbacks, Gap, Id, Stamp, Whole};

#[derive(Deserialize)]
struct PaymentWire {
    id: Id,
    invoice: Id,
    status: InvoicePaymentStatus,
    currency: Currency,
    amount_paid: Option<Whole>,
    amount_requested: Whole,
    payment: PaymentOf,
    status_transitions: Option<Transitions>,
    created: Option<Stamp>,
}

#[derive(Deserialize)]
struct PaymentOf {
    r#type: String,
    payment_intent: Option<Id>,
    charge: Option<Id>,
    payment_record: Option<Id>,
}

#[derive(Deserialize)]
struct Transitions {
    paid_at: Option<Stamp>,
}

impl FromWire for InvoicePayment {
    const KIND: ObjectKind = ObjectKind::InvoicePayment;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, payment)
    }
}

fn payment(wire: PaymentWire, _: &mut Fallbacks) -> Result<InvoicePayment, Gap> {
    let by = wire.payment;
    let paid_by = match (by.payment_intent, by.charge, by.payment_record) {
        (Some(intent), ..) => PaidBy::PaymentIntent(intent.to()),
        (_, Some(charge), _) => PaidBy::Charge(charge.to()),
        (.., Some(record)) => PaidBy::PaymentRecord(record.to()),
        _ => PaidBy::Other(by.r#type.into()),
    };
    Ok(InvoicePayment {
        id: wire.id.to(),
        invoice: wire.invoice.to(),
        status: wire.status,
        currency: wire.currency,
        amount_paid: wire.amount_paid.map(Into::into),
        amount_requested: wire.amount_requested.into(),
        paid_by,
        paid_at: wire.status_transitions.and_then(|moved| moved.paid_at).map(Into::into),
        created_at: wire.created.map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_paid_is_told_by_the_id_that_is_there() {
        let table = [
            (json!({"type": "payment_intent", "payment_intent": "pi_1"}), PaidBy::PaymentIntent("pi_1".into())),
            (json!({"type": "charge", "charge": {"id": "ch_1", "object": "charge"}}), PaidBy::Charge("ch_1".into())),
            (json!({"type": "payment_record", "payment_record": "pr_1"}), PaidBy::PaymentRecord("pr_1".into())),
            (json!({"type": "barter"}), PaidBy::Other("barter".into())),
        ];
        for (payment, expected) in table {
            let object = json!({
                "id": "inpay_1", "object": "invoice_payment", "invoice": {"id": "in_1", "deleted": true},
                "status": "paid", "currency": "usd", "amount_paid": 5, "amount_requested": 5, "payment": payment,
                "status_transitions": {"paid_at": 9},
            });
            let read = InvoicePayment::read(object).unwrap().value;
            assert_eq!(read.paid_by, expected);
            assert_eq!(read.paid_at, countersign_domain::Instant::from_timestamp(9, 0));
        }
    }
}
