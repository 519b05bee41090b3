//! Paid invoices: what Stripe says was paid against what the billing database recorded.
//!
//! Every id falls into one category, and the categories explain the difference of the totals to the last minor unit.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::billing::BillingInvoice;
use crate::metrics::webhooks::GRACE_MINUTES;
use crate::money::{Currency, Money};
use crate::rate::Rate;
use crate::stripe::Invoice;
use crate::stripe::invoice::InvoiceStatus;
use crate::zones::Period;

/// How an invoice compares.
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
    strum::EnumString,
    strum::EnumIter,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Category {
    /// Both sides say the same.
    Matched,
    /// No row yet, and paid too recently to expect one.
    PendingSync,
    /// Paid at Stripe, no row.
    MissingInDb,
    /// A paid row whose invoice Stripe does not show as paid.
    MissingInStripe,
    /// A row that is not marked paid.
    StatusMismatch,
    /// Both paid, in different currencies.
    CurrencyMismatch,
    /// Both paid, different amounts.
    AmountMismatch,
    /// A further paid row of an invoice.
    DuplicateInDb,
}

/// One compared invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// Stripe's id of the invoice.
    pub id: &'a str,
    /// How it compares.
    pub category: Category,
    /// What was paid at Stripe.
    pub stripe: Option<Money>,
    /// What the database says was paid.
    pub database: Option<Money>,
    /// Primary key of the row, where there is one.
    pub row: Option<&'a str>,
}

/// The comparison of a period. **Units**: minor units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invoices<'a> {
    /// Paid at Stripe.
    pub stripe_total: BTreeMap<Currency, i64>,
    /// Paid in the database.
    pub db_total: BTreeMap<Currency, i64>,
    /// Rows of each category.
    pub counts: BTreeMap<Category, u64>,
    /// Each category's part of Stripe minus database; the parts sum to it exactly.
    pub by_category: BTreeMap<Currency, BTreeMap<Category, i64>>,
    /// Paid rows that name no Stripe invoice, or neither a known one nor a currency; in no other figure.
    pub not_comparable: u64,
    /// Everything compared.
    pub rows: Vec<Row<'a>>,
}

impl<'a> Invoices<'a> {
    /// Gives Stripe minus database, per currency.
    #[must_use]
    pub fn difference(&self) -> BTreeMap<Currency, i64> {
        let mut difference = self.stripe_total.clone();
        for (currency, total) in &self.db_total {
            *difference.entry(*currency).or_default() -= total;
        }
        difference
    }

    /// Gives the count of a category.
    #[must_use]
    pub fn count(&self, category: Category) -> u64 {
        self.counts.get(&category).copied().unwrap_or_default()
    }

    /// Gives matched ÷ ids, without the ones still awaited and without duplicate rows; `None` without any.
    #[must_use]
    pub fn match_rate(&self) -> Option<Rate> {
        let apart = [Category::PendingSync, Category::DuplicateInDb];
        let ids: u64 = self.counts.iter().filter(|(category, _)| !apart.contains(category)).map(|(_, n)| n).sum();
        Rate::of(self.count(Category::Matched), ids)
    }

    fn add(&mut self, row: Row<'a>) {
        *self.counts.entry(row.category).or_default() += 1;
        if let Some(paid) = row.stripe {
            *self.stripe_total.entry(paid.currency).or_default() += paid.minor.0;
            self.explain(row.category, paid.currency, paid.minor.0);
        }
        if let Some(recorded) = row.database {
            *self.db_total.entry(recorded.currency).or_default() += recorded.minor.0;
            self.explain(row.category, recorded.currency, -recorded.minor.0);
        }
        self.rows.push(row);
    }

    fn explain(&mut self, category: Category, currency: Currency, amount: i64) {
        if category != Category::Matched {
            *self.by_category.entry(currency).or_default().entry(category).or_default() += amount;
        }
    }
}

/// Compares the invoices paid in a period.
///
/// **Shape**: `invoices` are all that Stripe shows, whatever their status, so that a row paid at the edge of the period is
/// not called unknown. Rows are all of the database's. A row without a date of payment is taken by its creation.
#[must_use]
pub fn invoices<'a>(invoices: &'a [Invoice], rows: &'a [BillingInvoice], period: Period, now: Instant) -> Invoices<'a> {
    let mut all = Invoices::default();
    let mut by_id = HashMap::<&str, Vec<&'a BillingInvoice>>::new();
    for row in rows {
        match row.stripe_invoice.as_deref() {
            Some(id) => by_id.entry(id).or_default().push(row),
            None => all.not_comparable += u64::from(is_paid(row)),
        }
    }
    let mut paid_at_stripe = HashSet::new();
    for invoice in invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Paid) {
        paid_at_stripe.insert(invoice.id.as_str());
        let is_in_period = invoice.paid_at.is_some_and(|at| period.contains(at));
        if invoice.amount_paid.0 > 0 && is_in_period {
            compare(invoice, by_id.get(invoice.id.as_str()).map_or(&[], Vec::as_slice), now, &mut all);
        }
    }
    let mut unknown: Vec<_> = by_id.into_iter().filter(|(id, _)| !paid_at_stripe.contains(id)).collect();
    unknown.sort_unstable_by_key(|(id, _)| *id);
    for (id, rows) in unknown {
        let in_period =
            |row: &&BillingInvoice| is_paid(row) && row.paid_at.or(row.created_at).is_none_or(|at| period.contains(at));
        let (known, unknown): (Vec<&BillingInvoice>, Vec<_>) =
            rows.iter().copied().filter(in_period).partition(|row| row.currency.is_some());
        all.not_comparable += unknown.len() as u64;
        for (place, row) in known.into_iter().enumerate() {
            let category = if place == 0 { Category::MissingInStripe } else { Category::DuplicateInDb };
            let database = row.currency.map(|currency| recorded(row, currency));
            all.add(Row { id, category, stripe: None, database, row: Some(&row.row_id) });
        }
    }
    all
}

fn compare<'a>(invoice: &'a Invoice, rows: &[&'a BillingInvoice], now: Instant, all: &mut Invoices<'a>) {
    let id = invoice.id.as_str();
    let money = Money { minor: invoice.amount_paid, currency: invoice.currency };
    let stripe = Some(money);
    let paid: Vec<_> = rows.iter().copied().filter(|row| is_paid(row)).collect();
    // Of several paid rows the one that fits is the match, and the others are the surplus.
    let fits = |row: &&&BillingInvoice| recorded(row, invoice.currency) == money;
    let Some(best) = paid.iter().find(fits).or(paid.first()).copied() else {
        let is_recent = invoice.paid_at.is_some_and(|at| now < at + chrono::TimeDelta::minutes(GRACE_MINUTES));
        let (category, row) = match rows.first() {
            Some(row) => (Category::StatusMismatch, Some(row.row_id.as_str())),
            None if is_recent => (Category::PendingSync, None),
            None => (Category::MissingInDb, None),
        };
        return all.add(Row { id, category, stripe, database: None, row });
    };
    let database = recorded(best, invoice.currency);
    let category = if database.currency != invoice.currency {
        Category::CurrencyMismatch
    } else if database.minor != invoice.amount_paid {
        Category::AmountMismatch
    } else {
        Category::Matched
    };
    all.add(Row { id, category, stripe, database: Some(database), row: Some(&best.row_id) });
    for row in paid.into_iter().filter(|row| row.row_id != best.row_id) {
        let database = Some(recorded(row, invoice.currency));
        all.add(Row { id, category: Category::DuplicateInDb, stripe: None, database, row: Some(&row.row_id) });
    }
}

fn is_paid(row: &BillingInvoice) -> bool {
    row.status == "paid"
}

/// Gives what a row says was paid; one that names no currency is taken to mean the expected one.
fn recorded(row: &BillingInvoice, expected: Currency) -> Money {
    Money { minor: row.amount_paid.unwrap_or_default(), currency: row.currency.unwrap_or(expected) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Minor;

    fn at(minute: i64) -> Instant {
        Instant::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
    }

    fn hour() -> Period {
        Period { start: at(0), end: at(60) }
    }

    fn paid(id: &str, amount: i64, minute: i64) -> Invoice {
        let mut invoice = crate::metrics::invented::invoice(id, "2027-01-15", vec![]);
        (invoice.amount_paid, invoice.paid_at) = (Minor(amount), Some(at(minute)));
        invoice
    }

    fn row(key: usize, id: &str, amount: i64, status: &str, code: &str, minute: i64) -> BillingInvoice {
        BillingInvoice {
            row_id: format!("row_{key}"),
            user: "user".into(),
            stripe_invoice: Some(id.into()),
            status: status.into(),
            currency: Currency::parse(code).ok(),
            amount_due: None,
            amount_paid: Some(Minor(amount)),
            is_inexact: false,
            paid_at: Some(at(minute)),
            created_at: None,
            updated_at: None,
        }
    }

    fn categories(stripe: &[Invoice], rows: &[BillingInvoice]) -> Vec<(String, Category)> {
        let compared = invoices(stripe, rows, hour(), at(60));
        compared.rows.iter().map(|row| (row.id.to_owned(), row.category)).collect()
    }

    #[test]
    fn each_invoice_falls_into_one_category() {
        use Category::{
            AmountMismatch, CurrencyMismatch, DuplicateInDb, Matched, MissingInDb, MissingInStripe, PendingSync,
            StatusMismatch,
        };
        type Comparison<'a> = (&'a str, &'a [Invoice], &'a [BillingInvoice], &'a [Category]);
        let table: [Comparison<'_>; 11] = [
            ("equal", &[paid("a", 5, 1)], &[row(1, "a", 5, "paid", "USD", 1)], &[Matched]),
            ("no row", &[paid("a", 5, 1)], &[], &[MissingInDb]),
            ("no row yet", &[paid("a", 5, 46)], &[], &[PendingSync]),
            ("grace is over", &[paid("a", 5, 45)], &[], &[MissingInDb]),
            ("unknown", &[], &[row(1, "a", 5, "paid", "usd", 1)], &[MissingInStripe]),
            ("not marked", &[paid("a", 5, 1)], &[row(1, "a", 5, "open", "usd", 1)], &[StatusMismatch]),
            ("other amount", &[paid("a", 5, 1)], &[row(1, "a", 6, "paid", "usd", 1)], &[AmountMismatch]),
            ("other currency", &[paid("a", 5, 1)], &[row(1, "a", 5, "paid", "eur", 1)], &[CurrencyMismatch]),
            (
                "twice, the second fits",
                &[paid("a", 5, 1)],
                &[row(1, "a", 6, "paid", "usd", 1), row(2, "a", 5, "paid", "usd", 1)],
                &[Matched, DuplicateInDb],
            ),
            ("paid before the period", &[paid("a", 5, -1)], &[row(1, "a", 5, "paid", "usd", 1)], &[]),
            ("free at Stripe", &[paid("a", 0, 1)], &[row(1, "a", 0, "paid", "usd", 1)], &[]),
        ];
        for (what, stripe, rows, expected) in table {
            let found: Vec<_> = categories(stripe, rows).into_iter().map(|(_, category)| category).collect();
            assert_eq!(found, expected, "{what}");
        }
    }

    #[test]
    fn a_paid_row_of_an_unpaid_invoice_is_missing_at_stripe() {
        let mut open = paid("a", 5, 1);
        open.status = InvoiceStatus::Open;
        assert_eq!(
            categories(&[open], &[row(1, "a", 5, "paid", "usd", 1)]),
            [("a".to_owned(), Category::MissingInStripe)]
        );
    }

    proptest! {
        #[test]
        fn the_categories_explain_the_difference_exactly(
            stripe in prop::collection::vec((0u8..12, 0i64..50, -5i64..65), 0..12),
            database in prop::collection::vec((0u8..12, 0i64..50, 0u8..3, 0u8..2, -5i64..65), 0..24),
        ) {
            let mut seen = HashSet::new();
            let stripe: Vec<_> = stripe
                .into_iter()
                .filter(|(id, ..)| seen.insert(*id))
                .map(|(id, amount, minute)| paid(&format!("in_{id}"), amount, minute))
                .collect();
            let database: Vec<_> = database
                .into_iter()
                .enumerate()
                .map(|(key, (id, amount, status, currency, minute))| {
                    let status = ["paid", "paid", "open"][usize::from(status)];
                    row(key, &format!("in_{id}"), amount, status, ["usd", "eur"][usize::from(currency)], minute)
                })
                .collect();
            let compared = invoices(&stripe, &database, hour(), at(60));
            for (currency, difference) in compared.difference() {
                let parts = compared.by_category.get(&currency).map_or(0, |parts| parts.values().sum::<i64>());
                prop_assert_eq!(parts, difference);
            }
            prop_assert_eq!(compared.counts.values().sum::<u64>(), compared.rows.len() as u64);
        }
    }
}
