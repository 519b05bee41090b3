//! Every metric that a screen, a check or a command may ask for by id, with its limits.
//!
//! An explicit list. A comparison is strict and on the exact value; below the minimum sample nothing is met or missed.

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Deserialize, Serialize};

/// What a metric's value is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Unit {
    /// A share of a whole.
    Percent,
    /// Money.
    Money,
    /// Money per month.
    MoneyPerMonth,
    /// Milliseconds.
    Milliseconds,
    /// A count.
    Count,
    /// A count per day.
    PerDay,
    /// A count per hour.
    PerHour,
    /// A plain number.
    Ratio,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither.
    Neutral,
}

/// Over which time a metric is computed where nobody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The state now.
    Now,
    /// The last hours.
    Hours(u32),
    /// The last days.
    Days(u32),
    /// The last complete local month.
    LastMonth,
}

/// A bound that a value must be strictly above or below. **Units**: an exact ratio in the metric's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Above numerator ÷ denominator.
    Above(i64, i64),
    /// Below numerator ÷ denominator.
    Below(i64, i64),
}

impl Limit {
    /// Gives the bound.
    #[must_use]
    pub fn bound(self) -> BigRational {
        let (Self::Above(numerator, denominator) | Self::Below(numerator, denominator)) = self;
        BigRational::new(BigInt::from(numerator), BigInt::from(denominator.max(1)))
    }

    /// Says whether the value is on the right side of the bound. On it is not.
    #[must_use]
    pub fn is_met(self, value: &BigRational) -> bool {
        match self {
            Self::Above(..) => *value > self.bound(),
            Self::Below(..) => *value < self.bound(),
        }
    }
}

/// One metric of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its id; never changes its meaning.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// How it is computed, in words.
    pub definition: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// Which way is good.
    pub direction: Direction,
    /// What it should keep to, where there is a common limit.
    pub limit: Option<Limit>,
    /// A rollback is advised where the value is beyond this bound.
    pub rollback: Option<Limit>,
    /// The usual window.
    pub window: Window,
    /// Fewest samples for a judgement. **Units**: what the denominator counts.
    pub minimum_sample: u64,
    /// Grows whenever the formula changes, so that stored values are known by it.
    pub formula_version: u32,
}

/// How a value stands against its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum Standing {
    /// The limit is kept.
    Met,
    /// It is not.
    Missed,
    /// Too few samples to say.
    NotEnough {
        /// How many there are.
        #[ts(type = "number")]
        have: u64,
        /// How many it takes.
        #[ts(type = "number")]
        need: u64,
    },
    /// There is no value, for example nothing to divide by.
    NotAvailable,
    /// Nobody set a limit.
    NoLimit,
}

impl Metric {
    /// Judges a value by the limit.
    #[must_use]
    pub fn standing(&self, value: Option<&BigRational>, sample: u64) -> Standing {
        match (self.limit, value) {
            (None, _) => Standing::NoLimit,
            _ if sample < self.minimum_sample => Standing::NotEnough { have: sample, need: self.minimum_sample },
            (Some(_), None) => Standing::NotAvailable,
            (Some(limit), Some(value)) if limit.is_met(value) => Standing::Met,
            _ => Standing::Missed,
        }
    }

    /// Says whether the value advises a rollback; `None` where it cannot be said: no bound, no value, too few samples.
    #[must_use]
    pub fn advises_rollback(&self, value: Option<&BigRational>, sample: u64) -> Option<bool> {
        let bound = self.rollback.filter(|_| sample >= self.minimum_sample)?;
        value.map(|value| bound.is_met(value))
    }
}

/// The share of users that a rollout has reached.
pub const EXPOSURE: &str = "metric.rollout_exposure_pct";

/// How many tickets come in a day: known day by day, whole days only.
pub const TICKETS: &str = "metric.support_tickets";

/// Finds a metric by its id.
#[must_use]
pub fn metric(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.id == id)
}

/// A metric without limits, to be adorned.
const fn plain(
    id: &'static str,
    name: &'static str,
    unit: Unit,
    direction: Direction,
    window: Window,
    definition: &'static str,
) -> Metric {
    Metric {
        id,
        name,
        definition,
        unit,
        direction,
        limit: None,
        rollback: None,
        window,
        minimum_sample: 0,
        formula_version: 1,
    }
}

const fn sampled(metric: Metric, minimum_sample: u64) -> Metric {
    Metric { minimum_sample, ..metric }
}

const fn limited(metric: Metric, limit: Limit, minimum_sample: u64) -> Metric {
    Metric { limit: Some(limit), minimum_sample, ..metric }
}

const fn rolled_back(metric: Metric, rollback: Limit) -> Metric {
    Metric { rollback: Some(rollback), ..metric }
}

use Direction::{Down, Neutral, Up};
use Unit::{Count, Milliseconds, Money, MoneyPerMonth, PerDay, PerHour, Percent, Ratio};
use Window::{Days, Hours, LastMonth, Now};

/// All of them, in the order in which screens list them.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    plain("metric.mrr", "MRR", MoneyPerMonth, Up, Now,
        "Licensed recurring items of counted subscriptions, less recurring discounts and included tax, per month."),
    plain("metric.arr", "ARR", Money, Up, Now, "Twelve times MRR, before rounding."),
    plain("metric.cmrr", "Committed MRR", MoneyPerMonth, Up, Now, "MRR without subscriptions whose end is planned."),
    plain("metric.paying_customers", "Paying customers", Count, Up, Now, "Customers with MRR above 0."),
    plain("metric.arpu", "ARPU", MoneyPerMonth, Up, Now, "MRR divided by customers with MRR above 0."),
    plain("metric.ltv", "Lifetime value", Money, Up, LastMonth,
        "MRR per customer at the month's end divided by customer churn pooled over six months."),
    plain("metric.net_new_mrr", "Net new MRR", MoneyPerMonth, Up, LastMonth,
        "New, reactivated and expanded less contracted and churned MRR, at the closing rates."),
    limited(plain("metric.churn_rate", "Customer churn", Percent, Down, LastMonth,
        "Customers whose MRR fell to 0 divided by customers with MRR at the opening."), Limit::Below(5, 100), 20),
    plain("metric.mrr_churn_rate", "Gross MRR churn", Percent, Down, LastMonth,
        "Churned and contracted MRR divided by opening MRR at the closing rates."),
    plain("metric.grr", "GRR", Percent, Up, LastMonth, "What is left of the opening MRR: one less gross MRR churn."),
    plain("metric.nrr", "NRR", Percent, Up, LastMonth, "The opening customers' MRR with their expansion: one less net MRR churn."),
    plain("metric.grr_t12m", "GRR over twelve months", Percent, Up, LastMonth,
        "What the customers of twelve months ago pay now, of each no more than then, divided by what they paid then."),
    plain("metric.nrr_t12m", "NRR over twelve months", Percent, Up, LastMonth,
        "What the customers of twelve months ago pay now divided by what they paid then."),
    plain("metric.cohort_retention", "Cohort retention", Percent, Up, LastMonth,
        "Customers whose first MRR fell into the month twelve months before and who pay at the month's end, divided by that cohort."),
    plain("metric.quick_ratio", "Quick ratio", Ratio, Up, LastMonth, "MRR won divided by MRR lost."),
    limited(plain("metric.trial_conversion", "Trial to paid", Percent, Up, Days(30),
        "Trials that ended and were paid divided by trials that ended."), Limit::Above(15, 100), 20),
    plain("metric.subscription_creation_rate", "New subscriptions", PerDay, Up, Days(30), "Subscriptions created per local day."),
    plain("metric.revenue_collected", "Collected revenue", Money, Up, LastMonth,
        "Captured charges less refunds; fees, disputes and net stand beside it where balance transactions are read."),
    plain("metric.stripe_fees", "Stripe fees", Percent, Down, LastMonth, "Stripe's fees divided by gross volume."),
    plain("metric.daily_transaction_volume", "Transaction volume", Money, Up, Days(30),
        "Successful, captured charges per local day, by the currency paid."),
    plain("metric.average_transaction_value", "Average transaction", Money, Neutral, Days(30),
        "Volume divided by the number of its charges."),
    plain("metric.transaction_success_rate", "Transaction success", Percent, Up, Days(7),
        "Completed divided by completed and failed transactions."),
    rolled_back(limited(plain("metric.payment_failure_rate", "Payment failure", Percent, Down, Days(7),
        "Payments without a success by now divided by settled payments; first attempts stand beside it."),
        Limit::Below(2, 100), 50), Limit::Above(5, 100)),
    plain("metric.failed_payments", "Failed payments", Count, Down, Days(7), "Payments without a success by now, and their amount."),
    plain("metric.payment_processing_time", "Payment processing time", Milliseconds, Down, Days(7),
        "From creation to completion of a payment."),
    plain("metric.open_invoices", "Open invoices", Money, Down, Now,
        "What is left to pay on open invoices, by how many days it is overdue."),
    plain("metric.dispute_activity", "Dispute activity", Percent, Down, LastMonth,
        "Disputes opened divided by successful charges."),
    limited(plain("metric.webhook_success_rate", "Webhook success", Percent, Up, Hours(24),
        "Events that the billing database shows as processed divided by events older than 15 minutes; without such a table, delivered ones."),
        Limit::Above(99, 100), 100),
    plain("metric.webhook_delivery_rate", "Delivered by now", Percent, Up, Hours(24),
        "Events delivered to every endpoint by now divided by events older than 15 minutes that an endpoint asks for."),
    plain("metric.webhook_in_time_rate", "Delivered within 15 minutes", Percent, Up, Hours(24),
        "Events delivered when they were 15 minutes old divided by those that were looked at early enough to know."),
    limited(plain("metric.usage_tracking_accuracy", "Usage accuracy", Percent, Up, Days(7),
        "One less the difference between database and Stripe meter divided by the larger, of the worst meter."),
        Limit::Above(99, 100), 1),
    plain("metric.usage_by_plan", "Usage by plan", Count, Neutral, LastMonth, "Usage of each meter by the customer's plan."),
    plain("metric.feature_usage", "Usage by feature", Count, Neutral, LastMonth, "Usage of each meter over active customers."),
    limited(plain("metric.api_response_time", "API response", Milliseconds, Down, Hours(1),
        "95th percentile of response times, by nearest rank."), Limit::Below(200, 1), 100),
    rolled_back(sampled(plain("metric.degradation", "Degradation", Percent, Down, Hours(1),
        "How much slower the 95th percentile is than the one kept at the rollout's start, else a week ago."), 100),
        Limit::Above(50, 100)),
    limited(plain("metric.error_rate", "Error rate", Percent, Down, Hours(1),
        "Answers of 500 and above, and timeouts, divided by requests."), Limit::Below(1, 1000), 1000),
    limited(plain("metric.db_query_time", "Database query time", Milliseconds, Down, Hours(1),
        "95th percentile of timed queries; the mean where only the server's statistics exist, labelled so."),
        Limit::Below(100, 1), 100),
    limited(plain("metric.uptime", "Uptime", Percent, Up, Days(30), "Successful one-minute probes divided by all of them."),
        Limit::Above(999, 1000), 1000),
    limited(plain(TICKETS, "Support tickets", PerDay, Down, Days(7),
        "Mean of complete local days, counted in attached exports of the help desk; a checklist holds the worst day."),
        Limit::Below(10, 1), 7),
    plain("metric.balance_update_frequency", "Balance updates", PerHour, Neutral, Hours(24), "Balance changes per hour."),
    plain(EXPOSURE, "Rollout exposure", Percent, Neutral, Now,
        "Exposed users divided by eligible users, both counted in the billing database as the workspace says."),
    plain("metric.rabbitmq_queue_depth", "Queue depth", Count, Down, Now, "Messages ready and unacknowledged."),
    plain("metric.rabbitmq_dlq_depth", "Dead letters", Count, Down, Now, "Messages in dead-letter queues."),
    plain("metric.capacity", "Capacity", Ratio, Up, Days(30), "Projected growth against the configured limits."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rate::Rate;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let ids: BTreeSet<_> = METRICS.iter().map(|metric| metric.id).collect();
        assert_eq!(ids.len(), METRICS.len());
        assert!(ids.iter().all(|id| id.starts_with("metric.")));
        assert!(METRICS.iter().all(|metric| metric.definition.ends_with('.')));
    }

    #[test]
    fn a_limit_is_strict_and_needs_its_sample() {
        let errors = metric("metric.error_rate").unwrap();
        let rate = |part: u64, all: u64| Rate::of(part, all).unwrap().ratio().clone();
        assert_eq!(errors.standing(Some(&rate(1, 1000)), 1000), Standing::Missed, "on the limit");
        assert_eq!(errors.standing(Some(&rate(1, 1001)), 1001), Standing::Met);
        assert_eq!(errors.standing(Some(&rate(0, 999)), 999), Standing::NotEnough { have: 999, need: 1000 });
        assert_eq!(errors.standing(None, 1000), Standing::NotAvailable);
        assert_eq!(metric("metric.mrr").unwrap().standing(None, 0), Standing::NoLimit);
        assert_eq!(metric("metric.nothing"), None);
    }

    #[test]
    fn failing_payments_have_a_limit_and_a_rollback() {
        let failure = metric("metric.payment_failure_rate").unwrap();
        let three_percent = Rate::of(3, 100).unwrap().ratio().clone();
        assert_eq!(failure.standing(Some(&three_percent), 100), Standing::Missed);
        assert_eq!(failure.advises_rollback(Some(&three_percent), 100), Some(false));
        let five_percent = Limit::Above(5, 100).bound();
        assert_eq!(failure.advises_rollback(Some(&five_percent), 100), Some(false), "on the bound");
        assert_eq!(failure.advises_rollback(Some(&three_percent), 49), None);
        let slower = metric("metric.degradation").unwrap();
        assert_eq!(slower.advises_rollback(Some(&five_percent), 100), Some(false));
        assert_eq!(slower.standing(Some(&five_percent), 100), Standing::NoLimit);
    }
}
