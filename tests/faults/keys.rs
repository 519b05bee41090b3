//! Keys of Stripe that are wrong, revoked, or may not read everything.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use countersign_app::domain::stripe::ObjectKind;

use crate::company::{self, company, connect};

/// Each key that does not fit is refused by its own code, never shown, and not kept.
pub async fn refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let simulator = company(company::small()).await?;
    let profile = company::profile(&folder, "profile");
    for (key, code, exit) in [
        ("sk_test_thisisnotakeyofthisaccount00", "STRIPE_KEY_REJECTED", 4),
        (concat!("sk_li", "ve_thisisalivekeyfarfromstripe0"), "STRIPE_KEY_CLASS", 4),
        ("pk_test_thisisapublishablekey0000000", "SECRET_WRONG_KIND", 2),
        ("whsec_thisisthesecretofanendpoint000", "SECRET_WRONG_KIND", 2),
        ("", "INPUT_INVALID", 2),
    ] {
        let said = connect(&profile, &simulator, key);
        ensure!(said.json["error"]["code"] == code && said.code == exit, "{code}: {said:?}");
        let shown = format!("{}{}", said.text, said.complaint);
        ensure!(key.is_empty() || !shown.contains(&key[8..]), "{code}: the key is shown");
    }
    ensure!(simulator.requests().total <= 2, "a key that cannot fit was sent: {:?}", simulator.requests().total);
    let environments = profile.must(&["env", "list"]);
    ensure!(environments["environments"][0]["stripe"].is_null(), "a refused key was kept: {environments}");
    simulator.stop().await;
    Ok(())
}

/// A revoked key stops the next sync with its code; what was read stays as it was.
pub async fn revoked() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let simulator = company(company::small()).await?;
    let profile = company::connected(&folder, "profile", &simulator)?;
    company::read_all(&profile);
    let before = company::held(&profile).await?;
    simulator.mutate(10);
    simulator.revoke_keys();
    let said = profile.run(&["sync", "--rate", company::RATE]);
    ensure!(said.json["error"]["code"] == "STRIPE_KEY_REJECTED" && said.code == 4, "{said:?}");
    company::equal(&company::held(&profile).await?, &before)?;
    simulator.stop().await;
    Ok(())
}

/// A key without one permission names it when it is connected and at every sync, and reads everything else.
pub async fn under_privileged() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut options = company::small();
    options.restricted_without = vec!["charge_read".to_owned()];
    let simulator = company(options).await?;
    let profile = company::profile(&folder, "restricted");
    let said = connect(&profile, &simulator, &simulator.keys.restricted);
    ensure!(said.code == 0, "{said:?}");
    let permissions = said.json["permissions"].as_array().cloned().unwrap_or_default();
    let lacking: Vec<_> = permissions.iter().filter(|permission| permission["granted"] != "granted").collect();
    let are_charges = lacking.iter().all(|permission| permission["permission"] == "charge_read");
    ensure!(!lacking.is_empty() && are_charges, "{lacking:?}");
    let report = profile.must(&["sync", "--rate", company::RATE]);
    ensure!(report["not_permitted"].to_string().contains("charge_read"), "{report}");
    let whole = company::connected(&folder, "whole", &simulator)?;
    company::read_all(&whole);
    let (held, truth) = (company::held(&profile).await?, company::held(&whole).await?);
    for (kind, objects) in &truth {
        let count = held.get(kind).map_or(0, BTreeMap::len);
        let expected = if *kind == ObjectKind::Charge { 0 } else { objects.len() };
        ensure!(count == expected, "{kind}: {count} instead of {expected}");
    }
    simulator.stop().await;
    Ok(())
}
