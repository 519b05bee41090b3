//! Finding records by anything a caller says.

use countersign_domain::billing::BillingCustomer;
use countersign_domain::stripe::Product;
use countersign_domain::stripe::subscription::SubscriptionStatus;
use countersign_store::mirror::search::{Matched, search};
use countersign_store::mirror::{self, billing};

use crate::invented::{Mirror, at, charge, customer, event, invoice, subscription};

fn people() -> Mirror {
    let mut mirror = Mirror::new();
    for (id, name, email) in [
        ("cus_Ana111", "Ana María Gómez", "ana.gomez@example.com"),
        ("cus_Ann222", "Ann Lee", "lee@example.org"),
        ("cus_Zoe333", "Zoë O'Brien", "zoe@devs.test"),
        ("cus_Muller4", "Jürgen Müller", "jm@example.com"),
        ("cus_Tanaka5", "田中 太郎", "tanaka@example.net"),
        ("cus_Nobody6", "", ""),
        ("cus_Quote7", "Robert\"); DROP TABLE customers;--", "bobby@example.com"),
    ] {
        mirror.put(id, &customer(id, name, email), at(5));
    }
    mirror.put("sub_1", &subscription("sub_1", "cus_Ann222", SubscriptionStatus::Active), at(5));
    mirror.put("in_1", &invoice("in_1", "cus_Ann222", "ACME-0001", 2900, "usd"), at(5));
    mirror.put("in_2", &invoice("in_2", "cus_Zoe333", "ACME-0002", 2900, "jpy"), at(5));
    mirror.put("in_3", &invoice("in_3", "cus_Zoe333", "ACME-0003", 29, "jpy"), at(5));
    mirror.put("ch_1", &charge("ch_1", "cus_Ann222", "4242", 100), at(5));
    mirror.put("evt_1", &event("evt_1", "invoice.paid", "in_1", 100, 0), at(5));
    let product =
        Product { id: "prod_1".into(), name: "Enterprise Plan".to_owned(), is_active: true, created_at: None };
    mirror.put("prod_1", &product, at(5));
    mirror
}

fn ids(mirror: &Mirror, text: &str) -> Vec<String> {
    let hits = search(&mirror.conn, mirror.scope, Some(&"production".into()), text, 20).unwrap();
    hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn records_are_found_by_anything() {
    let mirror = people();
    for (text, expected) in [
        ("cus_Ann222", &["cus_Ann222"][..]),
        ("cus_An", &["cus_Ana111", "cus_Ann222"]),
        ("sub_1", &["sub_1"]),
        ("pi_ch_1", &["ch_1"]),
        ("https://dashboard.stripe.com/test/invoices/in_2", &["in_2"]),
        ("lee@example.org", &["cus_Ann222"]),
        ("EXAMPLE.ORG", &["cus_Ann222"]),
        ("gomez ana", &["cus_Ana111"]),
        ("maria", &["cus_Ana111"]),
        ("MÜLLER", &["cus_Muller4"]),
        ("muller ju", &["cus_Muller4"]),
        ("zoe", &["cus_Zoe333"]),
        ("zo\u{eb}", &["cus_Zoe333"]),
        ("zoe\u{308}", &["cus_Zoe333"]),
        ("o'brien", &["cus_Zoe333"]),
        ("田中", &["cus_Tanaka5"]),
        ("an l", &["cus_Ann222"]),
        ("j", &["cus_Muller4"]),
        ("robert\") drop", &["cus_Quote7"]),
        ("\"", &[]),
        ("* OR *", &["cus_Ann222"]),
        ("acme-0002", &["in_2"]),
        ("ACME-000", &["in_3", "in_2", "in_1"]),
        ("29.00", &["in_3", "in_1"]),
        ("29 usd", &["in_1"]),
        ("¥2900", &["in_2"]),
        ("**** 4242", &["ch_1"]),
        ("4242", &["ch_1"]),
        ("user-of-cus_Zoe", &["cus_Zoe333"]),
        ("invoice.pa", &["evt_1"]),
        ("enterprise", &["prod_1"]),
        ("nothing like it", &[]),
        ("", &[]),
        ("   ", &[]),
    ] {
        assert_eq!(ids(&mirror, text), expected, "{text}");
    }
}

#[test]
fn the_exact_name_comes_first_and_says_what_matched() {
    let mut mirror = people();
    for (id, name) in [("cus_1", "Annabel Leeson"), ("cus_2", "Lee Annson"), ("cus_3", "Joann Leeds")] {
        mirror.put(id, &customer(id, name, ""), at(5));
    }
    let hits = search(&mirror.conn, mirror.scope, None, "ann lee", 20).unwrap();
    assert_eq!(hits[0].id, "cus_Ann222");
    assert_eq!((hits[0].matched, hits.len()), (Matched::Name, 4));
    assert_eq!(hits[0].label.email.as_deref(), Some("lee@example.org"));
    let by_mail = search(&mirror.conn, mirror.scope, None, "lee@ex", 20).unwrap();
    assert_eq!((by_mail.len(), by_mail[0].matched), (1, Matched::Email));
    let invoice = &search(&mirror.conn, mirror.scope, None, "in_1", 20).unwrap()[0];
    assert_eq!(invoice.label.name.as_deref(), Some("Ann Lee"));
    assert_eq!(invoice.label.money.map(|money| money.to_string()).as_deref(), Some("29.00 USD"));
    assert_eq!(search(&mirror.conn, mirror.scope, None, "ann", 2).unwrap().len(), 2);
}

#[test]
fn users_of_the_application_lead_to_their_customer() {
    let mut mirror = people();
    let link = BillingCustomer {
        row_id: "1".to_owned(),
        user: "clx0000zoe".into(),
        stripe_customer: Some("cus_Zoe333".to_owned()),
        plan: None,
        created_at: None,
    };
    mirror.write(|tx, _| billing::put(tx, &"production".into(), &[link], at(5)).unwrap());
    assert_eq!(ids(&mirror, "clx0000"), ["cus_Zoe333"]);
    let elsewhere = search(&mirror.conn, mirror.scope, Some(&"staging".into()), "clx0000", 20).unwrap();
    assert_eq!(elsewhere, []);
}

#[test]
fn a_renamed_customer_is_found_by_the_new_name_only() {
    let mut mirror = people();
    mirror.put("cus_Ann222", &customer("cus_Ann222", "Berta Kim", ""), at(6));
    assert_eq!(ids(&mirror, "ann lee"), Vec::<String>::new());
    assert_eq!(ids(&mirror, "kim"), ["cus_Ann222"]);
    mirror.write(|tx, scope| {
        mirror::bury(tx, scope, countersign_domain::stripe::ObjectKind::Customer, "cus_Ann222", at(7)).unwrap();
    });
    let hits = search(&mirror.conn, mirror.scope, None, "kim", 20).unwrap();
    assert!(hits[0].label.is_deleted);
}
