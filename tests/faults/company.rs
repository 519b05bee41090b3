//! An invented company to read from, a profile connected to it, and what the profile's mirror holds.

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;

use anyhow::{Context as _, Result, anyhow, ensure};
use countersign_app::domain::failure::Failure;
use countersign_app::domain::stripe::ObjectKind;
use countersign_app::{App, Opening, mirror, record};
use countersign_demo::{Options, Simulator, WorldOptions, serve};
use countersign_store::StoreError;
use countersign_store::mirror::{plain, texts};
use serde_json::Value;
use support::program::{Profile, Said};

/// The environment of every profile made here.
pub const ENVIRONMENT: &str = "here";

/// Requests per second: the company here need not be spared.
pub const RATE: &str = "25";

/// Describes a company small enough to be read many times.
pub fn small() -> Options {
    let as_of = "2026-11-01T00:00:00Z".parse().unwrap();
    Options::of(WorldOptions { seed: 7, customers: 60, months: 8, ..WorldOptions::at(as_of) })
}

/// Starts the company.
pub async fn company(options: Options) -> Result<Simulator> {
    Ok(serve(options, "127.0.0.1:0".parse()?).await?)
}

/// Makes a profile with one environment.
pub fn profile(folder: &tempfile::TempDir, name: &str) -> Profile {
    let profile = Profile::at(folder.path().join(name));
    profile.must(&["env", "add", ENVIRONMENT, "--class", "test"]);
    profile
}

/// Hands the program a key of the company.
pub fn connect(profile: &Profile, simulator: &Simulator, key: &str) -> Said {
    profile.run_with(key, &["connect", "stripe", "--url", &simulator.url, "--secret-stdin"])
}

/// Makes a profile that is connected to the company with its full key.
pub fn connected(folder: &tempfile::TempDir, name: &str, simulator: &Simulator) -> Result<Profile> {
    let profile = profile(folder, name);
    let said = connect(&profile, simulator, &simulator.keys.full);
    ensure!(said.code == 0, "connect: {said:?}");
    Ok(profile)
}

/// What a mirror holds: every object of every kind, by its id.
pub type Held = BTreeMap<ObjectKind, BTreeMap<String, Value>>;

/// Opens a profile in this process; nobody else works on it meanwhile.
pub async fn open(profile: &Profile) -> Result<App> {
    let app = App::start(Opening { folder: Some(profile.folder.clone()) }).await;
    app.stores().map_err(told)?;
    Ok(app)
}

/// Looks at what a profile's mirror holds.
pub async fn held(profile: &Profile) -> Result<Held> {
    let app = open(profile).await?;
    let environment = record::environment(&app, &ENVIRONMENT.into()).await.map_err(told)?;
    let held = mirror::read(&app, &environment, "Could not read the mirror", |conn, scope| {
        let kinds = ObjectKind::all().filter(|kind| *kind != ObjectKind::Account);
        kinds.map(|kind| Ok((kind, texts(conn, scope, kind)?))).collect::<Result<Vec<_>, StoreError>>()
    });
    let held = held.await.map_err(told)?.context("nothing was read yet")?;
    app.end().await;
    let object = |(id, text): (String, String)| Ok((id, serde_json::from_str(&plain(&text))?));
    let held = held.into_iter().map(|(kind, texts)| Ok((kind, texts.into_iter().map(object).collect::<Result<_>>()?)));
    let held: Held = held.collect::<Result<_>>()?;
    let count = held.values().map(BTreeMap::len).sum::<usize>();
    ensure!(count > 200, "{count} objects are too few to tell anything");
    Ok(held)
}

/// Fails with the first object in which two mirrors differ.
pub fn equal(held: &Held, expected: &Held) -> Result<()> {
    for (kind, objects) in expected {
        let found = held.get(kind).context("a kind is missing")?;
        for (id, object) in objects {
            let other = found.get(id).with_context(|| format!("{kind} {id} is missing"))?;
            ensure!(other == object, "{kind} {id}:\n{other}\ninstead of\n{object}");
        }
        ensure!(found.len() == objects.len(), "{} {kind} instead of {}", found.len(), objects.len());
    }
    Ok(())
}

/// Runs a sync that reads everything again and has to end well.
pub fn read_all(profile: &Profile) {
    let report = profile.must(&["sync", "--full", "--rate", RATE]);
    assert_eq!(report["complete"], true, "{report}");
}

/// Makes an error of a failure.
pub fn told(failure: Failure) -> anyhow::Error {
    anyhow!("{} {} ({})", failure.what, failure.why, failure.code)
}

/// Moments drawn from a seed that is printed, so that a failure can be drawn again.
pub struct Dice(u64);

impl Dice {
    /// Takes the seed from `COUNTERSIGN_SEED`, or a new one.
    pub fn new() -> Self {
        let named = std::env::var("COUNTERSIGN_SEED").ok().and_then(|text| text.parse().ok());
        let seed = named.unwrap_or_else(|| std::hash::RandomState::new().hash_one(0)) | 1;
        println!("COUNTERSIGN_SEED={seed}");
        Self(seed)
    }

    /// Draws a number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        // xorshift64: nobody has to guess it.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}
