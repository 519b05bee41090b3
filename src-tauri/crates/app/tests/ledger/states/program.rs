//! The whole program on such ledgers: what it reads, and what it remembers from one start to the next.

use std::sync::Arc;

use countersign_app::app::{App, Opening};
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

    fn end(&self, (app, stores): (App, Arc<Stores>)) {
        self.runtime.block_on(app.end());
        drop((app, stores));
    }
}

pub fn without_its_head() {
    let mut desk = Desk::new();
    let started = desk.start();
    let (app, stores) = &started;
    let (request, moment, id) = (desk.request(), desk.moment(), EnvironmentId::from("production"));
    let added = Entry::EnvironmentAdded(EnvironmentAdded { class: Class::Production, is_demo: false });
    desk.runtime.block_on(record::note(app, request, Some(&id), added)).unwrap();
    // The newest is signed, so that the next start has nothing to write.
    desk.runtime.block_on(seal(&stores.ledger, &moment)).unwrap();
    let head = Item::new(Kind::LedgerHead, stores.profile.id(), "ledger");
    desk.end(started);
    desk.runtime.block_on(desk.keychain.remove(&head)).unwrap();
    let started = desk.start();
    let read = desk.runtime.block_on(record::record(&started.0)).unwrap();
    assert!(read.environments.contains_key(&id), "everything that was written down is out of sight");
    desk.end(started);
}
