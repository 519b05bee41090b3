//! Every object of Stripe's own fixture files, in seven renderings from 2022 to 2026, can be read.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use countersign_domain::stripe::{
    Account, Charge, Coupon, Customer, Event, Invoice, InvoicePayment, Mode, Price, Product, Subscription,
    WebhookEndpoint,
};
use countersign_sources::stripe::{FromWire, Record, deleted};
use serde_json::Value;

type Objects = BTreeMap<String, Value>;

fn renderings() -> Vec<(String, Objects)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/stripe");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let objects = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_string_lossy().into_owned(), objects)
    };
    files.into_iter().map(read).collect()
}

fn read<T: FromWire + PartialEq + std::fmt::Debug>(version: &str, objects: &Objects, word: &str) -> Option<Record<T>> {
    let object = objects.get(word)?.clone();
    let record = T::read(object.clone()).unwrap_or_else(|error| panic!("{version}: {error}"));
    assert_eq!(record.id, object["id"].as_str().unwrap(), "{version} {word}");
    assert_eq!(record.mode, object["livemode"].as_bool().map(Mode::of_livemode), "{version} {word}");
    // What is kept reads back to the same record: the mirror can be rebuilt from it.
    let kept: Value = serde_json::from_str(&record.raw).unwrap();
    let again = T::read(kept).unwrap_or_else(|error| panic!("{version}, kept: {error}"));
    assert_eq!(again, record, "{version} {word}");
    Some(record)
}

#[test]
fn every_rendering_is_understood() {
    let mut seen = BTreeMap::<&str, usize>::new();
    for (version, objects) in renderings() {
        macro_rules! all {
            ($($kind:ty = $word:literal),+ $(,)?) => {$(
                *seen.entry($word).or_default() += usize::from(read::<$kind>(&version, &objects, $word).is_some());
            )+};
        }
        all! {
            Account = "account", WebhookEndpoint = "webhook_endpoint", Product = "product", Price = "price",
            Coupon = "coupon", Customer = "customer", Subscription = "subscription", Invoice = "invoice",
            InvoicePayment = "invoice_payment", Charge = "charge", Event = "event",
        }
    }
    let all_seven = |word: &str| *word != *"invoice_payment";
    assert_eq!(seen.len(), 11);
    for (word, count) in seen {
        assert_eq!(count, if all_seven(word) { 7 } else { 3 }, "{word}");
    }
}

#[test]
fn facts_that_moved_are_found_in_both_places() {
    for (version, objects) in renderings() {
        let is_pinned = version.as_str() >= "2025-03-31";
        let subscription = read::<Subscription>(&version, &objects, "subscription").unwrap();
        let item = &subscription.value.items[0];
        assert_eq!(item.quantity, Some(1.into()), "{version}");
        assert!(item.embedded.as_ref().unwrap().recurring.is_some(), "{version}");
        let invoice = read::<Invoice>(&version, &objects, "invoice").unwrap();
        let line = &invoice.value.lines[0];
        assert_eq!(line.amount.0, 1000, "{version}");
        assert_eq!(line.price.is_some(), !is_pinned, "{version}: newer placeholders name no price");
        assert_eq!(invoice.fallbacks > 0, !is_pinned, "{version}");
    }
}

#[test]
fn what_must_not_be_kept_is_in_no_text() {
    for (version, objects) in renderings() {
        let charge = read::<Charge>(&version, &objects, "charge").unwrap();
        assert_eq!(charge.value.card_last4.as_deref(), Some("4242"), "{version}");
        for word in ["fingerprint", "billing_details", "receipt_url", "client_secret", "Jenny Rosen", "shipping"] {
            assert!(!charge.raw.contains(word), "{version}: {word}");
        }
    }
}

#[test]
fn what_is_left_of_a_deleted_customer_is_a_customer() {
    for (version, objects) in renderings() {
        let gone = &objects["deleted_customer"];
        assert!(Customer::read(gone.clone()).unwrap().value.is_deleted, "{version}");
        let (kind, id) = deleted(gone).unwrap();
        assert_eq!((kind, Some(id.as_str())), (Some(Customer::KIND), gone["id"].as_str()), "{version}");
        assert_eq!(deleted(&objects["customer"]), None, "{version}");
    }
}
