//! How fast the mirror answers a caller: 50,000 customers, 150,000 invoices and charges, an encrypted file.
//!
//! Prints the times of each sort of question.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program to be read by people"
)]

use std::time::{Duration, Instant as Ticks};

use countersign_domain::Instant;
use countersign_domain::ids::AccountId;
use countersign_domain::money::{Currency, Minor};
use countersign_domain::stripe::charge::ChargeStatus;
use countersign_domain::stripe::invoice::InvoiceStatus;
use countersign_domain::stripe::{Charge, Customer, Invoice, Mode};
use countersign_store::mirror::customers::CustomerFilter;
use countersign_store::mirror::invoices::InvoiceFilter;
use countersign_store::mirror::search::search;
use countersign_store::mirror::{self, Incoming, MIRROR, Mirrored, Scope, Window, customers, invoices};
use countersign_store::{Birth, Database, Found, Profile, StoreError, StoreKey, Transaction};
use secrecy::SecretBox;
use uuid::Uuid;

const CUSTOMERS: u32 = 50_000;
const FIRST: [&str; 16] = [
    "Anna",
    "Björn",
    "Chloé",
    "Dmitri",
    "Elif",
    "François",
    "Grace",
    "Håkon",
    "Inés",
    "José",
    "Kateřina",
    "Lucía",
    "Mikołaj",
    "Nadia",
    "Óscar",
    "Zoë",
];
const LAST: [&str; 16] = [
    "Andersson",
    "Bianchi",
    "Castañeda",
    "Dvořák",
    "Eriksen",
    "Fernández",
    "García",
    "Hoffmann",
    "Ibarra",
    "Jørgensen",
    "Kowalski",
    "Lefèvre",
    "Müller",
    "Novák",
    "O'Brien",
    "Peña",
];

fn at(seconds: u32) -> Instant {
    Instant::from_timestamp(1_700_000_000 + i64::from(seconds), 0).unwrap()
}

/// A number that looks drawn, and is the same every time.
fn mixed(n: u32) -> u32 {
    n.wrapping_mul(2_654_435_761) ^ (n >> 3)
}

fn customer(n: u32) -> Customer {
    let (first, last) = (FIRST[mixed(n) as usize % 16], LAST[mixed(n / 7 + 3) as usize % 16]);
    Customer {
        id: format!("cus_{:08x}{n:05}", mixed(n)).into(),
        created_at: Some(at(n)),
        name: Some(format!("{first} {last} {n}")),
        email: Some(format!("{}.{n}@company{}.example.com", first.to_lowercase(), n % 900)),
        phone: None,
        country: None,
        currency: Some(Currency::USD),
        balance: Minor::ZERO,
        is_delinquent: false,
        discount: None,
        metadata: [("userId".to_owned(), format!("clx{:08x}{n:05}", mixed(n + 1)))].into(),
        is_deleted: false,
    }
}

fn invoice(n: u32) -> Invoice {
    let total = Minor(i64::from([2900, 29_000, 9900, 4900][n as usize % 4] + mixed(n) % 50));
    Invoice {
        id: format!("in_{:08x}{n:06}", mixed(n)).into(),
        number: Some(format!("{:06X}-{:04}", mixed(n / 3) % 0xFF_FFFF, n % 3 + 1)),
        customer: Some(customer(n / 3).id),
        subscription: None,
        status: InvoiceStatus::Paid,
        currency: Currency::USD,
        billing_reason: None,
        total,
        subtotal: total,
        tax: Minor::ZERO,
        amount_due: total,
        amount_paid: total,
        amount_remaining: Minor::ZERO,
        amount_paid_off_stripe: Minor::ZERO,
        attempt_count: 1,
        next_attempt_at: None,
        created_at: at(n),
        due_at: None,
        finalized_at: None,
        paid_at: None,
        voided_at: None,
        marked_uncollectible_at: None,
        webhooks_delivered_at: None,
        lines: Vec::new(),
    }
}

fn charge(n: u32) -> Charge {
    Charge {
        id: format!("ch_{:08x}{n:06}", mixed(n)).into(),
        customer: Some(customer(n / 3).id),
        payment_intent: None,
        status: ChargeStatus::Succeeded,
        currency: Currency::USD,
        amount: Minor(2900),
        amount_captured: Minor(2900),
        amount_refunded: Minor::ZERO,
        is_captured: true,
        is_disputed: false,
        failure_code: None,
        outcome_type: None,
        outcome_reason: None,
        card_brand: None,
        card_last4: Some(format!("{:04}", mixed(n) % 10_000)),
        created_at: at(n),
    }
}

fn put<T: Mirrored>(tx: &Transaction<'_>, scope: Scope, id: &str, value: &T) -> Result<(), StoreError> {
    let incoming = Incoming { value, id, created_at: None, raw: "{}", fetched_at: at(0) };
    mirror::put(tx, scope, &incoming).map(drop)
}

async fn filled(database: &Database) -> Scope {
    let start = Ticks::now();
    let scope = database.write(|tx| Scope::intern(tx, &AccountId::from("acct_1"), Mode::Test)).await.unwrap();
    for chunk in 0..CUSTOMERS / 1000 {
        let fill = move |tx: &Transaction<'_>| {
            for n in chunk * 1000..(chunk + 1) * 1000 {
                let one = customer(n);
                put(tx, scope, one.id.as_str(), &one)?;
                for n in n * 3..n * 3 + 3 {
                    let (bill, paid) = (invoice(n), charge(n));
                    put(tx, scope, bill.id.as_str(), &bill)?;
                    put(tx, scope, paid.id.as_str(), &paid)?;
                }
            }
            Ok(())
        };
        database.write(fill).await.unwrap();
    }
    println!("filled with {} objects in {:.1?}", CUSTOMERS * 7, start.elapsed());
    scope
}

/// Asks each question of a sort once, and prints its times.
async fn measured(database: &Database, scope: Scope, sort: &str, questions: Vec<String>) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut hits = 0;
    for question in questions {
        let (time, found) = database
            .read(move |conn| {
                let start = Ticks::now();
                let found = search(conn, scope, None, &question, 20)?;
                Ok((start.elapsed(), found.len()))
            })
            .await
            .unwrap();
        times.push(time);
        hits += found;
    }
    times.sort();
    let part = |share: usize| times[(times.len() - 1) * share / 100];
    println!("{sort:24} p50 {:>9.1?}  p99 {:>9.1?}  max {:>9.1?}  {hits} hits", part(50), part(99), part(100));
    times
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::enter(folder.path(), at(0)).unwrap();
    let key = StoreKey::from(SecretBox::new(Box::new([7; 32])));
    let Found::Blank(blank) = profile.inspect(&MIRROR, false).unwrap() else { return };
    let database = blank.create(key, Birth { id: Uuid::nil(), at: at(0) }).unwrap();
    let scope = filled(&database).await;
    let some = || (0..CUSTOMERS).step_by(499);
    let mut all = Vec::new();
    for (sort, questions) in [
        ("whole mail address", some().map(|n| customer(n).email.unwrap()).collect()),
        ("part of a mail address", some().map(|n| format!("{n}@comp")).collect()),
        ("name", some().map(|n| customer(n).name.unwrap()).collect::<Vec<_>>()),
        (
            "name turned round",
            some().map(|n| format!("{} {}", LAST[n as usize % 16], FIRST[n as usize / 16 % 16])).collect(),
        ),
        (
            "name without accents",
            some().map(|n| ["jose pena", "zoe muller", "chloe lefevre"][n as usize % 3].to_owned()).collect(),
        ),
        (
            "common part",
            some().map(|n| ["example.com", "company", "example muller"][n as usize % 3].to_owned()).collect(),
        ),
        ("two common, no match", some().map(|_| "andersson bianchi".to_owned()).collect()),
        ("one or two letters", some().map(|n| ["a", "zo", "an mu", "k"][n as usize % 4].to_owned()).collect()),
        ("id", some().map(|n| customer(n).id.to_string()).collect()),
        ("beginning of an id", some().map(|n| customer(n).id.as_str()[..9].to_owned()).collect()),
        ("user", some().map(|n| format!("clx{:08x}", mixed(n + 1))).collect()),
        ("invoice number", some().map(|n| invoice(n).number.unwrap()).collect()),
        ("amount", some().map(|n| ["29.00", "29 usd", "99.17", "1,290.00"][n as usize % 4].to_owned()).collect()),
        ("last digits", some().map(|n| format!("**** {:04}", n % 10_000)).collect()),
        ("nothing", some().map(|n| format!("qqzx{n}")).collect()),
    ] {
        all.extend(measured(&database, scope, sort, questions).await);
    }
    all.sort();
    let p99 = all[(all.len() - 1) * 99 / 100];
    println!("{:24} p50 {:>9.1?}  p99 {p99:>9.1?}  of {}", "all", all[all.len() / 2], all.len());
    for (list, text) in [("customers", ""), ("customers", "muller"), ("invoices", ""), ("invoices", "muller")] {
        let time = database
            .read(move |conn| {
                let start = Ticks::now();
                let window = Window { text: text.to_owned(), skip: 20_000, take: 100 };
                match list {
                    "customers" => {
                        drop(customers::list(conn, scope, None, &CustomerFilter::default(), &window, at(0))?)
                    }
                    _ => drop(invoices::list(conn, scope, None, &InvoiceFilter::default(), &window, at(0))?),
                }
                Ok(start.elapsed())
            })
            .await
            .unwrap();
        println!("list of {list} {text:10} {time:>9.1?}");
    }
}
