//! Subscriptions: both sides of each, Stripe's and the billing database's.
//!
//! What a subscription is made of stands in `parts`. Deliberately absent: any change to one.

pub(crate) mod parts;

use countersign_domain::Instant;
use countersign_domain::billing::{BillingSubscription, RowKind};
use countersign_domain::failure::Failure;
use countersign_domain::ids::{CustomerId, EnvironmentId, SubscriptionId};
use countersign_domain::money::Money;
use countersign_domain::stripe::{ObjectKind, Subscription};
use countersign_domain::workspace::{Environment, Source};
use countersign_store::mirror::subscriptions::{self as kept, SubscriptionFilter, SubscriptionSort};
use countersign_store::mirror::{Scope, billing, invoices, load, segments};
use countersign_store::{Connection, StoreError};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Answer, Masked, Rows, Window};
use crate::app::App;
use crate::customers::ComparedField;
use crate::failure::{invalid, not_found};
use crate::invoices::InvoiceRow;
use crate::{clock, comparison, freshness, masking, mirror, record};

/// Oldest data that counts as fresh here. **Units**: minutes.
const FRESH_MINUTES: i64 = 60;
/// Invoices on one page.
const INVOICES_MAX: u32 = 24;

/// Asks for a window of the subscriptions.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionsRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Keep those with this status, or empty.
    #[serde(default)]
    pub status: String,
    /// Keep those with this verdict, or empty.
    #[serde(default)]
    pub verdict: String,
    /// Which window.
    #[serde(default)]
    pub window: Window,
}

/// The list.
pub type Subscriptions = Rows<SubscriptionRow>;

/// One subscription in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SubscriptionRow {
    /// Id.
    pub id: SubscriptionId,
    /// Who pays.
    pub customer: CustomerId,
    /// Their name.
    pub name: Masked,
    /// Status in Stripe.
    pub status: String,
    /// Status in the billing database; `null` when there is no row or no connection.
    pub database_status: Option<String>,
    /// `equal`, `differs`, `missing`, `not_connected`.
    pub verdict: String,
    /// Plan in words.
    pub plan: String,
    /// Billing interval in words.
    pub interval: String,
    /// Quantity of the main item.
    pub quantity: String,
    /// MRR now.
    pub mrr: Money,
    /// Current period from; `null` when the items disagree.
    pub period_start_at: Option<Instant>,
    /// Current period until; the earliest of the items.
    pub period_end_at: Option<Instant>,
    /// Trial until.
    pub trial_end_at: Option<Instant>,
    /// Planned or real end.
    pub ends_at: Option<Instant>,
    /// Whether it ends by itself.
    pub is_cancelling: bool,
    /// When it began.
    pub started_at: Instant,
}

/// Asks for one subscription.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which.
    pub subscription: SubscriptionId,
}

/// One subscription.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SubscriptionPage {
    /// The row of the list.
    pub row: SubscriptionRow,
    /// What it is made of.
    pub items: Vec<ItemRow>,
    /// Discounts at work.
    pub discounts: Vec<String>,
    /// Newest invoices.
    pub invoices: Vec<InvoiceRow>,
    /// MRR over its life, as segments.
    pub segments: Vec<SegmentRow>,
    /// Both sides, field by field.
    pub comparison: Vec<ComparedField>,
}

/// One item of a subscription.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ItemRow {
    /// Id.
    pub id: String,
    /// Product and price in words.
    pub what: String,
    /// How many.
    pub quantity: String,
    /// What one period costs, in words.
    pub price: String,
    /// MRR now.
    pub mrr: Money,
}

/// A stretch of time with one MRR.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SegmentRow {
    /// From.
    pub start_at: Instant,
    /// Until; open when still running.
    pub end_at: Option<Instant>,
    /// MRR in it.
    pub mrr: Money,
    /// `observed`, `rebuilt` from invoices, or from `dates` alone.
    pub source: String,
}

/// Lists a window of the subscriptions, with the MRR of the whole list per currency.
///
/// **Errors**: an order nobody offers; closed stores.
pub async fn list(app: &App, request: SubscriptionsRequest) -> Result<Answer<Subscriptions>, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let sort = order(&request.window.sort)?;
    let is_reversed = request.window.is_reversed;
    let filter = SubscriptionFilter { status: request.status, verdict: request.verdict, sort, is_reversed };
    let (part, asked) = (mirror::part(&request.window), environment.clone());
    let found = mirror::read(app, &environment, "Could not read the subscriptions", move |conn, scope| {
        let compared = mirror::compared(conn, &asked, RowKind::BillingSubscription)?;
        let (found, totals) = kept::list(conn, scope, compared.as_ref(), &filter, &part)?;
        let rows = found.rows.into_iter().map(|found| row(conn, scope, found)).collect::<Result<_, _>>()?;
        Ok(Rows { rows, total: found.total, totals })
    });
    answered(app, &environment, found.await?.unwrap_or_else(Rows::none)).await
}

/// Gives one subscription with its items, its MRR over its life, and both sides field by field.
///
/// **Errors**: one that is not in the mirror; closed stores.
pub async fn page(app: &App, request: SubscriptionRequest) -> Result<Answer<SubscriptionPage>, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let (id, asked, now) = (request.subscription.clone(), environment.clone(), clock::now());
    let found = mirror::read(app, &environment, "Could not read the subscription", move |conn, scope| {
        let compared = mirror::compared(conn, &asked, RowKind::BillingSubscription)?;
        let Some(found) = kept::row(conn, scope, compared.as_ref(), &id)? else { return Ok(None) };
        let stripe = load::<Subscription>(conn, scope, id.as_str())?;
        let of_invoices = mirror::compared(conn, &asked, RowKind::BillingInvoice)?;
        let invoices = invoices::of_subscription(conn, scope, of_invoices.as_ref(), &id, INVOICES_MAX, now)?;
        let mut lived = segments::of_customer(conn, scope, &found.customer)?;
        lived.retain(|segment| segment.subscription == id);
        Ok(Some(SubscriptionPage {
            items: stripe
                .iter()
                .map(|stripe| parts::items(conn, scope, stripe, &lived, now))
                .collect::<Result<Vec<_>, _>>()?
                .concat(),
            discounts: stripe
                .iter()
                .map(|stripe| parts::discounts(conn, scope, stripe))
                .collect::<Result<Vec<_>, _>>()?
                .concat(),
            invoices: invoices.into_iter().map(crate::invoices::row).collect(),
            segments: parts::life(&lived),
            comparison: match &stripe {
                Some(stripe) => compare(conn, &asked, stripe, now)?,
                None => Vec::new(),
            },
            row: row(conn, scope, found)?,
        }))
    });
    match found.await?.flatten() {
        Some(view) => answered(app, &environment, view).await,
        None => Err(not_found("subscription", request.subscription.as_str())),
    }
}

/// Compares a subscription with its rows.
pub(crate) fn compare(
    conn: &Connection,
    environment: &Environment,
    stripe: &Subscription,
    now: Instant,
) -> Result<Vec<ComparedField>, StoreError> {
    let rows = match mirror::compared(conn, environment, RowKind::BillingSubscription)? {
        Some(environment) => {
            Some(billing::by_stripe_id::<BillingSubscription>(conn, &environment, stripe.id.as_str())?)
        }
        None => None,
    };
    Ok(comparison::subscription(stripe, rows.as_deref(), now))
}

/// Turns a row of the store into one that may be shown.
pub(crate) fn row(
    conn: &Connection,
    scope: Scope,
    found: kept::SubscriptionRow,
) -> Result<SubscriptionRow, StoreError> {
    let stripe = load::<Subscription>(conn, scope, found.id.as_str())?;
    let main = match &stripe {
        Some(stripe) => parts::main(conn, scope, stripe)?,
        None => None,
    };
    Ok(SubscriptionRow {
        name: masking::name(&found.customer, found.name.as_deref()),
        status: found.status.to_string(),
        interval: main.as_ref().map(|main| main.interval.clone()).unwrap_or_default(),
        quantity: main.map_or_else(|| "1".to_owned(), |main| main.quantity),
        mrr: found.mrr.to_money(found.currency),
        id: found.id,
        customer: found.customer,
        database_status: found.database_status,
        verdict: found.verdict,
        plan: found.plan,
        period_start_at: found.period_start_at,
        period_end_at: found.period_end_at,
        trial_end_at: found.trial_end_at,
        ends_at: found.ends_at,
        is_cancelling: found.is_cancelling,
        started_at: found.start_at,
    })
}

async fn answered<T>(app: &App, environment: &Environment, view: T) -> Result<Answer<T>, Failure> {
    let sources = [Source::Stripe, Source::Database];
    let mut answer = freshness::answer(app, environment, &sources, FRESH_MINUTES, view).await?;
    freshness::needs(app, environment, &mut answer.sources, &[ObjectKind::Subscription]).await?;
    Ok(answer)
}

fn order(word: &str) -> Result<SubscriptionSort, Failure> {
    Ok(match word {
        "" | "attention" => SubscriptionSort::Attention,
        "name" => SubscriptionSort::Name,
        "plan" => SubscriptionSort::Plan,
        "status" => SubscriptionSort::Status,
        "database_status" => SubscriptionSort::DatabaseStatus,
        "verdict" => SubscriptionSort::Verdict,
        "period_end_at" => SubscriptionSort::RenewsAt,
        "mrr" => SubscriptionSort::Mrr,
        "started_at" => SubscriptionSort::Started,
        other => return Err(invalid("sort", format!("subscriptions are not ordered by {other}"))),
    })
}
