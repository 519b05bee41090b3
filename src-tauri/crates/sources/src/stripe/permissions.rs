//! What a key may read: one read of each endpoint that the program has a use for.
//!
//! The table says which permission each read needs and what goes dark without it. A refusal concerns one endpoint and
//! never the whole key.

use std::sync::LazyLock;

use countersign_domain::stripe::ObjectKind;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use regex::Regex;

use super::answer::Expects;
use super::budget::IN_FLIGHT_MAX;
use super::client::{Ask, Client, StripeError};

/// One read that is tried, and what it is good for.
#[derive(Debug, PartialEq, Eq)]
pub struct PermissionRead {
    /// Its name, `invoices`.
    pub read: &'static str,
    path: &'static str,
    segments: &'static [&'static str],
    query: &'static [(&'static str, &'static str)],
    expects: Expects,
    /// The permission in Stripe's words; `None` where its name is not established.
    pub permission: Option<&'static str>,
    /// What goes dark without it, in the user's words.
    pub needed_for: &'static str,
    /// The mirrored kind that is empty without it.
    pub kind: Option<ObjectKind>,
}

const fn list(
    read: &'static str,
    path: &'static str,
    segments: &'static [&'static str],
    permission: &'static str,
    needed_for: &'static str,
    kind: Option<ObjectKind>,
) -> PermissionRead {
    let permission = Some(permission);
    let query = &[("limit", "1")];
    PermissionRead { read, path, segments, query, expects: Expects::List, permission, needed_for, kind }
}

const fn single(
    read: &'static str,
    path: &'static str,
    segments: &'static [&'static str],
    permission: &'static str,
    needed_for: &'static str,
    kind: Option<ObjectKind>,
) -> PermissionRead {
    let permission = Some(permission);
    PermissionRead { read, path, segments, query: &[], expects: Expects::Object, permission, needed_for, kind }
}

/// The reads in the order in which they are shown.
pub const PERMISSION_READS: &[PermissionRead] = {
    use ObjectKind::{
        Account, Charge, Coupon, Customer, Event, Invoice, InvoicePayment, Price, Product, Subscription,
        WebhookEndpoint,
    };
    &[
        single("balance", "/v1/balance", &["v1", "balance"], "balance_read", "the mode of the key", None),
        single("account", "/v1/account", &["v1", "account"], "connected_account_read", "account checks", Some(Account)),
        list(
            "customers",
            "/v1/customers",
            &["v1", "customers"],
            "customer_read",
            "customers, search and every figure per customer",
            Some(Customer),
        ),
        list("products", "/v1/products", &["v1", "products"], "product_read", "the price list", Some(Product)),
        list("prices", "/v1/prices", &["v1", "prices"], "plan_read", "the price list and MRR", Some(Price)),
        PermissionRead {
            query: &[("limit", "1"), ("status", "all")],
            ..list(
                "subscriptions",
                "/v1/subscriptions",
                &["v1", "subscriptions"],
                "subscription_read",
                "subscriptions, MRR, churn and trials",
                Some(Subscription),
            )
        },
        list(
            "invoices",
            "/v1/invoices",
            &["v1", "invoices"],
            "invoice_read",
            "invoices, history of MRR, receivables and reconciliation",
            Some(Invoice),
        ),
        list(
            "invoice_payments",
            "/v1/invoice_payments",
            &["v1", "invoice_payments"],
            "invoice_read",
            "which payment belongs to which invoice",
            Some(InvoicePayment),
        ),
        list(
            "charges",
            "/v1/charges",
            &["v1", "charges"],
            "charge_read",
            "payments, failures and collected money",
            Some(Charge),
        ),
        list(
            "payment_intents",
            "/v1/payment_intents",
            &["v1", "payment_intents"],
            "payment_intent_read",
            "checks of test payments",
            None,
        ),
        list("refunds", "/v1/refunds", &["v1", "refunds"], "charge_read", "refunds", None),
        list("disputes", "/v1/disputes", &["v1", "disputes"], "dispute_read", "disputes", None),
        list(
            "balance_transactions",
            "/v1/balance_transactions",
            &["v1", "balance_transactions"],
            "balance_transaction_source_read",
            "fees and net money",
            None,
        ),
        list("payouts", "/v1/payouts", &["v1", "payouts"], "payout_read", "payouts", None),
        list(
            "events",
            "/v1/events",
            &["v1", "events"],
            "event_read",
            "webhook delivery and quick updates",
            Some(Event),
        ),
        list(
            "webhook_endpoints",
            "/v1/webhook_endpoints",
            &["v1", "webhook_endpoints"],
            "webhook_read",
            "webhook checks",
            Some(WebhookEndpoint),
        ),
        list("coupons", "/v1/coupons", &["v1", "coupons"], "coupon_read", "discounts in MRR", Some(Coupon)),
        list(
            "promotion_codes",
            "/v1/promotion_codes",
            &["v1", "promotion_codes"],
            "promotion_code_read",
            "where a discount came from",
            None,
        ),
        list(
            "credit_notes",
            "/v1/credit_notes",
            &["v1", "credit_notes"],
            "credit_note_read",
            "credits on invoices",
            None,
        ),
        single(
            "tax_settings",
            "/v1/tax/settings",
            &["v1", "tax", "settings"],
            "tax_settings_read",
            "the tax check",
            None,
        ),
        list(
            "tax_registrations",
            "/v1/tax/registrations",
            &["v1", "tax", "registrations"],
            "tax_settings_read",
            "the tax check",
            None,
        ),
        PermissionRead {
            permission: None,
            ..list(
                "payment_method_configurations",
                "/v1/payment_method_configurations",
                &["v1", "payment_method_configurations"],
                "",
                "the payment methods check",
                None,
            )
        },
        list(
            "portal_configurations",
            "/v1/billing_portal/configurations",
            &["v1", "billing_portal", "configurations"],
            "customer_portal_read",
            "the customer portal checks",
            None,
        ),
        list("meters", "/v1/billing/meters", &["v1", "billing", "meters"], "billing_meter_read", "metered usage", None),
        PermissionRead {
            expects: Expects::Anything,
            permission: None,
            ..list(
                "event_destinations",
                "/v2/core/event_destinations",
                &["v2", "core", "event_destinations"],
                "",
                "webhook endpoints of the newer kind",
                None,
            )
        },
    ]
};

/// Whether a read is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It answered.
    Granted,
    /// Stripe refused it for want of a permission.
    Denied,
    /// It could not be found out, with the reason.
    Unknown(String),
}

/// What was found out about one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Which read.
    pub read: &'static PermissionRead,
    /// The permission as Stripe named it in its refusal, else by our table.
    pub name: Option<String>,
    /// Whether it is granted.
    pub standing: Standing,
}

/// Tries every read once.
///
/// **Shape**: in the order of [`PERMISSION_READS`]; 25 requests within the budget.
/// **Errors**: only a key that Stripe does not accept at all; anything else is the standing of one read.
pub async fn permissions(client: &Client) -> Result<Vec<Permission>, StripeError> {
    let tries: Vec<_> = PERMISSION_READS.iter().map(|read| permission(client, read)).collect();
    stream::iter(tries).buffered(IN_FLIGHT_MAX).try_collect().await
}

async fn permission(client: &Client, read: &'static PermissionRead) -> Result<Permission, StripeError> {
    let ask = Ask { path: read.path, segments: read.segments, query: read.query, expects: read.expects };
    let ours = read.permission.map(str::to_owned);
    match client.get(ask).await {
        Ok(_) => Ok(Permission { read, name: ours, standing: Standing::Granted }),
        Err(error @ StripeError::KeyRejected { .. }) => Err(error),
        Err(StripeError::NotPermitted { permission, .. }) => {
            Ok(Permission { read, name: permission.or(ours), standing: Standing::Denied })
        }
        Err(error) => Ok(Permission { read, name: ours, standing: Standing::Unknown(error.to_string()) }),
    }
}

/// Finds the permission a 403 names, in any of the wordings seen.
pub(super) fn named_permission(message: &str) -> Option<String> {
    static NAMED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\b(?:rak_)?([a-z][a-z_]*_(?:read|write))\b").ok());
    let found = NAMED.as_ref()?.captures(message)?;
    found.get(1).map(|name| name.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_permission_is_found_in_every_wording() {
        for (message, name) in [
            (
                "The provided key 'rk_test_***7xQ2' does not have the required permissions for this endpoint on account \
                 'acct_1'. Having the 'rak_charge_read' permission would allow this request to continue.",
                Some("charge_read"),
            ),
            ("permission denied: enabling \"Prices Read\" (`plan_read`) would help", Some("plan_read")),
            ("Having more permissions would allow this request to continue.", None),
        ] {
            assert_eq!(named_permission(message).as_deref(), name);
        }
    }

    #[test]
    fn every_mirrored_kind_has_its_read() {
        for kind in ObjectKind::all() {
            assert_eq!(PERMISSION_READS.iter().filter(|read| read.kind == Some(kind)).count(), 1, "{kind}");
        }
        assert_eq!(PERMISSION_READS.len(), 25);
    }
}
