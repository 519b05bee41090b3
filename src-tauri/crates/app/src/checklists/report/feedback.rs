//! How many rows of feedback are new, where the application keeps them in its database.
//!
//! Counted by the same statement as who is exposed: rows of a table whose instant is not before another. Nothing of what
//! anybody wrote is read.

use countersign_domain::checklist::row::Row;
use countersign_domain::probe::{Outcome, Unknown};
use countersign_domain::workspace::{Exposure, ExposureOperator, ExposureRule};

use super::done_before;
use crate::app::App;
use crate::checklists::snapshot::SeenLine;
use crate::checklists::stories::Story;
use crate::record;
use crate::settings::database;

/// The table in which the known application keeps what its users write.
const TABLE: &str = "Feedback";
/// The column with when it was written.
const WRITTEN_AT: &str = "createdAt";

/// Counts the rows since the date before, else since the deployment; why they cannot be counted is said.
pub(in super::super) async fn feedback(app: &App, story: &Story, row: &Row) -> SeenLine {
    let before = done_before(story, &row.id).map(|occasion| occasion.decision.at);
    let since = before.or(story.run.deployed_at()).unwrap_or_else(|| story.run.binding().started_at);
    let value = since.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let exposed = ExposureRule { column: WRITTEN_AT.to_owned(), operator: ExposureOperator::AtLeast, value };
    let measure = Exposure { table: TABLE.to_owned(), exposed, eligible: None };
    let minute = since.format("%Y-%m-%d %H:%M UTC");
    let (found, outcome) = match count(app, story, &measure).await {
        Ok((new, all)) => (format!("{new} new since {minute}, {all} in all"), ""),
        Err(why) => (why, Outcome::Unknown(Unknown::NotConfigured).word()),
    };
    SeenLine { name: "New feedback".to_owned(), found, limit: String::new(), outcome: outcome.to_owned() }
}

async fn count(app: &App, story: &Story, measure: &Exposure) -> Result<(u64, u64), String> {
    let environment =
        record::environment(app, &story.run.binding().environment).await.map_err(|failure| failure.why)?;
    if environment.database.is_none() {
        return Err("The billing database is not connected.".to_owned());
    }
    let reader = database::reader(app, &environment).await.map_err(|failure| failure.why)?;
    let counted = reader.exposed(measure).await.map_err(|error| error.to_string())?;
    Ok((counted.exposed, counted.eligible))
}
