//! Cases of a ledger at work.

mod damage;
mod program;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use countersign_app::ledger::append::accept_restored;
use countersign_app::ledger::operators::{self, Person};
use countersign_app::ledger::unlock::unlock;
use countersign_app::ledger::verify::{Depth, checkpoint, verify};
use countersign_app::ledger::{Beginning, Ledger, LedgerError, append, bundle, seal, seal_if_due, word};
use countersign_domain::failure::Code;
use countersign_domain::ids::OperatorId;
use countersign_domain::ledger::{
    Draft, Evidence, Expected, FirstBad, Hash, Head, LedgerId, Moment, Offset, Reason, Report, Standing, Warning,
    Witness,
};
use countersign_sources::keychain::{Item, Keychain, Kind};
use countersign_sources::secret::Secret;
use countersign_sources::signing::UnlockedKey;
use countersign_store::ledger::LAYOUT;
use countersign_store::ledger::entries;
use countersign_store::{Birth, Database, Found, Profile, StoreKey};
use serde_json::json;
use uuid::Uuid;

use crate::session::{Daemon, lock};

/// Every case here needs a session bus.
#[derive(Clone, Copy)]
pub enum Bus {
    /// A session bus that can start services.
    Private,
    /// Not used here; the sessions know it.
    #[expect(dead_code, reason = "the sessions are shared with the keychain's tests")]
    WithoutServices,
    /// Not used here; the sessions know it.
    #[expect(dead_code, reason = "the sessions are shared with the keychain's tests")]
    None,
}

/// Every case.
pub const STATES: &[(&str, Bus, fn())] = &[
    ("begins with its computer", Bus::Private, begins),
    ("operators sign", Bus::Private, operators_sign),
    ("each request once", Bus::Private, each_request_once),
    ("head behind", Bus::Private, head_behind),
    ("head behind a change", Bus::Private, damage::head_behind_a_change),
    ("a change and no head", Bus::Private, damage::changed_without_a_head),
    ("a change found at work", Bus::Private, damage::change_found),
    ("rolled back", Bus::Private, damage::rolled_back),
    ("gone on and not remembered", Bus::Private, damage::gone_on_unremembered),
    ("another ledger", Bus::Private, damage::another_ledger),
    ("keychain locked meanwhile", Bus::Private, keychain_locked),
    ("seals", Bus::Private, seals),
    ("evidence", Bus::Private, evidence),
    ("keys follow each other", Bus::Private, keys_follow),
    ("callers who give up", Bus::Private, callers_give_up),
    ("bundle", Bus::Private, bundles),
    ("another computer", Bus::Private, another_computer),
    ("a program without its head", Bus::Private, program::without_its_head),
    ("a program that found a change", Bus::Private, program::found_a_change),
];

/// Makes the named case.
pub fn run(name: &str) {
    let (_, _, case) = STATES.iter().find(|(known, ..)| *known == name).expect("a known case");
    case();
}

const PASSPHRASE: &str = "a long passphrase";

/// A profile with a ledger, in a session with an unlocked keyring.
struct Desk {
    place: tempfile::TempDir,
    daemon: Option<Daemon>,
    keychain: Keychain,
    runtime: tokio::runtime::Runtime,
    at: DateTime<Utc>,
    requests: u128,
    beginning: LedgerId,
}

impl Desk {
    fn new() -> Self {
        let daemon = Some(Daemon::unlocked());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (place, keychain) = (tempfile::tempdir().unwrap(), Keychain::default());
        let at = DateTime::from_timestamp_millis(1_790_000_000_000).unwrap();
        Self { place, daemon, keychain, runtime, at, requests: 0, beginning: LedgerId([5; 16]) }
    }

    fn file(&self) -> PathBuf {
        self.place.path().join("ledger.db")
    }

    fn moment(&mut self) -> Moment {
        self.at += TimeDelta::seconds(1);
        Moment { at: self.at, offset: Offset { minutes: 60 }, server_time: None, app: "0.1.0".to_owned() }
    }

    fn request(&mut self) -> Uuid {
        self.requests += 1;
        Uuid::from_u128(self.requests)
    }

    /// Opens the profile's ledger, making it the first time.
    fn open(&mut self) -> Ledger {
        self.try_open().unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_open(&mut self) -> Result<Ledger, LedgerError> {
        let (moment, request) = (self.moment(), self.request());
        let profile = Profile::enter(self.place.path(), self.at).unwrap();
        let found = profile.inspect(&LAYOUT, false).unwrap();
        let key = || StoreKey::from(Secret::from(vec![7; 32]).to_key().unwrap());
        self.runtime.block_on(async {
            let database: Database = match found {
                Found::Blank(blank) => blank.create(key(), Birth { id: Uuid::nil(), at: moment.at }).unwrap(),
                Found::Closed(closed) => closed.open(key(), moment.at).unwrap(),
            };
            let beginning = Beginning { ledger: self.beginning, label: "desk".to_owned(), request };
            Ledger::open(database, self.keychain.clone(), "profile", beginning, &moment).await
        })
    }

    fn enrol(&mut self, ledger: &Ledger, id: &str) {
        let (request, moment) = (self.request(), self.moment());
        let person = Person {
            id: id.into(),
            name: id.to_uppercase(),
            email: format!("{id}@example.com"),
            roles: vec!["qa".to_owned()],
        };
        let passphrase = Secret::from(PASSPHRASE.to_owned());
        self.runtime.block_on(operators::enrol(ledger, person, passphrase, request, &moment)).unwrap();
    }

    fn unlock(&self, ledger: &Ledger, id: &str, passphrase: &str) -> Result<UnlockedKey, LedgerError> {
        let passphrase = Secret::from(passphrase.to_owned());
        self.runtime.block_on(unlock(ledger, &id.into(), passphrase, self.at))
    }

    fn draft(&mut self, kind: &str) -> Draft {
        Draft::new(word(kind).unwrap(), self.request(), &json!({ "text": "x" })).unwrap()
    }

    fn note(&mut self, ledger: &Ledger) -> u64 {
        let (draft, moment) = (self.draft("item_note"), self.moment());
        let appended = self.runtime.block_on(append(ledger, vec![draft], &[], &moment)).unwrap();
        appended.entries.first().unwrap().entry.seq
    }

    fn sign(&mut self, ledger: &Ledger, id: &str, key: &UnlockedKey) -> Result<u64, LedgerError> {
        let (draft, moment) = (self.draft("run_signed").by(id.into(), id.to_uppercase()), self.moment());
        let appended = self.runtime.block_on(append(ledger, vec![draft], &[key], &moment))?;
        Ok(appended.entries.first().unwrap().entry.seq)
    }

    fn verify(&self, ledger: &Ledger) -> Report {
        self.runtime.block_on(verify(ledger, Depth::Whole, Vec::new(), |_| None)).unwrap()
    }

    fn count(&self, ledger: &Ledger) -> u64 {
        self.runtime.block_on(ledger.database().read(entries::count)).unwrap()
    }

    fn standing(&self, ledger: &Ledger) -> Standing {
        self.runtime.block_on(ledger.standing())
    }

    fn head_item() -> Item {
        Item::new(Kind::LedgerHead, "profile", "ledger")
    }

    fn head(&self, ledger: &Ledger) -> u64 {
        self.runtime.block_on(ledger.head()).map_or(0, |head| head.seq)
    }

    fn remembered(&self) -> Head {
        let text = self.runtime.block_on(self.keychain.get(&Self::head_item())).unwrap();
        text.expose_text().unwrap().parse().unwrap()
    }

    fn remember(&self, head: Head) {
        self.runtime.block_on(self.keychain.put(&Self::head_item(), Secret::from(head.to_string()))).unwrap();
    }

    fn warnings(&self, ledger: &Ledger) -> String {
        self.runtime.block_on(ledger.warnings()).join(" ")
    }

    /// Puts everything of the file into one file and gives its content.
    fn copy(&self, ledger: &Ledger) -> Vec<u8> {
        self.runtime.block_on(ledger.database().empty_log()).unwrap();
        std::fs::read(self.file()).unwrap()
    }

    fn put_back(&self, content: &[u8]) {
        for suffix in ["-wal", "-shm"] {
            drop(std::fs::remove_file(self.place.path().join(format!("ledger.db{suffix}"))));
        }
        std::fs::write(self.file(), content).unwrap();
    }
}

fn begins() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    assert_eq!((desk.count(&ledger), desk.standing(&ledger)), (1, Standing::Level));
    assert_eq!(desk.remembered(), desk.runtime.block_on(ledger.head()).unwrap());
    drop(ledger);
    let ledger = desk.open();
    assert_eq!((desk.count(&ledger), desk.standing(&ledger)), (1, Standing::Level));
    let report = desk.verify(&ledger);
    assert!(report.ok && report.warnings.is_empty(), "{report:?}");
}

fn operators_sign() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    desk.enrol(&ledger, "anna");
    let key = desk.unlock(&ledger, "anna", PASSPHRASE).unwrap();
    assert_eq!(desk.sign(&ledger, "anna", &key).unwrap(), 3);
    // Somebody else's key, and a decision nobody signs.
    assert_eq!(desk.sign(&ledger, "boris", &key).unwrap_err().code(), Code::LedgerKeyUnknown);
    let (draft, moment) = (desk.draft("run_signed").by("anna".into(), "ANNA"), desk.moment());
    assert!(desk.runtime.block_on(append(&ledger, vec![draft], &[], &moment)).is_err());
    assert_eq!(desk.unlock(&ledger, "boris", PASSPHRASE).map(drop).unwrap_err().code(), Code::LedgerKeyUnknown);
    // Three wrong passphrases pause signing, also for a program that starts anew, until the time has passed.
    for _ in 0..3 {
        assert_eq!(
            desk.unlock(&ledger, "anna", "a wrong passphrase").map(drop).unwrap_err().code(),
            Code::PassphraseWrong
        );
    }
    drop(ledger);
    let ledger = desk.open();
    assert_eq!(desk.unlock(&ledger, "anna", PASSPHRASE).map(drop).unwrap_err().code(), Code::PassphrasePaused);
    desk.at += TimeDelta::minutes(16);
    desk.unlock(&ledger, "anna", PASSPHRASE).unwrap();
    let again = Person { id: "anna".into(), name: String::new(), email: String::new(), roles: Vec::new() };
    let (request, moment) = (desk.request(), desk.moment());
    let passphrase = Secret::from(PASSPHRASE.to_owned());
    let refused = desk.runtime.block_on(operators::enrol(&ledger, again, passphrase, request, &moment));
    assert_eq!(refused.map(drop).unwrap_err().code(), Code::AlreadyExists);
    assert!(desk.verify(&ledger).ok);
    assert_eq!(desk.count(&ledger), 3);
}

fn each_request_once() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    let drafts: Vec<_> = (0..5).map(|_| desk.draft("item_checked")).collect();
    let moment = desk.moment();
    let first = desk.runtime.block_on(append(&ledger, drafts.clone(), &[], &moment)).unwrap();
    let mut more = drafts;
    more.push(desk.draft("item_checked"));
    let later = desk.moment();
    let again = desk.runtime.block_on(append(&ledger, more, &[], &later)).unwrap();
    assert_eq!(again.entries.get(..5), Some(first.entries.as_slice()));
    assert_eq!(again.entries.last().unwrap().entry.seq, 7);
    assert_eq!(desk.count(&ledger), 7);
    assert!(desk.verify(&ledger).ok);
}

fn head_behind() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    let before = desk.remembered();
    desk.note(&ledger);
    desk.enrol(&ledger, "anna");
    drop(ledger);
    // Killed between the commit and the keychain.
    desk.remember(before);
    let ledger = desk.open();
    assert_eq!(desk.standing(&ledger), Standing::Ahead { entries: 2 });
    assert!(desk.warnings(&ledger).starts_with("2 entries stand after the end"), "accepted without a word");
    let report = desk.verify(&ledger);
    assert!(report.ok && report.warnings == [Warning::HeadBehind { entries: 2 }], "{report:?}");
    assert_eq!(desk.head(&ledger), 3, "what was written last is not seen");
    // The newest is signed: nothing is written, and the keychain follows all the same.
    let moment = desk.moment();
    assert_eq!(desk.runtime.block_on(seal(&ledger, &moment)).unwrap().entry.seq, 3);
    assert_eq!((desk.remembered().seq, desk.standing(&ledger)), (3, Standing::Level));
    let key = desk.unlock(&ledger, "anna", PASSPHRASE).unwrap();
    assert_eq!(desk.sign(&ledger, "anna", &key).unwrap(), 4);
    assert_eq!(desk.remembered().seq, 4);
}

fn keychain_locked() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    lock();
    let (draft, moment) = (desk.draft("item_note"), desk.moment());
    let appended = desk.runtime.block_on(append(&ledger, vec![draft], &[], &moment)).unwrap();
    assert_eq!(appended.not_remembered.unwrap().code(), Code::KeychainLocked);
    let told = desk.runtime.block_on(ledger.warnings());
    assert!(matches!(told.as_slice(), [one] if one.contains("keychain")), "{told:?}");
    assert_eq!(desk.count(&ledger), 2);
    assert!(
        desk.verify(&ledger).warnings.contains(&Warning::HeadNotRead),
        "the keychain was not asked, and nobody says so"
    );
    desk.daemon.take().unwrap().kill();
    desk.daemon = Some(Daemon::unlocked());
    assert_eq!(desk.remembered().seq, 1);
    assert_eq!(desk.note(&ledger), 3);
    assert_eq!(desk.remembered().seq, 3);
    assert!(desk.runtime.block_on(ledger.warnings()).is_empty(), "all is well again");
    assert!(desk.verify(&ledger).ok);
}

fn seals() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    let drafts: Vec<_> = (0..99).map(|_| desk.draft("item_checked")).collect();
    let moment = desk.moment();
    let appended = desk.runtime.block_on(append(&ledger, drafts, &[], &moment)).unwrap();
    assert!(appended.seal.is_none());
    let (draft, moment) = (desk.draft("item_checked"), desk.moment());
    let appended = desk.runtime.block_on(append(&ledger, vec![draft], &[], &moment)).unwrap();
    assert_eq!(appended.seal.unwrap().entry.seq, 102);
    // The next day, at once; on demand, once.
    desk.note(&ledger);
    desk.at += TimeDelta::days(1);
    let (draft, moment) = (desk.draft("item_checked"), desk.moment());
    let appended = desk.runtime.block_on(append(&ledger, vec![draft], &[], &moment)).unwrap();
    assert_eq!(appended.seal.unwrap().entry.seq, 105);
    desk.note(&ledger);
    let idle = |moment: &Moment| desk.runtime.block_on(seal_if_due(&ledger, moment)).unwrap();
    assert!(idle(&Moment { at: desk.at, ..moment.clone() }).is_none(), "the day is not over");
    let tomorrow = Moment { at: desk.at + TimeDelta::days(1), ..moment };
    assert_eq!((idle(&tomorrow).unwrap().entry.seq, idle(&tomorrow)), (107, None));
    desk.at += TimeDelta::days(1);
    desk.note(&ledger);
    let moment = desk.moment();
    let first = desk.runtime.block_on(checkpoint(&ledger, &moment)).unwrap();
    let second = desk.runtime.block_on(checkpoint(&ledger, &moment)).unwrap();
    assert_eq!((first.seq, &first), (109, &second));
    let witness = first.to_string().parse::<Witness>().unwrap();
    let report = desk.runtime.block_on(verify(&ledger, Depth::Whole, vec![witness], |_| None)).unwrap();
    assert!(report.ok && report.warnings.is_empty(), "{report:?}");
    let report = desk.runtime.block_on(verify(&ledger, Depth::Recent, Vec::new(), |_| None)).unwrap();
    assert!(report.ok, "{report:?}");
}

fn evidence() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    let folder = ledger.database().evidence();
    let sha256 = folder.keep(b"<testsuite/>").unwrap();
    let resting_on = |desk: &mut Desk, sha256| {
        let file = Evidence { name: "junit.xml".to_owned(), sha256, size: 12 };
        let (draft, moment) = (desk.draft("item_attached").resting_on(vec![file]), desk.moment());
        desk.runtime.block_on(append(&ledger, vec![draft], &[], &moment)).map(drop)
    };
    resting_on(&mut desk, sha256).unwrap();
    assert_eq!(resting_on(&mut desk, Hash([1; 32])).unwrap_err().code(), Code::EvidenceChanged);
    assert_eq!(desk.count(&ledger), 2);
    assert!(desk.verify(&ledger).ok);
}

fn keys_follow() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    desk.enrol(&ledger, "anna");
    desk.enrol(&ledger, "boris");
    let old = desk.unlock(&ledger, "anna", PASSPHRASE).unwrap();
    let (request, moment) = (desk.request(), desk.moment());
    let (anna, next) = (OperatorId::from("anna"), Secret::from("another passphrase".to_owned()));
    desk.runtime.block_on(operators::change_key(&ledger, &anna, &old, next, request, &moment)).unwrap();
    assert_eq!(desk.sign(&ledger, "anna", &old).unwrap_err().code(), Code::LedgerKeyUnknown);
    assert_eq!(desk.unlock(&ledger, "anna", PASSPHRASE).map(drop).unwrap_err().code(), Code::PassphraseWrong);
    let key = desk.unlock(&ledger, "anna", "another passphrase").unwrap();
    desk.sign(&ledger, "anna", &key).unwrap();

    let (request, moment) = (desk.request(), desk.moment());
    let boris = Person { id: "boris".into(), name: "Boris B.".into(), email: String::new(), roles: Vec::new() };
    let by = (&anna, &key);
    desk.runtime.block_on(operators::change(&ledger, boris, by, request, &moment)).unwrap();
    let roster = desk.runtime.block_on(ledger.roster());
    let boris = roster.operator(&"boris".into()).unwrap();
    assert_eq!(boris.name, "Boris B.");
    let (request, moment) = (desk.request(), desk.moment());
    let revoked = (boris.key.unwrap().id(), moment.at, "lost laptop".to_owned());
    desk.runtime.block_on(operators::revoke(&ledger, revoked, by, request, &moment)).unwrap();
    assert_eq!(desk.unlock(&ledger, "boris", PASSPHRASE).map(drop).unwrap_err().code(), Code::LedgerKeyUnknown);
    drop(ledger);
    let ledger = desk.open();
    desk.unlock(&ledger, "anna", "another passphrase").unwrap();
    let report = desk.verify(&ledger);
    assert!(report.ok, "{report:?}");
}

fn callers_give_up() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    for _ in 0..40 {
        let (draft, moment) = (desk.draft("item_note"), desk.moment());
        let patience = std::time::Duration::from_micros(u64::try_from(desk.requests * 97 % 4_000).unwrap());
        let given_up = async { tokio::time::timeout(patience, append(&ledger, vec![draft], &[], &moment)).await };
        drop(desk.runtime.block_on(given_up));
    }
    let last = desk.note(&ledger);
    assert_eq!(desk.count(&ledger), last);
    let report = desk.verify(&ledger);
    assert!(report.ok, "{report:?}");
}

fn bundles() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    desk.enrol(&ledger, "anna");
    let key = desk.unlock(&ledger, "anna", PASSPHRASE).unwrap();
    desk.sign(&ledger, "anna", &key).unwrap();
    let file = desk.place.path().join("ledger.jsonl");
    let head = desk.runtime.block_on(bundle::export(&ledger, file.clone())).unwrap().head;
    assert_eq!(head, desk.runtime.block_on(ledger.head()));
    let report = bundle::check(&file, Expected { head, ..Expected::default() }, &mut |_| None).unwrap();
    assert!(report.ok && report.entries == 3, "{report:?}");
    let program = desk.place.path().join(bundle::SECOND_VERIFIER_FILE);
    std::fs::write(&program, bundle::SECOND_VERIFIER).unwrap();
    let second = std::process::Command::new("python3").arg("-I").arg(&program).arg(&file).output().unwrap();
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stdout));
    // A line without an end is a broken entry, not a full memory.
    std::fs::write(&file, vec![b'x'; 40 * 1_024 * 1_024]).unwrap();
    let report = bundle::check(&file, Expected::default(), &mut |_| None).unwrap();
    assert_eq!(report.first_bad.unwrap().reason.as_ref(), "SCHEMA");
    let nowhere = desk.place.path().join("no/such/folder/ledger.jsonl");
    assert!(desk.runtime.block_on(bundle::export(&ledger, nowhere)).is_err());
}

fn another_computer() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    desk.note(&ledger);
    drop(ledger);
    // A new keyring: neither the head nor the computer's key came along.
    desk.runtime.block_on(desk.keychain.remove(&Desk::head_item())).unwrap();
    desk.runtime.block_on(desk.keychain.remove(&Item::new(Kind::SealKey, "profile", "console"))).unwrap();
    let ledger = desk.open();
    assert_eq!(desk.standing(&ledger), Standing::Unwitnessed);
    assert!(desk.warnings(&ledger).contains("remembers no end"), "accepted without a word");
    assert_eq!(desk.head(&ledger), 2, "the record would be empty");
    let moment = desk.moment();
    let sealed = desk.runtime.block_on(checkpoint(&ledger, &moment)).unwrap();
    assert_eq!((sealed.seq, desk.remembered().seq), (4, 4));
    let report = desk.verify(&ledger);
    assert!(report.ok && report.warnings.is_empty(), "{report:?}");
}
