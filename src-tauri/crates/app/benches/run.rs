//! How fast a large run answers: 400 lines, 5,000 records of evidence, nine signatures, an encrypted file.
//!
//! Prints the times of what a person waits for. The program starts itself again inside a session with a keyring.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "a program to be read by people")]

#[path = "../../../../tests/support/session.rs"]
mod session;

use std::time::{Duration, Instant as Ticks};

use countersign_app::checklists::import::{self, ImportTemplate};
use countersign_app::checklists::items::{self, ConfirmItem, ItemRequest};
use countersign_app::checklists::runs::{self, RunPage, RunRequest, StartRun};
use countersign_app::domain::checklist::digest::Digest;
use countersign_app::domain::checklist::entry::{Entry, ItemAttached, ItemNote};
use countersign_app::domain::ids::{ItemId, OperatorId, RunId};
use countersign_app::domain::ledger::Draft;
use countersign_app::domain::workspace::Class;
use countersign_app::ledger::{append, word};
use countersign_app::settings::environments::{self, AddEnvironment};
use countersign_app::settings::operators::{self, AddOperator};
use countersign_app::{App, Opening, Secret, clock};

const LINES: usize = 400;
const RECORDS: usize = 5_000;
/// Entries written in one go.
const AT_ONCE: usize = 500;
/// How often each question is asked; the middle time counts.
const TIMES: usize = 21;
const ENVIRONMENT: &str = "bench";
const ROLES: [&str; 9] = [
    "Lead Developer",
    "QA Engineer",
    "DevOps Engineer",
    "Product Manager",
    "Finance Manager",
    "Operations Manager",
    "System Administrator",
    "CTO / Engineering Lead",
    "CEO / Authorized Signatory",
];

fn main() {
    if session::enter("run") == session::Place::Outside {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(folder.path()));
}

async fn measure(folder: &std::path::Path) {
    let (run, ana) = written(folder).await;
    let began = Ticks::now();
    let app = App::start(Opening { folder: Some(folder.to_owned()) }).await;
    let opened = began.elapsed();
    let began = Ticks::now();
    let first = page(&app, &run).await;
    println!(
        "run      {LINES} lines, {} records of evidence",
        first.items.iter().map(|item| item.evidence).sum::<u32>()
    );
    println!(
        "         opening the stores {}, reading the ledger and the first page {}",
        ms(opened),
        ms(began.elapsed())
    );

    let mut pages = Vec::new();
    let mut details = Vec::new();
    for item in first.items.iter().take(TIMES) {
        let began = Ticks::now();
        page(&app, &run).await;
        pages.push(began.elapsed());
        let began = Ticks::now();
        items::item(&app, ItemRequest { run: run.clone(), item: item.id.clone() }).await.unwrap();
        details.push(began.elapsed());
    }
    let mut confirmed = Vec::new();
    let mut shown = Vec::new();
    for item in first.items.iter().filter(|item| item.kind == "manual").take(TIMES) {
        let request =
            ConfirmItem { run: run.clone(), item: item.id.clone(), operator: ana.clone(), note: "seen".to_owned() };
        let began = Ticks::now();
        items::confirm(&app, clock::name(), request).await.unwrap();
        confirmed.push(began.elapsed());
        page(&app, &run).await;
        shown.push(began.elapsed());
    }
    println!("         page {}, an item {}", ms(middle(pages)), ms(middle(details)));
    println!("         confirming {}, until the new page is there {}", ms(middle(confirmed)), ms(middle(shown)));
    app.end().await;
}

/// Writes the run, and leaves the profile closed.
async fn written(folder: &std::path::Path) -> (RunId, OperatorId) {
    let app = App::start(Opening { folder: Some(folder.to_owned()) }).await;
    let environment = AddEnvironment { name: ENVIRONMENT.to_owned(), class: Class::Test };
    environments::add(&app, clock::name(), environment).await.unwrap();
    let person = AddOperator { name: "Ana".to_owned(), email: "ana@example.com".to_owned(), roles: Vec::new() };
    let secret = Secret::from("a passphrase of the bench".to_owned());
    operators::add(&app, clock::name(), person, secret).await.unwrap();
    let ana = operators::find(&app, "Ana").await.unwrap();
    let import =
        ImportTemplate { markdown: markdown(), name: String::new(), file: String::new(), decisions: Vec::new() };
    let template = import::import(&app, clock::name(), import).await.unwrap().brief.id;
    let release = "v1.0.0".to_owned();
    let start = StartRun {
        template,
        environment: ENVIRONMENT.into(),
        release,
        owner: Some(ana.clone()),
        people: Vec::new(),
        business_days: false,
    };
    let started = runs::start(&app, clock::name(), start).await.unwrap();
    let run = started.brief.run;
    let lines: Vec<ItemId> =
        started.items.iter().filter(|item| item.kind != "signoff").map(|item| item.id.clone()).collect();
    assert!(lines.len() == LINES, "{} lines were understood", lines.len());
    let records: Vec<Draft> = (0..RECORDS).map(|n| record(&run, lines.get(n % LINES).unwrap(), n)).collect();
    let stores = app.stores().unwrap();
    for some in records.chunks(AT_ONCE) {
        append(&stores.ledger, some.to_vec(), &[], &clock::moment()).await.unwrap();
    }
    app.end().await;
    (run, ana)
}

fn markdown() -> String {
    let mut text = "# A large list\n".to_owned();
    for n in 0..LINES {
        if n % 25 == 0 {
            text += &format!("\n## Section {}\n\n", n / 25 + 1);
        }
        text += &format!("- [ ] Point {n} was looked at and is in order\n");
    }
    text += "\n## Sign-off\n\n";
    ROLES.iter().for_each(|role| text += &format!("- [ ] {role}: ________________ Date: ________\n"));
    text
}

/// A note or a file, in turn.
fn record(run: &RunId, item: &ItemId, n: usize) -> Draft {
    let entry: Entry = if n.is_multiple_of(2) {
        ItemNote { item: item.clone(), text: format!("Looked at it for the {n}th time; nothing is out of order.") }
            .into()
    } else {
        let (name, sha256) = (format!("report-{n}.xml"), Digest::of_bytes(&n.to_le_bytes()));
        ItemAttached { item: item.clone(), name, sha256, bytes: 1_000, release: None, facts: None, meant: None }.into()
    };
    let draft = Draft::new(word(entry.kind()).unwrap(), clock::name(), &entry.body().unwrap()).unwrap();
    draft.on(format!("run/{run}/item/{item}")).in_environment(ENVIRONMENT).by("ana".into(), "Ana".to_owned())
}

async fn page(app: &App, run: &RunId) -> RunPage {
    runs::page(app, RunRequest { run: run.clone() }).await.unwrap()
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
