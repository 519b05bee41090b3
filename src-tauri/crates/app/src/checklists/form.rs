//! The form of a run and the deployment it is about, as screens and reports show them.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::RunNoted;
use countersign_domain::checklist::run::{self, CONSIDERATIONS, Deployment, Run};
use countersign_domain::failure::Failure;
use countersign_domain::ids::{ItemId, OperatorId, RunId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::act;
use super::runs::{self, RunPage};
use crate::app::App;

/// A field of the form every run has.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FormField {
    /// Its word: `deployment_date`, `deployment_time`, `deployed_by`, `version`, `environment`,
    /// `special_considerations`.
    pub field: String,
    /// As people say it.
    pub label: String,
    /// What was written, else what is recorded; empty where nothing is.
    pub value: String,
    /// Who wrote it; empty for what is recorded.
    pub by: String,
    /// The line of the list that has it; `null` where the list has none.
    pub item: Option<ItemId>,
}

/// A deployment as it was recorded.
#[derive(Debug, Clone, Serialize, TS)]
pub struct DeploymentView {
    /// When it was.
    pub at: Instant,
    /// Who recorded it; empty for nobody known.
    pub by: String,
    /// When that was recorded.
    pub recorded_at: Instant,
    /// The reason that was given; may be empty.
    pub reason: String,
    /// What spoke against it, with the reason; empty where nothing did.
    pub against: String,
}

/// Writes what was special about a run whose list has no line for it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetConsiderations {
    /// Which run.
    pub run: RunId,
    /// Who writes it.
    pub operator: OperatorId,
    /// What was special; empty takes it back.
    pub value: String,
}

/// Writes what was special about a run.
///
/// **Errors**: a list that has a line for it, a text over the limit, a run that is over.
pub async fn set_considerations(app: &App, request_id: Uuid, request: SetConsiderations) -> Result<RunPage, Failure> {
    let SetConsiderations { run, operator, value } = request;
    let what = "Could not keep the special considerations";
    let story = act::perform(app, request_id, (&run, &operator), what, |_, _, _| {
        Ok(RunNoted { field: CONSIDERATIONS.to_owned(), value }.into())
    });
    runs::show(app, &*story.await?).await
}

/// Shows the form.
pub(super) fn fields(run: &Run) -> Vec<FormField> {
    let shown = |field: run::FormField| FormField {
        field: field.word.to_owned(),
        label: field.label.to_owned(),
        value: field.value,
        by: field.by,
        item: field.item,
    };
    run.form().into_iter().map(shown).collect()
}

/// Shows the deployments, the one that counts last.
pub(super) fn deployments(run: &Run) -> Vec<DeploymentView> {
    let shown = |one: &Deployment| DeploymentView {
        at: one.at,
        by: one.by.as_ref().map(|by| by.name.clone()).unwrap_or_default(),
        recorded_at: one.recorded_at,
        reason: one.reason.clone(),
        against: one.sentence(),
    };
    run.deployments().iter().map(shown).collect()
}
