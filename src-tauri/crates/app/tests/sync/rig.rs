//! A simulated Stripe, a mirror in a folder of its own, and a clock that is set by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use countersign_app::jobs::sync::{Context, Options, Progress, SyncError, SyncReport, sync};
use countersign_demo::{Options as World, Simulator, WorldOptions, serve};
use countersign_domain::Instant;
use countersign_domain::ids::AccountId;
use countersign_domain::stripe::{
    Account, Charge, Coupon, Customer, Event, Invoice, InvoicePayment, ObjectKind, Price, Product, Subscription,
    WebhookEndpoint,
};
use countersign_sources::stripe::{Address, Client, FromWire, Key, Patience};
use countersign_store::mirror::{self, MIRROR, Scope};
use countersign_store::{Birth, Connection, Database, Found, Profile, StoreError, StoreKey};
use secrecy::SecretBox;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Where the history of every test ends.
pub const AS_OF: i64 = 1_795_132_800;

/// A small company: a few hundred objects.
pub fn small() -> World {
    world(7, 40, 6)
}

/// A company of so many customers and months.
pub fn world(seed: u64, customers: u32, months: u16) -> World {
    let as_of = Instant::from_timestamp(AS_OF, 0).unwrap();
    World::of(WorldOptions { seed, customers, months, as_of, older_renderings_pct: 30 })
}

/// A Stripe, a mirror and what is between them.
pub struct Rig {
    pub simulator: Simulator,
    pub client: Client,
    pub account: AccountId,
    pub mirror: Database,
    pub cancel: CancellationToken,
    pub told: Mutex<Vec<Progress>>,
    now_ms: AtomicI64,
    _folder: TempDir,
    _profile: Profile,
}

impl Rig {
    pub async fn new(options: World) -> Self {
        let simulator = serve(options, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let client = client(&simulator.url, &simulator.keys.full);
        let account = account(&simulator).await;
        let folder = tempfile::tempdir().unwrap();
        let (profile, mirror) = open(folder.path());
        Self {
            simulator,
            client,
            account,
            mirror,
            cancel: CancellationToken::new(),
            told: Mutex::default(),
            now_ms: AtomicI64::new(AS_OF * 1000),
            _folder: folder,
            _profile: profile,
        }
    }

    /// Lets our clock, not Stripe's, go on.
    pub fn pass(&self, duration: Duration) {
        self.now_ms.fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// Sets our clock back.
    pub fn set_back(&self, duration: Duration) {
        self.now_ms.fetch_sub(i64::try_from(duration.as_millis()).unwrap(), Ordering::Relaxed);
    }

    pub async fn sync(&self) -> Result<SyncReport, SyncError> {
        self.sync_with(Options::default(), |_| {}).await
    }

    /// Syncs, telling the test after each page.
    pub async fn sync_with(&self, options: Options, told: impl Fn(&Progress) + Sync) -> Result<SyncReport, SyncError> {
        let now = || Instant::from_timestamp_millis(self.now_ms.fetch_add(1, Ordering::Relaxed)).unwrap();
        let progress = |progress: &Progress| {
            self.told.lock().unwrap().push(progress.clone());
            told(progress);
        };
        let context = Context {
            client: &self.client,
            mirror: &self.mirror,
            account: &self.account,
            now: &now,
            progress: &progress,
            cancel: &self.cancel,
        };
        sync(&context, options).await
    }

    /// Syncs up to a page and drops the work there, in the middle of whatever it does, as a killed process is.
    pub async fn sync_until(&self, page: usize) {
        self.sync_until_with(page, |_| {}).await;
    }

    /// The same, telling the test after each page.
    pub async fn sync_until_with(&self, page: usize, told: impl Fn(&Progress) + Sync) {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let stop = Mutex::new(Some(stop));
        let seen = AtomicUsize::new(0);
        let count = |progress: &Progress| {
            told(progress);
            if seen.fetch_add(1, Ordering::Relaxed) + 1 == page {
                stop.lock().unwrap().take().into_iter().for_each(|stop| stop.send(()).unwrap_or_default());
            }
        };
        tokio::select! {
            report = self.sync_with(Options::default(), count) => drop(report.unwrap()),
            _ = stopped => {}
        }
    }

    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, Scope) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let (account, mode) = (self.account.clone(), self.client.mode());
        let read = self.mirror.read(move |conn| {
            let scope = Scope::find(conn, &account, mode)?.unwrap();
            work(conn, scope)
        });
        read.await.unwrap()
    }

    /// Fails with the first object in which the mirror differs from the account.
    ///
    /// The account is asked in process, past HTTP and past everything that is tested.
    pub async fn assert_equal(&self) {
        for kind in ObjectKind::all().filter(|kind| !matches!(kind, ObjectKind::Account | ObjectKind::Event)) {
            let held = self.held(kind).await;
            let truth = self.truth(kind);
            for (id, object) in &truth {
                assert_eq!(held.get(id).map(|held| different(held, object)), Some(Vec::new()), "{kind} {id}");
            }
            assert_eq!(held.len(), truth.len(), "{kind}: more than there is");
        }
    }

    /// Gives what the mirror holds of a kind, by id.
    pub async fn held(&self, kind: ObjectKind) -> BTreeMap<String, Value> {
        let texts = self.read(move |conn, scope| mirror::texts(conn, scope, kind)).await;
        let read = |(id, raw): (String, String)| (id, unexpanded(serde_json::from_str(&raw).unwrap()));
        texts.into_iter().map(read).collect()
    }

    /// Gives what it should hold.
    pub fn truth(&self, kind: ObjectKind) -> BTreeMap<String, Value> {
        let objects = self.simulator.objects(&format!("{kind}s")).into_iter();
        let kept = objects.map(|object| {
            let raw = raw_of(kind, object);
            let object: Value = serde_json::from_str(&raw).unwrap();
            (object["id"].as_str().unwrap().to_owned(), unexpanded(object))
        });
        kept.collect()
    }
}

/// Gives the places in which two objects differ, with both values.
fn different(held: &Value, truth: &Value) -> Vec<String> {
    let keys: BTreeSet<&String> =
        [held, truth].iter().filter_map(|one| one.as_object()).flat_map(|one| one.keys()).collect();
    let differs = |key: &&String| held.get(key.as_str()) != truth.get(key.as_str());
    let told = |key: &String| format!("{key}: {:?} instead of {:?}", held.get(key), truth.get(key));
    keys.into_iter().filter(differs).map(told).collect()
}

/// Gives the kept text of an object.
fn raw_of(kind: ObjectKind, object: Value) -> String {
    match kind {
        ObjectKind::Account => Account::read(object).unwrap().raw,
        ObjectKind::WebhookEndpoint => WebhookEndpoint::read(object).unwrap().raw,
        ObjectKind::Product => Product::read(object).unwrap().raw,
        ObjectKind::Price => Price::read(object).unwrap().raw,
        ObjectKind::Coupon => Coupon::read(object).unwrap().raw,
        ObjectKind::Customer => Customer::read(object).unwrap().raw,
        ObjectKind::Subscription => Subscription::read(object).unwrap().raw,
        ObjectKind::Invoice => Invoice::read(object).unwrap().raw,
        ObjectKind::InvoicePayment => InvoicePayment::read(object).unwrap().raw,
        ObjectKind::Charge => Charge::read(object).unwrap().raw,
        ObjectKind::Event => Event::read(object).unwrap().raw,
    }
}

/// Takes back what lists are asked to expand, because the truth is told unexpanded, and what changes without an event.
fn unexpanded(mut object: Value) -> Value {
    fn id(value: &mut Value) {
        if let Some(id) = value.get("id").cloned() {
            *value = id;
        }
    }
    let map = object.as_object_mut().unwrap();
    for key in ["tiers", "currency_options", "applies_to", "webhooks_delivered_at"] {
        map.remove(key);
    }
    object.pointer_mut("/discount/source/coupon").into_iter().for_each(id);
    object.get_mut("discounts").and_then(Value::as_array_mut).into_iter().flatten().for_each(id);
    for item in object.pointer_mut("/items/data").and_then(Value::as_array_mut).into_iter().flatten() {
        item.get_mut("discounts").and_then(Value::as_array_mut).into_iter().flatten().for_each(id);
    }
    object
}

/// Makes a client that is not spared: tests are not Stripe.
pub fn client(url: &str, key: &str) -> Client {
    let (key, _) = Key::read(key).unwrap();
    let patience = Patience { first: Duration::from_millis(2), longest: Duration::from_millis(20) };
    let client = Client::new(key, Address::parse(url).unwrap()).unwrap().with_patience(patience);
    client.lift_budget();
    client
}

/// Gives requests per second as an option.
pub fn per_second(rate: u32) -> Options {
    Options { is_full: false, per_second: NonZeroU32::new(rate) }
}

async fn account(simulator: &Simulator) -> AccountId {
    let account = client(&simulator.url, &simulator.keys.full).account().await.unwrap();
    AccountId::from(account["id"].as_str().unwrap())
}

fn open(folder: &Path) -> (Profile, Database) {
    let at = Instant::from_timestamp(AS_OF, 0).unwrap();
    let profile = Profile::enter(folder, at).unwrap();
    let key = StoreKey::from(SecretBox::new(Box::new([7; 32])));
    let database = match profile.inspect(&MIRROR, false).unwrap() {
        Found::Blank(blank) => blank.create(key, Birth { id: Uuid::nil(), at }).unwrap(),
        Found::Closed(closed) => closed.open(key, at).unwrap(),
    };
    (profile, database)
}
