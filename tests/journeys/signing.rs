//! Signing where not everything is as it should be: a clock that is off, one person for two groups, a key that is followed
//! by another.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use countersign_app::audit::second::{self, ChooseSecondFolder};
use countersign_app::audit::{self, EntryRequest, VerifyRequest};
use countersign_app::checklists::exports::{self, ExportFormat, ExportRun};
use countersign_app::checklists::import::{self, ImportTemplate};
use countersign_app::checklists::runs::{self, RunRequest, SignatureSlot};
use countersign_app::checklists::sign::{self, SignPreview, SignPreviewRequest, SignRun, Signed};
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::domain::ledger::clock::Comparison;
use countersign_app::domain::workspace::Workspace;
use countersign_app::settings::operators::change::{self, ChangeKey, ChangeOperator};
use countersign_app::settings::operators::{self, OperatorsRequest};
use countersign_app::settings::workspace::{self, WorkspaceRequest};
use countersign_app::{App, Secret, clock, demo};

use crate::ledger::kept_in;
use crate::team::{PASSPHRASE, operator, refused, told};

const MARKDOWN: &str = "# Small change\n\n- [ ] Look at the logs\n\n## Sign-Off\n\n### Development\n\n\
    - Lead Developer: ____ Date: ____\n- QA Engineer: ____ Date: ____\n\n### Business\n\n- Finance Manager: ____ Date: ____\n";
const NEXT: &str = "another passphrase of the tests";
const CLOCK: &str = "the battery of this computer is dead";
const FEW: &str = "we are two people in this company";

/// A run that is signed by two people for three lines.
pub async fn by_two_people() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 20).await.map_err(told)?;
    let ana = operator(&app, "Ana Lopez", &["lead_developer", "finance_manager"]).await?;
    let bo = operator(&app, "Bo Chen", &["qa_engineer"]).await?;
    let run = started(&app, &ana).await?;
    by_a_clock_that_is_off(&app, &run, &ana).await?;
    bound_elsewhere(&app, &run, &bo, folder.path()).await?;
    by_one_person_twice(&app, &run, &ana, folder.path()).await?;
    by_a_new_key(&app, &run, &ana, &bo).await?;
    app.end().await;
    Ok(())
}

/// The statement says how far its time can be believed; over ten minutes there has to be a reason, and it is kept.
async fn by_a_clock_that_is_off(app: &App, run: &RunId, ana: &OperatorId) -> Result<()> {
    let ask = async |reason: &str| preview(app, run, ("lead_developer", ana), reason).await;
    let last = |shown: &SignPreview| shown.statement.last().cloned().unwrap_or_default();
    let shown = ask("").await?;
    ensure!(last(&shown) == "Clock: not compared with the clock of a server.", "{:?}", shown.statement);
    let now = clock::now();
    let compare = |ahead: u64| {
        clock::recall(Comparison { server_at: now - Duration::from_secs(ahead * 60), local_at: now });
    };
    compare(5);
    let shown = ask("").await?;
    ensure!(shown.refused.is_none() && !shown.needs_clock_reason && shown.clock_warning.is_some(), "{shown:?}");
    ensure!(last(&shown).starts_with("Clock: 5 min ahead of that of api.stripe.com"), "{:?}", shown.statement);
    compare(12);
    let shown = ask("").await?;
    ensure!(shown.needs_clock_reason && shown.refused.is_some_and(|why| why.contains("12 min ahead")), "the reason");
    refused(sign(app, run, ("lead_developer", ana), "", PASSPHRASE).await, Code::ClockRegressed)?;
    refused(sign(app, run, ("lead_developer", ana), "it is fine", PASSPHRASE).await, Code::ClockRegressed)?;
    // What has no place for a reason waits for the clock.
    let (name, email) = ("Ana L".to_owned(), "ana@example.com".to_owned());
    let person = ChangeOperator { operator: ana.clone(), by: ana.clone(), name, email, roles: Vec::new() };
    let changed = change::change(app, clock::name(), person, Secret::from(PASSPHRASE.to_owned())).await;
    refused(changed, Code::ClockRegressed)?;
    let shown = ask(CLOCK).await?;
    ensure!(shown.refused.is_none() && last(&shown).contains(CLOCK), "{shown:?}");
    let signed = sign(app, run, ("lead_developer", ana), CLOCK, PASSPHRASE).await.map_err(told)?;
    let entry = audit::entry(app, EntryRequest { seq: signed.ledger_seq }).await.map_err(told)?;
    ensure!(entry.bytes.contains(CLOCK) && entry.bytes.contains("\"server_time\":{\"age_ms\""), "{}", entry.bytes);
    // From here on the clock is right.
    compare(0);
    ensure!(ask("").await?.clock_warning.is_none(), "the clock agrees");
    Ok(())
}

/// A signature is in the second folder as soon as it is given.
async fn bound_elsewhere(app: &App, run: &RunId, bo: &OperatorId, folder: &std::path::Path) -> Result<()> {
    let share = folder.join("share");
    std::fs::create_dir(&share)?;
    let handle = app.files().keep_for_writing(&share).handle;
    second::choose(app, clock::name(), ChooseSecondFolder { folder: Some(handle) }).await.map_err(told)?;
    let signed = sign(app, run, ("qa_engineer", bo), "", PASSPHRASE).await.map_err(told)?;
    for _ in 0..100 {
        if kept_in(&share, signed.ledger_seq).is_some() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("the signature is not in the second folder")
}

/// Nobody signs in two groups, unless the workspace says why; then the reason is wherever the signature is.
async fn by_one_person_twice(app: &App, run: &RunId, ana: &OperatorId, folder: &std::path::Path) -> Result<()> {
    let again = ("finance_manager", ana);
    refused(sign(app, run, again, "", PASSPHRASE).await, Code::SignoffSamePerson)?;
    let kept = workspace::view(app, WorkspaceRequest {}).await.map_err(told)?;
    let allowing = |reason: &str| Workspace { one_signer_reason: Some(reason.to_owned()), ..kept.clone() };
    refused(workspace::set(app, clock::name(), allowing("few")).await, Code::InputInvalid)?;
    workspace::set(app, clock::name(), allowing(FEW)).await.map_err(told)?;
    let shown = preview(app, run, again, "").await?;
    ensure!(shown.exception.as_deref() == Some(FEW) && shown.refused.is_none(), "{shown:?}");
    ensure!(shown.statement.iter().any(|line| line.ends_with(FEW)), "{:?}", shown.statement);
    sign(app, run, again, "", PASSPHRASE).await.map_err(told)?;
    let slots = slots(app, run).await?;
    let excepted = |slot: &SignatureSlot| slot.exception.as_deref() == Some(FEW);
    ensure!(slots.iter().filter(|slot| excepted(slot)).count() == 1, "the exception is of one line: {slots:?}");
    ensure!(slots.iter().all(|slot| !slot.statement.is_empty() && slot.root.is_some()), "{slots:?}");
    for (format, name) in
        [(ExportFormat::Csv, "run.csv"), (ExportFormat::Md, "run.md"), (ExportFormat::Pack, "run.zip")]
    {
        let file = app.files().keep_for_writing(&folder.join(name)).handle;
        exports::export(app, clock::name(), ExportRun { run: run.clone(), format, file, operator: None })
            .await
            .map_err(told)?;
        let bytes = std::fs::read(folder.join(name))?;
        ensure!(bytes.windows(FEW.len()).any(|part| part == FEW.as_bytes()), "{name} does not say why");
    }
    let verified = audit::verify(app, VerifyRequest {}).await.map_err(told)?;
    let named = verified.warnings.iter().any(|warning| warning.contains(FEW));
    ensure!(verified.ok && verified.findings.is_empty() && named, "{verified:?}");
    Ok(())
}

/// A new key signs from now on; what the old one signed stays good, and the roster has the new one.
async fn by_a_new_key(app: &App, run: &RunId, ana: &OperatorId, bo: &OperatorId) -> Result<()> {
    let key = async || -> Result<String> {
        let everybody = operators::list(app, OperatorsRequest {}).await.map_err(told)?.operators;
        let one = everybody.into_iter().find(|one| one.id == *ana).context("nobody")?;
        ensure!(one.can_sign && one.revoked_since.is_none(), "{one:?}");
        Ok(one.key_fingerprint)
    };
    let old = key().await?;
    let reason = || "the laptop was left in a train".to_owned();
    let both = |present: &str| Secret::from(format!("{present}\n{NEXT}"));
    let wish = || ChangeKey { operator: ana.clone(), reason: reason() };
    refused(change::change_key(app, clock::name(), wish(), both("wrong")).await, Code::PassphraseWrong)?;
    ensure!(key().await? == old, "a wrong passphrase changed the key");
    let request = clock::name();
    change::change_key(app, request, wish(), both(PASSPHRASE)).await.map_err(told)?;
    let new = key().await?;
    ensure!(new != old, "the key is the same");
    change::change_key(app, request, wish(), both(PASSPHRASE)).await.map_err(told)?;
    ensure!(key().await? == new, "the same request changed the key twice");
    let slots = slots(app, run).await?;
    ensure!(slots.iter().all(|slot| slot.state == "signed"), "a signature of the old key is void: {slots:?}");
    let roles = vec!["lead_developer".to_owned()];
    let person = |by: &OperatorId| ChangeOperator {
        operator: bo.clone(),
        by: by.clone(),
        name: "Bo Chen".to_owned(),
        email: "bo@example.com".to_owned(),
        roles: roles.clone(),
    };
    let secret = |text: &str| Secret::from(text.to_owned());
    refused(change::change(app, clock::name(), person(ana), secret(PASSPHRASE)).await, Code::PassphraseWrong)?;
    let after = change::change(app, clock::name(), person(ana), secret(NEXT)).await.map_err(told)?;
    ensure!(after.operators.iter().any(|one| one.id == *bo && one.roles == roles), "{:?}", after.operators);
    let verified = audit::verify(app, VerifyRequest {}).await.map_err(told)?;
    ensure!(verified.ok && verified.findings.is_empty(), "{verified:?}");
    ensure!(!verified.warnings.iter().any(|warning| warning.contains("was ended as of")), "{:?}", verified.warnings);
    Ok(())
}

async fn preview(app: &App, run: &RunId, (role, who): (&str, &OperatorId), reason: &str) -> Result<SignPreview> {
    let request = SignPreviewRequest {
        run: run.clone(),
        role: role.to_owned(),
        scope: String::new(),
        operator: who.clone(),
        meaning: "approve".to_owned(),
        comment: String::new(),
        reopens: Vec::new(),
        clock_reason: reason.to_owned(),
    };
    sign::preview(app, request).await.map_err(told)
}

/// Signs exactly what is shown.
async fn sign(
    app: &App,
    run: &RunId,
    (role, who): (&str, &OperatorId),
    reason: &str,
    passphrase: &str,
) -> Result<Signed, Failure> {
    let shown = preview(app, run, (role, who), reason).await.expect("a preview");
    let request = SignRun {
        run: run.clone(),
        role: role.to_owned(),
        scope: String::new(),
        operator: who.clone(),
        meaning: "approve".to_owned(),
        comment: String::new(),
        reopens: Vec::new(),
        clock_reason: reason.to_owned(),
        evidence_root: shown.evidence_root,
        statement: shown.statement,
    };
    sign::sign(app, clock::name(), request, Secret::from(passphrase.to_owned())).await
}

async fn slots(app: &App, run: &RunId) -> Result<Vec<SignatureSlot>> {
    Ok(runs::page(app, RunRequest { run: run.clone() }).await.map_err(told)?.signatures)
}

async fn started(app: &App, owner: &OperatorId) -> Result<RunId> {
    let text = ImportTemplate {
        markdown: MARKDOWN.to_owned(),
        name: String::new(),
        file: String::new(),
        decisions: Vec::new(),
    };
    let kept = import::import(app, clock::name(), text).await.map_err(told)?;
    let request = serde_json::json!({
        "template": kept.brief.id, "environment": demo::ENVIRONMENT, "release": "v1", "owner": owner,
    });
    let page = runs::start(app, clock::name(), serde_json::from_value(request)?).await.map_err(told)?;
    Ok(page.brief.run)
}
