//! Who signs up: what they buy, how they pay, and what becomes of them.
//!
//! Most people are drawn at random. A small cast has parts written for it, so that every situation the product must
//! show is there in every company, however small.

use super::subscribing::{Given, Order};
use crate::random::Random;
use crate::world::customer::Wallet;
use crate::world::price_list::{JCT_EXCLUSIVE, Listed, METERED, Offer, REGIONS, VAT_INCLUSIVE, region};
use crate::world::{Currency, Customer, No, Price};

/// What is bought first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Plan {
    /// Uses the application without paying.
    #[default]
    Free,
    ProMonthly,
    ProYearly,
    ProWeekly,
    ProOld,
    Team,
    Enterprise,
}

impl Plan {
    /// The application's word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::ProMonthly | Self::ProYearly | Self::ProWeekly | Self::ProOld => "pro",
            Self::Team => "team",
            Self::Enterprise => "enterprise",
        }
    }

    /// The price of it in a currency; plans that are not sold in one are sold as the nearest that is.
    pub(crate) fn price(self, currency: Currency) -> Listed {
        match (self, currency) {
            (Self::Free | Self::ProMonthly, Currency::Usd | Currency::Eur) => Listed::ProMonthly,
            (Self::ProYearly, Currency::Usd) => Listed::ProYearly,
            (Self::ProYearly, Currency::Eur) => Listed::ProYearlyEur,
            (Self::ProWeekly, Currency::Usd) => Listed::ProWeekly,
            (Self::ProOld, Currency::Usd) => Listed::ProMonthlyOld,
            (Self::ProWeekly | Self::ProOld, Currency::Eur) => Listed::ProMonthly,
            (Self::Team, Currency::Usd) => Listed::TeamMonthly,
            (Self::Team, Currency::Eur) => Listed::TeamMonthlyEur,
            (Self::Enterprise, Currency::Usd) => Listed::EnterpriseMonthly,
            (Self::Enterprise, Currency::Eur) => Listed::EnterpriseMonthlyEur,
            (Self::Enterprise, Currency::Jpy) => Listed::EnterpriseMonthlyJpy,
            (_, Currency::Jpy) => Listed::ProMonthlyJpy,
        }
    }
}

/// What becomes of someone with a written part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Part {
    /// Lives by chance.
    #[default]
    Chance,
    /// Pays and stays.
    Steady,
    InTrial,
    Incomplete,
    Expired,
    PastDue,
    Unpaid,
    TrialPaused,
    PausedOnRequest,
    PausedVoid,
    PausedDraft,
    Leaving,
    LeavingAt,
    LeftByDunning,
    CameBack,
    Deleted,
    ManualDraft,
    DeletedDraft,
    Voided,
    OffStripe,
    Refunded,
    PartlyRefunded,
    Disputed,
    Blocked,
    BankDebit,
    Downgraded,
    MoreSeats,
    ManyLines,
    Backdated,
    BackdatedUnbilled,
    Renewing,
}

/// One person or company, before it signs up.
#[derive(Debug, Clone)]
pub(crate) struct Persona {
    pub(crate) part: Part,
    pub(crate) currency: Currency,
    pub(crate) country: &'static str,
    pub(crate) plan: Plan,
    pub(crate) seats: u32,
    /// How many metered prices are added.
    pub(crate) meters: usize,
    pub(crate) regions: u32,
    pub(crate) has_support: bool,
    /// Gigabytes of storage added.
    pub(crate) storage: u32,
    pub(crate) has_trial: bool,
    pub(crate) has_own_price: bool,
    pub(crate) offer: Option<(Offer, Given)>,
    pub(crate) wallet: Wallet,
    pub(crate) days_until_due: Option<u32>,
}

/// The written parts: a part, and what it needs to differ from someone drawn.
type Casting = (Part, fn(&mut Persona));

const CAST: &[Casting] = &[
    (Part::Steady, |p| p.offer = Some((Offer::Launch, Given::Subscription))),
    (Part::PastDue, |_| {}),
    (Part::Unpaid, |_| {}),
    (Part::InTrial, |p| p.has_trial = true),
    (Part::Incomplete, |_| {}),
    (Part::Expired, |_| {}),
    (Part::TrialPaused, |p| (p.has_trial, p.wallet) = (true, Wallet::Empty)),
    (Part::PausedOnRequest, |_| {}),
    (Part::PausedVoid, |_| {}),
    (Part::PausedDraft, |_| {}),
    (Part::Leaving, |p| p.plan = Plan::Enterprise),
    (Part::LeavingAt, |_| {}),
    (Part::LeftByDunning, |_| {}),
    (Part::CameBack, |_| {}),
    (Part::Deleted, |_| {}),
    (Part::ManualDraft, |p| p.plan = Plan::Enterprise),
    (Part::DeletedDraft, |p| p.plan = Plan::Enterprise),
    (Part::Voided, |p| p.plan = Plan::Enterprise),
    (Part::OffStripe, |p| (p.plan, p.days_until_due) = (Plan::Enterprise, Some(30))),
    (Part::Refunded, |_| {}),
    (Part::PartlyRefunded, |_| {}),
    (Part::Disputed, |_| {}),
    (Part::Blocked, |_| {}),
    (Part::BankDebit, |p| p.wallet = Wallet::Bank { last4: 6789 }),
    (Part::Downgraded, |p| p.plan = Plan::Enterprise),
    (Part::MoreSeats, |p| (p.plan, p.seats) = (Plan::Team, 4)),
    (Part::ManyLines, |p| (p.plan, p.meters, p.regions) = (Plan::Enterprise, METERED.len(), REGIONS)),
    (Part::Backdated, |_| {}),
    (Part::BackdatedUnbilled, |_| {}),
    (Part::Renewing, |_| {}),
    (Part::Steady, |p| p.offer = Some((Offer::Partner, Given::Subscription))),
    (Part::Steady, |p| p.offer = Some((Offer::FiveOff, Given::Subscription))),
    (Part::Steady, |p| p.offer = Some((Offer::Loyal, Given::Customer))),
    (Part::Steady, |p| (p.plan, p.offer) = (Plan::Enterprise, Some((Offer::EnterpriseEighth, Given::FirstItem)))),
    (Part::Steady, |p| (p.plan, p.has_support) = (Plan::Enterprise, true)),
    (Part::Steady, |p| (p.plan, p.has_own_price) = (Plan::Enterprise, true)),
    (Part::Steady, |p| p.plan = Plan::ProOld),
    (Part::Steady, |p| p.plan = Plan::ProWeekly),
    (Part::Steady, |p| p.storage = 25),
    (Part::Steady, |p| (p.currency, p.country, p.plan) = (Currency::Eur, "DE", Plan::ProYearly)),
    (Part::Steady, |p| (p.currency, p.country, p.plan, p.seats) = (Currency::Eur, "FR", Plan::Team, 12)),
    (Part::Steady, |p| (p.currency, p.country, p.plan) = (Currency::Eur, "IE", Plan::ProMonthly)),
    (Part::Steady, |p| (p.currency, p.country) = (Currency::Jpy, "JP")),
];

impl Persona {
    /// Draws someone for place `place` of `customers`; the cast is spread evenly over the company.
    pub(crate) fn drawn(random: &mut Random, place: u32, customers: u32) -> Self {
        let mut persona = Self::by_chance(random);
        let cast = u32::try_from(CAST.len()).unwrap_or(u32::MAX);
        let step = (customers / cast).max(1);
        let role = (place % step == step / 2).then_some(place / step).and_then(|role| usize::try_from(role).ok());
        if let Some((part, alter)) = role.and_then(|role| CAST.get(role)) {
            persona = Self { part: *part, ..Self::plain() };
            persona.wallet = Self::card(random);
            alter(&mut persona);
        }
        persona
    }

    /// Draws someone who signs up while the company lives: nobody with a written part, nobody on trial.
    pub(crate) fn newcomer(random: &mut Random) -> Self {
        Self { has_trial: false, has_own_price: false, ..Self::by_chance(random) }
    }

    fn plain() -> Self {
        Self {
            part: Part::Chance,
            currency: Currency::Usd,
            country: "US",
            plan: Plan::ProMonthly,
            seats: 1,
            meters: 0,
            regions: 0,
            has_support: false,
            storage: 0,
            has_trial: false,
            has_own_price: false,
            offer: None,
            wallet: Wallet::Empty,
            days_until_due: None,
        }
    }

    fn card(random: &mut Random) -> Wallet {
        let brand = random.weighted(&[(55, "visa"), (35, "mastercard"), (10, "amex")]);
        Wallet::Card { brand, last4: u16::try_from(random.below(10_000)).unwrap_or(0) }
    }

    fn by_chance(random: &mut Random) -> Self {
        const HOMES: &[(u64, (&str, Currency))] = &[
            (48, ("US", Currency::Usd)),
            (7, ("GB", Currency::Usd)),
            (6, ("CA", Currency::Usd)),
            (5, ("IN", Currency::Usd)),
            (4, ("BR", Currency::Usd)),
            (9, ("DE", Currency::Eur)),
            (6, ("FR", Currency::Eur)),
            (4, ("ES", Currency::Eur)),
            (3, ("IE", Currency::Eur)),
            (8, ("JP", Currency::Jpy)),
        ];
        const PLANS: &[(u64, Plan)] = &[
            (15, Plan::Free),
            (48, Plan::ProMonthly),
            (14, Plan::ProYearly),
            (4, Plan::ProWeekly),
            (2, Plan::ProOld),
            (9, Plan::Team),
            (8, Plan::Enterprise),
        ];
        const OFFERS: &[(u64, Option<Offer>)] = &[
            (780, None),
            (80, Some(Offer::Welcome)),
            (40, Some(Offer::Loyal)),
            (50, Some(Offer::Spring)),
            (5, Some(Offer::Partner)),
            (25, Some(Offer::FiveOff)),
            (20, Some(Offer::Launch)),
        ];
        let (country, currency) = random.weighted(HOMES);
        let plan = random.weighted(PLANS);
        let (is_team, is_enterprise) = (plan == Plan::Team, plan == Plan::Enterprise);
        let has_meters = currency == Currency::Usd && random.chance(if is_enterprise { 500 } else { 120 });
        let offer = random.weighted(OFFERS);
        // A fixed amount is only ever taken off a single agreed price; how it spreads over more is not told here.
        let has_meters =
            has_meters && offer != Some(Offer::FiveOff) && plan != Plan::ProYearly && plan != Plan::ProWeekly;
        let by_code = Given::ByCode(No::new(0));
        Self {
            part: Part::Chance,
            currency,
            country,
            plan,
            seats: if is_team { u32::try_from(random.between(2, 30)).unwrap_or(2) } else { 1 },
            meters: if has_meters { usize::try_from(random.between(1, 5)).unwrap_or(1) } else { 0 },
            regions: if is_enterprise && has_meters && random.chance(200) { 2 } else { 0 },
            has_support: is_enterprise && currency == Currency::Usd && offer.is_none() && random.chance(80),
            storage: 0,
            has_trial: !is_enterprise && random.chance(550),
            has_own_price: is_enterprise && currency == Currency::Usd && random.chance(60),
            offer: offer.map(|offer| (offer, if offer == Offer::Welcome { by_code } else { Given::Subscription })),
            wallet: Self::card(random),
            days_until_due: (is_enterprise && random.chance(250)).then_some(30),
        }
    }

    /// What it signs up for. An own price is made by the caller, because it becomes part of the catalogue.
    pub(crate) fn order(&self, customer: No<Customer>, own_price: Option<No<Price>>) -> Order {
        let listed = self.plan.price(self.currency);
        let mut items = vec![(own_price.unwrap_or(listed.no()), Some(self.seats))];
        items.extend(METERED.iter().take(self.meters).map(|metered| (metered.no(), None)));
        items.extend((0..self.regions).map(|number| (region(number), Some(1))));
        items.extend(self.has_support.then_some((Listed::SupportYearly.no(), Some(1))));
        items.extend((self.storage > 0).then_some((Listed::StorageMonthly.no(), Some(self.storage))));
        Order {
            customer,
            currency: self.currency,
            plan: self.plan.word(),
            items,
            trial_days: if self.has_trial { 14 } else { 0 },
            backdated: None,
            days_until_due: self.days_until_due,
            tax: match listed {
                Listed::ProYearlyEur | Listed::TeamMonthlyEur => Some(VAT_INCLUSIVE),
                Listed::ProMonthlyJpy | Listed::EnterpriseMonthlyJpy => Some(JCT_EXCLUSIVE),
                _ => None,
            },
            discount: self.offer.map(|(offer, given)| (offer.no(), given)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_part_is_cast_however_small_the_company() {
        for customers in [CAST.len(), 100, 4_000] {
            let mut random = Random::new(1, 1);
            let customers = u32::try_from(customers).unwrap();
            let cast = (0..customers)
                .map(|place| Persona::drawn(&mut random, place, customers))
                .filter(|persona| persona.part != Part::Chance)
                .count();
            assert_eq!(cast, CAST.len(), "{customers} customers");
        }
    }
}
