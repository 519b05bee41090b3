//! What has to hold for every book, tried on invented ones.

use proptest::prelude::*;

use super::current::current;
use super::invented::{Shelf, at, coupon, discount, invoice, item, line, price, proration, span, subscription};
use super::movements::{Movement, movements};
use super::reading::Reading;
use super::retention::retention;
use super::series::series;
use super::{DiscountRule, Fx, FxRate, Segment, Settings, Source};
use crate::Instant;
use crate::money::{Currency, Micro};
use crate::stripe::coupon::CouponDuration;
use crate::stripe::subscription::SubscriptionStatus;
use crate::stripe::{Invoice, InvoiceLine, Subscription};
use crate::zones::{Period, Zone};

fn day(number: i64) -> Instant {
    at("2026-01-01") + chrono::TimeDelta::days(number)
}

fn text(at: Instant) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn sum_at(segments: &[Segment], at: Instant) -> Micro {
    segments.iter().filter(|segment| segment.covers(at)).map(|segment| segment.micro).sum()
}

/// Segments of ten customers in three currencies within four months, grouped by customer.
fn books() -> impl Strategy<Value = Vec<Segment>> {
    let one = (0..10u8, 1..10_000_000i128, 0..3usize, 0..120i64, prop::option::of(1..90i64));
    prop::collection::vec(one, 0..60).prop_map(|mut all| {
        all.sort_by_key(|(customer, ..)| *customer);
        let segment = |(customer, micro, currency, from, length): (u8, i128, usize, i64, Option<i64>)| {
            let to = length.map(|length| text(day(from + length)));
            let mut segment = span(&customer.to_string(), 0, &text(day(from)), to.as_deref());
            segment.micro = Micro(micro);
            segment.currency = ["usd", "eur", "jpy"].map(|code| Currency::parse(code).unwrap())[currency];
            segment
        };
        all.into_iter().map(segment).collect()
    })
}

/// A table of daily rates that may lack a currency at first, or altogether.
fn tables() -> impl Strategy<Value = Fx> {
    let one = (prop::bool::ANY, 0..120i64, 1..3_000_000i64);
    prop::collection::vec(one, 0..12).prop_map(|lines| {
        let line = |(is_euro, date, rate): (bool, i64, i64)| FxRate {
            date: Zone::utc().date_of(day(date)),
            base: Currency::parse(if is_euro { "eur" } else { "jpy" }).unwrap(),
            quote: Currency::USD,
            rate: rust_decimal::Decimal::new(rate, 6),
        };
        Fx::new(Currency::USD, &lines.into_iter().map(line).collect::<Vec<_>>())
    })
}

proptest! {
    #[test]
    fn a_bridge_closes_to_the_micro_unit(segments in books(), fx in tables(), from in 0..100i64, length in 1..60i64) {
        let (zone, period) = (Zone::utc(), Period { start: day(from), end: day(from + length) });
        let moved = movements(&Reading { segments: &segments, fx: &fx, zone: &zone }, period, day(400));
        let won = moved.amount(Movement::New) + moved.amount(Movement::Reactivation) + moved.amount(Movement::Expansion);
        let lost = moved.amount(Movement::Contraction) + moved.amount(Movement::Churn);
        prop_assert_eq!(moved.opening + won - lost + moved.fx(), moved.closing);
        prop_assert_eq!(moved.rows.iter().map(|row| row.opening).sum::<Micro>(), moved.opening);
        prop_assert_eq!(moved.rows.iter().map(|row| row.closing).sum::<Micro>(), moved.closing);
        prop_assert_eq!(moved.rows.iter().map(super::movements::Row::fx).sum::<Micro>(), moved.fx());
        if let (Some(kept), Some(gone)) = (moved.grr(), moved.gross_churn_rate()) {
            prop_assert_eq!(kept.ratio() + gone.ratio(), super::amount::whole(1));
        }
    }

    #[test]
    fn mrr_is_the_sum_of_its_parts_everywhere(segments in books(), fx in tables(), instant in 0..200i64) {
        let (zone, now) = (Zone::utc(), day(instant));
        let reading = Reading { segments: &segments, fx: &fx, zone: &zone };
        let whole = current(&reading, now);
        let of_customers = reading.customers().map(|segments| current(&Reading { segments, ..reading }, now));
        let parts: Vec<_> = of_customers.collect();
        prop_assert_eq!(parts.iter().map(|part| part.mrr.converted).sum::<Micro>(), whole.mrr.converted);
        prop_assert_eq!(parts.iter().map(|part| part.paying_customers).sum::<u64>(), whole.paying_customers);
        let rates = reading.rates_at(now);
        let rows = reading.rows_at(now).filter_map(|row| rates.convert(row.micro, row.currency));
        prop_assert_eq!(rows.sum::<Micro>(), whole.mrr.converted);
        let points = series(&reading, &[day(-1), now, day(300)]);
        prop_assert_eq!(&points[1].mrr, &whole.mrr);
        prop_assert_eq!(points[1].paying_customers, whole.paying_customers);
        prop_assert_eq!(points[1].by_source.values().copied().sum::<Micro>(), whole.mrr.converted);
        prop_assert!(whole.scheduled_churn <= whole.mrr.converted);
    }

    #[test]
    fn gross_retention_never_exceeds_net_or_all(segments in books(), fx in tables(), from in 0..100i64) {
        let (zone, period) = (Zone::utc(), Period { start: day(from), end: day(from + 30) });
        let kept = retention(&Reading { segments: &segments, fx: &fx, zone: &zone }, period, day(400));
        prop_assert!(kept.kept <= kept.opening && kept.kept <= kept.closing);
    }

    #[test]
    fn a_stricter_method_never_counts_more(
        durations in prop::collection::vec(0..3usize, 0..4), percent in 1..100u8, is_late in prop::bool::ANY,
    ) {
        let mut state = subscription("sub_1", "2026-01-01", vec![item("si_1", price("p", "9999"), 3)]);
        if is_late {
            state.status = SubscriptionStatus::PastDue;
        }
        let given = |(place, duration): (usize, usize)| {
            let mut coupon = coupon(&format!("c{place}"), &format!("{percent}%"));
            coupon.duration = [CouponDuration::Forever, CouponDuration::Repeating, CouponDuration::Once][duration].clone();
            discount(coupon, "2026-01-01", None)
        };
        state.discounts = durations.into_iter().enumerate().map(given).collect();
        let shelf = Shelf::of(state);
        let mrr = |count_past_due, discounts| {
            let history = shelf.history(&Settings { count_past_due, discounts }, "2026-03-01");
            sum_at(&history.segments, day(59))
        };
        let rules = [DiscountRule::All, DiscountRule::Recurring, DiscountRule::ForeverOnly, DiscountRule::None];
        let with = rules.map(|rule| mrr(true, rule));
        prop_assert!(with.is_sorted(), "{with:?}");
        prop_assert!(rules.into_iter().zip(with).all(|(rule, micro)| mrr(false, rule) <= micro));
    }

    #[test]
    fn a_past_rebuilt_from_invoices_is_the_past_that_was(life in lives()) {
        let observed = Shelf { observations: life.states.clone(), ..life.shelf() };
        let rebuilt = Shelf { invoices: life.invoices(), ..life.shelf() };
        let now = text(day(LIFE_DAYS));
        let [was, told] = [&observed, &rebuilt].map(|shelf| shelf.history(&Settings::default(), &now).segments);
        for number in 0..LIFE_DAYS {
            let evening = day(number) + chrono::TimeDelta::hours(18);
            prop_assert_eq!(sum_at(&was, evening), sum_at(&told, evening), "{}", evening);
        }
        prop_assert!(told.iter().all(|segment| segment.source != Source::Dated));
    }
}

const LIFE_DAYS: i64 = 150;
const CYCLE_DAYS: i64 = 30;

/// A subscription of two items that change at noon of some days, and ends at noon of another.
#[derive(Debug, Clone)]
struct Life {
    states: Vec<(Instant, Subscription)>,
    ended: Option<Instant>,
}

/// What the two items are: price and quantity, where 0 is an item that is not there.
type Items = [(usize, i64); 2];

fn lives() -> impl Strategy<Value = Life> {
    let first = [(0..3usize, 1..4i64), (0..3usize, 0..4i64)];
    let changes = prop::collection::btree_map(1..LIFE_DAYS, prop::array::uniform2((0..3usize, 0..4i64)), 0..6);
    (first, changes, prop::option::of(1..LIFE_DAYS)).prop_map(|(first, changes, end)| {
        let noon = |number: i64| day(number) + chrono::TimeDelta::hours(12);
        let ended = end.map(noon);
        let changes = changes.into_iter().map(|(number, items)| (noon(number), items));
        let alive = changes.filter(|(at, _)| ended.is_none_or(|end| *at < end));
        let all = std::iter::once((day(0), first)).chain(alive);
        let mut states: Vec<_> = all.map(|(at, items)| (at, state(items))).collect();
        if let (Some(end), Some((_, last))) = (ended, states.last().cloned()) {
            let gone = Subscription { status: SubscriptionStatus::Canceled, ended_at: Some(end), ..last };
            states.push((end, gone));
        }
        Life { states, ended }
    })
}

fn prices() -> [crate::stripe::Price; 3] {
    [price("p0", "1000"), price("p1", "2500"), price("p2", "333.5")]
}

fn state(items: Items) -> Subscription {
    let there = items.into_iter().enumerate().filter(|(_, (_, quantity))| *quantity > 0);
    let items = there.map(|(place, (price, quantity))| item(&format!("si_{place}"), prices()[price].clone(), quantity));
    subscription("sub_1", "2026-01-01", items.collect())
}

impl Life {
    fn shelf(&self) -> Shelf {
        let present = self.states.last().map(|(_, state)| state.clone()).into_iter().collect();
        Shelf { subscriptions: present, ..Shelf::default() }.with_prices(prices())
    }

    fn state_at(&self, at: Instant) -> &Subscription {
        self.states.iter().rfind(|(since, _)| *since <= at).map(|(_, state)| state).unwrap()
    }

    /// Bills as Stripe does: each cycle its items, and each change what is unused and what remains of the cycle.
    fn invoices(&self) -> Vec<Invoice> {
        let mut invoices = Vec::new();
        let cycles = (0..LIFE_DAYS).step_by(usize::try_from(CYCLE_DAYS).unwrap());
        for start in cycles.map(day).filter(|start| self.ended.is_none_or(|end| *start < end)) {
            let end = start + chrono::TimeDelta::days(CYCLE_DAYS);
            let normal = self.state_at(start).items.iter().map(|item| bill(item, start, end, 1, line));
            invoices.push(invoice(&format!("in_{start}"), &text(start), normal.collect()));
            let changes = self.states.windows(2).filter(|pair| start < pair[1].0 && pair[1].0 < end);
            for pair in changes.filter(|pair| pair[1].1.status == SubscriptionStatus::Active) {
                let (at, before, after) = (pair[1].0, &pair[0].1, &pair[1].1);
                let unused = before.items.iter().filter(|item| !after.items.contains(item));
                let remaining = after.items.iter().filter(|item| !before.items.contains(item));
                let lines = unused.map(|item| bill(item, at, end, -1, proration));
                let lines: Vec<_> = lines.chain(remaining.map(|item| bill(item, at, end, 1, proration))).collect();
                invoices.push(invoice(&format!("in_{at}"), &text(at), lines));
            }
        }
        invoices
    }
}

fn bill(
    item: &crate::stripe::SubscriptionItem,
    from: Instant,
    to: Instant,
    sign: i64,
    make: impl Fn(&str, i64, i64, &str, &str) -> InvoiceLine,
) -> InvoiceLine {
    let quantity = i64::try_from(item.quantity.unwrap()).unwrap();
    // The amount plays no part while the price can be read; only its sign does.
    let line = make(item.price.as_str(), quantity, sign * 777, &text(from), &text(to));
    InvoiceLine { subscription_item: Some(item.id.clone()), ..line }
}
