//! A bad line: one answer in ten fails, and the mirror is what it is on a good one.

use anyhow::{Result, ensure};
use countersign_app::domain::stripe::ObjectKind;

use crate::company;

/// Companies that are read over a bad line.
const COMPANIES: u64 = 5;

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
        let report = over_bad.must(&["sync"]);
        ensure!(report["complete"] == true, "{report}");
        retries += report["retries"].as_u64().unwrap_or(0);
        let held = company::held(&over_bad).await?;
        ensure!(held == company::held(&over_good).await?, "company {seed} is not the same over a bad line");
        // Both lines could be wrong in one way: the books themselves say how many there are.
        let count = |kind: ObjectKind| held.get(&kind).map_or(0, |digest| digest.count);
        for (kind, path) in [
            (ObjectKind::Customer, "/v1/customers"),
            (ObjectKind::Invoice, "/v1/invoices"),
            (ObjectKind::Charge, "/v1/charges"),
        ] {
            let books = bad.objects(path).iter().filter(|object| object["deleted"] != true).count();
            ensure!(usize::try_from(count(kind))? == books, "{kind}: {} instead of {books}", count(kind));
        }
        good.stop().await;
        bad.stop().await;
    }
    ensure!(retries > COMPANIES, "the line was not bad: {retries} retries");
    Ok(())
}
