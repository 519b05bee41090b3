//! Settings of the account that are objects of their own, and the few that are not.
//!
//! None of them changes by itself; they are here for the reads that find out what a key may do.

use serde_json::{Value, json};

use super::price_list::{Listed, Sold};
use super::{Named, No, Object, Product, World, kept_in};

/// A meter.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    pub(crate) event_name: &'static str,
    pub(crate) display_name: &'static str,
    pub(crate) created: i64,
}

impl Named for Meter {
    const PREFIX: &'static str = "mtr_test_";
    const LENGTH: usize = 18;
}

impl Object for Meter {
    const WORD: &'static str = "billing.meter";
    kept_in!(meters);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "created": self.created,
            "customer_mapping": { "event_payload_key": "stripe_customer_id", "type": "by_id" },
            "default_aggregation": { "formula": "sum" },
            "display_name": self.display_name,
            "event_name": self.event_name,
            "event_time_window": null,
            "livemode": false,
            "status": "active",
            "status_transitions": { "deactivated_at": null },
            "updated": self.created,
            "value_settings": { "event_payload_key": "value" },
        })
    }
}

/// Which ways to pay are switched on.
#[derive(Debug, Clone)]
pub(crate) struct PaymentMethodConfiguration {
    pub(crate) methods: &'static [&'static str],
    pub(crate) created: i64,
}

impl Named for PaymentMethodConfiguration {
    const PREFIX: &'static str = "pmc_1";
    const LENGTH: usize = 23;
}

impl Object for PaymentMethodConfiguration {
    const WORD: &'static str = "payment_method_configuration";
    kept_in!(payment_method_configurations);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        let switched_on = |method: &&str| {
            let preference = json!({ "overridable": null, "preference": "on", "value": "on" });
            ((*method).to_owned(), json!({ "available": true, "display_preference": preference }))
        };
        let fixed = json!({
            "id": world.id(no),
            "object": Self::WORD,
            "active": true,
            "application": null,
            "is_default": true,
            "livemode": false,
            "name": "Default",
            "parent": null,
        });
        super::joined(fixed, [Value::Object(self.methods.iter().map(switched_on).collect())])
    }
}

/// What customers may do in the billing portal.
#[derive(Debug, Clone)]
pub(crate) struct PortalConfiguration {
    pub(crate) created: i64,
}

impl Named for PortalConfiguration {
    const PREFIX: &'static str = "bpc_1";
    const LENGTH: usize = 23;
}

fn portal_features_json(world: &World) -> Value {
    let product = |sold: Sold, prices: &[Listed]| {
        json!({
            "adjustable_quantity": { "enabled": false, "maximum": null, "minimum": 1 },
            "prices": prices.iter().map(|price| world.id(price.no())).collect::<Vec<_>>(),
            "product": world.id(No::<Product>::new(sold as u32)),
        })
    };
    let pro = product(Sold::Pro, &[Listed::ProMonthly, Listed::ProYearly]);
    let enterprise = product(Sold::Enterprise, &[Listed::EnterpriseMonthly]);
    json!({
        "customer_update": { "allowed_updates": ["email", "tax_id"], "enabled": true },
        "invoice_history": { "enabled": true },
        "payment_method_update": { "enabled": true, "payment_method_configuration": null },
        "subscription_cancel": {
            "cancellation_reason": {
                "enabled": true,
                "feedback_options": null,
                "options": ["too_expensive", "missing_features", "switched_service", "unused", "other"],
            },
            "enabled": true,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_pause": { "duration": { "interval_options": [], "type": "indefinite" }, "enabled": false },
        "subscription_update": {
            "billing_cycle_anchor": null,
            "default_allowed_updates": ["price"],
            "enabled": true,
            "products": [pro, enterprise],
            "proration_behavior": "always_invoice",
            "schedule_at_period_end": { "conditions": [] },
            "trial_update_behavior": "end_trial",
        },
    })
}

impl Object for PortalConfiguration {
    const WORD: &'static str = "billing_portal.configuration";
    kept_in!(portal_configurations);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "active": true,
            "application": null,
            "business_profile": { "headline": null, "privacy_policy_url": null, "terms_of_service_url": null },
            "created": self.created,
            "default_return_url": "https://app.devflowhub.example/settings/billing",
            "features": portal_features_json(world),
            "is_default": true,
            "livemode": false,
            "login_page": { "enabled": false, "url": null },
            "metadata": {},
            "name": null,
            "updated": self.created,
        })
    }
}

/// Where the company collects tax.
#[derive(Debug, Clone)]
pub(crate) struct TaxRegistration {
    pub(crate) country: &'static str,
    pub(crate) created: i64,
}

impl Named for TaxRegistration {
    const PREFIX: &'static str = "taxreg_1";
    const LENGTH: usize = 23;
}

impl Object for TaxRegistration {
    const WORD: &'static str = "tax.registration";
    kept_in!(tax_registrations);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "active_from": self.created,
            "country": self.country,
            "country_options": { (self.country.to_ascii_lowercase()): { "type": "standard" } },
            "created": self.created,
            "expires_at": null,
            "livemode": false,
            "status": "active",
        })
    }
}

/// Renders the tax settings of the account.
pub(crate) fn tax_settings_json() -> Value {
    json!({
        "object": "tax.settings",
        "defaults": { "provider": "stripe", "tax_behavior": "exclusive", "tax_code": "txcd_10103001" },
        "head_office": {
            "address": {
                "city": "Wilmington",
                "country": "US",
                "line1": "1 Example Street",
                "line2": null,
                "postal_code": "19801",
                "state": "DE",
            },
        },
        "livemode": false,
        "status": "active",
        "status_details": { "active": {} },
    })
}

impl World {
    /// Sets the account up: its endpoint, its ways to pay, its portal, its tax registrations.
    pub(crate) fn set_up(&mut self) {
        let created = self.starts_at - 390 * crate::calendar::DAY;
        self.put(super::WebhookEndpoint {
            url: "https://app.devflowhub.example/api/billing/webhook",
            description: "DevFlowHub billing",
            events: super::event::HANDLED,
            api_version: Some(super::older::VERSION),
            created,
            is_enabled: true,
        });
        self.put(PaymentMethodConfiguration { methods: &["card", "link", "sepa_debit", "us_bank_account"], created });
        self.put(PortalConfiguration { created });
        for country in ["DE", "JP"] {
            self.put(TaxRegistration { country, created });
        }
    }
}
