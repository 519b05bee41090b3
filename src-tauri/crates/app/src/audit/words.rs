//! What happened, in one line, for every kind of entry. Made from the entry's own bytes and nothing beside them.
//!
//! A kind this program does not know (a newer one wrote it) is told by its word. Mail addresses and revealed values do
//! not appear: the lines are shown, searched and exported.

use std::fmt::Display;
use std::sync::Arc;

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{Entry as Checklist, MinuteLine};
use countersign_domain::checklist::sign::Scope;
use countersign_domain::checklist::sign::by_file::Countersignature;
use countersign_domain::ids::{ItemId, OperatorId};
use countersign_domain::ledger::roster::{KeyRevoked, OperatorAdded, OperatorChanged, OperatorKnown};
use countersign_domain::ledger::{Entry, Roster, Sealed, kind};
use countersign_domain::workspace::Entry as Workspace;
use countersign_domain::workspace::entry::Revealed;

use crate::checklists::stories::{self, Shelf, Story};
use crate::ledger::append::Restored;

/// Longest text of a person that is repeated in a line. **Units**: characters.
const SAID_CHARS_MAX: usize = 120;

/// Where the lines take names from, so that they need not show ids.
pub(super) struct Names<'a> {
    /// Runs and templates, where they can be read.
    pub shelf: Option<&'a Shelf>,
    /// Operators.
    pub roster: &'a Roster,
}

impl Names<'_> {
    fn person(&self, id: &OperatorId) -> String {
        self.roster.operator(id).map_or_else(|| id.to_string(), |operator| operator.name.clone())
    }

    fn story(&self, entry: &Entry) -> Option<&Story> {
        let (shelf, run) = self.shelf.zip(entry.object.as_deref().and_then(stories::run_of))?;
        shelf.runs.get(&run).map(Arc::as_ref)
    }

    /// Says why an entry has no effect on its run, where the rules refuse it.
    pub(super) fn refused(&self, entry: &Entry) -> Option<String> {
        let mut refused = self.story(entry)?.run.refused().iter();
        refused.find(|refused| refused.seq == entry.seq).map(|refused| refused.refusal.sentence.clone())
    }

    fn item(&self, entry: &Entry, item: &ItemId) -> String {
        let label = self.story(entry).and_then(|story| Some(story.run.line(item)?.label.clone()));
        quoted(&label.filter(|label| !label.is_empty()).unwrap_or_else(|| item.to_string()))
    }
}

/// Tells an entry in one line.
pub(super) fn line(entry: &Entry, names: &Names<'_>) -> String {
    let body = serde_json::Value::Object(entry.body.clone());
    let word = entry.kind.as_str();
    if let Some(Ok(known)) = Checklist::read(word, &body) {
        return item_line(entry, &known, names).unwrap_or_else(|| run_line(&known, names));
    }
    if let Some(Ok(known)) = Workspace::read(word, &body) {
        return workspace_line(&known, entry.environment.as_deref().unwrap_or("the workspace"));
    }
    own_line(entry, names).unwrap_or_else(|| plain(word))
}

/// Tells the kinds of the ledger itself.
fn own_line(entry: &Entry, names: &Names<'_>) -> Option<String> {
    Some(match entry.kind.as_str() {
        kind::CONSOLE_ADDED => "Took up this computer's own key".to_owned(),
        kind::OPERATOR_ADDED => {
            let body: OperatorAdded = entry.body_as().ok()?;
            format!("Took up the operator {}{}", body.name, roles(&body.roles))
        }
        kind::OPERATOR_CHANGED => {
            let body: OperatorChanged = entry.body_as().ok()?;
            format!("Changed the operator {}{}", body.name, roles(&body.roles))
        }
        kind::OPERATOR_KNOWN => {
            let body: OperatorKnown = entry.body_as().ok()?;
            format!("Knows {} of another computer until {}{}", body.name, day(body.valid_until), roles(&body.roles))
        }
        kind::SIGNATURE_GIVEN => {
            let Countersignature { role, meaning, comment, .. } =
                entry.body_as::<Sealed<Countersignature>>().ok()?.signed;
            let role = spaced(role.as_str());
            noted(format!("Signed a run of another computer as {role}: {meaning}"), &comment)
        }
        kind::KEY_CHANGE => format!("Followed the key of {} by a new one", entry.signer.as_ref()?.name),
        kind::KEY_REVOKED => {
            let body: KeyRevoked = entry.body_as().ok()?;
            format!("Ended the key {}…: {}", cut(&body.key.to_string(), 16), said(&body.reason))
        }
        kind::CHECKPOINT => format!("Sealed everything before with the key of {}", entry.signer.as_ref()?.name),
        kind::RESTORED => {
            let body: Restored = entry.body_as().ok()?;
            format!(
                "Went on from an older copy, signed by {}: {}",
                names.person(&entry.signer.as_ref()?.id),
                said(&body.reason)
            )
        }
        _ => return None,
    })
}

/// Tells what happened to one line of a checklist; nothing for the kinds that are about a run.
fn item_line(entry: &Entry, known: &Checklist, names: &Names<'_>) -> Option<String> {
    let item = names.item(entry, known.item()?);
    Some(match known {
        Checklist::ItemAssigned(body) => format!("Gave {item} to {}", names.person(&body.owner)),
        Checklist::ItemChecked(body) => {
            let verdict = &body.result.verdict;
            format!("Checked {item}: {}, {}", verdict.outcome.word(), said(&verdict.found))
        }
        Checklist::ItemMeasured(body) => format!("Measured {item}: {}", said(&body.shown)),
        Checklist::ItemConfirmed(body) => noted(format!("Confirmed {item}"), &body.note),
        Checklist::ItemWaived(body) => format!("Waived {item} until {}: {}", day(body.until), said(&body.reason)),
        Checklist::ItemNotApplicable(body) => format!("{item} does not apply: {}", said(&body.reason)),
        Checklist::ItemNote(body) => format!("Noted on {item}: {}", said(&body.text)),
        Checklist::ItemAttached(body) => format!("Attached {} to {item}", quoted(&body.name)),
        Checklist::ItemReopened(body) => format!("Opened {item} again: {}", said(&body.reason)),
        Checklist::CommandRan(_) => format!("Kept the output of a command for {item}"),
        Checklist::NoteSet(body) => format!("Filled in {item}: {}", said(&body.value)),
        Checklist::ContactSet(_) => format!("Filled in the contact card {item}"),
        Checklist::TriggerTripped(body) => format!("Rollback indicator {item} tripped: {}", said(&body.cause)),
        Checklist::TriggerAcknowledged(body) => noted(format!("Acknowledged the indicator {item}"), &body.note),
        Checklist::TriggerCleared(body) => format!("Cleared the indicator {item}: {}", said(&body.reason)),
        Checklist::RollbackStep(body) => noted(format!("Did the rollback step {item}"), &body.note),
        Checklist::OccurrenceDone(body) => noted(format!("Did {item} of {}", body.key), &body.note),
        Checklist::OccurrenceSkipped(body) => format!("Left out {item} of {}: {}", body.key, said(&body.reason)),
        other => plain(other.kind()),
    })
}

/// Tells what happened to a run or a template.
fn run_line(known: &Checklist, names: &Names<'_>) -> String {
    match known {
        Checklist::TemplateImported(body) => format!("Kept version {} of the template {}", body.version, body.template),
        Checklist::RunStarted(body) => {
            format!("Started a run of {} for release {} in {}", body.template, body.release, body.environment)
        }
        Checklist::ReleaseChanged(body) => format!("The run is about release {} from now on", body.release),
        Checklist::FingerprintsPinned(body) => format!("Pinned other connections: {}", said(&body.reason)),
        Checklist::RunNoted(body) => noted("Wrote what was special about the run".to_owned(), &body.value),
        Checklist::PersonExpected(body) => match &body.person {
            Some(person) => format!("Expects {} as {}", names.person(person), spaced(body.role.as_str())),
            None => format!("Expects nobody in particular as {}", spaced(body.role.as_str())),
        },
        Checklist::WindowSet(body) => {
            format!("Set the deployment window: {} to {}", minute(body.from), minute(body.to))
        }
        Checklist::DeploymentRecorded(body) => {
            noted(format!("Recorded the deployment at {}", minute(body.at)), body.reason.as_deref().unwrap_or_default())
        }
        Checklist::RunSigned(body) => {
            let scope = scope(body.scope);
            noted(format!("Signed {scope} as {}: {}", spaced(body.role.as_str()), body.meaning), &body.comment)
        }
        Checklist::SignatureRequested(body) => {
            let (scope, role) = (scope(body.matter.scope), spaced(body.matter.role.as_str()));
            format!("Asked by file for the signature of {scope} as {role}")
        }
        Checklist::SignatureReceived(body) => {
            let (scope, role, signed) = (scope(body.signed.scope), spaced(body.signed.role.as_str()), &body.signed);
            let what = format!("{} signed {scope} as {role} by file: {}", said(&signed.signer.name), signed.meaning);
            noted(what, &signed.comment)
        }
        Checklist::GateEvaluated(body) => {
            let held: Vec<&str> =
                body.conditions.iter().filter(|one| !one.holds).map(|one| one.name.as_str()).collect();
            let by = if held.is_empty() { String::new() } else { format!(", held by {}", held.join(", ")) };
            format!("The gate of phase {}: {}{by}", body.phase, spaced(body.state.as_ref()))
        }
        Checklist::SoakSampled(body) => {
            let shown: Vec<&str> = body.lines.iter().map(|line| line.shown.as_str()).collect();
            format!("Sampled the soak of phase {}: {}", body.phase, said(&shown.join("; ")))
        }
        Checklist::FirstHourSampled(body) => {
            let word = |line: &MinuteLine| line.outcome.map_or("read", |outcome| outcome.word());
            let words: Vec<&str> = body.lines.iter().map(word).collect();
            format!("Looked at a minute of the first hour: {}", words.join(", "))
        }
        Checklist::GateOpened(body) => format!("Opened the gate of phase {}", body.phase),
        Checklist::GateOverridden(body) => format!("Overrode the gate of phase {}: {}", body.phase, said(&body.reason)),
        Checklist::RollbackStarted(body) => format!("Began the rollback: {}", said(&body.reason)),
        Checklist::RollbackEnded(body) => noted("Signed that the rollback is over".to_owned(), &body.note),
        Checklist::RunUpgraded(body) => format!("Went on with version {} of the template", body.version),
        Checklist::RunExported(body) if body.format == "manifest" => "Listed the files of a pack".to_owned(),
        Checklist::RunExported(body) => format!("Exported the run as {}", body.format),
        Checklist::RunEnded(body) if body.is_abandoned => noted("Gave the run up".to_owned(), &body.note),
        Checklist::RunEnded(body) => noted("Ended the run".to_owned(), &body.note),
        other => plain(other.kind()),
    }
}

/// Tells what happened to the workspace or an environment.
fn workspace_line(known: &Workspace, environment: &str) -> String {
    match known {
        Workspace::EnvironmentAdded(body) => format!("Made the {} environment {environment}", body.class),
        Workspace::EndpointExpected(body) => match &body.webhook_url {
            Some(url) => format!("Expects the webhook endpoint {url} in {environment}"),
            None => format!("Expects no webhook endpoint in {environment}"),
        },
        Workspace::StripeConnected(body) => format!("Connected Stripe in {environment}, key {}", body.key),
        Workspace::DatabaseConnected(body) => {
            format!("Connected the billing database in {environment}, read as {}", body.profile)
        }
        Workspace::Disconnected(body) => format!("Forgot the connection {} of {environment}", body.source),
        Workspace::WorkspaceSet(body) => format!("Changed the settings of {}", body.name),
        Workspace::Revealed(body) => {
            let Revealed { record, id, field, reason } = body;
            noted(format!("Revealed the {} of {record} {id}", spaced(field)), reason)
        }
        Workspace::Exported(body) => {
            let rows = if body.rows.is_empty() { String::new() } else { format!(", {} rows", body.rows) };
            let masked = if body.is_masked { "" } else { ", unmasked" };
            format!("Exported {} as {}{rows}{masked}", body.what, body.format)
        }
    }
}

fn scope(scope: Scope) -> String {
    match scope {
        Scope::Run => "the run".to_owned(),
        Scope::Phase(number) => format!("phase {number}"),
    }
}

fn noted(what: String, note: &str) -> String {
    if note.trim().is_empty() { what } else { format!("{what}: {}", said(note)) }
}

fn roles(roles: &[String]) -> String {
    let names: Vec<String> = roles.iter().map(|role| spaced(role)).collect();
    if names.is_empty() { String::new() } else { format!(", {}", names.join(", ")) }
}

fn quoted(text: &str) -> String {
    format!("“{}”", said(text))
}

/// Puts a person's text on one line of bounded length.
fn said(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = cut(&line, SAID_CHARS_MAX);
    if short.len() < line.len() { format!("{short}…") } else { line }
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

fn day(at: Instant) -> impl Display {
    at.format("%d %b %Y")
}

fn minute(at: Instant) -> impl Display {
    at.format("%d %b %Y %H:%M UTC")
}

fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

/// Makes a sentence's beginning of a stable word: `run_ended` gives `Run ended`.
fn plain(word: &str) -> String {
    let text = spaced(word);
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
