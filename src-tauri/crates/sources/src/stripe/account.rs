//! Reads `GET /v1/account`. It has no mode: the same account answers to test and live keys.

use countersign_domain::money::Currency;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::stripe::account::{Account, Requirements};
use serde::Deserialize;
use serde_json::Value;

use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Fallbacks, Gap, Id, Stamp};

#[derive(Deserialize)]
struct AccountWire {
    id: Id,
    business_profile: Option<BusinessProfile>,
    settings: Option<Settings>,
    country: Option<String>,
    default_currency: Option<Currency>,
    charges_enabled: bool,
    payouts_enabled: bool,
    details_submitted: bool,
    requirements: Option<RequirementsWire>,
}

#[derive(Deserialize)]
struct BusinessProfile {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Settings {
    dashboard: Option<Dashboard>,
}

#[derive(Deserialize)]
struct Dashboard {
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct RequirementsWire {
    currently_due: Option<Vec<String>>,
    past_due: Option<Vec<String>>,
    eventually_due: Option<Vec<String>>,
    pending_verification: Option<Vec<String>>,
    disabled_reason: Option<String>,
    current_deadline: Option<Stamp>,
}

impl FromWire for Account {
    const KIND: ObjectKind = ObjectKind::Account;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, account)
    }
}

fn account(wire: AccountWire, _: &mut Fallbacks) -> Result<Account, Gap> {
    let shown = wire.business_profile.and_then(|profile| profile.name);
    let dashboard = || wire.settings.and_then(|settings| settings.dashboard).and_then(|board| board.display_name);
    let named = |name: Option<String>| name.filter(|name| !name.is_empty());
    Ok(Account {
        id: wire.id.to(),
        name: named(shown).or_else(|| named(dashboard())),
        country: wire.country,
        default_currency: wire.default_currency,
        charges_enabled: wire.charges_enabled,
        payouts_enabled: wire.payouts_enabled,
        details_submitted: wire.details_submitted,
        requirements: wire.requirements.map(|wire| Requirements {
            currently_due: wire.currently_due.unwrap_or_default(),
            past_due: wire.past_due.unwrap_or_default(),
            eventually_due: wire.eventually_due.unwrap_or_default(),
            pending_verification: wire.pending_verification.unwrap_or_default(),
            disabled_reason: wire.disabled_reason,
            current_deadline_at: wire.current_deadline.map(Into::into),
        }),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_requirements_may_be_null_and_the_name_has_two_places() {
        let account = json!({
            "id": "acct_1", "object": "account", "charges_enabled": true, "payouts_enabled": false,
            "details_submitted": true, "country": "DE", "default_currency": "eur",
            "business_profile": {"name": ""}, "settings": {"dashboard": {"display_name": "Acme"}},
            "requirements": {"currently_due": null, "past_due": ["external_account"], "disabled_reason": null},
        });
        let account = Account::read(account).unwrap().value;
        assert_eq!(account.id, "acct_1".into());
        assert_eq!(account.name.as_deref(), Some("Acme"));
        let requirements = account.requirements.unwrap();
        assert_eq!((requirements.currently_due, requirements.past_due.len()), (vec![], 1));
    }
}
