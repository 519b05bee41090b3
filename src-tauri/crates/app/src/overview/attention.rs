//! What needs somebody: one line per cause, worst and oldest first, each with the place where it is looked at.

use std::sync::Arc;

use countersign_domain::Instant;
use countersign_domain::checklist::run::{Due, DueState};
use countersign_domain::failure::Failure;
use countersign_domain::money::Money;
use countersign_domain::workspace::{Environment, Source, Workspace};
use countersign_store::mirror::samples::{self, Late};
use countersign_store::mirror::subscriptions::{self, SubscriptionFilter};
use countersign_store::mirror::{Window as Part, invoices};

use super::{Attention, RunBrief, Severity};
use crate::answer::{SourceState, Standing};
use crate::app::App;
use crate::checklists::{self, Story, schedule};
use crate::figures::ground::Ground;
use crate::figures::measure::limit_words;
use crate::figures::{self, Measure, Span};
use crate::frame::{self, BannerKind};
use crate::webhooks::{self, WebhooksRequest};
use crate::{audit, clock, mirror};

/// Days of events that are looked at: as many as Stripe keeps.
const EVENT_DAYS: u16 = 30;
/// Metrics whose limit is watched here.
const LIMITS: [(&str, &str); 3] = [
    ("metric.payment_failure_rate", "/revenue/rows/metric.payment_failure_rate"),
    ("metric.churn_rate", "/revenue/rows/metric.churn_rate"),
    ("metric.trial_conversion", "/revenue/rows/metric.trial_conversion"),
];

/// Lists what needs somebody in an environment.
///
/// **Errors**: closed stores, a mirror that cannot be read.
pub(super) async fn lines(
    app: &App,
    environment: &Environment,
    workspace: &Workspace,
    ground: &Ground,
    sources: &[Standing],
    runs: &[RunBrief],
) -> Result<Vec<Attention>, Failure> {
    let mut all = Vec::new();
    if let Some(alarm) = audit::alarm(app) {
        all.push(line(Severity::Critical, alarm.what, alarm.why, "/audit?verify=true"));
    }
    all.extend(audit::checkpoint_due(app).await?.map(of_checkpoint));
    let banner = frame::banner(environment, &workspace.name);
    if banner.kind == BannerKind::Mismatch {
        all.push(line(Severity::Critical, banner.text, banner.reasons.join(" "), "/settings/environments"));
    }
    all.extend(sources.iter().filter_map(of_source));
    if ground.is_read {
        let found = tokio::try_join!(
            of_events(app, environment),
            of_limits(app, environment, ground),
            of_rows(app, environment),
        );
        let (events, limits, rows) = found?;
        all.extend(events.into_iter().chain(limits).chain(rows));
    }
    let shelf = checklists::shelf(app).await?;
    let here = |story: &&Arc<Story>| story.run.binding().environment == environment.id;
    all.extend(shelf.runs.values().filter(here).flat_map(of_indicators));
    all.extend(of_dates(&schedule::going_on(&shelf, &environment.id)));
    let lost =
        |failure: &Failure| line(Severity::Critical, failure.what.clone(), failure.why.clone(), "/audit?verify=true");
    all.extend(shelf.lost.values().map(lost));
    all.extend(runs.iter().filter_map(of_run));
    // Without a beginning it is as old as can be told: last among its kind.
    all.sort_by_key(|line| (line.severity, line.since.is_none(), line.since));
    Ok(all)
}

fn line(severity: Severity, title: impl Into<String>, detail: impl Into<String>, route: &str) -> Attention {
    let (title, detail, route) = (title.into(), detail.into(), route.to_owned());
    Attention { severity, title, detail, count: 1, since: None, route }
}

/// Without a checkpoint elsewhere, nobody would see that the newest entries were written anew.
fn of_checkpoint(since: Instant) -> Attention {
    let title = "No checkpoint of the ledger was exported for a week";
    let detail = "Export one and keep it elsewhere: it shows later whether the ledger was rewritten.";
    Attention { since: Some(since), ..line(Severity::Warning, title, detail, "/audit?checkpoint=true") }
}

fn of_source(standing: &Standing) -> Option<Attention> {
    let name = match standing.source {
        Source::Stripe => "Stripe",
        Source::Database => "The billing database",
    };
    let settings = "/settings/environments";
    Some(match &standing.state {
        SourceState::Failed { failure, since } => {
            Attention { since: Some(*since), ..line(Severity::Critical, &failure.what, &failure.why, settings) }
        }
        SourceState::NotPermitted { permission } => {
            let detail = format!("The key lacks {permission}.");
            line(Severity::Warning, format!("{name} refuses a read that figures need"), detail, settings)
        }
        SourceState::Partial { have, .. } => {
            let detail = format!("{have} objects so far; figures are not complete.");
            line(Severity::Notice, format!("{name} is not read to its end yet"), detail, settings)
        }
        SourceState::Ready if standing.is_stale => {
            let detail = "The figures are as old as that.";
            let since = standing.data_through;
            Attention { since, ..line(Severity::Notice, format!("{name} was not read for a while"), detail, settings) }
        }
        SourceState::Ready | SourceState::NeverRead | SourceState::NotConnected => return None,
    })
}

/// What is wrong with events, as the webhooks' screen explains it.
async fn of_events(app: &App, environment: &Environment) -> Result<Vec<Attention>, Failure> {
    let request = WebhooksRequest { environment: environment.id.clone(), days: EVENT_DAYS, width: 0 };
    let view = webhooks::view(app, request).await?.view;
    let causes = view.causes.into_iter().map(|cause| {
        let severity = match cause.word.as_str() {
            "event.undelivered" | "event.missing_row" => Severity::Critical,
            "event.late" => Severity::Notice,
            _ => Severity::Warning,
        };
        let filter = cause.filter.trim_start_matches(['?', '&']);
        let route = format!("/webhooks?tab=events&days={EVENT_DAYS}&{filter}");
        let route = route.trim_end_matches('&').to_owned();
        Attention { severity, title: cause.title, detail: cause.detail, count: cause.count, since: cause.since, route }
    });
    let problems = view.endpoints.into_iter().flat_map(|endpoint| endpoint.problems);
    let problems = problems.map(|problem| line(Severity::Warning, problem, "A webhook endpoint", "/webhooks"));
    Ok(causes.chain(problems).collect())
}

/// Limits that are not kept.
async fn of_limits(app: &App, environment: &Environment, ground: &Ground) -> Result<Vec<Attention>, Failure> {
    let mut asked = Vec::new();
    for (id, _) in LIMITS {
        let metric = figures::metric(id)?;
        asked.push((metric, Span::usual(metric, &ground.zone, ground.now)));
    }
    let computed = figures::reckon(app, environment, ground, asked).await?;
    let missed = computed.iter().zip(LIMITS).filter_map(|(one, (_, route))| {
        let (Some(limit), Ok(Measure::Rate(rate))) = (one.metric.limit, &one.value) else { return None };
        if one.standing() != countersign_domain::metrics::registry::Standing::Missed {
            return None;
        }
        let exact = one.exact();
        let is_rollback = one.metric.advises_rollback(exact.as_ref(), one.sample) == Some(true);
        let severity = if is_rollback { Severity::Critical } else { Severity::Warning };
        let shown = rate.pct_beside(&countersign_domain::rate::Rate::exact(limit.bound()));
        let detail = format!("{shown} % in {}, limit {}.", one.span.words(), limit_words(limit, one.metric.unit));
        Some(line(severity, format!("{} misses its limit", one.metric.name), detail, route))
    });
    Ok(missed.collect())
}

/// Late payments, and rows on which Stripe and the billing database disagree.
async fn of_rows(app: &App, environment: &Environment) -> Result<Vec<Attention>, Failure> {
    let (asked, now) = (environment.clone(), clock::now());
    let read = mirror::read(app, environment, "Could not look for what needs somebody", move |conn, scope| {
        let late = samples::late(conn, scope)?;
        let nobody = Part { take: 0, ..Part::default() };
        let kind = countersign_domain::billing::RowKind::BillingSubscription;
        let compared = mirror::compared(conn, &asked, kind)?;
        let differs = "differs".to_owned();
        let filter = SubscriptionFilter { verdict: differs.clone(), ..SubscriptionFilter::default() };
        let (subscriptions, _) = subscriptions::list(conn, scope, compared.as_ref(), &filter, &nobody)?;
        let kind = countersign_domain::billing::RowKind::BillingInvoice;
        let compared = mirror::compared(conn, &asked, kind)?;
        let filter = invoices::InvoiceFilter { verdict: differs, ..invoices::InvoiceFilter::default() };
        let (invoices, _) = invoices::list(conn, scope, compared.as_ref(), &filter, &nobody, now)?;
        Ok((late, subscriptions.total, invoices.total))
    });
    let (late, subscriptions, invoices) = read.await?.unwrap_or_default();
    let mut all = Vec::new();
    if let Some(count) = late.iter().map(|late| late.customers).reduce(|one, two| one + two) {
        let money: Vec<String> = late.iter().map(|Late { money, .. }: &Late| Money::to_string(money)).collect();
        let detail = format!("{} to collect.", money.join(" and "));
        let late = line(Severity::Warning, "Customers are late with a payment", detail, "/customers?status=past_due");
        all.push(Attention { count, ..late });
    }
    for (count, title, route) in [
        (subscriptions, "Stripe and the database disagree about subscriptions", "/subscriptions?verdict=differs"),
        (invoices, "Stripe and the database disagree about invoices", "/invoices?verdict=differs"),
    ] {
        if count > 0 {
            let detail = "People may have access they do not pay for, or pay for what they do not have.";
            all.push(Attention { count, ..line(Severity::Warning, title, detail, route) });
        }
    }
    Ok(all)
}

/// Rollback indicators that are tripped: one that somebody looks after is less than one nobody knows of.
pub(super) fn of_indicators(story: &Arc<Story>) -> Vec<Attention> {
    let tripped = story.run.indicators().filter(|_| story.run.ended().is_none()).filter_map(|row| {
        let trigger = &story.run.history(&row.id)?.trigger;
        let (_, at, cause) = trigger.tripped.as_ref()?;
        let severity = if trigger.acknowledged.is_none() { Severity::Critical } else { Severity::Warning };
        let environment = &story.run.binding().environment;
        let (title, detail) =
            (format!("Rollback advised: {}", row.label), format!("{} on {environment}: {cause}", story.name()));
        let route = format!("/checklists/runs/{}?tab=rollback", story.id);
        Some(Attention { since: Some(*at), ..line(severity, title, detail, &route) })
    });
    tripped.collect()
}

/// Dates that are due or were missed.
fn of_dates(stories: &[&Arc<Story>]) -> Vec<Attention> {
    let now = clock::now();
    let lines = stories.iter().filter_map(|story| {
        let dates = story.run.schedule(now, now);
        let missed: Vec<&Due> = dates.iter().filter(|date| date.state == DueState::Missed).collect();
        let due = dates.iter().filter(|date| date.state == DueState::Due).count();
        let (severity, title, count) = match (missed.len(), due) {
            (0, 0) => return None,
            (0, due) => (Severity::Notice, "has dates that are due", due),
            (missed, _) => (Severity::Warning, "has missed dates", missed),
        };
        let detail = format!("{} missed, {due} due.", missed.len());
        let route = format!("/checklists/runs/{}?tab=dates", story.id);
        let since = missed.first().map(|date| date.occurrence.due_at);
        let line = line(severity, format!("{} {title}", story.name()), detail, &route);
        Some(Attention { since, count: count as u64, ..line })
    });
    lines.collect()
}

fn of_run(run: &RunBrief) -> Option<Attention> {
    let route = format!("/checklists/runs/{}", run.run);
    let (severity, title, count) = match run {
        RunBrief { failed: 1.., .. } => (Severity::Critical, "has lines that failed", run.failed),
        RunBrief { unknown: 1.., .. } => (Severity::Warning, "has lines nobody can decide yet", run.unknown),
        _ if run.waits_for.is_empty() => return None,
        _ if run.complete == run.total => (Severity::Warning, "waits to be signed", 1),
        _ => (Severity::Notice, "is under way", run.total - run.complete.min(run.total)),
    };
    let line = line(severity, format!("{} {title}", run.name), &run.waits_for, &route);
    Some(Attention { count: count.into(), since: Some(run.started_at), ..line })
}
