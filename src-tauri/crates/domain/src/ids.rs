//! Own types for every id, so that a customer id cannot be passed as an invoice id.
//!
//! Ids are opaque text: a prefix is a hint for search, never a proof of kind.

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, ts_rs::TS)]
        #[ts(type = "string")]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes the text of an id as it stands.
            pub fn new(text: impl Into<Box<str>>) -> Self {
                Self(text.into())
            }

            /// Gives the text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }
    )+};
}

ids! {
    /// Stripe account, `acct_…`.
    AccountId,
    /// Stripe customer, `cus_…`.
    CustomerId,
    /// Stripe product, `prod_…`.
    ProductId,
    /// Stripe price, `price_…` (or `plan_…` in old accounts).
    PriceId,
    /// Stripe coupon; the merchant may choose the text.
    CouponId,
    /// Stripe discount, `di_…`; has no endpoint of its own.
    DiscountId,
    /// Stripe subscription, `sub_…`.
    SubscriptionId,
    /// Stripe subscription item, `si_…`.
    SubscriptionItemId,
    /// Stripe invoice, `in_…`.
    InvoiceId,
    /// Stripe invoice line, `il_…`.
    InvoiceLineId,
    /// Stripe invoice payment, `inpay_…`.
    InvoicePaymentId,
    /// Stripe charge, `ch_…`.
    ChargeId,
    /// Stripe payment intent, `pi_…`.
    PaymentIntentId,
    /// Stripe event, `evt_…`.
    EventId,
    /// Stripe webhook endpoint, `we_…`.
    WebhookEndpointId,
    /// A user of the company's own application (cuid or uuid).
    UserId,
    /// An operator of this console.
    OperatorId,
    /// A checklist template.
    TemplateId,
    /// A line of a checklist template; stable inside one template.
    ItemId,
    /// A run of a checklist.
    RunId,
    /// An environment, by its name.
    EnvironmentId,
    /// A probe of the catalogue, for example `stripe.key.mode`.
    ProbeId,
    /// A metric of the catalogue, for example `metric.mrr`.
    MetricId,
}
