//! The limits of a release: ten figures with the bound each has to keep, as Overview, Revenue and the gates show them.
//!
//! One list for all three, so that none of them says something else. A figure without enough cases, or whose source this
//! build does not read, says so and is never met.

use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::metrics::registry::Standing;
use countersign_domain::workspace::Source;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answer::{Answer, Figure, Value};
use crate::app::App;
use crate::figures::{self, Reckoned, Span, ground};
use crate::{freshness, record};

/// Age up to which the limits are fresh. **Units**: minutes.
const FRESH_MINUTES: i64 = 24 * 60;

/// How the service runs.
const TECHNICAL: [&str; 5] = [
    "metric.webhook_success_rate",
    "metric.api_response_time",
    "metric.error_rate",
    "metric.db_query_time",
    "metric.uptime",
];
/// How the business does.
const BUSINESS: [&str; 5] = [
    "metric.trial_conversion",
    "metric.churn_rate",
    "metric.support_tickets",
    "metric.payment_failure_rate",
    "metric.usage_tracking_accuracy",
];

/// Asks for the limits of an environment.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LimitsRequest {
    /// Which environment.
    pub environment: EnvironmentId,
}

/// The ten limits, in two groups.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Limits {
    /// How the service runs.
    pub technical: Vec<LimitLine>,
    /// How the business does.
    pub business: Vec<LimitLine>,
}

/// One limit and what is held against it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LimitLine {
    /// The figure with its limit.
    pub figure: Figure,
    /// How it stands: `met`, `missed`, `too_few`, `no_value`.
    pub state: String,
    /// Over what, and from how many cases; without a value, why.
    pub sentence: String,
    /// Where its rows are; empty where there are none.
    pub route: String,
}

/// Gives the limits of an environment, each over its usual window.
///
/// **Errors**: an environment nobody made, a mirror that cannot be read.
pub async fn view(app: &App, request: LimitsRequest) -> Result<Answer<Limits>, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let ground = ground::load(app, &environment, "").await?;
    let mut asked = Vec::new();
    for id in all() {
        let metric = figures::metric(id)?;
        asked.push((metric, Span::usual(metric, &ground.zone, ground.now)));
    }
    let computed = figures::reckon(app, &environment, &ground, asked).await?;
    let mut technical: Vec<LimitLine> = computed.iter().map(line).collect();
    let business = technical.split_off(TECHNICAL.len().min(technical.len()));
    let sources = [Source::Stripe, Source::Database];
    freshness::answer(app, &environment, &sources, FRESH_MINUTES, Limits { technical, business }).await
}

/// Lists the ids of the metrics that have a limit, in the order in which they are shown.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    TECHNICAL.iter().chain(&BUSINESS).copied()
}

/// Says how a metric stands, over what and from how many cases.
pub(crate) fn line(one: &Reckoned) -> LimitLine {
    let figure = one.figure(None);
    let words = one.span.words();
    // What is counted by day is judged by the days that are known.
    let (unit, held) = match one.worst {
        Some((date, most)) => ("days", format!("{words}, most on one day: {most} on {date}")),
        None if one.sample == 1 => ("cases", format!("{words}, 1 case")),
        None => ("cases", format!("{words}, {} cases", one.sample)),
    };
    let (state, sentence) = match (one.standing(), &figure.value) {
        (_, Value::None { reason }) => ("no_value", reason.clone()),
        (Standing::NotEnough { have, need }, _) => {
            ("too_few", format!("{words}, {have} of the {need} {unit} it takes"))
        }
        (Standing::Met, _) => ("met", held),
        (Standing::Missed, _) => ("missed", held),
        (Standing::NotAvailable | Standing::NoLimit, _) => ("no_value", "nothing to hold against a limit".to_owned()),
    };
    let route = match (one.metric.id, &figure.value) {
        (_, Value::None { .. }) => String::new(),
        ("metric.webhook_success_rate", _) => "/webhooks".to_owned(),
        (id, _) => format!("/revenue/rows/{id}"),
    };
    LimitLine { figure, state: state.to_owned(), sentence, route }
}

#[cfg(test)]
mod tests {
    use countersign_domain::metrics::registry;

    use super::*;

    #[test]
    fn the_ten_limits_are_all_there_are() {
        let listed: Vec<&str> = all().collect();
        assert!(
            listed.iter().all(|id| registry::metric(id).is_some_and(|metric| metric.limit.is_some())),
            "{listed:?}"
        );
        let limited = registry::METRICS.iter().filter(|metric| metric.limit.is_some()).count();
        assert_eq!(limited, listed.len(), "a limit that no screen shows");
    }
}
