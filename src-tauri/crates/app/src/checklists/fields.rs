//! What people add to a line: values of the form, output of commands, owners; and opening it again.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{CommandRan, ItemAssigned, ItemReopened, NoteSet};
use countersign_domain::checklist::run::TEXT_CHARS_MAX;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{ItemId, OperatorId, RunId};
use countersign_sources::redact;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::items::{self, ItemPage};
use super::{act, people, view};
use crate::app::App;
use crate::failure::invalid;

/// Fills in a field of the run's form.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetField {
    /// Which run.
    pub run: RunId,
    /// Which field.
    pub item: ItemId,
    /// Who fills it in.
    pub operator: OperatorId,
    /// The value; empty takes it back.
    pub value: String,
}

/// A command of the list was run, outside of this program.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RecordCommand {
    /// Which run.
    pub run: RunId,
    /// Which line.
    pub item: ItemId,
    /// Who ran it.
    pub operator: OperatorId,
    /// What it printed; secrets are taken out before it is kept.
    #[serde(default)]
    pub output: String,
    /// When it was run; `null` for just now.
    #[serde(default)]
    pub at: Option<Instant>,
}

/// Asks what of a pasted text would be kept.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CleanOutput {
    /// The text.
    pub text: String,
}

/// A pasted text without its secrets.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CleanedOutput {
    /// What would be kept.
    pub text: String,
    /// How many places were taken out.
    pub taken_out: u32,
}

/// Opens an item again.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReopenItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who opens it.
    pub operator: OperatorId,
    /// Why.
    pub reason: String,
}

/// Gives an item an owner of its own.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AssignItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who decides it.
    pub operator: OperatorId,
    /// Who owns it from now on.
    pub owner: OperatorId,
}

/// Fills in a field of the form.
///
/// **Errors**: a line that is no field; a value that contradicts what the run is bound to.
pub async fn set(app: &App, request_id: Uuid, request: SetField) -> Result<ItemPage, Failure> {
    let SetField { run, item, operator, value } = request;
    let story = act::perform(app, request_id, (&run, &operator), "Could not fill in the field", |run, _, _| {
        run.may_fill(&item, &value)?;
        Ok(NoteSet { item: item.clone(), value }.into())
    });
    items::show(app, &*story.await?, &item).await
}

/// Writes down that a command was run, with what it printed.
///
/// **Errors**: a line that is no command; a text over the limit; a time that is ahead.
pub async fn ran(app: &App, request_id: Uuid, request: RecordCommand) -> Result<ItemPage, Failure> {
    let RecordCommand { run, item, operator, output, at } = request;
    let (output, _) = redact::pasted(&output);
    let story = act::perform(app, request_id, (&run, &operator), "Could not record the command", |run, _, now| {
        run.may_run(&item, &output, at, now)?;
        Ok(CommandRan { item: item.clone(), output, at }.into())
    });
    items::show(app, &*story.await?, &item).await
}

/// Takes the secrets out of a pasted text, so that a person sees before it is kept what will be.
///
/// **Errors**: a text over the limit.
pub async fn clean(_app: &App, request: CleanOutput) -> Result<CleanedOutput, Failure> {
    let length = request.text.chars().count();
    if length > TEXT_CHARS_MAX {
        return Err(invalid("text", format!("it has {length} characters, {TEXT_CHARS_MAX} are kept at most")));
    }
    let (text, taken_out) = redact::pasted(&request.text);
    Ok(CleanedOutput { text, taken_out: view::number(taken_out) })
}

/// Opens an item again: what made it complete no longer counts.
///
/// **Errors**: no reason; an item that is open.
pub async fn reopen(app: &App, request_id: Uuid, request: ReopenItem) -> Result<ItemPage, Failure> {
    let ReopenItem { run, item, operator, reason } = request;
    let story = act::perform(app, request_id, (&run, &operator), "Could not open the line again", |run, _, _| {
        run.may_reopen(&item, &reason)?;
        Ok(ItemReopened { item: item.clone(), reason }.into())
    });
    items::show(app, &*story.await?, &item).await
}

/// Gives an item an owner of its own.
///
/// **Errors**: an operator or item that is not known.
pub async fn assign(app: &App, request_id: Uuid, request: AssignItem) -> Result<ItemPage, Failure> {
    let AssignItem { run, item, operator, owner } = request;
    let owner = people::named(app, &owner).await?.id;
    let story = act::perform(app, request_id, (&run, &operator), "Could not assign the line", |run, _, _| {
        run.may_assign(&item)?;
        Ok(ItemAssigned { item: item.clone(), owner }.into())
    });
    items::show(app, &*story.await?, &item).await
}
