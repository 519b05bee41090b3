//! The format of a case file, as it stands on disk. Objects stay JSON: the readers of `sources` understand them.

use countersign_domain::metrics::{DiscountRule, Settings};
use countersign_domain::money::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(super) struct CaseFile {
    pub format: u32,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
pub(super) struct Case {
    pub id: String,
    pub as_of: i64,
    #[serde(default = "utc")]
    pub timezone: String,
    pub settings: Option<SettingsWire>,
    pub period: Option<PeriodWire>,
    #[serde(default)]
    pub objects: Objects,
    #[serde(default)]
    pub snapshots: Vec<Snapshot>,
    #[serde(default)]
    pub fx: Vec<FxWire>,
    #[serde(default)]
    pub database: Database,
    pub expected: Vec<Expected>,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// Settings that a case or one expectation names; what is not named keeps its default.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsWire {
    pub reporting_currency: Option<Currency>,
    pub count_past_due: Option<bool>,
    pub discounts: Option<DiscountRule>,
}

impl SettingsWire {
    pub(super) fn overridden_by(self, over: Self) -> Self {
        Self {
            reporting_currency: over.reporting_currency.or(self.reporting_currency),
            count_past_due: over.count_past_due.or(self.count_past_due),
            discounts: over.discounts.or(self.discounts),
        }
    }

    pub(super) fn method(self) -> Settings {
        let default = Settings::default();
        Settings {
            count_past_due: self.count_past_due.unwrap_or(default.count_past_due),
            discounts: self.discounts.unwrap_or(default.discounts),
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
pub(super) struct PeriodWire {
    pub start: i64,
    pub end: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Objects {
    pub customers: Vec<Value>,
    pub subscriptions: Vec<Value>,
    pub prices: Vec<Value>,
    pub coupons: Vec<Value>,
    pub invoices: Vec<Value>,
    pub charges: Vec<Value>,
    pub payment_intents: Vec<IntentWire>,
    pub disputes: Vec<DisputeWire>,
    pub balance_transactions: Vec<BalanceWire>,
    pub events: Vec<EventWire>,
    pub meter_event_summaries: Vec<MeterWire>,
}

#[derive(Deserialize)]
pub(super) struct Snapshot {
    pub at: i64,
    pub subscriptions: Vec<Value>,
}

#[derive(Deserialize)]
pub(super) struct FxWire {
    pub date: String,
    pub base: String,
    pub quote: String,
    pub rate: Decimal,
}

#[derive(Deserialize)]
pub(super) struct IntentWire {
    pub id: String,
    pub created: i64,
    pub currency: String,
    pub amount: i64,
    pub last_payment_error: Option<IntentErrorWire>,
}

#[derive(Deserialize)]
pub(super) struct IntentErrorWire {
    pub decline_code: Option<String>,
    pub code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct DisputeWire {
    pub charge: String,
    pub created: i64,
    pub status: String,
}

#[derive(Deserialize)]
pub(super) struct BalanceWire {
    pub created: i64,
    pub currency: String,
    pub amount: i64,
    pub fee: i64,
    pub net: i64,
    pub reporting_category: String,
}

#[derive(Deserialize)]
pub(super) struct EventWire {
    pub id: String,
    pub created: i64,
    /// Stands for the answer of the list filtered by delivery.
    #[serde(rename = "_delivery_success")]
    pub is_delivered: Option<bool>,
    #[serde(default)]
    pub pending_webhooks: u32,
}

#[derive(Deserialize)]
pub(super) struct MeterWire {
    pub customer: String,
    pub meter: String,
    pub aggregated_value: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Database {
    pub invoices: Vec<InvoiceRowWire>,
    pub webhook_events: Option<Vec<EventRowWire>>,
    pub usage: Vec<UsageRowWire>,
}

#[derive(Deserialize)]
pub(super) struct InvoiceRowWire {
    pub stripe_invoice_id: Option<String>,
    pub amount_paid: Option<i64>,
    pub currency: Option<String>,
    pub status: String,
    pub paid_at: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct EventRowWire {
    pub event_id: String,
    pub status: String,
}

#[derive(Deserialize)]
pub(super) struct UsageRowWire {
    pub customer: String,
    pub meter: String,
    pub quantity: Value,
    pub ts: i64,
}

#[derive(Deserialize)]
pub(super) struct Expected {
    pub metric: String,
    #[serde(default)]
    pub args: Args,
    pub settings: Option<SettingsWire>,
    pub values: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Args {
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub instants: Option<Vec<i64>>,
    pub months: Option<Vec<String>>,
    pub month: Option<String>,
    pub window: Option<Vec<String>>,
}
