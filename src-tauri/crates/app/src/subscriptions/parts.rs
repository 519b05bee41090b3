//! What a subscription is made of, in words: its items and their prices, its discounts, its MRR over its life.

use std::collections::BTreeSet;

use countersign_domain::Instant;
use countersign_domain::metrics::amount::{Cadence, amounts_in};
use countersign_domain::metrics::segment::{Segment, Source};
use countersign_domain::money::{Currency, Micro, Money};
use countersign_domain::stripe::coupon::CouponDuration;
use countersign_domain::stripe::price::{Interval, UsageType};
use countersign_domain::stripe::{Coupon, Discount, Price, Product, Subscription, SubscriptionItem};
use countersign_store::mirror::{Scope, load};
use countersign_store::{Connection, StoreError};
use rust_decimal::Decimal;

use super::{ItemRow, SegmentRow};

/// What a list shows of the items.
pub(crate) struct Main {
    pub interval: String,
    pub quantity: String,
}

/// Gives the item that stands for all in a list: the first that is not billed by usage.
pub(super) fn main(conn: &Connection, scope: Scope, stripe: &Subscription) -> Result<Option<Main>, StoreError> {
    let mut first = None;
    for item in &stripe.items {
        let price = price(conn, scope, item)?;
        let is_metered = price.as_ref().is_some_and(is_metered);
        let interval = price.as_ref().and_then(|price| price.recurring.as_ref()).map(Cadence::of);
        let main = Main {
            interval: interval.map(|cadence| every(&cadence)).unwrap_or_default(),
            quantity: item.quantity.map_or_else(|| "1".to_owned(), |quantity| quantity.normalize().to_string()),
        };
        if !is_metered {
            return Ok(Some(main));
        }
        first = first.or(Some(main));
    }
    Ok(first)
}

/// Gives the items with what they are, cost, and are worth a month.
pub(super) fn items(
    conn: &Connection,
    scope: Scope,
    stripe: &Subscription,
    lived: &[Segment],
    now: Instant,
) -> Result<Vec<ItemRow>, StoreError> {
    let row = |item: &SubscriptionItem| {
        let price = price(conn, scope, item)?;
        let product = match price.as_ref().and_then(|price| price.product.as_ref()) {
            Some(id) => load::<Product>(conn, scope, id.as_str())?.map(|product| product.name),
            None => None,
        };
        let nickname = price.as_ref().and_then(|price| price.nickname.clone());
        let names: Vec<String> = product.into_iter().chain(nickname).collect();
        let worth = lived.iter().filter(|segment| segment.item == item.id && segment.covers(now));
        Ok(ItemRow {
            id: item.id.to_string(),
            what: if names.is_empty() { item.price.to_string() } else { names.join(" · ") },
            quantity: match item.quantity {
                Some(quantity) => quantity.normalize().to_string(),
                None if price.as_ref().is_some_and(is_metered) => "by usage".to_owned(),
                None => "1".to_owned(),
            },
            price: price.as_ref().map_or_else(|| "not known".to_owned(), |price| cost(price, stripe.currency)),
            mrr: worth.map(|segment| segment.micro).sum::<Micro>().to_money(stripe.currency),
        })
    };
    stripe.items.iter().map(row).collect()
}

fn price(conn: &Connection, scope: Scope, item: &SubscriptionItem) -> Result<Option<Price>, StoreError> {
    match load::<Price>(conn, scope, item.price.as_str())? {
        Some(price) => Ok(Some(price)),
        None => Ok(item.embedded.as_deref().cloned()),
    }
}

fn is_metered(price: &Price) -> bool {
    price.recurring.as_ref().is_some_and(|recurring| recurring.usage_type == UsageType::Metered)
}

/// Writes what one unit or period costs.
fn cost(price: &Price, currency: Currency) -> String {
    let period = price.recurring.as_ref().map(|recurring| Cadence::of(recurring).to_string());
    let of_period = if is_metered(price) {
        " per unit used".to_owned()
    } else {
        period.map(|period| format!(" per {period}")).unwrap_or_default()
    };
    let Some(amounts) = amounts_in(price, currency) else { return format!("no amount in {}", currency.iso()) };
    match amounts.unit_amount {
        Some(unit) => format!("{}{of_period}", major(unit, currency)),
        None if amounts.tiers.is_empty() => format!("chosen by the customer{of_period}"),
        None => format!("in {} tiers{of_period}", amounts.tiers.len()),
    }
}

/// Writes an amount that may be smaller than a minor unit, `0.002 USD`.
fn major(minor: Decimal, currency: Currency) -> String {
    let scale = minor.scale() + currency.exponent();
    let mut text = Decimal::try_from_i128_with_scale(minor.mantissa(), scale).unwrap_or(minor).normalize();
    if text.scale() < currency.exponent() {
        text.rescale(currency.exponent());
    }
    format!("{text} {}", currency.iso())
}

/// Writes how often something is billed: `monthly`, `every 3 months`.
pub(crate) fn every(cadence: &Cadence) -> String {
    match (&cadence.interval, cadence.count) {
        (Interval::Day, 1) => "daily".to_owned(),
        (Interval::Week, 1) => "weekly".to_owned(),
        (Interval::Month, 1) => "monthly".to_owned(),
        (Interval::Year, 1) => "yearly".to_owned(),
        _ => format!("every {cadence}"),
    }
}

/// Gives the discounts at work in words.
pub(super) fn discounts(conn: &Connection, scope: Scope, stripe: &Subscription) -> Result<Vec<String>, StoreError> {
    let of_items = stripe.items.iter().flat_map(|item| &item.discounts);
    let mut texts = Vec::new();
    for discount in stripe.discounts.iter().chain(of_items) {
        let coupon = match (&discount.embedded, &discount.coupon) {
            (Some(coupon), _) => Some(coupon.as_ref().clone()),
            (None, Some(id)) => load::<Coupon>(conn, scope, id.as_str())?,
            (None, None) => None,
        };
        texts.push(told(discount, coupon.as_ref()));
    }
    Ok(texts)
}

/// Writes a discount: `LAUNCH20: 20 % forever, since 2025-11-03`.
fn told(discount: &Discount, coupon: Option<&Coupon>) -> String {
    let name = coupon
        .map_or_else(|| discount.id.to_string(), |coupon| coupon.name.clone().unwrap_or_else(|| coupon.id.to_string()));
    let off = coupon.map_or_else(
        || "terms not known".to_owned(),
        |coupon| match (coupon.percent_off, coupon.amount_off, coupon.currency) {
            (Some(percent), ..) => format!("{} %", percent.normalize()),
            (None, Some(minor), Some(currency)) => Money { minor, currency }.to_string(),
            _ => "terms not known".to_owned(),
        },
    );
    let time = coupon.map_or_else(String::new, |coupon| match (&coupon.duration, coupon.duration_in_months) {
        (CouponDuration::Forever, _) => " forever".to_owned(),
        (CouponDuration::Once, _) => " once".to_owned(),
        (CouponDuration::Repeating, Some(months)) => format!(" for {months} months"),
        (other, _) => format!(" {other}"),
    });
    let day = |word: &str, at: Option<Instant>| at.map(|at| format!(", {word} {}", at.format("%Y-%m-%d")));
    let since = day("since", discount.start_at).unwrap_or_default();
    let until = day("until", discount.end_at).unwrap_or_default();
    format!("{name}: {off}{time}{since}{until}")
}

/// Adds the segments of the items up to stretches of the subscription, newest first.
pub(super) fn life(segments: &[Segment]) -> Vec<SegmentRow> {
    let Some(currency) = segments.first().map(|segment| segment.currency) else { return Vec::new() };
    let edges: BTreeSet<Instant> =
        segments.iter().flat_map(|segment| std::iter::once(segment.start_at).chain(segment.end_at)).collect();
    let mut stretches: Vec<SegmentRow> = Vec::new();
    let mut after = edges.iter().skip(1);
    for start in &edges {
        let end = after.next().copied();
        let covering = || segments.iter().filter(|segment| segment.covers(*start));
        let Some(source) = covering().map(|segment| segment.source).max() else { continue };
        let mrr = covering().map(|segment| segment.micro).sum::<Micro>().to_money(currency);
        let source = word(source).to_owned();
        match stretches.last_mut() {
            Some(last) if last.end_at == Some(*start) && last.mrr == mrr && last.source == source => last.end_at = end,
            _ => stretches.push(SegmentRow { start_at: *start, end_at: end, mrr, source }),
        }
    }
    stretches.reverse();
    stretches
}

fn word(source: Source) -> &'static str {
    match source {
        Source::Observed => "observed",
        Source::Rebuilt => "rebuilt",
        Source::Dated => "dates",
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::money::Currency;

    use super::*;

    fn at(day: i64) -> Instant {
        Instant::from_timestamp(1_800_000_000 + day * 86_400, 0).unwrap()
    }

    fn segment(item: &str, start: i64, end: Option<i64>, minor: i128, source: Source) -> Segment {
        Segment {
            customer: "cus_1".into(),
            subscription: "sub_1".into(),
            item: item.into(),
            price: "price_1".into(),
            product: None,
            cadence: Cadence { interval: Interval::Month, count: 1 },
            quantity: None,
            currency: Currency::parse("usd").unwrap(),
            start_at: at(start),
            end_at: end.map(at),
            micro: Micro(minor * 1_000_000),
            list: Micro(0),
            source,
            before: None,
            after: None,
        }
    }

    #[test]
    fn items_add_up_and_gaps_stay_gaps() {
        let segments = [
            segment("a", 0, Some(10), 100, Source::Rebuilt),
            segment("a", 10, Some(20), 100, Source::Rebuilt),
            segment("a", 30, None, 100, Source::Observed),
            segment("b", 35, None, 50, Source::Dated),
        ];
        let life: Vec<(Instant, Option<Instant>, i64, String)> =
            life(&segments).into_iter().map(|row| (row.start_at, row.end_at, row.mrr.minor.0, row.source)).collect();
        let expected = vec![
            (at(35), None, 150, "dates".to_owned()),
            (at(30), Some(at(35)), 100, "observed".to_owned()),
            (at(0), Some(at(20)), 100, "rebuilt".to_owned()),
        ];
        assert_eq!(life, expected);
    }

    #[test]
    fn amounts_smaller_than_a_cent_keep_their_digits() {
        let usd = Currency::parse("usd").unwrap();
        for (minor, text) in [("2900", "29.00 USD"), ("0.2", "0.002 USD"), ("150.00", "1.50 USD"), ("0", "0.00 USD")] {
            assert_eq!(major(minor.parse().unwrap(), usd), text);
        }
        assert_eq!(major("4400".parse().unwrap(), Currency::parse("jpy").unwrap()), "4400 JPY");
    }
}
