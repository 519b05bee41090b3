//! The lists behind revenue: the customers of a movement, and the rows of any figure.

use std::collections::HashMap;

use countersign_domain::failure::Failure;
use countersign_domain::ids::CustomerId;
use countersign_domain::metrics::cause::Cause;
use countersign_domain::metrics::movements::{Movement, Row, movements as moved};
use countersign_domain::metrics::registry::Metric;
use countersign_domain::money::Micro;
use countersign_domain::workspace::{Environment, Source};
use countersign_store::mirror::samples;

use super::screen::{FRESH_MINUTES, NEEDED, month};
use super::{FigureRow, FigureRows, FigureRowsRequest, MovementRow, MovementsRequest};
use crate::answer::{Answer, Rows, Window};
use crate::app::App;
use crate::failure::{invalid, not_found};
use crate::figures::ground;
use crate::figures::rows::{self, Part, Parts};
use crate::figures::{self, Span};
use crate::{freshness, masking, mirror, record};

/// What people are called.
type Names = HashMap<CustomerId, String>;

/// Lists the customers whose MRR moved in a month, the largest movements first.
///
/// **Errors**: an environment nobody made, a month, kind or column that is none, a mirror that cannot be read.
pub async fn movements(app: &App, request: MovementsRequest) -> Result<Answer<Rows<MovementRow>>, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let ground = ground::load(app, &environment, &request.currency).await?;
    let span = Span::month(&ground.zone, month(&request.month, &ground)?, ground.now);
    let kind: Option<Movement> = match request.kind.as_str() {
        "" => None,
        word => Some(word.parse().map_err(|_| invalid("kind", format!("{word} is no kind of movement")))?),
    };
    let reading = ground.reading();
    let all = moved(&reading, span.period, ground.now);
    let mut found: Vec<_> = all
        .rows
        .iter()
        .filter_map(|row| Some((row, row.movement.filter(|movement| kind.is_none_or(|kind| kind == *movement))?)))
        .collect();
    let window = &request.window;
    let needs_names = window.sort == "name" || !window.text.trim().is_empty();
    let mut names = Names::new();
    if needs_names {
        names = named(app, &environment, found.iter().map(|(row, _)| row.customer.clone()).collect()).await?;
    }
    found.retain(|(row, _)| {
        is_found(&window.text, &[names.get(row.customer).map_or("", |name| name), row.customer.as_str()])
    });
    let delta = |row: &Row<'_>| row.closing - row.opening_at_closing_rate;
    match window.sort.as_str() {
        "" | "delta" => found.sort_by_key(|(row, _)| std::cmp::Reverse(delta(row).0.abs())),
        "name" => found.sort_by_cached_key(|(row, _)| lower(&names, Some(row.customer))),
        "kind" => found.sort_by_key(|(_, movement)| *movement),
        "from" => found.sort_by_key(|(row, _)| std::cmp::Reverse(row.opening_at_closing_rate)),
        "to" => found.sort_by_key(|(row, _)| std::cmp::Reverse(row.closing)),
        other => return Err(invalid("sort", format!("there is no column {other}"))),
    }
    if window.is_reversed {
        found.reverse();
    }
    let currency = ground.currency();
    let sum: Micro = found.iter().map(|(row, _)| delta(row)).sum();
    let (total, shown) = part(found, window);
    if !needs_names {
        names = named(app, &environment, shown.iter().map(|(row, _)| row.customer.clone()).collect()).await?;
    }
    let row = |(row, movement): &(&Row<'_>, Movement)| MovementRow {
        customer: row.customer.clone(),
        name: masking::name(row.customer, names.get(row.customer).map(String::as_str)),
        kind: movement.as_ref().to_owned(),
        from: row.opening_at_closing_rate.to_money(currency),
        to: row.closing.to_money(currency),
        delta: delta(row).to_money(currency),
        delta_micro: delta(row).0.to_string(),
        causes: row.causes.iter().map(|cause| words(*cause).to_owned()).collect(),
    };
    let view = Rows { rows: shown.iter().map(row).collect(), total, totals: vec![sum.to_money(currency)] };
    answer(app, &environment, view).await
}

/// Lists the rows behind a figure. Their sum, divided by what is said beside it, is the figure.
///
/// **Errors**: as [`movements`]; a figure that has no rows.
pub async fn figure_rows(app: &App, request: FigureRowsRequest) -> Result<Answer<FigureRows>, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let ground = ground::load(app, &environment, &request.currency).await?;
    let metric = figures::metric(&request.metric)?;
    let span = match request.month.as_str() {
        "" => Span::usual(metric, &ground.zone, ground.now),
        text => Span::month(&ground.zone, month(text, &ground)?, ground.now),
    };
    let view = rows_of(app, &environment, &ground, (metric, &span), &request.window).await?;
    answer(app, &environment, view).await
}

/// Lists the rows behind a figure over any stretch of time.
///
/// **Errors**: a figure that has no rows, a column that is none, a mirror that cannot be read.
pub async fn rows_of(
    app: &App,
    environment: &Environment,
    ground: &figures::Ground,
    (metric, span): (&'static Metric, &Span),
    window: &Window,
) -> Result<FigureRows, Failure> {
    let found = rows::behind(app, environment, ground, metric, span).await?;
    let found = found.ok_or_else(|| invalid("metric", format!("{} has no rows behind it", metric.name)))?;
    let reckoned = figures::reckon(app, environment, ground, vec![(metric, span.clone())]).await?;
    let reckoned = reckoned.into_iter().next().ok_or_else(|| not_found("metric", metric.id))?;
    let (sum, divisor, currency) = (found.sum(), found.divisor, found.currency);
    let rows = listed(app, environment, found, window).await?;
    let notes = reckoned.notes.iter().map(|note| format!(" {}", sentence(note)));
    Ok(FigureRows {
        figure: reckoned.figure(None),
        rows: Rows { totals: currency.map(|currency| Micro(sum).to_money(currency)).into_iter().collect(), ..rows },
        sum: sum.to_string(),
        divisor: divisor.map(|divisor| divisor.to_string()),
        formula: std::iter::once(metric.definition.to_owned()).chain(notes).collect(),
        formula_version: metric.formula_version,
    })
}

/// Makes a sentence of a note.
fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

async fn listed(
    app: &App,
    environment: &Environment,
    found: Parts,
    window: &Window,
) -> Result<Rows<FigureRow>, Failure> {
    let currency = found.currency;
    let mut rows = found.rows;
    let needs_names = window.sort == "name" || !window.text.trim().is_empty();
    let mut names = Names::new();
    if needs_names {
        names = named(app, environment, rows.iter().filter_map(|row| row.customer.clone()).collect()).await?;
    }
    let name =
        |names: &Names, row: &Part| row.customer.as_ref().and_then(|id| names.get(id)).cloned().unwrap_or_default();
    rows.retain(|row| {
        let ids = [row.customer.as_ref().map(CustomerId::as_str), row.subscription.as_ref().map(|id| id.as_str())];
        let [customer, subscription] = ids.map(Option::unwrap_or_default);
        is_found(&window.text, &[&name(&names, row), customer, subscription, &row.record, &row.what])
    });
    match window.sort.as_str() {
        "" => {}
        "part" => rows.sort_by_key(|row| std::cmp::Reverse(row.part)),
        "name" => rows.sort_by_cached_key(|row| lower(&names, row.customer.as_ref())),
        "what" => rows.sort_by(|one, two| one.what.cmp(&two.what)),
        "subscription" => rows.sort_by(|one, two| one.subscription.cmp(&two.subscription)),
        other => return Err(invalid("sort", format!("there is no column {other}"))),
    }
    if window.is_reversed {
        rows.reverse();
    }
    let (total, shown) = part(rows, window);
    if !needs_names {
        names = named(app, environment, shown.iter().filter_map(|row| row.customer.clone()).collect()).await?;
    }
    let row = |row: Part| FigureRow {
        name: match &row.customer {
            Some(customer) => masking::name(customer, names.get(customer).map(String::as_str)),
            None => masking::nothing(),
        },
        money: currency.map(|currency| Micro(row.part).to_money(currency)),
        part: row.part.to_string(),
        customer: row.customer,
        subscription: row.subscription,
        record: row.record,
        what: row.what,
    };
    Ok(Rows { rows: shown.into_iter().map(row).collect(), total, totals: Vec::new() })
}

async fn answer<T>(app: &App, environment: &Environment, view: T) -> Result<Answer<T>, Failure> {
    let mut answer = freshness::answer(app, environment, &[Source::Stripe], FRESH_MINUTES, view).await?;
    freshness::needs(app, environment, &mut answer.sources, &NEEDED).await?;
    Ok(answer)
}

async fn named(app: &App, environment: &Environment, customers: Vec<CustomerId>) -> Result<Names, Failure> {
    let work = move |conn: &countersign_store::Connection, scope| samples::names(conn, scope, &customers);
    Ok(mirror::read(app, environment, "Could not read names", work).await?.unwrap_or_default())
}

fn lower(names: &Names, customer: Option<&CustomerId>) -> String {
    customer.and_then(|customer| names.get(customer)).map(|name| name.to_lowercase()).unwrap_or_default()
}

fn is_found(text: &str, places: &[&str]) -> bool {
    let text = text.trim().to_lowercase();
    text.is_empty() || places.iter().any(|place| place.to_lowercase().contains(&text))
}

/// Takes the window out of a list; gives the length of the whole too.
fn part<T>(rows: Vec<T>, window: &Window) -> (u64, Vec<T>) {
    let total = rows.len() as u64;
    let wanted = mirror::part(window);
    let skip = usize::try_from(wanted.skip).unwrap_or(usize::MAX);
    (total, rows.into_iter().skip(skip).take(wanted.take as usize).collect())
}

fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::Started => "subscription began",
        Cause::TrialConverted => "trial became paid",
        Cause::Plan => "another plan",
        Cause::Price => "another price",
        Cause::Quantity => "another quantity",
        Cause::DiscountBegan => "discount began",
        Cause::DiscountEnded => "discount ended",
        Cause::ItemAdded => "item added",
        Cause::ItemRemoved => "item removed",
        Cause::Free => "free before or after",
        Cause::Paused => "paused",
        Cause::Resumed => "resumed",
        Cause::Unpaid => "given up as unpaid",
        Cause::Recovered => "paid again",
        Cause::Cancelled => "cancelled by the customer",
        Cause::Lapsed => "ended because a payment failed",
        Cause::Uninvoiced => "not invoiced before or after",
        Cause::Unreadable => "not readable before or after",
    }
}
