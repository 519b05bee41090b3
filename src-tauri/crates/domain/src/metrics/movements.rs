//! How MRR moved over a period: new, reactivated, expanded, contracted, churned, and what currencies did.
//!
//! Two snapshots decide, netted per customer, so a figure can be derived again and late events cannot split it.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use serde::{Deserialize, Serialize};

use super::cause::{Cause, causes};
use super::current::annual;
use super::reading::Reading;
use super::segment::Segment;
use crate::Instant;
use crate::ids::CustomerId;
use crate::money::{Currency, Micro};
use crate::rate::{Average, Rate};
use crate::zones::Period;

/// What kind of movement a customer made.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::EnumIter,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Movement {
    /// First MRR ever.
    New,
    /// MRR again, however long ago it was.
    Reactivation,
    /// More than before.
    Expansion,
    /// Less than before.
    Contraction,
    /// Nothing any more.
    Churn,
}

/// One customer's part of a bridge.
///
/// **Units**: micro-units of the reporting currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// The customer.
    pub customer: &'a CustomerId,
    /// Opening MRR at the opening rates.
    pub opening: Micro,
    /// The same at the closing rates; all movements and ratios use this one.
    pub opening_at_closing_rate: Micro,
    /// Closing MRR.
    pub closing: Micro,
    /// What kind of movement; `None` where nothing moved but perhaps a currency.
    pub movement: Option<Movement>,
    /// Why; empty without a movement.
    pub causes: BTreeSet<Cause>,
}

impl Row<'_> {
    /// Gives the amount of the movement, never negative.
    #[must_use]
    pub fn amount(&self) -> Micro {
        let moved = self.closing - self.opening_at_closing_rate;
        if self.movement.is_none() { Micro::ZERO } else { Micro(moved.0.abs()) }
    }

    /// Gives what currencies did to the opening.
    #[must_use]
    pub fn fx(&self) -> Micro {
        self.opening_at_closing_rate - self.opening
    }
}

/// The bridge of one period, and every rate that follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Movements<'a> {
    /// Opening MRR at the opening rates.
    pub opening: Micro,
    /// Opening MRR at the closing rates.
    pub opening_at_closing_rate: Micro,
    /// Closing MRR.
    pub closing: Micro,
    /// Amount of each kind; a kind nobody made is absent.
    pub amounts: BTreeMap<Movement, Micro>,
    /// Customers of each kind.
    pub customers: BTreeMap<Movement, u64>,
    /// Customers with MRR at the opening.
    pub opening_customers: u64,
    /// Customers with MRR at the closing.
    pub closing_customers: u64,
    /// Customers whose MRR began and ended inside the period: no movement.
    pub started_and_ended: u64,
    /// Currencies left out because a rate is missing at one end.
    pub unconverted: BTreeSet<Currency>,
    /// Whether the period is not over and closes now instead.
    pub is_provisional: bool,
    /// Every customer with MRR at one end, in the order of the segments.
    pub rows: Vec<Row<'a>>,
}

/// Computes the movements of a period.
///
/// **Shape**: sums of the rows are the headline, exactly, and so is
/// `opening + new + reactivation + expansion − contraction − churn + fx = closing`.
#[must_use]
pub fn movements<'a>(reading: &Reading<'a>, period: Period, now: Instant) -> Movements<'a> {
    let closing_at = period.closing_at().min(now);
    let at_closing = reading.rates_at(closing_at);
    let at_opening = reading.rates_at(period.opening_at()).known_also_to(&at_closing);
    let at_closing = at_closing.known_also_to(&at_opening);
    let mut all = Movements { is_provisional: now < period.closing_at(), ..Movements::default() };
    for customer in reading.customers() {
        let Some(first) = customer.first() else { continue };
        let mut row = Row {
            customer: &first.customer,
            opening: Micro::ZERO,
            opening_at_closing_rate: Micro::ZERO,
            closing: Micro::ZERO,
            movement: None,
            causes: BTreeSet::new(),
        };
        let (mut had, mut has) = (false, false);
        for segment in customer {
            let (is_opening, is_closing) = (segment.covers(period.opening_at()), segment.covers(closing_at));
            if !is_opening && !is_closing {
                continue;
            }
            (had, has) = (had || is_opening, has || is_closing);
            let Some(micro) = at_closing.convert(segment.micro, segment.currency) else {
                all.unconverted.insert(segment.currency);
                continue;
            };
            if is_opening {
                row.opening += at_opening.convert(segment.micro, segment.currency).unwrap_or_default();
                row.opening_at_closing_rate += micro;
            }
            if is_closing {
                row.closing += micro;
            }
        }
        row.movement = kind(customer, &row, had, has, period);
        if row.movement.is_some() {
            row.causes = causes(customer, period.opening_at(), closing_at);
        }
        if had || has {
            all.count(row, had, has);
        } else if customer.iter().any(|segment| period.start <= segment.start_at && segment.start_at <= closing_at) {
            all.started_and_ended += 1;
        }
    }
    all
}

fn kind(customer: &[Segment], row: &Row<'_>, had: bool, has: bool, period: Period) -> Option<Movement> {
    match (had, has) {
        (false, true) if customer.iter().any(|segment| segment.start_at < period.start) => Some(Movement::Reactivation),
        (false, true) => Some(Movement::New),
        (true, false) => Some(Movement::Churn),
        (true, true) if row.opening_at_closing_rate < row.closing => Some(Movement::Expansion),
        (true, true) if row.closing < row.opening_at_closing_rate => Some(Movement::Contraction),
        _ => None,
    }
}

impl<'a> Movements<'a> {
    fn count(&mut self, row: Row<'a>, had: bool, has: bool) {
        self.opening += row.opening;
        self.opening_at_closing_rate += row.opening_at_closing_rate;
        self.closing += row.closing;
        self.opening_customers += u64::from(had);
        self.closing_customers += u64::from(has);
        if let Some(movement) = row.movement {
            *self.amounts.entry(movement).or_default() += row.amount();
            *self.customers.entry(movement).or_default() += 1;
        }
        self.rows.push(row);
    }

    /// Gives the amount of one kind.
    #[must_use]
    pub fn amount(&self, movement: Movement) -> Micro {
        self.amounts.get(&movement).copied().unwrap_or_default()
    }

    /// Gives the customers of one kind.
    #[must_use]
    pub fn customers(&self, movement: Movement) -> u64 {
        self.customers.get(&movement).copied().unwrap_or_default()
    }

    /// Gives what currencies did to the opening.
    #[must_use]
    pub fn fx(&self) -> Micro {
        self.opening_at_closing_rate - self.opening
    }

    /// Gives closing minus opening, without what currencies did.
    #[must_use]
    pub fn net_new(&self) -> Micro {
        self.closing - self.opening_at_closing_rate
    }

    fn lost(&self) -> Micro {
        self.amount(Movement::Churn) + self.amount(Movement::Contraction)
    }

    fn of_opening(&self, micro: Micro) -> Option<Rate> {
        Rate::of(micro.0, self.opening_at_closing_rate.0)
    }

    /// Gives customers lost ÷ opening customers; `None` without any.
    #[must_use]
    pub fn logo_churn_rate(&self) -> Option<Rate> {
        Rate::of(self.customers(Movement::Churn), self.opening_customers)
    }

    /// Gives (churn + contraction) ÷ opening.
    #[must_use]
    pub fn gross_churn_rate(&self) -> Option<Rate> {
        self.of_opening(self.lost())
    }

    /// Gives (churn + contraction − expansion) ÷ opening; may be negative.
    #[must_use]
    pub fn net_churn_rate(&self) -> Option<Rate> {
        self.of_opening(self.lost() - self.amount(Movement::Expansion))
    }

    /// Gives gross revenue retention: 1 − gross churn.
    #[must_use]
    pub fn grr(&self) -> Option<Rate> {
        self.of_opening(self.opening_at_closing_rate - self.lost())
    }

    /// Gives net revenue retention: 1 − net churn.
    #[must_use]
    pub fn nrr(&self) -> Option<Rate> {
        self.of_opening(self.opening_at_closing_rate - self.lost() + self.amount(Movement::Expansion))
    }

    /// Gives everything won ÷ everything lost; `None` without losses. 1 means flat MRR before currencies.
    #[must_use]
    pub fn quick_ratio(&self) -> Option<Rate> {
        let won = [Movement::New, Movement::Reactivation, Movement::Expansion];
        let won: Micro = won.into_iter().map(|movement| self.amount(movement)).sum();
        Rate::of(BigInt::from(won.0), self.lost().0)
    }

    /// Gives closing MRR per customer; `None` without customers, or with a currency left out.
    #[must_use]
    pub fn arpa(&self) -> Option<Average> {
        if self.unconverted.is_empty() { Average::of(self.closing, self.closing_customers) } else { None }
    }

    /// Gives ARR at the closing.
    #[must_use]
    pub fn arr(&self) -> Micro {
        annual(self.closing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{at, span};
    use crate::metrics::segment::Silence;
    use crate::metrics::{Fx, FxRate};
    use crate::zones::Zone;

    fn march() -> Period {
        Period { start: at("2026-03-01"), end: at("2026-04-01") }
    }

    fn eur() -> Currency {
        Currency::parse("eur").unwrap()
    }

    fn fx(rates: &[(&str, &str)]) -> Fx {
        let line = |(date, rate): &(&str, &str)| FxRate {
            date: date.parse().unwrap(),
            base: eur(),
            quote: Currency::USD,
            rate: rate.parse().unwrap(),
        };
        Fx::new(Currency::USD, &rates.iter().map(line).collect::<Vec<_>>())
    }

    fn moved<'a>(segments: &'a [Segment], fx: &'a Fx, zone: &'a Zone, now: &str) -> Movements<'a> {
        movements(&Reading { segments, fx, zone }, march(), at(now))
    }

    #[test]
    fn the_kind_is_decided_by_both_ends_and_the_past() {
        let table: [(&str, Vec<Segment>, Option<Movement>); 7] = [
            ("first ever", vec![span("a", 100, "2026-03-10", None)], Some(Movement::New)),
            (
                "back again",
                vec![span("a", 100, "2025-01-01", Some("2025-01-02")), span("a", 90, "2026-03-31T23:59:59", None)],
                Some(Movement::Reactivation),
            ),
            (
                "left and back inside the period",
                vec![span("a", 100, "2026-01-01", Some("2026-03-05")), span("a", 90, "2026-03-10", None)],
                Some(Movement::Contraction),
            ),
            (
                "one of two cancelled, the other grown",
                vec![
                    span("a", 100, "2026-01-01", Some("2026-03-05")),
                    span("a", 50, "2026-01-01", Some("2026-03-05")),
                    span("a", 180, "2026-03-05", None),
                ],
                Some(Movement::Expansion),
            ),
            ("ends with the period", vec![span("a", 100, "2026-01-01", Some("2026-04-01"))], None),
            (
                "ends a second earlier",
                vec![span("a", 100, "2026-01-01", Some("2026-03-31T23:59:59"))],
                Some(Movement::Churn),
            ),
            ("inside only", vec![span("a", 100, "2026-03-05", Some("2026-03-10"))], None),
        ];
        let (fx, zone) = (fx(&[]), Zone::utc());
        for (what, segments, expected) in table {
            let moved = moved(&segments, &fx, &zone, "2026-05-01");
            assert_eq!(moved.rows.first().and_then(|row| row.movement), expected, "{what}");
            assert_eq!(moved.started_and_ended, u64::from(what == "inside only"), "{what}");
        }
    }

    #[test]
    fn a_currency_without_a_rate_at_one_end_is_left_out_at_both() {
        let mut euro = span("a", 100, "2026-01-01", None);
        euro.currency = eur();
        let segments = [euro, span("b", 50, "2026-01-01", None)];
        let (late, zone) = (fx(&[("2026-03-15", "1.2")]), Zone::utc());
        let partly = moved(&segments, &late, &zone, "2026-05-01");
        assert_eq!((partly.opening.to_minor().0, partly.closing.to_minor().0), (50, 50));
        assert_eq!((partly.unconverted.len(), partly.arpa(), partly.closing_customers), (1, None, 2));
        let both = fx(&[("2026-01-15", "1.1"), ("2026-03-15", "1.2")]);
        let whole = moved(&segments, &both, &zone, "2026-05-01");
        assert_eq!((whole.fx().to_minor().0, whole.net_new()), (10, Micro::ZERO));
        assert_eq!(whole.rows[0].movement, None, "a currency's move is no expansion");
    }

    #[test]
    fn a_period_that_is_not_over_closes_now() {
        let segments = [span("a", 100, "2026-03-10", None), span("b", 70, "2026-03-20", None)];
        let (fx, zone) = (fx(&[]), Zone::utc());
        let so_far = moved(&segments, &fx, &zone, "2026-03-15");
        assert!(so_far.is_provisional);
        assert_eq!(so_far.closing.to_minor().0, 100);
        assert!(!moved(&segments, &fx, &zone, "2026-03-31T23:59:59").is_provisional);
        assert_eq!((so_far.logo_churn_rate(), so_far.nrr(), so_far.quick_ratio()), (None, None, None));
    }

    #[test]
    fn movements_tell_their_causes() {
        let change = |change: &dyn Fn(&mut Segment, &mut Segment)| {
            let mut before = span("a", 100, "2026-01-01", Some("2026-03-10"));
            let mut after = span("a", 120, "2026-03-10", None);
            (before.after, after.before) = (None, None);
            change(&mut before, &mut after);
            let segments = [before, after];
            let (fx, zone) = (fx(&[]), Zone::utc());
            let moved = moved(&segments, &fx, &zone, "2026-05-01");
            moved.rows[0].causes.iter().copied().collect::<Vec<_>>()
        };
        let micro = |minor: i64| Micro::from_minor(crate::money::Minor(minor));
        assert_eq!(
            change(&|_, after| (after.product, after.price) = (Some("prod_q".into()), "q".into())),
            [Cause::Plan]
        );
        assert_eq!(change(&|_, after| after.price = "dearer".into()), [Cause::Price]);
        assert_eq!(change(&|_, after| after.quantity = Some(2.into())), [Cause::Quantity]);
        assert_eq!(
            change(&|before, after| (before.list, after.list) = (micro(120), micro(120))),
            [Cause::DiscountEnded]
        );
        assert_eq!(
            change(&|before, after| (before.micro, before.list, after.list) = (micro(130), micro(130), micro(130))),
            [Cause::DiscountBegan]
        );
        let other_item = |before: &mut Segment, after: &mut Segment| {
            (before.after, after.before, after.item) = (Some(Silence::Absent), Some(Silence::Absent), "si_2".into());
        };
        assert_eq!(change(&other_item), [Cause::ItemAdded, Cause::ItemRemoved]);
    }

    #[test]
    fn what_begins_and_ends_tells_why() {
        let (fx, zone) = (fx(&[]), Zone::utc());
        let causes = |segment: Segment| {
            let segments = [segment];
            let moved = moved(&segments, &fx, &zone, "2026-05-01");
            moved.rows[0].causes.iter().copied().collect::<Vec<_>>()
        };
        let ended = |after| Segment { after: Some(after), ..span("a", 100, "2026-01-01", Some("2026-03-10")) };
        let began = |before| Segment { before: Some(before), ..span("a", 100, "2026-03-10", None) };
        assert_eq!(causes(ended(Silence::Cancelled)), [Cause::Cancelled]);
        assert_eq!(causes(ended(Silence::Lapsed)), [Cause::Lapsed]);
        assert_eq!(causes(ended(Silence::Unpaid)), [Cause::Unpaid]);
        assert_eq!(causes(ended(Silence::GivenAway)), [Cause::Paused]);
        assert_eq!(causes(began(Silence::Trial)), [Cause::TrialConverted]);
        assert_eq!(causes(began(Silence::Paused)), [Cause::Resumed]);
        assert_eq!(causes(began(Silence::NotBegun)), [Cause::Started]);
    }
}
