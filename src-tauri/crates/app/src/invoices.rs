//! Invoices: status and amounts on both sides.
//!
//! The application records an invoice when it was paid and never again, so what it does not hold is missing only where it
//! should be there. Deliberately absent: links that let somebody pay.

use countersign_domain::Instant;
use countersign_domain::billing::{BillingInvoice, RowKind};
use countersign_domain::failure::Failure;
use countersign_domain::ids::{CustomerId, EnvironmentId, InvoiceId};
use countersign_domain::money::{Minor, Money};
use countersign_domain::stripe::invoice::InvoiceLine;
use countersign_domain::stripe::{Charge, Invoice, ObjectKind};
use countersign_domain::workspace::{Environment, Source};
use countersign_store::mirror::invoices::{self as kept, InvoiceFilter, InvoiceSort};
use countersign_store::mirror::{billing, charges, load};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Answer, Masked, Rows, Window};
use crate::app::App;
use crate::customers::{ComparedField, PaymentBrief};
use crate::failure::{invalid, not_found};
use crate::{clock, comparison, declines, freshness, masking, mirror, record};

/// Oldest data that counts as fresh here. **Units**: minutes.
const FRESH_MINUTES: i64 = 60;

/// Asks for a window of the invoices.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct InvoicesRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Keep those with this status, or empty; `overdue` is one of the words.
    #[serde(default)]
    pub status: String,
    /// Keep those with this verdict, or empty.
    #[serde(default)]
    pub verdict: String,
    /// Keep those of this currency, or empty.
    #[serde(default)]
    pub currency: String,
    /// Which window.
    #[serde(default)]
    pub window: Window,
}

/// The list; totals are of what remains to be paid, one per currency of the list.
pub type Invoices = Rows<InvoiceRow>;

/// One invoice in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InvoiceRow {
    /// Id.
    pub id: InvoiceId,
    /// Number; a draft has none.
    pub number: Option<String>,
    /// Who was billed.
    pub customer: Option<CustomerId>,
    /// Their name.
    pub name: Masked,
    /// Status in Stripe.
    pub status: String,
    /// Status in the billing database.
    pub database_status: Option<String>,
    /// `equal`, `differs`, `missing`, `not_expected`, `not_connected`.
    pub verdict: String,
    /// Total.
    pub total: Money,
    /// Tax in it.
    pub tax: Money,
    /// Paid so far.
    pub paid: Money,
    /// Still to pay.
    pub remaining: Money,
    /// When it was made.
    pub created_at: Instant,
    /// When it is due.
    pub due_at: Option<Instant>,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// Payment attempts.
    pub attempts: u32,
    /// When the next is planned.
    pub next_attempt_at: Option<Instant>,
    /// Why it was made, in words.
    pub reason: String,
}

/// Asks for one invoice.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct InvoiceRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which.
    pub invoice: InvoiceId,
}

/// One invoice.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InvoicePage {
    /// The row of the list.
    pub row: InvoiceRow,
    /// Its lines.
    pub lines: Vec<InvoiceLineRow>,
    /// Attempts to collect it, newest first.
    pub payments: Vec<PaymentBrief>,
    /// Both sides, field by field.
    pub comparison: Vec<ComparedField>,
}

/// One line of an invoice.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InvoiceLineRow {
    /// What it says.
    pub what: String,
    /// How many.
    pub quantity: String,
    /// Service period from.
    pub period_start_at: Instant,
    /// Service period until.
    pub period_end_at: Instant,
    /// Whether it corrects a part of a period.
    pub is_proration: bool,
    /// Amount before discount and tax.
    pub amount: Money,
    /// Discount on it.
    pub discount: Money,
    /// Tax on it.
    pub tax: Money,
}

/// Lists a window of the invoices, with what remains to be paid on the whole list.
///
/// **Errors**: an order nobody offers; closed stores.
pub async fn list(app: &App, request: InvoicesRequest) -> Result<Answer<Invoices>, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let (now, part, asked) = (clock::now(), mirror::part(&request.window), environment.clone());
    let filter = InvoiceFilter {
        sort: order(&request.window.sort)?,
        is_reversed: request.window.is_reversed,
        status: request.status,
        verdict: request.verdict,
        currency: request.currency,
    };
    let found = mirror::read(app, &environment, "Could not read the invoices", move |conn, scope| {
        let compared = mirror::compared(conn, &asked, RowKind::BillingInvoice)?;
        let (found, totals) = kept::list(conn, scope, compared.as_ref(), &filter, &part, now)?;
        let rows = found.rows.into_iter().map(row).collect();
        Ok(Rows { rows, total: found.total, totals: totals.into_iter().map(|totals| totals.remaining).collect() })
    });
    answered(app, &environment, found.await?.unwrap_or_else(Rows::none)).await
}

/// Gives one invoice with its lines, the attempts to collect it, and both sides field by field.
///
/// **Errors**: one that is not in the mirror; closed stores.
pub async fn page(app: &App, request: InvoiceRequest) -> Result<Answer<InvoicePage>, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let (id, asked, now) = (request.invoice.clone(), environment.clone(), clock::now());
    let found = mirror::read(app, &environment, "Could not read the invoice", move |conn, scope| {
        let compared = mirror::compared(conn, &asked, RowKind::BillingInvoice)?;
        let Some(found) = kept::row(conn, scope, compared.as_ref(), &id, now)? else { return Ok(None) };
        let stripe = load::<Invoice>(conn, scope, id.as_str())?;
        let rows = match &compared {
            Some(environment) => Some(billing::by_stripe_id::<BillingInvoice>(conn, environment, id.as_str())?),
            None => None,
        };
        let payments = charges::of_invoice(conn, scope, &id)?;
        let compare = |stripe: &Invoice| comparison::invoice(stripe, rows.as_deref(), &found.verdict);
        Ok(Some(InvoicePage {
            lines: stripe.iter().flat_map(lines).collect(),
            payments: payments.iter().map(payment).collect(),
            comparison: stripe.as_ref().map(compare).unwrap_or_default(),
            row: row(found),
        }))
    });
    match found.await?.flatten() {
        Some(view) => answered(app, &environment, view).await,
        None => Err(not_found("invoice", request.invoice.as_str())),
    }
}

fn lines(stripe: &Invoice) -> impl Iterator<Item = InvoiceLineRow> {
    let money = |minor: Minor| Money { minor, currency: stripe.currency };
    stripe.lines.iter().map(move |line: &InvoiceLine| InvoiceLineRow {
        what: line
            .description
            .clone()
            .unwrap_or_else(|| line.price.as_ref().map(ToString::to_string).unwrap_or_default()),
        quantity: line.quantity.map(|quantity| quantity.normalize().to_string()).unwrap_or_default(),
        period_start_at: line.period_start_at,
        period_end_at: line.period_end_at,
        is_proration: line.is_proration,
        amount: money(line.amount),
        discount: money(line.discount_amount),
        tax: money(line.tax_amount),
    })
}

/// Shows an attempt to take money.
pub(crate) fn payment(charge: &Charge) -> PaymentBrief {
    PaymentBrief {
        money: Money { minor: charge.amount, currency: charge.currency },
        at: charge.created_at,
        status: charge.status.to_string(),
        reason: declines::reason(charge),
    }
}

/// Turns a row of the store into one that may be shown.
pub(crate) fn row(found: kept::InvoiceRow) -> InvoiceRow {
    let name = match &found.customer {
        Some(customer) => masking::name(customer, found.name.as_deref()),
        None => masking::nothing(),
    };
    InvoiceRow {
        id: found.id,
        number: found.number,
        customer: found.customer,
        name,
        status: found.status.to_string(),
        database_status: found.database_status,
        verdict: found.verdict,
        total: found.total,
        tax: found.tax,
        paid: found.paid,
        remaining: found.remaining,
        created_at: found.created_at,
        due_at: found.due_at,
        paid_at: found.paid_at,
        attempts: found.attempts,
        next_attempt_at: found.next_attempt_at,
        reason: found.reason.as_deref().map(reason).unwrap_or_default(),
    }
}

/// Says why an invoice was made; a word of Stripe's that is not known stays as it came.
fn reason(word: &str) -> String {
    let words = match word {
        "subscription_create" => "first of a subscription",
        "subscription_cycle" => "renewal",
        "subscription_update" => "change of a subscription",
        "subscription_threshold" => "usage reached its threshold",
        "subscription" => "subscription",
        "manual" => "made by hand",
        "quote_accept" => "quote accepted",
        "automatic_pending_invoice_item_invoice" => "items that were waiting",
        "upcoming" => "preview",
        other => return other.replace('_', " "),
    };
    words.to_owned()
}

async fn answered<T>(app: &App, environment: &Environment, view: T) -> Result<Answer<T>, Failure> {
    let sources = [Source::Stripe, Source::Database];
    let mut answer = freshness::answer(app, environment, &sources, FRESH_MINUTES, view).await?;
    freshness::needs(app, environment, &mut answer.sources, &[ObjectKind::Invoice]).await?;
    Ok(answer)
}

fn order(word: &str) -> Result<InvoiceSort, Failure> {
    Ok(match word {
        "" | "created_at" => InvoiceSort::Created,
        "number" => InvoiceSort::Number,
        "name" => InvoiceSort::Name,
        "status" => InvoiceSort::Status,
        "verdict" => InvoiceSort::Verdict,
        "attempts" => InvoiceSort::Attempts,
        "remaining" => InvoiceSort::Remaining,
        "due_at" => InvoiceSort::Due,
        "total" => InvoiceSort::Total,
        other => return Err(invalid("sort", format!("invoices are not ordered by {other}"))),
    })
}
