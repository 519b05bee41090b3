//! Environments: where a company's billing runs, and what each is connected to.

use countersign_domain::Instant;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::workspace::Class;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::connections::{DatabaseConnection, StripeConnection};
use crate::frame::Banner;

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
