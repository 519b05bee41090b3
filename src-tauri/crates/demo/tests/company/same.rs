//! The same options give the same bytes, on every machine and in every build.
//! A golden digest says when the format of the demo changed.

use sha2::{Digest, Sha256};

use super::*;

/// Every list, in the order in which the digest takes them.
const LISTS: &[&str] = &[
    "balance_transactions",
    "charges",
    "coupons",
    "customers",
    "disputes",
    "events",
    "invoice_payments",
    "invoices",
    "payment_intents",
    "prices",
    "products",
    "refunds",
    "subscriptions",
    "tax_rates",
    "webhook_endpoints",
];

fn digest(company: &Simulator) -> String {
    let mut hash = Sha256::new();
    for path in LISTS {
        for object in company.objects(path) {
            hash.update(object.to_string().as_bytes());
        }
    }
    hash.update(company.keys.full.as_bytes());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn digest_of(world: WorldOptions) -> String {
    digest(&company(Options::of(world)).await)
}

#[tokio::test]
async fn equal_options_give_equal_bytes_and_others_do_not() {
    let world = options(40).world;
    let first = company(Options::of(world.clone())).await;
    let golden = digest(&first);
    first.advance(60);
    assert_eq!(golden, digest(&first), "nothing turns in the first minute, so slow computers see the same");
    assert_eq!(golden, digest_of(world.clone()).await);
    assert_ne!(golden, digest_of(WorldOptions { seed: 2, ..world.clone() }).await);
    assert_ne!(golden, digest_of(WorldOptions { months: 12, ..world.clone() }).await);
    assert_ne!(golden, digest_of(WorldOptions { customers: 41, ..world.clone() }).await);
    // When this changes, every demo, screenshot and recorded figure changes with it: say so in the change log.
    assert_eq!(golden, "ce71c61282aaaba86389de258051729b24469e33fca78ec75dfe9ff0b69e0c6e");
}

#[tokio::test]
async fn the_smallest_companies_are_served_too() {
    for (customers, months) in [(0, 24), (1, 1), (3, 2), (30, 0)] {
        let folder = tempfile::tempdir().unwrap();
        let billing_db = Some(folder.path().join("billing.db"));
        let world = WorldOptions { customers, months, ..options(1).world };
        let company = company(Options { billing_db, ..Options::of(world) }).await;
        company.mutate(20);
        assert!(!company.objects("customers").is_empty() && company.truth().now.len() <= 3);
        assert_eq!(company.planted().len(), 5);
    }
}
