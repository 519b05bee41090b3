//! Cells of a row into the domain's rows, the same for every database and every profile.
//!
//! The statements give each kind of row the same column names whatever the profile stores; what is left to do here is
//! words, money and instants. Nothing is computed from one row about another.

use countersign_domain::Instant;
use countersign_domain::billing::{BillingCustomer, BillingEvent, BillingInvoice, BillingSubscription, RowKind};
use countersign_domain::ids::UserId;
use countersign_domain::money::{Currency, Minor};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::error::BillingError;

/// One row of an answer, by the statement's column names; SQL's NULL is `None`.
///
/// **Errors**: a value of another type than the statement promised.
pub trait Cells {
    /// Reads text.
    fn text(&self, column: &'static str) -> Result<Option<String>, BillingError>;
    /// Reads a whole number.
    fn integer(&self, column: &'static str) -> Result<Option<i64>, BillingError>;
    /// Reads a number with a fraction.
    fn number(&self, column: &'static str) -> Result<Option<f64>, BillingError>;
    /// Reads a truth value.
    fn flag(&self, column: &'static str) -> Result<Option<bool>, BillingError>;
    /// Reads an instant; without a zone it is UTC, and one that no calendar holds is `None`.
    fn instant(&self, column: &'static str) -> Result<Option<Instant>, BillingError>;
}

/// Rows of one kind, by primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// Links between users and Stripe customers.
    Customers(Vec<BillingCustomer>),
    /// Subscriptions.
    Subscriptions(Vec<BillingSubscription>),
    /// Invoices.
    Invoices(Vec<BillingInvoice>),
    /// What event handlers left.
    Events(Vec<BillingEvent>),
}

impl Rows {
    /// Makes an empty list of a kind.
    #[must_use]
    pub fn of(kind: RowKind) -> Self {
        match kind {
            RowKind::BillingCustomer => Self::Customers(Vec::new()),
            RowKind::BillingSubscription => Self::Subscriptions(Vec::new()),
            RowKind::BillingInvoice => Self::Invoices(Vec::new()),
            RowKind::BillingEvent => Self::Events(Vec::new()),
        }
    }

    /// Reads one more row.
    ///
    /// **Errors**: `SchemaUnknown` when a cell the row cannot do without is empty or of another type.
    pub fn read(&mut self, cells: &impl Cells) -> Result<(), BillingError> {
        match self {
            Self::Customers(rows) => rows.push(customer(cells)?),
            Self::Subscriptions(rows) => rows.push(subscription(cells)?),
            Self::Invoices(rows) => rows.push(invoice(cells)?),
            Self::Events(rows) => rows.push(event(cells)?),
        }
        Ok(())
    }

    /// Adds the rows of another list of the same kind; of another kind nothing is added.
    pub fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Customers(rows), Self::Customers(more)) => rows.extend(more),
            (Self::Subscriptions(rows), Self::Subscriptions(more)) => rows.extend(more),
            (Self::Invoices(rows), Self::Invoices(more)) => rows.extend(more),
            (Self::Events(rows), Self::Events(more)) => rows.extend(more),
            _ => {}
        }
    }

    /// Says how many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Customers(rows) => rows.len(),
            Self::Subscriptions(rows) => rows.len(),
            Self::Invoices(rows) => rows.len(),
            Self::Events(rows) => rows.len(),
        }
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the primary key of the last row: where the next page begins.
    #[must_use]
    pub fn last_key(&self) -> Option<&str> {
        match self {
            Self::Customers(rows) => rows.last().map(|row| row.row_id.as_str()),
            Self::Subscriptions(rows) => rows.last().map(|row| row.row_id.as_str()),
            Self::Invoices(rows) => rows.last().map(|row| row.row_id.as_str()),
            Self::Events(rows) => rows.last().map(|row| row.row_id.as_str()),
        }
    }
}

fn customer(cells: &impl Cells) -> Result<BillingCustomer, BillingError> {
    Ok(BillingCustomer {
        row_id: required(cells, "row_id")?,
        user: UserId::from(required(cells, "user_id")?),
        stripe_customer: cells.text("stripe_customer")?,
        plan: cells.text("plan")?.map(|word| word.to_lowercase()),
        created_at: cells.instant("created_at")?,
    })
}

fn subscription(cells: &impl Cells) -> Result<BillingSubscription, BillingError> {
    Ok(BillingSubscription {
        row_id: required(cells, "row_id")?,
        user: UserId::from(required(cells, "user_id")?),
        stripe_subscription: cells.text("stripe_subscription")?,
        stripe_price: cells.text("stripe_price")?,
        status: stripes_word(required(cells, "status")?),
        period_start_at: cells.instant("period_start_at")?,
        period_end_at: cells.instant("period_end_at")?,
        trial_end_at: cells.instant("trial_end_at")?,
        cancels_at_period_end: cells
            .flag("cancels_at_period_end")?
            .ok_or_else(|| BillingError::cell("cancels_at_period_end"))?,
        canceled_at: cells.instant("canceled_at")?,
        plan: cells.text("plan")?,
        created_at: cells.instant("created_at")?,
        updated_at: cells.instant("updated_at")?,
    })
}

fn invoice(cells: &impl Cells) -> Result<BillingInvoice, BillingError> {
    let currency = cells.text("currency")?.and_then(|code| Currency::parse(&code).ok());
    let stored = (cells.integer("amount_due_minor")?, cells.number("amount_due_major")?);
    let (amount_due, is_inexact) = match stored {
        (Some(minor), _) => (Some(Minor(minor)), false),
        (None, Some(major)) => minor_of(major, currency),
        (None, None) => (None, false),
    };
    Ok(BillingInvoice {
        row_id: required(cells, "row_id")?,
        user: UserId::from(required(cells, "user_id")?),
        stripe_invoice: cells.text("stripe_invoice")?,
        status: stripes_word(required(cells, "status")?),
        currency,
        amount_due,
        amount_paid: cells.integer("amount_paid_minor")?.map(Minor),
        is_inexact,
        paid_at: cells.instant("paid_at")?,
        created_at: cells.instant("created_at")?,
        updated_at: cells.instant("updated_at")?,
    })
}

fn event(cells: &impl Cells) -> Result<BillingEvent, BillingError> {
    Ok(BillingEvent {
        row_id: required(cells, "row_id")?,
        stripe_event: cells.text("stripe_event")?,
        kind: required(cells, "event_type")?,
        created_at: cells.instant("created_at")?,
    })
}

fn required(cells: &impl Cells, column: &'static str) -> Result<String, BillingError> {
    cells.text(column)?.ok_or_else(|| BillingError::cell(column))
}

/// Gives Stripe's lower-case word for a status of any profile, or the word as it stands.
///
/// `CREATED` and `PENDING` stay: they mean "not confirmed yet", for which Stripe has no single word.
fn stripes_word(word: String) -> String {
    const STRIPES: [&str; 13] = [
        "incomplete",
        "incomplete_expired",
        "trialing",
        "active",
        "past_due",
        "canceled",
        "unpaid",
        "paused",
        "draft",
        "open",
        "paid",
        "void",
        "uncollectible",
    ];
    let lower = word.to_ascii_lowercase();
    if STRIPES.contains(&lower.as_str()) { lower } else { word }
}

/// Turns a stored number of major units into minor units, and says whether that lost anything.
///
/// **Units**: major units in, minor units out, halves to even; without a currency, or beyond 64 bits, there is no
/// amount, and that counts as a loss.
fn minor_of(major: f64, currency: Option<Currency>) -> (Option<Minor>, bool) {
    let scaled = currency.and_then(|currency| {
        Decimal::from_f64_retain(major)?.checked_mul(Decimal::from(10_u64.pow(currency.exponent())))
    });
    let rounded = scaled.map(|scaled| scaled.round());
    let minor = rounded.and_then(|rounded| rounded.to_i64()).map(Minor);
    let tolerance = Decimal::new(1, 6);
    let is_exact = scaled.zip(rounded).is_some_and(|(scaled, rounded)| (scaled - rounded).abs() <= tolerance);
    (minor, minor.is_none() || !is_exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_units_become_minor_units_without_a_silent_loss() {
        let of = |major, code: &str| minor_of(major, Currency::parse(code).ok());
        assert_eq!(of(29.99, "usd"), (Some(Minor(2999)), false));
        assert_eq!(of(0.1 + 0.2, "usd"), (Some(Minor(30)), false));
        assert_eq!(of(-9.99, "USD"), (Some(Minor(-999)), false));
        assert_eq!(of(1200.0, "jpy"), (Some(Minor(1200)), false));
        assert_eq!(of(1.234, "kwd"), (Some(Minor(1234)), false));
        assert_eq!(of(0.125, "usd"), (Some(Minor(12)), true), "halves go to even");
        assert!(of(0.135, "usd").1);
        assert_eq!(of(12.34, "jpy"), (Some(Minor(12)), true));
        assert_eq!(of(29.99, "dollars"), (None, true));
        for odd in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(of(odd, "usd"), (None, true), "{odd}");
        }
    }

    #[test]
    fn words_that_stripe_has_are_written_as_stripe_does() {
        for (word, expected) in
            [("PAST_DUE", "past_due"), ("active", "active"), ("CREATED", "CREATED"), ("PENDING", "PENDING"), ("x", "x")]
        {
            assert_eq!(stripes_word(word.to_owned()), expected);
        }
    }
}
