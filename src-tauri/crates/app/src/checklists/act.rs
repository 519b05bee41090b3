//! How an act of a person on a run is written down: asked whether it may be, then recorded, once per request.
//!
//! One act at a time: nothing happens between the question and the entry. The fold asks the same question again of what
//! was recorded, so a verifier needs nothing but the entries.

use std::sync::Arc;

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{Act, Entry};
use countersign_domain::checklist::run::{Actor, Refusal, Run};
use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, OperatorId, RunId};
use countersign_domain::ledger::{Draft, Evidence, Recorded};
use countersign_sources::redact;
use countersign_sources::secret::Secret;
use countersign_sources::signing::UnlockedKey;
use countersign_store::StoreError;
use countersign_store::ledger::entries;
use serde_json::Value;
use uuid::Uuid;

use super::people::{self, Acting};
use super::refused;
use super::stories::{self, Story};
use crate::app::App;
use crate::failure::Tell as _;
use crate::ledger::unlock::unlock;
use crate::ledger::{LedgerError, append, word};
use crate::{audit, clock};

/// Writes down what a person does to a run.
///
/// **Shape**: `decide` says whether it may be done and what is recorded; a request that was written before is not asked
/// again and adds nothing.
/// **Errors**: a run or operator that is not known; what `decide`, the run and the ledger refuse.
pub(super) async fn perform(
    app: &App,
    request: Uuid,
    (run, operator): (&RunId, &OperatorId),
    what: &str,
    decide: impl FnOnce(&Run, &Acting, Instant) -> Result<Entry, Refusal>,
) -> Result<Arc<Story>, Failure> {
    let decide = |story: &Story, acting: &Acting, now| Ok((vec![decide(&story.run, acting, now)?], Vec::new()));
    perform_all(app, request, (run, operator), what, decide).await
}

/// Writes down several entries that one act of a person is made of, all or none, with the files they rest on.
///
/// **Errors**: as [`perform`].
pub(super) async fn perform_all(
    app: &App,
    request: Uuid,
    who: (&RunId, &OperatorId),
    what: &str,
    decide: impl FnOnce(&Story, &Acting, Instant) -> Result<(Vec<Entry>, Vec<Evidence>), Refusal>,
) -> Result<Arc<Story>, Failure> {
    record(app, request, who, what, (None, None), decide).await
}

/// Writes down several entries of one act that rest on a file, which is kept once the rules let the act pass.
///
/// **Errors**: as [`perform`]; a content that cannot be kept.
pub(super) async fn perform_keeping(
    app: &App,
    request: Uuid,
    who: (&RunId, &OperatorId),
    what: &str,
    content: Vec<u8>,
    decide: impl FnOnce(&Story, &Acting, Instant) -> Result<(Vec<Entry>, Vec<Evidence>), Refusal>,
) -> Result<Arc<Story>, Failure> {
    record(app, request, who, what, (None, Some(content)), decide).await
}

/// Writes down a decision of a person, signed with their key.
///
/// **Errors**: as [`perform`]; a wrong passphrase, after which nothing is written.
pub(super) async fn perform_signed(
    app: &App,
    request: Uuid,
    who: (&RunId, &OperatorId),
    what: &str,
    passphrase: Secret,
    decide: impl FnOnce(&Run, &Acting, Instant) -> Result<Entry, Refusal>,
) -> Result<Arc<Story>, Failure> {
    let decide = |story: &Story, acting: &Acting, now| Ok((vec![decide(&story.run, acting, now)?], Vec::new()));
    record(app, request, who, what, (Some(passphrase), None), decide).await
}

async fn record(
    app: &App,
    request: Uuid,
    (run, operator): (&RunId, &OperatorId),
    what: &str,
    (passphrase, content): (Option<Secret>, Option<Vec<u8>>),
    decide: impl FnOnce(&Story, &Acting, Instant) -> Result<(Vec<Entry>, Vec<Evidence>), Refusal>,
) -> Result<Arc<Story>, Failure> {
    let stores = app.stores()?;
    let acting = people::named(app, operator).await?;
    let _one_at_a_time = stores.stories.acting.lock().await;
    let (story, now) = (stories::story(app, run).await?, clock::now());
    if written_before(app, request, what).await?.is_some() {
        return Ok(story);
    }
    let (mut entries, evidence) = decide(&story, &acting, now).map_err(|refusal| refused(what, refusal))?;
    if passphrase.is_some() {
        entries.iter_mut().filter_map(reason_of).for_each(|reason| clock::beside(reason, now));
    }
    // What would have no effect is not written down either: the reader of the ledger is not asked to know why.
    let by = acting.person(passphrase.is_some());
    let acts: Vec<Act> = (story.run.through() + 1..)
        .zip(&entries)
        .map(|(seq, entry)| Act { seq, at: now, by: Some(by.clone()), entry: entry.clone() })
        .collect();
    story.run.would_take(&acts).map_err(|refusal| refused(what, refusal))?;
    let mut drafts = Vec::with_capacity(entries.len());
    for (nth, entry) in (0..).zip(&entries) {
        let request = Uuid::from_u128(request.as_u128().wrapping_add(nth));
        let draft = draft_of_person(request, (run, &story.run.binding().environment), entry, evidence.clone());
        drafts.push(draft.map_err(|error| error.tell(what))?.by(acting.id.clone(), acting.name.clone()));
    }
    if let Some(content) = content {
        let evidence = stores.ledger.database().evidence();
        let kept = tokio::task::spawn_blocking(move || evidence.keep(&content)).await;
        kept.unwrap_or(Err(StoreError::Panicked)).map_err(|error| error.tell(what))?;
    }
    match passphrase {
        Some(passphrase) => {
            let key = unlock(&stores.ledger, &acting.id, passphrase, now).await.map_err(|error| error.tell(what))?;
            write(app, drafts, &[&key], what).await?;
        }
        None => drop(write(app, drafts, &[], what).await?),
    }
    // Nobody holds the story while it goes on; it would be copied first.
    drop(story);
    stories::story(app, run).await
}

/// Gives the words of an act that is signed besides signatures themselves.
fn reason_of(entry: &mut Entry) -> Option<&mut String> {
    match entry {
        Entry::GateOverridden(body) => Some(&mut body.reason),
        Entry::TriggerCleared(body) => Some(&mut body.reason),
        Entry::RollbackEnded(body) => Some(&mut body.note),
        _ => None,
    }
}

/// Writes down what a run saw or became by itself, all or none; gives whether there was anything.
///
/// **Shape**: `decide` looks at the run as it stands when nothing else can happen; what would have no effect is left out.
/// **Errors**: a run that is not known; what the ledger refuses.
pub(super) async fn note(
    app: &App,
    request: Uuid,
    run: &RunId,
    what: &str,
    decide: impl FnOnce(&Story, Instant) -> Vec<Entry>,
) -> Result<bool, Failure> {
    let stores = app.stores()?;
    let _one_at_a_time = stores.stories.acting.lock().await;
    let (story, now) = (stories::story(app, run).await?, clock::now());
    let mut acts: Vec<Act> = Vec::new();
    for entry in decide(&story, now) {
        let seq = story.run.through() + 1 + acts.len() as u64;
        acts.push(Act { seq, at: now, by: None, entry });
        if story.run.would_take(&acts).is_err() {
            acts.pop();
        }
    }
    let drafts = (0..).zip(&acts).map(|(nth, act)| {
        let request = Uuid::from_u128(request.as_u128().wrapping_add(nth));
        draft(request, (run, &story.run.binding().environment), &act.entry, Vec::new())
    });
    let drafts = drafts.collect::<Result<Vec<_>, _>>().map_err(|error| error.tell(what))?;
    if !drafts.is_empty() {
        write(app, drafts, &[], what).await?;
    }
    Ok(!acts.is_empty())
}

/// Finds the entry a request wrote.
pub(super) async fn written_before(app: &App, request: Uuid, what: &str) -> Result<Option<Recorded>, Failure> {
    let read = app.stores()?.ledger.database().read(move |conn| entries::by_request(conn, request)).await;
    read.map_err(|error| error.tell(what))
}

/// Drafts an entry that somebody makes with words of their own.
///
/// **Errors**: [`LedgerError::HoldsSecret`] for what they wrote, wherever it stands in the entry.
pub(super) fn draft_of_person(
    request: Uuid,
    about: (&RunId, &EnvironmentId),
    entry: &Entry,
    evidence: Vec<Evidence>,
) -> Result<Draft, LedgerError> {
    match entry {
        // The statement is the program's, and repeats labels of the list.
        Entry::RunSigned(signed) => {
            without_secret("comment", &signed.comment.as_str().into())?;
            without_secret("exception", &signed.exception.clone().into())?;
        }
        // What was measured is the program's.
        Entry::OccurrenceDone(done) => {
            without_secret("note", &done.note.as_str().into())?;
            done.said.iter().try_for_each(|said| without_secret(&said.name, &said.value.as_str().into()))?;
        }
        // Whoever opens a gate has the program evaluate it first.
        Entry::GateEvaluated(_) => {}
        _ => without_secret("the text", &entry.body().unwrap_or_default())?,
    }
    draft(request, about, entry, evidence)
}

/// Drafts an entry about a run or one of its items, of what the program read of a source or repeats of the list.
///
/// **Errors**: an entry that cannot be written as one.
pub(crate) fn draft(
    request: Uuid,
    (run, environment): (&RunId, &EnvironmentId),
    entry: &Entry,
    evidence: Vec<Evidence>,
) -> Result<Draft, LedgerError> {
    let object = match entry.item() {
        Some(item) => stories::item_object(run, item),
        None => stories::object(run),
    };
    let body = entry.body().unwrap_or_default();
    let draft = Draft::new(word(entry.kind())?, request, &body)?;
    Ok(draft.on(object).in_environment(environment.as_str()).resting_on(evidence))
}

/// Refuses a secret in any text of a value: what is written to the ledger cannot be taken back.
///
/// **Errors**: the name of the field, which is `field` for a text itself, and the kind of the secret.
pub(super) fn without_secret(field: &str, value: &Value) -> Result<(), LedgerError> {
    match value {
        Value::String(text) => match redact::secret_in(text) {
            Some(kind) => Err(LedgerError::HoldsSecret { field: field.to_owned(), kind }),
            None => Ok(()),
        },
        Value::Array(values) => values.iter().try_for_each(|value| without_secret(field, value)),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| without_secret(name, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Adds entries, all or none; gives what stands there now.
pub(crate) async fn write(
    app: &App,
    drafts: Vec<Draft>,
    signers: &[&UnlockedKey],
    what: &str,
) -> Result<Vec<Recorded>, Failure> {
    let stores = app.stores()?;
    let appended = append(&stores.ledger, drafts, signers, &clock::moment()).await;
    let appended = appended.map_err(|error| error.tell(what))?;
    if !signers.is_empty() {
        // What was signed is bound elsewhere at once; nobody waits for a share that is slow.
        let app = app.clone();
        app.clone().in_background(async move { audit::second::write_if_due(&app).await });
    }
    Ok(appended.entries)
}

/// Says why somebody may not do something now, as a screen shows it beside the act.
pub(super) fn why_not(acting: Option<&Acting>, ask: impl FnOnce(Actor<'_>) -> Result<(), Refusal>) -> Option<String> {
    match acting {
        None => Some("Choose who works here first.".to_owned()),
        Some(acting) => ask(acting.actor()).err().map(|refusal| refusal.sentence),
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::checklist::contacts::Card;
    use countersign_domain::checklist::digest::Digest;
    use countersign_domain::checklist::entry::{
        ContactSet, ItemConfirmed, ItemNote, ItemWaived, NoteSet, RunEnded, RunSigned,
    };
    use countersign_domain::checklist::role::Role;
    use countersign_domain::checklist::sign::{Meaning, Scope};
    use countersign_domain::ids::ItemId;

    use super::*;

    #[test]
    fn a_secret_in_any_text_of_a_person_is_refused_and_not_repeated() {
        const SECRET: &str = "sk_live_51Habc123DEF";
        let (item, text) = (ItemId::from("keys"), format!("it is {SECRET}"));
        let card = Card { note: text.clone(), ..Card::default() };
        let until = "2026-12-01T00:00:00Z".parse().unwrap();
        let entries: [(&str, Entry); 6] = [
            ("text", ItemNote { item: item.clone(), text: text.clone() }.into()),
            ("note", ItemConfirmed { item: item.clone(), note: text.clone(), role: None }.into()),
            ("reason", ItemWaived { item: item.clone(), reason: text.clone(), until }.into()),
            ("value", NoteSet { item: item.clone(), value: text.clone() }.into()),
            ("note", ContactSet { item: item.clone(), card }.into()),
            ("note", RunEnded { is_abandoned: false, note: text }.into()),
        ];
        let about = (&RunId::from("run-1"), &EnvironmentId::from("production"));
        for (field, entry) in entries {
            let refused = draft_of_person(Uuid::nil(), about, &entry, Vec::new()).unwrap_err();
            let said = format!("{refused} {refused:?}");
            assert!(matches!(&refused, LedgerError::HoldsSecret { field: at, kind: "stripe_key" } if at == field));
            assert!(said.contains("stripe_key") && !said.contains(SECRET), "{said}");
        }
        let signed = |comment: &str| {
            Entry::from(RunSigned {
                role: Role::QaEngineer,
                scope: Scope::Run,
                meaning: Meaning::Approve,
                comment: comment.to_owned(),
                root: Digest::of_bytes(b""),
                statement: vec![format!("A label of the list: {SECRET}")],
                reopens: Vec::new(),
                exception: None,
            })
        };
        assert!(draft_of_person(Uuid::nil(), about, &signed("fine"), Vec::new()).is_ok());
        assert!(draft_of_person(Uuid::nil(), about, &signed(SECRET), Vec::new()).is_err());
        let plain = ItemNote { item, text: "the webhook secrets were rotated".to_owned() }.into();
        assert!(draft_of_person(Uuid::nil(), about, &plain, Vec::new()).is_ok());
    }
}
