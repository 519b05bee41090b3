//! The invented company: its simulator and its billing database, connected like a real one.
//!
//! It has a profile of its own that begins anew with every start, because its history ends today. It answers to test keys
//! on a loopback address and can reach nothing else; what is signed in it says DEMO.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use countersign_demo::{Options, Simulator, WorldOptions, serve};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{EnvironmentId, OperatorId, RunId, TemplateId};
use countersign_domain::workspace::entry::{EndpointExpected, EnvironmentAdded};
use countersign_domain::workspace::{
    Class, DatabasePlace, Entry, ExchangeRate, Exposure, ExposureOperator, ExposureRule, Workspace,
};
use countersign_sources::keychain::{Item, KeychainError, Kind};
use countersign_sources::secret::Secret;

use crate::app::{App, Opening};
use crate::bus::Topic;
use crate::checklists::runs::{self, StartRun};
use crate::checks::{self, Checked};
use crate::failure::{Tell as _, told};
use crate::jobs::refresh::{self, Refreshed};
use crate::jobs::sync::Options as SyncOptions;
use crate::settings::connections::{ConnectDatabase, ConnectStripe};
use crate::settings::operators::{AddOperator, OperatorsRequest};
use crate::settings::{database, environments, operators, stripe};
use crate::{clock, frame, record};

/// Customers the company has had.
pub const CUSTOMERS: u32 = 4_000;
/// The environment of the invented company.
pub const ENVIRONMENT: &str = "demo";
/// Passphrase of the invented operator. It protects invented signatures and is printed with them.
pub const PASSPHRASE: &str = "demo passphrase";
/// The checklist its release goes by, and the release.
const TEMPLATE: &str = "devflowhub-rollout";
const RELEASE: &str = "v1.0.0";
/// What a run that begins makes stale.
const TOPICS: &[Topic] = &[Topic::Checklists, Topic::Ledger];
/// The file its application writes to.
const BILLING_FILE: &str = "billing.sqlite";

/// Gives the folder of the demo's profile.
#[must_use]
pub fn folder(named: Option<PathBuf>) -> PathBuf {
    named.unwrap_or_else(|| dirs::data_dir().unwrap_or_else(|| PathBuf::from(".")).join("dev.countersign.console.demo"))
}

/// Starts the program on the invented company.
///
/// **Shape**: what an earlier demo left in the folder is removed first, its keys included. A folder that holds anything
/// else is refused.
/// **Errors**: a folder of something else, a keychain that does not work, a simulator that cannot listen.
pub async fn open(named: Option<PathBuf>, customers: u32) -> Result<App, Failure> {
    let folder = folder(named);
    clear(&folder).await?;
    let app = App::start(Opening { folder: Some(folder) }).await;
    app.stores()?;
    mark(app.folder())?;
    let simulator = start(app.folder(), customers).await?;
    connect(&app, &simulator).await?;
    app.keep_simulator(simulator);
    Ok(app)
}

/// Reads the company into the mirror.
///
/// **Errors**: those of the refresh.
pub async fn read(app: &App) -> Result<Refreshed, Failure> {
    let (environment, job) = refresh::begin(app, &EnvironmentId::from(ENVIRONMENT)).await?;
    let done = refresh::run(app, &environment, SyncOptions::default(), &job).await;
    match done.failure() {
        Some(failure) => Err(failure.clone()),
        None => Ok(done),
    }
}

/// Starts the rollout of the invented release, with its checks made once.
///
/// **Errors**: those of starting a run and of its checks.
pub async fn check(app: &App) -> Result<(RunId, Vec<Checked>), Failure> {
    let request = StartRun {
        template: TemplateId::from(TEMPLATE),
        environment: EnvironmentId::from(ENVIRONMENT),
        release: RELEASE.to_owned(),
        owner: Some(operator(app).await?),
        people: Vec::new(),
        business_days: false,
    };
    let started = app.acted("run_start", TOPICS, runs::start(app, clock::name(), request)).await?;
    let run = started.brief.run;
    let (batch, job) = checks::begin(app, &run, &[]).await?;
    let checked = checks::run(app, batch, &job).await?;
    Ok((run, checked))
}

/// Ends the demo: the simulator stops, its keys leave the keychain, its folder is removed.
pub async fn close(app: &App) {
    app.end().await;
    if let Err(failure) = clear(app.folder()).await {
        tracing::warn!(code = %failure.code, "the demo's folder was left behind");
    }
}

/// A file that says that a folder is a demo's and may be removed.
const MARK: &str = "this-is-a-demo";

fn mark(folder: &Path) -> Result<(), Failure> {
    std::fs::write(folder.join(MARK), "Everything in this folder is invented and is removed when the demo starts.\n")
        .map_err(|error| told(Code::ExportTarget, "Could not prepare the demo", error.to_string()))
}

/// Removes what an earlier demo left: its keys, then its folder.
async fn clear(folder: &Path) -> Result<(), Failure> {
    let what = "Could not prepare the demo";
    let Ok(mut entries) = std::fs::read_dir(folder) else { return Ok(()) };
    if entries.next().is_none() {
        return Ok(());
    }
    if !folder.join(MARK).exists() {
        let why = format!("{} holds something that is no demo", crate::files::tilde(folder));
        return Err(told(Code::StateConflict, what, why));
    }
    let Ok(profile) = countersign_store::Profile::enter(folder, clock::now()) else {
        return Err(told(Code::InstanceRunning, what, "a demo is running in that folder"));
    };
    let keychain = countersign_sources::keychain::Keychain::default();
    let names = [
        (Kind::StoreKey, "mirror"),
        (Kind::StoreKey, "ledger"),
        (Kind::LedgerHead, "ledger"),
        (Kind::SealKey, "console"),
    ];
    let others = [(Kind::StripeKey, ENVIRONMENT), (Kind::DatabasePassword, ENVIRONMENT)];
    for (kind, name) in names.into_iter().chain(others) {
        match keychain.remove(&Item::new(kind, profile.id(), name)).await {
            Ok(()) | Err(KeychainError::Missing { .. }) => {}
            Err(error) => return Err(error.tell(what)),
        }
    }
    drop(profile);
    std::fs::remove_dir_all(folder).map_err(|error| told(Code::ExportTarget, what, error.to_string()))
}

async fn start(folder: &Path, customers: u32) -> Result<Simulator, Failure> {
    let world = WorldOptions { customers, ..WorldOptions::at(clock::now()) };
    let options = Options { billing_db: Some(folder.join(BILLING_FILE)), ..Options::of(world) };
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let started = serve(options, here).await;
    started.map_err(|error| told(Code::Internal, "Could not start the invented company", error.to_string()))
}

async fn connect(app: &App, simulator: &Simulator) -> Result<(), Failure> {
    let id = EnvironmentId::from(ENVIRONMENT);
    let made = Entry::EnvironmentAdded(EnvironmentAdded { class: Class::Production, is_demo: true });
    environments::add_as(app, clock::name(), &id, made).await?;
    record::note(app, clock::name(), None, Entry::WorkspaceSet(workspace())).await?;
    let endpoint = EndpointExpected { webhook_url: Some(WEBHOOK_URL.to_owned()) };
    record::note(app, clock::name(), Some(&id), Entry::EndpointExpected(endpoint)).await?;
    let request = ConnectStripe { environment: id.clone(), url: simulator.url.clone() };
    stripe::connect(app, clock::name(), request, Secret::from(simulator.keys.full.clone())).await?;
    let place = DatabasePlace::Sqlite { file: app.folder().join(BILLING_FILE).display().to_string() };
    let request = ConnectDatabase { environment: id, place, schema: String::new(), profile: None };
    database::connect(app, clock::name(), request, Secret::from(String::new())).await?;
    let person = AddOperator {
        name: "Dana Demo".to_owned(),
        email: "dana@countersign.test".to_owned(),
        roles: vec!["operations_manager".to_owned(), "finance_manager".to_owned()],
    };
    operators::add(app, clock::name(), person, Secret::from(PASSPHRASE.to_owned())).await?;
    frame::restore_choice(app).await;
    app.choose(|chosen| chosen.environment = Some(EnvironmentId::from(ENVIRONMENT)));
    Ok(())
}

/// Address at which the invented application takes webhooks.
const WEBHOOK_URL: &str = "https://app.devflowhub.example/api/billing/webhook";

/// DevFlowHub's workspace, with the rates its three currencies need.
fn workspace() -> Workspace {
    let rate = |base: &str, rate: &str| ExchangeRate {
        date: "2020-01-01".to_owned(),
        base: base.to_owned(),
        quote: "usd".to_owned(),
        rate: rate.to_owned(),
    };
    // A column of the application's own: who the new billing is switched on for.
    let exposed = ExposureRule {
        column: "newBillingEnabled".to_owned(),
        operator: ExposureOperator::IsTrue,
        value: String::new(),
    };
    Workspace {
        rates: vec![rate("eur", "1.08"), rate("jpy", "0.0066")],
        exposure: Some(Exposure { table: "User".to_owned(), exposed, eligible: None }),
        ..Workspace::devflowhub()
    }
}

/// Gives the invented operator.
///
/// **Errors**: closed stores.
pub async fn operator(app: &App) -> Result<OperatorId, Failure> {
    let operators = operators::list(app, OperatorsRequest {}).await?;
    let first = operators.operators.into_iter().next();
    first.map(|operator| operator.id).ok_or_else(|| crate::failure::not_found("operator", "of the demo"))
}
