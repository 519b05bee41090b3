//! Invoices paid at Stripe against those the database says were paid.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use countersign_domain::billing::{BillingInvoice, RowKind};
use countersign_domain::money::{Minor, Money};
use countersign_domain::reconcile::invoices::{Category, Invoices, Row, invoices};
use countersign_domain::stripe::Invoice;
use countersign_store::StoreError;
use countersign_store::mirror::{billing, load, samples};

use super::{Finding, Found, Look, Total};
use crate::mirror;

/// Names a finding of invoices.
pub(super) fn words(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "invoice.missing_row" => ("Paid, and no row", "The event was not handled, or the customer's user was deleted."),
        "invoice.orphan_row" => (
            "A paid row Stripe does not know as paid",
            "The row is of another mode or account, or the payment was undone.",
        ),
        "invoice.status_drift" => ("The row is not paid", "The application did not follow the payment."),
        "invoice.currency_mismatch" => ("Another currency", "One side has the wrong currency."),
        "invoice.amount_mismatch" => ("Another amount", "One side has the wrong amount."),
        "invoice.duplicate_row" => ("A further paid row", "The application recorded one invoice more than once."),
        _ => return None,
    })
}

/// Gives the stable word of a category that is a finding.
const fn kind(category: Category) -> Option<&'static str> {
    Some(match category {
        Category::Matched | Category::PendingSync => return None,
        Category::MissingInDb => "invoice.missing_row",
        Category::MissingInStripe => "invoice.orphan_row",
        Category::StatusMismatch => "invoice.status_drift",
        Category::CurrencyMismatch => "invoice.currency_mismatch",
        Category::AmountMismatch => "invoice.amount_mismatch",
        Category::DuplicateInDb => "invoice.duplicate_row",
    })
}

pub(super) fn found(look: &Look<'_>) -> Result<Found, StoreError> {
    let conn = look.conn;
    let rows: Vec<BillingInvoice> = match mirror::compared(conn, look.environment, RowKind::BillingInvoice)? {
        Some(environment) => billing::all(conn, &environment)?,
        None => Vec::new(),
    };
    let mut paid = samples::invoices_paid(conn, look.scope, look.period)?;
    // A row of the period may name an invoice that was paid at its edge.
    let seen: BTreeSet<&str> = paid.iter().map(|invoice| invoice.id.as_str()).collect();
    let is_here = |row: &&BillingInvoice| row.paid_at.or(row.created_at).is_none_or(|at| look.period.contains(at));
    let named = rows.iter().filter(is_here).filter_map(|row| row.stripe_invoice.as_deref());
    let others: BTreeSet<&str> = named.filter(|id| !seen.contains(id)).collect();
    let mut at_edge = Vec::new();
    for id in others {
        at_edge.extend(load::<Invoice>(conn, look.scope, id)?);
    }
    paid.extend(at_edge);
    Ok(of(&invoices(&paid, &rows, look.period, look.as_of), &paid))
}

fn of(compared: &Invoices<'_>, paid: &[Invoice]) -> Found {
    let paid_at: HashMap<&str, _> = paid.iter().map(|invoice| (invoice.id.as_str(), invoice.paid_at)).collect();
    let finding = |row: &Row<'_>| {
        Some(Finding {
            kind: kind(row.category)?,
            id: row.id.to_owned(),
            row: row.row.map(str::to_owned),
            field: "paid".to_owned(),
            stripe: row.stripe.map(|money| money.to_string()),
            database: match (row.category, row.database) {
                (Category::StatusMismatch, None) => Some("not paid".to_owned()),
                (_, money) => money.map(|money| money.to_string()),
            },
            difference: difference(row),
            at: paid_at.get(row.id).copied().flatten(),
        })
    };
    let awaited = compared.count(Category::PendingSync);
    Found {
        compared: (compared.rows.len() as u64).saturating_sub(awaited),
        equal: compared.count(Category::Matched),
        awaited,
        not_comparable: compared.not_comparable,
        totals: totals(compared),
        match_rate: compared.match_rate(),
        findings: compared.rows.iter().filter_map(finding).collect(),
    }
}

/// Gives Stripe minus database; `None` between two currencies.
fn difference(row: &Row<'_>) -> Option<Money> {
    match (row.stripe, row.database) {
        (Some(one), Some(two)) if one.currency != two.currency => None,
        (Some(one), two) => {
            let minor = Minor(one.minor.0 - two.map_or(0, |money| money.minor.0));
            Some(Money { minor, ..one })
        }
        (None, Some(two)) => Some(Money { minor: Minor(-two.minor.0), ..two }),
        (None, None) => None,
    }
}

fn totals(compared: &Invoices<'_>) -> Vec<Total> {
    let total = |(currency, difference): (_, i64)| {
        let money = |minor: i64| Money { minor: Minor(minor), currency };
        let sum = |side: &BTreeMap<_, i64>| money(side.get(&currency).copied().unwrap_or_default());
        Total { stripe: sum(&compared.stripe_total), database: sum(&compared.db_total), difference: money(difference) }
    };
    compared.difference().into_iter().map(total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_row_and_its_double_are_two_compared_and_none_equal() {
        let row = |category| Row { id: "in_1", category, stripe: None, database: None, row: Some("row") };
        let categories = [Category::AmountMismatch, Category::DuplicateInDb];
        let compared = Invoices {
            counts: categories.map(|category| (category, 1)).into(),
            rows: categories.map(row).into(),
            ..Invoices::default()
        };
        let found = of(&compared, &[]);
        assert_eq!((found.compared, found.equal, found.findings.len()), (2, 0, 2));
    }
}
