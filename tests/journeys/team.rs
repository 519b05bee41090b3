//! The people of a story, and what the program answers them.

use anyhow::{Context as _, Result, ensure};
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::domain::ids::OperatorId;
use countersign_app::settings::operators::{self, AddOperator};
use countersign_app::{App, Secret, clock};

/// What every signing key of a story opens with.
pub const PASSPHRASE: &str = "a passphrase of the tests";

/// The passphrase, as it comes with a request.
pub fn secret() -> Secret {
    Secret::from(PASSPHRASE.to_owned())
}

/// Adds somebody who signs in these roles.
pub async fn operator(app: &App, name: &str, roles: &[&str]) -> Result<OperatorId> {
    let email = format!("{}@example.com", name.split(' ').next().unwrap_or_default().to_lowercase());
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let person = AddOperator { name: name.to_owned(), email, roles };
    operators::add(app, clock::name(), person, secret()).await.map_err(told)?;
    operators::find(app, name).await.map_err(told)
}

/// Holds that a request is refused, and why.
pub fn refused<T>(result: Result<T, Failure>, wanted: Code) -> Result<()> {
    let failure = result.err().with_context(|| format!("{wanted} was expected, and it was done"))?;
    ensure!(failure.code == wanted, "{wanted} was expected: {} {}", failure.code, failure.why);
    Ok(())
}

/// Makes an error of a failure.
pub fn told(failure: Failure) -> anyhow::Error {
    anyhow::anyhow!("{} {} ({})", failure.what, failure.why, failure.code)
}
