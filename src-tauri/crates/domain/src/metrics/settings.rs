//! The switches of method: only what finance teams truly differ on.
//!
//! Everything else about a figure is fixed. Reporting currency and zone are arguments of the figures, because they change
//! how a figure is read and not what counts; every report prints all of them.

use serde::{Deserialize, Serialize};

use crate::stripe::coupon::CouponDuration;

/// Which discounts lower MRR.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::EnumIter,
    ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DiscountRule {
    /// Forever and repeating coupons; a coupon for one invoice is a one-off.
    #[default]
    Recurring,
    /// Forever coupons.
    ForeverOnly,
    /// Every coupon while it is in force.
    All,
    /// None: list prices.
    None,
}

impl DiscountRule {
    /// Says whether a coupon of this duration counts. A duration this build does not know counts as a one-off.
    #[must_use]
    pub fn counts(self, duration: &CouponDuration) -> bool {
        match (self, duration) {
            (Self::None, _) => false,
            (Self::All, _) | (_, CouponDuration::Forever) => true,
            (Self::Recurring, CouponDuration::Repeating) => true,
            (Self::Recurring | Self::ForeverOnly, _) => false,
        }
    }
}

/// The method by which MRR counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Whether a subscription counts while Stripe still tries to collect a late payment.
    pub count_past_due: bool,
    /// Which discounts lower MRR.
    pub discounts: DiscountRule,
}

impl Default for Settings {
    fn default() -> Self {
        Self { count_past_due: true, discounts: DiscountRule::Recurring }
    }
}

impl Settings {
    /// Gives the preset nearest to what Stripe publishes: active and past due, forever coupons only.
    ///
    /// **Shape**: it promises the published definition, not a given dashboard, whose own switches the API does not show.
    #[must_use]
    pub fn as_stripe_defines_it() -> Self {
        Self { count_past_due: true, discounts: DiscountRule::ForeverOnly }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_decides_by_duration() {
        use CouponDuration::{Forever, Once, Repeating};
        let counted = |rule: DiscountRule| [Forever, Repeating, Once].map(|duration| rule.counts(&duration));
        assert_eq!(counted(DiscountRule::Recurring), [true, true, false]);
        assert_eq!(counted(DiscountRule::ForeverOnly), [true, false, false]);
        assert_eq!(counted(DiscountRule::All), [true, true, true]);
        assert_eq!(counted(DiscountRule::None), [false, false, false]);
        assert!(!DiscountRule::Recurring.counts(&CouponDuration::Other("fortnight".into())));
    }
}
