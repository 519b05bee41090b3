//! A metric over a stretch of time and step by step, as the command line asks for it, and its chart as a file.
//!
//! The screens have months of their own; here any local days may be named.

use std::path::PathBuf;

use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::EnvironmentId;
use countersign_domain::metrics::registry::{Metric, Window};
use countersign_domain::workspace::entry::Exported;
use countersign_domain::workspace::{Entry, Environment, Source};
use countersign_domain::zones::{Month, Period, Zone};
use countersign_render::chart::{Size, Slot};
use countersign_render::file::png::{Density, png};
use countersign_render::file::sheet::Sheet;
use countersign_render::file::svg::svg;
use countersign_render::file::write::{Existing, WrittenFile, write_to};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::ground::{self, Ground};
use super::measure::Reckoned;
use super::span::{self, By, Span};
use super::{drawing, metric, reckon};
use crate::app::App;
use crate::exports::made::Made;
use crate::failure::{internal, invalid, told};
use crate::{clock, files, frame, freshness, record};

/// Steps of a series where nobody says how many: as many months as the screen shows.
const DAYS: i32 = 30;
const WEEKS: i32 = 26;
const MONTHS: i32 = 24;
/// Size of a chart in a file. **Units**: pixels.
const WIDTH: u32 = 960;
const HEIGHT: u32 = 380;
/// Age up to which the figures are fresh. **Units**: minutes.
const FRESH_MINUTES: i64 = 24 * 60;

/// Which local days, in which steps, in which currency.
#[derive(Debug, Clone)]
pub struct Asked {
    /// First local day, `2026-01-01`; empty lets the steps decide.
    pub from: String,
    /// Last local day; empty is today.
    pub to: String,
    /// Length of a step.
    pub by: By,
    /// One currency, or empty for all of them converted.
    pub currency: String,
}

/// A metric with its course.
#[derive(Debug, Clone)]
pub struct Course {
    /// Where.
    pub environment: Environment,
    /// What it stands on.
    pub ground: Ground,
    /// Over the whole stretch, or its usual window where none was named.
    pub value: Reckoned,
    /// Step by step, oldest first.
    pub steps: Vec<Reckoned>,
    /// Up to when its source is known.
    pub data_through: Option<Instant>,
}

/// Computes a metric and its course.
///
/// **Errors**: an id that no metric has, days that are none, too many steps, a mirror that cannot be read.
pub async fn course(app: &App, environment: &EnvironmentId, id: &str, asked: &Asked) -> Result<Course, Failure> {
    let environment = record::environment(app, environment).await?;
    let metric = metric(id)?;
    let ground = ground::load(app, &environment, &asked.currency).await?;
    let whole = whole(metric, asked, &ground)?;
    let (from, to) = days(asked, &ground)?;
    let steps = span::steps(&ground.zone, asked.by, from, to, ground.now)?;
    let wanted = steps.into_iter().chain([whole.clone()]).map(|span| (metric, span)).collect();
    let mut steps = reckon(app, &environment, &ground, wanted).await?;
    let value = steps.pop().unwrap_or_else(|| Reckoned::none(metric, &whole, "nothing was computed"));
    let source = if super::exposure::is_exposure(metric) { Source::Database } else { Source::Stripe };
    let data_through = match super::tickets::is_tickets(metric) {
        true => value.value.is_ok().then(|| value.at()),
        false => freshness::standing(app, &environment, source, FRESH_MINUTES).await?.data_through,
    };
    Ok(Course { environment, ground, value, steps, data_through })
}

/// Gives the stretch that was named as one, or the metric's usual one.
///
/// **Errors**: days that are none.
pub fn whole(metric: &Metric, asked: &Asked, ground: &Ground) -> Result<Span, Failure> {
    let (zone, now) = (&ground.zone, ground.now);
    if asked.from.is_empty() && asked.to.is_empty() {
        return Ok(Span::usual(metric, zone, now));
    }
    let (from, to) = days(asked, ground)?;
    let next = to.checked_add(1.day()).unwrap_or(to);
    let month = Month { year: from.year(), month: from.month() };
    if zone.month(month) == (Period { start: zone.start_of_day(from), end: zone.start_of_day(next) }) {
        return Ok(Span::month(zone, month, now));
    }
    let period = Period { start: zone.start_of_day(from), end: zone.start_of_day(next) };
    let closes_at = period.closing_at().min(now);
    let name = match metric.window {
        Window::Now => to.to_string(),
        _ => format!("{from} to {to}"),
    };
    let slot = Slot::named(name.clone(), name);
    Ok(Span { period, closes_at, is_provisional: now < period.closing_at(), month: None, slot })
}

fn days(asked: &Asked, ground: &Ground) -> Result<(Date, Date), Failure> {
    let to = match asked.to.as_str() {
        "" => ground.zone.date_of(ground.now),
        text => day(&ground.zone, "to", text)?,
    };
    let from = match asked.from.as_str() {
        "" => {
            let back = match asked.by {
                By::Day => (DAYS - 1).days(),
                By::Week => (WEEKS - 1).weeks(),
                By::Month => (MONTHS - 1).months(),
            };
            to.checked_sub(back).unwrap_or(to)
        }
        text => day(&ground.zone, "from", text)?,
    };
    if to < from {
        return Err(invalid("from", format!("{from} is after {to}")));
    }
    Ok((from, to))
}

/// Reads a local day.
///
/// **Errors**: a text that is none, told of the field it stands in.
pub(crate) fn day(zone: &Zone, field: &str, text: &str) -> Result<Date, Failure> {
    let found = zone.day_named(text).map(|period| zone.date_of(period.start));
    found.ok_or_else(|| invalid(field, format!("{text} is not a day such as 2026-01-31")))
}

/// Writes the chart of a metric to a file; an ordinary file of that name is replaced in one step.
///
/// **Errors**: as [`course`]; an ending that is neither `.svg` nor `.png`, a place that cannot be written.
pub async fn chart(
    app: &App,
    environment: &EnvironmentId,
    id: &str,
    asked: &Asked,
    out: PathBuf,
) -> Result<WrittenFile, Failure> {
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    if ending != "svg" && ending != "png" {
        return Err(invalid("--out", "the name of the file ends in .svg or .png"));
    }
    let course = course(app, environment, id, asked).await?;
    let id = course.value.metric.id;
    if course.steps.iter().all(|step| step.value.is_err()) {
        let reason = course.steps.last().and_then(|step| step.value.clone().err()).unwrap_or_default();
        return Err(told(Code::StateConflict, format!("There is nothing to draw of {id}"), reason));
    }
    let product = record::record(app).await?.workspace.name.clone();
    let environment = course.environment.clone();
    let format = ending.clone();
    let made = Made::here(app).await?;
    let by = made.by.clone();
    let work = move || write(&course, &product, &made, &ending, out);
    let written = tokio::task::spawn_blocking(work).await;
    let written = written.map_err(|error| internal("Could not draw the chart", &error))??;
    let (what, rows, sha256) = (id.to_owned(), String::new(), written.sha256.clone());
    let exported = Exported { what, format, rows, sha256, is_masked: true, filter: String::new() };
    let about = (Some(format!("environment/{}", environment.id)), Some(&environment.id));
    let noted = record::note_on(app, clock::name(), about, by, Entry::Exported(exported)).await;
    files::recorded(&written, noted)?;
    Ok(written)
}

fn write(course: &Course, product: &str, made: &Made, ending: &str, out: PathBuf) -> Result<WrittenFile, Failure> {
    let size = Size::new(WIDTH, HEIGHT);
    let (ground, metric) = (&course.ground, course.value.metric);
    let scene = if metric.id == "metric.net_new_mrr" {
        let spans: Vec<Span> = course.steps.iter().map(|step| step.span.clone()).collect();
        drawing::moves(ground, &spans, size)?
    } else {
        drawing::line(ground, metric, &course.steps, size)?
    };
    let minute = |at: Instant| at.format("%Y-%m-%d %H:%M UTC").to_string();
    let through = course.data_through.map_or_else(|| "not known".to_owned(), minute);
    let ends = [course.steps.first(), course.steps.last()].map(|step| step.map(|step| step.span.words()));
    let [first, last] = ends.map(Option::unwrap_or_default);
    let currency = match (ground.only, ground.currencies.len()) {
        (Some(only), _) => format!("{} only", only.iso()),
        (None, 0..=1) => ground.currency().iso(),
        (None, _) => format!("all currencies, in {}", ground.currency().iso()),
    };
    let mut foot = vec![metric.definition.to_owned()];
    foot.extend(ground.settings());
    foot.extend(course.value.notes.iter().map(|note| format!("Note: {note}.")));
    foot.push(format!(
        "Data through {through}. Formula version {}. Steps: {}.",
        metric.formula_version,
        course.steps.len()
    ));
    foot.extend(made.sentences());
    let sheet = Sheet {
        subtitle: Some(format!("{first} to {last} · {currency}")),
        banner: Some(frame::banner(&course.environment, product).text),
        watermark: course.environment.is_demo.then(|| "DEMO".to_owned()),
        foot,
    };
    let page = sheet.around(&scene);
    let what = "Could not write the chart";
    let bytes = match ending {
        "png" => png(&page, Density::Double).map_err(|error| internal(what, &error))?,
        _ => svg(&page).map_err(|error| internal(what, &error))?.into_bytes(),
    };
    let written = write_to(out, Existing::Replace, |sink| sink.write_all(&bytes));
    written.map_err(|error| told(Code::ExportTarget, what, error.to_string()))
}
