//! Trying who counts as exposed, before it is kept: one count, and nothing is written down.

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::rate::Rate;
use countersign_domain::workspace::Exposure;
use countersign_sources::billing_db::BillingError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::database;
use crate::answer::Value;
use crate::app::App;
use crate::failure::Tell as _;
use crate::figures::exposure::words;
use crate::{clock, record};

/// Counts the exposed users of an environment now.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TryExposure {
    /// Whose billing database is asked.
    pub environment: EnvironmentId,
    /// Who counts.
    pub exposure: Exposure,
}

/// What the billing database answered.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TriedExposure {
    /// The share, or why there is none.
    pub value: Value,
    /// Users that are exposed.
    #[ts(type = "number")]
    pub exposed: u64,
    /// Users that could be.
    #[ts(type = "number")]
    pub eligible: u64,
    /// What was counted, in a sentence, or what is wrong with the field.
    pub sentence: String,
    /// The field that does not fit this database, such as `table` or `exposed.value`; empty when all do.
    pub fault: String,
    /// When it was counted.
    pub at: Instant,
}

/// Counts the exposed users now.
///
/// **Shape**: a field that does not fit is an answer, so that it can be shown beside the field.
/// **Errors**: no connection, a database that does not answer, a table or column that may not be read.
pub async fn attempt(app: &App, request: TryExposure) -> Result<TriedExposure, Failure> {
    let TryExposure { environment: id, exposure } = request;
    let environment = record::environment(app, &id).await?;
    let reader = database::reader(app, &environment).await?;
    let none = |reason: &str| Value::None { reason: reason.to_owned() };
    let tried = |value, (exposed, eligible), sentence, fault| {
        Ok(TriedExposure { value, exposed, eligible, sentence, fault, at: clock::now() })
    };
    match reader.exposed(&exposure).await {
        Ok(count) => {
            let rate = Rate::of(count.exposed, count.eligible);
            let (value, sentence) = match rate {
                Some(rate) => {
                    let sentence = format!("{} = {} %", words(count), rate.pct());
                    (Value::Rate { exact: rate.to_string(), pct: rate.pct() }, sentence)
                }
                None => (none("no eligible users"), "No row is eligible: the share is unknown, not 0.".to_owned()),
            };
            tried(value, (count.exposed, count.eligible), sentence, String::new())
        }
        Err(BillingError::ExposureUnfit(fault)) => tried(none(&fault.why), (0, 0), fault.why, fault.field),
        Err(error) => Err(error.tell(format!("Could not count the exposed users of {id}"))),
    }
}
