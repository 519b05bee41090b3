//! What the company earns a month, by construction: the truth that figures are held against.
//!
//! Computed here a second time and on purpose: whoever tests a figure must not ask the code under test. The rules are
//! those of the default settings: licensed items of running subscriptions, recurring discounts taken off, included
//! tax divided out, one rounding per item to millionths of a minor unit.

use num_rational::Ratio;

use super::coupon::{Duration, Off};
use super::subscription::{Collection, Item, Status, Subscription};
use super::{Discount, No, World};
use crate::calendar::Interval;

/// MRR of one subscription over time: from when on, how many millionths of a minor unit. Oldest first.
pub(crate) type Course = Vec<(i64, i64)>;

type Exact = Ratio<i128>;

/// Months in a period: what its amount is divided by.
fn per_month(interval: Interval) -> Exact {
    match interval {
        Interval::Week => Ratio::new(52, 12),
        Interval::Month => Ratio::new(1, 1),
        Interval::Year => Ratio::new(1, 12),
    }
}

fn micro(amount: Exact) -> i64 {
    i64::try_from((amount * 1_000_000).round().to_integer()).unwrap_or(i64::MAX)
}

/// An item's part: how much a period and how many periods a month.
struct Part {
    amount: Exact,
    interval: Interval,
}

impl Part {
    fn of(world: &World, subscription: &Subscription, item: &Item) -> Option<Self> {
        let price = world.get(item.price).filter(|price| price.is_licensed())?;
        let amount = price.scheme_in(subscription.currency).amount(item.quantity?);
        Some(Self { amount: Ratio::from_integer(i128::from(amount)), interval: price.interval })
    }
}

/// Gives a subscription's MRR at an instant, in millionths of a minor unit.
pub(crate) fn of_subscription(world: &World, subscription: &Subscription, at: i64) -> i64 {
    if !counts(subscription, at) {
        return 0;
    }
    let mut parts: Vec<(&Item, Part)> = Vec::new();
    for item in &subscription.items {
        if let Some(mut part) = Part::of(world, subscription, item) {
            if let Some(discount) = item.discount {
                take_off(world, subscription, discount, at, std::slice::from_mut(&mut part), &[item]);
            }
            parts.push((item, part));
        }
    }
    let (items, mut parts): (Vec<&Item>, Vec<Part>) = parts.into_iter().unzip();
    for discount in subscription_discounts(world, subscription) {
        take_off(world, subscription, discount, at, &mut parts, &items);
    }
    let tax = subscription.tax.and_then(|tax| world.get(tax)).filter(|tax| tax.is_inclusive);
    let without_tax = tax.map_or(Ratio::from_integer(1), |tax| Ratio::new(100, 100 + i128::from(tax.percentage)));
    parts.iter().map(|part| micro(part.amount * without_tax * per_month(part.interval))).sum()
}

/// The subscription's own discounts, or else the customer's.
pub(crate) fn subscription_discounts(world: &World, subscription: &Subscription) -> Vec<No<Discount>> {
    if subscription.discounts.is_empty() {
        world.get(subscription.customer).and_then(|customer| customer.discount).into_iter().collect()
    } else {
        subscription.discounts.clone()
    }
}

fn counts(subscription: &Subscription, at: i64) -> bool {
    let is_running = matches!(subscription.status, Status::Active | Status::PastDue);
    let is_given_away =
        matches!(subscription.pause, Some((Collection::Void, until)) if until.is_none_or(|until| at < until));
    is_running && !is_given_away && subscription.start <= at && subscription.ended.is_none_or(|ended| at < ended)
}

fn take_off(
    world: &World,
    subscription: &Subscription,
    no: No<Discount>,
    at: i64,
    parts: &mut [Part],
    items: &[&Item],
) {
    let Some(discount) = world.get(no).filter(|discount| discount.is_in_force(at)) else { return };
    let Some(coupon) = world.get(discount.coupon).filter(|coupon| coupon.duration != Duration::Once) else { return };
    let is_eligible = |item: &Item| {
        coupon.product.is_none_or(|product| world.get(item.price).is_some_and(|price| price.product == product))
    };
    let mut eligible: Vec<&mut Part> =
        parts.iter_mut().zip(items).filter(|(_, item)| is_eligible(item)).map(|(part, _)| part).collect();
    match coupon.off {
        Off::Percent(hundredths) => {
            let left = Ratio::new(10_000 - i128::from(hundredths), 10_000);
            eligible.iter_mut().for_each(|part| part.amount *= left);
        }
        Off::Amount(..) => {
            let total: Exact = eligible.iter().map(|part| part.amount).sum();
            let off = coupon.amount_in(subscription.currency).unwrap_or(0);
            let off = Ratio::from_integer(i128::from(off)).min(total);
            if total != Ratio::from_integer(0) {
                eligible.iter_mut().for_each(|part| part.amount *= (total - off) / total);
            }
        }
    }
}

impl World {
    /// Notes a subscription's MRR as it is from an instant on.
    pub(crate) fn note_mrr(&mut self, no: No<Subscription>, at: i64) {
        let Some(subscription) = self.get(no) else { return };
        let micro = of_subscription(self, subscription, at);
        if self.mrr.len() <= no.place() {
            self.mrr.resize_with(no.place() + 1, Vec::new);
        }
        let Some(course) = self.mrr.get_mut(no.place()) else { return };
        if course.last().map_or(0, |(_, last)| *last) != micro {
            course.push((at, micro));
        }
    }
}

/// Gives what a course says at an instant.
pub(crate) fn at(course: &[(i64, i64)], instant: i64) -> i64 {
    course.iter().rev().find(|(from, _)| *from <= instant).map_or(0, |(_, micro)| *micro)
}
