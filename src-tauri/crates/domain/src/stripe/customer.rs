//! Who pays.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Discount;
use crate::Instant;
use crate::ids::CustomerId;
use crate::money::{Currency, Minor};

/// A customer. Name, mail and phone are personal data: masked before they leave `app`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// Name.
    pub name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Two-letter country of the address.
    pub country: Option<String>,
    /// Currency of its recurring billing.
    pub currency: Option<Currency>,
    /// Account balance; negative is credit the customer has.
    pub balance: Minor,
    /// Whether the latest invoice is unpaid. Not a substitute for a subscription's status.
    pub is_delinquent: bool,
    /// Discount of the customer, inherited by subscriptions that have none.
    pub discount: Option<Discount>,
    /// The merchant's own keys; values may be personal.
    pub metadata: BTreeMap<String, String>,
    /// Whether Stripe says it is gone. Its history stays.
    pub is_deleted: bool,
}
