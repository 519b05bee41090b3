//! What invoice lines say of a subscription's past: which item had which price and quantity, from when until when.
//!
//! Before the first observed state this is the only witness. It cannot see late payments, nor changes that left no
//! invoice.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::One;
use rust_decimal::Decimal;

use super::amount::{Cadence, whole};
use super::book::{WarningKind, Warnings};
use super::mrr::{Position, Scope, is_licensed};
use super::segment::Silence;
use crate::Instant;
use crate::ids::{PriceId, SubscriptionItemId};
use crate::stripe::invoice::InvoiceStatus;
use crate::stripe::price::Interval;
use crate::stripe::{Invoice, InvoiceLine};
use crate::zones::Zone;

/// The past of one subscription as its invoice lines tell it.
pub(super) struct Lines<'a> {
    stretches: Vec<Stretch<'a>>,
    items: BTreeSet<SubscriptionItemId>,
    reaches_back_to: Option<Instant>,
}

/// One statement: from here until there the item was this, or was gone.
struct Stretch<'a> {
    item: SubscriptionItemId,
    from: Instant,
    to: Instant,
    says: Result<Position<'a>, Silence>,
}

/// Lines of one invoice that make one statement. Tiers come as several lines of the same period.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    from: Instant,
    kind: Kind,
    to: Instant,
    item: SubscriptionItemId,
    price: PriceId,
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// "Unused time": the older state ends.
    Removed,
    /// A period.
    Normal,
    /// "Remaining time": a new state begins.
    Added,
}

impl<'a> Lines<'a> {
    /// Reads the lines of a subscription from its customer's invoices, which stand oldest first.
    pub(super) fn read(scope: &Scope<'a>, warnings: &mut Warnings) -> Self {
        let mut lines = Self { stretches: Vec::new(), items: BTreeSet::new(), reaches_back_to: None };
        for invoice in scope.invoices.iter().filter(|invoice| invoice.status != InvoiceStatus::Draft) {
            let is_counted = is_counted(invoice, scope);
            for (group, parts) in groups(invoice, scope) {
                // Also a period that was given away is known: nothing older than the first line is guessed into it.
                lines.reaches_back_to = Some(lines.reaches_back_to.map_or(group.from, |known| known.min(group.from)));
                if is_counted {
                    let says = says(&group, &parts, scope, warnings);
                    lines.items.insert(group.item.clone());
                    lines.stretches.push(Stretch { item: group.item, from: group.from, to: group.to, says });
                }
            }
        }
        // The last one wins. Of two that begin together a positive one does, then the later invoice: the sort is stable.
        let is_positive = |stretch: &Stretch<'_>| !matches!(stretch.says, Err(Silence::Absent));
        lines.stretches.sort_by_key(|stretch| (stretch.from, is_positive(stretch)));
        lines
    }

    /// Gives the first instant any line tells of.
    pub(super) fn reaches_back_to(&self) -> Option<Instant> {
        self.reaches_back_to
    }

    /// Lists the instants at which a statement begins or ends.
    pub(super) fn turns(&self) -> impl Iterator<Item = Instant> {
        self.stretches.iter().flat_map(|stretch| [stretch.from, stretch.to])
    }

    /// Gives what the lines say of each item at an instant. Of those that cover it, the one that began last wins.
    pub(super) fn at(&self, at: Instant) -> impl Iterator<Item = (&SubscriptionItemId, Result<Position<'a>, Silence>)> {
        self.items.iter().map(move |item| {
            let mut covering = self.stretches.iter().rev();
            let last = covering.find(|stretch| stretch.item == *item && stretch.from <= at && at < stretch.to);
            (item, last.map_or(Err(Silence::Uninvoiced), |stretch| stretch.says.clone()))
        })
    }
}

/// Says whether an invoice is a witness: not void, and not the first invoice of a subscription that never began.
fn is_counted(invoice: &Invoice, scope: &Scope<'_>) -> bool {
    let is_first = invoice.billing_reason.as_deref() == Some("subscription_create");
    // A subscription billed by mail begins before its first invoice is paid.
    let begins_unpaid = scope.state.collection_method.as_deref() == Some("send_invoice");
    match invoice.status {
        InvoiceStatus::Void | InvoiceStatus::Draft => false,
        InvoiceStatus::Paid => true,
        _ => !is_first || begins_unpaid,
    }
}

fn groups<'i>(invoice: &'i Invoice, scope: &Scope<'_>) -> BTreeMap<Group, Vec<&'i InvoiceLine>> {
    let mut groups = BTreeMap::<Group, Vec<&InvoiceLine>>::new();
    for line in &invoice.lines {
        let of = line.subscription.as_ref().or(invoice.subscription.as_ref());
        let (Some(item), Some(price)) = (&line.subscription_item, &line.price) else { continue };
        let kind = match (line.is_proration, line.amount.0) {
            (false, 0..) => Kind::Normal,
            (true, 1..) => Kind::Added,
            (true, ..=-1) => Kind::Removed,
            _ => continue,
        };
        let is_recurring = scope.price(price).is_none_or(is_licensed);
        if of == Some(&scope.state.id) && is_recurring && line.period_start_at < line.period_end_at {
            let (from, to) = (line.period_start_at, line.period_end_at);
            let group = Group { from, to, kind, item: item.clone(), price: price.clone() };
            groups.entry(group).or_default().push(line);
        }
    }
    groups
}

fn says<'a>(
    group: &Group,
    parts: &[&InvoiceLine],
    scope: &Scope<'a>,
    warnings: &mut Warnings,
) -> Result<Position<'a>, Silence> {
    if group.kind == Kind::Removed {
        return Err(Silence::Absent);
    }
    let quantity: Option<Decimal> = parts.iter().map(|line| line.quantity).sum();
    let amount: i64 = parts.iter().map(|line| line.amount.0).sum();
    if amount == 0 {
        return Err(if quantity == Some(Decimal::ZERO) { Silence::Free } else { Silence::Trial });
    }
    let price = scope.price(&group.price);
    if let (Some(price), [_]) = (price, parts) {
        let amount = scope.amount(price, quantity, warnings)?;
        return scope.priced(&group.item, price, quantity, amount, warnings);
    }
    // Without a readable price, or with one that fell apart into tiers, only the amounts tell: of the whole period.
    let scaled = full_period(group, scope).and_then(|full| {
        let amount = whole(amount) * seconds(full) / seconds((group.from, group.to));
        match price {
            Some(price) => Some(scope.priced(&group.item, price, quantity, amount, warnings)),
            None => unpriced(group, parts, quantity, amount, full, scope).map(Ok),
        }
    });
    scaled.unwrap_or_else(|| {
        let line = parts.first().map(|line| line.id.clone());
        line.into_iter().for_each(|line| scope.warn(warnings, WarningKind::UnreadableLine { line }));
        Err(Silence::Unreadable)
    })
}

/// Makes a position of lines whose price is gone: the amount is theirs, the interval is read from the period.
fn unpriced<'a>(
    group: &Group,
    parts: &[&InvoiceLine],
    quantity: Option<Decimal>,
    amount: BigRational,
    full: (Instant, Instant),
    scope: &Scope<'a>,
) -> Option<Position<'a>> {
    let cadence = cadence(full)?;
    let included = |line: &&&InvoiceLine| line.is_tax_inclusive;
    let tax: i64 = parts.iter().filter(included).map(|line| line.tax_amount.0).sum();
    let taxed: i64 = parts.iter().map(|line| line.amount.0 - line.discount_amount.0).sum();
    let net =
        if taxed > 0 { BigRational::one() - BigRational::new(tax.into(), taxed.into()) } else { BigRational::one() };
    let own = scope.state.items.iter().find(|own| own.id == group.item);
    Some(Position {
        item: group.item.clone(),
        price: group.price.clone(),
        product: parts.iter().find_map(|line| line.product.clone()),
        factor: cadence.months_factor()?,
        cadence,
        quantity,
        amount,
        net,
        discounts: own.map_or(&[], |own| &own.discounts),
    })
}

/// Gives the billing period that a statement is a part of: its own, or the whole one around it.
fn full_period(group: &Group, scope: &Scope<'_>) -> Option<(Instant, Instant)> {
    if group.kind == Kind::Normal {
        return Some((group.from, group.to));
    }
    let all = scope.invoices.iter().rev().flat_map(|invoice| groups(invoice, scope).into_keys());
    all.filter(|whole| whole.kind == Kind::Normal && whole.from <= group.from && group.to <= whole.to)
        .map(|whole| (whole.from, whole.to))
        .next()
}

fn seconds((from, to): (Instant, Instant)) -> BigRational {
    whole((to - from).num_seconds())
}

/// Reads the interval from a whole billing period: calendar months (twelve make a year), else weeks, else days.
fn cadence((from, to): (Instant, Instant)) -> Option<Cadence> {
    let zone = Zone::utc();
    let (first, last) = (zone.month_of(from), zone.month_of(to));
    let months = (i32::from(last.year) - i32::from(first.year)) * 12 + i32::from(last.month) - i32::from(first.month);
    let (day, end_day) = (zone.date_of(from).day(), zone.date_of(to).day());
    // The 31st renews on the last day of a shorter month.
    let is_same_day = day == end_day || (end_day < day && zone.date_of(to + chrono::TimeDelta::days(1)).day() == 1);
    let days = (to - from).num_days();
    let (interval, count) = if months > 0 && is_same_day {
        if months % 12 == 0 { (Interval::Year, i64::from(months) / 12) } else { (Interval::Month, i64::from(months)) }
    } else if days % 7 == 0 {
        (Interval::Week, days / 7)
    } else {
        (Interval::Day, days)
    };
    let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
    Some(Cadence { interval, count })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{Shelf, at, every, invoice, item, line, price, proration, subscription};
    use crate::metrics::{Settings, Source};
    use crate::stripe::Subscription;
    use crate::stripe::subscription::SubscriptionStatus;

    const NOW: &str = "2026-06-20";

    /// A subscription of two prices of 10.00 and 25.00 a month, observed only now.
    fn shelf(invoices: Vec<Invoice>) -> Shelf {
        let state = subscription("sub_1", "2026-01-10", vec![item("si_1", price("p", "1000"), 1)]);
        let mut shelf = Shelf::of(state).with_prices([price("q", "2500")]);
        shelf.invoices = invoices;
        shelf
    }

    fn mrr<const N: usize>(shelf: &Shelf, instants: [&str; N]) -> [i64; N] {
        instants.map(|instant| shelf.mrr(NOW, instant))
    }

    #[test]
    fn gaps_are_not_bridged_and_void_invoices_are_given_away() {
        let mut void = invoice("in_2", "2026-02-10", vec![line("p", 1, 1000, "2026-02-10", "2026-03-10")]);
        void.status = InvoiceStatus::Void;
        let shelf = shelf(vec![
            invoice("in_1", "2026-01-10", vec![line("p", 1, 1000, "2026-01-10", "2026-02-10")]),
            void,
            invoice("in_4", "2026-04-10", vec![line("p", 1, 1000, "2026-04-10", "2026-05-10")]),
        ]);
        assert_eq!(mrr(&shelf, ["2026-02-09", "2026-02-10", "2026-03-20", "2026-04-10"]), [1000, 0, 0, 1000]);
    }

    #[test]
    fn a_line_of_nothing_is_a_trial() {
        let shelf = shelf(vec![
            invoice("in_1", "2026-01-10", vec![line("p", 1, 0, "2026-01-10", "2026-01-24")]),
            invoice("in_2", "2026-01-24", vec![line("p", 1, 1000, "2026-01-24", "2026-02-24")]),
        ]);
        assert_eq!(mrr(&shelf, ["2026-01-23", "2026-01-24"]), [0, 1000]);
        let first = &shelf.history(&Settings::default(), NOW).segments[0];
        assert_eq!((first.source, first.before), (Source::Rebuilt, Some(Silence::Trial)));
    }

    #[test]
    fn a_first_invoice_never_paid_is_no_witness_unless_it_is_sent_by_mail() {
        let mut first = invoice("in_1", "2026-01-10", vec![line("p", 1, 1000, "2026-01-10", "2026-02-10")]);
        (first.status, first.billing_reason) = (InvoiceStatus::Open, Some("subscription_create".to_owned()));
        let mut shelf = shelf(vec![first]);
        assert_eq!(mrr(&shelf, ["2026-01-11"]), [0]);
        shelf.subscriptions[0].collection_method = Some("send_invoice".to_owned());
        assert_eq!(mrr(&shelf, ["2026-01-11"]), [1000]);
    }

    #[test]
    fn before_the_first_line_only_dates_tell() {
        let shelf = shelf(vec![invoice("in_1", "2026-03-10", vec![line("q", 1, 2500, "2026-03-10", "2026-04-10")])]);
        assert_eq!(mrr(&shelf, ["2026-01-09", "2026-01-10", "2026-03-10"]), [0, 1000, 2500]);
    }

    #[test]
    fn the_state_that_began_last_wins_and_a_negative_line_alone_removes() {
        let period = ("2026-01-10", "2026-02-10");
        let shelf = shelf(vec![invoice(
            "in_1",
            "2026-02-10",
            vec![
                proration("p", 1, -500, "2026-01-25", period.1),
                proration("q", 1, 1250, "2026-01-25", period.1),
                line("p", 1, 1000, period.0, period.1),
                proration("q", 1, -800, "2026-02-01", period.1),
            ],
        )]);
        assert_eq!(mrr(&shelf, ["2026-01-24", "2026-01-25", "2026-02-01"]), [1000, 2500, 0]);
        let removed = shelf.history(&Settings::default(), NOW).segments[1].after;
        assert_eq!(removed, Some(Silence::Absent));
    }

    #[test]
    fn a_change_from_yearly_to_monthly_in_mid_year_holds() {
        let yearly = every(Interval::Year, price("y", "12000"));
        let shelf = shelf(vec![
            invoice("in_1", "2026-01-10", vec![line("y", 2, 24_000, "2026-01-10", "2027-01-10")]),
            invoice(
                "in_2",
                "2026-03-05",
                vec![
                    proration("y", 2, -20_000, "2026-03-05", "2027-01-10"),
                    line("q", 1, 2500, "2026-03-05", "2026-04-05"),
                ],
            ),
        ])
        .with_prices([yearly]);
        assert_eq!(mrr(&shelf, ["2026-03-04", "2026-03-05"]), [2000, 2500]);
    }

    #[test]
    fn tiers_in_several_lines_are_one_amount() {
        let shelf = shelf(vec![invoice(
            "in_1",
            "2026-01-10",
            vec![
                line("q", 10, 5000, "2026-01-10", "2026-02-10"),
                InvoiceLine { id: "il_2".into(), ..line("q", 5, 2000, "2026-01-10", "2026-02-10") },
            ],
        )]);
        assert_eq!(mrr(&shelf, ["2026-01-10"]), [7000]);
    }

    #[test]
    fn an_unreadable_price_is_scaled_from_its_line() {
        let gone = |prorated: InvoiceLine| {
            let mut shelf = shelf(vec![
                invoice("in_1", "2026-01-10", vec![line("gone", 1, 12_000, "2026-01-10", "2027-01-10")]),
                invoice("in_2", "2026-04-10", vec![prorated]),
            ]);
            shelf.catalog.prices.clear();
            shelf
        };
        // 90 of the 365 days of a year are billed.
        let inside = gone(proration("gone_too", 3, 2000, "2026-10-12", "2027-01-10"));
        assert_eq!(inside.history(&Settings::default(), "2026-12-01").warnings, []);
        assert_eq!(inside.mrr("2026-12-01", "2026-10-11"), 1000);
        assert_eq!(inside.mrr("2026-12-01", "2026-10-12"), 676, "2000 x 365 / 90 / 12");
        let outside = gone(proration("gone_too", 3, 2000, "2026-10-12", "2027-03-10"));
        let warnings = outside.history(&Settings::default(), "2026-12-01").warnings;
        assert!(matches!(warnings[0].kind, WarningKind::UnreadableLine { .. }));
    }

    #[test]
    fn an_end_cuts_and_metered_lines_tell_nothing() {
        let mut metered = price("m", "1");
        metered.recurring.as_mut().unwrap().usage_type = crate::stripe::price::UsageType::Metered;
        let mut shelf = shelf(vec![invoice(
            "in_1",
            "2026-01-10",
            vec![line("p", 1, 1000, "2026-01-10", "2026-02-10"), line("m", 500, 500, "2025-12-10", "2026-01-10")],
        )])
        .with_prices([metered]);
        let end = |state: &mut Subscription| {
            (state.status, state.ended_at) = (SubscriptionStatus::Canceled, Some(at("2026-01-20")));
        };
        end(&mut shelf.subscriptions[0]);
        assert_eq!(mrr(&shelf, ["2026-01-10", "2026-01-20"]), [1000, 0]);
    }

    #[test]
    fn intervals_are_read_from_whole_periods() {
        let table = [
            ("2026-01-31", "2026-02-28", "month"),
            ("2026-02-10", "2026-03-10", "month"),
            ("2026-01-10", "2026-04-10", "3 months"),
            ("2026-01-10", "2028-01-10", "2 years"),
            ("2026-01-10", "2026-01-24", "2 weeks"),
            ("2026-01-10", "2026-02-09", "30 days"),
        ];
        for (from, to, expected) in table {
            assert_eq!(cadence((at(from), at(to))).unwrap().to_string(), expected);
        }
        assert_eq!(cadence((at("2026-01-10"), at("2026-01-10T01:00:00"))), None);
    }
}
