//! A bad line: one answer in ten fails, and the mirror is what it is on a good one.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use countersign_app::domain::stripe::ObjectKind;

use crate::company;

/// Companies that are read over a bad line.
const COMPANIES: u64 = 3;

/// Every sync ends, with the books of the company, whichever answers failed.
pub async fn one_in_ten() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut retries = 0;
    for seed in 0..COMPANIES {
        let mut options = company::small();
        options.world.seed = 100 + seed;
        let good = company::company(options.clone()).await?;
        options.fault_rate = 0.1;
        let bad = company::company(options).await?;
        let over_good = company::connected(&folder, &format!("good-{seed}"), &good)?;
        company::read_all(&over_good);
        let over_bad = company::connected(&folder, &format!("bad-{seed}"), &bad)?;
        let report = over_bad.must(&["sync", "--rate", company::RATE]);
        ensure!(report["complete"] == true, "{report}");
        retries += report["retries"].as_u64().unwrap_or(0);
        let held = company::held(&over_bad).await?;
        company::equal(&held, &company::held(&over_good).await?)?;
        // Both lines could be wrong in one way: the books themselves say how many there are.
        for kind in [ObjectKind::Customer, ObjectKind::Subscription, ObjectKind::Invoice, ObjectKind::Charge] {
            let (count, books) = (held.get(&kind).map_or(0, BTreeMap::len), bad.objects(&format!("{kind}s")).len());
            ensure!(count == books, "{kind}: {count} instead of {books}");
        }
        good.stop().await;
        bad.stop().await;
    }
    ensure!(retries > COMPANIES, "the line was not bad: {retries} retries");
    Ok(())
}
