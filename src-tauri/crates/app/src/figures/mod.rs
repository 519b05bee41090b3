//! Figures by the ids of their metrics, for screens, checks and commands alike.
//!
//! `ground` is what they stand on, `span` for when they are computed, `measure` how their values are shown; the other
//! files find a metric's arithmetic in the domain. A metric whose source this build does not read has no value and says why.

mod books;
mod collected;
pub mod course;
mod delivery;
pub mod drawing;
pub mod exposure;
pub mod ground;
pub mod measure;
pub mod recurring;
pub mod rows;
pub mod span;
pub mod tickets;

use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, MetricId};
use countersign_domain::metrics::registry::{self, Metric, Unit};
use countersign_domain::probe::Unknown;
use countersign_domain::workspace::Environment;

pub(crate) use books::Books;
pub use ground::Ground;
pub use measure::{Measure, Reckoned};
pub use span::{By, Span};

use crate::app::App;
use crate::failure::not_found;
use crate::{mirror, record};

/// Why nothing has a value before the first sync.
const NOT_READ: &str = "nothing was read from Stripe yet";

/// Finds a metric by its id, with or without `metric.` before it.
///
/// **Errors**: an id that no metric has.
pub fn metric(id: &str) -> Result<&'static Metric, Failure> {
    let found = registry::metric(id).or_else(|| registry::metric(&format!("metric.{id}")));
    found.ok_or_else(|| not_found("metric", id))
}

/// Computes a metric over its usual window, as of the newest data.
///
/// **Shape**: a metric without a value says why; that is no failure.
/// **Errors**: an environment nobody made, an id that no metric has, a mirror that cannot be read.
pub async fn value(app: &App, environment: &EnvironmentId, id: &MetricId) -> Result<Reckoned, Failure> {
    let environment = record::environment(app, environment).await?;
    let metric = metric(id.as_str())?;
    let ground = ground::load(app, &environment, "").await?;
    let span = Span::usual(metric, &ground.zone, ground.now);
    let mut all = reckon(app, &environment, &ground, vec![(metric, span.clone())]).await?;
    Ok(all.pop().unwrap_or_else(|| Reckoned::none(metric, &span, NOT_READ)))
}

/// Computes several metrics, each for its own stretch of time, in one look at the mirror.
///
/// **Errors**: a mirror that cannot be read.
pub async fn reckon(
    app: &App,
    environment: &Environment,
    ground: &Ground,
    asked: Vec<(&'static Metric, Span)>,
) -> Result<Vec<Reckoned>, Failure> {
    let asks = |is: fn(&Metric) -> bool| asked.iter().any(|(metric, _)| is(metric));
    let users = if asks(exposure::is_exposure) { Some(exposure::load(app, environment).await?) } else { None };
    let desk =
        if asks(tickets::is_tickets) { Some(tickets::load(app, environment, &ground.zone).await?) } else { None };
    let counted = |(metric, span): &(&'static Metric, Span)| match (&users, &desk) {
        (Some(users), _) if exposure::is_exposure(metric) => Some(exposure::reckon(users, ground, metric, span)),
        (_, Some(desk)) if tickets::is_tickets(metric) => Some(tickets::reckon(desk, ground, metric, span)),
        _ => None,
    };
    let counted: Vec<Option<Reckoned>> = asked.iter().map(counted).collect();
    let rest = asked.into_iter().filter(|(metric, _)| !stands_alone(metric)).collect();
    let mut mirrored = from_mirror(app, environment, ground, rest).await?.into_iter();
    Ok(counted.into_iter().filter_map(|found| found.or_else(|| mirrored.next())).collect())
}

/// Says whether a metric needs nothing of Stripe, and so is as old as its own source.
#[must_use]
pub fn stands_alone(metric: &Metric) -> bool {
    exposure::is_exposure(metric) || tickets::is_tickets(metric)
}

async fn from_mirror(
    app: &App,
    environment: &Environment,
    ground: &Ground,
    asked: Vec<(&'static Metric, Span)>,
) -> Result<Vec<Reckoned>, Failure> {
    let none = |asked: &[(&'static Metric, Span)]| {
        asked.iter().map(|(metric, span)| Reckoned::none(metric, span, NOT_READ)).collect::<Vec<_>>()
    };
    if !ground.is_read {
        return Ok(none(&asked));
    }
    let (whose, ground, kept) = (environment.clone(), ground.clone(), asked.clone());
    let computed = mirror::read(app, environment, "Could not compute the figures", move |conn, scope| {
        let one = |(metric, span): (&'static Metric, Span)| {
            if let Some(found) = recurring::reckon(&ground, metric, &span) {
                return Ok(found);
            }
            if let Some(found) = collected::reckon(conn, scope, &ground, metric, &span)? {
                return Ok(found);
            }
            let found = delivery::reckon(conn, scope, &whose, &ground, metric, &span)?;
            Ok(found.unwrap_or_else(|| Reckoned::none(metric, &span, unread(metric))))
        };
        asked.into_iter().map(one).collect()
    });
    Ok(computed.await?.unwrap_or_else(|| none(&kept)))
}

/// Says why a value is missing: this build does not read its source, a setting is missing, or the data are.
#[must_use]
pub fn unknown(found: &Reckoned) -> Unknown {
    match &found.value {
        Err(reason) if reason == unread(found.metric) => Unknown::NotSupported,
        _ if exposure::is_unset(found) => Unknown::NotConfigured,
        _ => Unknown::InsufficientData,
    }
}

/// Says which source a metric would need that this build does not read.
fn unread(metric: &Metric) -> &'static str {
    match metric.id {
        "metric.stripe_fees" => "needs balance transactions, which are not read",
        "metric.dispute_activity" => "needs disputes, which are not read",
        "metric.payment_processing_time" | "metric.balance_update_frequency" => {
            "needs the application's own transactions, which are not read"
        }
        id if id.starts_with("metric.usage") || id == "metric.feature_usage" => {
            "needs usage records, which are not read"
        }
        id if id.starts_with("metric.rabbitmq") => "needs the message broker, which is not connected",
        _ if matches!(metric.unit, Unit::Milliseconds) => "needs measurements of the application, which are not read",
        _ => "no source of it is connected",
    }
}
