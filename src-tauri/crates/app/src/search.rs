//! Search: anything a caller says, answered from the local index, and what the program itself has names for.
//!
//! A text that looks like a secret is refused before anything is done with it. Deliberately absent: asking Stripe, whose
//! search lags by about a minute, and remembering what was searched for.

mod catalogue;
mod typed;

use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::stripe::{Charge, InvoicePayment, ObjectKind};
use countersign_store::mirror::search::{self as index, HITS_MAX, Matched};
use countersign_store::mirror::{Scope, customers, load};
use countersign_store::{Connection, StoreError};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::app::App;
use crate::{clock, masking, mirror, record};

/// Hits when nobody says how many.
const HITS_DEFAULT: u16 = 20;
/// Longest text that is searched for. **Units**: characters.
const TEXT_CHARS_MAX: usize = 200;

/// Asks for records that match a text.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// Anything: a mail address or part of it, names in any order, an id, an invoice number, an amount, last digits.
    pub text: String,
    /// Hits to give, at most 50; 0 is 20.
    #[serde(default)]
    pub limit: u16,
}

/// What was found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SearchResults {
    /// Best first.
    pub results: Vec<Hit>,
    /// Time taken. **Units**: microseconds.
    #[ts(type = "number")]
    pub elapsed_us: u64,
    /// Why nothing was searched: the text looks like a secret.
    pub refused: Option<String>,
}

/// One record found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Hit {
    /// `customer`, `subscription`, `invoice`, `charge`, `event`, `price`, `product`, another kind of Stripe's, `item`,
    /// `metric`, `probe`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it is called, masked.
    pub label: String,
    /// A second line.
    pub detail: String,
    /// What matched: `id`, `user id`, `invoice number`, `last 4`, `name`, `e-mail`, `amount`, `event type`, `words`.
    pub matched: String,
    /// Where Enter leads.
    pub route: String,
}

/// Finds records, checklist items, metrics and checks by anything.
///
/// **Shape**: best first; what the program has names for comes after the records and never takes more than half.
/// **Errors**: an environment nobody made; closed stores.
pub async fn find(app: &App, request: SearchRequest) -> Result<SearchResults, Failure> {
    // Monotonic: a clock that is set back must not make a search take a negative time.
    let began = std::time::Instant::now();
    let elapsed_us = || u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    if let Some(refused) = typed::refused(&request.text) {
        return Ok(SearchResults { results: Vec::new(), elapsed_us: elapsed_us(), refused: Some(refused.to_owned()) });
    }
    let environment = record::environment(app, &request.environment).await?;
    let limit = if request.limit == 0 { HITS_DEFAULT } else { request.limit };
    let limit = u32::from(limit).min(HITS_MAX);
    let text: String = typed::wanted(&request.text).chars().take(TEXT_CHARS_MAX).collect();
    let (asked, wanted) = (environment.clone(), text.clone());
    let found = mirror::read(app, &environment, "Could not search", move |conn, scope| {
        let users = asked.database.as_ref().map(|_| &asked.id);
        let hits = index::search(conn, scope, users, &wanted, limit)?;
        hits.into_iter().map(|found| hit(conn, scope, found)).collect::<Result<Vec<_>, _>>()
    });
    let mut results = found.await?.unwrap_or_default();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut named = catalogue::find(app, &environment.id, &text).await?;
    named.truncate((limit / 2).max(limit.saturating_sub(results.len())));
    results.truncate(limit.saturating_sub(named.len()));
    results.extend(named);
    Ok(SearchResults { results, elapsed_us: elapsed_us(), refused: None })
}

/// Makes a found record fit to be shown: labelled, masked, with the place where it is looked at.
fn hit(conn: &Connection, scope: Scope, found: index::Hit) -> Result<Hit, StoreError> {
    let label = &found.label;
    let name = label.name.as_deref().map(masking::initials);
    let email = label.email.as_deref().map(masking::email_text);
    let who = || name.clone().or_else(|| email.clone());
    let status = label.status.as_deref().map(|status| status.replace('_', " "));
    let money = label.money.map(|money| money.to_string());
    let day = label.at.map(|at| at.format("%Y-%m-%d").to_string());
    let gone = label.is_deleted.then(|| "deleted at Stripe".to_owned());
    let id = found.id.as_str();
    let (title, details) = match found.kind {
        ObjectKind::Customer => {
            let row = customers::row(conn, scope, None, &id.into(), clock::now())?;
            let plan = row.map(|row| if row.plan.is_empty() { row.status } else { row.plan });
            (who(), vec![plan, email.clone().filter(|_| name.is_some()), gone])
        }
        ObjectKind::Subscription => (who(), vec![status, gone]),
        ObjectKind::Invoice => {
            (label.word.clone().or_else(|| Some("Draft".to_owned())), vec![who(), money, status, gone])
        }
        ObjectKind::Charge => {
            let card = label.word.as_deref().map(|last4| format!("card …{last4}"));
            (money, vec![status, card, who(), day])
        }
        ObjectKind::Event => (label.word.clone(), vec![who(), day]),
        _ => (label.word.clone(), vec![status, money, gone]),
    };
    Ok(Hit {
        kind: found.kind.to_string(),
        label: title.unwrap_or_else(|| masking::short_id(id)),
        detail: details.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        matched: matched(found.matched).to_owned(),
        route: route(conn, scope, found.kind, id)?,
        id: found.id,
    })
}

/// Gives the screen on which a record is looked at; for one without a page of its own, the nearest.
fn route(conn: &Connection, scope: Scope, kind: ObjectKind, id: &str) -> Result<String, StoreError> {
    Ok(match kind {
        ObjectKind::Customer => format!("/customers/{id}"),
        ObjectKind::Subscription => format!("/subscriptions/{id}"),
        ObjectKind::Invoice => format!("/invoices/{id}"),
        ObjectKind::Event => format!("/webhooks/events/{id}"),
        ObjectKind::Charge => {
            let customer = load::<Charge>(conn, scope, id)?.and_then(|charge| charge.customer);
            customer.map_or_else(|| "/customers".to_owned(), |customer| format!("/customers/{customer}"))
        }
        ObjectKind::InvoicePayment => {
            let payment = load::<InvoicePayment>(conn, scope, id)?;
            payment.map_or_else(|| "/invoices".to_owned(), |payment| format!("/invoices/{}", payment.invoice))
        }
        ObjectKind::WebhookEndpoint => "/webhooks".to_owned(),
        ObjectKind::Price | ObjectKind::Product | ObjectKind::Coupon => "/settings/workspace".to_owned(),
        ObjectKind::Account => "/settings/environments".to_owned(),
    })
}

fn matched(what: Matched) -> &'static str {
    match what {
        Matched::Id => "id",
        Matched::User => "user id",
        Matched::Number => "invoice number",
        Matched::Last4 => "last 4",
        Matched::Name => "name",
        Matched::Email => "e-mail",
        Matched::Amount => "amount",
        Matched::EventType => "event type",
    }
}
