//! Stripe against the company's billing database, one scope at a time: what was compared, what is equal, what is not.
//!
//! One file per scope, each of which turns a comparison of the domain into findings; here is what they share. Both sides are
//! taken as of the moment up to which both were read, so that what one of them could not know yet is no finding.

mod events;
mod invoices;
mod subscriptions;

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::billing::RowKind;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::EnvironmentId;
use countersign_domain::money::Money;
use countersign_domain::rate::Rate;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::workspace::{Environment, Source};
use countersign_domain::zones::{Period, Zone};
use countersign_store::mirror::sync::kinds;
use countersign_store::mirror::{Scope as Mirrored, billing};
use countersign_store::{Connection, StoreError};
use jiff::ToSpan as _;
use serde::Serialize;
use strum::IntoEnumIterator as _;

use crate::answer::{Answer, SourceState};
use crate::app::App;
use crate::failure::{invalid, told};
use crate::figures::course::day;
use crate::{clock, freshness, mirror, record};

/// How far back a comparison of what happens goes that names no day. **Units**: days.
const DAYS: i64 = 30;
/// Oldest data that counts as fresh here. **Units**: minutes.
const FRESH_MINUTES: i64 = 60;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::EnumString, strum::EnumIter, strum::AsRefStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    /// Events made in the period, and the rows their handlers left.
    Events,
    /// Subscriptions as they are; with a first day, those made from then on.
    Subscriptions,
    /// Invoices paid in the period, to the last minor unit.
    Invoices,
}

/// One disagreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable word of what is wrong, such as `invoice.amount_mismatch`.
    pub kind: &'static str,
    /// Stripe's id, or what the row says it is.
    pub id: String,
    /// Primary key of the database's row, where there is one.
    pub row: Option<String>,
    /// What is compared.
    pub field: String,
    /// What Stripe says; `None` where it has no such record.
    pub stripe: Option<String>,
    /// What the database says; `None` where it has no such row.
    pub database: Option<String>,
    /// Stripe minus database, where money differs.
    pub difference: Option<Money>,
    /// When what disagrees happened.
    pub at: Option<Instant>,
}

/// The findings of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Stable word.
    pub kind: &'static str,
    /// The same for people.
    pub name: &'static str,
    /// What it may mean.
    pub explanation: &'static str,
    /// How many.
    pub count: u64,
    /// Stripe minus database, one for each currency that differs.
    pub differences: Vec<Money>,
    /// When the oldest happened.
    pub oldest: Option<Instant>,
    /// The id of one of them.
    pub sample: String,
}

/// Money of both sides in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Total {
    /// Paid at Stripe.
    pub stripe: Money,
    /// Paid in the database.
    pub database: Money,
    /// Stripe minus database.
    pub difference: Money,
}

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// What was compared.
    pub scope: Scope,
    /// Where.
    pub environment: EnvironmentId,
    /// First moment of the period.
    pub from: Instant,
    /// Its end, not in it: no later than the moment up to which both sides were read.
    pub to: Instant,
    /// How many records of both sides could be compared.
    pub compared: u64,
    /// Of these, how many agree.
    pub equal: u64,
    /// Records too young to expect a row of; not compared.
    pub awaited: u64,
    /// Rows that nothing can be said about; not compared.
    pub not_comparable: u64,
    /// Money of both sides, for scopes of money.
    pub totals: Vec<Total>,
    /// Matched ÷ compared by the rule of the scope, where it has one; `None` without records.
    pub match_rate: Option<Rate>,
    /// The findings by kind.
    pub groups: Vec<Group>,
    /// Every finding, the oldest first.
    pub findings: Vec<Finding>,
}

/// Asks for a comparison.
#[derive(Debug, Clone)]
pub struct ReconcileRequest {
    /// Which environment.
    pub environment: EnvironmentId,
    /// A word of [`Scope`].
    pub scope: String,
    /// First local day, `2026-01-01`; empty is thirty days before the last, and the first of all for subscriptions.
    pub from: String,
    /// Last local day; empty is today.
    pub to: String,
}

/// What a scope found.
#[derive(Default)]
struct Found {
    compared: u64,
    equal: u64,
    awaited: u64,
    not_comparable: u64,
    totals: Vec<Total>,
    match_rate: Option<Rate>,
    findings: Vec<Finding>,
}

/// What a scope looks at.
struct Look<'a> {
    conn: &'a Connection,
    scope: Mirrored,
    environment: &'a Environment,
    period: Period,
    /// The moment up to which both sides are known.
    as_of: Instant,
    /// Types of event whose handling leaves a row.
    recorded: &'a [String],
}

impl Scope {
    const fn needs(self) -> (&'static [ObjectKind], RowKind) {
        match self {
            Self::Events => (&[ObjectKind::Event, ObjectKind::WebhookEndpoint], RowKind::BillingEvent),
            Self::Subscriptions => (&[ObjectKind::Subscription], RowKind::BillingSubscription),
            Self::Invoices => (&[ObjectKind::Invoice], RowKind::BillingInvoice),
        }
    }

    fn found(self, look: &Look<'_>) -> Result<Found, StoreError> {
        match self {
            Self::Events => events::found(look),
            Self::Subscriptions => subscriptions::found(look),
            Self::Invoices => invoices::found(look),
        }
    }
}

impl Reconciliation {
    fn of(scope: Scope, environment: EnvironmentId, period: Period, mut found: Found) -> Self {
        found.findings.sort_by(|one, two| (one.at, &one.id, one.kind).cmp(&(two.at, &two.id, two.kind)));
        Self {
            groups: groups(&found.findings),
            scope,
            environment,
            from: period.start,
            to: period.end,
            compared: found.compared,
            equal: found.equal,
            awaited: found.awaited,
            not_comparable: found.not_comparable,
            totals: found.totals,
            match_rate: found.match_rate,
            findings: found.findings,
        }
    }
}

/// Compares both sides.
///
/// **Errors**: a scope nobody compares, days that are none, a database that is not connected, was not read or keeps no such
/// rows, a read that Stripe refuses to the key, a mirror that cannot be read.
pub async fn reconcile(app: &App, request: ReconcileRequest) -> Result<Answer<Reconciliation>, Failure> {
    let scope = scope(&request.scope)?;
    let environment = record::environment(app, &request.environment).await?;
    let record = record::record(app).await?;
    let zone = Zone::named(&record.workspace.zone).unwrap_or_else(|_| Zone::utc());
    let recorded = record.workspace.events.clone();
    let (now, asked) = (clock::now(), environment.clone());
    let period = period(scope, &zone, now, &request)?;
    let (kinds, rows) = scope.needs();
    let found = mirror::read(app, &environment, "Could not compare", move |conn, mirrored| {
        let read = billing::reads::get(conn, &asked.id, rows)?;
        let through = kinds::all(conn, mirrored)?.into_iter().filter(|kind| kinds.contains(&kind.kind));
        let known = through.filter_map(|kind| kind.through).chain(read.map(|read| read.through)).min();
        let as_of = known.map_or(now, |known| known.min(now));
        let period = Period { start: period.start, end: period.end.min(as_of).max(period.start) };
        let Some(_) = mirror::compared(conn, &asked, rows)? else { return Ok(None) };
        let look = Look { conn, scope: mirrored, environment: &asked, period, as_of, recorded: &recorded };
        scope.found(&look).map(|found| Some((period, found)))
    });
    let Some((period, found)) = found.await?.flatten() else { return Err(nothing(app, &environment, scope).await?) };
    let view = Reconciliation::of(scope, environment.id.clone(), period, found);
    let mut answer =
        freshness::answer(app, &environment, &[Source::Stripe, Source::Database], FRESH_MINUTES, view).await?;
    freshness::needs(app, &environment, &mut answer.sources, kinds).await?;
    match answer.sources.iter().find_map(|source| match &source.state {
        SourceState::NotPermitted { permission } => Some(permission.clone()),
        _ => None,
    }) {
        Some(permission) => {
            let why = format!("the key of Stripe may not read what is compared ({permission})");
            Err(told(Code::StripePermission, could_not(scope), why))
        }
        None => Ok(answer),
    }
}

fn could_not(scope: Scope) -> String {
    format!("Could not compare {}", scope.as_ref())
}

/// Says why there is nothing to compare.
async fn nothing(app: &App, environment: &Environment, scope: Scope) -> Result<Failure, Failure> {
    let why = match freshness::standing(app, environment, Source::Stripe, FRESH_MINUTES).await?.state {
        SourceState::NotConnected => "Stripe is not connected; `connect stripe` does it",
        SourceState::NeverRead => "nothing was read from Stripe yet; `sync` does it",
        _ => match freshness::standing(app, environment, Source::Database, FRESH_MINUTES).await?.state {
            SourceState::NotConnected => "the billing database is not connected; `connect database` does it",
            SourceState::NeverRead => "the billing database was not read yet; `sync` does it",
            _ => "the billing database was not read since it was connected, or its tables keep no such rows",
        },
    };
    Ok(told(Code::StateConflict, could_not(scope), why))
}

fn scope(word: &str) -> Result<Scope, Failure> {
    word.parse().map_err(|_| {
        let all: Vec<String> = Scope::iter().map(|scope| scope.as_ref().to_owned()).collect();
        invalid("SCOPE", format!("{word} is not compared; choose one of {}", all.join(", ")))
    })
}

fn period(scope: Scope, zone: &Zone, now: Instant, request: &ReconcileRequest) -> Result<Period, Failure> {
    let to = if request.to.is_empty() { zone.date_of(now) } else { day(zone, "--to", &request.to)? };
    let end = zone.day(to).end;
    let from = match (request.from.as_str(), scope) {
        // One that was made years ago may have drifted yesterday.
        ("", Scope::Subscriptions) => return Ok(Period { start: Instant::UNIX_EPOCH, end }),
        ("", _) => to.checked_sub(DAYS.days()).unwrap_or(to),
        (text, _) => day(zone, "--from", text)?,
    };
    if to < from {
        return Err(invalid("--from", format!("{from} is after {to}")));
    }
    Ok(Period { start: zone.start_of_day(from), end })
}

fn groups(findings: &[Finding]) -> Vec<Group> {
    let mut all = BTreeMap::<&'static str, Group>::new();
    for finding in findings {
        let group = all.entry(finding.kind).or_insert_with(|| {
            let (name, explanation) = words(finding.kind);
            let (kind, sample) = (finding.kind, finding.id.clone());
            Group { kind, name, explanation, count: 0, differences: Vec::new(), oldest: finding.at, sample }
        });
        group.count += 1;
        if let Some(money) = finding.difference {
            match group.differences.iter_mut().find(|sum| sum.currency == money.currency) {
                Some(sum) => sum.minor.0 += money.minor.0,
                None => group.differences.push(money),
            }
        }
    }
    let mut groups: Vec<Group> = all.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

/// Names a kind of finding, and says what it may mean.
fn words(kind: &str) -> (&'static str, &'static str) {
    events::words(kind).or_else(|| subscriptions::words(kind)).or_else(|| invoices::words(kind)).unwrap_or_default()
}
