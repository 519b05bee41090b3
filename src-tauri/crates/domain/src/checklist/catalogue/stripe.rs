//! Checks answered by Stripe's API.
//!
//! All of them read; none needs more than the permission named in its probe.

use super::CheckSource::Stripe;
use super::{Check, HEALTH_HOURS, check};

const FROM_THE_TEST: &str = "The events came from the planned test";

pub(super) const CHECKS: &[Check] = &[
    check("stripe.api.reachable", Stripe, "Stripe answers", "Does an authenticated read answer within two seconds?")
        .fresh(HEALTH_HOURS)
        .words(&["stripe api accessible", "stripe reachable", "stripe api available"]),
    check("stripe.key.mode", Stripe, "Key and mode", "Do key, account, endpoint, events and rows share one mode?")
        .words(&[
            "live api key",
            "stripe api key",
            "api key generated",
            "stripe live key",
            "live key",
            "test mode live mode",
            "stripe live mode",
            "live mode",
            "stripe secret key",
            "stripe key configured",
        ]),
    check("stripe.key.permissions", Stripe, "Permissions of the key", "Which of the needed reads does the key allow?")
        .words(&["key permission", "restricted key", "api key permission", "key scope"]),
    check(
        "stripe.account.activated",
        Stripe,
        "Account active",
        "May the account charge and pay out, with nothing due?",
    )
    .words(&["stripe account verified", "stripe account activated", "stripe account", "payout enabled"]),
    check("stripe.catalog.prices", Stripe, "Prices", "Does the price list equal the active prices?").words(&[
        "product price stripe",
        "price created",
        "stripe product",
        "price list",
        "stripe price",
        "plan created",
    ]),
    check("stripe.tax.settings", Stripe, "Tax settings", "Are the tax settings active?").words(&[
        "tax setting",
        "tax configured",
        "tax calculation",
        "stripe tax",
    ]),
    check(
        "stripe.payment_methods.enabled",
        Stripe,
        "Payment methods",
        "Are the listed payment methods available and on?",
    )
    .words(&["payment method enabled", "payment method configured", "payment method active"]),
    check("stripe.portal.configured", Stripe, "Customer portal", "Is a default portal configuration active?")
        .partial("The portal opens for a test customer")
        .words(&["customer portal", "billing portal configured", "portal accessible"]),
    check("stripe.portal.payment_method_update", Stripe, "Portal: payment methods", "May customers change their card?")
        .partial("A test customer changed a payment method")
        .words(&["portal payment method", "payment method management", "update payment method"]),
    check("stripe.portal.invoice_history", Stripe, "Portal: invoices", "May customers see their invoices?")
        .partial("The newest test invoice opens")
        .words(&["portal invoice", "invoice viewing", "invoice history", "view invoice"]),
    check("stripe.portal.subscription_update", Stripe, "Portal: plan changes", "May customers change their plan?")
        .partial("A test customer changed the plan")
        .words(&["portal subscription change", "portal plan", "portal upgrade"]),
    check(
        "stripe.portal.subscription_cancel",
        Stripe,
        "Portal: cancelling",
        "May customers cancel, and when does it act?",
    )
    .partial("A test customer cancelled")
    .words(&["portal cancellation", "cancellation flow", "portal cancel"]),
    check(
        "stripe.webhooks.endpoint_registered",
        Stripe,
        "Webhook endpoint",
        "Is exactly one enabled endpoint registered at the expected address?",
    )
    .words(&[
        "webhook endpoint configured",
        "webhook endpoint registered",
        "webhook endpoint",
        "webhook url",
        "register webhook",
    ]),
    check("stripe.webhooks.events_selected", Stripe, "Selected events", "Are all expected event types selected?")
        .words(&[
            "webhook event selected",
            "event type selected",
            "subscribe webhook event",
            "webhook event subscribed",
        ]),
    check("stripe.webhooks.event.*", Stripe, "Selected event", "Is this event type selected?"),
    check(
        "stripe.webhooks.api_version",
        Stripe,
        "Payload version",
        "Does the application understand the payload version?",
    )
    .words(&["webhook api version", "stripe api version", "payload version"]),
    check(
        "stripe.webhooks.url_hygiene",
        Stripe,
        "Webhook addresses",
        "Is no test or tunnel address left in live mode?",
    )
    .words(&["webhook localhost", "webhook tunnel", "old webhook endpoint", "stale webhook"]),
    check("stripe.webhooks.delivery_clean", Stripe, "Deliveries", "Are the newest events of the window delivered?")
        .fresh(HEALTH_HOURS)
        .words(&[
            "test webhook event",
            "webhook delivery",
            "webhook delivered",
            "webhook receipt",
            "verify webhook receipt",
        ]),
    check(
        "stripe.testmode.lifecycle",
        Stripe,
        "Test lifecycle",
        "Did customer, subscription and paid invoice come to be in test mode?",
    )
    .partial(FROM_THE_TEST)
    .words(&[
        "integration test stripe",
        "stripe test mode",
        "payment flow end",
        "end to end payment",
        "critical path",
        "payment flow tested",
    ]),
    check("stripe.testmode.saw.checkout_completed", Stripe, "Test checkout", "Was a checkout completed in test mode?")
        .partial("The pages were seen by a person")
        .words(&["checkout flow", "checkout tested", "test checkout", "test card"]),
    check("stripe.testmode.saw.payment_succeeded", Stripe, "Test payment", "Did a payment succeed in test mode?")
        .words(&["successful payment", "test payment succeeded", "payment success test"]),
    check(
        "stripe.testmode.saw.payment_failed",
        Stripe,
        "Failed test payment",
        "Did a payment fail in test mode, and was it handled?",
    )
    .words(&["failed payment handling", "test failed payment", "declined card", "payment decline test"]),
    check(
        "stripe.testmode.saw.subscription_created",
        Stripe,
        "Test subscription",
        "Was a subscription created in test mode?",
    )
    .words(&["subscription creation", "create subscription", "test subscription created"]),
    check(
        "stripe.testmode.saw.subscription_updated",
        Stripe,
        "Changed test subscription",
        "Was a subscription changed in test mode?",
    )
    .words(&["subscription update", "test upgrade", "test downgrade", "test subscription change"]),
    check(
        "stripe.testmode.saw.subscription_deleted",
        Stripe,
        "Cancelled test subscription",
        "Was a subscription cancelled in test mode?",
    )
    .words(&["subscription cancellation", "test cancel subscription", "cancel subscription"]),
    check("stripe.status_page", Stripe, "Stripe's status page", "Does Stripe report its services as working?")
        .fresh(HEALTH_HOURS)
        .words(&["stripe status", "status stripe com", "vendor status"]),
];
