//! From a checklist in Markdown to a signed run: checked, put right, confirmed, signed, verified and handed to others.

use anyhow::{Context as _, Result, ensure};
use countersign_app::checklists::exports::{self, ExportFormat, ExportRun};
use countersign_app::checklists::import::{self, ImportTemplate, RowDecision};
use countersign_app::checklists::items::{self, ConfirmItem, ItemRequest, NoteItem, WaiveItem};
use countersign_app::checklists::runs::{self, RunPage, RunRequest, StartRun};
use countersign_app::checklists::sign::{self, SignPreviewRequest, SignRun, Signed};
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::{ItemId, OperatorId, RunId};
use countersign_app::ledger::verify::{self, Depth};
use countersign_app::settings::environments::{self, ExpectEndpoint};
use countersign_app::{App, Secret, audit, checks, clock, demo};

use crate::team::{PASSPHRASE, operator, refused, secret, told};

const MARKDOWN: &str = "# Billing change

## Before
- [ ] Webhook endpoints registered
- [ ] Stripe account verified
- [ ] Rollback plan read by the on-call person

## Sign-off
-   [ ] Lead Developer: ________________ Date: ________
-   [ ] QA Engineer: ________________ Date: ________
";

/// A whole run on the invented company.
pub async fn signed_and_exported() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 300).await.map_err(told)?;
    demo::read(&app).await.map_err(told)?;
    work(&app, folder.path()).await?;
    app.end().await;
    Ok(())
}

async fn work(app: &App, folder: &std::path::Path) -> Result<()> {
    let ana = operator(app, "Ana Lopez", &["lead_developer"]).await?;
    let bo = operator(app, "Bo Chen", &["qa_engineer"]).await?;
    let run = started(app, &ana).await?;
    checked_and_put_right(app, &run).await?;
    decided(app, &run, &ana, &bo).await?;
    no_secret(app, &run, &ana).await?;
    let first = signatures(app, &run, &ana, &bo).await?;
    exported(app, &run, folder).await?;
    changed_after(app, &run, (&ana, &bo), &first).await?;
    let stores = app.stores().map_err(told)?;
    let report = verify::verify(&stores.ledger, Depth::Whole, Vec::new(), |_| None).await?;
    ensure!(report.first_bad.is_none(), "{:?}", report.first_bad);
    Ok(())
}

/// The same content is kept once; the run pins what is connected.
async fn started(app: &App, owner: &OperatorId) -> Result<RunId> {
    let decided = |(row, probe): (&str, &str)| RowDecision {
        row: row.to_owned(),
        kind: "auto".to_owned(),
        probe: probe.to_owned(),
        limit: None,
    };
    let proofs = [
        ("webhook-endpoints-registered", "stripe.webhooks.endpoint_registered"),
        ("stripe-account-verified", "stripe.account.activated"),
    ];
    let request = || ImportTemplate {
        markdown: MARKDOWN.to_owned(),
        name: String::new(),
        file: String::new(),
        decisions: proofs.into_iter().map(decided).collect(),
    };
    let kept = import::import(app, clock::name(), request()).await.map_err(told)?;
    let again = import::import(app, clock::name(), request()).await.map_err(told)?;
    ensure!(kept.brief.version == 1 && again.brief.version == 1, "a second version of the same text");
    let request = StartRun {
        template: kept.brief.id,
        environment: demo::ENVIRONMENT.into(),
        release: "v2.4.0".to_owned(),
        owner: Some(owner.clone()),
        people: Vec::new(),
        business_days: false,
    };
    let page = runs::start(app, clock::name(), request).await.map_err(told)?;
    ensure!(page.fingerprints.len() == 2, "{:?}", page.fingerprints);
    Ok(page.brief.run)
}

/// A failed line cannot be ticked by hand; what was put right passes.
async fn checked_and_put_right(app: &App, run: &RunId) -> Result<()> {
    expect(app, "https://elsewhere.example/hook").await?;
    check(app, run, &[]).await?;
    let line = state_of(app, run, "webhook-endpoints-registered").await?;
    ensure!(line == "failed", "the endpoint is {line}");
    ensure!(state_of(app, run, "stripe-account-verified").await? == "verified", "the account");
    let by = demo::operator(app).await.map_err(told)?;
    let item = ItemId::from("webhook-endpoints-registered");
    let request = ConfirmItem { run: run.clone(), item: item.clone(), operator: by, note: "looks fine".to_owned() };
    refused(items::confirm(app, clock::name(), request).await, Code::ItemNotConfirmable)?;
    expect(app, "https://app.devflowhub.example/api/billing/webhook").await?;
    check(app, run, &[item]).await?;
    let line = state_of(app, run, "webhook-endpoints-registered").await?;
    ensure!(line == "verified", "the endpoint is {line}");
    Ok(())
}

/// A person's word counts once, and nobody waives their own line.
async fn decided(app: &App, run: &RunId, ana: &OperatorId, bo: &OperatorId) -> Result<()> {
    let item = ItemId::from("rollback-plan-read-by-the-on-call-person");
    let waive = |operator: &OperatorId| WaiveItem {
        run: run.clone(),
        item: item.clone(),
        operator: operator.clone(),
        reason: "the on-call person is on leave this week".to_owned(),
        until: clock::now() + chrono_days(7),
    };
    refused(items::waive(app, clock::name(), waive(ana)).await, Code::StateConflict)?;
    let waived = items::waive(app, clock::name(), waive(bo)).await.map_err(told)?;
    ensure!(waived.view.state == "waived" && waived.view.is_complete, "{}", waived.view.state);
    let request = clock::name();
    let text = "seen in the dashboard".to_owned();
    for _ in 0..2 {
        let note = NoteItem { run: run.clone(), item: item.clone(), operator: ana.clone(), text: text.clone() };
        let page = items::note(app, request, note).await.map_err(told)?;
        ensure!(page.notes.len() == 1, "{} notes after one request", page.notes.len());
    }
    Ok(())
}

/// What was shown is what is signed; a wrong passphrase signs nothing; one request signs once.
async fn signatures(app: &App, run: &RunId, ana: &OperatorId, bo: &OperatorId) -> Result<Signed> {
    let ask = SignPreviewRequest {
        run: run.clone(),
        role: "lead_developer".to_owned(),
        scope: String::new(),
        operator: ana.clone(),
        meaning: "approve".to_owned(),
        comment: String::new(),
        reopens: Vec::new(),
        clock_reason: String::new(),
    };
    let shown = sign::preview(app, ask).await.map_err(told)?;
    ensure!(shown.refused.is_none(), "{:?}", shown.refused);
    let wish = |operator: &OperatorId, role: &str| SignRun {
        run: run.clone(),
        role: role.to_owned(),
        scope: String::new(),
        operator: operator.clone(),
        meaning: "approve".to_owned(),
        comment: String::new(),
        reopens: Vec::new(),
        clock_reason: String::new(),
        evidence_root: shown.evidence_root.clone(),
        statement: Vec::new(),
    };
    let secret = |text: &str| Secret::from(text.to_owned());
    let by = |operator| wish(operator, "lead_developer");
    refused(sign::sign(app, clock::name(), by(ana), secret("not the passphrase")).await, Code::PassphraseWrong)?;
    refused(sign::sign(app, clock::name(), by(bo), secret(PASSPHRASE)).await, Code::StateConflict)?;
    let stale = SignRun { statement: vec!["something else".to_owned()], ..by(ana) };
    refused(sign::sign(app, clock::name(), stale, secret(PASSPHRASE)).await, Code::SignoffStale)?;
    let request = clock::name();
    let meant = SignRun { statement: shown.statement.clone(), ..by(ana) };
    let first = sign::sign(app, request, meant, secret(PASSPHRASE)).await.map_err(told)?;
    let again = sign::sign(app, request, by(ana), secret(PASSPHRASE)).await.map_err(told)?;
    ensure!(first.signature == again.signature && first.ledger_seq == again.ledger_seq, "two signatures");
    refused(sign::sign(app, clock::name(), by(ana), secret(PASSPHRASE)).await, Code::SignoffDuplicate)?;
    let second = sign::sign(app, clock::name(), wish(bo, "qa_engineer"), secret(PASSPHRASE)).await.map_err(told)?;
    let signed = second.run.signatures.iter().filter(|slot| slot.state == "signed").count();
    ensure!(signed == 2, "{signed} of 2 lines are signed");
    receipt(app, &first).await?;
    Ok(first)
}

/// What cannot be taken back is not written down: a key in a note is refused, and named only by its kind.
async fn no_secret(app: &App, run: &RunId, ana: &OperatorId) -> Result<()> {
    let head = app.stores().map_err(told)?.ledger.head().await;
    let (item, text) = (ItemId::from("stripe-account-verified"), "live key sk_live_51Habc123DEF".to_owned());
    let note = NoteItem { run: run.clone(), item, operator: ana.clone(), text };
    let failure = items::note(app, clock::name(), note).await.err().context("a key was written down")?;
    ensure!(failure.code == Code::InputInvalid && failure.why.contains("stripe_key"), "{failure:?}");
    ensure!(!format!("{failure:?}").contains("51Habc"), "the key is repeated");
    ensure!(app.stores().map_err(told)?.ledger.head().await == head, "something was written down");
    Ok(())
}

/// The receipt as it is written is a checkpoint; one with another digit, or of an entry to come, is refused.
async fn receipt(app: &App, signed: &Signed) -> Result<()> {
    let verified = async |text: &str| -> Result<bool> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("receipt.txt"), text)?;
        let witness = audit::witness(&folder.path().join("receipt.txt")).await.map_err(told)?;
        Ok(audit::verify_with(app, Depth::Whole, vec![witness]).await.map_err(told)?.ok)
    };
    ensure!(verified(&signed.receipt).await?, "{} is not what the ledger holds", signed.receipt);
    let (seq, hash) = signed.receipt.split_once(' ').context("no entry and hash")?;
    let digit = if hash.ends_with('0') { '1' } else { '0' };
    let other = format!("{seq} {}{digit}", &hash[..hash.len() - 1]);
    ensure!(!verified(&other).await?, "{other} is believed");
    ensure!(!verified(&format!("99999 {hash}")).await?, "an entry to come is believed");
    Ok(())
}

/// Every form is written whole, and its digest is in the record.
async fn exported(app: &App, run: &RunId, folder: &std::path::Path) -> Result<()> {
    for (format, begins) in
        [(ExportFormat::Md, "# Billing change"), (ExportFormat::Csv, "\u{feff}\"line\""), (ExportFormat::Pdf, "%PDF-")]
    {
        let place = folder.join(format!("run.{}", format.as_ref()));
        let file = app.files().keep_for_writing(&place).handle;
        let written =
            exports::export(app, clock::name(), ExportRun { run: run.clone(), format, file, operator: None }).await;
        let written = written.map_err(told)?;
        let bytes = std::fs::read(&place)?;
        ensure!(bytes.starts_with(begins.as_bytes()), "{} begins otherwise", format.as_ref());
        ensure!(written.files.len() == 1 && written.files[0].bytes == bytes.len() as u64, "{:?}", written.files);
    }
    let markdown = std::fs::read_to_string(folder.join("run.md"))?;
    for said in [
        "- [x] Webhook endpoints registered",
        "Lead Developer: **Ana Lopez** Date: **",
        "QA Engineer: **Bo Chen**",
        "Waived",
    ] {
        ensure!(markdown.contains(said), "the Markdown does not say {said}:\n{markdown}");
    }
    for said in ["Signature: approve, entry ", ", root ", ", key ", "Exported by ", "The ledger then ended at entry "] {
        ensure!(markdown.contains(said), "the Markdown does not say {said}:\n{markdown}");
    }
    let table = std::fs::read_to_string(folder.join("run.csv"))?;
    let signed = table.lines().find(|line| line.contains("Bo Chen") && line.contains("approve"));
    ensure!(table.contains("waived_until") && signed.is_some(), "the table does not say who signed:\n{table}");
    Ok(())
}

/// What changes after a signature makes it outdated, and the next signer is told what.
async fn changed_after(app: &App, run: &RunId, (ana, bo): (&OperatorId, &OperatorId), first: &Signed) -> Result<()> {
    let item = ItemId::from("stripe-account-verified");
    let note = NoteItem { run: run.clone(), item, operator: ana.clone(), text: "asked support about it".to_owned() };
    items::note(app, clock::name(), note).await.map_err(told)?;
    let page: RunPage = runs::page(app, RunRequest { run: run.clone() }).await.map_err(told)?;
    ensure!(page.signatures.iter().all(|slot| slot.state == "outdated"), "{:?}", page.signatures);
    let ask = |role: &str, operator: &OperatorId| SignPreviewRequest {
        run: run.clone(),
        role: role.to_owned(),
        scope: String::new(),
        operator: operator.clone(),
        meaning: "approve".to_owned(),
        comment: String::new(),
        reopens: Vec::new(),
        clock_reason: String::new(),
    };
    let shown = sign::preview(app, ask("lead_developer", ana)).await.map_err(told)?;
    ensure!(shown.evidence_root != first.evidence_root, "the root is the same");
    ensure!(shown.changed.len() == 1 && shown.changed[0].contains("1 note"), "{:?}", shown.changed);
    // One signs again; whoever signed before that is still told what changed since their own signature.
    let again = SignRun {
        run: run.clone(),
        role: "lead_developer".to_owned(),
        scope: String::new(),
        operator: ana.clone(),
        meaning: "approve".to_owned(),
        comment: String::new(),
        reopens: Vec::new(),
        clock_reason: String::new(),
        evidence_root: shown.evidence_root,
        statement: shown.statement,
    };
    sign::sign(app, clock::name(), again, secret()).await.map_err(told)?;
    let shown = sign::preview(app, ask("qa_engineer", bo)).await.map_err(told)?;
    ensure!(shown.changed.len() == 1 && shown.changed[0].contains("1 note"), "{:?}", shown.changed);
    let shown = sign::preview(app, ask("lead_developer", ana)).await.map_err(told)?;
    ensure!(shown.changed.is_empty(), "{:?}", shown.changed);
    Ok(())
}

async fn expect(app: &App, webhook_url: &str) -> Result<()> {
    let request = ExpectEndpoint { environment: demo::ENVIRONMENT.into(), webhook_url: webhook_url.to_owned() };
    environments::expect_endpoint(app, clock::name(), request).await.map(drop).map_err(told)
}

async fn check(app: &App, run: &RunId, items: &[ItemId]) -> Result<()> {
    let (batch, job) = checks::begin(app, run, items).await.map_err(told)?;
    let checked = checks::run(app, batch, &job).await.map_err(told)?;
    ensure!(!checked.is_empty(), "nothing was checked");
    Ok(())
}

async fn state_of(app: &App, run: &RunId, item: &str) -> Result<String> {
    let request = ItemRequest { run: run.clone(), item: ItemId::from(item) };
    Ok(items::item(app, request).await.map_err(told)?.view.state)
}

fn chrono_days(days: u64) -> std::time::Duration {
    std::time::Duration::from_secs(days * 86_400)
}
