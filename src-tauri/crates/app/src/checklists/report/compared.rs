//! Figures now beside what they were at the review before and before the deployment; and the course of one.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::checklist::row::Row;
use countersign_domain::checklist::schedule::Unit;
use countersign_domain::failure::Failure;
use countersign_domain::metrics::registry::{self, Metric, Window};
use countersign_domain::workspace::Environment;
use countersign_render::chart::Size;
use countersign_render::file::pdf::CHART_WIDTH;
use countersign_render::scene::Scene;

use super::{SeenTable, done_before};
use crate::answer::Value;
use crate::app::App;
use crate::checklists::stories::Story;
use crate::figures::{self, Ground, Reckoned, Span, drawing, span};

/// Months a course goes back.
const COURSE_MONTHS: u16 = 12;
/// Height of a chart. **Units**: pixels.
const CHART_HEIGHT: u32 = 240;

/// A moment that figures are looked at for.
struct Moment {
    label: String,
    at: Instant,
    /// Whether the change is told from here on.
    is_reference: bool,
}

/// Compares the figures of a review: at the deployment, at the review before, and now.
///
/// **Errors**: a mirror that cannot be read.
pub(super) async fn compared(
    app: &App,
    story: &Story,
    row: &Row,
    (environment, ground, metric): (&Environment, &Ground, &'static Metric),
) -> Result<SeenTable, Failure> {
    let moments = moments(story, row, ground);
    let metrics: Vec<&'static Metric> = group(metric.id).iter().filter_map(|id| registry::metric(id)).collect();
    let metrics = if metrics.is_empty() { vec![metric] } else { metrics };
    let asked = metrics
        .iter()
        .flat_map(|metric| moments.iter().map(|moment| (*metric, Span::usual(metric, &ground.zone, moment.at))));
    let found = figures::reckon(app, environment, ground, asked.collect()).await?;
    let mut missing = BTreeMap::<String, Vec<&'static str>>::new();
    let reference = moments.iter().position(|moment| moment.is_reference);
    let rows = found.chunks(moments.len()).filter_map(|one| line(one, reference, &mut missing)).collect();
    let mut heads = vec!["Figure".to_owned()];
    heads.extend(moments.iter().map(|moment| format!("{}#", moment.label)));
    let since = reference.and_then(|at| moments.get(at)).map(|moment| ground.zone.date_of(moment.at));
    heads.extend(since.map(|date| format!("Change since {date}#")));
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let ripe = "Payments and trials of an earlier stretch had longer to be paid; their change is not told.";
    let mut notes = why(missing, metrics.len());
    if metrics.iter().any(|metric| ripens(metric)) {
        notes = format!("{notes} {ripe}").trim_start().to_owned();
    }
    Ok(SeenTable::new("Before and after", &heads, rows).noted(notes))
}

/// Says once for each reason which figures it keeps from being known.
fn why(missing: BTreeMap<String, Vec<&'static str>>, all: usize) -> String {
    let sentence = |(reason, names): (String, Vec<&str>)| match names.len() {
        count if count == all => format!("Not known: {reason}."),
        _ => format!("{}: {reason}.", names.join(", ")),
    };
    missing.into_iter().map(sentence).collect::<Vec<_>>().join(" ")
}

/// Lists the moments, the oldest first; a change is told since the review before, else since the deployment.
fn moments(story: &Story, row: &Row, ground: &Ground) -> Vec<Moment> {
    let named = |name: &str, at: Instant| Moment {
        label: format!("{name}, {}", ground.zone.date_of(at)),
        at,
        is_reference: false,
    };
    let deployed = story.run.deployed_at().map(|at| named("Before the deployment", at));
    let review = match done_before(story, &row.id) {
        Some(occasion) => Some(named("Review before", occasion.decision.at)),
        None => match row.schedule.and_then(|rule| rule.every) {
            Some(Unit::Week) => Some(named("A week before", ground.now - chrono::TimeDelta::weeks(1))),
            Some(Unit::Month) => Some(named("30 days before", ground.now - chrono::TimeDelta::days(30))),
            _ => None,
        },
    };
    let is_past = |moment: &Moment| moment.at < ground.now;
    let (deployed, review) = (deployed.filter(is_past), review.filter(is_past));
    let has_review = review.is_some();
    let deployed = deployed.map(|moment| Moment { is_reference: !has_review, ..moment });
    let review = review.map(|moment| Moment { is_reference: true, ..moment });
    let mut all: Vec<Moment> = deployed.into_iter().chain(review).collect();
    all.sort_by_key(|moment| moment.at);
    all.push(named("Now", ground.now));
    all
}

/// Says one figure at each moment; what has no value anywhere says why once.
fn line(
    found: &[Reckoned],
    reference: Option<usize>,
    missing: &mut BTreeMap<String, Vec<&'static str>>,
) -> Option<Vec<String>> {
    let metric = found.first()?.metric;
    let cell = |one: &Reckoned| match one.shown() {
        Value::None { .. } => "not known".to_owned(),
        // A month has to be named; a window that ends at the moment is named by the head.
        value if metric.window == Window::LastMonth => format!("{value}, {}", one.span.words()),
        value => value.to_string(),
    };
    if let Some(Value::None { reason }) = found.last().map(Reckoned::shown) {
        missing.entry(reason).or_default().push(metric.name);
    }
    let mut cells = vec![metric.name.to_owned()];
    cells.extend(found.iter().map(cell));
    if let Some((before, now)) = reference.and_then(|at| found.get(at)).zip(found.last()) {
        let change = now.figure(Some(before)).change.filter(|_| !ripens(metric));
        cells.push(change.map_or_else(|| "–".to_owned(), |change| change.text));
    }
    Some(cells)
}

/// Says whether a figure counts what was not paid by now, so that one of an earlier stretch had longer to be paid.
fn ripens(metric: &Metric) -> bool {
    matches!(metric.id, "metric.payment_failure_rate" | "metric.failed_payments" | "metric.trial_conversion")
}

/// Gives the figures that are reviewed together; nothing for one that stands alone.
fn group(id: &str) -> &'static [&'static str] {
    match id {
        "metric.mrr" | "metric.arr" | "metric.net_new_mrr" => &[
            "metric.mrr",
            "metric.net_new_mrr",
            "metric.paying_customers",
            "metric.arpu",
            "metric.churn_rate",
            "metric.mrr_churn_rate",
            "metric.nrr",
            "metric.trial_conversion",
            "metric.revenue_collected",
            "metric.payment_failure_rate",
            "metric.failed_payments",
            "metric.open_invoices",
        ],
        "metric.churn_rate" => &[
            "metric.churn_rate",
            "metric.mrr_churn_rate",
            "metric.grr",
            "metric.nrr",
            "metric.cohort_retention",
            "metric.paying_customers",
        ],
        "metric.arpu" => &["metric.arpu", "metric.mrr", "metric.paying_customers", "metric.ltv"],
        "metric.api_response_time" | "metric.db_query_time" => {
            &["metric.api_response_time", "metric.db_query_time", "metric.error_rate"]
        }
        _ => &[],
    }
}

/// Draws the course of a figure over the last months; nothing for one without values.
///
/// **Errors**: a mirror that cannot be read, a chart that cannot be drawn.
pub(super) async fn course(
    app: &App,
    (environment, ground, metric): (&Environment, &Ground, &'static Metric),
) -> Result<Vec<(String, Scene)>, Failure> {
    let spans = span::months(&ground.zone, ground.now, COURSE_MONTHS);
    let asked = spans.iter().map(|span| (metric, span.clone())).collect();
    let steps = figures::reckon(app, environment, ground, asked).await?;
    if steps.iter().filter(|step| step.value.is_ok()).count() < 2 {
        return Ok(Vec::new());
    }
    let size = Size::new(CHART_WIDTH, CHART_HEIGHT);
    let mut charts = vec![(metric.name.to_owned(), drawing::line(ground, metric, &steps, size)?)];
    if matches!(metric.id, "metric.mrr" | "metric.arr" | "metric.net_new_mrr") {
        charts.push(("Movements".to_owned(), drawing::moves(ground, &spans, size)?));
    }
    Ok(charts)
}
