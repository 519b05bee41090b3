//! Customers: the list, and one customer with everything known about them.
//!
//! What happened to a customer is put together in `story`, the sentence about them in `sentence`, what may be shown for a
//! minute in `reveal`. Everything here of a person is masked.

mod reveal;
mod sentence;
mod story;

use countersign_domain::Instant;
use countersign_domain::billing::{BillingCustomer, RowKind};
use countersign_domain::failure::Failure;
use countersign_domain::ids::{CustomerId, EnvironmentId, UserId};
use countersign_domain::money::{Currency, Money};
use countersign_domain::stripe::{Charge, Customer, ObjectKind};
use countersign_domain::workspace::{Environment, Source};
use countersign_domain::zones::Zone;
use countersign_store::mirror::customers::{self as kept, CustomerFilter, CustomerSort, user_of};
use countersign_store::mirror::{Scope, billing, charges, events, invoices, load, subscriptions};
use countersign_store::{Connection, StoreError};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Answer, Masked, Rows, Window};
use crate::app::App;
use crate::failure::{invalid, not_found};
use crate::invoices::InvoiceRow;
use crate::subscriptions::SubscriptionRow;
use crate::{clock, comparison, declines, freshness, links, masking, mirror, record, webhooks};

pub use reveal::reveal;

/// Oldest data that counts as fresh here. **Units**: minutes.
const FRESH_MINUTES: i64 = 60;
/// Invoices on one page; those that still have to be paid are among the newest.
const INVOICES_MAX: u32 = 24;
/// Payment attempts in the story of one customer.
const CHARGES_MAX: u32 = 120;
/// Events in the story of one customer.
const EVENTS_MAX: u32 = 200;

/// Asks for a window of the customers.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CustomersRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Keep those with this standing: a word of [`CustomerRow::status`], or empty.
    #[serde(default)]
    pub status: String,
    /// Keep those with this currency, or empty.
    #[serde(default)]
    pub currency: String,
    /// Which window.
    #[serde(default)]
    pub window: Window,
}

/// The list.
pub type Customers = Rows<CustomerRow>;

/// One customer in the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CustomerRow {
    /// Id.
    pub id: CustomerId,
    /// Name.
    pub name: Masked,
    /// Mail address.
    pub email: Masked,
    /// Plans in words, the dearest first.
    pub plan: String,
    /// Worst status of the subscriptions: `active`, `past_due`, `trialing`, …, `none`.
    pub status: String,
    /// MRR per month.
    pub mrr: Vec<Money>,
    /// Customer since.
    pub since: Option<Instant>,
    /// Newest payment attempt.
    pub last_payment: Option<PaymentBrief>,
    /// Next renewal.
    pub renews_at: Option<Instant>,
    /// Trial until.
    pub trial_end_at: Option<Instant>,
    /// Unpaid invoices.
    pub open_balance: Vec<Money>,
    /// Two-letter country.
    pub country: Option<String>,
    /// What the billing database says: `equal`, `differs`, `missing`, `not_connected`, `other_provider`.
    pub database: String,
    /// Whether Stripe deleted them.
    pub is_deleted: bool,
}

/// A payment attempt in one cell.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PaymentBrief {
    /// Amount.
    pub money: Money,
    /// When.
    pub at: Instant,
    /// `succeeded`, `failed`, `pending`.
    pub status: String,
    /// Reason of a failure in words.
    pub reason: Option<String>,
}

/// Asks for one customer.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CustomerRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Who.
    pub customer: CustomerId,
}

/// One customer.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CustomerPage {
    /// The row of the list.
    pub row: CustomerRow,
    /// The standing in one plain sentence.
    pub sentence: String,
    /// A summary fit for a ticket: masked, without long ids.
    pub summary: String,
    /// Phone number.
    pub phone: Masked,
    /// User of the company's application, shortened.
    pub user: Option<Masked>,
    /// Account balance with Stripe.
    pub balance: Option<Money>,
    /// Link to Stripe's dashboard can be opened.
    pub has_dashboard_link: bool,
    /// Subscriptions, running ones first.
    pub subscriptions: Vec<SubscriptionRow>,
    /// Newest invoices.
    pub invoices: Vec<InvoiceRow>,
    /// What happened, newest first.
    pub timeline: Vec<TimelineEntry>,
    /// Stripe and the billing database, field by field.
    pub comparison: Vec<ComparedField>,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TimelineEntry {
    /// When.
    pub at: Instant,
    /// `subscription`, `invoice`, `payment`, `refund`, `event`, `row`, `gap`.
    pub kind: String,
    /// `ok`, `warn`, `fail`, `info`.
    pub tone: String,
    /// One line.
    pub title: String,
    /// A second line, may be empty.
    pub detail: String,
    /// The record behind it.
    pub id: String,
    /// Where Enter leads.
    pub route: Option<String>,
}

/// One field on both sides.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ComparedField {
    /// The record: subscription or invoice id.
    pub record: String,
    /// The field in words.
    pub field: String,
    /// In Stripe.
    pub stripe: String,
    /// In the billing database.
    pub database: String,
    /// `equal`, `differs`, `missing`, `not_compared`.
    pub verdict: String,
    /// Why, or the tolerance used.
    pub note: String,
}

/// Reveals one masked value for a minute; written to the ledger.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Which value.
    pub field: crate::answer::Reveal,
    /// Why: a ticket or a few words, three characters at least.
    pub reason: String,
}

/// A revealed value.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Revealed {
    /// The value as it stands.
    pub text: String,
    /// Until when it may stay on screen.
    pub until: Instant,
}

/// Lists a window of the customers, with the MRR of the whole list per currency.
///
/// **Errors**: an order nobody offers; closed stores.
pub async fn list(app: &App, request: CustomersRequest) -> Result<Answer<Customers>, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let (now, part, asked) = (clock::now(), mirror::part(&request.window), environment.clone());
    let filter = CustomerFilter {
        sort: order(&request.window.sort)?,
        is_reversed: request.window.is_reversed,
        status: request.status,
        currency: request.currency,
        database: String::new(),
    };
    let found = mirror::read(app, &environment, "Could not read the customers", move |conn, scope| {
        let compared = compared(conn, &asked)?;
        let (found, totals) = kept::list(conn, scope, compared.as_ref(), &filter, &part, now)?;
        let rows = found.rows.into_iter().map(|found| row(conn, scope, found)).collect::<Result<_, _>>()?;
        Ok(Rows { rows, total: found.total, totals })
    });
    answered(app, &environment, found.await?.unwrap_or_else(Rows::none)).await
}

/// Gives one customer: who, what they pay for, what happened, and both sides field by field.
///
/// **Errors**: one that is not in the mirror; closed stores.
pub async fn page(app: &App, request: CustomerRequest) -> Result<Answer<CustomerPage>, Failure> {
    let record = record::record(app).await?;
    let environment = record::environment(app, &request.environment).await?;
    let zone = Zone::named(&record.workspace.zone).unwrap_or_else(|_| Zone::utc());
    let (id, asked, now) = (request.customer.clone(), environment.clone(), clock::now());
    let expected = record.workspace.events.clone();
    let found = mirror::read(app, &environment, "Could not read the customer", move |conn, scope| {
        let compared = compared(conn, &asked)?;
        let Some(found) = kept::row(conn, scope, compared.as_ref(), &id, now)? else { return Ok(None) };
        let known = Known::load(conn, scope, &asked, found, expected, now)?;
        known.page(conn, &asked, &zone, now).map(Some)
    });
    match found.await?.flatten() {
        Some(view) => answered(app, &environment, view).await,
        None => Err(not_found("customer", request.customer.as_str())),
    }
}

/// Everything the mirror holds about one customer.
struct Known {
    found: kept::CustomerRow,
    row: CustomerRow,
    stripe: Option<Customer>,
    user: Option<UserId>,
    links: Option<Vec<BillingCustomer>>,
    stated: Vec<countersign_domain::stripe::Subscription>,
    subscriptions: Vec<SubscriptionRow>,
    invoices: Vec<InvoiceRow>,
    charges: Vec<Charge>,
    events: Vec<events::EventRow>,
    /// Types of events the workspace expects an endpoint to ask for.
    expected: Vec<String>,
}

impl Known {
    fn load(
        conn: &Connection,
        scope: Scope,
        environment: &Environment,
        found: kept::CustomerRow,
        expected: Vec<String>,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let id = found.id.clone();
        let of_subscriptions = mirror::compared(conn, environment, RowKind::BillingSubscription)?;
        let of_invoices = mirror::compared(conn, environment, RowKind::BillingInvoice)?;
        let links = match mirror::compared(conn, environment, RowKind::BillingCustomer)? {
            Some(environment) => Some(billing::by_stripe_id::<BillingCustomer>(conn, &environment, id.as_str())?),
            None => None,
        };
        let stripe = load::<Customer>(conn, scope, id.as_str())?;
        let linked = || links.as_ref().and_then(|links| links.first()).map(|link| link.user.clone());
        let stated = subscriptions::of_customer(conn, scope, &id)?;
        let mut rows = Vec::new();
        for subscription in &stated {
            let found = subscriptions::row(conn, scope, of_subscriptions.as_ref(), &subscription.id)?;
            rows.extend(found.map(|found| crate::subscriptions::row(conn, scope, found)).transpose()?);
        }
        // Running ones first; both parts stay in their order, the newest first.
        rows.sort_by_key(|row| matches!(row.status.as_str(), "canceled" | "incomplete_expired"));
        let asked = webhooks::asked(conn, scope, environment, expected)?;
        Ok(Self {
            row: row(conn, scope, found.clone())?,
            user: stripe.as_ref().and_then(user_of).or_else(linked),
            invoices: invoices::of_customer(conn, scope, of_invoices.as_ref(), &id, INVOICES_MAX, now)?
                .into_iter()
                .map(crate::invoices::row)
                .collect(),
            charges: charges::of_customer(conn, scope, &id, CHARGES_MAX)?,
            events: events::of_customer(conn, scope, &asked, &id, EVENTS_MAX, now)?,
            expected: asked.recorded,
            subscriptions: rows,
            found,
            stripe,
            links,
            stated,
        })
    }

    fn page(
        self,
        conn: &Connection,
        environment: &Environment,
        zone: &Zone,
        now: Instant,
    ) -> Result<CustomerPage, StoreError> {
        let sentence = sentence::of(&self, zone, now);
        let id = &self.found.id;
        let is_paying = self.row.mrr.iter().any(|mrr| mrr.minor.0 > 0);
        let mut compared = comparison::customer(id.as_str(), self.user.as_ref(), is_paying, self.links.as_deref());
        for subscription in &self.stated {
            compared.extend(crate::subscriptions::compare(conn, environment, subscription, now)?);
        }
        let who = if self.row.email.shown.is_empty() { &self.row.name.shown } else { &self.row.email.shown };
        Ok(CustomerPage {
            summary: format!("{who} ({}): {sentence}", masking::short_id(id.as_str())),
            sentence,
            phone: masking::phone(id, self.stripe.as_ref().and_then(|stripe| stripe.phone.as_deref())),
            user: self.user.as_ref().map(|user| masking::user(id, Some(user))),
            balance: self.stripe.as_ref().and_then(|stripe| balance(stripe, &self.row)),
            has_dashboard_link: links::has_pages(environment),
            timeline: story::of(&self, zone, now),
            comparison: compared,
            subscriptions: self.subscriptions,
            invoices: self.invoices,
            row: self.row,
        })
    }
}

/// Gives the account balance, where it is not zero and its currency is known.
fn balance(stripe: &Customer, row: &CustomerRow) -> Option<Money> {
    let of_row = || row.mrr.iter().chain(&row.open_balance).map(|money| money.currency).next();
    let currency: Currency = stripe.currency.or_else(of_row)?;
    (stripe.balance.0 != 0).then_some(Money { minor: stripe.balance, currency })
}

/// Gives the environment whose rows a customer is compared with: it takes both links and subscriptions.
fn compared(conn: &Connection, environment: &Environment) -> Result<Option<EnvironmentId>, StoreError> {
    match mirror::compared(conn, environment, RowKind::BillingCustomer)? {
        Some(_) => mirror::compared(conn, environment, RowKind::BillingSubscription),
        None => Ok(None),
    }
}

/// Turns a row of the store into one that may be shown.
fn row(conn: &Connection, scope: Scope, found: kept::CustomerRow) -> Result<CustomerRow, StoreError> {
    let last_payment = match found.last_payment {
        None => None,
        Some(last) => {
            let charge = match last.status.as_str() {
                "failed" => load::<Charge>(conn, scope, last.charge.as_str())?,
                _ => None,
            };
            let reason = charge.as_ref().and_then(declines::reason);
            Some(PaymentBrief { money: last.money, at: last.at, status: last.status, reason })
        }
    };
    Ok(CustomerRow {
        name: masking::name(&found.id, found.name.as_deref()),
        email: masking::email(&found.id, found.email.as_deref()),
        id: found.id,
        plan: found.plan,
        status: found.status,
        mrr: found.mrr,
        since: found.created_at,
        last_payment,
        renews_at: found.renews_at,
        trial_end_at: found.trial_end_at,
        open_balance: found.open,
        country: found.country,
        database: found.database,
        is_deleted: found.is_deleted,
    })
}

async fn answered<T>(app: &App, environment: &Environment, view: T) -> Result<Answer<T>, Failure> {
    let sources = [Source::Stripe, Source::Database];
    let mut answer = freshness::answer(app, environment, &sources, FRESH_MINUTES, view).await?;
    freshness::needs(app, environment, &mut answer.sources, &[ObjectKind::Customer]).await?;
    Ok(answer)
}

fn order(word: &str) -> Result<CustomerSort, Failure> {
    Ok(match word {
        "" | "attention" => CustomerSort::Attention,
        "name" => CustomerSort::Name,
        "status" => CustomerSort::Status,
        "plan" => CustomerSort::Plan,
        "mrr" => CustomerSort::Mrr,
        "open_balance" => CustomerSort::Open,
        "since" => CustomerSort::Since,
        "last_payment" => CustomerSort::LastPayment,
        "renews_at" => CustomerSort::RenewsAt,
        "country" => CustomerSort::Country,
        "database" => CustomerSort::Database,
        other => return Err(invalid("sort", format!("customers are not ordered by {other}"))),
    })
}
