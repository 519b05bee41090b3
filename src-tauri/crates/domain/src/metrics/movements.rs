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
/// **Source**: metrics.md, sections 4 and 5.
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
