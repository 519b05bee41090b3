//! Payments that failed, why, and which of them came back.
//!
//! A payment is one intention to pay with all its attempts. What Radar blocks never reached a bank and is counted apart.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::fx::Fx;
use crate::Instant;
use crate::ids::PaymentIntentId;
use crate::money::{Currency, Micro, Minor};
use crate::rate::Rate;
use crate::stripe::Charge;
use crate::stripe::charge::{ChargeStatus, OutcomeType};
use crate::zones::{Period, Zone};

/// A payment intent that failed before any charge was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentFailure {
    /// Which one.
    pub payment_intent: PaymentIntentId,
    /// When it was made.
    pub created_at: Instant,
    /// Its currency.
    pub currency: Currency,
    /// What was asked for.
    pub amount: Minor,
    /// The bank's code, else Stripe's.
    pub code: Option<String>,
}

/// One payment with everything that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment<'a> {
    /// Attempts that reached a bank, oldest first.
    pub attempts: Vec<&'a Charge>,
    /// When it was first tried.
    pub first_at: Instant,
    /// Its currency.
    pub currency: Currency,
    /// What was asked for at first.
    pub amount: Minor,
    /// Code of the first failed attempt, where the first attempt failed.
    pub failed_first: Option<String>,
    /// Whether an attempt succeeded by now.
    pub is_paid: bool,
}

/// Payments that failed first for one reason, in one currency. **Units**: minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Declined {
    /// How many.
    pub payments: u64,
    /// Over how much.
    pub amount: i64,
    /// How many were paid later.
    pub recovered: u64,
    /// Over how much.
    pub recovered_amount: i64,
}

/// Sums of money, in micro-units of the reporting currency; `None` once a currency had no rate.
type Sum = Option<Micro>;

/// The payments of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payments<'a> {
    /// Payments whose outcome is known.
    pub payments: u64,
    /// Of these, without a success by now.
    pub failed: u64,
    /// Of these, with a failed first attempt.
    pub first_failed: u64,
    /// Of the latter, with a success by now.
    pub recovered: u64,
    /// Payments of which Radar let nothing through; in no other count.
    pub blocked: u64,
    /// Attempts in the period that ended.
    pub attempts: u64,
    /// Of these, the failed ones.
    pub failed_attempts: u64,
    /// By code of the first failed attempt and currency.
    pub by_code: BTreeMap<(String, Currency), Declined>,
    /// The payments.
    pub rows: Vec<Payment<'a>>,
    amount: Sum,
    first_failed_amount: Sum,
    recovered_amount: Sum,
}

impl Payments<'_> {
    /// Gives failed ÷ payments: the headline, which limits of 2 % and 5 % apply to.
    #[must_use]
    pub fn failure_rate(&self) -> Option<Rate> {
        Rate::of(self.failed, self.payments)
    }

    /// Gives payments whose first attempt failed ÷ payments.
    #[must_use]
    pub fn first_attempt_failure_rate(&self) -> Option<Rate> {
        Rate::of(self.first_failed, self.payments)
    }

    /// Gives the same by amount.
    #[must_use]
    pub fn first_attempt_failure_rate_by_amount(&self) -> Option<Rate> {
        ratio(self.first_failed_amount, self.amount)
    }

    /// Gives failed ÷ ended attempts of the period.
    #[must_use]
    pub fn attempt_decline_rate(&self) -> Option<Rate> {
        Rate::of(self.failed_attempts, self.attempts)
    }

    /// Gives recovered ÷ payments whose first attempt failed.
    #[must_use]
    pub fn recovery_rate(&self) -> Option<Rate> {
        Rate::of(self.recovered, self.first_failed)
    }

    /// Gives the same by amount.
    #[must_use]
    pub fn recovery_rate_by_amount(&self) -> Option<Rate> {
        ratio(self.recovered_amount, self.first_failed_amount)
    }
}

fn ratio(part: Sum, whole: Sum) -> Option<Rate> {
    Rate::of(BigInt::from(part?.0), whole?.0)
}

/// Judges the payments first tried in a period.
///
/// **Shape**: all charges by now, also those after the period: they decide what was recovered. Payments that have not
/// settled are left out.
#[must_use]
pub fn payments<'a>(
    charges: impl IntoIterator<Item = &'a Charge>,
    failures: impl IntoIterator<Item = &'a IntentFailure>,
    period: Period,
    fx: &Fx,
    zone: &Zone,
) -> Payments<'a> {
    let mut by_payment = BTreeMap::<&str, Vec<&'a Charge>>::new();
    let mut all = Payments::none();
    for charge in charges {
        let id = charge.payment_intent.as_ref().map_or(charge.id.as_str(), PaymentIntentId::as_str);
        by_payment.entry(id).or_default().push(charge);
        if period.contains(charge.created_at) && !is_blocked(charge) && charge.status != ChargeStatus::Pending {
            all.attempts += 1;
            all.failed_attempts += u64::from(charge.status == ChargeStatus::Failed);
        }
    }
    let bare = failures.into_iter().filter(|failure| !by_payment.contains_key(failure.payment_intent.as_str()));
    let bare: Vec<_> =
        bare.filter(|failure| period.contains(failure.created_at)).map(Payment::without_charge).collect();
    for mut attempts in by_payment.into_values() {
        attempts.sort_by_key(|charge| charge.created_at);
        let reached: Vec<&Charge> = attempts.iter().copied().filter(|charge| !is_blocked(charge)).collect();
        if reached.is_empty() {
            all.blocked += u64::from(attempts.first().is_some_and(|first| period.contains(first.created_at)));
        } else if let Some(payment) = Payment::settled(reached).filter(|payment| period.contains(payment.first_at)) {
            all.count(payment, fx, zone);
        }
    }
    bare.into_iter().for_each(|payment| all.count(payment, fx, zone));
    all
}

impl<'a> Payment<'a> {
    /// Reads a payment from its attempts; `None` while it may still go either way.
    fn settled(attempts: Vec<&'a Charge>) -> Option<Self> {
        let first = *attempts.first()?;
        let has = |status: ChargeStatus| attempts.iter().any(|charge| charge.status == status);
        let is_paid = has(ChargeStatus::Succeeded);
        if !is_paid && (has(ChargeStatus::Pending) || !has(ChargeStatus::Failed)) {
            return None;
        }
        let first_ended = attempts.iter().find(|charge| charge.status != ChargeStatus::Pending)?;
        let failed_first = (first_ended.status == ChargeStatus::Failed).then(|| code(first_ended));
        Some(Self {
            first_at: first.created_at,
            currency: first.currency,
            amount: first.amount,
            failed_first,
            is_paid,
            attempts,
        })
    }

    fn without_charge(failure: &IntentFailure) -> Self {
        Self {
            attempts: Vec::new(),
            first_at: failure.created_at,
            currency: failure.currency,
            amount: failure.amount,
            failed_first: Some(failure.code.clone().unwrap_or_else(unknown)),
            is_paid: false,
        }
    }
}

impl<'a> Payments<'a> {
    fn none() -> Self {
        Self {
            payments: 0,
            failed: 0,
            first_failed: 0,
            recovered: 0,
            blocked: 0,
            attempts: 0,
            failed_attempts: 0,
            by_code: BTreeMap::new(),
            rows: Vec::new(),
            amount: Some(Micro::ZERO),
            first_failed_amount: Some(Micro::ZERO),
            recovered_amount: Some(Micro::ZERO),
        }
    }

    fn count(&mut self, payment: Payment<'a>, fx: &Fx, zone: &Zone) {
        let rates = fx.on(zone.date_of(payment.first_at));
        let micro = rates.convert(Micro::from_minor(payment.amount), payment.currency);
        let add = |sum: &mut Sum| *sum = sum.zip(micro).map(|(sum, micro)| sum + micro);
        self.payments += 1;
        self.failed += u64::from(!payment.is_paid);
        add(&mut self.amount);
        if let Some(code) = &payment.failed_first {
            let declined = self.by_code.entry((code.clone(), payment.currency)).or_default();
            declined.payments += 1;
            declined.amount += payment.amount.0;
            self.first_failed += 1;
            add(&mut self.first_failed_amount);
            if payment.is_paid {
                declined.recovered += 1;
                declined.recovered_amount += payment.amount.0;
                self.recovered += 1;
                add(&mut self.recovered_amount);
            }
        }
        self.rows.push(payment);
    }
}

fn is_blocked(charge: &Charge) -> bool {
    charge.outcome_type == Some(OutcomeType::Blocked)
}

/// Gives the code of a failed attempt: the bank's where the bank decided, else Stripe's.
fn code(charge: &Charge) -> String {
    let of_bank = charge.outcome_reason.clone().filter(|_| charge.outcome_type == Some(OutcomeType::IssuerDeclined));
    of_bank.or_else(|| charge.failure_code.clone()).unwrap_or_else(unknown)
}

fn unknown() -> String {
    "unknown".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{at, charge};

    /// Payments, failed ones, ones that failed at first, blocked ones.
    type Counts = (u64, u64, u64, u64);

    fn june(charges: &[Charge], failures: &[IntentFailure]) -> Counts {
        let period = Period { start: at("2026-06-01"), end: at("2026-07-01") };
        let fx = Fx::new(Currency::USD, &[]);
        let all = payments(charges, failures, period, &fx, &Zone::utc());
        (all.payments, all.failed, all.first_failed, all.blocked)
    }

    fn of(id: &str, payment: &str, day: &str, status: ChargeStatus) -> Charge {
        Charge { payment_intent: Some(payment.into()), ..charge(id, 1000, day, status) }
    }

    #[test]
    fn what_radar_blocks_and_what_is_not_settled_is_left_out() {
        use ChargeStatus::{Failed, Pending, Succeeded};
        let blocked = |id: &str, payment: &str, day: &str| Charge {
            outcome_type: Some(OutcomeType::Blocked),
            ..of(id, payment, day, Failed)
        };
        let table: [(&str, Vec<Charge>, Counts); 7] = [
            ("only blocked", vec![blocked("a", "p", "2026-06-02")], (0, 0, 0, 1)),
            (
                "blocked, then paid",
                vec![blocked("a", "p", "2026-06-02"), of("b", "p", "2026-06-03", Succeeded)],
                (1, 0, 0, 0),
            ),
            ("pending", vec![of("a", "p", "2026-06-02", Pending)], (0, 0, 0, 0)),
            (
                "failed, now pending",
                vec![of("a", "p", "2026-06-02", Failed), of("b", "p", "2026-06-03", Pending)],
                (0, 0, 0, 0),
            ),
            (
                "failed, paid later",
                vec![of("b", "p", "2026-08-01", Succeeded), of("a", "p", "2026-06-02", Failed)],
                (1, 0, 1, 0),
            ),
            (
                "first tried before",
                vec![of("a", "p", "2026-05-31", Failed), of("b", "p", "2026-06-02", Failed)],
                (0, 0, 0, 0),
            ),
            (
                "without an intent",
                vec![charge("a", 5, "2026-06-02", Failed), charge("b", 5, "2026-06-02", Failed)],
                (2, 2, 2, 0),
            ),
        ];
        for (what, charges, expected) in table {
            assert_eq!(june(&charges, &[]), expected, "{what}");
        }
    }

    #[test]
    fn an_intent_that_never_became_a_charge_is_a_failed_payment() {
        let failure = IntentFailure {
            payment_intent: "p".into(),
            created_at: at("2026-06-05"),
            currency: Currency::USD,
            amount: Minor(700),
            code: Some("authentication_required".to_owned()),
        };
        assert_eq!(june(&[], std::slice::from_ref(&failure)), (1, 1, 1, 0));
        let paid = of("a", "p", "2026-06-06", ChargeStatus::Succeeded);
        assert_eq!(june(&[paid], &[failure]), (1, 0, 0, 0), "its charge tells more");
    }

    #[test]
    fn a_code_is_the_banks_where_the_bank_decided() {
        let failed = |outcome: OutcomeType, reason: Option<&str>, failure: Option<&str>| {
            let mut charge = charge("a", 5, "2026-06-02", ChargeStatus::Failed);
            charge.outcome_type = Some(outcome);
            (charge.outcome_reason, charge.failure_code) = (reason.map(str::to_owned), failure.map(str::to_owned));
            code(&charge)
        };
        assert_eq!(failed(OutcomeType::IssuerDeclined, Some("do_not_honor"), Some("card_declined")), "do_not_honor");
        assert_eq!(failed(OutcomeType::IssuerDeclined, None, Some("card_declined")), "card_declined");
        assert_eq!(failed(OutcomeType::Invalid, Some("rule"), Some("expired_card")), "expired_card");
        assert_eq!(failed(OutcomeType::Invalid, None, None), "unknown");
    }

    #[test]
    fn amounts_without_a_rate_leave_no_rate_by_amount() {
        let mut euro = charge("a", 5, "2026-06-02", ChargeStatus::Failed);
        euro.currency = Currency::parse("eur").unwrap();
        let period = Period { start: at("2026-06-01"), end: at("2026-07-01") };
        let charges = [euro, charge("b", 5, "2026-06-02", ChargeStatus::Failed)];
        let fx = Fx::new(Currency::USD, &[]);
        let all = payments(&charges, &[], period, &fx, &Zone::utc());
        assert_eq!(all.first_attempt_failure_rate_by_amount(), None);
        assert_eq!(all.failure_rate(), Rate::of(1, 1));
    }
}
