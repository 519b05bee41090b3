//! The figures of the invented company are those of its own books, to the micro-unit, and every figure is its rows.
//!
//! Two programs that share no arithmetic must agree: the story noted what each subscription earned while it was told, and
//! the product rebuilt that from what Stripe's API shows.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use countersign_app::answer::{Value, Window};
use countersign_app::figures::course::{Asked, course};
use countersign_app::figures::ground::{self, Ground};
use countersign_app::figures::{self, By, Span, course as courses};
use countersign_app::limits::{self, LimitsRequest};
use countersign_app::overview::{self, OverviewRequest};
use countersign_app::revenue::{self, FigureRowsRequest, MovementsRequest, RevenueRequest};
use countersign_app::{App, demo, record};
use countersign_demo::Truth;
use countersign_domain::Instant;
use countersign_domain::ids::{CustomerId, EnvironmentId, SubscriptionId};
use countersign_domain::metrics::Segment;
use countersign_domain::metrics::movements::{Movement, movements};
use countersign_domain::metrics::reading::Reading;
use countersign_domain::money::Currency;

use crate::team::told;

/// Opens a company of its own and tells the story on it.
pub async fn on_a_new_company() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 800).await.map_err(told)?;
    demo::read(&app).await.map_err(told)?;
    let result = figures_are_the_books(&app).await;
    app.end().await;
    result
}

/// Holds every figure against the books, and every figure against its rows.
pub async fn figures_are_the_books(app: &App) -> Result<()> {
    let truth = app.simulator().context("no simulator")?.truth();
    let environment = EnvironmentId::from(demo::ENVIRONMENT);
    let known = record::environment(app, &environment).await.map_err(told)?;
    let ground = ground::load(app, &known, "").await.map_err(told)?;
    present(app, &environment, &truth).await?;
    past(&ground, &truth)?;
    bridge(&ground, &truth)?;
    screen(app, &environment).await?;
    rows(app, &environment).await?;
    limits_hold(app, &environment).await?;
    overview_tells(app, &environment).await
}

/// What is earned now is what the books say, of every subscription, in every currency.
async fn present(app: &App, environment: &EnvironmentId, truth: &Truth) -> Result<()> {
    for (currency, expected) in truth.now.iter().filter(|(_, micro)| micro.0 > 0) {
        let asked =
            Asked { from: String::new(), to: String::new(), by: By::Month, currency: currency.code().to_owned() };
        let found = course(app, environment, "mrr", &asked).await.map_err(told)?;
        let exact = found.value.exact().context("MRR has a value")?;
        let expected = num(expected.0) / num(1_000_000);
        ensure!(exact == expected, "{currency} now: {exact}, the books say {expected}");
    }
    let asked = Asked { from: String::new(), to: String::new(), by: By::Month, currency: String::new() };
    let paying = course(app, environment, "paying_customers", &asked).await.map_err(told)?.value.exact();
    ensure!(paying == Some(num(truth.paying_customers.into())), "{paying:?}, the books say {}", truth.paying_customers);
    Ok(())
}

type Exact = num_rational::BigRational;

fn num(number: i128) -> Exact {
    Exact::from_integer(number.into())
}

/// What a subscription earned from each of its changes on.
type Steps<'a> = BTreeMap<&'a SubscriptionId, Vec<(Instant, i128)>>;

fn at(steps: &[(Instant, i128)], instant: Instant) -> i128 {
    steps.iter().rev().find(|(from, _)| *from <= instant).map_or(0, |(_, micro)| *micro)
}

/// Every subscription of whose past the API tells everything earned at each month's end what the books say.
fn past(ground: &Ground, truth: &Truth) -> Result<()> {
    let unseen: BTreeSet<&SubscriptionId> = truth.unseen.iter().collect();
    let mut steps = Steps::new();
    for step in truth.steps.iter().filter(|step| !unseen.contains(&step.subscription)) {
        steps.entry(&step.subscription).or_default().push((step.from, step.mrr.0));
    }
    let (mut compared, mut differ) = (0, Vec::new());
    for month in &truth.months {
        let mut found = BTreeMap::<&SubscriptionId, i128>::new();
        for segment in ground.segments.iter().filter(|segment| segment.covers(month.closes_at)) {
            *found.entry(&segment.subscription).or_default() += segment.micro.0;
        }
        for (subscription, steps) in &steps {
            let (expected, found) = (at(steps, month.closes_at), found.get(subscription).copied().unwrap_or(0));
            if expected != found {
                let segments = ground.segments.iter().filter(|segment| segment.subscription == **subscription);
                let spans: Vec<_> = segments.map(|one| (one.start_at, one.end_at, one.micro.0, one.source)).collect();
                differ.push(format!("{} {subscription}: {found} of {expected}, {spans:?}, {steps:?}", month.month));
            }
            compared += u64::from(expected > 0);
        }
    }
    ensure!(differ.is_empty(), "{} of {compared} differ: {:#?}", differ.len(), differ.get(..differ.len().min(6)));
    ensure!(compared > 1_000, "only {compared} values were compared");
    Ok(())
}

/// The movements of customers whose whole past can be seen are those that follow from the books.
fn bridge(ground: &Ground, truth: &Truth) -> Result<()> {
    let unseen: BTreeSet<&SubscriptionId> = truth.unseen.iter().collect();
    let told = truth.steps.iter().map(|step| (&step.subscription, &step.customer));
    // A subscription that never earned anything is in no step.
    let found = ground.segments.iter().map(|segment| (&segment.subscription, &segment.customer));
    let hidden: BTreeSet<&CustomerId> =
        told.chain(found).filter(|(of, _)| unseen.contains(of)).map(|(_, customer)| customer).collect();
    let mut books = BTreeMap::<&CustomerId, (Currency, Steps<'_>)>::new();
    for step in truth.steps.iter().filter(|step| !hidden.contains(&step.customer)) {
        let book = books.entry(&step.customer).or_insert_with(|| (step.currency, Steps::new()));
        book.1.entry(&step.subscription).or_default().push((step.from, step.mrr.0));
    }
    let mut compared = 0;
    for currency in truth.now.keys() {
        let is_meant = |segment: &&Segment| segment.currency == *currency && !hidden.contains(&segment.customer);
        let segments: Vec<Segment> = ground.segments.iter().filter(is_meant).cloned().collect();
        let fx = countersign_domain::metrics::Fx::new(*currency, &[]);
        let reading = Reading { segments: &segments, fx: &fx, zone: &ground.zone };
        for month in &truth.months {
            let parsed = countersign_domain::zones::Month::parse(&month.month).context("a month")?;
            let period = ground.zone.month(parsed);
            let mut expected = BTreeMap::<Movement, i128>::new();
            for (_, steps) in books.values().filter(|(of, _)| of == currency) {
                if let Some((movement, amount)) = moved(steps, period.opening_at(), period.closing_at()) {
                    *expected.entry(movement).or_default() += amount;
                }
            }
            let found = movements(&reading, period, ground.now);
            let found: BTreeMap<Movement, i128> = found.amounts.iter().map(|(kind, micro)| (*kind, micro.0)).collect();
            ensure!(found == expected, "{} {currency}: {found:?}, the books say {expected:?}", month.month);
            compared += found.len();
        }
    }
    ensure!(compared > 50, "only {compared} movements were compared");
    Ok(())
}

/// Derives one customer's movement from the books alone.
fn moved(steps: &Steps<'_>, opening: Instant, closing: Instant) -> Option<(Movement, i128)> {
    let sum = |instant| steps.values().map(|steps| at(steps, instant)).sum::<i128>();
    let (before, after) = (sum(opening), sum(closing));
    let was_paying = steps.values().flatten().any(|(from, micro)| *micro > 0 && *from <= opening);
    match (before > 0, after > 0) {
        (false, true) if was_paying => Some((Movement::Reactivation, after)),
        (false, true) => Some((Movement::New, after)),
        (true, false) => Some((Movement::Churn, before)),
        _ if before < after => Some((Movement::Expansion, after - before)),
        _ if after < before => Some((Movement::Contraction, before - after)),
        _ => None,
    }
}

/// The bridge closes to the micro-unit, in every month and currency, and its movements are their customers.
async fn screen(app: &App, environment: &EnvironmentId) -> Result<()> {
    let ask = |month: &str, currency: &str| RevenueRequest {
        environment: environment.clone(),
        month: month.to_owned(),
        currency: currency.to_owned(),
        months: 0,
        width: 0,
    };
    let view = revenue::view(app, ask("", "")).await.map_err(told)?.view;
    ensure!(view.months.len() > 12 && view.currencies.len() == 3 && view.unconverted.is_empty(), "{:?}", view.months);
    ensure!(!view.series.stops.is_empty() && !view.movements.marks.is_empty(), "the charts are empty");
    for month in view.months.iter().take(3) {
        for currency in ["", "usd", "eur"] {
            let view = revenue::view(app, ask(month, currency)).await.map_err(told)?.view;
            let micro = |word: &str| -> Result<i128> {
                let line = view.bridge.iter().find(|line| line.word == word).context("a line of the bridge")?;
                Ok(line.micro.parse()?)
            };
            let moves = ["new", "reactivation", "expansion", "contraction", "churn"];
            let net = moves.iter().map(|word| micro(word)).sum::<Result<i128>>()?;
            ensure!(
                micro("opening")? + net + micro("fx")? == micro("closing")?,
                "{month} {currency}: {:?}",
                view.bridge
            );
            let request = MovementsRequest {
                environment: environment.clone(),
                month: month.clone(),
                currency: currency.to_owned(),
                kind: String::new(),
                window: Window { take: 5_000, ..Window::default() },
            };
            let list = revenue::movements(app, request).await.map_err(told)?.view;
            let sum: i128 = list.rows.iter().filter_map(|row| row.delta_micro.parse::<i128>().ok()).sum();
            ensure!(sum == net, "{month} {currency}: rows {sum}, bridge {net}");
            ensure!(list.rows.iter().all(|row| !row.causes.is_empty()), "a movement without a cause");
        }
    }
    Ok(())
}

/// Every figure with rows is their sum, divided by what stands beside it.
async fn rows(app: &App, environment: &EnvironmentId) -> Result<()> {
    let with_rows = [
        "mrr",
        "arr",
        "cmrr",
        "paying_customers",
        "arpu",
        "net_new_mrr",
        "churn_rate",
        "mrr_churn_rate",
        "grr",
        "nrr",
        "grr_t12m",
        "nrr_t12m",
        "quick_ratio",
        "trial_conversion",
        "revenue_collected",
        "average_transaction_value",
        "payment_failure_rate",
        "failed_payments",
        "open_invoices",
        "webhook_success_rate",
        "webhook_delivery_rate",
    ];
    let known = record::environment(app, environment).await.map_err(told)?;
    let ground = ground::load(app, &known, "").await.map_err(told)?;
    for id in with_rows {
        let request = FigureRowsRequest {
            environment: environment.clone(),
            metric: id.to_owned(),
            month: String::new(),
            currency: String::new(),
            window: Window { take: 5_000, ..Window::default() },
        };
        let view = revenue::figure_rows(app, request).await.map_err(told)?.view;
        let metric = figures::metric(id).map_err(told)?;
        let span = Span::usual(metric, &ground.zone, ground.now);
        let value = figures::reckon(app, &known, &ground, vec![(metric, span)]).await.map_err(told)?;
        let value = value.first().and_then(|one| one.exact()).with_context(|| format!("{id} has a value"))?;
        let parts: i128 = view.rows.rows.iter().filter_map(|row| row.part.parse::<i128>().ok()).sum();
        ensure!(view.rows.rows.len() as u64 == view.rows.total && parts.to_string() == view.sum, "{id}: {}", view.sum);
        let is_money = matches!(view.figure.value, Value::Money { .. });
        let unit = if is_money { num(1_000_000) } else { num(1) };
        let divisor = view.divisor.as_deref().map(str::parse::<i128>).transpose()?.map_or_else(|| num(1), num);
        ensure!(num(parts) / divisor / unit == value, "{id}: {parts} is not {value}");
    }
    Ok(())
}

/// Ten limits, each told as its own figure and its own bound say; without a source none is kept.
async fn limits_hold(app: &App, environment: &EnvironmentId) -> Result<()> {
    let view = limits::view(app, LimitsRequest { environment: environment.clone() }).await.map_err(told)?.view;
    ensure!((view.technical.len(), view.business.len()) == (5, 5), "{view:#?}");
    let pct = |exact: Exact| exact * num(100);
    let mut told_of = BTreeMap::new();
    for line in view.technical.iter().chain(&view.business) {
        let id = line.figure.metric.as_str();
        let exact = match &line.figure.value {
            Value::Rate { exact, .. } => Some(exact.parse::<Exact>()?),
            _ => None,
        };
        let held = match (id, exact) {
            (_, None) => "no_value",
            ("metric.webhook_success_rate", Some(rate)) if pct(rate.clone()) > num(99) => "met",
            ("metric.trial_conversion", Some(rate)) if pct(rate.clone()) > num(15) => "met",
            ("metric.churn_rate", Some(rate)) if pct(rate.clone()) < num(5) => "met",
            ("metric.payment_failure_rate", Some(rate)) if pct(rate.clone()) < num(2) => "met",
            (_, Some(_)) => "missed",
        };
        let is_few = line.state == "too_few" && line.sentence.contains("cases it takes") && held != "no_value";
        ensure!(line.state == held || is_few, "{id} is told as {}, and is {held}", line.state);
        *told_of.entry(line.state.clone()).or_insert(0) += 1;
    }
    ensure!(told_of.get("no_value") == Some(&6) && told_of.contains_key("met"), "{told_of:?}");
    Ok(())
}

/// The overview has its tiles, and names what was planted, worst first.
async fn overview_tells(app: &App, environment: &EnvironmentId) -> Result<()> {
    let request = OverviewRequest { environment: environment.clone() };
    let view = overview::view(app, request).await.map_err(told)?.view;
    ensure!(view.tiles.len() == 6 && view.tiles.iter().take(5).all(|tile| tile.spark.is_some()), "tiles");
    ensure!(view.attention.is_sorted_by_key(|line| line.severity), "not in order of severity");
    ensure!(view.attention.iter().any(|line| line.route.starts_with("/webhooks")), "{:#?}", view.attention);
    ensure!(view.attention.iter().any(|line| line.route.starts_with("/customers")), "{:#?}", view.attention);
    let folder = tempfile::tempdir()?;
    let asked = Asked { from: String::new(), to: String::new(), by: By::Month, currency: String::new() };
    for name in ["mrr.svg", "mrr.png", "mrr.svg"] {
        let written = courses::chart(app, environment, "mrr", &asked, folder.path().join(name)).await.map_err(told)?;
        ensure!(written.bytes > 1_000, "{name} has {} bytes", written.bytes);
    }
    let svg = std::fs::read_to_string(folder.path().join("mrr.svg"))?;
    ensure!(svg.contains("DEMO") && svg.contains("Data through"), "the sheet does not say what it shows");
    Ok(())
}
