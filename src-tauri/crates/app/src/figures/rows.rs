//! The rows behind a figure. What they add up to, divided by what is said beside them, is the figure exactly.
//!
//! Rows are found by the same reading as the figure and never from a second query of their own.

use std::collections::HashMap;

use countersign_domain::failure::Failure;
use countersign_domain::ids::{CustomerId, PriceId, ProductId, SubscriptionId};
use countersign_domain::metrics::current::is_leaving;
use countersign_domain::metrics::movements::{Movement, Movements, Row, movements};
use countersign_domain::metrics::payments::{Payment, payments};
use countersign_domain::metrics::receivables::{OpenInvoice, aging};
use countersign_domain::metrics::registry::Metric;
use countersign_domain::metrics::webhooks::{Delivery, GRACE_MINUTES};
use countersign_domain::metrics::{Segment, retention, trials};
use countersign_domain::money::{Currency, Micro, Minor, Money};
use countersign_domain::stripe::{Charge, Invoice, Price, Product};
use countersign_domain::workspace::Environment;
use countersign_domain::zones::Period;
use countersign_store::mirror::{Scope, load_each};
use countersign_store::{Connection, StoreError};

use super::ground::Ground;
use super::recurring::yearly;
use super::span::Span;
use super::{collected, delivery, tickets};
use crate::app::App;
use crate::mirror;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The customer.
    pub customer: Option<CustomerId>,
    /// The subscription, where the figure is made of subscriptions.
    pub subscription: Option<SubscriptionId>,
    /// The event, charge or invoice, where the figure is made of those.
    pub record: String,
    /// What it is.
    pub what: String,
    /// What it adds. **Units**: micro-units where the rows are money, else the count.
    pub part: i128,
}

/// All rows behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The rows, largest first, those that add nothing last.
    pub rows: Vec<Part>,
    /// Currency of the rows; `None` where they are counted.
    pub currency: Option<Currency>,
    /// What the sum is divided by, in the same unit; `None` where the sum is the figure.
    pub divisor: Option<i128>,
}

impl Parts {
    /// Gives the sum of all rows.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.rows.iter().map(|row| row.part).sum()
    }
}

/// Finds the rows behind a metric, wherever its source is; `None` for one that has none.
///
/// **Errors**: a mirror that cannot be read.
pub async fn behind(
    app: &App,
    environment: &Environment,
    ground: &Ground,
    metric: &'static Metric,
    span: &Span,
) -> Result<Option<Parts>, Failure> {
    if tickets::is_tickets(metric) {
        let known = tickets::load(app, environment, &ground.zone).await?;
        return Ok(Some(tickets::parts(&known, ground, metric, span)));
    }
    let (whose, ground, span) = (environment.clone(), ground.clone(), span.clone());
    let work = move |conn: &Connection, scope| parts(conn, scope, &whose, &ground, metric, &span);
    let read = mirror::read(app, environment, "Could not read the rows", work).await?;
    Ok(read.unwrap_or_else(|| Some(Parts { rows: Vec::new(), currency: None, divisor: None })))
}

/// Finds the rows behind a metric in the mirror; `None` for one that has none there.
///
/// **Errors**: a mirror that cannot be read.
fn parts(
    conn: &Connection,
    scope: Scope,
    environment: &Environment,
    ground: &Ground,
    metric: &'static Metric,
    span: &Span,
) -> Result<Option<Parts>, StoreError> {
    let found = match metric.id {
        "metric.mrr" | "metric.arr" | "metric.cmrr" | "metric.arpu" => {
            standing(&Names::read(conn, scope)?, ground, metric, span)
        }
        "metric.paying_customers" => paying(ground, span),
        "metric.net_new_mrr"
        | "metric.churn_rate"
        | "metric.mrr_churn_rate"
        | "metric.grr"
        | "metric.nrr"
        | "metric.quick_ratio" => moved(metric, &movements(&ground.reading(), span.period, ground.now), ground),
        "metric.grr_t12m" | "metric.nrr_t12m" => match span.month {
            Some(month) => {
                kept(ground, metric, Period { start: ground.zone.month(month.plus(-11)).start, ..span.period })
            }
            None => return Ok(None),
        },
        "metric.trial_conversion" => converted(&collected::trials_of(conn, scope, span)?, ground, span),
        "metric.revenue_collected" | "metric.average_transaction_value" => {
            let all = collected::takings(conn, scope, ground, span)?;
            let row = |charge: &Charge| {
                let micro = Micro::from_minor(collected::part_of(metric, charge));
                let micro = ground.rates_at(charge.created_at).convert(micro, charge.currency)?;
                Some(Part {
                    what: format!("charge of {}", Money { minor: charge.amount_captured, currency: charge.currency }),
                    ..Part::of(charge.customer.clone(), charge.id.as_str(), micro.0)
                })
            };
            let divisor = (metric.id == "metric.average_transaction_value").then_some(all.len() as i128);
            Parts { rows: all.iter().filter_map(row).collect(), currency: Some(ground.currency()), divisor }
        }
        "metric.payment_failure_rate" | "metric.failed_payments" => {
            failed(metric, &collected::attempts(conn, scope, ground, span)?, ground, span)
        }
        "metric.open_invoices" => owed(&collected::unpaid(conn, scope, ground)?, ground),
        id if id.starts_with("metric.webhook_") => {
            arrived(metric, &delivery::deliveries(conn, scope, environment, ground, metric, span)?, ground)
        }
        _ => return Ok(None),
    };
    Ok(Some(sorted(found)))
}

fn sorted(mut parts: Parts) -> Parts {
    // A share of ones and noughts is looked at for its noughts.
    let is_share = parts.currency.is_none() && parts.divisor.is_some();
    parts.rows.sort_by_key(|row| if is_share { row.part } else { -row.part.abs() });
    parts
}

impl Part {
    /// Counts things of nobody in particular.
    pub(super) fn counted(record: &str, what: String, part: i128) -> Self {
        Self { what, ..Self::of(None, record, part) }
    }

    fn of(customer: Option<CustomerId>, record: &str, part: i128) -> Self {
        Self { customer, subscription: None, record: record.to_owned(), what: String::new(), part }
    }
}

/// What prices and products are called.
pub(crate) struct Names {
    products: HashMap<ProductId, String>,
    prices: HashMap<PriceId, String>,
}

impl Names {
    /// Reads them.
    ///
    /// **Errors**: a mirror that cannot be read.
    pub(crate) fn read(conn: &Connection, scope: Scope) -> Result<Self, StoreError> {
        let products = load_each::<Product>(conn, scope)?.into_iter().map(|product| (product.id, product.name));
        let prices = load_each::<Price>(conn, scope)?;
        let prices = prices.into_iter().filter_map(|price| Some((price.id, price.nickname?)));
        Ok(Self { products: products.collect(), prices: prices.collect() })
    }

    fn name<'a>(&'a self, segment: &'a Segment) -> &'a str {
        let product = segment.product.as_ref().and_then(|product| self.products.get(product));
        product.or_else(|| self.prices.get(&segment.price)).map_or(segment.price.as_str(), String::as_str)
    }

    /// Names what is sold and how often it is billed, whatever the quantity.
    pub(crate) fn price(&self, segment: &Segment) -> String {
        format!("{}, {}", self.name(segment), segment.cadence)
    }

    fn what(&self, segment: &Segment) -> String {
        let name = self.name(segment);
        match segment.quantity {
            Some(quantity) if quantity != 1.into() => format!("{name}, {} × {}", quantity.normalize(), segment.cadence),
            _ => format!("{name}, {}", segment.cadence),
        }
    }
}

fn standing(names: &Names, ground: &Ground, metric: &'static Metric, span: &Span) -> Parts {
    let reading = ground.reading();
    let rates = reading.rates_at(span.closes_at);
    let (mut rows, mut paying) = (Vec::new(), 0);
    for customer in reading.customers() {
        let covering: Vec<&Segment> = customer.iter().filter(|segment| segment.covers(span.closes_at)).collect();
        paying += i128::from(!covering.is_empty());
        for segment in covering {
            if metric.id == "metric.cmrr" && is_leaving(customer, segment, span.closes_at) {
                continue;
            }
            if let Some(micro) = rates.convert(segment.micro, segment.currency) {
                rows.push(Part {
                    subscription: Some(segment.subscription.clone()),
                    what: names.what(segment),
                    ..Part::of(Some(segment.customer.clone()), segment.item.as_str(), yearly(metric, micro).0)
                });
            }
        }
    }
    Parts { rows, currency: Some(ground.currency()), divisor: (metric.id == "metric.arpu").then_some(paying) }
}

fn paying(ground: &Ground, span: &Span) -> Parts {
    let mut rows = Vec::new();
    for customer in ground.reading().customers() {
        let mut covering = customer.iter().filter(|segment| segment.covers(span.closes_at));
        if let Some(first) = covering.next() {
            let what = match covering.count() {
                0 => "one item".to_owned(),
                more => format!("{} items", more + 1),
            };
            rows.push(Part { what, ..Part::of(Some(first.customer.clone()), "", 1) });
        }
    }
    Parts { rows, currency: None, divisor: None }
}

fn moved(metric: &'static Metric, moved: &Movements<'_>, ground: &Ground) -> Parts {
    use Movement::{Churn, Contraction, Expansion, New, Reactivation};
    let opening = moved.opening_at_closing_rate.0;
    let lost = moved.amount(Churn).0 + moved.amount(Contraction).0;
    let part = |row: &Row<'_>| -> Option<i128> {
        let (movement, amount) = (row.movement, row.amount().0);
        let was_there = row.opening_at_closing_rate.0 > 0;
        match metric.id {
            "metric.churn_rate" => (movement == Some(Churn)).then_some(1),
            "metric.mrr_churn_rate" => matches!(movement, Some(Churn | Contraction)).then_some(amount),
            "metric.grr" => was_there.then(|| row.opening_at_closing_rate.0.min(row.closing.0)),
            "metric.nrr" => was_there.then_some(row.closing.0),
            "metric.quick_ratio" => matches!(movement, Some(New | Reactivation | Expansion)).then_some(amount),
            _ => movement.map(|_| row.closing.0 - row.opening_at_closing_rate.0),
        }
    };
    let row = |row: &Row<'_>| {
        let what = row.movement.map_or("no movement", |movement| name(movement)).to_owned();
        Some(Part { what, ..Part::of(Some(row.customer.clone()), "", part(row)?) })
    };
    let divisor = match metric.id {
        "metric.churn_rate" => Some(i128::from(moved.opening_customers)),
        "metric.mrr_churn_rate" | "metric.grr" | "metric.nrr" => Some(opening),
        "metric.quick_ratio" => Some(lost),
        _ => None,
    };
    let currency = (metric.id != "metric.churn_rate").then(|| ground.currency());
    Parts { rows: moved.rows.iter().filter_map(row).collect(), currency, divisor }
}

/// Names a movement as people do.
#[must_use]
pub fn name(movement: Movement) -> &'static str {
    match movement {
        Movement::New => "New",
        Movement::Reactivation => "Reactivation",
        Movement::Expansion => "Expansion",
        Movement::Contraction => "Contraction",
        Movement::Churn => "Churn",
    }
}

fn kept(ground: &Ground, metric: &'static Metric, year: Period) -> Parts {
    let kept = retention::retention(&ground.reading(), year, ground.now);
    let row = |row: &retention::Row<'_>| {
        let part = if metric.id == "metric.grr_t12m" { row.opening.min(row.closing) } else { row.closing };
        let then = row.opening.to_money(ground.currency());
        Part { what: format!("{then} twelve months before"), ..Part::of(Some(row.customer.clone()), "", part.0) }
    };
    Parts {
        rows: kept.rows.iter().map(row).collect(),
        currency: Some(ground.currency()),
        divisor: Some(kept.opening.0),
    }
}

fn converted(all: &[trials::Trial], ground: &Ground, span: &Span) -> Parts {
    let counted = trials::trials(all, span.period, ground.now);
    let row = |trial: &&trials::Trial| Part {
        subscription: Some(trial.subscription.clone()),
        what: if trial.is_converted { "paid" } else { "not paid" }.to_owned(),
        ..Part::of(Some(trial.customer.clone()), trial.subscription.as_str(), i128::from(trial.is_converted))
    };
    Parts { rows: counted.rows.iter().map(row).collect(), currency: None, divisor: Some(counted.ended.into()) }
}

fn failed(metric: &'static Metric, attempts: &[Charge], ground: &Ground, span: &Span) -> Parts {
    let all = payments(attempts, &[], span.period, &ground.fx, &ground.zone);
    let unpaid = all.rows.iter().filter(|payment| !payment.is_paid);
    let row = |payment: &Payment<'_>| {
        let money = Money { minor: payment.amount, currency: payment.currency };
        let why = payment.failed_first.as_deref().unwrap_or("unknown");
        let first = payment.attempts.first();
        let record = first.map_or("", |charge| charge.id.as_str());
        let what = format!("{money}, {why}, {} attempts", payment.attempts.len());
        Part { what, ..Part::of(first.and_then(|charge| charge.customer.clone()), record, 1) }
    };
    let divisor = (metric.id == "metric.payment_failure_rate").then_some(all.payments.into());
    Parts { rows: unpaid.map(row).collect(), currency: None, divisor }
}

fn owed(invoices: &[Invoice], ground: &Ground) -> Parts {
    let customers: HashMap<_, _> = invoices.iter().map(|invoice| (&invoice.id, invoice.customer.clone())).collect();
    let rates = ground.rates_at(ground.now);
    let row = |open: &OpenInvoice<'_>| {
        let micro = rates.convert(Micro::from_minor(Minor(open.amount)), open.currency)?;
        let what = match open.days_past_due {
            ..=0 => "not due".to_owned(),
            days => format!("{days} days past due"),
        };
        Some(Part { what, ..Part::of(customers.get(open.invoice).cloned().flatten(), open.invoice.as_str(), micro.0) })
    };
    let rows = aging(invoices, ground.now).rows.iter().filter_map(row).collect();
    Parts { rows, currency: Some(ground.currency()), divisor: None }
}

fn arrived(metric: &'static Metric, all: &[Delivery], ground: &Ground) -> Parts {
    let grace = chrono::TimeDelta::minutes(GRACE_MINUTES);
    let counted: Vec<_> = all.iter().filter(|event| event.created_at + grace <= ground.now).collect();
    let part = |event: &Delivery| match metric.id {
        "metric.webhook_delivery_rate" => Some(event.is_delivered),
        "metric.webhook_in_time_rate" => event.was_in_time,
        _ => Some(event.is_processed.unwrap_or(event.is_delivered)),
    };
    let row = |event: &&Delivery| {
        let is_good = part(event)?;
        let what = match (event.is_delivered, event.is_processed) {
            (false, _) => "not delivered",
            (true, Some(false)) => "delivered, no row",
            (true, Some(true)) => "delivered, row found",
            (true, None) => "delivered",
        };
        Some(Part { what: what.to_owned(), ..Part::of(None, event.event.as_str(), i128::from(is_good)) })
    };
    let rows: Vec<Part> = counted.iter().filter_map(row).collect();
    let divisor = Some(rows.len() as i128);
    Parts { rows, currency: None, divisor }
}
