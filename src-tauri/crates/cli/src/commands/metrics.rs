//! `metrics list`, `metrics show`, `metrics rows`, `metrics case`.

use countersign_app::answer::{Value as Shown, Window};
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::domain::metrics::registry::{METRICS, Metric, Standing};
use countersign_app::domain::money::{Micro, Money};
use countersign_app::failure::told;
use countersign_app::figures::course::{self, Asked, Course, course};
use countersign_app::figures::measure::{Reckoned, limit_words};
use countersign_app::figures::{self, By as Step};
use countersign_app::metric_cases::{self, CaseReport};
use countersign_app::revenue::{FigureRow, rows_of};
use countersign_app::{App, files};
use serde_json::{Value, json};

use crate::arguments::{By, InEnvironment, Metrics, Span};
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::session;

/// Rows asked for in one go.
const PAGE_ROWS: u32 = 5_000;

/// Runs what needs no profile; gives back what does.
pub async fn without_profile(command: Metrics, output: Output) -> Result<Result<Verdict, Failure>, Metrics> {
    match command {
        Metrics::List => Ok(Ok(list(output))),
        Metrics::Case { file } => Ok(case(&file, output).await),
        other => Err(other),
    }
}

pub async fn run(app: &App, command: Metrics, output: Output) -> Result<Verdict, Failure> {
    match command {
        Metrics::Show { id, environment, span } => show(app, &id, &environment, &span, output).await,
        Metrics::Rows { id, environment, span } => rows(app, &id, &environment, &span, output).await,
        // Answered before a profile was opened.
        Metrics::List | Metrics::Case { .. } => Ok(Verdict::Good),
    }
}

/// Takes the days, steps and currency of the command line.
pub fn asked(span: &Span) -> Asked {
    Asked {
        from: span.from.clone().unwrap_or_default(),
        to: span.to.clone().unwrap_or_default(),
        by: match span.by {
            By::Day => Step::Day,
            By::Week => Step::Week,
            By::Month => Step::Month,
        },
        currency: span.currency.clone().unwrap_or_default(),
    }
}

fn list(output: Output) -> Verdict {
    let limit = |metric: &Metric| metric.limit.map(|limit| limit_words(limit, metric.unit));
    let rows = METRICS.iter().map(|metric| {
        json!({
            "metric": metric.id, "name": metric.name, "unit": metric.unit, "direction": metric.direction,
            "formula": metric.definition, "formula_version": metric.formula_version, "limit": limit(metric),
            "minimum_sample": metric.minimum_sample,
        })
    });
    output.answer(&json!({ "metrics": rows.collect::<Vec<_>>() }), |text| {
        let columns =
            [("metric", Align::Left), ("name", Align::Left), ("limit", Align::Left), ("formula", Align::Left)];
        let cells = |metric: &Metric| {
            let limit = limit(metric).unwrap_or_default();
            vec![metric.id.to_owned(), metric.name.to_owned(), limit, metric.definition.to_owned()]
        };
        text.table(&columns, &METRICS.iter().map(cells).collect::<Vec<_>>());
    });
    Verdict::Good
}

/// Writes a value as the contract of the command line wants it; none is `null`.
fn value(one: &Reckoned) -> Value {
    match one.shown() {
        Shown::Money { money } => json!(money),
        Shown::Count { count } => json!(count),
        Shown::Rate { exact, pct } => json!({ "exact": exact, "pct": pct }),
        Shown::Number { exact, text } => json!({ "exact": exact, "text": text }),
        Shown::None { .. } => Value::Null,
    }
}

fn reason(one: &Reckoned) -> Option<&String> {
    one.value.as_ref().err()
}

/// Writes a value for people; one that is none says why.
fn words(one: &Reckoned) -> String {
    match one.shown() {
        Shown::Money { money } => money.to_string(),
        Shown::Count { count } => count.to_string(),
        Shown::Rate { pct, .. } => format!("{pct} %"),
        Shown::Number { text, .. } => text,
        Shown::None { reason } => format!("n/a ({reason})"),
    }
}

fn step(one: &Reckoned) -> Value {
    json!({
        "period": one.span.slot.key, "from": one.span.period.start, "to": one.span.period.end, "at": one.at(),
        "value": value(one), "reason": reason(one), "is_provisional": one.span.is_provisional,
    })
}

fn standing(one: &Reckoned) -> &'static str {
    match one.standing() {
        Standing::Met => "met",
        Standing::Missed => "missed",
        Standing::NotEnough { .. } => "not_enough",
        Standing::NotAvailable => "not_available",
        Standing::NoLimit => "no_limit",
    }
}

fn document(course: &Course) -> Value {
    let (one, ground) = (&course.value, &course.ground);
    let codes =
        |currencies: &std::collections::BTreeSet<_>| currencies.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "metric": one.metric.id, "name": one.metric.name, "unit": one.metric.unit, "environment": course.environment.id,
        "value": value(one), "reason": reason(one), "at": one.at(),
        "from": one.span.period.start, "to": one.span.period.end, "is_provisional": one.span.is_provisional,
        "sample": one.sample, "notes": one.notes,
        "limit": one.metric.limit.map(|limit| limit_words(limit, one.metric.unit)), "standing": standing(one),
        "settings": {
            "currency": ground.currency(), "only": ground.only, "currencies": codes(&ground.currencies),
            "converted_at": ground.converted_at(), "zone": ground.zone.name(),
            "count_past_due": ground.method.count_past_due, "discounts": ground.method.discounts,
        },
        "formula": one.metric.definition, "formula_version": one.metric.formula_version,
        "data_through": course.data_through,
    })
}

async fn show(
    app: &App,
    id: &str,
    environment: &InEnvironment,
    span: &Span,
    output: Output,
) -> Result<Verdict, Failure> {
    let environment = session::environment(app, environment).await?;
    let course = course(app, &environment, id, &asked(span)).await?;
    let mut document = document(&course);
    if let Value::Object(fields) = &mut document {
        fields.insert("series".to_owned(), course.steps.iter().map(step).collect());
    }
    output.answer(&document, |text| {
        let one = &course.value;
        text.line(format!("{}: {}", one.metric.name, words(one)));
        let open = if one.span.is_provisional { ", not over yet" } else { "" };
        text.line(format!("  {} (as of {}){open}", one.span.words(), one.at().format("%Y-%m-%d %H:%M:%S UTC")));
        if let Some(limit) = one.metric.limit {
            text.line(format!("  limit {}: {}", limit_words(limit, one.metric.unit), standing(one).replace('_', " ")));
        }
        one.notes.iter().for_each(|note| text.line(format!("  {note}")));
        text.gap();
        let columns = [("period", Align::Left), ("value", Align::Right), ("", Align::Left)];
        let cells = |step: &Reckoned| {
            let open = if step.span.is_provisional { "so far" } else { "" };
            vec![step.span.slot.key.clone(), words(step), open.to_owned()]
        };
        text.table(&columns, &course.steps.iter().map(cells).collect::<Vec<_>>());
        text.gap();
        text.line(format!("{} (formula version {})", one.metric.definition, one.metric.formula_version));
        text.line(course.ground.settings().join(" "));
        let through = course.data_through.map_or_else(|| "not known".to_owned(), |at| at.to_rfc3339());
        text.line(format!("Data through {through}"));
    });
    Ok(Verdict::Good)
}

async fn rows(
    app: &App,
    id: &str,
    environment: &InEnvironment,
    span: &Span,
    output: Output,
) -> Result<Verdict, Failure> {
    let environment = session::environment(app, environment).await?;
    let asked = asked(span);
    let course = course(app, &environment, id, &asked).await?;
    let metric = figures::metric(id)?;
    let whole = course::whole(metric, &asked, &course.ground)?;
    let mut window = Window { take: PAGE_ROWS, ..Window::default() };
    let mut view = rows_of(app, &course.environment, &course.ground, (metric, &whole), &window).await?;
    while (view.rows.rows.len() as u64) < view.rows.total {
        window.skip = view.rows.rows.len() as u64;
        let next = rows_of(app, &course.environment, &course.ground, (metric, &whole), &window).await?;
        if next.rows.rows.is_empty() {
            break;
        }
        view.rows.rows.extend(next.rows.rows);
    }
    let mut document = document(&course);
    let row = |row: &FigureRow| {
        json!({
            "customer": row.customer, "name": row.name.shown, "subscription": row.subscription, "record": row.record,
            "what": row.what, "money": row.money, "part": row.part,
        })
    };
    if let Value::Object(fields) = &mut document {
        fields.insert("rows".to_owned(), view.rows.rows.iter().map(row).collect());
        fields.insert("sum".to_owned(), json!(view.sum));
        fields.insert("divisor".to_owned(), json!(view.divisor));
    }
    output.answer(&document, |text| {
        let columns = [("customer", Align::Left), ("name", Align::Left), ("what", Align::Left), ("part", Align::Right)];
        let cells = |row: &FigureRow| {
            let who = row.customer.as_ref().map_or(row.record.as_str(), |customer| customer.as_str());
            let part = row.money.as_ref().map_or_else(|| row.part.clone(), Money::to_string);
            vec![who.to_owned(), row.name.shown.clone(), row.what.clone(), part]
        };
        text.table(&columns, &view.rows.rows.iter().map(cells).collect::<Vec<_>>());
        text.gap();
        let currency = view.rows.totals.first().map(|money| money.currency);
        let amount = |part: &str| match (currency, part.parse()) {
            (Some(currency), Ok(micro)) => Micro(micro).to_money(currency).to_string(),
            _ => part.to_owned(),
        };
        let divided = view
            .divisor
            .as_deref()
            .map_or_else(String::new, |by| format!(", divided by {}", divisor(metric, by, amount)));
        text.line(format!("{} rows, sum {}{divided}", view.rows.total, amount(&view.sum)));
        text.line(format!("{}: {}", metric.name, words(&course.value)));
        text.line(&view.formula);
    });
    Ok(Verdict::Good)
}

/// Writes what a sum is divided by: averages divide money by a count.
fn divisor(metric: &Metric, by: &str, amount: impl Fn(&str) -> String) -> String {
    if metric.id == "metric.arpu" || metric.id == "metric.average_transaction_value" {
        by.to_owned()
    } else {
        amount(by)
    }
}

async fn case(file: &std::path::Path, output: Output) -> Result<Verdict, Failure> {
    let what = || format!("Could not run {}", files::tilde(file));
    let text = files::read_up_to(file, metric_cases::CASE_FILE_BYTES_MAX as u64).await?;
    let text = String::from_utf8(text).map_err(|error| told(Code::ImportEncoding, what(), error.to_string()))?;
    let report = metric_cases::run(&text).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        told(Code::ImportSyntax, what(), format!("{error}{cause}"))
    })?;
    output.answer(&report, |text| {
        let CaseReport { cases, checked, failed } = &report;
        text.line(format!("{cases} cases, {checked} values compared, {} differ", failed.len()));
        if !failed.is_empty() {
            let columns = ["case", "metric", "value", "expected", "got"].map(|name| (name, Align::Left));
            let rows = failed.iter().map(|one| {
                vec![
                    one.case.clone(),
                    one.metric.clone(),
                    one.key.clone(),
                    one.expected.to_string(),
                    one.got.to_string(),
                ]
            });
            text.table(&columns, &rows.collect::<Vec<_>>());
        }
    });
    Ok(Verdict::of(report.failed.is_empty()))
}
