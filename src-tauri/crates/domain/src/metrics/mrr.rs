//! The value of a subscription's items at one instant: price, discounts, included tax, months factor, one rounding.
//!
//! Which items count at that instant is decided elsewhere (`status.rs`, `lines.rs`); here they are only valued.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use rust_decimal::Decimal;

use super::amount::{self, Cadence, Unpriced, amounts_in, exact, period_amount};
use super::book::{Catalog, WarningKind, Warnings};
use super::discount;
use super::segment::Silence;
use super::settings::Settings;
use crate::Instant;
use crate::ids::{PriceId, ProductId, SubscriptionItemId};
use crate::money::Micro;
use crate::rate::round_half_away;
use crate::stripe::price::{TaxBehavior, UsageType};
use crate::stripe::subscription::TaxRate;
use crate::stripe::{Discount, Invoice, Price, Subscription, SubscriptionItem};

/// What surrounds the items of one state of a subscription.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The state: its currency, discounts and tax rates.
    pub state: &'a Subscription,
    /// The customer's discount.
    pub inherited: Option<&'a Discount>,
    /// The customer's invoices, oldest first.
    pub invoices: &'a [&'a Invoice],
    pub catalog: &'a Catalog,
    pub settings: &'a Settings,
}

/// A licensed recurring item, ready to be valued.
#[derive(Clone)]
pub(super) struct Position<'a> {
    pub item: SubscriptionItemId,
    pub price: PriceId,
    pub product: Option<ProductId>,
    pub cadence: Cadence,
    pub quantity: Option<Decimal>,
    /// Amount of one billing period, before discounts, with included tax.
    pub amount: BigRational,
    /// From one billing period to a month.
    pub factor: BigRational,
    /// The share that is left once included tax is out.
    pub net: BigRational,
    pub discounts: &'a [Discount],
}

/// An item with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Valued {
    pub price: PriceId,
    pub product: Option<ProductId>,
    pub cadence: Cadence,
    pub quantity: Option<Decimal>,
    pub micro: Micro,
    pub list: Micro,
}

/// What an item is worth, or why nothing.
pub(super) type Worth = Result<Valued, Silence>;

impl<'a> Scope<'a> {
    /// Finds a price in the price list, else as it came with an item: without tiers, but there even for inline prices.
    pub(super) fn price(&self, id: &PriceId) -> Option<&'a Price> {
        let embedded = |item: &'a SubscriptionItem| item.embedded.as_deref().filter(|price| price.id == *id);
        self.catalog.prices.get(id).or_else(|| self.state.items.iter().find_map(embedded))
    }

    /// Makes a position of an item as it stands on the subscription.
    ///
    /// **Shape**: `None` is an item that is never part of MRR: metered, or not recurring.
    pub(super) fn position(
        &self,
        item: &'a SubscriptionItem,
        warnings: &mut Warnings,
    ) -> Option<Result<Position<'a>, Silence>> {
        let Some(price) = self.price(&item.price) else {
            self.warn(warnings, WarningKind::UnknownPrice { price: item.price.clone() });
            return Some(Err(Silence::Unreadable));
        };
        is_licensed(price).then(|| {
            let amount = self.amount(price, item.quantity, warnings)?;
            self.priced(&item.id, price, item.quantity, amount, warnings)
        })
    }

    /// Computes the amount of one billing period in the subscription's currency.
    pub(super) fn amount(
        &self,
        price: &Price,
        quantity: Option<Decimal>,
        warnings: &mut Warnings,
    ) -> Result<BigRational, Silence> {
        let currency = self.state.currency;
        period_amount(price, currency, quantity).map_err(|why| {
            let price = price.id.clone();
            let kind = match why {
                Unpriced::Currency => WarningKind::NoCurrencyOption { price, currency },
                Unpriced::Amount => WarningKind::NoAmount { price },
            };
            self.warn(warnings, kind);
            Silence::Unreadable
        })
    }

    /// Makes a position of a price and an amount of one of its billing periods.
    pub(super) fn priced(
        &self,
        item: &SubscriptionItemId,
        price: &Price,
        quantity: Option<Decimal>,
        amount: BigRational,
        warnings: &mut Warnings,
    ) -> Result<Position<'a>, Silence> {
        let cadence = price.recurring.as_ref().map(Cadence::of).ok_or(Silence::Unreadable)?;
        let Some(factor) = cadence.months_factor() else {
            self.warn(warnings, WarningKind::UnknownInterval { price: price.id.clone() });
            return Err(Silence::Unreadable);
        };
        let own = self.state.items.iter().find(|own| own.id == *item);
        Ok(Position {
            item: item.clone(),
            price: price.id.clone(),
            product: price.product.clone(),
            cadence,
            quantity,
            amount,
            factor,
            net: self.net(item, own, price, warnings),
            discounts: own.map_or(&[], |own| &own.discounts),
        })
    }

    /// Computes which share of a price is left without the tax in it.
    fn net(
        &self,
        item: &SubscriptionItemId,
        own: Option<&SubscriptionItem>,
        price: &Price,
        warnings: &mut Warnings,
    ) -> BigRational {
        let of_currency = amounts_in(price, self.state.currency).and_then(|amounts| amounts.tax_behavior.as_ref());
        if of_currency.or(price.tax_behavior.as_ref()) != Some(&TaxBehavior::Inclusive) {
            return BigRational::one();
        }
        let rates = own.map(|own| &own.tax_rates).filter(|rates| !rates.is_empty());
        let included = |rate: &&TaxRate| rate.is_inclusive;
        let percent: BigRational = rates
            .unwrap_or(&self.state.default_tax_rates)
            .iter()
            .filter(included)
            .map(|rate| exact(rate.percentage))
            .sum();
        if percent.is_positive() {
            return amount::whole(100) / (amount::whole(100) + percent);
        }
        if !self.state.has_automatic_tax {
            return BigRational::one();
        }
        self.net_of_latest_line(item).unwrap_or_else(|| {
            self.warn(warnings, WarningKind::UnknownTax { item: item.clone() });
            BigRational::one()
        })
    }

    /// Takes the tax from the latest line of the item: it lies in what the discount left of the amount.
    fn net_of_latest_line(&self, item: &SubscriptionItemId) -> Option<BigRational> {
        let lines = self.invoices.iter().rev().flat_map(|invoice| &invoice.lines);
        lines.filter(|line| line.subscription_item.as_ref() == Some(item)).find_map(|line| {
            let taxed = line.amount.0 - line.discount_amount.0;
            let tax = if line.is_tax_inclusive { line.tax_amount.0 } else { 0 };
            (taxed > 0).then(|| BigRational::one() - BigRational::new(tax.into(), taxed.into()))
        })
    }

    pub(super) fn warn(&self, warnings: &mut Warnings, kind: WarningKind) {
        warnings.add(&self.state.id, kind);
    }
}

/// Says whether a price can be part of MRR: it recurs, and its quantity is agreed beforehand.
pub(super) fn is_licensed(price: &Price) -> bool {
    price.recurring.as_ref().is_some_and(|recurring| recurring.usage_type != UsageType::Metered)
}

/// Values positions at an instant. Each item is rounded once, to micro-units.
pub(super) fn value(
    positions: Vec<Position<'_>>,
    scope: &Scope<'_>,
    at: Instant,
    warnings: &mut Warnings,
) -> Vec<(SubscriptionItemId, Worth)> {
    let left = discount::apply(&positions, scope, at, warnings);
    let worth = |(position, left): (Position<'_>, BigRational)| {
        let micro = micro(&(left * &position.net * &position.factor));
        let list = micro_or_zero(&(&position.amount * &position.factor));
        let worth = match micro {
            None => Err(Silence::Unreadable),
            Some(micro) if micro.0 <= 0 => Err(Silence::Free),
            Some(micro) => Ok(Valued {
                price: position.price,
                product: position.product,
                cadence: position.cadence,
                quantity: position.quantity,
                micro,
                list,
            }),
        };
        (position.item, worth)
    };
    positions.into_iter().zip(left).map(worth).collect()
}

/// Rounds minor units to micro-units; `None` where they leave 128 bits.
fn micro(minor: &BigRational) -> Option<Micro> {
    round_half_away(&(minor * BigRational::from_integer(BigInt::from(Micro::PER_MINOR)))).map(Micro)
}

fn micro_or_zero(minor: &BigRational) -> Micro {
    if minor.is_zero() { Micro::ZERO } else { micro(minor).unwrap_or(Micro::ZERO) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::WarningKind;
    use crate::metrics::invented::{Shelf, decimal, every, invoice, item, line, price, subscription};
    use crate::money::{Currency, Minor};
    use crate::stripe::price::{Amounts, Interval};

    const NOW: &str = "2026-06-20";

    fn inclusive(unit: &str) -> Price {
        Price { tax_behavior: Some(TaxBehavior::Inclusive), ..price("p", unit) }
    }

    fn rate(percentage: &str, is_inclusive: bool) -> TaxRate {
        TaxRate { percentage: decimal(percentage), is_inclusive }
    }

    fn warned(shelf: &Shelf) -> Vec<WarningKind> {
        shelf.history(&Settings::default(), NOW).warnings.into_iter().map(|warning| warning.kind).collect()
    }

    #[test]
    fn included_tax_comes_out_by_the_items_rates_else_the_subscriptions() {
        let mut state = subscription("sub_1", "2026-01-10", vec![item("si_1", inclusive("11900"), 1)]);
        state.default_tax_rates = vec![rate("19", true), rate("5", false)];
        assert_eq!(Shelf::of(state.clone()).mrr(NOW, NOW), 10_000);
        state.items[0].tax_rates = vec![rate("7", true), rate("12", true)];
        state.default_tax_rates = vec![rate("50", true)];
        assert_eq!(Shelf::of(state.clone()).mrr(NOW, NOW), 10_000);
        state.items[0].embedded.as_mut().unwrap().tax_behavior = Some(TaxBehavior::Exclusive);
        assert_eq!(Shelf::of(state).mrr(NOW, NOW), 11_900);
    }

    #[test]
    fn automatic_tax_is_read_from_the_latest_line() {
        let mut state = subscription("sub_1", "2026-01-10", vec![item("si_1", inclusive("11900"), 1)]);
        state.has_automatic_tax = true;
        let mut shelf = Shelf::of(state);
        assert_eq!(shelf.mrr(NOW, NOW), 11_900, "nothing tells how much");
        assert_eq!(warned(&shelf), [WarningKind::UnknownTax { item: "si_1".into() }]);
        let taxed = |tax: i64, discount: i64, from: &str, to: &str| {
            let mut line = line("p", 1, 11_900, from, to);
            (line.tax_amount, line.discount_amount, line.is_tax_inclusive) = (Minor(tax), Minor(discount), true);
            line
        };
        shelf.invoices = vec![
            invoice("in_2", "2026-06-10", vec![taxed(950, 5950, "2026-06-10", "2026-07-10")]),
            invoice("in_1", "2026-05-10", vec![taxed(0, 0, "2026-05-10", "2026-06-10")]),
        ];
        assert_eq!(shelf.mrr(NOW, NOW), 10_000);
        assert_eq!(warned(&shelf), []);
    }

    #[test]
    fn what_cannot_be_priced_counts_nothing_and_is_told() {
        let euro = Currency::parse("eur").unwrap();
        let mut state = subscription("sub_1", "2026-01-10", vec![item("si_1", price("p", "1000"), 1)]);
        state.currency = euro;
        let mut shelf = Shelf::of(state);
        assert_eq!(shelf.mrr(NOW, NOW), 0);
        assert_eq!(warned(&shelf), [WarningKind::NoCurrencyOption { price: "p".into(), currency: euro }]);
        let mut listed = price("p", "1000");
        listed.currency_options =
            [(euro, Amounts { unit_amount: Some(decimal("900.5")), ..Amounts::default() })].into();
        shelf = shelf.with_prices([listed]);
        assert_eq!((shelf.mrr(NOW, NOW), warned(&shelf)), (901, vec![]));

        shelf.subscriptions[0].items[0].price = "gone".into();
        assert_eq!(warned(&shelf), [WarningKind::UnknownPrice { price: "gone".into() }]);
        let odd = every(Interval::Other("fortnight".into()), price("odd", "5"));
        let shelf = Shelf::of(subscription("sub_1", "2026-01-10", vec![item("si_1", odd, 1)]));
        assert_eq!(warned(&shelf), [WarningKind::UnknownInterval { price: "odd".into() }]);
    }

    #[test]
    fn metered_and_one_time_items_are_no_part_of_it() {
        let mut metered = price("m", "1000");
        metered.recurring.as_mut().unwrap().usage_type = UsageType::Metered;
        let once = Price { recurring: None, ..price("o", "1000") };
        let items = vec![item("si_1", metered, 1), item("si_2", once, 1), item("si_3", price("p", "5"), 0)];
        let history = Shelf::of(subscription("sub_1", "2026-01-10", items)).history(&Settings::default(), NOW);
        assert_eq!((history.segments, history.warnings), (vec![], vec![]));
    }

    #[test]
    fn an_item_is_rounded_once_to_micro_units() {
        let yearly = every(Interval::Year, price("y", "10000"));
        let history = Shelf::of(subscription("sub_1", "2026-01-10", vec![item("si_1", yearly, 2)]))
            .history(&Settings::default(), NOW);
        assert_eq!(history.segments[0].micro, Micro(1_666_666_667));
    }
}
