//! What customers owe, by how long it is overdue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::InvoiceId;
use crate::money::Currency;
use crate::stripe::Invoice;
use crate::stripe::invoice::InvoiceStatus;

/// Seconds in a day, for counting days past due. Due dates are instants, so local days play no part.
const SECONDS_PER_DAY: i64 = 86_400;

/// How long something is overdue.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::EnumIter,
    ts_rs::TS,
)]
pub enum Bucket {
    /// Not due, or due this very second.
    #[serde(rename = "not_due")]
    #[strum(serialize = "not_due")]
    NotDue,
    /// Up to 30 days.
    #[serde(rename = "1_30")]
    #[strum(serialize = "1_30")]
    To30,
    /// Up to 60 days.
    #[serde(rename = "31_60")]
    #[strum(serialize = "31_60")]
    To60,
    /// Up to 90 days.
    #[serde(rename = "61_90")]
    #[strum(serialize = "61_90")]
    To90,
    /// Up to 120 days.
    #[serde(rename = "91_120")]
    #[strum(serialize = "91_120")]
    To120,
    /// Longer.
    #[serde(rename = "over_120")]
    #[strum(serialize = "over_120")]
    Over120,
}

impl Bucket {
    /// Finds the bucket of a number of days past due; started days count.
    #[must_use]
    pub fn of_days(days: i64) -> Self {
        match days {
            ..=0 => Self::NotDue,
            1..=30 => Self::To30,
            31..=60 => Self::To60,
            61..=90 => Self::To90,
            91..=120 => Self::To120,
            _ => Self::Over120,
        }
    }
}

/// Invoices of one bucket. **Units**: minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Owed {
    /// How many.
    pub count: u64,
    /// What is left to pay.
    pub amount: i64,
}

/// One open invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvoice<'a> {
    /// Which.
    pub invoice: &'a InvoiceId,
    /// How overdue.
    pub bucket: Bucket,
    /// Started days past due; 0 or less is not due.
    pub days_past_due: i64,
    /// Its currency.
    pub currency: Currency,
    /// What is left to pay, in minor units.
    pub amount: i64,
}

/// Open invoices by age.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aging<'a> {
    /// Each currency with its buckets; a bucket without invoices is absent.
    pub buckets: BTreeMap<Currency, BTreeMap<Bucket, Owed>>,
    /// Written off and still unpaid, a line of its own.
    pub uncollectible: BTreeMap<Currency, i64>,
    /// The open invoices.
    pub rows: Vec<OpenInvoice<'a>>,
}

impl Aging<'_> {
    /// Gives everything open, per currency.
    #[must_use]
    pub fn total(&self) -> BTreeMap<Currency, i64> {
        let sum = |buckets: &BTreeMap<Bucket, Owed>| buckets.values().map(|owed| owed.amount).sum();
        self.buckets.iter().map(|(currency, buckets)| (*currency, sum(buckets))).collect()
    }
}

/// Sorts open invoices by how many days they are past due, rounded up.
///
/// **Shape**: due is the due date, else when it became open, else when it was made.
#[must_use]
pub fn aging<'a>(invoices: impl IntoIterator<Item = &'a Invoice>, now: Instant) -> Aging<'a> {
    let mut all = Aging::default();
    for invoice in invoices.into_iter().filter(|invoice| invoice.amount_remaining.0 > 0) {
        let amount = invoice.amount_remaining.0;
        match invoice.status {
            InvoiceStatus::Uncollectible => *all.uncollectible.entry(invoice.currency).or_default() += amount,
            InvoiceStatus::Open => {
                let due = invoice.due_at.or(invoice.finalized_at).unwrap_or(invoice.created_at);
                let days_past_due = -(due - now).num_seconds().div_euclid(SECONDS_PER_DAY);
                let bucket = Bucket::of_days(days_past_due);
                let owed = all.buckets.entry(invoice.currency).or_default().entry(bucket).or_default();
                owed.count += 1;
                owed.amount += amount;
                let currency = invoice.currency;
                all.rows.push(OpenInvoice { invoice: &invoice.id, bucket, days_past_due, currency, amount });
            }
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{at, invoice};
    use crate::money::Minor;

    #[test]
    fn a_started_day_counts() {
        let due = |text: &str| {
            let mut open = invoice("in", "2026-01-01", vec![]);
            (open.status, open.amount_remaining, open.due_at) = (InvoiceStatus::Open, Minor(5), Some(at(text)));
            open
        };
        let days = |text: &str| aging(&[due(text)], at("2026-09-30")).rows[0].days_past_due;
        assert_eq!(days("2026-10-01"), -1);
        assert_eq!(days("2026-09-30"), 0);
        assert_eq!(days("2026-09-29T23:59:59"), 1);
        assert_eq!(days("2026-08-31"), 30);
        assert_eq!(days("2026-08-30T23:59:59"), 31);
    }
}
