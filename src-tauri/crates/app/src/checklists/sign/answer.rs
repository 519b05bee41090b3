//! Answering a request to sign that came in a file: what it asks, whether it may be signed here, and the signature.
//!
//! The run is another computer's; nothing of it is here but the file, which is kept as evidence of what was signed.

use countersign_domain::Instant;
use countersign_domain::checklist::role::Role;
use countersign_domain::checklist::run::Leaf;
use countersign_domain::checklist::sign::Meaning;
use countersign_domain::checklist::sign::by_file::{Countersignature, SignRequest};
use countersign_domain::checklist::sign::statement::Said;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, OperatorId};
use countersign_domain::ledger::{Document as _, Draft, KeyId, Recorded, Roster, Sealed, Signer, kind};
use countersign_sources::secret::Secret;
use countersign_store::ledger::entries;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{ItemSaid, is_clock_right};
use crate::app::App;
use crate::checklists::people::{self, Acting};
use crate::checklists::{act, refused};
use crate::failure::{Tell as _, internal, invalid, not_found, told};
use crate::ledger::document::{self, Read};
use crate::ledger::unlock::unlock;
use crate::ledger::{LedgerError, append, word};
use crate::{clock, files};

/// What failed, where signing fails.
const WHAT: &str = "Could not sign what the file asks for";

/// Asks what a file wants signed.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReadSignRequest {
    /// Handle of the chosen file.
    pub file: String,
    /// Who would sign.
    pub operator: Option<OperatorId>,
    /// `approve`, `review` or `reject`.
    pub meaning: String,
    /// Comment.
    #[serde(default)]
    pub comment: String,
    /// Lines a rejection opens again.
    #[serde(default)]
    pub reopens: Vec<ItemId>,
}

/// What a file wants signed, and what the signer should know.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SignRequestView {
    /// Names the request.
    pub request: String,
    /// When it was asked, by the other computer's clock.
    pub at: Instant,
    /// Who asks, by the name the file gives.
    pub asked_by: String,
    /// Fingerprint of the key that sealed it.
    pub key: String,
    /// Whether that key is known here as this person's.
    pub is_known: bool,
    /// What people call the run.
    pub name: String,
    /// Where it runs.
    pub environment: String,
    /// What it releases.
    pub release: String,
    /// Word of the role asked for.
    pub role: String,
    /// The role, as people say it.
    pub label: String,
    /// The group it signs in.
    pub group: String,
    /// What is signed: `run` or a phase.
    pub scope: String,
    /// The text that will be signed, line by line.
    pub statement: Vec<String>,
    /// Root over every item and note.
    pub evidence_root: String,
    /// What is not green, one sentence each.
    pub not_green: Vec<String>,
    /// Every item under the root.
    pub items: Vec<ItemSaid>,
    /// Why it cannot be signed here now.
    pub refused: Option<String>,
    /// The entry of this ledger that answered it already.
    #[ts(type = "number | null")]
    pub answered: Option<u64>,
}

/// Signs what a file asks for. The passphrase arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AnswerSignRequest {
    /// Handle of the file that asks.
    pub request: String,
    /// Who signs.
    pub operator: OperatorId,
    /// `approve`, `review` or `reject`.
    pub meaning: String,
    /// Comment.
    #[serde(default)]
    pub comment: String,
    /// Lines a rejection opens again.
    #[serde(default)]
    pub reopens: Vec<ItemId>,
    /// The text that was shown; signing refuses when it would be another. Empty takes the present one.
    #[serde(default)]
    pub statement: Vec<String>,
    /// Handle of the place the signature is written to.
    pub file: String,
}

/// A signature given for another computer.
#[derive(Debug, Clone, Serialize, TS)]
pub struct AnsweredRequest {
    /// Signature, hex.
    pub signature: String,
    /// Root it is for.
    pub evidence_root: String,
    /// Entry of this ledger that records it.
    #[ts(type = "number")]
    pub ledger_seq: u64,
    /// Hash of that entry, hex.
    pub hash: String,
    /// Name of the file, without its folder.
    pub name: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
}

/// Shows what a file wants signed.
///
/// **Errors**: a file that is no such request, was changed, or does not add up; a meaning that is none.
pub async fn read(app: &App, request: ReadSignRequest) -> Result<SignRequestView, Failure> {
    let asked = opened(app, &request.file).await?.sealed;
    let meaning = meaning_of(&request.meaning)?;
    let roster = app.stores()?.ledger.roster().await;
    let acting = match &request.operator {
        Some(operator) => Some(people::named(app, operator).await?),
        None => None,
    };
    let given = given(app, asked.signed.id).await?;
    let reopens = named(&asked, meaning, &request.reopens)?;
    let may = match &acting {
        Some(acting) => may_answer(app, &roster, &asked, acting, (meaning, &request.comment)).await,
        None => Err(invalid("operator", "choose who works here first")),
    };
    let again = given.as_ref().map(|given| format!("Entry {} of this ledger answered it already.", given.entry.seq));
    let SignRequest { id, at, name, matter, not_green, leaves, sealer, .. } = asked.signed;
    let signer = acting.map_or_else(String::new, |acting| acting.name);
    let comment = request.comment.trim();
    let said = Said { signer: &signer, meaning, comment, exception: None, reopens: &reopens };
    let statement = matter.statement(said);
    Ok(SignRequestView {
        request: id.to_string(),
        at,
        is_known: roster.holder(&sealer.key.id()) == Some(&sealer.id),
        key: sealer.key.id().to_string(),
        asked_by: sealer.name,
        name,
        environment: format!("{} ({})", matter.environment, matter.class),
        release: matter.release,
        role: matter.role.as_str().to_owned(),
        label: matter.label,
        group: matter.group,
        scope: matter.scope.to_string(),
        statement,
        evidence_root: matter.root.to_string(),
        not_green,
        items: leaves.into_iter().map(ItemSaid::from).collect(),
        refused: again.or_else(|| may.err().map(|failure| failure.why)),
        answered: given.map(|given| given.entry.seq),
    })
}

/// Signs what a file asks for, records it here, and writes the signature to a file.
///
/// **Shape**: a request is answered once; asking for the same answer again writes the same file.
/// **Errors**: as [`read`]; what the rules refuse; a wrong passphrase; the ledger; the place of the file, after which the
/// signature stands in the ledger and can be written again.
pub async fn sign(
    app: &App,
    request_id: Uuid,
    request: AnswerSignRequest,
    passphrase: Secret,
) -> Result<AnsweredRequest, Failure> {
    let stores = app.stores()?;
    let place = app.files().place(&request.file)?;
    let acting = people::named(app, &request.operator).await?;
    let asked = opened(app, &request.request).await?;
    let one_at_a_time = stores.stories.acting.lock().await;
    let recorded = match given(app, asked.sealed.signed.id).await? {
        Some(recorded) => recorded,
        None => write(app, request_id, &request, (asked, &acting), passphrase).await?,
    };
    drop(one_at_a_time);
    let sealed: Sealed<Countersignature> = recorded.entry.body_as().map_err(|error| internal(WHAT, &error))?;
    let signed = &sealed.signed;
    if signed.signer.id != acting.id || signed.meaning != meaning_of(&request.meaning)? {
        let why = format!(
            "{} answered it already ({}): entry {} of this ledger",
            signed.signer.name, signed.meaning, recorded.entry.seq
        );
        return Err(told(Code::SignoffDuplicate, WHAT, why));
    }
    let bytes = sealed.write().map_err(|error| internal(WHAT, &error))?;
    let written = files::write(place, bytes, WHAT).await?;
    Ok(AnsweredRequest {
        signature: sealed.signature.to_string(),
        evidence_root: signed.root.to_string(),
        ledger_seq: recorded.entry.seq,
        hash: recorded.hash.to_string(),
        name: written.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        sha256: written.sha256,
    })
}

async fn write(
    app: &App,
    request_id: Uuid,
    request: &AnswerSignRequest,
    (asked, acting): (Read<SignRequest>, &Acting),
    passphrase: Secret,
) -> Result<Recorded, Failure> {
    let (stores, now) = (app.stores()?, clock::moment());
    let (meaning, comment) = (meaning_of(&request.meaning)?, request.comment.trim().to_owned());
    let roster = stores.ledger.roster().await;
    may_answer(app, &roster, &asked.sealed, acting, (meaning, &comment)).await?;
    // The text of a file is the other computer's to check, word by word: the comment is its place for a reason.
    is_clock_right(now.at, &comment)?;
    let told_of = |error: LedgerError| error.tell(WHAT);
    let SignRequest { id, ledger, run, matter, .. } = &asked.sealed.signed;
    let reopens = &named(&asked.sealed, meaning, &request.reopens)?;
    let said = Said { signer: &acting.name, meaning, comment: &comment, exception: None, reopens };
    let statement = matter.statement(said);
    if !request.statement.is_empty() && request.statement != statement {
        return Err(told(Code::SignoffStale, WHAT, "the text would be another than the one shown; look at it again"));
    }
    act::without_secret("the comment", &request.comment.as_str().into()).map_err(told_of)?;
    let key = unlock(&stores.ledger, &acting.id, passphrase, now.at).await.map_err(told_of)?;
    let signer = Signer { id: acting.id.clone(), key: Some(key.public_key().id()), name: acting.name.clone() };
    let mut document = Countersignature {
        v: String::new(),
        request: *id,
        asked: asked.sealed.hash().map_err(|error| internal(WHAT, &error))?,
        ledger: *ledger,
        run: run.clone(),
        role: matter.role.clone(),
        scope: matter.scope,
        meaning,
        comment,
        root: matter.root,
        statement,
        signer,
        at: now.at,
        offset: now.offset,
        app: now.app.clone(),
        reopens: request.reopens.clone(),
    };
    document.version().clone_into(&mut document.v);
    let (sealed, _) = document::seal(&document, &key, WHAT)?;
    let file = document::keep(&stores.ledger, &asked.name, asked.bytes, WHAT).await?;
    let kind = word(kind::SIGNATURE_GIVEN).map_err(told_of)?;
    let draft = Draft::new(kind, request_id, &sealed).map_err(|error| error.tell(WHAT))?;
    let draft = draft.on(object(*id)).resting_on(vec![file]).by(acting.id.clone(), acting.name.clone());
    let mut appended = append(&stores.ledger, vec![draft], &[&key], &now).await.map_err(told_of)?;
    appended.entries.pop().ok_or_else(|| not_found("entry", "of the signature"))
}

/// Finds lines of a request by their ids or their texts.
///
/// **Errors**: as [`read`]; none, or more than one.
pub async fn find(app: &App, file: &str, texts: &[String]) -> Result<Vec<ItemId>, Failure> {
    let leaves = match texts {
        [] => return Ok(Vec::new()),
        _ => opened(app, file).await?.sealed.signed.leaves,
    };
    let one = |text: &String| {
        let is_named = |leaf: &&Leaf| {
            leaf.item.as_ref().is_some_and(|item| item.as_str() == text || leaf.label.eq_ignore_ascii_case(text.trim()))
        };
        match leaves.iter().filter(is_named).collect::<Vec<_>>().as_slice() {
            [only] => only.item.clone().ok_or_else(|| not_found("item", text)),
            [] => Err(not_found("item", text)),
            several => Err(invalid("item", format!("{} lines say {text}; use an id", several.len()))),
        }
    };
    texts.iter().map(one).collect()
}

/// Reads a request and holds it to itself.
async fn opened(app: &App, file: &str) -> Result<Read<SignRequest>, Failure> {
    let read = document::read::<SignRequest>(app, file).await?;
    SignRequest::check(&read.sealed).map_err(|wrong| {
        told(Code::SignoffFileChanged, format!("Could not believe {}", read.name), wrong.to_string())
    })?;
    Ok(read)
}

/// Names the lines a rejection would open again.
fn named(asked: &Sealed<SignRequest>, meaning: Meaning, reopens: &[ItemId]) -> Result<Vec<String>, Failure> {
    asked.signed.labels(meaning, reopens).map_err(|refusal| refused(WHAT, refusal))
}

/// Says whether somebody here may answer a request.
async fn may_answer(
    app: &App,
    roster: &Roster,
    asked: &Sealed<SignRequest>,
    acting: &Acting,
    (meaning, comment): (Meaning, &str),
) -> Result<(), Failure> {
    let SignRequest { ledger, matter, sealer, .. } = &asked.signed;
    if *ledger == app.stores()?.ledger.id().await {
        let why = "it was made on this computer; sign on the run's own page";
        return Err(told(Code::StateConflict, WHAT, why));
    }
    may_ask(roster, &sealer.id, &sealer.name, sealer.key.id())?;
    if !holds(roster, &acting.id, &matter.role) {
        let why = format!("{} does not hold the role {}", acting.name, matter.label);
        return Err(told(Code::StateConflict, WHAT, why));
    }
    SignRequest::may_say(meaning, comment).map_err(|refusal| refused(WHAT, refusal))
}

/// Refuses a requester who is known here under another key, or whose key is over.
fn may_ask(roster: &Roster, id: &OperatorId, name: &str, key: KeyId) -> Result<(), Failure> {
    let known = roster.operator(id);
    let held = roster.holder(&key);
    if known.is_none() && held.is_none() {
        return Ok(());
    }
    if held != Some(id) {
        let why = format!("it says to be of {name}, who is known here with another key than {key}");
        return Err(told(Code::LedgerKeyUnknown, WHAT, why));
    }
    if known.and_then(|known| known.key).is_none_or(|good| good.id() != key) {
        return Err(told(
            Code::SignoffKeyEnded,
            WHAT,
            format!("the key {key} of {name} is not to be believed any more"),
        ));
    }
    Ok(())
}

/// Says whether somebody holds a role. By file a role has to be named: the other computer knows nothing else of them.
pub(super) fn holds(roster: &Roster, operator: &OperatorId, role: &Role) -> bool {
    let fits = |held: &String| [role, &role.unnumbered()].contains(&&Role::of_label(held));
    roster.operator(operator).is_some_and(|known| known.roles.iter().any(fits))
}

/// Finds the answer that was given to a request.
async fn given(app: &App, request: Uuid) -> Result<Option<Recorded>, Failure> {
    let object = object(request);
    let read = app.stores()?.ledger.database().read(move |conn| entries::of_object(conn, &object, 0, 1)).await;
    Ok(read.map_err(|error| error.tell(WHAT))?.pop())
}

fn object(request: Uuid) -> String {
    format!("request/{request}")
}

fn meaning_of(word: &str) -> Result<Meaning, Failure> {
    word.parse().map_err(|_| invalid("meaning", "approve, review or reject is expected"))
}
