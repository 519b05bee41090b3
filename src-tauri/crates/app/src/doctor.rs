//! The doctor: keychain, stores, versions, room; each with what to do. Works also when the stores do not open.

use countersign_domain::failure::Failure;
use countersign_store::{ledger, mirror, space, versions};
use serde::Serialize;

use crate::app::App;
use crate::clock::VERSION;
use crate::failure::Tell as _;
use crate::files::tilde;
use crate::policy;

/// Room below which the doctor warns. **Units**: bytes.
const FREE_BYTES_WANTED: u64 = 1024 * 1024 * 1024;

/// One thing looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// `pass`, `warn`, `fail` or `unknown`.
    pub outcome: &'static str,
    /// What was found.
    pub found: String,
    /// What to do; empty when nothing.
    pub what_to_do: String,
}

/// Everything looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// In the order of what depends on what.
    pub checks: Vec<Check>,
}

impl Report {
    /// Says whether nothing failed.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.checks.iter().all(|check| matches!(check.outcome, "pass" | "warn"))
    }
}

/// Looks at everything.
pub async fn examine(app: &App) -> Report {
    let mut checks = vec![check("program", "pass", format!("countersign {VERSION}"), "")];
    checks.push(keychain(app).await);
    match app.stores() {
        Err(failure) => checks.push(failed("stores", &failure)),
        Ok(stores) => {
            let found = format!("both open in {}", tilde(stores.profile.folder()));
            checks.push(check("stores", "pass", found, ""));
            if let Some(program) = stores.profile.synced_by() {
                let what = "Move the profile out of that folder: a copy made while it is written can be useless.";
                checks.push(check("folder", "warn", format!("{program} copies this folder elsewhere"), what));
            }
            for (name, database) in
                [(mirror::MIRROR.name, &stores.mirror), (ledger::LAYOUT.name, stores.ledger.database())]
            {
                checks.push(pages(name, database.damaged_pages().await));
            }
            checks.push(versions_of(&stores.mirror).await);
        }
    }
    checks.push(room(app));
    if policy::path().exists() {
        checks.push(check(
            "policy",
            "warn",
            format!("{} is in force", policy::path().display()),
            "Check who wrote it.",
        ));
    }
    Report { checks }
}

fn check(name: &str, outcome: &'static str, found: String, what_to_do: &str) -> Check {
    Check { name: name.to_owned(), outcome, found, what_to_do: what_to_do.to_owned() }
}

fn failed(name: &str, failure: &Failure) -> Check {
    let steps: Vec<&str> = failure.actions.iter().map(|action| action.label.as_str()).collect();
    check(name, "fail", format!("{} {} ({})", failure.what, failure.why, failure.code), &steps.join("; or: "))
}

async fn keychain(app: &App) -> Check {
    match app.keychain().probe("doctor").await {
        Ok(platform) => {
            check("keychain", "pass", format!("{}: an item was written, read back and removed", platform.name), "")
        }
        Err(error) => failed("keychain", &error.tell("The keychain does not work")),
    }
}

fn pages(name: &str, damaged: Result<Vec<u32>, countersign_store::StoreError>) -> Check {
    let name = format!("pages of {name}.db");
    match damaged {
        Ok(pages) if pages.is_empty() => check(&name, "pass", "every page is as it was written".to_owned(), ""),
        Ok(pages) => {
            let what = "Restore a copy; a mirror can also be set aside and read anew.";
            check(&name, "fail", format!("damaged pages: {pages:?}"), what)
        }
        Err(error) => failed(&name, &error.tell("The file could not be read")),
    }
}

async fn versions_of(database: &countersign_store::Database) -> Check {
    match database.read(versions).await {
        Ok(found) => check("SQLite and SQLCipher", "pass", found, ""),
        Err(error) => failed("SQLite and SQLCipher", &error.tell("The version could not be read")),
    }
}

fn room(app: &App) -> Check {
    match space::free_bytes(app.folder()) {
        Some(free) if free < FREE_BYTES_WANTED => {
            check("free space", "warn", format!("{} MiB", free / 1024 / 1024), "Free some space before a first sync.")
        }
        Some(free) => check("free space", "pass", format!("{} MiB", free / 1024 / 1024), ""),
        None => check("free space", "unknown", "the system does not say".to_owned(), ""),
    }
}
