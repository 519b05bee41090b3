//! What invoice lines say of a subscription's past: which item had which price and quantity, from when until when.
//!
//! Before the first observed state this is the only witness. What it cannot see (late payments, changes without an
//! invoice) is listed in metrics.md, section 12.

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
    ///
    /// **Source**: metrics.md, section 12.B.
    pub(super) fn read(scope: &Scope<'a>, warnings: &mut Warnings) -> Self {
        let mut lines = Self { stretches: Vec::new(), items: BTreeSet::new(), reaches_back_to: None };
        let periods = periods(scope);
        for invoice in scope.invoices.iter().filter(|invoice| invoice.status != InvoiceStatus::Draft) {
            let is_counted = is_counted(invoice, scope);
            for (group, parts) in groups(invoice, scope) {
                // Also a period that was given away is known: nothing older than the first line is guessed into it.
                lines.reaches_back_to = Some(lines.reaches_back_to.map_or(group.from, |known| known.min(group.from)));
                if is_counted {
                    let says = says(&group, &parts, &periods, scope, warnings);
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

/// Lists the whole periods that were billed, to scale parts of them.
fn periods(scope: &Scope<'_>) -> Vec<(Instant, Instant)> {
    let all = scope.invoices.iter().flat_map(|invoice| groups(invoice, scope).into_keys());
    all.filter(|group| group.kind == Kind::Normal).map(|group| (group.from, group.to)).collect()
}

fn says<'a>(
    group: &Group,
    parts: &[&InvoiceLine],
    periods: &[(Instant, Instant)],
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
    let scaled = full_period(group, periods).and_then(|full| {
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
fn full_period(group: &Group, periods: &[(Instant, Instant)]) -> Option<(Instant, Instant)> {
    match group.kind {
        Kind::Normal => Some((group.from, group.to)),
        _ => periods.iter().rev().copied().find(|(from, to)| *from <= group.from && group.to <= *to),
    }
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
