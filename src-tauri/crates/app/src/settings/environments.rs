//! Environments: where a company's billing runs, and what each is connected to.

use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::EnvironmentId;
use countersign_domain::workspace::entry::{EndpointExpected, EnvironmentAdded};
use countersign_domain::workspace::{Class, Entry, Environment as Known};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::connections::{DatabaseConnection, StripeConnection};
use crate::app::App;
use crate::failure::{invalid, told};
use crate::frame::Banner;
use crate::{frame, record};

/// Makes an environment.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddEnvironment {
    /// Its name: 1 to 40 letters, digits, dots, dashes.
    pub name: String,
    /// Its class.
    pub class: Class,
}

/// Sets what an environment is expected to have.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExpectEndpoint {
    /// Which environment.
    pub environment: EnvironmentId,
    /// The address the webhook endpoint must have; empty clears it.
    pub webhook_url: String,
}

/// Asks for the environments.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentsRequest {}

/// Every environment.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Environments {
    /// In order of their names.
    pub environments: Vec<Environment>,
}

/// One environment.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Environment {
    /// Its name.
    pub id: EnvironmentId,
    /// Its class.
    pub class: Class,
    /// Whether it is the invented company.
    pub is_demo: bool,
    /// Its banner.
    pub banner: Banner,
    /// Stripe, when connected.
    pub stripe: Option<StripeConnection>,
    /// The billing database, when connected.
    pub database: Option<DatabaseConnection>,
    /// The address the webhook endpoint is expected to have.
    pub webhook_url: Option<String>,
    /// When it was made.
    pub created_at: Instant,
}

/// Longest name of an environment. **Units**: characters.
const NAME_CHARS_MAX: usize = 40;
/// Longest address. **Units**: characters.
const URL_CHARS_MAX: usize = 2_048;

/// Lists the environments.
///
/// **Errors**: closed stores.
pub async fn list(app: &App, _request: EnvironmentsRequest) -> Result<Environments, Failure> {
    let record = record::record(app).await?;
    let mut environments = Vec::new();
    for environment in record.environments.values() {
        environments.push(view(app, environment).await?);
    }
    Ok(Environments { environments })
}

/// Makes an environment.
///
/// **Errors**: a name that is taken or not of the form; what the ledger refuses.
pub async fn add(app: &App, request_id: Uuid, request: AddEnvironment) -> Result<Environment, Failure> {
    let id = EnvironmentId::from(checked_name(&request.name)?);
    let entry = Entry::EnvironmentAdded(EnvironmentAdded { class: request.class, is_demo: false });
    add_as(app, request_id, &id, entry).await
}

pub(crate) async fn add_as(
    app: &App,
    request_id: Uuid,
    id: &EnvironmentId,
    entry: Entry,
) -> Result<Environment, Failure> {
    if record::record(app).await?.environments.contains_key(id) {
        return Err(told(Code::AlreadyExists, format!("There is an environment {id} already"), ""));
    }
    record::note(app, request_id, Some(id), entry).await?;
    if app.chosen().environment.is_none() {
        app.choose(|chosen| chosen.environment = Some(id.clone()));
    }
    view(app, &record::environment(app, id).await?).await
}

/// Sets or clears the address the webhook endpoint must have.
///
/// **Errors**: not an https address; an environment nobody made.
pub async fn expect_endpoint(app: &App, request_id: Uuid, request: ExpectEndpoint) -> Result<Environment, Failure> {
    let id = request.environment;
    record::environment(app, &id).await?;
    let webhook_url = match request.webhook_url.trim() {
        "" => None,
        url => Some(checked_url(url)?),
    };
    let entry = Entry::EndpointExpected(EndpointExpected { webhook_url });
    record::note(app, request_id, Some(&id), entry).await?;
    view(app, &record::environment(app, &id).await?).await
}

fn checked_name(name: &str) -> Result<&str, Failure> {
    let name = name.trim();
    let is_plain = !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
        && name.chars().any(char::is_alphanumeric);
    let why = format!("a name has 1 to {NAME_CHARS_MAX} letters, digits, dots, dashes or underscores");
    if is_plain { Ok(name) } else { Err(invalid("name", why)) }
}

fn checked_url(url: &str) -> Result<String, Failure> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_plain = !url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
    if is_web && is_plain && url.len() <= URL_CHARS_MAX && url.len() > "https://".len() {
        Ok(url.to_owned())
    } else {
        Err(invalid("webhook address", "an address such as https://app.example.com/api/billing/webhook is expected"))
    }
}

/// Gives an environment as the settings show it.
pub(crate) async fn view(app: &App, environment: &Known) -> Result<Environment, Failure> {
    let stripe = match &environment.stripe {
        Some(connection) => Some(super::connections::stripe_view(app, environment, connection).await?),
        None => None,
    };
    Ok(Environment {
        id: environment.id.clone(),
        class: environment.class,
        is_demo: environment.is_demo,
        banner: frame::banner(environment, &record::record(app).await?.workspace.name),
        stripe,
        database: environment.database.as_ref().map(super::connections::database_view),
        webhook_url: environment.webhook_url.clone(),
        created_at: environment.added_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_held_to_their_form() {
        for good in ["prod", "eu-west.1", "Ümläut_2"] {
            assert!(checked_name(good).is_ok(), "{good}");
        }
        for bad in ["", "  ", "a b", "a/b", "..", &"x".repeat(41), "a\n"] {
            assert!(checked_name(bad).is_err() || bad.trim() != bad, "{bad}");
        }
        assert!(checked_url("https://app.example.com/hook").is_ok());
        for bad in ["app.example.com", "ftp://x", "https://", "https://u:p@h/x", "https://h/a b", "javascript:alert(1)"]
        {
            assert!(checked_url(bad).is_err(), "{bad}");
        }
    }
}
