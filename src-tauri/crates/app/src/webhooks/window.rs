//! How the events of a window fared: the funnel from being made to leaving a row, and the rates of its steps.
//!
//! A step that nobody can count has a reason instead of a count; what is unknown is never drawn as lost.

use std::collections::HashMap;

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::billing::{BillingEvent, RowKind};
use countersign_domain::failure::Failure;
use countersign_domain::metrics::registry::{self, Limit as Bound, Metric, Standing};
use countersign_domain::metrics::webhooks::{Delivery, GRACE_MINUTES, Webhooks as Counted, webhooks};
use countersign_domain::probe::Outcome;
use countersign_domain::rate::Rate;
use countersign_domain::reconcile::events::{self as reconcile, Events as Judged, Way};
use countersign_domain::stripe::{Event, WebhookEndpoint};
use countersign_domain::workspace::Environment;
use countersign_domain::zones::Period;
use countersign_render::chart::{Funnel, FunnelStep as DrawnStep};
use countersign_store::mirror::events::{self as kept, Watched};
use countersign_store::mirror::{Scope, billing};
use countersign_store::{Connection, StoreError};

use super::{FunnelStep, Webhooks, causes, endpoints};
use crate::answer::{Figure, Limit, Value};
use crate::failure::internal;
use crate::{clock, mirror};

/// Width of the chart when the screen names none. **Units**: CSS pixels.
const WIDTH_DEFAULT: u16 = 960;
/// How long before a window its rows may name an event: Stripe goes on delivering for about three days.
/// **Units**: days.
pub(crate) const EARLIER_DAYS: i64 = 4;

/// Everything the mirror holds about the events of a window.
#[derive(Default)]
pub(super) struct Known {
    /// `None` where the key may not read them.
    endpoints: Option<Vec<WebhookEndpoint>>,
    watched: Vec<Watched>,
    rows: Vec<BillingEvent>,
    /// Types whose handling leaves a row; `None` where no rows are compared.
    recorded: Option<Vec<String>>,
    newest_at: Option<Instant>,
}

impl Known {
    /// Loads them.
    pub fn load(
        conn: &Connection,
        scope: Scope,
        environment: &Environment,
        expected: Vec<String>,
        period: Period,
    ) -> Result<Self, StoreError> {
        let compared = mirror::compared(conn, environment, RowKind::BillingEvent)?;
        let wide = Period { start: period.start - TimeDelta::days(EARLIER_DAYS), end: period.end };
        Ok(Self {
            endpoints: super::known_endpoints(conn, scope)?,
            watched: kept::watched(conn, scope, wide)?,
            rows: match &compared {
                Some(environment) => billing::events_of_period(conn, scope, environment, period)?,
                None => Vec::new(),
            },
            recorded: compared.map(|_| expected),
            newest_at: kept::newest_at(conn, scope)?,
        })
    }

    /// Judges them.
    ///
    /// **Errors**: a chart that cannot be drawn.
    pub fn view(
        &self,
        environment: &Environment,
        expected: &[String],
        period: Period,
        width: u16,
    ) -> Result<Webhooks, Failure> {
        let now = clock::now();
        let all: Vec<Event> = self.watched.iter().map(|watched| watched.event.clone()).collect();
        let known = self.endpoints.as_deref().unwrap_or_default();
        let judged = reconcile::events(&all, known, &self.rows, self.recorded.as_deref(), period, now);
        let funnel = self.funnel(&judged, environment);
        let chart = drawn(&funnel).scene(u32::from(if width == 0 { WIDTH_DEFAULT } else { width }));
        Ok(Webhooks {
            endpoints: endpoints::rows(known, environment, expected),
            figures: self.figures(&judged.ways, period, now),
            chart: chart.map_err(|error| internal("Could not draw the funnel", &error))?,
            funnel: funnel.into_iter().map(|step| step.shown).collect(),
            causes: causes::of(&judged, self.endpoints.is_some(), environment, expected, now),
            from: period.start,
            to: period.end,
            last_event_at: self.newest_at,
        })
    }

    fn funnel(&self, judged: &Judged<'_>, environment: &Environment) -> Vec<Step> {
        let counts = judged.funnel;
        let is_known = self.endpoints.is_some();
        let of_endpoints = || "The key may not read webhook endpoints.".to_owned();
        let of_rows = || match &environment.database {
            None => "The billing database is not connected.".to_owned(),
            Some(_) if self.recorded.is_none() => {
                "The billing database keeps no row for an event, or was not read yet.".to_owned()
            }
            Some(_) => of_endpoints(),
        };
        let limit = registry::metric("metric.webhook_success_rate");
        let step = |word: &str, name: &str, count: Option<u64>, reason: &dyn Fn() -> String| {
            let shown = FunnelStep {
                word: word.to_owned(),
                name: name.to_owned(),
                count,
                reason: count.is_none().then(reason),
            };
            Step { shown, of: None, limit: None }
        };
        let subscribed = is_known.then_some(counts.subscribed);
        let delivered = is_known.then_some(counts.delivered);
        let expected = counts.row_expected.filter(|_| is_known);
        vec![
            step("created", "Made by Stripe", Some(counts.created), &of_endpoints),
            Step { of: Some(counts.created), ..step("subscribed", "Asked for", subscribed, &of_endpoints) },
            Step { of: subscribed, limit, ..step("delivered", "Delivered", delivered, &of_endpoints) },
            Step { of: delivered, ..step("row_expected", "Leave a row", expected, &of_rows) },
            Step {
                of: expected,
                limit,
                ..step("row_found", "Row found", counts.row_found.filter(|_| is_known), &of_rows)
            },
        ]
    }

    fn figures(&self, ways: &[Way<'_>], period: Period, now: Instant) -> Vec<Figure> {
        let looked: HashMap<&str, &Watched> =
            self.watched.iter().map(|watched| (watched.event.id.as_str(), watched)).collect();
        let in_time = |event: &Event| looked.get(event.id.as_str()).and_then(|watched| was_in_time(watched));
        let deliveries: Vec<Delivery> =
            ways.iter().filter(|way| way.is_subscribed).map(|way| way.delivery(in_time(way.event))).collect();
        let all = webhooks(&deliveries, period, now);
        let handled = webhooks(deliveries.iter().filter(|delivery| delivery.is_processed.is_some()), period, now);
        let (success, sample) = if self.recorded.is_some() { (handled, handled.events) } else { (all, all.events) };
        let figure = |id: &str, rate: Option<Rate>, sample: u64| {
            registry::metric(id).map(|metric| figure(metric, rate, sample, period.end))
        };
        let figures = [
            figure("metric.webhook_success_rate", success.success_rate(), sample),
            figure("metric.webhook_delivery_rate", all.delivery_success_rate(), all.events),
            figure("metric.webhook_in_time_rate", all.in_time_rate(), all.watched),
        ];
        let is_known = |counted: Counted| self.endpoints.is_some() && counted.events > 0;
        let mut figures: Vec<Figure> = figures.into_iter().flatten().collect();
        for figure in &mut figures {
            if self.recorded.is_none() && figure.metric.as_str() == "metric.webhook_success_rate" {
                figure.name.push_str(" (delivered)");
            }
            if self.endpoints.is_none() {
                figure.value = Value::None { reason: "The key may not read webhook endpoints.".to_owned() };
            } else if !is_known(all) {
                figure.value = Value::None { reason: "No event in this window that somebody asks for.".to_owned() };
            } else if all.watched == 0 && figure.metric.as_str() == "metric.webhook_in_time_rate" {
                let reason = "No event of this window was looked at within its first 15 minutes.";
                figure.value = Value::None { reason: reason.to_owned() };
            }
        }
        figures
    }
}

/// Says whether an event had arrived everywhere when the grace ended; `None` where nobody looked at the right time.
///
/// An event first seen later says nothing, whatever became of it: counting only those still on their way would count the
/// bad ones alone.
pub(crate) fn was_in_time(watched: &Watched) -> Option<bool> {
    let end = watched.event.created_at + TimeDelta::minutes(GRACE_MINUTES);
    if watched.first_seen_at > end {
        return None;
    }
    match watched.delivered_seen_at {
        Some(at) => (at <= end).then_some(true),
        None => (watched.seen_at >= end).then_some(false),
    }
}

fn figure(metric: &Metric, rate: Option<Rate>, sample: u64, at: Instant) -> Figure {
    let standing = metric.standing(rate.as_ref().map(Rate::ratio), sample);
    let limit = metric.limit.map(|bound| Limit {
        text: limit_text(bound),
        is_met: match standing {
            Standing::Met => Some(true),
            Standing::Missed => Some(false),
            _ => None,
        },
    });
    let value = match rate {
        None => Value::None { reason: "Nothing in this window to measure it by.".to_owned() },
        Some(rate) => {
            let pct = match metric.limit {
                Some(bound) => rate.pct_beside(&Rate::exact(bound.bound())),
                None => rate.pct(),
            };
            Value::Rate { exact: rate.to_string(), pct }
        }
    };
    Figure {
        metric: metric.id.into(),
        name: metric.name.to_owned(),
        value,
        before: None,
        change: None,
        at,
        is_provisional: false,
        limit,
    }
}

fn limit_text(bound: Bound) -> String {
    let sign = if matches!(bound, Bound::Above(..)) { ">" } else { "<" };
    let pct = Rate::exact(bound.bound()).pct();
    let pct = pct.strip_suffix(".00").unwrap_or(&pct);
    format!("{sign} {pct} %")
}

/// One step, with what it is held against.
struct Step {
    shown: FunnelStep,
    /// How many could have got here.
    of: Option<u64>,
    limit: Option<&'static Metric>,
}

fn drawn(steps: &[Step]) -> Funnel {
    Funnel {
        title: "From event to row".to_owned(),
        label: "Events".to_owned(),
        steps: steps.iter().map(Step::drawn).collect(),
    }
}

impl Step {
    fn drawn(&self) -> DrawnStep {
        let rate = self.shown.count.zip(self.of).and_then(|(count, of)| Rate::of(count, of));
        let judged = self.limit.zip(rate.as_ref()).zip(self.of);
        let outcome = judged.map(|((metric, rate), of)| match metric.standing(Some(rate.ratio()), of) {
            Standing::Met | Standing::NoLimit => Outcome::Pass,
            Standing::Missed | Standing::NotAvailable => Outcome::Fail,
            // Too few to judge the rate: what was lost is worth a look.
            Standing::NotEnough { .. } if self.shown.count == self.of => Outcome::Pass,
            Standing::NotEnough { .. } => Outcome::Warn,
        });
        DrawnStep {
            key: self.shown.word.clone(),
            name: self.shown.name.clone(),
            count: self.shown.count.and_then(|count| i64::try_from(count).ok()),
            share_bp: self.shown.count.zip(self.of).and_then(|(count, of)| basis_points(count, of)),
            note: self.limit.and_then(|metric| metric.limit).map(|bound| format!("limit {}", limit_text(bound))),
            outcome,
        }
    }
}

/// Gives a share in basis points, rounded down, so that what is not everything is not shown as everything.
fn basis_points(count: u64, of: u64) -> Option<i64> {
    let share = u128::from(count) * 10_000;
    i64::try_from(share.checked_div(u128::from(of))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Instant {
        Instant::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
    }

    #[test]
    fn only_a_look_at_the_right_time_tells_whether_it_was_in_time() {
        let event = Event {
            id: "evt_1".into(),
            kind: "invoice.paid".into(),
            created_at: at(0),
            api_version: None,
            pending_webhooks: 0,
            object_kind: None,
            object_id: None,
            customer: None,
            request_id: None,
        };
        let watched = |first: i64, delivered: Option<i64>, seen: i64| Watched {
            event: event.clone(),
            first_seen_at: at(first),
            delivered_seen_at: delivered.map(at),
            seen_at: at(seen),
        };
        assert_eq!(was_in_time(&watched(1, Some(15), 15)), Some(true));
        assert_eq!(was_in_time(&watched(600, Some(600), 600)), None, "first looked at hours later");
        assert_eq!(was_in_time(&watched(1, None, 14)), None, "still within the grace");
        assert_eq!(was_in_time(&watched(1, None, 16)), Some(false));
        assert_eq!(was_in_time(&watched(1, Some(40), 40)), None, "it may have arrived in between");
        assert_eq!(was_in_time(&watched(600, None, 600)), None, "first looked at hours later, and still on its way");
    }

    #[test]
    fn a_share_is_never_rounded_up_to_everything() {
        assert_eq!(basis_points(99_999, 100_000), Some(9_999));
        assert_eq!(basis_points(3, 3), Some(10_000));
        assert_eq!(basis_points(0, 0), None);
        assert_eq!(limit_text(Bound::Above(99, 100)), "> 99 %");
        assert_eq!(limit_text(Bound::Below(1, 1000)), "< 0.10 %");
    }
}
