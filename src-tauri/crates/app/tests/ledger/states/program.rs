//! The whole program on such ledgers: what it reads, and what it remembers from one start to the next.

use std::sync::Arc;

use countersign_app::app::{App, Opening};
use countersign_app::audit::{self, Verification, VerifyRequest};
use countersign_app::record;
use countersign_app::stores::Stores;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::workspace::entry::EnvironmentAdded;
use countersign_domain::workspace::{Class, Entry};

use super::*;

impl Desk {
    fn start(&self) -> (App, Arc<Stores>) {
        let folder = Some(self.place.path().join("profile"));
        let app = self.runtime.block_on(App::start(Opening { folder }));
        let stores = app.stores().unwrap_or_else(|failure| panic!("{failure:?}"));
        (app, stores)
    }

    fn verified(&self, app: &App) -> Verification {
        self.runtime.block_on(audit::verify(app, VerifyRequest {})).unwrap()
    }

    /// Writes down that an environment was added, with a signed entry after it.
    fn add_environment(&mut self, (app, stores): &(App, Arc<Stores>)) -> EnvironmentId {
        let (request, moment, id) = (self.request(), self.moment(), EnvironmentId::from("production"));
        let added = Entry::EnvironmentAdded(EnvironmentAdded { class: Class::Production, is_demo: false });
        self.runtime.block_on(record::note(app, request, Some(&id), added)).unwrap();
        self.runtime.block_on(seal(&stores.ledger, &moment)).unwrap();
        id
    }

    fn end(&self, (app, stores): (App, Arc<Stores>)) {
        self.runtime.block_on(app.end());
        drop((app, stores));
    }
}

pub fn without_its_head() {
    let mut desk = Desk::new();
    let started = desk.start();
    let id = desk.add_environment(&started);
    let head = Item::new(Kind::LedgerHead, started.1.profile.id(), "ledger");
    desk.end(started);
    desk.runtime.block_on(desk.keychain.remove(&head)).unwrap();
    let started = desk.start();
    let read = desk.runtime.block_on(record::record(&started.0)).unwrap();
    assert!(read.environments.contains_key(&id), "everything that was written down is out of sight");
    desk.end(started);
}

/// A word of an entry changed, and put back.
const CHANGED: &str =
    "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"is_demo\":false', '\"is_demo\":true') AS BLOB)";
const PUT_BACK: &str =
    "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"is_demo\":true', '\"is_demo\":false') AS BLOB)";

pub fn found_a_change() {
    let mut desk = Desk::new();
    let started = desk.start();
    let (app, stores) = &started;
    desk.add_environment(&started);
    desk.forge(&stores.ledger, CHANGED);
    let seq = desk.verified(app).first_bad.unwrap().seq;
    desk.end(started);
    let started = desk.start();
    let (app, stores) = &started;
    assert_eq!(stores.ledger.fault().map(|bad| bad.seq), Some(seq), "forgotten at the next start");
    assert_eq!(audit::alarm(app).unwrap().code, Code::LedgerTampered);
    // The walk of this start may still be under way, and finds what was: what begins later stands.
    desk.forge(&stores.ledger, PUT_BACK);
    let found = desk.verified(app);
    assert!(found.ok, "{found:?}");
    assert_eq!(stores.ledger.fault(), None);
    desk.end(started);
    let started = desk.start();
    assert!(started.1.ledger.fault().is_none() && audit::alarm(&started.0).is_none());
    desk.end(started);
}
