//! What makes it cheaper: coupons, the discounts given with them, and the codes that give them.
//!
//! A discount has no list of its own in Stripe's API; it is shown inside what it was given to. A coupon deleted since
//! lives on inside the discounts that were given with it.

use serde_json::{Map, Value, json};

use super::subscription::Item;
use super::{Currency, Customer, Named, No, Object, Product, Subscription, World, kept_in};
use crate::calendar::Interval;

/// What a coupon takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Off {
    /// Hundredths of a percent.
    Percent(u32),
    /// Minor units of US dollars, and what it is in further currencies.
    Amount(i64, &'static [(Currency, i64)]),
}

/// How long a coupon lasts once given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duration {
    Once,
    Months(u32),
    Forever,
}

/// A coupon.
#[derive(Debug, Clone)]
pub(crate) struct Coupon {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) off: Off,
    pub(crate) duration: Duration,
    /// The one product it is good for.
    pub(crate) product: Option<No<Product>>,
    pub(crate) redeemed: u32,
    pub(crate) created: i64,
    pub(crate) is_deleted: bool,
}

impl Coupon {
    /// Gives the fixed amount it takes off in a currency.
    pub(crate) fn amount_in(&self, currency: Currency) -> Option<i64> {
        match self.off {
            Off::Percent(_) => None,
            Off::Amount(amount, _) if currency == Currency::Usd => Some(amount),
            Off::Amount(_, options) => options.iter().find(|(option, _)| *option == currency).map(|(_, off)| *off),
        }
    }

    /// When a discount given at `start` ends by itself.
    pub(crate) fn end_of(&self, start: i64) -> Option<i64> {
        match self.duration {
            Duration::Months(months) => Some(Interval::Month.after(start, months)),
            Duration::Once | Duration::Forever => None,
        }
    }

    /// Renders what it is good for; `None` for a coupon good for everything.
    pub(crate) fn applies_to_json(&self, world: &World) -> Option<Value> {
        self.product.map(|product| json!({ "products": [world.id(product)] }))
    }

    /// Renders its amounts in further currencies; `None` for a percentage.
    pub(crate) fn currency_options_json(&self) -> Option<Value> {
        let Off::Amount(_, options) = self.off else { return None };
        let options = options.iter().map(|(currency, off)| (currency.code().to_owned(), json!({ "amount_off": off })));
        Some(Value::Object(options.collect::<Map<_, _>>()))
    }
}

impl Named for Coupon {
    const PREFIX: &'static str = "";
    const LENGTH: usize = 8;
}

impl Object for Coupon {
    const WORD: &'static str = "coupon";
    kept_in!(coupons);

    fn created(&self) -> i64 {
        self.created
    }

    fn id_of(no: No<Self>, world: &World) -> String {
        world.get(no).map(|coupon| coupon.code.to_owned()).unwrap_or_default()
    }

    fn number_of(id: &str, world: &World) -> Option<No<Self>> {
        world.tables.coupons.iter().find(|(_, coupon)| coupon.code == id).map(|(no, _)| no)
    }

    fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    fn json(&self, _: No<Self>, _: &World) -> Value {
        let percent = match self.off {
            Off::Percent(hundredths) => Some(f64::from(hundredths) / 100.0),
            Off::Amount(..) => None,
        };
        json!({
            "id": self.code,
            "object": Self::WORD,
            "amount_off": self.amount_in(Currency::Usd),
            "created": self.created,
            "currency": percent.is_none().then_some("usd"),
            "duration": match self.duration {
                Duration::Once => "once",
                Duration::Months(_) => "repeating",
                Duration::Forever => "forever",
            },
            "duration_in_months": match self.duration { Duration::Months(months) => Some(months), _ => None },
            "livemode": false,
            "max_redemptions": null,
            "metadata": {},
            "name": self.name,
            "percent_off": percent,
            "redeem_by": null,
            "times_redeemed": self.redeemed,
            "valid": !self.is_deleted,
        })
    }
}

/// A coupon given to someone.
#[derive(Debug, Clone)]
pub(crate) struct Discount {
    pub(crate) coupon: No<Coupon>,
    pub(crate) customer: No<Customer>,
    pub(crate) subscription: Option<No<Subscription>>,
    pub(crate) item: Option<No<Item>>,
    pub(crate) promotion: Option<No<PromotionCode>>,
    pub(crate) start: i64,
    pub(crate) end: Option<i64>,
    /// It was taken away, or used up.
    pub(crate) is_removed: bool,
}

impl Discount {
    /// Whether it is in force at an instant.
    pub(crate) fn is_in_force(&self, at: i64) -> bool {
        !self.is_removed && self.start <= at && self.end.is_none_or(|end| at < end)
    }
}

impl Named for Discount {
    const PREFIX: &'static str = "di_1";
    const LENGTH: usize = 23;
}

impl Object for Discount {
    const WORD: &'static str = "discount";
    kept_in!(discounts);

    fn created(&self) -> i64 {
        self.start
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let mut json = json!({
            "id": world.id(no),
            "object": Self::WORD,
            "checkout_session": null,
            "customer": world.id(self.customer),
            "customer_account": null,
            "end": self.end,
            "invoice": null,
            "invoice_item": null,
            "promotion_code": self.promotion.map(|code| world.id(code)),
            "source": { "coupon": Coupon::id_of(self.coupon, world), "type": "coupon" },
            "start": self.start,
            "subscription": self.subscription.map(|subscription| world.id(subscription)),
            "subscription_item": self.item.map(|item| world.id(item)),
        });
        if let (true, Some(fields)) = (self.is_removed, json.as_object_mut()) {
            fields.remove("end");
            fields.insert("deleted".to_owned(), Value::Bool(true));
        }
        json
    }
}

/// A code that customers type to get a coupon.
#[derive(Debug, Clone)]
pub(crate) struct PromotionCode {
    pub(crate) code: &'static str,
    pub(crate) coupon: No<Coupon>,
    pub(crate) redeemed: u32,
    pub(crate) created: i64,
}

impl Named for PromotionCode {
    const PREFIX: &'static str = "promo_1";
    const LENGTH: usize = 23;
}

impl Object for PromotionCode {
    const WORD: &'static str = "promotion_code";
    kept_in!(promotion_codes);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "active": true,
            "code": self.code,
            "created": self.created,
            "customer": null,
            "customer_account": null,
            "expires_at": null,
            "livemode": false,
            "max_redemptions": null,
            "metadata": {},
            "promotion": { "coupon": Coupon::id_of(self.coupon, world), "type": "coupon" },
            "restrictions": {
                "first_time_transaction": false,
                "minimum_amount": null,
                "minimum_amount_currency": null,
            },
            "times_redeemed": self.redeemed,
        })
    }
}
