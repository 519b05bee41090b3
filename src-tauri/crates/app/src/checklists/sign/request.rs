//! Asking somebody on another computer to sign: one file that carries the statement and everything under its root.
//!
//! The file is kept as evidence of the entry that says it was made, so that it can be written again.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{Entry, SignatureRequested};
use countersign_domain::checklist::role::Role;
use countersign_domain::checklist::sign::by_file::SignRequest;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{OperatorId, RunId};
use countersign_domain::ledger::listing::Sealer;
use countersign_domain::ledger::{Document as _, Recorded};
use countersign_sources::secret::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{is_in_one_mode, scope_named};
use crate::app::App;
use crate::checklists::people::{self, Acting};
use crate::checklists::runs::{self, RunPage, RunRequest};
use crate::checklists::{act, refused, stories};
use crate::failure::{Tell as _, internal, not_found, told};
use crate::ledger::document;
use crate::ledger::unlock::unlock;
use crate::{clock, files};

/// What failed, where asking fails.
const WHAT: &str = "Could not ask for the signature";

/// Asks for a signature by file. The passphrase of whoever asks arrives beside the request.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AskToSign {
    /// Which run.
    pub run: RunId,
    /// For which role.
    pub role: String,
    /// What is to be signed: `run` or a phase such as `phase-2`. Empty where the role has one line to sign.
    #[serde(default)]
    pub scope: String,
    /// Who asks.
    pub operator: OperatorId,
    /// Handle of the place the file is written to.
    pub file: String,
}

/// A request that was made.
#[derive(Debug, Clone, Serialize, TS)]
pub struct AskedToSign {
    /// Names the request.
    pub request: String,
    /// The root that is to be signed.
    pub evidence_root: String,
    /// Entry of the ledger.
    #[ts(type = "number")]
    pub ledger_seq: u64,
    /// Name of the file, without its folder.
    pub name: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// When it was asked.
    pub at: Instant,
    /// The run after it.
    pub run: RunPage,
}

/// Asks for a signature by file.
///
/// **Shape**: the same request gives the same file again.
/// **Errors**: a line that cannot be signed now; a wrong passphrase; the ledger; the place of the file, after which the
/// request stands in the ledger and can be written again.
pub async fn ask(app: &App, request_id: Uuid, request: AskToSign, passphrase: Secret) -> Result<AskedToSign, Failure> {
    let stores = app.stores()?;
    let place = app.files().place(&request.file)?;
    let acting = people::named(app, &request.operator).await?;
    let one_at_a_time = stores.stories.acting.lock().await;
    let recorded = match act::written_before(app, request_id, WHAT).await? {
        Some(recorded) => recorded,
        None => write(app, request_id, &request, &acting, passphrase).await?,
    };
    drop(one_at_a_time);
    let file = recorded.entry.evidence.first().filter(|_| recorded.entry.kind == "signature_requested");
    let file = file.ok_or_else(|| told(Code::StateConflict, WHAT, "the request id belongs to another act"))?;
    let body: SignatureRequested = recorded.entry.body_as().map_err(|error| internal(WHAT, &error))?;
    let written = files::write(place, document::kept(&stores.ledger, file, WHAT).await?, WHAT).await?;
    let run = recorded.entry.object.as_deref().and_then(stories::run_of).unwrap_or(request.run);
    Ok(AskedToSign {
        request: body.request.to_string(),
        evidence_root: body.matter.root.to_string(),
        ledger_seq: recorded.entry.seq,
        name: written.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        sha256: written.sha256,
        at: recorded.entry.at,
        run: runs::page(app, RunRequest { run }).await?,
    })
}

async fn write(
    app: &App,
    request_id: Uuid,
    request: &AskToSign,
    acting: &Acting,
    passphrase: Secret,
) -> Result<Recorded, Failure> {
    let (story, now) = (stories::story(app, &request.run).await?, clock::now());
    let (stores, run) = (app.stores()?, &story.run);
    let role = Role::of_label(&request.role);
    let scope = scope_named(run, &role, &request.scope)?;
    is_in_one_mode(app, run, WHAT).await?;
    run.may_ask(&role, scope).map_err(|refusal| refused(WHAT, refusal))?;
    clock::may_sign(now, WHAT)?;
    let key = unlock(&stores.ledger, &acting.id, passphrase, now).await.map_err(|error| error.tell(WHAT))?;
    let sealer = Sealer { id: acting.id.clone(), name: acting.name.clone(), key: key.public_key() };
    let asked = SignRequest {
        v: SignRequest::VERSION.to_owned(),
        id: request_id,
        ledger: stores.ledger.id().await,
        at: now,
        run: request.run.clone(),
        name: story.name(),
        matter: run.matter(&role, scope, now),
        not_green: run.not_green(now),
        leaves: run.root(scope).leaves,
        sealer,
    };
    let (sealed, bytes) = document::seal(&asked, &key, WHAT)?;
    let hash = sealed.hash().map_err(|error| internal(WHAT, &error))?;
    let name = format!("{}-{}-request.json", files::safe_name(&asked.matter.release), role.as_str());
    let file = document::keep(&stores.ledger, &files::safe_name(&name), bytes, WHAT).await?;
    let entry = Entry::from(SignatureRequested { request: request_id, hash, matter: sealed.signed.matter });
    let draft = act::draft(request_id, (&request.run, &run.binding().environment), &entry, vec![file]);
    let draft = draft.map_err(|error| error.tell(WHAT))?.by(acting.id.clone(), acting.name.clone());
    let mut written = act::write(app, vec![draft], &[&key], WHAT).await?;
    written.pop().ok_or_else(|| not_found("entry", "of the request"))
}
