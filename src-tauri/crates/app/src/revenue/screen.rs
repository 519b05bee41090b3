//! The revenue screen: a month's figures beside those of the month before, two charts, the bridge, what was not counted.

use std::collections::BTreeMap;

use countersign_domain::failure::Failure;
use countersign_domain::ids::CustomerId;
use countersign_domain::metrics::movements::{Movement, Movements, movements};
use countersign_domain::metrics::registry::Metric;
use countersign_domain::metrics::{Warning as Doubt, WarningKind};
use countersign_domain::money::{Currency, Micro};
use countersign_domain::stripe::ObjectKind;
use countersign_domain::workspace::Source;
use countersign_domain::zones::Month;
use countersign_render::chart::Size;
use countersign_store::mirror::segments;

use super::{BridgeLine, Revenue, RevenueRequest, Warning};
use crate::answer::Answer;
use crate::app::App;
use crate::failure::{internal, invalid};
use crate::figures::ground::{self, Ground};
use crate::figures::measure::Reckoned;
use crate::figures::span::{Span, months};
use crate::figures::{drawing, metric, recurring, rows};
use crate::{freshness, mirror, record};

/// Age up to which revenue is fresh. **Units**: minutes.
pub(super) const FRESH_MINUTES: i64 = 24 * 60;
/// Months in the charts where nobody says otherwise.
const MONTHS: u16 = 24;
/// Most months in the charts.
const MONTHS_MAX: u16 = 60;
/// Most months that can be chosen.
const CHOICES_MAX: u16 = 240;
/// Width of the charts where nobody says otherwise, and their height. **Units**: pixels.
const WIDTH: u16 = 960;
const HEIGHT: u32 = 280;
/// Ids named with each warning.
const EXAMPLES_MAX: usize = 5;
/// Kinds without which there are no figures here.
pub(super) const NEEDED: [ObjectKind; 4] =
    [ObjectKind::Subscription, ObjectKind::Invoice, ObjectKind::Price, ObjectKind::Customer];

/// The figures of a month, in the order of the screen.
const FIGURES: [&str; 11] = [
    "metric.mrr",
    "metric.net_new_mrr",
    "metric.arr",
    "metric.paying_customers",
    "metric.arpu",
    "metric.churn_rate",
    "metric.mrr_churn_rate",
    "metric.nrr",
    "metric.grr",
    "metric.quick_ratio",
    "metric.ltv",
];

/// Gives the revenue screen.
///
/// **Errors**: an environment nobody made, a month or currency that is none, a mirror that cannot be read.
pub async fn view(app: &App, request: RevenueRequest) -> Result<Answer<Revenue>, Failure> {
    let environment = record::environment(app, &request.environment).await?;
    let ground = ground::load(app, &environment, &request.currency).await?;
    let month = month(&request.month, &ground)?;
    let doubts = mirror::read(app, &environment, "Could not read what was doubtful", segments::warnings).await?;
    let charts = Charts::of(&request);
    let work = move || compose(&ground, month, charts, &doubts.unwrap_or_default());
    let composed = tokio::task::spawn_blocking(work).await;
    let view = composed.map_err(|error| internal("Could not compute the figures", &error))??;
    let mut answer = freshness::answer(app, &environment, &[Source::Stripe], FRESH_MINUTES, view).await?;
    freshness::needs(app, &environment, &mut answer.sources, &NEEDED).await?;
    Ok(answer)
}

/// Reads a month; empty is the newest one.
pub(super) fn month(text: &str, ground: &Ground) -> Result<Month, Failure> {
    if text.is_empty() {
        return Ok(ground.zone.month_of(ground.now));
    }
    Month::parse(text).ok_or_else(|| invalid("month", format!("{text} is not a month such as 2026-10")))
}

#[derive(Clone, Copy)]
struct Charts {
    months: u16,
    size: Size,
}

impl Charts {
    fn of(request: &RevenueRequest) -> Self {
        let or = |value: u16, usual: u16| if value == 0 { usual } else { value };
        let size = Size::new(or(request.width, WIDTH).into(), HEIGHT);
        Self { months: or(request.months, MONTHS).min(MONTHS_MAX), size }
    }
}

fn compose(ground: &Ground, month: Month, charts: Charts, doubts: &[(CustomerId, Doubt)]) -> Result<Revenue, Failure> {
    let span = Span::month(&ground.zone, month, ground.now);
    let before = Span::month(&ground.zone, month.plus(-1), ground.now);
    let moved = movements(&ground.reading(), span.period, ground.now);
    let choices = choices(ground);
    let shown: Vec<Span> =
        months(&ground.zone, ground.now, charts.months.min(u16::try_from(choices.len()).unwrap_or(1)));
    let mrr = metric("metric.mrr")?;
    let course: Vec<Reckoned> = shown.iter().map(|span| reckoned(ground, mrr, span)).collect();
    let mut figures = Vec::new();
    for id in FIGURES {
        let metric = metric(id)?;
        figures.push(reckoned(ground, metric, &span).figure(Some(&reckoned(ground, metric, &before))));
    }
    Ok(Revenue {
        month: month.to_string(),
        months: choices.iter().map(Month::to_string).collect(),
        currency: ground.currency().code().to_owned(),
        currencies: ground.currencies.iter().map(|currency| currency.code().to_owned()).collect(),
        unconverted: moved.unconverted.iter().map(|currency| currency.code().to_owned()).collect(),
        converted_at: ground.converted_at(),
        figures,
        series: drawing::line(ground, mrr, &course, charts.size)?,
        movements: drawing::moves(ground, &shown, charts.size)?,
        bridge: if ground.is_read { bridge(&moved, ground.currency()) } else { Vec::new() },
        observed_since: ground.observed_since(),
        warnings: warnings(doubts),
        settings: ground.settings(),
    })
}

fn reckoned(ground: &Ground, metric: &'static Metric, span: &Span) -> Reckoned {
    let none = || Reckoned::none(metric, span, "nothing was read from Stripe yet");
    if ground.is_read { recurring::reckon(ground, metric, span).unwrap_or_else(none) } else { none() }
}

/// Lists the months from the first MRR to the newest one, newest first.
fn choices(ground: &Ground) -> Vec<Month> {
    let newest = ground.zone.month_of(ground.now);
    let first = ground.segments.iter().map(|segment| segment.start_at).min();
    let first = first.map_or(newest, |first| ground.zone.month_of(first)).min(newest);
    let back = (0..i32::from(CHOICES_MAX)).map(|back| newest.plus(-back));
    back.take_while(|month| *month >= first).collect()
}

/// Writes the bridge; its lines between the ends add up to their difference, to the micro-unit.
fn bridge(moved: &Movements<'_>, currency: Currency) -> Vec<BridgeLine> {
    let line = |word: &str, name: &str, micro: Micro, customers: u64| BridgeLine {
        word: word.to_owned(),
        name: name.to_owned(),
        money: micro.to_money(currency),
        micro: micro.0.to_string(),
        customers,
    };
    let mut lines = vec![line("opening", "Opening", moved.opening, moved.opening_customers)];
    for movement in [Movement::New, Movement::Reactivation, Movement::Expansion, Movement::Contraction, Movement::Churn]
    {
        let amount = moved.amount(movement);
        let signed = if matches!(movement, Movement::Contraction | Movement::Churn) { -amount } else { amount };
        lines.push(line(movement.as_ref(), rows::name(movement), signed, moved.customers(movement)));
    }
    lines.push(line("fx", "Exchange rates", moved.fx(), 0));
    lines.push(line("closing", "Closing", moved.closing, moved.closing_customers));
    lines
}

/// Groups what was doubtful by what it is, most frequent first.
fn warnings(doubts: &[(CustomerId, Doubt)]) -> Vec<Warning> {
    let mut by_text = BTreeMap::<String, Warning>::new();
    for (_, doubt) in doubts {
        let text = words(&doubt.kind);
        let warning = by_text.entry(text.clone()).or_insert_with(|| Warning { text, count: 0, examples: Vec::new() });
        warning.count += 1;
        if warning.examples.len() < EXAMPLES_MAX {
            warning.examples.push(doubt.subscription.to_string());
        }
    }
    let mut all: Vec<Warning> = by_text.into_values().collect();
    all.sort_by_key(|warning| std::cmp::Reverse(warning.count));
    all
}

fn words(kind: &WarningKind) -> String {
    match kind {
        WarningKind::NoCurrencyOption { currency, .. } => {
            format!("the price has no amount in {}: counted as 0", currency.iso())
        }
        WarningKind::NoAmount { .. } => "the price has no readable amount: counted as 0".to_owned(),
        WarningKind::UnknownPrice { .. } => "the price is not in the price list: counted as 0".to_owned(),
        WarningKind::UnknownInterval { .. } => "the price recurs in an unknown unit: counted as 0".to_owned(),
        WarningKind::UnknownStatus => "the subscription has an unknown status: counted as 0".to_owned(),
        WarningKind::UnknownCoupon { .. } => "the coupon is not known: the discount takes nothing off".to_owned(),
        WarningKind::CouponCurrency { currency, .. } => {
            format!("the coupon has no amount in {}: it takes nothing off", currency.iso())
        }
        WarningKind::UnknownTax { .. } => "the included tax is not known: taken as it is".to_owned(),
        WarningKind::UnreadableLine { .. } => "an old invoice line cannot be read: counted as 0".to_owned(),
    }
}
