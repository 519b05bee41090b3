//! What the workspace sells and how it reports: the reference that catalogue and endpoint checks compare with.

use serde::{Deserialize, Serialize};

use super::Exposure;

/// The workspace's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Workspace {
    /// Name of the billed product.
    pub name: String,
    /// IANA name of the reporting zone.
    pub zone: String,
    /// Reporting currency, lower case.
    pub currency: String,
    /// What must be sold, one row per price; an empty list expects nothing.
    pub prices: Vec<PriceExpected>,
    /// Event types an endpoint must select.
    pub events: Vec<String>,
    /// Exchange rates for converted figures.
    pub rates: Vec<ExchangeRate>,
    /// Whether past-due subscriptions count in MRR.
    pub count_past_due: bool,
    /// Which discounts lower MRR: `recurring`, `forever_only`, `all`, `none`.
    pub discounts: String,
    /// Who counts as exposed to a rollout; `null` measures no exposure.
    #[serde(default)]
    pub exposure: Option<Exposure>,
    /// Why one person may sign in two groups of a run; `null` where nobody may. It is part of each such statement.
    #[serde(default)]
    pub one_signer_reason: Option<String>,
}

/// A row of the price list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PriceExpected {
    /// What it is called.
    pub name: String,
    /// Amount of one unit. **Units**: minor units, a decimal string.
    pub unit_amount: String,
    /// Currency, lower case.
    pub currency: String,
    /// `day`, `week`, `month`, `year`; empty for a one-time price.
    pub interval: String,
    /// Intervals in one period, a decimal string.
    pub interval_count: String,
    /// `licensed` or `metered`.
    pub usage_type: String,
    /// `inclusive`, `exclusive`, or empty when it does not matter.
    #[serde(default)]
    pub tax_behavior: String,
}

/// An exchange rate of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRate {
    /// Local date, `2026-10-31`.
    pub date: String,
    /// One major unit of this …
    pub base: String,
    /// … is `rate` major units of this.
    pub quote: String,
    /// Decimal string.
    pub rate: String,
}

impl Workspace {
    /// Gives a workspace for DevFlowHub: its set-up price list and the event types its handler knows.
    #[must_use]
    pub fn devflowhub() -> Self {
        let licensed = |name: &str, unit_amount: &str, interval: &str| PriceExpected {
            name: name.to_owned(),
            unit_amount: unit_amount.to_owned(),
            currency: "usd".to_owned(),
            interval: interval.to_owned(),
            interval_count: "1".to_owned(),
            usage_type: "licensed".to_owned(),
            tax_behavior: String::new(),
        };
        let metered = |name: &str, unit_amount: &str| PriceExpected {
            usage_type: "metered".to_owned(),
            ..licensed(name, unit_amount, "month")
        };
        Self {
            name: "DevFlowHub".to_owned(),
            zone: "UTC".to_owned(),
            currency: "usd".to_owned(),
            prices: vec![
                licensed("Pro monthly", "2900", "month"),
                licensed("Pro yearly", "29000", "year"),
                licensed("Enterprise monthly", "9900", "month"),
                metered("AI tokens", "1"),
                metered("Preview minutes", "10"),
                metered("Sandbox runs", "50"),
                metered("Deployments", "200"),
            ],
            events: [
                "checkout.session.completed",
                "customer.subscription.created",
                "customer.subscription.updated",
                "customer.subscription.deleted",
                "invoice.payment_succeeded",
                "invoice.payment_failed",
                "customer.subscription.trial_will_end",
            ]
            .map(str::to_owned)
            .to_vec(),
            rates: Vec::new(),
            count_past_due: true,
            discounts: "recurring".to_owned(),
            exposure: None,
            one_signer_reason: None,
        }
    }
}
