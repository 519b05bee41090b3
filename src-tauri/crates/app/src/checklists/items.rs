//! Items: one line of a run, and what a person can do with it.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{ItemConfirmed, ItemNotApplicable, ItemNote, ItemWaived};
use countersign_domain::checklist::row::{Kind, Row, Strength};
use countersign_domain::checklist::run::{Answer, Refusal, Run, Seen, State};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, OperatorId, RunId};
use countersign_domain::probe::{Fact, Outcome};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::evidence::{self as files, FileView};
use super::people::{self, Acting};
use super::runs::ItemView;
use super::stories::{self, Remark, Story};
use super::{act, commands, schedule, view};
use crate::app::App;
use crate::failure::{invalid, not_found};
use crate::{clock, record};

/// Asks for one item of a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ItemRequest {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
}

/// One item, whole.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ItemPage {
    /// As in the list.
    pub view: ItemView,
    /// Line in the source.
    pub line: u32,
    /// The rule in words.
    pub rule: String,
    /// Version of the rule.
    pub rule_version: u32,
    /// Help of our own.
    pub help: String,
    /// Further text the source has about it.
    pub about: String,
    /// What the check cannot prove and a person has to confirm.
    pub remainder: String,
    /// Roles that may confirm it; empty for anyone who works on the run.
    pub confirm: Vec<String>,
    /// Limit, as written.
    pub limit: Option<String>,
    /// Of a dated line: what is known now of what it asks; empty otherwise.
    pub known: String,
    /// Newest result.
    pub result: Option<ResultView>,
    /// Outcomes, oldest first, at most 60.
    pub history: Vec<Outcome>,
    /// Evidence, newest first.
    pub evidence: Vec<EvidenceView>,
    /// Notes, newest first.
    pub notes: Vec<NoteView>,
    /// A command to copy; never run here.
    pub command: Option<String>,
    /// Whether the environment's address stands in it for a placeholder of the list.
    pub is_filled: bool,
    /// Whether confirming it needs a note: no check speaks for it, and no file is attached.
    pub needs_note: bool,
    /// What can be done now, and why not when it cannot.
    pub acts: Vec<ItemAct>,
    /// A screen that shows the matter.
    pub route: Option<String>,
}

/// A result of a check.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ResultView {
    /// The answer.
    pub outcome: Outcome,
    /// What had to hold.
    pub expected: String,
    /// What was seen.
    pub found: String,
    /// What to do.
    pub fix: String,
    /// Values compared.
    pub facts: Vec<Fact>,
    /// Requests made.
    pub requests: Vec<String>,
    /// When.
    pub at: Instant,
    /// How long it took.
    #[ts(type = "number")]
    pub duration_ms: i64,
}

/// A piece of evidence.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EvidenceView {
    /// Sequence number of the entry that keeps it.
    #[ts(type = "number")]
    pub seq: u64,
    /// `check`, `confirmation`, `waiver`, `note`, `file`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// SHA-256, hex.
    pub sha256: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
    /// What is known of a file; `null` for other kinds.
    pub file: Option<FileView>,
}

/// A note.
#[derive(Debug, Clone, Serialize, TS)]
pub struct NoteView {
    /// What it says.
    pub text: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// Something that can be done with an item.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ItemAct {
    /// `check`, `confirm`, `accept`, `command`, `waive`, `not_applicable`, `note`, `attach`, `reopen`, `assign`; `command`
    /// stands only where there is one.
    pub act: String,
    /// Why it cannot be done now; `null` when it can.
    pub refused: Option<String>,
}

/// A person confirms an item, or accepts its warning.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ConfirmItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who confirms.
    pub operator: OperatorId,
    /// What was seen or done.
    #[serde(default)]
    pub note: String,
}

/// A person marks an item as not applicable, where its text allows it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DismissItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who says so.
    pub operator: OperatorId,
    /// Why.
    pub reason: String,
}

/// A person waives an item for a time.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WaiveItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who approves; not the item's owner.
    pub operator: OperatorId,
    /// Why, 20 characters at least.
    pub reason: String,
    /// Until when, at most 90 days.
    pub until: Instant,
}

/// A person writes a note.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct NoteItem {
    /// Which run.
    pub run: RunId,
    /// Which item.
    pub item: ItemId,
    /// Who writes.
    pub operator: OperatorId,
    /// What.
    pub text: String,
}

/// Gives one item of a run.
///
/// **Errors**: a run or item that is not known.
pub async fn item(app: &App, request: ItemRequest) -> Result<ItemPage, Failure> {
    let story = stories::story(app, &request.run).await?;
    show(app, &story, &request.item).await
}

/// Confirms an item, or accepts its warning.
///
/// **Errors**: `ITEM_NOT_CONFIRMABLE` for a failed, unknown or stale automatic line; `INPUT_INVALID` for a line that only
/// a person decides, with neither a note nor a file; what else the rules refuse.
pub async fn confirm(app: &App, request_id: Uuid, request: ConfirmItem) -> Result<ItemPage, Failure> {
    let ConfirmItem { run, item, operator, note } = request;
    let what = "Could not confirm the line";
    let story = act::perform(app, request_id, (&run, &operator), what, |run, acting, now| {
        run.may_confirm(&item, acting.actor(), &note, now)?;
        let row = run.template().row(&item);
        if note.trim().is_empty() && row.is_some_and(|row| needs_note(run, row)) {
            let sentence = "Nothing but a person decides this line: say what you saw or did, or attach a file.";
            return Err(Refusal { code: Code::InputInvalid, sentence: sentence.to_owned() });
        }
        let role = row.and_then(|row| acting.role_of(&row.confirm));
        Ok(ItemConfirmed { item: item.clone(), note, role }.into())
    });
    show(app, &*story.await?, &item).await
}

/// Marks an item as not applicable, where its text allows it.
///
/// **Errors**: what the rules refuse.
pub async fn dismiss(app: &App, request_id: Uuid, request: DismissItem) -> Result<ItemPage, Failure> {
    let DismissItem { run, item, operator, reason } = request;
    let what = "Could not mark the line as not applicable";
    let story = act::perform(app, request_id, (&run, &operator), what, |run, acting, _| {
        run.may_dismiss(&item, acting.actor(), &reason)?;
        Ok(ItemNotApplicable { item: item.clone(), reason }.into())
    });
    show(app, &*story.await?, &item).await
}

/// Waives an item for a time.
///
/// **Errors**: a short reason, an end too far away, the line's own owner; what else the rules refuse.
pub async fn waive(app: &App, request_id: Uuid, request: WaiveItem) -> Result<ItemPage, Failure> {
    let WaiveItem { run, item, operator, reason, until } = request;
    let what = "Could not waive the line";
    let story = act::perform(app, request_id, (&run, &operator), what, |run, acting, now| {
        run.may_waive(&item, acting.actor(), &reason, until, now)?;
        Ok(ItemWaived { item: item.clone(), reason, until }.into())
    });
    show(app, &*story.await?, &item).await
}

/// Writes a note beside an item.
///
/// **Errors**: an empty note, or one that is too long.
pub async fn note(app: &App, request_id: Uuid, request: NoteItem) -> Result<ItemPage, Failure> {
    let NoteItem { run, item, operator, text } = request;
    let what = "Could not write the note";
    let story = act::perform(app, request_id, (&run, &operator), what, |run, _, _| {
        run.may_write(&item, &text)?;
        Ok(ItemNote { item: item.clone(), text }.into())
    });
    show(app, &*story.await?, &item).await
}

/// Finds an item of a run by its id or its text.
///
/// **Errors**: none, or more than one.
pub async fn find(app: &App, run: &RunId, text: &str) -> Result<ItemId, Failure> {
    let story = stories::story(app, run).await?;
    let id = ItemId::from(text);
    if story.run.line(&id).is_some() {
        return Ok(id);
    }
    let wanted = text.trim().to_lowercase();
    // Indicators that stand by are lines of the run, and of no list.
    let rows = || {
        let standing_by = story.run.indicators().filter(|row| story.run.template().row(&row.id).is_none());
        story.run.template().rows.iter().chain(standing_by)
    };
    let same: Vec<&Row> = rows().filter(|row| row.label.to_lowercase() == wanted).collect();
    let holding = || rows().filter(|row| row.label.to_lowercase().contains(&wanted)).collect();
    let found: Vec<&Row> = if same.is_empty() && !wanted.is_empty() { holding() } else { same };
    match found.as_slice() {
        [only] => Ok(only.id.clone()),
        [] => Err(not_found("item", text)),
        several => {
            let ids: Vec<&str> = several.iter().take(NAMED_MAX).map(|row| row.id.as_str()).collect();
            Err(invalid("item", format!("{} lines say {text}; use an id: {}", several.len(), ids.join(", "))))
        }
    }
}

/// Gives the evidence of every item that has some, newest first.
///
/// **Errors**: a run nobody started.
pub async fn evidence(app: &App, run: &RunId) -> Result<BTreeMap<ItemId, Vec<EvidenceView>>, Failure> {
    let story = stories::story(app, run).await?;
    let rows = story.run.template().rows.iter().map(|row| (row.id.clone(), evidence_of(&story, &row.id)));
    Ok(rows.filter(|(_, evidence)| !evidence.is_empty()).collect())
}

fn evidence_of(story: &Story, item: &ItemId) -> Vec<EvidenceView> {
    let view = |remark: &Remark| EvidenceView {
        seq: remark.seq,
        kind: remark.kind.to_owned(),
        title: remark.title.clone(),
        sha256: remark.sha256.clone(),
        by: remark.by.clone(),
        at: remark.at,
        file: files::file(&story.run, item, remark.seq),
    };
    story.remarks(item).iter().rev().map(view).collect()
}

/// Says whether confirming a line needs a note: nothing that a check found stands beside it, and no file is attached.
fn needs_note(run: &Run, row: &Row) -> bool {
    let history = run.history(&row.id);
    let has_file = history.is_some_and(|history| !history.files.is_empty());
    let has_answer = history.is_some_and(|history| history.answer.is_some());
    match &row.strength {
        Some(Strength::Human) => !has_file,
        Some(Strength::Assist) => !has_file && !has_answer,
        _ => false,
    }
}

/// Ids a refusal names.
const NAMED_MAX: usize = 8;
/// A reason of the right form, to ask whether something could be done at all.
pub(super) const SOME_REASON: &str = "a reason of the right length";

pub(super) async fn show(app: &App, story: &Story, item: &ItemId) -> Result<ItemPage, Failure> {
    let now = clock::now();
    let stores = app.stores()?;
    let (roster, acting) = (stores.ledger.roster().await, people::present(app).await?);
    let eyes = view::Eyes { roster: &roster, acting: acting.as_ref() };
    let run = story.with_running(&stores.stories);
    let row = run.template().row(item).ok_or_else(|| not_found("item", item.as_str()))?;
    let history = run.history(item);
    let remainder = match &row.strength {
        Some(Strength::Partial(remainder)) => remainder.clone(),
        _ => String::new(),
    };
    let notes = history.into_iter().flat_map(|history| history.notes.iter().rev()).map(|note| NoteView {
        text: note.text.clone(),
        by: note.by.name.clone(),
        at: note.at,
    });
    let command = (row.kind == Kind::Command).then(|| row.label.clone());
    let environments = &record::record(app).await?.environments;
    let environment = environments.get(&run.binding().environment);
    let filled = command.as_deref().zip(environment).and_then(|(text, here)| commands::filled(text, here));
    Ok(ItemPage {
        view: view::item(story, &run, row, eyes, now),
        line: row.line,
        rule: row.rule.clone(),
        rule_version: run.template().version,
        help: row.help.clone(),
        about: row.detail.clone(),
        remainder,
        confirm: row.confirm.iter().map(|role| role.as_str().to_owned()).collect(),
        limit: row.limit.as_ref().map(ToString::to_string),
        known: if row.kind == Kind::Schedule { schedule::known(&run, row) } else { String::new() },
        result: history.and_then(|history| history.answer.as_ref()).map(|answer| result(row, answer)),
        history: history.map(|history| history.outcomes.clone()).unwrap_or_default(),
        evidence: evidence_of(story, item),
        notes: notes.collect(),
        is_filled: filled.is_some(),
        command: filled.or(command),
        needs_note: needs_note(&run, row),
        acts: acts(&run, row, acting.as_ref(), now),
        route: view::route(row),
    })
}

fn result(row: &Row, answer: &Answer) -> ResultView {
    match &answer.seen {
        Seen::Check(result) => ResultView {
            outcome: answer.outcome,
            expected: result.verdict.expected.clone(),
            found: result.verdict.found.clone(),
            fix: result.verdict.fix.clone(),
            facts: result.verdict.facts.clone(),
            requests: result.requests.clone(),
            at: answer.at,
            duration_ms: result.finished_at.signed_duration_since(result.started_at).num_milliseconds(),
        },
        Seen::Metric(measured, at) => ResultView {
            outcome: answer.outcome,
            expected: row.limit.as_ref().map(ToString::to_string).unwrap_or_default(),
            found: measured.shown.clone(),
            fix: String::new(),
            facts: vec![
                Fact { name: "metric".to_owned(), value: measured.metric.to_string() },
                Fact { name: "exact value".to_owned(), value: measured.value.clone().unwrap_or_default() },
                Fact { name: "data through".to_owned(), value: measured.data_through.to_rfc3339() },
            ],
            requests: Vec::new(),
            at: *at,
            duration_ms: 0,
        },
    }
}

/// Lists what can be done with an item now, and why not.
fn acts(run: &Run, row: &Row, acting: Option<&Acting>, now: Instant) -> Vec<ItemAct> {
    let item = &row.id;
    let state = run.standing(item, now).map_or(State::Open, |standing| standing.state);
    let confirm = if state == State::Warning { "accept" } else { "confirm" };
    let until = now + chrono::TimeDelta::days(1);
    let may = [
        ("check", run.may_check(item).err().map(|refusal| refusal.sentence)),
        (confirm, act::why_not(acting, |actor| run.may_confirm(item, actor, SOME_REASON, now))),
        ("waive", act::why_not(acting, |actor| run.may_waive(item, actor, SOME_REASON, until, now))),
        ("not_applicable", act::why_not(acting, |actor| run.may_dismiss(item, actor, SOME_REASON))),
        ("note", act::why_not(acting, |_| run.may_report(item, now))),
        ("attach", act::why_not(acting, |_| run.may_report(item, now))),
        ("reopen", act::why_not(acting, |_| run.may_reopen(item, SOME_REASON))),
        ("assign", act::why_not(acting, |_| run.may_add(item))),
    ];
    let ran = act::why_not(acting, |_| run.may_run(item, "", None, now));
    let command = (row.kind == Kind::Command).then_some(("command", ran));
    command.into_iter().chain(may).map(|(act, refused)| ItemAct { act: act.to_owned(), refused }).collect()
}
