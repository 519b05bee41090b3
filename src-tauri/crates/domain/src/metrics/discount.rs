//! What discounts leave of the amounts of one subscription.
//!
//! The date decides whether a discount is in force, not the invoice: one added in the middle of a period lowers MRR at once.

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::amount::{exact, whole};
use super::book::{WarningKind, Warnings};
use super::mrr::{Position, Scope};
use crate::Instant;
use crate::stripe::{Coupon, Discount};

/// Takes the discounts in force off each position's amount.
///
/// **Shape**: first the item's own, then the subscription's, else the customer's, each in list order on what the earlier
/// ones left. One amount for each position, never below 0.
/// **Source**: metrics.md, section 3.3.
pub(super) fn apply(
    positions: &[Position<'_>],
    scope: &Scope<'_>,
    at: Instant,
    warnings: &mut Warnings,
) -> Vec<BigRational> {
    let mut left: Vec<Left<'_>> =
        positions.iter().map(|position| Left { position, amount: position.amount.clone() }).collect();
    for one in &mut left {
        for discount in in_force(one.position.discounts, at) {
            take(discount, std::slice::from_mut(one), scope, warnings);
        }
    }
    let mut own = in_force(&scope.state.discounts, at).peekable();
    if own.peek().is_some() {
        own.for_each(|discount| take(discount, &mut left, scope, warnings));
    } else {
        in_force(scope.inherited.map_or(&[], std::slice::from_ref), at)
            .for_each(|discount| take(discount, &mut left, scope, warnings));
    }
    left.into_iter().map(|left| left.amount).collect()
}

/// What is left of a position's amount so far.
struct Left<'a> {
    position: &'a Position<'a>,
    amount: BigRational,
}

fn in_force(discounts: &[Discount], at: Instant) -> impl Iterator<Item = &Discount> {
    discounts.iter().filter(move |discount| {
        discount.start_at.is_none_or(|start| start <= at) && discount.end_at.is_none_or(|end| at < end)
    })
}

fn take(discount: &Discount, left: &mut [Left<'_>], scope: &Scope<'_>, warnings: &mut Warnings) {
    let listed = discount.coupon.as_ref().and_then(|id| scope.catalog.coupons.get(id));
    let Some(coupon) = listed.or(discount.embedded.as_deref()) else {
        scope.warn(warnings, WarningKind::UnknownCoupon { discount: discount.id.clone() });
        return;
    };
    if !scope.settings.discounts.counts(&coupon.duration) {
        return;
    }
    let mut eligible: Vec<&mut Left<'_>> =
        left.iter_mut().filter(|left| left.amount.is_positive() && applies(coupon, left.position)).collect();
    if let Some(percent) = coupon.percent_off {
        let kept = (BigRational::one() - exact(percent) / whole(100)).max(BigRational::zero());
        eligible.iter_mut().for_each(|left| left.amount *= &kept);
    } else if let Some(off) = amount_off(coupon, scope, warnings) {
        spread(&off, &mut eligible);
    }
}

fn applies(coupon: &Coupon, position: &Position<'_>) -> bool {
    let has = |products: &Vec<_>| position.product.as_ref().is_some_and(|product| products.contains(product));
    coupon.applies_to.as_ref().is_none_or(has)
}

fn amount_off(coupon: &Coupon, scope: &Scope<'_>, warnings: &mut Warnings) -> Option<BigRational> {
    let currency = scope.state.currency;
    let own = coupon.amount_off.filter(|_| coupon.currency == Some(currency));
    let off = own.or_else(|| coupon.currency_options.get(&currency).copied());
    if off.is_none() {
        scope.warn(warnings, WarningKind::CouponCurrency { coupon: coupon.id.clone(), currency });
    }
    off.map(|off| whole(off.0))
}

/// Spreads an amount over the positions billed most often, since those are on every invoice, in proportion.
fn spread(off: &BigRational, eligible: &mut [&mut Left<'_>]) {
    let Some(often) = eligible.iter().map(|left| left.position.factor.clone()).max() else { return };
    let mut on_every = eligible.iter_mut().filter(|left| left.position.factor == often).collect::<Vec<_>>();
    let total: BigRational = on_every.iter().map(|left| &left.amount).sum();
    let kept = BigRational::one() - off.min(&total) / &total;
    on_every.iter_mut().for_each(|left| left.amount *= &kept);
}
