//! Checks answered by monitoring systems and by this console itself: rules, reports, comparisons, gates, triggers,
//! cards, dates, signatures and form fields.

use super::CheckSource::{Console, Contacts, Form, Gate, Import, Monitoring, Recon, Schedule, Signature, Trigger};
use super::{Check, check};

const FIRED: &str = "The alert reaches the people it is meant for";
const A_MONTH: u32 = 30 * 24;

pub(super) const CHECKS: &[Check] = &[
    check(
        "config.env_manifest",
        Import,
        "Environment variables",
        "Are all required variables set, by an imported list of names?",
    )
    .partial("The values that cannot be seen are right")
    .words(&[
        "environment variable",
        "env variable",
        "env var",
        "node env",
        "publishable key",
        "environment configured",
    ]),
    check("config.log_level", Import, "Log level", "Is the log level fit for production?")
        .partial("The level is the intended one")
        .words(&["logging level", "log level"]),
    check(
        "sentry.project_active",
        Monitoring,
        "Error tracking",
        "Did error tracking hear from this environment within a week?",
    )
    .words(&["error tracking", "sentry", "crash reporting"]),
    check("monitoring.signals_seen", Monitoring, "Monitoring", "Did metrics and errors arrive within 15 minutes?")
        .partial("Logs are shipped as well")
        .words(&["monitoring tool", "monitoring and logging", "monitoring configured"]),
    check(
        "monitoring.apm_active",
        Monitoring,
        "Performance monitoring",
        "Are there traces of this service from the last 15 minutes?",
    )
    .partial("The important routes are covered")
    .words(&["apm", "performance monitoring", "tracing enabled"]),
    check(
        "monitoring.host_metrics",
        Monitoring,
        "Host metrics",
        "Are memory and CPU of the hosts newer than five minutes?",
    )
    .words(&["memory cpu", "server resource", "host metric", "disk usage"]),
    check(
        "console.alert_rule.webhook_delivery",
        Console,
        "Alert: deliveries",
        "Does a tested rule watch webhook deliveries?",
    )
    .partial(FIRED)
    .words(&["webhook delivery monitoring", "webhook alert", "webhook failure alert"]),
    check(
        "console.alert_rule.payment_failure_rate",
        Console,
        "Alert: payment failures",
        "Does a tested rule watch failing payments?",
    )
    .partial(FIRED)
    .words(&["payment failure alert", "payment failure rate alert", "failed payment alert"]),
    check(
        "console.alert_rule.subscription_status",
        Console,
        "Alert: subscriptions",
        "Does a tested rule watch changes of subscriptions?",
    )
    .partial(FIRED)
    .words(&["subscription status alert", "subscription change alert", "subscription alert"]),
    check(
        "console.alert_rule.usage_limit",
        Console,
        "Alert: usage limits",
        "Does a tested rule watch usage near its limits?",
    )
    .partial(FIRED)
    .words(&["usage limit alert", "usage alert", "quota alert", "usage limit breach"]),
    check("console.alert_rule.api_error_rate", Console, "Alert: errors", "Does a tested rule watch the error rate?")
        .partial(FIRED)
        .words(&["api error rate alert", "error rate alert", "error alert"]),
    check(
        "console.alert_rule.db_connection",
        Console,
        "Alert: database",
        "Does a tested rule watch the database connection?",
    )
    .partial(FIRED)
    .words(&["database connection alert", "database alert"]),
    check(
        "console.alert_rule.rabbitmq_queue_depth",
        Console,
        "Alert: queue depth",
        "Does a tested rule watch the queues?",
    )
    .partial(FIRED)
    .words(&["queue depth alert", "queue alert", "rabbitmq alert"]),
    check("console.alert_rule.high_latency", Console, "Alert: latency", "Does a tested rule watch the latency?")
        .partial(FIRED)
        .words(&["high latency alert", "latency alert", "response time alert"]),
    check("console.alert_rule.disk_space", Console, "Alert: disk", "Does a tested rule watch the disks?")
        .partial(FIRED)
        .words(&["disk space alert", "disk alert"]),
    check("console.alert_rule.memory_usage", Console, "Alert: memory", "Does a tested rule watch the memory?")
        .partial(FIRED)
        .words(&["memory usage alert", "memory alert"]),
    check("console.alert_rule.cpu_usage", Console, "Alert: CPU", "Does a tested rule watch the CPU?")
        .partial(FIRED)
        .words(&["cpu usage alert", "cpu alert"]),
    check("console.dashboard.saved", Console, "Dashboard", "Is a dashboard with the listed metrics saved?").words(&[
        "metric dashboard",
        "dashboard created",
        "monitoring dashboard",
    ]),
    check("console.metrics.custom", Console, "Custom metrics", "Do all custom metrics have data?")
        .words(&["custom metric"]),
    check("console.report.scheduled", Console, "Report", "Is the monthly report defined?").assists().words(&[
        "financial reporting",
        "finance report",
        "scheduled report",
    ]),
    check(
        "console.ledger.verify",
        Console,
        "Record verified",
        "Does the tamper-evident record verify from its beginning?",
    )
    .words(&["compliance review", "ledger verified", "tamper evident"]),
    check("contacts.complete", Contacts, "Contact cards", "Are the contact cards filled in and tested?")
        .fresh(A_MONTH)
        .assists()
        .words(&[
            "escalation procedure",
            "escalation path",
            "on call rotation",
            "on call schedule",
            "notify stakeholder",
            "team availability",
            "emergency contact",
        ]),
    check("contacts.link", Contacts, "Vendor link", "Does the vendor's address answer?")
        .fresh(A_MONTH)
        .words(&["support link", "vendor link"]),
    check("schedule.window", Schedule, "Maintenance window", "Is a window recorded, and is it now?")
        .assists()
        .words(&["maintenance window", "deployment window", "change window"]),
    check("recon.events", Recon, "Events and rows", "Does every event have exactly one row?").words(&[
        "webhook processing",
        "webhook event processed",
        "webhook processed",
        "event processed",
    ]),
    check("recon.subscriptions", Recon, "Subscriptions", "Do subscriptions agree on both sides?").words(&[
        "subscription reconciliation",
        "subscription match",
        "affected customer",
    ]),
    check("recon.invoices", Recon, "Invoices", "Do invoices agree on both sides?").words(&[
        "billing accuracy",
        "invoice generation",
        "invoice reconciliation",
        "invoice match",
    ]),
    check("recon.customers", Recon, "Customers", "Do customers agree on both sides?")
        .words(&["customer reconciliation", "customer match"]),
    check("recon.transactions", Recon, "Transactions", "Do transactions agree on both sides?").words(&[
        "test deposit",
        "transaction reconciliation",
        "transaction match",
    ]),
    check("recon.usage", Recon, "Usage", "Do counters and details of usage agree?")
        .words(&["usage reconciliation", "usage match"]),
    check("recon.revenue", Recon, "Month", "Does the month agree to the minor unit, per currency?").words(&[
        "revenue reconciliation",
        "month end close",
        "reconcile revenue",
        "reconcile payout",
    ]),
    check("recon.findings_open", Recon, "Open findings", "Is no finding open without an owner?").words(&[
        "bug triage",
        "bug fix",
        "investigate issue",
        "open finding",
    ]),
    check("gate.phase_signed", Gate, "Phase signed", "Is the phase before complete and signed?")
        .words(&["signed off next phase"]),
    check("gate.staging_first", Gate, "Staging first", "Did the same release pass on staging before?").words(&[
        "deploy staging",
        "staging before production",
        "staging first",
    ]),
    check("gate.staging_smoke", Gate, "Smoke test on staging", "Did the checks after deployment pass on staging?")
        .words(&["smoke test staging", "smoke test"]),
    check("gate.rollback_verified", Gate, "Rollback verified", "Do the checks pass on the restored release?")
        .words(&["rollback success", "verify rollback"]),
    check("gate.rollback_clear", Gate, "Clear to resume", "Are all triggers clear, and did two people sign?").words(&[
        "resume normal operation",
        "re enable stable",
        "re enable feature",
    ]),
    check("trigger.payment_failure", Trigger, "Payments fail", "Do more payments fail than the limit allows?")
        .words(&["payment processing failure", "payment failure"]),
    check(
        "trigger.performance",
        Trigger,
        "Slower than before",
        "Is the service much slower than before the deployment?",
    )
    .words(&["performance degradation", "latency increase"]),
    check("trigger.db_corruption", Trigger, "Database damaged", "Does the database show damage?").words(&[
        "database corruption",
        "data corruption",
        "data loss",
    ]),
    check("trigger.critical_bug", Trigger, "Critical bug", "Was a critical bug found?")
        .words(&["critical bug", "critical issue"]),
    check("trigger.security", Trigger, "Vulnerability", "Was a vulnerability found?").words(&[
        "security vulnerability",
        "security breach",
        "security incident",
    ]),
    check("signoff.*", Signature, "Sign-off", "Did the person of this role sign for what is now recorded?"),
    check("run.note.*", Form, "Form field", "Is the field filled in?"),
];
