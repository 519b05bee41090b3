//! The course of a figure as a scene: the same for the screen, a tile and a file.

use countersign_domain::failure::Failure;
use countersign_domain::metrics::movements::{Movement, Movements as Moved, movements};
use countersign_domain::metrics::registry::{Metric, Unit};
use countersign_domain::money::Micro;
use countersign_render::chart::{
    ChartError, LineChart, MovementChart, Movements, Series, Size, Slot, Sparkline, Unit as Drawn,
};
use countersign_render::scene::Scene;

use super::ground::Ground;
use super::measure::Reckoned;
use super::span::Span;
use crate::failure::internal;

/// Draws the course of a metric as a line; what has no value is a gap.
///
/// **Errors**: more steps than a drawing may hold.
pub fn line(ground: &Ground, metric: &Metric, course: &[Reckoned], size: Size) -> Result<Scene, Failure> {
    let (unit, slots, series) = drawn(ground, metric, course);
    let title = metric.name.to_owned();
    let chart = LineChart { title, unit, slots, series: vec![series], compared: None, references: Vec::new() };
    scene(chart.scene(size))
}

/// Draws the course of a metric in the height of a line of text; `None` where nothing of it is known.
///
/// **Errors**: as [`line`].
pub fn spark(ground: &Ground, metric: &Metric, course: &[Reckoned], size: Size) -> Result<Option<Scene>, Failure> {
    if course.iter().filter(|one| one.value.is_ok()).count() < 2 {
        return Ok(None);
    }
    let (unit, slots, series) = drawn(ground, metric, course);
    let chart = Sparkline { title: metric.name.to_owned(), unit, slots, series };
    scene(chart.scene(size)).map(Some)
}

/// Draws the movements of each stretch of time.
///
/// **Errors**: as [`line`].
pub fn moves(ground: &Ground, spans: &[Span], size: Size) -> Result<Scene, Failure> {
    let reading = ground.reading();
    let one = |span: &Span| {
        let moved = ground.is_read.then(|| rounded(&movements(&reading, span.period, ground.now)));
        (span.slot.clone(), moved)
    };
    let slots = spans.iter().map(one).collect();
    let chart = MovementChart { title: "MRR movements".to_owned(), currency: ground.currency(), slots };
    scene(chart.scene(size))
}

fn rounded(moved: &Moved<'_>) -> Movements {
    let minor = |micro: Micro| micro.to_minor().0;
    Movements {
        new: minor(moved.amount(Movement::New)),
        reactivation: minor(moved.amount(Movement::Reactivation)),
        expansion: minor(moved.amount(Movement::Expansion)),
        contraction: minor(moved.amount(Movement::Contraction)),
        churn: minor(moved.amount(Movement::Churn)),
        fx: minor(moved.fx()),
        net: minor(moved.net_new()),
    }
}

fn drawn(ground: &Ground, metric: &Metric, course: &[Reckoned]) -> (Drawn, Vec<Slot>, Series) {
    let unit = match metric.unit {
        Unit::Money | Unit::MoneyPerMonth => Drawn::Money(ground.currency()),
        Unit::Percent => Drawn::BasisPoints,
        _ => Drawn::Count,
    };
    let value = |one: &Reckoned| one.value.as_ref().ok().map(|measure| measure.drawn().0);
    let series = Series {
        word: metric.id.trim_start_matches("metric.").to_owned(),
        label: metric.name.to_owned(),
        values: course.iter().map(value).collect(),
    };
    (unit, course.iter().map(|one| one.span.slot.clone()).collect(), series)
}

fn scene(drawn: Result<Scene, ChartError>) -> Result<Scene, Failure> {
    drawn.map_err(|error| internal("Could not draw the chart", &error))
}
