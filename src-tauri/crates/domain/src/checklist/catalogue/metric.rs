//! The metrics a line may be decided by.
//!
//! Formulas, windows and minimum samples live with the metrics; here stand the name and the words that suggest each.

use super::CheckSource::{Broker, Database, Import, Monitoring, Stripe};
use super::{Check, HEALTH_HOURS, check};

pub(super) const CHECKS: &[Check] = &[
    check("metric.webhook_success_rate", Stripe, "Webhook success rate", "Which share of the events was delivered?")
        .fresh(HEALTH_HOURS)
        .words(&["webhook success rate", "monitor webhook delivery", "delivery rate"]),
    check(
        "metric.api_response_time",
        Monitoring,
        "API response time",
        "How long do requests take, at the 95th percentile?",
    )
    .words(&[
        "api response time",
        "system performance",
        "response time monitoring",
        "performance analysis",
        "performance optimization",
        "latency",
    ]),
    check("metric.error_rate", Monitoring, "Error rate", "Which share of the requests ends in a server error?")
        .words(&["error rate", "monitor stability", "monitor error"]),
    check("metric.db_query_time", Database, "Database query time", "How long do billing statements take on average?")
        .fresh(HEALTH_HOURS)
        .words(&["database query time", "query time"]),
    check("metric.uptime", Monitoring, "Uptime", "Which share of the samples was good?").words(&[
        "uptime",
        "availability",
        "system stability",
        "sla requirement",
        "sla",
    ]),
    check("metric.trial_conversion", Stripe, "Trial conversion", "Which share of the ended trials became paid?")
        .words(&["trial conversion", "trial paid conversion", "conversion rate", "conversion tracking"]),
    check("metric.churn_rate", Stripe, "Churn rate", "Which share of the subscribers was lost in the month?").words(&[
        "churn rate",
        "churn",
        "subscription churn",
    ]),
    check("metric.support_tickets", Import, "Support tickets", "How many tickets come in a day?")
        .words(&["support ticket", "ticket volume"]),
    check("metric.payment_failure_rate", Stripe, "Payment failure rate", "Which share of the first attempts failed?")
        .fresh(HEALTH_HOURS)
        .words(&["payment failure rate", "payment processing", "check payment"]),
    check(
        "metric.usage_tracking_accuracy",
        Database,
        "Usage accuracy",
        "How well do usage counters agree with their details?",
    )
    .words(&["usage tracking accuracy", "usage accuracy", "monitor usage tracking"]),
    check("metric.mrr", Stripe, "MRR", "What do subscriptions bring per month?").words(&[
        "mrr",
        "monthly recurring revenue",
        "business metric",
        "metric review",
        "business review",
    ]),
    check("metric.arr", Stripe, "ARR", "What do subscriptions bring per year?")
        .words(&["arr", "annual recurring revenue"]),
    check("metric.arpu", Stripe, "ARPU", "What does a customer bring per month?").words(&[
        "arpu",
        "revenue per user",
        "pricing strategy",
    ]),
    check("metric.ltv", Stripe, "Lifetime value", "What does a customer bring altogether?").words(&[
        "lifetime value",
        "ltv",
        "clv",
    ]),
    check("metric.net_new_mrr", Stripe, "Net new MRR", "By how much did MRR change?")
        .words(&["net new mrr", "mrr growth"]),
    check("metric.nrr", Stripe, "Net revenue retention", "What became of the revenue of a year ago?").words(&[
        "net revenue retention",
        "nrr",
        "revenue retention",
    ]),
    check("metric.revenue_collected", Stripe, "Revenue collected", "What was paid, less refunds and lost disputes?")
        .words(&["revenue tracking", "revenue collected", "revenue dashboard"]),
    check("metric.failed_payments", Stripe, "Failed payments", "Which payments failed, and how much is at risk?")
        .words(&["failed payment analysis", "review failed payment", "failed payment"]),
    check("metric.usage_by_plan", Database, "Usage by plan", "How is usage spread over the plans?").words(&[
        "usage pattern",
        "usage by plan",
        "usage analysis",
    ]),
    check("metric.feature_usage", Database, "Feature usage", "Which features are used by whom?")
        .words(&["feature usage", "feature adoption"]),
    check(
        "metric.rollout_exposure_pct",
        Database,
        "Exposure",
        "Which share of the eligible users has billing enabled?",
    )
    .fresh(HEALTH_HOURS)
    .words(&[
        "enable user",
        "increase user",
        "enable all user",
        "rollout percentage",
        "feature flag",
        "soft launch exposure",
    ]),
    check(
        "metric.transaction_success_rate",
        Database,
        "Transaction success",
        "Which share of the transactions completed?",
    )
    .words(&["transaction success rate", "transaction processing"]),
    check("metric.payment_processing_time", Database, "Processing time", "How long does a payment take?")
        .words(&["payment processing time"]),
    check("metric.subscription_creation_rate", Stripe, "New subscriptions", "How many subscriptions begin in a day?")
        .words(&["subscription creation rate", "new subscription rate"]),
    check("metric.balance_update_frequency", Database, "Balance updates", "How often do balances change in an hour?")
        .words(&["balance update"]),
    check(
        "metric.daily_transaction_volume",
        Database,
        "Transaction volume",
        "How many transactions of what sum come in a day?",
    )
    .words(&["daily transaction volume", "transaction volume"]),
    check(
        "metric.average_transaction_value",
        Database,
        "Average transaction",
        "What is a completed payment worth on average?",
    )
    .words(&["average transaction value", "average order value"]),
    check("metric.rabbitmq_queue_depth", Broker, "Queue depth", "How many messages wait?")
        .fresh(HEALTH_HOURS)
        .words(&["queue depth", "queue length"]),
    check("metric.rabbitmq_dlq_depth", Broker, "Dead letters", "How many messages were given up?")
        .fresh(HEALTH_HOURS)
        .words(&["dead letter count", "dlq depth"]),
    check("metric.capacity", Database, "Capacity", "How fast do tables, sessions and queues grow?")
        .words(&["capacity planning", "growth projection"]),
    check("metric.stripe_fees", Stripe, "Stripe fees", "Which share of the volume do fees take?").words(&[
        "cost analysis",
        "stripe fee",
        "processing fee",
    ]),
];
