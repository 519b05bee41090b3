//! The value of a metric: exact, with its unit, or the reason why there is none; and how screens show it.
//!
//! Rounded once, when it is shown. Comparisons with limits use the exact value.

use countersign_domain::Instant;
use countersign_domain::ids::MetricId;
use countersign_domain::metrics::amount::whole;
use countersign_domain::metrics::registry::{Direction as Good, Limit as Bound, Metric, Standing, Unit};
use countersign_domain::money::{Currency, Micro, Minor, Money};
use countersign_domain::rate::{Rate, decimals, round_half_away};
use countersign_render::chart::Unit as Drawn;
use jiff::civil::Date;
use num_rational::BigRational;

use super::span::Span;
use crate::answer::{Change, Direction, Figure, Limit, Value};

/// An exact value with its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Money. **Units**: minor units, exact.
    Money(BigRational, Currency),
    /// Things.
    Count(i64),
    /// A share.
    Rate(Rate),
    /// A plain number: a quotient, or so many per day.
    Number(BigRational),
}

impl Measure {
    /// Takes an amount.
    #[must_use]
    pub fn money(micro: Micro, currency: Currency) -> Self {
        Self::Money(whole(micro.0) / whole(Micro::PER_MINOR), currency)
    }

    /// Gives the exact value in the unit of its metric.
    #[must_use]
    pub fn exact(&self) -> BigRational {
        match self {
            Self::Money(minor, _) => minor.clone(),
            Self::Count(count) => whole(*count),
            Self::Rate(rate) => rate.ratio().clone(),
            Self::Number(number) => number.clone(),
        }
    }

    /// Gives the value as whole numbers of what a chart draws.
    #[must_use]
    pub fn drawn(&self) -> (i64, Drawn) {
        let rounded = |value: &BigRational| round_half_away(value).and_then(|value| i64::try_from(value).ok());
        match self {
            Self::Money(minor, currency) => (rounded(minor).unwrap_or(i64::MAX), Drawn::Money(*currency)),
            Self::Count(count) => (*count, Drawn::Count),
            Self::Rate(rate) => (rounded(&(rate.ratio() * whole(10_000))).unwrap_or(i64::MAX), Drawn::BasisPoints),
            Self::Number(number) => (rounded(number).unwrap_or(i64::MAX), Drawn::Count),
        }
    }

    fn value(&self, limit: Option<Bound>) -> Value {
        match self {
            Self::Money(..) => Value::Money { money: self.to_money().unwrap_or(Money::new(i64::MAX, Currency::USD)) },
            Self::Count(count) => Value::Count { count: *count },
            Self::Rate(rate) => {
                let pct = limit.map_or_else(|| rate.pct(), |limit| rate.pct_beside(&Rate::exact(limit.bound())));
                Value::Rate { exact: rate.to_string(), pct }
            }
            Self::Number(number) => {
                let exact = format!("{}/{}", number.numer(), number.denom());
                Value::Number { exact, text: decimals(number, 2) }
            }
        }
    }

    /// Gives the rounded amount; `None` for anything but money.
    #[must_use]
    pub fn to_money(&self) -> Option<Money> {
        let Self::Money(minor, currency) = self else { return None };
        let minor = round_half_away(minor).and_then(|minor| i64::try_from(minor).ok()).unwrap_or(i64::MAX);
        Some(Money { minor: Minor(minor), currency: *currency })
    }

    fn change(&self, before: &Self, good: Good) -> Option<Change> {
        let difference = self.exact() - before.exact();
        let zero = whole(0);
        let direction = match difference.cmp(&zero) {
            std::cmp::Ordering::Greater => Direction::Up,
            std::cmp::Ordering::Less => Direction::Down,
            std::cmp::Ordering::Equal => Direction::Level,
        };
        let sign = if direction == Direction::Up { "+" } else { "" };
        let text = match (self, before) {
            (Self::Money(_, currency), Self::Money(_, other)) if currency == other => {
                let minor = round_half_away(&difference).and_then(|minor| i64::try_from(minor).ok())?;
                Drawn::Money(*currency).full(minor)
            }
            (Self::Count(now), Self::Count(then)) => Drawn::Count.full(now - then),
            (Self::Rate(_), Self::Rate(_)) => format!("{} pp", decimals(&(difference * whole(100)), 2)),
            (Self::Number(_), Self::Number(_)) => decimals(&difference, 2),
            _ => return None,
        };
        let is_good = match (good, direction) {
            (Good::Neutral, _) | (_, Direction::Level) => None,
            (Good::Up, _) => Some(direction == Direction::Up),
            (Good::Down, _) => Some(direction == Direction::Down),
        };
        Some(Change { direction, text: format!("{sign}{text}").replace('-', "\u{2212}"), is_good })
    }
}

/// A metric computed for a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reckoned {
    /// Which metric.
    pub metric: &'static Metric,
    /// Its value, or why there is none.
    pub value: Result<Measure, String>,
    /// How much it was computed from. **Units**: what the denominator counts.
    pub sample: u64,
    /// For when.
    pub span: Span,
    /// What stands beside it, one sentence each: parts of the quotient, currencies left out.
    pub notes: Vec<String>,
    /// The day on which most happened, for a figure that is counted by day: what a line of a checklist is held against.
    pub worst: Option<(Date, u64)>,
}

impl Reckoned {
    /// Says that a metric has no value, and why.
    #[must_use]
    pub fn none(metric: &'static Metric, span: &Span, reason: impl Into<String>) -> Self {
        Self { metric, value: Err(reason.into()), sample: 0, span: span.clone(), notes: Vec::new(), worst: None }
    }

    /// Gives the exact value in the metric's own unit.
    #[must_use]
    pub fn exact(&self) -> Option<BigRational> {
        self.value.as_ref().ok().map(Measure::exact)
    }

    /// Judges the value by the metric's own limit.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.metric.standing(self.exact().as_ref(), self.sample)
    }

    /// Judges by the metric's limit as a checklist does: what is counted by day by its worst day.
    #[must_use]
    pub fn strict_standing(&self) -> Standing {
        match self.worst {
            Some((_, most)) => self.metric.standing(Some(&BigRational::from_integer(most.into())), self.sample),
            None => self.standing(),
        }
    }

    /// Gives the instant the value is for.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.span.closes_at
    }

    /// Gives the value as an answer carries it.
    #[must_use]
    pub fn shown(&self) -> Value {
        match &self.value {
            Ok(measure) => measure.value(self.metric.limit),
            Err(reason) => Value::None { reason: reason.clone() },
        }
    }

    /// Gives the figure, beside the one of the stretch before.
    #[must_use]
    pub fn figure(&self, before: Option<&Self>) -> Figure {
        let measures = self.value.as_ref().ok().zip(before.and_then(|before| before.value.as_ref().ok()));
        Figure {
            metric: MetricId::from(self.metric.id),
            name: self.metric.name.to_owned(),
            value: self.shown(),
            before: before.map(Self::shown),
            change: measures.and_then(|(now, then)| now.change(then, self.metric.direction)),
            at: self.at(),
            is_provisional: self.span.is_provisional,
            limit: self.metric.limit.map(|limit| Limit {
                text: limit_words(limit, self.metric.unit),
                is_met: match self.standing() {
                    // A month that is not over is no month yet.
                    _ if self.span.is_provisional => None,
                    Standing::Met => Some(true),
                    Standing::Missed => Some(false),
                    _ => None,
                },
            }),
        }
    }
}

/// Writes a limit as people do: `> 99 %`.
#[must_use]
pub fn limit_words(limit: Bound, unit: Unit) -> String {
    let (sign, bound) = match limit {
        Bound::Above(..) => (">", limit.bound()),
        Bound::Below(..) => ("<", limit.bound()),
    };
    let (bound, unit) = match unit {
        Unit::Percent => (bound * whole(100), " %"),
        Unit::Milliseconds => (bound, " ms"),
        Unit::PerDay => (bound, " per day"),
        Unit::PerHour => (bound, " per hour"),
        _ => (bound, ""),
    };
    let text = decimals(&bound, 2);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{sign} {text}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_written_as_people_write_it() {
        assert_eq!(limit_words(Bound::Above(99, 100), Unit::Percent), "> 99 %");
        assert_eq!(limit_words(Bound::Above(999, 1000), Unit::Percent), "> 99.9 %");
        assert_eq!(limit_words(Bound::Below(1, 1000), Unit::Percent), "< 0.1 %");
        assert_eq!(limit_words(Bound::Below(200, 1), Unit::Milliseconds), "< 200 ms");
        assert_eq!(limit_words(Bound::Below(10, 1), Unit::PerDay), "< 10 per day");
    }

    #[test]
    fn a_change_is_told_in_its_own_unit() {
        let change =
            |now: &Measure, then: &Measure, good| now.change(then, good).map(|change| (change.text, change.is_good));
        let usd = |minor: i64| Measure::money(Micro::from_minor(Minor(minor)), Currency::USD);
        assert_eq!(change(&usd(254_000), &usd(130_000), Good::Up), Some(("+1,240.00 USD".to_owned(), Some(true))));
        assert_eq!(change(&usd(100), &usd(150), Good::Up), Some(("\u{2212}0.50 USD".to_owned(), Some(false))));
        let rate = |part: u64| Measure::Rate(Rate::of(part, 10_000_u64).unwrap());
        assert_eq!(change(&rate(258), &rate(300), Good::Down), Some(("\u{2212}0.42 pp".to_owned(), Some(true))));
        assert_eq!(change(&Measure::Count(3), &Measure::Count(3), Good::Up), Some(("0".to_owned(), None)));
        let eur = Measure::money(Micro(1), Currency::parse("eur").unwrap());
        assert_eq!(change(&usd(1), &eur, Good::Up), None, "two currencies have no difference");
    }
}
