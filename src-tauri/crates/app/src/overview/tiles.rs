//! The tiles: six figures, each with the same a period earlier and its recent course.

use countersign_domain::failure::Failure;
use countersign_domain::metrics::registry::{Metric, Window};
use countersign_domain::workspace::Environment;
use countersign_domain::zones::Period;
use countersign_render::chart::{Size, Slot};
use jiff::ToSpan as _;

use super::Tile;
use crate::app::App;
use crate::figures::ground::Ground;
use crate::figures::span::{self, By, Span, months};
use crate::figures::{self, drawing};

/// Months in the course of a monthly figure, and days in that of a daily one.
const MONTHS: u16 = 12;
const DAYS: i64 = 14;
/// Size of a course. **Units**: pixels.
const WIDTH: u32 = 150;
const HEIGHT: u32 = 34;

/// Metrics and where they lead.
const TILES: [(&str, &str); 6] = [
    ("metric.mrr", "/revenue"),
    ("metric.net_new_mrr", "/revenue?tab=movements"),
    ("metric.paying_customers", "/revenue/rows/metric.paying_customers"),
    ("metric.arpu", "/revenue/rows/metric.arpu"),
    ("metric.churn_rate", "/revenue?tab=movements&kind=churn"),
    ("metric.webhook_success_rate", "/webhooks"),
];

/// Computes the tiles.
///
/// **Errors**: a mirror that cannot be read.
pub(super) async fn tiles(app: &App, environment: &Environment, ground: &Ground) -> Result<Vec<Tile>, Failure> {
    let mut plans = Vec::new();
    for (id, route) in TILES {
        let metric = figures::metric(id)?;
        plans.push((metric, route, spans(metric, ground)?));
    }
    let asked = plans.iter().flat_map(|(metric, _, spans)| spans.iter().map(|span| (*metric, span.clone()))).collect();
    let mut computed = figures::reckon(app, environment, ground, asked).await?.into_iter();
    let mut tiles = Vec::new();
    for (metric, route, spans) in plans {
        let mut all: Vec<_> = computed.by_ref().take(spans.len()).collect();
        let (Some(now), Some(before)) = (all.pop(), all.pop()) else { continue };
        let route = match now.span.month {
            Some(month) if now.metric.id == "metric.churn_rate" => format!("{route}&month={month}"),
            _ => route.to_owned(),
        };
        let spark = drawing::spark(ground, metric, &all, Size::new(WIDTH, HEIGHT))?;
        tiles.push(Tile { figure: now.figure(Some(&before)), spark, route });
    }
    Ok(tiles)
}

/// Lists the course, then the stretch before, then the one that is shown.
fn spans(metric: &Metric, ground: &Ground) -> Result<Vec<Span>, Failure> {
    let (zone, now) = (&ground.zone, ground.now);
    let month = zone.month_of(now);
    let at = |back: i32| Span::month(zone, month.plus(-back), now);
    let mut spans = match metric.window {
        Window::Hours(_) => {
            let today = zone.date_of(now);
            let first = today.checked_sub((DAYS - 1).days()).unwrap_or(today);
            span::steps(zone, By::Day, first, today, now)?
        }
        _ => months(zone, now, MONTHS),
    };
    let usual = Span::usual(metric, zone, now);
    match metric.window {
        Window::Hours(_) | Window::Days(_) => {
            let length = usual.period.end - usual.period.start;
            let period = Period { start: usual.period.start - length, end: usual.period.start };
            let slot = Slot::named("before", "before");
            spans.push(Span { period, closes_at: period.end, slot, ..usual.clone() });
            spans.push(usual);
        }
        // This month's movement so far says more than that of a month everybody has seen.
        _ if metric.id == "metric.net_new_mrr" => spans.extend([at(1), at(0)]),
        Window::LastMonth => {
            // A share of a month that is not over is not yet a share of a month.
            spans.pop();
            spans.extend([at(2), at(1)]);
        }
        Window::Now => spans.extend([at(1), usual]),
    }
    Ok(spans)
}
