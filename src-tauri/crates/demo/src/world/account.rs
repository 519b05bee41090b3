//! The company's account at Stripe, and its balance.
//!
//! Both are computed on request; the account never changes.

use serde_json::{Value, json};

use super::{BalanceTransaction, Currency, Named, No, World};

/// The company. It does not exist.
pub(crate) const NAME: &str = "DevFlowHub (invented)";

/// The account; there is one.
#[derive(Debug)]
pub(crate) struct Account;

impl Named for Account {
    const PREFIX: &'static str = "acct_1";
    const LENGTH: usize = 15;
}

/// The number of the account.
pub(crate) const ACCOUNT: No<Account> = No::new(0);

fn requirements_json() -> Value {
    json!({
        "alternatives": [],
        "current_deadline": null,
        "currently_due": [],
        "disabled_reason": null,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    })
}

/// Renders the account.
pub(crate) fn account_json(world: &World) -> Value {
    json!({
        "id": world.id(ACCOUNT),
        "object": "account",
        "business_profile": {
            "mcc": "5734",
            "minority_owned_business_designation": null,
            "name": NAME,
            "specified_commercial_transactions_act_url": null,
            "support_address": null,
            "support_email": "support@devflowhub.example",
            "support_phone": null,
            "support_url": null,
            "url": "https://devflowhub.example",
        },
        "business_type": "company",
        "capabilities": {
            "card_payments": "active",
            "link_payments": "active",
            "sepa_debit_payments": "active",
            "transfers": "active",
            "us_bank_account_ach_payments": "active",
        },
        "charges_enabled": true,
        "country": "US",
        "created": world.starts_at - 500 * crate::calendar::DAY,
        "default_currency": "usd",
        "details_submitted": true,
        "email": "billing@devflowhub.example",
        "future_requirements": requirements_json(),
        "metadata": {},
        "payouts_enabled": true,
        "requirements": requirements_json(),
        "settings": {
            "branding": { "icon": null, "logo": null, "primary_color": null, "secondary_color": null },
            "card_payments": {
                "statement_descriptor_prefix": "DEVFLOWHUB",
                "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null,
            },
            "dashboard": { "display_name": NAME, "timezone": "Etc/UTC" },
            "payments": {
                "statement_descriptor": "DEVFLOWHUB",
                "statement_descriptor_kana": null,
                "statement_descriptor_kanji": null,
                "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null,
            },
        },
        "type": "standard",
    })
}

/// Renders the balance: the sum of its movements, because the company never pays out.
pub(crate) fn balance_json(world: &World) -> Value {
    let sum = |is_available: bool| -> Value {
        let of = |currency: Currency| {
            let counts = |transaction: &&std::sync::Arc<BalanceTransaction>| {
                transaction.currency == currency && transaction.is_available(world.now()) == is_available
            };
            let transactions = world.tables.balance_transactions.iter().map(|(_, transaction)| transaction);
            let amount: i64 = transactions.filter(counts).map(|transaction| transaction.net()).sum();
            json!({ "amount": amount, "currency": currency.code(), "source_types": { "card": amount } })
        };
        Currency::ALL.into_iter().map(of).collect()
    };
    json!({ "object": "balance", "available": sum(true), "livemode": false, "pending": sum(false) })
}
