//! Signing: the statement is shown, then signed, and what was shown is what was signed.
//!
//! Here somebody signs on the run's own computer; how a signature goes to another computer and comes back by file stands
//! in `request`, `answer` and `receive`.

pub mod answer;
pub mod receive;
pub mod request;

use countersign_domain::Instant;
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::{Entry, RunSigned};
use countersign_domain::checklist::role::Role;
use countersign_domain::checklist::run::{
    Difference, Leaf, Run, SignatureRecord, TEXT_CHARS_MAX, WAIVER_REASON_CHARS_MIN, difference,
};
use countersign_domain::checklist::sign::{Meaning, NotAScope, Scope, Slot, SlotState, Wish};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, OperatorId, RunId};
use countersign_domain::ledger::Recorded;
use countersign_domain::ledger::checkpoint::receipt;
use countersign_domain::ledger::clock as clock_check;
use countersign_sources::secret::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::items::SOME_REASON;
use super::people::{self, Acting};
use super::runs::{self, RunPage, RunRequest};
use super::{act, refused, stories, view};
use crate::app::App;
use crate::failure::{Tell as _, internal, invalid, told};
use crate::ledger::unlock::unlock;
use crate::{clock, record};

/// Asks for the statement an operator would sign.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SignPreviewRequest {
    /// Which run.
    pub run: RunId,
    /// For which role.
    pub role: String,
    /// What is signed: `run` or a phase such as `phase-2`. Empty where the role has one line to sign.
    #[serde(default)]
    pub scope: String,
    /// Who.
    pub operator: OperatorId,
    /// `approve`, `review` or `reject`.
    pub meaning: String,
    /// Comment.
    #[serde(default)]
    pub comment: String,
    /// Lines a rejection opens again.
    #[serde(default)]
    pub reopens: Vec<ItemId>,
    /// Why it is signed although the computer's clock is far off; empty for nothing.
    #[serde(default)]
    pub clock_reason: String,
}

/// The statement, and what the signer should know.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SignPreview {
    /// The text that will be signed, line by line.
    pub statement: Vec<String>,
    /// Root over every item and note.
    pub evidence_root: String,
    /// What is not green, one sentence each.
    pub not_green: Vec<String>,
    /// Items the signer confirmed or waived.
    pub own_items: u32,
    /// Why it cannot be signed now.
    pub refused: Option<String>,
    /// How far the computer's clock is off, where that is worth a word.
    pub clock_warning: Option<String>,
    /// Whether it is so far off that signing needs a reason.
    pub needs_clock_reason: bool,
    /// The reason for which the workspace lets one person sign in two groups, where this signature needs it.
    pub exception: Option<String>,
    /// Differences since this line was signed last, one sentence each.
    pub changed: Vec<String>,
    /// Lines a rejection could open again.
    pub reopenable: Vec<ItemSaid>,
}

/// A line under the root that is signed.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ItemSaid {
    /// Its id; absent for what the run is bound to.
    pub item: Option<ItemId>,
    /// What it is called.
    pub label: String,
    /// How it stands.
    pub says: String,
}

impl From<Leaf> for ItemSaid {
    fn from(leaf: Leaf) -> Self {
        let Leaf { item, label, says, .. } = leaf;
        Self { item, label, says }
    }
}

/// Signs a run. The passphrase arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SignRun {
    /// Which run.
    pub run: RunId,
    /// For which role.
    pub role: String,
    /// What is signed: `run` or a phase such as `phase-2`. Empty where the role has one line to sign.
    #[serde(default)]
    pub scope: String,
    /// Who.
    pub operator: OperatorId,
    /// `approve`, `review` or `reject`.
    pub meaning: String,
    /// Comment.
    #[serde(default)]
    pub comment: String,
    /// Lines a rejection opens again.
    #[serde(default)]
    pub reopens: Vec<ItemId>,
    /// Why it is signed although the computer's clock is far off; empty for nothing.
    #[serde(default)]
    pub clock_reason: String,
    /// The root that was shown; signing refuses when it is no longer the same. Empty takes the present one.
    #[serde(default)]
    pub evidence_root: String,
    /// The text that was shown; signing refuses when it would be another. Empty takes the present one.
    #[serde(default)]
    pub statement: Vec<String>,
}

/// A signature given.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Signed {
    /// Signature, hex.
    pub signature: String,
    /// Root it is for.
    pub evidence_root: String,
    /// Fingerprint of the key that gave it, hex.
    pub key: String,
    /// Entry of the ledger.
    #[ts(type = "number")]
    pub ledger_seq: u64,
    /// Hash of that entry, hex.
    pub hash: String,
    /// The line to keep elsewhere; a verification takes it as a checkpoint.
    pub receipt: String,
    /// The run after it.
    pub run: RunPage,
}

/// What failed, where signing fails.
const WHAT: &str = "Could not sign the run";

/// What somebody wants to sign, in the words of the domain.
struct Asked {
    role: Role,
    scope: Scope,
    meaning: Meaning,
    comment: String,
    root: Digest,
    reopens: Vec<ItemId>,
    exception: Option<String>,
}

impl Asked {
    fn read(
        run: &Run,
        (role, scope): (&str, &str),
        (meaning, comment): (&str, &str),
        reopens: &[ItemId],
    ) -> Result<Self, Failure> {
        let role = Role::of_label(role);
        let scope = scope_named(run, &role, scope)?;
        let meaning = meaning.parse().map_err(|_| invalid("meaning", "approve, review or reject is expected"))?;
        if comment.chars().count() > TEXT_CHARS_MAX {
            return Err(invalid("comment", format!("at most {TEXT_CHARS_MAX} characters fit")));
        }
        let (comment, reopens) = (comment.trim().to_owned(), reopens.to_vec());
        Ok(Self { role, scope, meaning, comment, root: run.root_digest(scope), reopens, exception: None })
    }

    /// Takes up the workspace's reason where the same person signed before; where nobody else is needed, there is none.
    async fn excepted(mut self, app: &App, run: &Run, acting: &Acting) -> Result<Self, Failure> {
        let may = run.may_sign(self.wish(), acting.actor());
        if may.is_err_and(|refusal| refusal.code == Code::SignoffSamePerson) {
            self.exception.clone_from(&record::record(app).await?.workspace.one_signer_reason);
        }
        Ok(self)
    }

    fn wish(&self) -> Wish<'_> {
        let Self { role, scope, meaning, comment, root, reopens, exception } = self;
        let exception = exception.as_deref();
        Wish { role, scope: *scope, meaning: *meaning, comment, root: *root, exception, reopens }
    }
}

/// Shows what an operator would sign, and what they should know before.
///
/// **Errors**: a run or operator that is not known, a meaning that is none.
pub async fn preview(app: &App, request: SignPreviewRequest) -> Result<SignPreview, Failure> {
    let SignPreviewRequest { run: id, role, scope, operator, meaning, comment, reopens, clock_reason } = request;
    let (story, now) = (stories::story(app, &id).await?, clock::now());
    let (run, acting) = (&story.run, people::named(app, &operator).await?);
    let asked = Asked::read(run, (&role, &scope), (&meaning, &comment), &reopens)?;
    let asked = asked.excepted(app, run, &acting).await?;
    let own = |signature: &&SignatureRecord| signature.body.role == asked.role && signature.body.scope == asked.scope;
    let changed = match run.signatures().iter().rev().find(own) {
        Some(signature) => {
            let before = stories::as_of(app, &id, signature.seq).await?;
            difference(&before.root(asked.scope), &run.root(asked.scope)).iter().map(told_of).collect()
        }
        None => Vec::new(),
    };
    let mixed = is_in_one_mode(app, run, WHAT).await.err().map(|failure| failure.why);
    let may_not = run.may_sign(asked.wish(), acting.actor()).err().map(|refusal| refusal.sentence);
    let compared = clock::compared();
    let late = is_clock_right(now, &clock_reason).err().map(|failure| failure.why);
    Ok(SignPreview {
        statement: statement(run, &asked, &acting, now, &clock_reason),
        evidence_root: asked.root.to_string(),
        not_green: run.not_green(now),
        own_items: view::number(run.decided_by(&operator)),
        refused: mixed.or(may_not).or(late),
        clock_warning: clock_check::warning(compared.as_ref(), now),
        needs_clock_reason: compared.is_some_and(|compared| compared.is_off(now, clock_check::REASON_OVER)),
        exception: asked.exception.clone(),
        changed,
        reopenable: reopenable(run, asked.scope),
    })
}

/// Lists the lines under a root that a rejection could open again.
fn reopenable(run: &Run, scope: Scope) -> Vec<ItemSaid> {
    let is_worked_on = |leaf: &Leaf| leaf.item.as_ref().is_some_and(|item| run.may_reopen(item, SOME_REASON).is_ok());
    run.root(scope).leaves.into_iter().filter(is_worked_on).map(ItemSaid::from).collect()
}

/// Finds which of a role's lines is meant.
///
/// **Shape**: without a scope the one that can be signed now, else the first that is not approved, else the last.
/// **Errors**: a text that is no scope, and none where the role can sign several lines now.
fn scope_named(run: &Run, role: &Role, text: &str) -> Result<Scope, Failure> {
    if !text.is_empty() {
        return text.parse().map_err(|error: NotAScope| invalid("scope", error.to_string()));
    }
    let slots: Vec<Slot> = run.slots().into_iter().filter(|slot| slot.line.role == *role).collect();
    let is_ready = |slot: &&Slot| !matches!(slot.state, SlotState::Signed | SlotState::Waiting);
    let ready: Vec<String> = slots.iter().filter(is_ready).map(|slot| slot.line.scope.to_string()).collect();
    if ready.len() > 1 {
        let why = format!("the role signs several things now; name one of {}", ready.join(", "));
        return Err(invalid("scope", why));
    }
    let next = slots.iter().find(is_ready).or_else(|| slots.iter().find(|slot| slot.state != SlotState::Signed));
    Ok(next.or(slots.last()).map_or(Scope::Run, |slot| slot.line.scope))
}

fn told_of(difference: &Difference) -> String {
    let Difference { label, before, after, .. } = difference;
    match (before.as_str(), after.as_str()) {
        ("", after) => format!("{label}: new, {after}"),
        (before, "") => format!("{label}: gone, it was {before}"),
        (before, after) if before == after => format!("{label}: {after}, on other evidence"),
        (before, after) => format!("{label}: {before}, now {after}"),
    }
}

/// Signs a run with the operator's key.
///
/// **Shape**: nothing changes between the last look and the entry; the same request gives the entry it made.
/// **Errors**: `SIGNOFF_STALE` when the root or the text is another than was shown; what else the rules refuse; a wrong
/// passphrase; the keychain; what the ledger refuses.
pub async fn sign(app: &App, request_id: Uuid, request: SignRun, passphrase: Secret) -> Result<Signed, Failure> {
    let stores = app.stores()?;
    let acting = people::named(app, &request.operator).await?;
    let one_at_a_time = stores.stories.acting.lock().await;
    let recorded = match act::written_before(app, request_id, WHAT).await? {
        Some(recorded) => recorded,
        None => write(app, request_id, &request, &acting, passphrase).await?,
    };
    drop(one_at_a_time);
    if recorded.entry.kind.as_str() != "run_signed" {
        return Err(told(Code::StateConflict, WHAT, "the request id belongs to another act"));
    }
    let body: RunSigned = recorded.entry.body_as().map_err(|error| internal(WHAT, &error))?;
    let run = recorded.entry.object.as_deref().and_then(stories::run_of).unwrap_or(request.run);
    let key = recorded.entry.signer.as_ref().and_then(|signer| signer.key);
    Ok(Signed {
        key: key.map(|key| key.to_string()).unwrap_or_default(),
        signature: recorded.signatures.first().map(ToString::to_string).unwrap_or_default(),
        evidence_root: body.root.to_string(),
        ledger_seq: recorded.entry.seq,
        hash: recorded.hash.to_string(),
        receipt: receipt(recorded.entry.seq, &recorded.hash),
        run: runs::page(app, RunRequest { run }).await?,
    })
}

async fn write(
    app: &App,
    request_id: Uuid,
    request: &SignRun,
    acting: &Acting,
    passphrase: Secret,
) -> Result<Recorded, Failure> {
    let (story, now) = (stories::story(app, &request.run).await?, clock::now());
    let run = &story.run;
    let body = signed(app, run, request, acting, now).await?;
    // Refused before the passphrase is asked for its worth: deriving a key takes a second, and a wrong one counts.
    let stores = app.stores()?;
    let key = unlock(&stores.ledger, &acting.id, passphrase, now).await.map_err(|error| error.tell(WHAT))?;
    let entry = Entry::from(body);
    let draft = act::draft_of_person(request_id, (&request.run, &run.binding().environment), &entry, Vec::new());
    let draft = draft.map_err(|error| error.tell(WHAT))?.by(acting.id.clone(), acting.name.clone());
    let mut written = act::write(app, vec![draft], &[&key], WHAT).await?;
    written.pop().ok_or_else(|| told(Code::Internal, WHAT, "the ledger gave no entry back"))
}

/// Gives what is signed, if it may be.
async fn signed(app: &App, run: &Run, request: &SignRun, acting: &Acting, now: Instant) -> Result<RunSigned, Failure> {
    let SignRun { role, scope, meaning, comment, reopens, clock_reason, .. } = request;
    let mut asked = Asked::read(run, (role, scope), (meaning, comment), reopens)?;
    is_in_one_mode(app, run, WHAT).await?;
    if !request.evidence_root.is_empty() {
        let shown = request.evidence_root.parse();
        asked.root = shown.map_err(|_| invalid("evidence root", "64 hexadecimal digits are expected"))?;
    }
    let asked = asked.excepted(app, run, acting).await?;
    run.may_sign(asked.wish(), acting.actor()).map_err(|refusal| refused(WHAT, refusal))?;
    is_clock_right(now, clock_reason)?;
    act::without_secret("the reason", &clock_reason.as_str().into()).map_err(|error| error.tell(WHAT))?;
    let statement = statement(run, &asked, acting, now, clock_reason);
    if !request.statement.is_empty() && request.statement != statement {
        return Err(told(Code::SignoffStale, WHAT, "the text would be another than the one shown; look at it again"));
    }
    let Asked { role, scope, meaning, comment, root, reopens, exception } = asked;
    Ok(RunSigned { role, scope, meaning, comment, root, statement, reopens, exception })
}

/// Gives the text a person signs, with how far its time can be believed.
fn statement(run: &Run, asked: &Asked, acting: &Acting, now: Instant, clock_reason: &str) -> Vec<String> {
    let mut statement = run.statement(asked.wish(), &acting.name, now);
    statement.push(clock_check::line(clock::compared().as_ref(), now, clock_reason.trim()));
    statement
}

/// Refuses a clock that is far off, unless somebody gives a reason that is kept.
pub(super) fn is_clock_right(now: Instant, reason: &str) -> Result<(), Failure> {
    let Some(compared) = clock::compared().filter(|compared| compared.is_off(now, clock_check::REASON_OVER)) else {
        return Ok(());
    };
    let chars = reason.trim().chars().count();
    if (WAIVER_REASON_CHARS_MIN..=TEXT_CHARS_MAX).contains(&chars) {
        return Ok(());
    }
    let warning = clock_check::warning(Some(&compared), now).unwrap_or_default();
    let why = format!(
        "{warning} Set it and read Stripe again, or sign with a reason of at least {WAIVER_REASON_CHARS_MIN} characters; \
         an answer by file has it in its comment."
    );
    Err(told(Code::ClockRegressed, WHAT, why))
}

/// Refuses signing where live and test are mixed.
async fn is_in_one_mode(app: &App, run: &Run, what: &str) -> Result<(), Failure> {
    let record = record::record(app).await?;
    match record.environments.get(&run.binding().environment) {
        Some(environment) => runs::are_modes_right(environment, &record.workspace.name, what),
        None => Ok(()),
    }
}
