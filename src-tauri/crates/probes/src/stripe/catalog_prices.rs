//! `stripe.catalog.prices`: each row of the workspace's price list is sold exactly once.
//!
//! Proves that one active price on an active product has the row's currency, amount, interval and kind of usage. Cannot
//! prove that the application offers it.

use std::collections::BTreeMap;

use countersign_domain::ids::ProductId;
use countersign_domain::money::Currency;
use countersign_domain::probe::{Outcome, Verdict};
use countersign_domain::stripe::price::{TaxBehavior, UsageType};
use countersign_domain::stripe::{Price, Product};
use countersign_domain::workspace::PriceExpected;
use countersign_sources::stripe::Client;

use super::{fact, listed, unread};
use crate::Context;

const EXPECTED: &str = "Each row of the price list has exactly one active price, on an active product.";

pub(super) async fn check(context: &Context<'_>, client: &Client) -> (Verdict, &'static [&'static str]) {
    let products = context.gathered.products(client).await;
    let prices = context.gathered.prices(client).await;
    let verdict = match (products, prices) {
        (Ok(products), Ok(prices)) => judge(&context.workspace.prices, products, prices),
        (Err(missing), _) | (_, Err(missing)) => unread(EXPECTED, missing),
    };
    (verdict, &["/v1/products", "/v1/prices"])
}

fn judge(list: &[PriceExpected], products: &[Product], prices: &[Price]) -> Verdict {
    let sold: BTreeMap<&ProductId, bool> = products.iter().map(|product| (&product.id, product.is_active)).collect();
    let active: Vec<&Price> = prices.iter().filter(|price| price.is_active).collect();
    let mut facts = vec![fact("rows of the price list", list.len()), fact("active prices", active.len())];
    let mut wrong = Vec::new();
    for row in list {
        let matching: Vec<&&Price> = active.iter().filter(|price| matches(row, price)).collect();
        let (is_on_sale, is_archived): (Vec<&&&Price>, Vec<&&&Price>) =
            matching.iter().partition(|price| price.product.as_ref().is_some_and(|id| sold.get(id) == Some(&true)));
        match (is_on_sale.as_slice(), is_archived.as_slice()) {
            ([one], []) => facts.push(fact(&row.name, &one.id)),
            ([], []) => wrong.push(format!("{} ({}) is not sold", row.name, described(row))),
            ([], [first, ..]) => wrong.push(format!("{}: the product of {} is archived", row.name, first.id)),
            ([_], [other, ..]) => {
                wrong.push(format!("{}: {} is active on an archived product", row.name, other.id));
            }
            (several, _) => {
                let ids: Vec<String> = several.iter().map(|price| price.id.to_string()).collect();
                wrong.push(format!("{} is sold {} times: {}", row.name, ids.len(), listed(&ids)));
            }
        }
    }
    let (outcome, found, fix) = if list.is_empty() {
        let found = format!("The workspace has no price list to compare with; {} prices are active.", active.len());
        (Outcome::Warn, found, "Enter the price list in Settings, or accept the catalogue with a note.".to_owned())
    } else if wrong.is_empty() {
        (Outcome::Pass, format!("All {} rows are sold exactly once.", list.len()), String::new())
    } else {
        let fix = "Correct the catalogue in Stripe, or the price list in Settings if it is the list that is wrong.";
        (Outcome::Fail, format!("{}.", wrong.join("; ")), fix.to_owned())
    };
    Verdict { outcome, expected: EXPECTED.to_owned(), found, fix, remainder: String::new(), facts }
}

fn matches(row: &PriceExpected, price: &Price) -> bool {
    let Ok(currency) = Currency::parse(&row.currency) else { return false };
    let amounts = if price.currency == currency { Some(&price.amounts) } else { price.currency_options.get(&currency) };
    let Some(amounts) = amounts else { return false };
    let is_amount = amounts.unit_amount.is_some_and(|amount| row.unit_amount.parse() == Ok(amount));
    let is_rhythm = match &price.recurring {
        None => row.interval.is_empty(),
        Some(recurring) => {
            recurring.interval.as_str() == row.interval
                && row.interval_count.parse() == Ok(recurring.interval_count)
                && recurring.usage_type == UsageType::from(row.usage_type.as_str())
        }
    };
    let tax = amounts.tax_behavior.as_ref().or(price.tax_behavior.as_ref());
    let is_tax = row.tax_behavior.is_empty() || tax == Some(&TaxBehavior::from(row.tax_behavior.as_str()));
    is_amount && is_rhythm && is_tax
}

fn described(row: &PriceExpected) -> String {
    let every = match (row.interval.as_str(), row.interval_count.as_str()) {
        ("", _) => "once".to_owned(),
        (interval, "1") => format!("every {interval}"),
        (interval, count) => format!("every {count} {interval}s"),
    };
    let metered = if row.usage_type == "metered" { ", metered" } else { "" };
    format!("{} minor units {} {every}{metered}", row.unit_amount, row.currency.to_uppercase())
}

#[cfg(test)]
mod tests {
    use countersign_domain::stripe::price::{Amounts, Interval, Recurring};

    use super::*;

    fn row() -> PriceExpected {
        PriceExpected {
            name: "Pro monthly".to_owned(),
            unit_amount: "2900".to_owned(),
            currency: "usd".to_owned(),
            interval: "month".to_owned(),
            interval_count: "1".to_owned(),
            usage_type: "licensed".to_owned(),
            tax_behavior: String::new(),
        }
    }

    fn product(is_active: bool) -> Product {
        Product { id: "prod_1".into(), name: "Pro".to_owned(), is_active, created_at: None }
    }

    fn price(id: &str) -> Price {
        Price {
            id: id.into(),
            product: Some("prod_1".into()),
            is_active: true,
            nickname: None,
            lookup_key: None,
            currency: Currency::USD,
            amounts: Amounts { unit_amount: Some(2900.into()), ..Amounts::default() },
            currency_options: BTreeMap::new(),
            recurring: Some(Recurring {
                interval: Interval::Month,
                interval_count: 1,
                usage_type: UsageType::Licensed,
                meter: None,
            }),
            tiers_mode: None,
            transform_quantity: None,
            tax_behavior: None,
            created_at: None,
        }
    }

    #[test]
    fn a_row_is_sold_exactly_once_on_an_active_product() {
        let cheaper = Amounts { unit_amount: Some(2800.into()), ..Amounts::default() };
        let cases = [
            (vec![price("price_1")], true, Outcome::Pass),
            (vec![], true, Outcome::Fail),
            (vec![price("price_1")], false, Outcome::Fail),
            (vec![price("price_1"), price("price_2")], true, Outcome::Fail),
            (vec![Price { is_active: false, ..price("price_1") }], true, Outcome::Fail),
            (vec![Price { amounts: cheaper, ..price("price_1") }], true, Outcome::Fail),
            (vec![Price { recurring: None, ..price("price_1") }], true, Outcome::Fail),
            (vec![price("price_1"), Price { is_active: false, ..price("price_2") }], true, Outcome::Pass),
        ];
        for (prices, is_active, outcome) in cases {
            assert_eq!(judge(&[row()], &[product(is_active)], &prices).outcome, outcome, "{prices:?}");
        }
    }

    #[test]
    fn without_a_list_nothing_is_proved() {
        assert_eq!(judge(&[], &[product(true)], &[price("price_1")]).outcome, Outcome::Warn);
    }

    #[test]
    fn tax_behaviour_counts_where_the_list_names_it() {
        let inclusive = PriceExpected { tax_behavior: "inclusive".to_owned(), ..row() };
        assert_eq!(judge(std::slice::from_ref(&inclusive), &[product(true)], &[price("p")]).outcome, Outcome::Fail);
        let taxed = Price { tax_behavior: Some(TaxBehavior::Inclusive), ..price("p") };
        assert_eq!(judge(&[inclusive], &[product(true)], &[taxed]).outcome, Outcome::Pass);
    }
}
