//! Stripe's objects as this program understands them, whatever rendering they came in.
//!
//! One file per object. Wire shapes are private to `sources/stripe`; rows are private to `store/mirror`. Fields that no
//! screen, figure or check uses are not here: they stay in the raw text that the mirror keeps beside the record.

pub mod account;
pub mod charge;
pub mod coupon;
pub mod customer;
pub mod event;
pub mod invoice;
pub mod invoice_payment;
pub mod price;
pub mod product;
pub mod subscription;
pub mod webhook_endpoint;

pub use account::Account;
pub use charge::Charge;
pub use coupon::{Coupon, Discount};
pub use customer::Customer;
pub use event::Event;
pub use invoice::{Invoice, InvoiceLine};
pub use invoice_payment::InvoicePayment;
pub use price::Price;
pub use product::Product;
pub use subscription::{Subscription, SubscriptionItem};
pub use webhook_endpoint::WebhookEndpoint;

use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator;

/// The API version every request asks for. Bumped on purpose, never by the account's default.
pub const API_VERSION: &str = "2026-10-28.endive";

/// Every kind of object that is mirrored, in the order in which a first sync reads them.
///
/// Matches over it are exhaustive on purpose: a new kind makes the compiler name the floors that miss it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::AsRefStr,
    strum::EnumString,
    strum::Display,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ObjectKind {
    /// The account of the key; one row.
    Account,
    /// Webhook endpoints; few, read whole each time.
    WebhookEndpoint,
    /// Products, active or not.
    Product,
    /// Prices, active or not, with tiers and currency options.
    Price,
    /// Coupons, with what they apply to.
    Coupon,
    /// Customers.
    Customer,
    /// Subscriptions of every status, with items and discounts.
    Subscription,
    /// Invoices with all their lines.
    Invoice,
    /// Payments of invoices: the join between invoices and charges.
    InvoicePayment,
    /// Charges: one row per attempt.
    Charge,
    /// Event headers with delivery status.
    Event,
}

impl ObjectKind {
    /// Lists every kind, in the order of a first sync.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }
}

/// Test or live, as an object or a key says of itself.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::Display,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Mode {
    /// Test mode or a sandbox.
    Test,
    /// Real money.
    Live,
}

impl Mode {
    /// Reads Stripe's `livemode`.
    #[must_use]
    pub fn of_livemode(livemode: bool) -> Self {
        if livemode { Self::Live } else { Self::Test }
    }
}
