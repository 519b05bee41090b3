//! Reads charges, one per attempt to take money. Of a card only brand and last four digits are read.

use countersign_domain::money::{Currency, Minor};
use countersign_domain::stripe::ObjectKind;
use countersign_domain::stripe::charge::{Charge, ChargeStatus, OutcomeType};
use serde::Deserialize;
use serde_json::Value;

use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Fallbacks, Gap, Id, Stamp, Whole};

#[derive(Deserialize)]
struct ChargeWire {
    id: Id,
    customer: Option<Id>,
    payment_intent: Option<Id>,
    status: ChargeStatus,
    currency: Currency,
    amount: Whole,
    amount_captured: Option<Whole>,
    amount_refunded: Option<Whole>,
    captured: Option<bool>,
    #[serde(default)]
    disputed: bool,
    failure_code: Option<String>,
    outcome: Option<Outcome>,
    payment_method_details: Option<MethodDetails>,
    created: Stamp,
}

#[derive(Deserialize)]
struct Outcome {
    r#type: Option<OutcomeType>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct MethodDetails {
    card: Option<Card>,
}

#[derive(Deserialize)]
struct Card {
    brand: Option<String>,
    last4: Option<String>,
}

impl FromWire for Charge {
    const KIND: ObjectKind = ObjectKind::Charge;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, charge)
    }
}

fn charge(wire: ChargeWire, seen: &mut Fallbacks) -> Result<Charge, Gap> {
    let card = wire.payment_method_details.and_then(|details| details.card);
    let (card_brand, card_last4) = card.map_or((None, None), |card| (card.brand, card.last4));
    let (outcome_type, outcome_reason) = wire.outcome.map_or((None, None), |outcome| (outcome.r#type, outcome.reason));
    // Before 2020 a charge did not say how much of it was taken: all of it or nothing.
    let is_captured = wire.captured.unwrap_or(wire.status == ChargeStatus::Succeeded);
    let taken = || (is_captured && wire.status == ChargeStatus::Succeeded).then_some(wire.amount);
    let amount_captured = seen.or(wire.amount_captured, taken).map_or(Minor::ZERO, Into::into);
    Ok(Charge {
        id: wire.id.to(),
        customer: wire.customer.map(Id::to),
        payment_intent: wire.payment_intent.map(Id::to),
        status: wire.status,
        currency: wire.currency,
        amount: wire.amount.into(),
        amount_captured,
        amount_refunded: wire.amount_refunded.map_or(Minor::ZERO, Into::into),
        is_captured,
        is_disputed: wire.disputed,
        failure_code: wire.failure_code,
        outcome_type,
        outcome_reason,
        card_brand,
        card_last4,
        created_at: wire.created.into(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_outcome_is_kept_and_a_card_shows_its_face_only() {
        let read = Charge::read(json!({
            "id": "ch_1", "object": "charge", "status": "failed", "currency": "usd", "amount": 500, "created": 5,
            "amount_captured": 0, "amount_refunded": 0, "captured": false, "failure_code": "card_declined",
            "outcome": {"type": "asked_an_oracle", "reason": "no"},
            "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242", "fingerprint": "f"}},
        }))
        .unwrap();
        assert_eq!(read.value.outcome_type, Some(OutcomeType::Other("asked_an_oracle".into())));
        assert_eq!(read.value.card_last4.as_deref(), Some("4242"));
        assert!(!read.raw.contains("fingerprint"));
    }

    #[test]
    fn an_old_charge_was_taken_whole_or_not_at_all() {
        let charge = |status: &str| {
            let object = json!({
                "id": "ch_1", "object": "charge", "status": status, "currency": "usd", "amount": 500, "created": 5,
                "amount_refunded": 0, "captured": true,
            });
            Charge::read(object).unwrap()
        };
        assert_eq!((charge("succeeded").value.amount_captured, charge("succeeded").fallbacks), (Minor(500), 1));
        assert_eq!((charge("failed").value.amount_captured, charge("failed").fallbacks), (Minor(0), 0));
    }
}
