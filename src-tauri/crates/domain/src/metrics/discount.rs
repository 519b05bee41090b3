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

#[cfg(test)]
mod tests {
    use crate::metrics::invented::{Shelf, at, coupon, discount, every, item, price, subscription};
    use crate::metrics::{DiscountRule, Settings, WarningKind};
    use crate::money::{Currency, Minor};
    use crate::stripe::coupon::CouponDuration;
    use crate::stripe::price::Interval;
    use crate::stripe::{Subscription, SubscriptionItem};

    const NOW: &str = "2026-06-20";

    fn forever(off: &str) -> crate::stripe::Discount {
        discount(coupon(off, off), "2026-01-01", None)
    }

    fn monthly(id: &str, unit: &str) -> SubscriptionItem {
        item(id, price(id, unit), 1)
    }

    fn now(state: Subscription) -> i64 {
        Shelf::of(state).mrr(NOW, NOW)
    }

    #[test]
    fn an_items_own_come_first_and_each_takes_from_what_is_left() {
        let mut state = subscription("sub_1", "2026-01-10", vec![monthly("a", "5000"), monthly("b", "1000")]);
        state.items[0].discounts = vec![forever("20%"), forever("1000")];
        state.discounts = vec![forever("10%")];
        assert_eq!(now(state), 2700 + 900);
    }

    #[test]
    fn the_date_decides_and_the_end_is_known_beforehand() {
        let mut state = subscription("sub_1", "2026-01-10", vec![monthly("a", "1000")]);
        state.discounts = vec![discount(coupon("half", "50%"), "2026-03-05", Some("2026-07-05"))];
        let shelf = Shelf::of(state);
        let instants = ["2026-03-04", "2026-03-05", "2026-07-04T23:59:59", "2026-07-05"];
        assert_eq!(instants.map(|instant| shelf.mrr(NOW, instant)), [1000, 500, 500, 1000]);
    }

    #[test]
    fn a_customers_counts_only_for_subscriptions_without_one_in_force() {
        let mut own = subscription("sub_1", "2026-01-10", vec![monthly("a", "1000")]);
        let mut shelf = Shelf::of(own.clone());
        shelf.discount = Some(forever("50%"));
        assert_eq!(shelf.mrr(NOW, NOW), 500);
        own.discounts = vec![discount(coupon("ten", "10%"), "2026-01-10", Some("2026-05-10"))];
        shelf.subscriptions = vec![own];
        assert_eq!([shelf.mrr(NOW, "2026-05-09"), shelf.mrr(NOW, "2026-05-10")], [900, 500]);
    }

    #[test]
    fn an_amount_is_spread_over_what_is_on_every_invoice() {
        let yearly = item("y", every(Interval::Year, price("y", "24000")), 1);
        let mut state = subscription("sub_1", "2026-01-10", vec![monthly("a", "2000"), monthly("b", "1000"), yearly]);
        state.discounts = vec![forever("1500")];
        let history = Shelf::of(state).history(&Settings::default(), NOW);
        let now = history.segments.iter().filter(|segment| segment.covers(at(NOW)));
        let micro: Vec<_> = now.map(|segment| segment.micro.0).collect();
        assert_eq!(micro, [1_000_000_000, 500_000_000, 2_000_000_000]);
    }

    #[test]
    fn an_amount_needs_a_currency_and_takes_no_more_than_there_is() {
        let mut state = subscription("sub_1", "2026-01-10", vec![monthly("a", "1000")]);
        state.discounts = vec![forever("5000")];
        let history = Shelf::of(state.clone()).history(&Settings::default(), NOW);
        assert_eq!(history.segments, []);
        let mut euro = coupon("euro", "300");
        euro.currency = Currency::parse("eur").ok();
        state.discounts = vec![discount(euro.clone(), "2026-01-01", None)];
        let history = Shelf::of(state.clone()).history(&Settings::default(), NOW);
        let warned = WarningKind::CouponCurrency { coupon: "euro".into(), currency: Currency::USD };
        assert_eq!(history.warnings.iter().map(|warning| &warning.kind).collect::<Vec<_>>(), [&warned]);
        assert_eq!(history.segments[0].micro.to_minor(), Minor(1000));
        euro.currency_options = [(Currency::USD, Minor(250))].into();
        state.discounts = vec![discount(euro, "2026-01-01", None)];
        assert_eq!(now(state), 750);
    }

    #[test]
    fn a_coupon_may_be_limited_to_products() {
        let mut limited = coupon("half", "50%");
        limited.applies_to = Some(vec!["prod_b".into()]);
        let mut state = subscription("sub_1", "2026-01-10", vec![monthly("a", "1000"), monthly("b", "2000")]);
        state.discounts = vec![discount(limited, "2026-01-01", None)];
        assert_eq!(now(state), 2000);
    }

    #[test]
    fn an_unknown_coupon_takes_nothing_and_is_told() {
        let mut state = subscription("sub_1", "2026-01-10", vec![monthly("a", "1000")]);
        let mut named = forever("50%");
        (named.coupon, named.embedded, named.start_at) = (None, None, None);
        state.discounts = vec![named.clone()];
        let mut shelf = Shelf::of(state.clone());
        let history = shelf.history(&Settings::default(), NOW);
        assert_eq!(history.warnings[0].kind, WarningKind::UnknownCoupon { discount: named.id.clone() });
        assert_eq!(shelf.mrr(NOW, NOW), 1000);
        shelf.subscriptions[0].discounts[0].coupon = Some("listed".into());
        shelf.catalog.coupons.insert("listed".into(), coupon("listed", "25%"));
        assert_eq!(shelf.mrr(NOW, NOW), 750, "the coupon list knows it");
    }

    #[test]
    fn the_setting_chooses_by_duration() {
        let mut once = coupon("once", "10%");
        once.duration = CouponDuration::Once;
        let mut repeating = coupon("repeating", "20%");
        repeating.duration = CouponDuration::Repeating;
        let mut state = subscription("sub_1", "2026-01-10", vec![monthly("a", "1000")]);
        state.discounts = [once, repeating, coupon("forever", "50%")].map(|c| discount(c, "2026-01-10", None)).into();
        let shelf = Shelf::of(state);
        let with = |discounts| {
            let history = shelf.history(&Settings { discounts, ..Settings::default() }, NOW);
            history.segments.iter().find(|segment| segment.covers(at(NOW))).unwrap().micro.to_minor().0
        };
        let rules = [DiscountRule::All, DiscountRule::Recurring, DiscountRule::ForeverOnly, DiscountRule::None];
        assert_eq!(rules.map(with), [360, 400, 500, 1000]);
    }
}
