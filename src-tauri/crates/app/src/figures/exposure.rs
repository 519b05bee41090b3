//! The share of users that a rollout has reached: counted in the billing database with every read of it.
//!
//! It stands on its own: the count is of one instant, and needs nothing of Stripe. Where nobody said who counts, or the
//! database could not say how many, there is no value and a sentence of what to do.

use countersign_domain::failure::Failure;
use countersign_domain::metrics::registry::{EXPOSURE, Metric};
use countersign_domain::rate::Rate;
use countersign_domain::workspace::{Environment, ExposedCount, Exposure};
use countersign_render::chart::{Slot, Unit};
use countersign_store::mirror::billing::exposure::{self, ExposureRead};

use super::ground::Ground;
use super::measure::{Measure, Reckoned};
use super::span::Span;
use crate::app::App;
use crate::failure::Tell as _;
use crate::record;

/// Why there is no value before somebody said who counts.
const UNSET: &str = "nobody said who counts as exposed; say it under Settings, Workspace";
/// Why there is none without a database.
const NOT_CONNECTED: &str = "the billing database is not connected; connect it under Settings, Environments";
/// Why there is none before the database was asked.
const NOT_COUNTED: &str = "the users were not counted since it was said who is exposed; read the billing database";
/// Why there is none of nobody.
const NOBODY: &str = "no row of the table is eligible, and nobody has no share";
/// Why there is none of other days.
const ONLY_NOW: &str = "only the newest count is kept";

/// Says whether a metric is the share of exposed users.
#[must_use]
pub fn is_exposure(metric: &Metric) -> bool {
    metric.id == EXPOSURE
}

/// Says whether there is no value because a setting is missing.
#[must_use]
pub fn is_unset(found: &Reckoned) -> bool {
    is_exposure(found.metric) && found.value.as_ref().is_err_and(|why| [UNSET, NOT_CONNECTED].contains(&why.as_str()))
}

/// Says how many of how many: `1,204 of 12,000 users`.
#[must_use]
pub fn words(count: ExposedCount) -> String {
    let grouped = |count: u64| Unit::Count.full(i64::try_from(count).unwrap_or(i64::MAX));
    format!("{} of {} users", grouped(count.exposed), grouped(count.eligible))
}

/// What a figure is made of.
pub(super) struct Known {
    measure: Option<Exposure>,
    fingerprint: Option<String>,
    read: Option<ExposureRead>,
}

/// Loads the newest count of an environment and what it was asked by.
///
/// **Errors**: a mirror that cannot be read.
pub(super) async fn load(app: &App, environment: &Environment) -> Result<Known, Failure> {
    let measure = record::record(app).await?.workspace.exposure.clone();
    let fingerprint = environment.database.as_ref().map(|connection| connection.fingerprint.clone());
    let id = environment.id.clone();
    let read = app.stores()?.mirror.read(move |conn| exposure::get(conn, &id)).await;
    let read = read.map_err(|error| error.tell("Could not read the count of exposed users"))?;
    Ok(Known { measure, fingerprint, read })
}

/// Makes the figure; its span closes when the users were counted.
pub(super) fn reckon(known: &Known, ground: &Ground, metric: &'static Metric, span: &Span) -> Reckoned {
    let none = |why: &str| Reckoned::none(metric, span, why);
    let (Some(fingerprint), Some(measure)) = (&known.fingerprint, &known.measure) else {
        return none(if known.fingerprint.is_none() { NOT_CONNECTED } else { UNSET });
    };
    let read = known.read.as_ref().filter(|read| read.fingerprint == *fingerprint && read.measure == *measure);
    let Some(read) = read else { return none(NOT_COUNTED) };
    let is_within = span.period.start <= read.at && read.at < span.period.end;
    let is_usual = *span == Span::usual(metric, &ground.zone, ground.now);
    if !is_within && !is_usual {
        return none(ONLY_NOW);
    }
    let name = read.at.format("counted at %Y-%m-%d %H:%M UTC").to_string();
    let slot = if is_usual { Slot::named(name.clone(), name) } else { span.slot.clone() };
    let span = Span { closes_at: read.at, slot, ..span.clone() };
    let none = |why: &str| Reckoned::none(metric, &span, why);
    let count = match &read.counted {
        Ok(count) => *count,
        Err(why) => return none(why),
    };
    match Rate::of(count.exposed, count.eligible) {
        Some(rate) => Reckoned {
            metric,
            value: Ok(Measure::Rate(rate)),
            sample: count.eligible,
            span,
            notes: vec![words(count), measure.to_string()],
            worst: None,
        },
        None => none(NOBODY),
    }
}
