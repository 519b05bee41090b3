//! The account a key belongs to.

use serde::{Deserialize, Serialize};

use crate::ids::AccountId;
use crate::money::Currency;

/// What the account says of itself. It has no mode: the same account answers to test and live keys.
///
/// **Source**: `GET /v1/account`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Name shown to people: business profile, else dashboard name, else none.
    pub name: Option<String>,
    /// Two-letter country.
    pub country: Option<String>,
    /// Default settlement currency.
    pub default_currency: Option<Currency>,
    /// Whether charges can be made.
    pub charges_enabled: bool,
    /// Whether payouts are made.
    pub payouts_enabled: bool,
    /// Whether the account's details were handed in.
    pub details_submitted: bool,
    /// What Stripe still asks for; `None` when the answer did not say.
    pub requirements: Option<Requirements>,
}

/// Open requirements of an account. A list that was null or absent is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Requirements {
    /// Needed now.
    pub currently_due: Vec<String>,
    /// Overdue.
    pub past_due: Vec<String>,
    /// Needed some day.
    pub eventually_due: Vec<String>,
    /// Handed in and being checked.
    pub pending_verification: Vec<String>,
    /// Why something is switched off.
    pub disabled_reason: Option<String>,
    /// Until when the current ones are due.
    pub current_deadline_at: Option<crate::Instant>,
}
