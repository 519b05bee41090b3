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
/// **Source**: metrics.md, section 7.3.
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
