//! Operators: who works here, and the keys they sign with.

use countersign_domain::Instant;
use countersign_domain::ids::OperatorId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Makes an operator and their signing key. The passphrase arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddOperator {
    /// Name as it will be printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles, words of the catalogue.
    pub roles: Vec<String>,
}

/// Asks for the operators.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OperatorsRequest {}

/// Every operator.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Operators {
    /// In order of being added.
    pub operators: Vec<Operator>,
    /// Sign-off roles that exist.
    pub roles: Vec<RoleName>,
}

/// One operator.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Operator {
    /// Id.
    pub id: OperatorId,
    /// Name as it is printed.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Sign-off roles.
    pub roles: Vec<String>,
    /// Fingerprint of the public key.
    pub key_fingerprint: String,
    /// Since when.
    pub added_at: Instant,
    /// Whether the private key is on this computer.
    pub can_sign: bool,
}

/// A sign-off role.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RoleName {
    /// Stable word: `lead_developer`.
    pub word: String,
    /// As people say it.
    pub name: String,
    /// The group it signs in.
    pub group: String,
}
