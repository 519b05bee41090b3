//! Taking in a signature that was given on another computer: whose it is, what it is for, and whether it counts now.
//!
//! Everything is asked before anything is written; a file that is refused can be read again when its reason is gone.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{Entry, SignatureReceived};
use countersign_domain::checklist::run::difference;
use countersign_domain::checklist::sign::by_file::Countersignature;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{OperatorId, RunId};
use countersign_domain::ledger::{LedgerId, Recorded, Roster, Sealed};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use ts_rs::TS;
use uuid::Uuid;

use super::answer::holds;
use super::{Signed, is_in_one_mode, receipt, told_of};
use crate::app::App;
use crate::checklists::people::{self, Acting};
use crate::checklists::runs::{self, RunRequest};
use crate::checklists::stories::{self, Story};
use crate::checklists::{act, refused};
use crate::failure::{Tell as _, internal, not_found, told};
use crate::ledger::document;
use crate::{clock, files};

/// What failed, where taking in fails.
const WHAT: &str = "Could not take in the signature";
/// How far the signer's clock may be ahead. **Units**: minutes.
const AHEAD_MINUTES_MAX: i64 = 10;
/// Differences named in a refusal; a screen shows all of them.
const DIFFERENCES_TOLD: usize = 5;

/// Asks what a signature in a file is for.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReadSignature {
    /// Handle of the chosen file.
    pub file: String,
    /// The run it is expected for; absent takes the one the file names.
    #[serde(default)]
    pub run: Option<RunId>,
}

/// A signature in a file.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SignatureView {
    /// Who signed, by the name the file gives.
    pub by: String,
    /// Fingerprint of the key.
    pub key: String,
    /// For which role.
    pub role: String,
    /// What is signed: `run` or a phase.
    pub scope: String,
    /// Meaning: `approve`, `review`, `reject`.
    pub meaning: String,
    /// Comment.
    pub comment: String,
    /// When, by the signer's clock.
    pub at: Instant,
    /// The text that was signed, line by line.
    pub statement: Vec<String>,
    /// Root it is for.
    pub evidence_root: String,
    /// Why it does not count now.
    pub refused: Option<Failure>,
    /// What changed in the run since the signature was asked for, one sentence each.
    pub changed: Vec<String>,
}

/// Takes in a signature from a file.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TakeSignature {
    /// Handle of the chosen file.
    pub file: String,
    /// Who takes it in; absent for whoever works here, or the program where that is not clear.
    #[serde(default)]
    pub operator: Option<OperatorId>,
    /// The run it is expected for; absent takes the one the file names.
    #[serde(default)]
    pub run: Option<RunId>,
}

/// Shows what a signature in a file is for, and whether it counts now.
///
/// **Errors**: a file that is no signature or was changed in its form.
pub async fn read(app: &App, request: ReadSignature) -> Result<SignatureView, Failure> {
    let sealed = document::read::<Countersignature>(app, &request.file).await?.sealed;
    let changed = match stories::story(app, &sealed.signed.run).await {
        Ok(story) => changed(app, &story, &sealed.signed).await?,
        Err(_) => Vec::new(),
    };
    let refused = checked(app, request.run.as_ref(), &sealed).await.err();
    let Countersignature { role, scope, meaning, comment, root, statement, signer, at, .. } = sealed.signed;
    Ok(SignatureView {
        by: signer.name,
        key: signer.key.map(|key| key.to_string()).unwrap_or_default(),
        role: role.as_str().to_owned(),
        scope: scope.to_string(),
        meaning: meaning.to_string(),
        comment,
        at,
        statement,
        evidence_root: root.to_string(),
        refused,
        changed,
    })
}

/// Takes in a signature from a file.
///
/// **Shape**: the same request gives the entry it made; a signature is taken in once.
/// **Errors**: `SIGNOFF_OTHER_RUN`, `SIGNOFF_FILE_CHANGED`, `LEDGER_KEY_UNKNOWN`, `SIGNOFF_KEY_ENDED`; what else the rules
/// refuse. The run is then as it was.
pub async fn take(app: &App, request_id: Uuid, request: TakeSignature) -> Result<Signed, Failure> {
    let stores = app.stores()?;
    let acting = match &request.operator {
        Some(operator) => Some(people::named(app, operator).await?),
        None => people::present(app).await?,
    };
    let sealed = document::read::<Countersignature>(app, &request.file).await?.sealed;
    let one_at_a_time = stores.stories.acting.lock().await;
    let recorded = match act::written_before(app, request_id, WHAT).await? {
        Some(recorded) => recorded,
        None => write(app, request_id, (&request, &sealed), acting).await?,
    };
    drop(one_at_a_time);
    if recorded.entry.kind != "signature_received" {
        return Err(told(Code::StateConflict, WHAT, "the request id belongs to another act"));
    }
    let body: SignatureReceived = recorded.entry.body_as().map_err(|error| internal(WHAT, &error))?;
    Ok(Signed {
        key: body.signed.signer.key.map(|key| key.to_string()).unwrap_or_default(),
        signature: body.signature.to_string(),
        evidence_root: body.signed.root.to_string(),
        ledger_seq: recorded.entry.seq,
        hash: recorded.hash.to_string(),
        receipt: receipt(recorded.entry.seq, &recorded.hash),
        run: runs::page(app, RunRequest { run: body.signed.run }).await?,
    })
}

async fn write(
    app: &App,
    request_id: Uuid,
    (request, sealed): (&TakeSignature, &Sealed<Countersignature>),
    acting: Option<Acting>,
) -> Result<Recorded, Failure> {
    let story = checked(app, request.run.as_ref(), sealed).await?;
    let Sealed { signed, signature } = sealed.clone();
    let entry = Entry::from(SignatureReceived { signed, signature });
    let draft = act::draft(request_id, (&story.id, &story.run.binding().environment), &entry, Vec::new());
    let mut draft = draft.map_err(|error| error.tell(WHAT))?;
    if let Some(acting) = acting {
        draft = draft.by(acting.id, acting.name);
    }
    let mut written = act::write(app, vec![draft], &[], WHAT).await?;
    written.pop().ok_or_else(|| not_found("entry", "of the signature"))
}

/// Gives the run a signature counts for now.
async fn checked(app: &App, wanted: Option<&RunId>, sealed: &Sealed<Countersignature>) -> Result<Arc<Story>, Failure> {
    let stores = app.stores()?;
    let signed = &sealed.signed;
    let (own, roster, now) = (stores.ledger.id().await, stores.ledger.roster().await, clock::now());
    let story = meant(app, wanted, signed, own).await?;
    is_by_somebody_known(&roster, sealed, now)?;
    is_in_one_mode(app, &story.run, WHAT).await?;
    match story.run.may_receive(signed) {
        Ok(()) => Ok(story),
        Err(refusal) if refusal.code == Code::SignoffStale => {
            let changed = changed(app, &story, signed).await?;
            let more = changed.len().saturating_sub(DIFFERENCES_TOLD);
            let mut told_ones: Vec<String> = changed.into_iter().take(DIFFERENCES_TOLD).collect();
            told_ones.extend((more > 0).then(|| format!("and {more} more")));
            let why = format!("the run changed since it was asked for: {}", told_ones.join("; "));
            Err(told(Code::SignoffStale, WHAT, why))
        }
        Err(refusal) => Err(refused(WHAT, refusal)),
    }
}

/// Finds the run of this ledger a signature is for.
async fn meant(
    app: &App,
    wanted: Option<&RunId>,
    signed: &Countersignature,
    own: LedgerId,
) -> Result<Arc<Story>, Failure> {
    let other = |why: String| Err(told(Code::SignoffOtherRun, WHAT, why));
    if signed.ledger != own {
        return other("it answers a request of another computer's ledger".to_owned());
    }
    let Ok(story) = stories::story(app, &signed.run).await else {
        return other(format!("it is for the run {}, which is not here", files::safe_name(signed.run.as_str())));
    };
    match wanted {
        Some(wanted) if *wanted != signed.run => other(format!("it is for the run {} ({})", story.name(), story.id)),
        _ => Ok(story),
    }
}

/// Holds the signer to the roster: whose key it is, whether it signed this, whether it is good now, and the role.
fn is_by_somebody_known(roster: &Roster, sealed: &Sealed<Countersignature>, now: Instant) -> Result<(), Failure> {
    let Countersignature { signer, role, at, .. } = &sealed.signed;
    let name = &signer.name;
    let found =
        signer.key.and_then(|id| Some((id, roster.key(&id)?))).filter(|(id, _)| roster.holder(id) == Some(&signer.id));
    let Some((id, key)) = found else {
        let shown = signer.key.map(|key| key.to_string()).unwrap_or_default();
        let why = format!("the key {shown} of {name} is not known here; read the roster of that computer first");
        return Err(told(Code::LedgerKeyUnknown, WHAT, why));
    };
    if !sealed.is_by(key) {
        return Err(told(Code::SignoffFileChanged, WHAT, "the signature does not hold: the file was changed"));
    }
    let ended = |why: String| Err(told(Code::SignoffKeyEnded, WHAT, why));
    let known = roster.operator(&signer.id);
    let minute = |at: Instant| at.format("%Y-%m-%d %H:%M UTC").to_string();
    if let Some(since) = known.and_then(|known| known.revoked_since) {
        return ended(format!("the key {id} of {name} was revoked as of {}", minute(since)));
    }
    if known.and_then(|known| known.key).is_none_or(|good| good.id() != id) {
        return ended(format!("the key {id} of {name} was followed by another one"));
    }
    if let Some(origin) = known.and_then(|known| known.origin) {
        if now >= origin.valid_until {
            return ended(format!("the key {id} of {name} was valid until {}", minute(origin.valid_until)));
        }
        if *at < origin.valid_from {
            return ended(format!("the key {id} of {name} is valid from {} on", minute(origin.valid_from)));
        }
    }
    if (*at - now).num_minutes() >= AHEAD_MINUTES_MAX {
        let why = format!("it is dated {}, which is still to come here", minute(*at));
        return Err(told(Code::ClockRegressed, WHAT, why));
    }
    if !holds(roster, &signer.id, role) {
        let why =
            format!("{name} does not hold the role {} in the roster that was read", role.as_str().replace('_', " "));
        return Err(told(Code::StateConflict, WHAT, why));
    }
    Ok(())
}

/// Lists what changed in a run since a signature was asked for.
async fn changed(app: &App, story: &Story, signed: &Countersignature) -> Result<Vec<String>, Failure> {
    let asked = story.run.requests().iter().find(|asked| asked.body.request == signed.request);
    let Some(asked) = asked else { return Ok(Vec::new()) };
    let before = stories::as_of(app, &story.id, asked.seq).await?;
    let scope = asked.body.matter.scope;
    Ok(difference(&before.root(scope), &story.run.root(scope)).iter().map(told_of).collect())
}

#[cfg(test)]
mod tests;
