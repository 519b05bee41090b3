//! The states of a keychain, and what a caller gets in each.

use std::time::{Duration, Instant};

use countersign_domain::failure::Code;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::Hash;
use countersign_sources::keychain::{CALL_LIMIT, FRESH_THREAD_AFTER, Item, Keychain, KeychainError, Kind};
use countersign_sources::secret::Secret;
use countersign_sources::signing::{SigningError, SigningKeys};

use crate::session::{Daemon, lock, owner, secret_tool, signal, stop_activated};

/// Which bus a state needs.
#[derive(Clone, Copy)]
pub enum Bus {
    /// A session bus that can start services.
    Private,
    /// A session bus that knows no services.
    WithoutServices,
    /// No bus at all.
    None,
}

type State = (&'static str, Bus, fn());

/// Every state, with the bus it needs.
pub const STATES: &[State] = &[
    ("unlocked", Bus::Private, unlocked),
    ("daemon restarted", Bus::Private, daemon_restarted),
    ("locked, no prompter", Bus::Private, locked),
    ("never unlocked", Bus::Private, never_unlocked),
    ("no service", Bus::WithoutServices, no_service),
    ("no bus", Bus::None, no_bus),
    ("silent", Bus::Private, silent),
    ("silent for good", Bus::Private, silent_for_good),
    ("crashed, back and locked", Bus::Private, crashed),
    ("appears later", Bus::Private, appears_later),
    ("entry gone", Bus::Private, entry_gone),
    ("entry changed", Bus::Private, entry_changed),
    ("fifty callers", Bus::Private, fifty_callers),
    ("long secret", Bus::Private, long_secret),
    ("signing keys", Bus::Private, signing_keys),
];

/// Makes the named state and checks it.
pub fn run(name: &str) {
    let (_, _, check) = STATES.iter().find(|(known, ..)| *known == name).expect("a known state");
    check();
}

fn item() -> Item {
    Item::new(Kind::StripeKey, "profile", "production")
}

fn value() -> Secret {
    Secret::from(b"rk_live_\xff\x00binary".to_vec())
}

/// Runs the work on one thread while a heartbeat ticks; the thread must never be held up.
fn during<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let beat = tokio::spawn(async {
            let (mut longest, mut last) = (Duration::ZERO, Instant::now());
            loop {
                tokio::time::sleep(Duration::from_millis(10)).await;
                longest = longest.max(last.elapsed());
                last = Instant::now();
                assert!(longest < Duration::from_millis(500), "the caller's thread was held up for {longest:?}");
            }
        });
        let begun = Instant::now();
        let answer = work.await;
        assert!(begun.elapsed() < CALL_LIMIT * 2, "two calls took {:?}", begun.elapsed());
        assert!(!beat.is_finished(), "the heartbeat stopped");
        answer
    })
}

/// Asks both ways and checks that both answers carry this code, each within its deadline.
fn refused_with(keychain: &Keychain, code: Code) {
    let (put, get, probe) = during(async {
        let begun = Instant::now();
        let put = keychain.put(&item(), value()).await;
        assert!(begun.elapsed() < CALL_LIMIT + Duration::from_millis(500), "{:?}", begun.elapsed());
        (put, keychain.get(&item()).await.map(drop), keychain.probe("profile").await.map(drop))
    });
    for (call, answer) in [("put", put), ("get", get), ("probe", probe)] {
        let refusal = answer.expect_err(call);
        assert_eq!(refusal.code(), code, "{call}: {refusal}");
    }
}

fn reads_back(keychain: &Keychain) {
    let found = during(keychain.get(&item())).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert!(found.expose() == value().expose(), "another value came back");
}

fn written() -> Keychain {
    let keychain = Keychain::default();
    during(keychain.put(&item(), value())).unwrap();
    keychain
}

fn unlocked() {
    let _daemon = Daemon::unlocked();
    let keychain = Keychain::default();
    let platform = during(keychain.probe("profile")).unwrap();
    assert_eq!((platform.name, platform.survives_restart), ("Secret Service", true));
    let missing = during(keychain.get(&item())).map(drop);
    assert_eq!(missing, Err(KeychainError::Missing { item: item().to_string() }));
    reads_back(&written());
    let key = during(keychain.create_key(&Item::new(Kind::StoreKey, "profile", "ledger"))).unwrap();
    assert!(key.to_key().is_some());
    during(keychain.remove(&item())).unwrap();
    assert!(matches!(during(keychain.remove(&item())), Err(KeychainError::Missing { .. })));
    let left = secret_tool("lookup", "stripe-key/profile/production", b"");
    assert!(left.stdout.is_empty(), "the removed item is still there");
}

fn daemon_restarted() {
    let daemon = Daemon::unlocked();
    let keychain = written();
    daemon.kill();
    let _daemon = Daemon::unlocked();
    // Both the caller that lived through it and one that starts afresh find the value.
    reads_back(&keychain);
    reads_back(&Keychain::default());
}

fn locked() {
    let _daemon = Daemon::unlocked();
    let keychain = written();
    lock();
    refused_with(&keychain, Code::KeychainLocked);
    refused_with(&Keychain::default(), Code::KeychainLocked);
}

fn never_unlocked() {
    refused_with(&Keychain::default(), Code::KeychainLocked);
    stop_activated();
}

fn no_service() {
    refused_with(&Keychain::default(), Code::KeychainAbsent);
}

fn no_bus() {
    refused_with(&Keychain::default(), Code::KeychainAbsent);
}

fn silent() {
    let daemon = Daemon::unlocked();
    let keychain = written();
    signal(daemon.id(), "STOP");
    let begun = Instant::now();
    // The second call is answered at once: the first still hangs, and nobody queues behind it.
    refused_with(&keychain, Code::KeychainTimeout);
    assert!(begun.elapsed() < CALL_LIMIT + Duration::from_secs(1), "{:?}", begun.elapsed());
    let impatient = Keychain::default().within(Duration::from_millis(300));
    assert_eq!(during(impatient.probe("profile")), Err(KeychainError::Timeout { limit_ms: 300 }));
    signal(daemon.id(), "CONT");
    std::thread::sleep(Duration::from_millis(500));
    reads_back(&keychain);
}

fn silent_for_good() {
    let daemon = Daemon::unlocked();
    let keychain = Keychain::new(Duration::from_millis(400), Duration::from_millis(900));
    during(keychain.put(&item(), value())).unwrap();
    signal(daemon.id(), "STOP");
    assert!(during(keychain.put(&item(), value())).is_err());
    std::thread::sleep(Duration::from_millis(1_000));
    signal(daemon.id(), "CONT");
    // A fresh thread serves the next caller, and the hanging one has come back by itself.
    std::thread::sleep(Duration::from_millis(500));
    reads_back(&keychain.within(CALL_LIMIT));
    signal(daemon.id(), "STOP");
    let other = Item::new(Kind::DatabasePassword, "profile", "production");
    let begun = Instant::now();
    for _ in 0..8 {
        assert!(matches!(during(keychain.get(&other)).map(drop), Err(KeychainError::Timeout { .. })));
        std::thread::sleep(Duration::from_millis(600));
    }
    assert!(begun.elapsed() < FRESH_THREAD_AFTER, "{:?}", begun.elapsed());
    let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
    assert!(threads < 40, "{threads} threads after eight hanging calls");
    signal(daemon.id(), "CONT");
}

fn crashed() {
    let daemon = Daemon::unlocked();
    let keychain = written();
    daemon.kill();
    // The bus starts another daemon for the next caller, and nobody has unlocked that one.
    refused_with(&keychain, Code::KeychainLocked);
    stop_activated();
    let _daemon = Daemon::unlocked();
    reads_back(&keychain);
}

fn appears_later() {
    let keychain = Keychain::default();
    refused_with(&keychain, Code::KeychainLocked);
    stop_activated();
    while owner().is_some() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let _daemon = Daemon::unlocked();
    during(keychain.put(&item(), value())).unwrap();
    reads_back(&keychain);
}

fn entry_gone() {
    let _daemon = Daemon::unlocked();
    let keychain = written();
    assert!(secret_tool("clear", "stripe-key/profile/production", b"").status.success());
    assert!(matches!(during(keychain.get(&item())), Err(KeychainError::Missing { .. })));
}

fn entry_changed() {
    let _daemon = Daemon::unlocked();
    let keychain = written();
    for other in [&b"not base64!"[..], &b"\xff\xfe\x00"[..]] {
        assert!(secret_tool("store", "stripe-key/profile/production", other).status.success());
        assert!(matches!(during(keychain.get(&item())), Err(KeychainError::Changed { .. })));
    }
    during(keychain.put(&item(), value())).unwrap();
    reads_back(&keychain);
}

fn fifty_callers() {
    let _daemon = Daemon::unlocked();
    let keychain = Keychain::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let callers: Vec<_> = (0..50_u8)
            .map(|n| {
                let keychain = keychain.clone();
                tokio::spawn(async move {
                    let mine = Item::new(Kind::HealthToken, "profile", n.to_string());
                    keychain.put(&mine, Secret::from(vec![n; 64])).await.unwrap();
                    assert!(keychain.get(&mine).await.unwrap().expose() == [n; 64]);
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
    });
}

fn long_secret() {
    let _daemon = Daemon::unlocked();
    let keychain = Keychain::default();
    let refused = during(keychain.put(&item(), Secret::from(vec![b'x'; 4_096])));
    assert_eq!(refused, Err(KeychainError::TooLong { bytes: 4_096 }));
    during(keychain.put(&item(), Secret::from(vec![b'x'; 1_024]))).unwrap();
    assert_eq!(during(keychain.get(&item())).unwrap().len(), 1_024);
}

fn signing_keys() {
    let _daemon = Daemon::unlocked();
    let keys = SigningKeys::new(Keychain::default(), "profile");
    let (anna, first, second) = (OperatorId::from("anna"), "a long passphrase", "another passphrase");
    let text = |word: &str| Secret::from(word.to_owned());
    let short = during(keys.create(&anna, text("too short"))).map(drop);
    assert!(matches!(short, Err(SigningError::PassphraseShort(_))));
    let made = during(keys.create(&anna, text(first))).unwrap().public_key();
    assert!(matches!(during(keys.create(&anna, text(first))).map(drop), Err(SigningError::KeyExists { .. })));

    let hash = Hash([3; 32]);
    let opened = during(keys.unlock(&anna, &made, text(first))).unwrap();
    assert!(made.verifies(&hash, &opened.sign(&hash)));
    let wrong = during(keys.unlock(&anna, &made, text(second))).map(drop).unwrap_err();
    assert_eq!(wrong.code(), Code::PassphraseWrong);
    let nobody = during(keys.unlock(&"boris".into(), &made, text(first))).map(drop).unwrap_err();
    assert_eq!(nobody.code(), Code::KeyMissing);

    during(keys.change_passphrase(&anna, &made, text(first), text(second))).unwrap();
    assert!(during(keys.unlock(&anna, &made, text(first))).is_err());
    assert_eq!(during(keys.unlock(&anna, &made, text(second))).unwrap().public_key(), made);

    // The ledger has taken the successor and the keychain has not: the next unlocking catches up.
    let next = during(keys.successor(&anna, text(second))).unwrap().public_key();
    assert_ne!(next, made);
    assert_eq!(during(keys.unlock(&anna, &made, text(second))).unwrap().public_key(), made);
    assert_eq!(during(keys.unlock(&anna, &next, text(second))).unwrap().public_key(), next);
    let old = during(keys.unlock(&anna, &made, text(second))).map(drop).unwrap_err();
    assert_eq!(old.code(), Code::LedgerKeyUnknown);

    let seal = during(keys.seal_key()).unwrap().public_key();
    assert_eq!(during(keys.seal_key()).unwrap().public_key(), seal);
}
