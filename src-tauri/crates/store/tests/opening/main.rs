//! Opening stores in every state they can be in: the start-up table, damage, two versions, two processes, restoring.
//!
//! Real files with real encryption. After each refusal the files must be byte for byte what they were.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test program")]

mod damage;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta};
use countersign_domain::failure::Code;
use countersign_store::{Birth, Database, Found, Layout, OpenError, Profile, StoreError, StoreKey};
use rusqlite::Connection;
use secrecy::SecretBox;
use uuid::Uuid;

const PAGE_BYTES: usize = 4_096;

static LEDGER: Layout = Layout {
    name: "ledger",
    file: "ledger.db",
    application_id: 0x1111,
    version: 1,
    is_copied_before_change: true,
    bring_up: version_one,
};
static LEDGER_NEXT: Layout = Layout { version: 2, bring_up: version_two, ..LEDGER };
static LEDGER_BROKEN: Layout = Layout { version: 2, bring_up: breaks_halfway, ..LEDGER };
static MIRROR: Layout = Layout {
    name: "mirror",
    file: "mirror.db",
    application_id: 0x2222,
    version: 1,
    is_copied_before_change: false,
    bring_up: version_one,
};

fn version_one(conn: &mut Connection) -> Result<(), StoreError> {
    if version(conn)? < 1 {
        conn.execute_batch(
            "CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT; PRAGMA user_version = 1",
        )?;
    }
    Ok(())
}

fn version_two(conn: &mut Connection) -> Result<(), StoreError> {
    if version(conn)? < 2 {
        conn.execute_batch("BEGIN; ALTER TABLE t ADD COLUMN more TEXT; PRAGMA user_version = 2; COMMIT")?;
    }
    Ok(())
}

fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn breaks_halfway(conn: &mut Connection) -> Result<(), StoreError> {
    let transaction = conn.transaction()?;
    transaction.execute_batch("ALTER TABLE t ADD COLUMN more TEXT; SELECT no_such_function()")?;
    Ok(transaction.commit()?)
}

fn now() -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn key(byte: u8) -> StoreKey {
    StoreKey::from(SecretBox::new(Box::new([byte; 32])))
}

fn birth() -> Birth {
    Birth { id: Uuid::from_bytes([4; 16]), at: now() }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A profile with a ledger of 200 rows, all of it in the file itself.
struct Made {
    place: tempfile::TempDir,
}

impl Made {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let made = Self { place };
        runtime().block_on(async {
            let ledger = create(&made.profile(), &LEDGER).unwrap();
            fill(&ledger, 0..200).await;
            ledger.empty_log().await.unwrap();
            ledger.close();
        });
        made
    }

    fn folder(&self) -> PathBuf {
        self.place.path().join("profile")
    }

    fn file(&self) -> PathBuf {
        self.folder().join("ledger.db")
    }

    fn profile(&self) -> Profile {
        // Connections of a closed pool are dropped in the background; the lock is free at once.
        Profile::enter(&self.folder(), now()).unwrap()
    }

    fn open(&self, layout: &'static Layout, with: StoreKey) -> Result<Database, OpenError> {
        let profile = self.profile();
        match profile.inspect(layout, false)? {
            Found::Closed(closed) => closed.open(with, now()),
            Found::Blank(_) => panic!("taken for a first run"),
        }
    }

    /// Checks that the store is refused with this code, that nothing changed, and gives the refusal.
    fn refused(&self, layout: &'static Layout, with: StoreKey, code: Code) -> OpenError {
        let before = contents(&self.folder());
        let refusal = runtime().block_on(async { self.open(layout, with).map(drop).expect_err("was opened") });
        assert_eq!(refusal.code(), code, "{refusal}");
        assert!(contents(&self.folder()) == before, "{refusal}: the files changed");
        refusal
    }

    fn opens(&self) -> i64 {
        runtime().block_on(async { rows(&self.open(&LEDGER, key(1)).unwrap()).await })
    }
}

fn create(profile: &Profile, layout: &'static Layout) -> Result<Database, OpenError> {
    match profile.inspect(layout, false)? {
        Found::Blank(blank) => blank.create(key(1), birth()),
        Found::Closed(_) => panic!("there is one already"),
    }
}

async fn fill(database: &Database, numbers: std::ops::Range<i64>) {
    let insert = move |conn: &rusqlite::Transaction<'_>| {
        for n in numbers {
            conn.execute("INSERT INTO t (n, text) VALUES (?1, ?2)", (n, "needle ".repeat(60)))?;
        }
        Ok(())
    };
    database.write(insert).await.unwrap();
}

async fn rows(database: &Database) -> i64 {
    database.read(|conn| Ok(conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)).await.unwrap()
}

/// Every file of a folder but the lock and what SQLite keeps beside an open file.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let kept = |name: &str| !name.ends_with("-shm") && !name.ends_with("-wal") && name != "profile.lock";
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file());
    let files = files.filter(|path| kept(&path.file_name().unwrap().to_string_lossy()));
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn flip(file: &Path, offset: usize, bit: u8) {
    let mut bytes = fs::read(file).unwrap();
    bytes[offset] ^= 1 << bit;
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_first_run_makes_an_encrypted_store_for_its_owner_only() {
    let made = Made::new();
    let bytes = fs::read(made.file()).unwrap();
    assert!(!bytes.starts_with(b"SQLite format 3") && !bytes.windows(6).any(|part| part == b"needle"));
    for file in ["ledger.db", "store.json", "profile.lock"] {
        let mode = made.folder().join(file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    assert_eq!(made.opens(), 200);
    assert!(!fs::read_to_string(made.folder().join("store.json")).unwrap().contains(&"01".repeat(8)));
}

#[test]
fn the_log_beside_an_open_store_is_for_its_owner_only() {
    let made = Made::new();
    runtime().block_on(async {
        let ledger = made.open(&LEDGER, key(1)).unwrap();
        fill(&ledger, 500..510).await;
        let log = fs::read(made.folder().join("ledger.db-wal")).unwrap();
        assert!(!log.is_empty() && !log.windows(6).any(|part| part == b"needle"));
        let mode = made.folder().join("ledger.db-wal").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    });
}

#[test]
fn a_store_that_is_gone_is_no_first_run() {
    let made = Made::new();
    fs::rename(made.file(), made.folder().join("elsewhere")).unwrap();
    let refusal = made.refused(&LEDGER, key(1), Code::LedgerMissing);
    assert!(matches!(refusal, OpenError::Missing { created_at: Some(at), .. } if at == now()));

    // Everything is gone; only the keychain remembers.
    let place = tempfile::tempdir().unwrap();
    let profile = Profile::enter(place.path(), now()).unwrap();
    assert_eq!(profile.inspect(&LEDGER, true).map(drop).unwrap_err().code(), Code::LedgerMissing);
    assert_eq!(profile.inspect(&MIRROR, true).map(drop).unwrap_err().code(), Code::DbMissing);
    assert!(matches!(profile.inspect(&LEDGER, false), Ok(Found::Blank(_))));
}

#[test]
fn a_failed_step_leaves_the_old_version_and_a_copy() {
    let made = Made::new();
    let before = fs::read(made.file()).unwrap();
    let refusal = runtime().block_on(async { made.open(&LEDGER_BROKEN, key(1)).map(drop).unwrap_err() });
    let OpenError::Migration { from: 1, to: 2, copy, .. } = &refusal else { panic!("{refusal}") };
    assert_eq!(refusal.code(), Code::MigrationFailed);
    assert!(fs::read(made.file()).unwrap() == before);
    assert_eq!(made.opens(), 200);

    let profile = made.profile();
    let moved = profile
        .restore(&LEDGER, &key(1), fs::File::open(copy).unwrap(), now())
        .unwrap()
        .expect("the present file is kept");
    assert!(fs::read(moved).unwrap() == before);
    drop(profile);
    assert_eq!(made.opens(), 200);
}

#[test]
fn copies_are_verified_and_restoring_overwrites_nothing() {
    let made = Made::new();
    let copy = made.place.path().join("copy.db");
    runtime().block_on(async {
        let ledger = made.open(&LEDGER, key(1)).unwrap();
        fs::write(made.place.path().join("copy.db.partial"), "somebody's").unwrap();
        ledger.copy_to(&LEDGER, copy.clone()).await.unwrap();
        assert_eq!(fs::read(made.place.path().join("copy.db.partial")).unwrap(), b"somebody's");
        assert!(ledger.copy_to(&LEDGER, copy.clone()).await.is_err(), "a copy was overwritten");
        fill(&ledger, 300..310).await;
        for day in 0..20 {
            ledger.copy_of_the_day(&LEDGER, now() + TimeDelta::days(day)).await.unwrap();
            ledger.copy_of_the_day(&LEDGER, now() + TimeDelta::days(day)).await.unwrap();
        }
        ledger.empty_log().await.unwrap();
    });
    assert_eq!(fs::read_dir(made.folder().join("backups")).unwrap().count(), 14);
    let whole = fs::read(&copy).unwrap();
    let profile = made.profile();
    for (at, with) in [(9, key(1)), (whole.len() - 9, key(1)), (9, key(2))] {
        let before = contents(&made.folder());
        flip(&copy, at, 0);
        let refusal = profile.restore(&LEDGER, &with, fs::File::open(&copy).unwrap(), now()).unwrap_err();
        assert_eq!(refusal.code(), Code::BackupInvalid, "{refusal}");
        assert!(contents(&made.folder()) == before);
        fs::write(&copy, &whole).unwrap();
    }
    assert_eq!(
        profile.restore(&LEDGER, &key(2), fs::File::open(&copy).unwrap(), now()).unwrap_err().code(),
        Code::BackupInvalid
    );
    profile.restore(&LEDGER, &key(1), fs::File::open(&copy).unwrap(), now()).unwrap();
    drop(profile);
    assert_eq!(made.opens(), 200);
}

#[test]
fn a_store_set_aside_makes_room_and_stays() {
    let made = Made::new();
    let before = fs::read(made.file()).unwrap();
    let profile = made.profile();
    let moved = profile.set_aside(&LEDGER, now()).unwrap().unwrap();
    assert!(fs::read(moved).unwrap() == before);
    runtime().block_on(async { assert_eq!(rows(&create(&profile, &LEDGER).unwrap()).await, 0) });
    assert!(profile.set_aside(&MIRROR, now()).unwrap().is_none());
}

#[test]
fn readers_cannot_write_and_nobody_can_attach() {
    let made = Made::new();
    runtime().block_on(async {
        let ledger = made.open(&LEDGER, key(1)).unwrap();
        let sneaks = ledger.read(|conn| Ok(conn.execute("DELETE FROM t", [])?)).await;
        assert!(matches!(sneaks, Err(StoreError::ReadOnly)), "{sneaks:?}");
        let attached = ledger.write(|conn| Ok(conn.execute_batch("ATTACH ':memory:' AS other")?)).await;
        assert!(attached.is_err());
        let schema = "UPDATE sqlite_schema SET sql = '' WHERE name = 't'";
        assert!(ledger.write(|conn| Ok(conn.execute(schema, [])?)).await.is_err());
        assert_eq!(rows(&ledger).await, 200);
    });
}

#[test]
fn a_panic_rolls_back_and_the_store_goes_on() {
    let made = Made::new();
    runtime().block_on(async {
        let ledger = made.open(&LEDGER, key(1)).unwrap();
        let broken: Result<(), _> = ledger
            .write(|conn| {
                conn.execute("DELETE FROM t", [])?;
                panic!("a panic of the test")
            })
            .await;
        assert!(matches!(broken, Err(StoreError::Panicked)));
        let failed: Result<(), _> = ledger
            .write(|conn| {
                conn.execute("DELETE FROM t", [])?;
                Err(StoreError::Closed)
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Closed)));
        fill(&ledger, 1_000..1_001).await;
        assert_eq!(rows(&ledger).await, 201);
    });
}

#[test]
fn reading_goes_on_while_others_write_and_sees_one_moment() {
    let made = Made::new();
    runtime().block_on(async {
        let ledger = made.open(&LEDGER, key(1)).unwrap();
        let writing = tokio::spawn({
            let ledger = ledger.clone();
            async move {
                for n in 0..30 {
                    fill(&ledger, 1_000 + n * 10..1_010 + n * 10).await;
                }
            }
        });
        while !writing.is_finished() {
            let count = rows(&ledger).await;
            assert_eq!(count % 10, 0, "a half-written transaction was seen");
        }
        assert_eq!(rows(&ledger).await, 500);
    });
}

#[test]
fn a_file_that_vanishes_is_not_made_anew() {
    let made = Made::new();
    runtime().block_on(async {
        let ledger = made.open(&LEDGER, key(1)).unwrap();
        fs::rename(made.file(), made.folder().join("elsewhere")).unwrap();
        let count = ledger.read(|conn| Ok(conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0))?));
        assert!(count.await.is_err());
    });
    assert!(!made.file().exists());
}

#[test]
fn of_many_that_start_at_once_exactly_one_enters() {
    let place = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        let gate = std::sync::Barrier::new(8);
        let entered: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        gate.wait();
                        Profile::enter(place.path(), now())
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let refused = entered.iter().filter(|entry| matches!(entry, Err(OpenError::InstanceRunning { .. }))).count();
        assert_eq!((entered.len(), refused), (8, 7));
    }
}
