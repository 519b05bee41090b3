//! The company's catalogue: products, prices, meters, coupons, tax rates.
//!
//! The first seven prices are the price list that the rollout checklist checks; the others are what a catalogue
//! gathers over the years. A listed price is known by its word here, and the word's place is its number.

use super::coupon::{Duration, Off};
use super::price::{Scheme, Tier, Usage};
use super::{Coupon, Currency, Meter, No, Price, Product, PromotionCode, TaxRate, World};
use crate::calendar::{DAY, Interval};

/// The products, in the order of their numbers.
#[derive(Debug, Clone, Copy)]
#[repr(u32)]
pub(crate) enum Sold {
    Pro,
    Enterprise,
    Team,
    AiTokens,
    PreviewMinutes,
    SandboxRuns,
    Deployments,
    Region,
    Support,
    Storage,
    Onboarding,
    Starter,
}

const PRODUCTS: &[(&str, Option<&str>, bool)] = &[
    ("Pro", None, true),
    ("Enterprise", None, true),
    ("Team", Some("seat"), true),
    ("AI tokens", Some("token"), true),
    ("Preview minutes", Some("minute"), true),
    ("Sandbox runs", Some("run"), true),
    ("Deployments", Some("deployment"), true),
    ("Dedicated region", None, true),
    ("Priority support", None, true),
    ("Build storage", Some("GB"), true),
    ("Onboarding", None, true),
    ("Starter", None, false),
];

/// The meters, by event name.
const METERS: &[(&str, &str)] = &[
    ("ai_tokens", "AI tokens"),
    ("preview_minutes", "Preview minutes"),
    ("sandbox_runs", "Sandbox runs"),
    ("deployments", "Deployments"),
];

/// The listed prices, in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u32)]
pub(crate) enum Listed {
    #[default]
    ProMonthly,
    ProYearly,
    EnterpriseMonthly,
    AiTokens,
    PreviewMinutes,
    SandboxRuns,
    Deployments,
    ProWeekly,
    ProYearlyEur,
    ProMonthlyJpy,
    EnterpriseMonthlyEur,
    EnterpriseMonthlyJpy,
    TeamMonthly,
    TeamMonthlyEur,
    SupportYearly,
    StorageMonthly,
    Onboarding,
    ProMonthlyOld,
    StarterMonthly,
}

impl Listed {
    /// The number of the price.
    pub(crate) const fn no(self) -> No<Price> {
        No::new(self as u32)
    }
}

/// How many regions can be added to a subscription, each a price of its own.
pub(crate) const REGIONS: u32 = 8;

/// Gives the price of a region, `0..REGIONS`.
pub(crate) const fn region(region: u32) -> No<Price> {
    No::new(Listed::StarterMonthly as u32 + 1 + region)
}

/// Gives the metered price of each meter.
pub(crate) const METERED: [Listed; 4] =
    [Listed::AiTokens, Listed::PreviewMinutes, Listed::SandboxRuns, Listed::Deployments];

const TEAM: &[Tier] = &[
    Tier { up_to: Some(5), unit: 0, flat: 4_900 },
    Tier { up_to: Some(20), unit: 800, flat: 0 },
    Tier { up_to: None, unit: 600, flat: 0 },
];
const TEAM_EUR: &[Tier] = &[
    Tier { up_to: Some(10), unit: 1_100, flat: 0 },
    Tier { up_to: Some(50), unit: 900, flat: 0 },
    Tier { up_to: None, unit: 700, flat: 0 },
];

/// The coupons, in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u32)]
pub(crate) enum Offer {
    #[default]
    Welcome,
    Loyal,
    Spring,
    Partner,
    FiveOff,
    EnterpriseEighth,
    Launch,
}

impl Offer {
    /// The number of the coupon.
    pub(crate) const fn no(self) -> No<Coupon> {
        No::new(self as u32)
    }
}

/// The German rate, inside the price.
pub(crate) const VAT_INCLUSIVE: No<TaxRate> = No::new(0);
/// The Japanese rate, on top of the price.
pub(crate) const JCT_EXCLUSIVE: No<TaxRate> = No::new(1);

impl World {
    /// Fills the catalogue. Everything in it is older than the first customer.
    pub(crate) fn stock(&mut self) {
        let founded = self.starts_at - 400 * DAY;
        for (name, unit_label, is_active) in PRODUCTS {
            self.put(Product {
                name,
                description: None,
                unit_label: *unit_label,
                is_active: *is_active,
                default_price: None,
                created: founded,
                updated: founded,
            });
        }
        for (event_name, display_name) in METERS {
            self.put(Meter { event_name, display_name, created: founded });
        }
        self.stock_prices(founded);
        for (product, price) in [(Sold::Pro, Listed::ProMonthly), (Sold::Enterprise, Listed::EnterpriseMonthly)] {
            self.touch(No::<Product>::new(product as u32), |product| product.default_price = Some(price.no()));
        }
        self.stock_coupons(founded);
        self.put(TaxRate {
            display_name: "VAT",
            country: "DE",
            percentage: 19,
            is_inclusive: true,
            tax_type: "vat",
            created: founded,
        });
        self.put(TaxRate {
            display_name: "JCT",
            country: "JP",
            percentage: 10,
            is_inclusive: false,
            tax_type: "jct",
            created: founded,
        });
    }

    fn stock_prices(&mut self, founded: i64) {
        use Currency::{Eur, Jpy, Usd};
        use Interval::{Month, Week, Year};
        use Scheme::{Graduated, Packet, Unit, Volume};
        let meter = |number| Usage::Metered(No::new(number));
        let licensed = Usage::Licensed;
        let options: &'static [(Currency, i64)] = &[(Eur, 2_700)];
        let list = [
            (Sold::Pro, "Pro monthly", Some("pro_monthly"), Usd, Unit(2_900), Month, licensed),
            (Sold::Pro, "Pro yearly", Some("pro_yearly"), Usd, Unit(29_000), Year, licensed),
            (Sold::Enterprise, "Enterprise monthly", Some("enterprise_monthly"), Usd, Unit(9_900), Month, licensed),
            (Sold::AiTokens, "AI tokens", Some("ai_tokens"), Usd, Unit(1), Month, meter(0)),
            (Sold::PreviewMinutes, "Preview minutes", Some("preview_minutes"), Usd, Unit(10), Month, meter(1)),
            (Sold::SandboxRuns, "Sandbox runs", Some("sandbox_runs"), Usd, Unit(50), Month, meter(2)),
            (Sold::Deployments, "Deployments", Some("deployments"), Usd, Unit(200), Month, meter(3)),
            (Sold::Pro, "Pro weekly", Some("pro_weekly"), Usd, Unit(900), Week, licensed),
            (Sold::Pro, "Pro yearly EUR", Some("pro_yearly_eur"), Eur, Unit(29_000), Year, licensed),
            (Sold::Pro, "Pro monthly JPY", Some("pro_monthly_jpy"), Jpy, Unit(4_300), Month, licensed),
            (Sold::Enterprise, "Enterprise monthly EUR", None, Eur, Unit(9_400), Month, licensed),
            (Sold::Enterprise, "Enterprise monthly JPY", None, Jpy, Unit(14_800), Month, licensed),
            (Sold::Team, "Team monthly", Some("team_monthly"), Usd, Graduated(TEAM), Month, licensed),
            (Sold::Team, "Team monthly EUR", Some("team_monthly_eur"), Eur, Volume(TEAM_EUR), Month, licensed),
            (Sold::Support, "Priority support yearly", None, Usd, Unit(60_000), Year, licensed),
            (Sold::Storage, "Build storage", None, Usd, Packet { size: 10, amount: 500 }, Month, licensed),
            (Sold::Onboarding, "Onboarding", None, Usd, Unit(50_000), Month, Usage::Once),
            (Sold::Pro, "Pro monthly (first price)", None, Usd, Unit(1_900), Month, licensed),
            (Sold::Starter, "Starter monthly", None, Usd, Unit(900), Month, licensed),
        ];
        let regions = ["Oregon", "Ohio", "Frankfurt", "Dublin", "Tokyo", "Singapore", "Sydney", "São Paulo"];
        let regions = regions.map(|name| (Sold::Region, name, None, Usd, Unit(1_500), Month, licensed));
        let prices = (founded..).step_by(60).zip(list.into_iter().chain(regions));
        for (created, (sold, nickname, lookup_key, currency, scheme, interval, usage)) in prices {
            let is_pro_monthly = lookup_key == Some("pro_monthly");
            let is_retired = nickname == "Pro monthly (first price)" || nickname == "Starter monthly";
            self.put(Price {
                product: No::new(sold as u32),
                nickname,
                lookup_key,
                currency,
                scheme,
                options: if is_pro_monthly { options } else { &[] },
                interval,
                usage,
                is_tax_inclusive: matches!(lookup_key, Some("pro_yearly_eur" | "team_monthly_eur")),
                is_active: !is_retired,
                is_inline: false,
                created,
            });
        }
    }

    fn stock_coupons(&mut self, founded: i64) {
        const FIVE: &[(Currency, i64)] = &[(Currency::Eur, 450), (Currency::Jpy, 700)];
        let list = [
            ("WELCOME50", "Welcome", Off::Percent(5_000), Duration::Once),
            ("LOYAL20", "Loyal customer", Off::Percent(2_000), Duration::Forever),
            ("SPRING25", "Spring", Off::Percent(2_500), Duration::Months(3)),
            ("PARTNER100", "Partner", Off::Percent(10_000), Duration::Forever),
            ("FIVEOFF", "Five off", Off::Amount(500, FIVE), Duration::Months(6)),
            ("ENT125", "Enterprise eighth", Off::Percent(1_250), Duration::Forever),
            ("LAUNCH20", "Launch", Off::Percent(2_000), Duration::Forever),
        ];
        for (code, name, off, duration) in list {
            let product = (code == "ENT125").then_some(No::new(Sold::Enterprise as u32));
            let coupon =
                Coupon { code, name, off, duration, product, redeemed: 0, created: founded, is_deleted: false };
            self.put(coupon);
        }
        for (code, offer) in [("HELLO", Offer::Welcome), ("SPRING", Offer::Spring)] {
            self.put(PromotionCode { code, coupon: offer.no(), redeemed: 0, created: founded });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::WorldOptions;
    use crate::world::Object;

    #[test]
    fn words_and_numbers_mean_the_same() {
        let mut world = World::empty(&WorldOptions::at("2026-11-20T12:00:00Z".parse().unwrap()));
        world.stock();
        let nickname = |no: No<Price>| world.get(no).map(|price| price.nickname);
        for (no, name) in [
            (Listed::ProMonthly.no(), "Pro monthly"),
            (Listed::Deployments.no(), "Deployments"),
            (Listed::TeamMonthlyEur.no(), "Team monthly EUR"),
            (Listed::Onboarding.no(), "Onboarding"),
            (Listed::StarterMonthly.no(), "Starter monthly"),
            (region(0), "Oregon"),
            (region(REGIONS - 1), "São Paulo"),
        ] {
            assert_eq!(nickname(no), Some(name));
        }
        let product = |sold: Sold| world.get(No::<Product>::new(sold as u32)).map(|product| product.name);
        assert_eq!((product(Sold::Pro), product(Sold::Starter)), (Some("Pro"), Some("Starter")));
        assert_eq!(Coupon::id_of(Offer::Launch.no(), &world), "LAUNCH20");
        assert!(world.get(VAT_INCLUSIVE).is_some_and(|rate| rate.is_inclusive));
        assert!(world.get(JCT_EXCLUSIVE).is_some_and(|rate| !rate.is_inclusive));
    }
}
