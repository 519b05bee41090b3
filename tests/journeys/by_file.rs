//! Signing between computers by file: three of nine signatures come back from another computer, and what is refused.
//!
//! Two profiles, each with its own ledger and keys; nothing passes between them but files in one folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use countersign_app::audit::{self, ExportLedger, VerifyRequest};
use countersign_app::checklists::gates::{self, GatesRequest};
use countersign_app::checklists::items::{self, ConfirmItem, NoteItem};
use countersign_app::checklists::runs::{self, RunPage, RunRequest, SignatureSlot, StartRun};
use countersign_app::checklists::sign::answer::{self, AnswerSignRequest, ReadSignRequest, SignRequestView};
use countersign_app::checklists::sign::receive::{self, ReadSignature, TakeSignature};
use countersign_app::checklists::sign::request::{self, AskToSign};
use countersign_app::checklists::sign::{self, SignRun, Signed};
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::domain::ledger::clock::Comparison;
use countersign_app::ledger::bundle::SECOND_VERIFIER;
use countersign_app::settings::operators::revoke::{self, RevokeKey};
use countersign_app::settings::operators::roster::{self, ReadRoster, TakeRoster, WriteRoster};
use countersign_app::settings::operators::{self, AddOperator};
use countersign_app::{App, Opening, clock, demo};
use serde_json::{Value, json};

use crate::team::{secret, told};

/// Who signs here, and who elsewhere, by the role they hold.
const HERE: [&str; 6] = [
    "lead_developer",
    "qa_engineer",
    "devops_engineer",
    "operations_manager",
    "system_administrator",
    "cto_engineering_lead",
];
const ELSEWHERE: [&str; 3] = ["product_manager", "finance_manager", "ceo_authorized_signatory"];

/// Two computers, and the folder their files lie in.
struct Pair {
    desk: App,
    laptop: App,
    folder: tempfile::TempDir,
}

impl Pair {
    /// Starts both, with the people of each, and lets the desk know those of the laptop.
    async fn start(here: &[&str], elsewhere: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let desk = demo::open(Some(folder.path().join("desk")), 50).await.map_err(told)?;
        let laptop = App::start(Opening { folder: Some(folder.path().join("laptop")) }).await;
        laptop.stores().map_err(told)?;
        let pair = Self { desk, laptop, folder };
        for role in here {
            add(&pair.desk, role).await?;
        }
        for role in elsewhere {
            add(&pair.laptop, role).await?;
        }
        pair.list(&pair.folder.path().join("roster.json"), elsewhere[0], 30).await?;
        pair.know(here[0]).await?;
        Ok(pair)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The laptop writes its roster.
    async fn list(&self, to: &Path, by: &str, days: u32) -> Result<()> {
        let request = WriteRoster {
            operator: who(&self.laptop, by).await?,
            valid_days: Some(days),
            file: self.laptop.files().keep_for_writing(to).handle,
        };
        roster::write(&self.laptop, clock::name(), request, secret()).await.map(drop).map_err(told)
    }

    /// The desk takes the roster up.
    async fn know(&self, by: &str) -> Result<()> {
        let operator = who(&self.desk, by).await?;
        let file = self.desk.files().keep_for_reading(&self.path("roster.json")).handle;
        roster::take(&self.desk, clock::name(), TakeRoster { file, operator }, secret()).await.map(drop).map_err(told)
    }

    async fn run(&self, template: &str, release: &str, owner: &str) -> Result<RunId> {
        let request = StartRun {
            template: template.into(),
            environment: demo::ENVIRONMENT.into(),
            release: release.to_owned(),
            owner: Some(who(&self.desk, owner).await?),
            people: Vec::new(),
            business_days: false,
        };
        Ok(runs::start(&self.desk, clock::name(), request).await.map_err(told)?.brief.run)
    }

    /// The desk asks, the laptop answers; gives the file that came back.
    async fn exchange(&self, run: &RunId, role: &str, meaning: &str) -> Result<PathBuf> {
        let asked = self.path(&format!("{role}-request.json"));
        self.ask(run, role, &asked).await.map_err(told)?;
        self.answer(&asked, role, meaning).await.map_err(told)
    }

    async fn ask(&self, run: &RunId, role: &str, to: &Path) -> Result<(), Failure> {
        let request = AskToSign {
            run: run.clone(),
            role: role.to_owned(),
            scope: "run".to_owned(),
            operator: operators::find(&self.desk, "lead_developer@example.com").await?,
            file: self.desk.files().keep_for_writing(to).handle,
        };
        request::ask(&self.desk, clock::name(), request, secret()).await.map(drop)
    }

    async fn show(&self, asked: &Path, role: &str) -> Result<SignRequestView, Failure> {
        let request = ReadSignRequest {
            file: self.laptop.files().keep_for_reading(asked).handle,
            operator: Some(operators::find(&self.laptop, &format!("{role}@example.com")).await?),
            meaning: "approve".to_owned(),
            comment: String::new(),
            reopens: Vec::new(),
        };
        answer::read(&self.laptop, request).await
    }

    async fn answer(&self, asked: &Path, role: &str, meaning: &str) -> Result<PathBuf, Failure> {
        self.answer_naming(asked, role, meaning, &[]).await
    }

    async fn answer_naming(&self, asked: &Path, role: &str, how: &str, lines: &[String]) -> Result<PathBuf, Failure> {
        let to = self.path(&format!("{role}-signature.json"));
        let asked = self.laptop.files().keep_for_reading(asked).handle;
        let request = AnswerSignRequest {
            reopens: answer::find(&self.laptop, &asked, lines).await?,
            request: asked,
            operator: operators::find(&self.laptop, &format!("{role}@example.com")).await?,
            meaning: how.to_owned(),
            comment: if how == "reject" { "the figures are not there".to_owned() } else { String::new() },
            statement: Vec::new(),
            file: self.laptop.files().keep_for_writing(&to).handle,
        };
        answer::sign(&self.laptop, clock::name(), request, secret()).await.map(|_| to)
    }

    async fn take(&self, file: &Path, run: Option<&RunId>) -> Result<Signed, Failure> {
        let request = TakeSignature {
            file: self.desk.files().keep_for_reading(file).handle,
            operator: Some(operators::find(&self.desk, "lead_developer@example.com").await?),
            run: run.cloned(),
        };
        receive::take(&self.desk, clock::name(), request).await
    }

    async fn sign_here(&self, run: &RunId, role: &str) -> Result<(), Failure> {
        let request = SignRun {
            run: run.clone(),
            role: role.to_owned(),
            scope: "run".to_owned(),
            operator: operators::find(&self.desk, &format!("{role}@example.com")).await?,
            meaning: "approve".to_owned(),
            comment: String::new(),
            reopens: Vec::new(),
            clock_reason: String::new(),
            evidence_root: String::new(),
            statement: Vec::new(),
        };
        sign::sign(&self.desk, clock::name(), request, secret()).await.map(drop)
    }

    async fn slots(&self, run: &RunId) -> Result<Vec<SignatureSlot>> {
        let page: RunPage = runs::page(&self.desk, RunRequest { run: run.clone() }).await.map_err(told)?;
        Ok(page.signatures.into_iter().filter(|slot| slot.scope == "run").collect())
    }

    async fn entries(&self) -> Result<u64> {
        let head = self.desk.stores().map_err(told)?.ledger.head().await;
        head.map(|head| head.seq).context("an empty ledger")
    }

    /// Both ledgers hold, for both verifiers; about the desk's there are so many warnings.
    async fn end(self, warnings: usize) -> Result<()> {
        for (app, warnings) in [(&self.desk, warnings), (&self.laptop, 0)] {
            let verified = audit::verify(app, VerifyRequest {}).await.map_err(told)?;
            let is_as_meant = verified.ok && verified.warnings.len() == warnings;
            ensure!(is_as_meant, "{:?} {:?}", verified.first_bad, verified.warnings);
            let bundle = self.path("bundle.jsonl");
            let file = app.files().keep_for_writing(&bundle).handle;
            audit::export(app, clock::name(), ExportLedger { file }).await.map_err(told)?;
            let program = self.path("second.py");
            std::fs::write(&program, SECOND_VERIFIER)?;
            let ran = Command::new("python3").arg("-I").arg(&program).arg(&bundle).output()?;
            let verdict: Value = serde_json::from_slice(&ran.stdout)?;
            ensure!(verdict["ok"] == true, "the second verifier: {verdict}");
        }
        self.desk.end().await;
        self.laptop.end().await;
        Ok(())
    }
}

/// Nine people sign; three of them on another computer.
pub async fn three_of_nine() -> Result<()> {
    let pair = Pair::start(&HERE, &ELSEWHERE).await?;
    let run = pair.run("billing-module-deployment", "v2.4.0", "lead_developer").await?;
    let signs: Vec<String> = pair.slots(&run).await?.into_iter().map(|slot| slot.role).collect();
    ensure!(signs.len() == 9, "{} sign the run: {signs:?}", signs.len());
    let early = pair.ask(&run, "finance_manager", &pair.path("early.json")).await;
    refused(early, Code::SignoffOrder, "Development")?;
    for role in &signs {
        if HERE.contains(&role.as_str()) {
            pair.sign_here(&run, role).await.map_err(told)?;
            continue;
        }
        let asked = pair.path(&format!("{role}-request.json"));
        pair.ask(&run, role, &asked).await.map_err(told)?;
        let slot = pair.slots(&run).await?.into_iter().find(|slot| slot.role == *role).context("no slot")?;
        ensure!(slot.asked_at.is_some() && slot.state == "open", "{slot:?}");
        let shown = pair.show(&asked, role).await.map_err(told)?;
        ensure!(shown.refused.is_none() && !shown.is_known && shown.items.len() > 100, "{:?}", shown.refused);
        let answer = pair.answer(&asked, role, "approve").await.map_err(told)?;
        let signed = pair.take(&answer, Some(&run)).await.map_err(told)?;
        let slot = signed.run.signatures.iter().find(|slot| slot.role == *role && slot.scope == "run");
        let slot = slot.context("no slot")?;
        ensure!(slot.state == "signed" && slot.received_at.is_some() && slot.asked_at.is_none(), "{slot:?}");
        ensure!(slot.seq == Some(signed.ledger_seq), "{slot:?}");
        let again = pair.show(&asked, role).await.map_err(told)?;
        ensure!(again.answered.is_some() && again.refused.is_some(), "the laptop does not know that it signed");
    }
    let slots = pair.slots(&run).await?;
    ensure!(slots.iter().all(|slot| slot.state == "signed"), "{slots:?}");
    ensure!(slots.iter().filter(|slot| slot.received_at.is_some()).count() == 3, "{slots:?}");
    pair.end(0).await
}

/// What is wrong with a file is told, and the ledger stays as it was.
pub async fn refusals() -> Result<()> {
    let pair = Pair::start(&["lead_developer"], &["qa_engineer", "devops_engineer"]).await?;
    let run = pair.run("billing-module-deployment", "v2.4.0", "lead_developer").await?;
    let asked = pair.path("qa_engineer-request.json");
    pair.ask(&run, "qa_engineer", &asked).await.map_err(told)?;
    requests(&pair, &asked).await?;
    let answer = pair.answer(&asked, "qa_engineer", "approve").await.map_err(told)?;
    forged(&pair, &answer).await?;
    files(&pair, &run, &answer).await?;
    let other = pair.run("billing-module-deployment", "v2.4.0", "lead_developer").await?;
    refused(pair.take(&answer, Some(&other)).await, Code::SignoffOtherRun, "it is for the run")?;
    stale(&pair, &other).await?;
    pair.take(&answer, None).await.map_err(told)?;
    refused(pair.take(&answer, Some(&run)).await, Code::SignoffDuplicate, "answered")?;
    rejected(&pair).await?;
    full(&pair, &run).await?;
    rosters(&pair).await?;
    over(&pair, &run).await?;
    over_before(&pair, &run).await?;
    pair.end(1).await
}

/// A request is believed whole or not at all, and answered by who holds the role, once.
async fn requests(pair: &Pair, asked: &Path) -> Result<()> {
    refused(pair.answer(asked, "devops_engineer", "approve").await, Code::StateConflict, "does not hold the role")?;
    let text = std::fs::read_to_string(asked)?;
    let broken = pair.path("broken.json");
    for (from, to) in [("v2.4.0", "v2.4.1"), ("\"is_demo\":true", "\"is_demo\":false"), ("qa_engineer", "qa_manager")] {
        ensure!(text.contains(from), "the request does not say {from}");
        std::fs::write(&broken, text.replacen(from, to, 1))?;
        refused(pair.show(&broken, "qa_engineer").await, Code::SignoffFileChanged, "")?;
        refused(pair.answer(&broken, "qa_engineer", "approve").await, Code::SignoffFileChanged, "")?;
    }
    let own = ReadSignRequest {
        file: pair.desk.files().keep_for_reading(asked).handle,
        operator: Some(who(&pair.desk, "lead_developer").await?),
        meaning: "approve".to_owned(),
        comment: String::new(),
        reopens: Vec::new(),
    };
    let shown = answer::read(&pair.desk, own).await.map_err(told)?;
    ensure!(shown.is_known && shown.refused.is_some(), "the desk answers itself");
    pair.answer(asked, "qa_engineer", "approve").await.map_err(told)?;
    refused(pair.answer(asked, "qa_engineer", "reject").await, Code::SignoffDuplicate, "answered it already")
}

/// Every field of a signature, changed: none of them is taken in.
async fn forged(pair: &Pair, answer: &Path) -> Result<()> {
    let text = std::fs::read_to_string(answer)?;
    let whole: Value = serde_json::from_str(&text)?;
    ensure!(format!("{whole}\n") == text, "the file is written in another order than these forgeries");
    let before = pair.entries().await?;
    let fields: Vec<String> = whole["signed"].as_object().context("no document")?.keys().cloned().collect();
    let place = pair.path("forged.json");
    let mut count = 0;
    for field in fields.iter().map(|name| format!("/signed/{name}")).chain(
        ["/signature", "/signed/signer/id", "/signed/signer/key", "/signed/signer/name", "/signed/statement/0"]
            .map(str::to_owned),
    ) {
        let mut changed = whole.clone();
        let value = changed.pointer_mut(&field).context("no such field")?;
        *value = match &*value {
            Value::String(text) if text.starts_with('1') => json!(format!("2{}", &text[1..])),
            Value::String(text) if text.starts_with(|c: char| c.is_ascii_hexdigit()) => {
                json!(format!("1{}", &text[1..]))
            }
            Value::String(text) => json!(format!("{text}x")),
            Value::Array(items) => Value::Array(items[1..].to_vec()),
            _ => json!({}),
        };
        std::fs::write(&place, format!("{changed}\n"))?;
        let taken = pair.take(&place, None).await;
        let failure = taken.err().with_context(|| format!("{field} was changed and nobody saw it"))?;
        let expected = [Code::SignoffFileChanged, Code::SignoffOtherRun, Code::LedgerKeyUnknown, Code::ImportSyntax];
        ensure!(expected.contains(&failure.code), "{field}: {} {}", failure.code, failure.why);
        count += 1;
    }
    ensure!(count >= 18, "{count} fields");
    ensure!(pair.entries().await? == before, "a refused file was written down");
    Ok(())
}

/// Files of another kind say what they are.
async fn files(pair: &Pair, run: &RunId, answer: &Path) -> Result<()> {
    let place = pair.path("other.json");
    let written = |bytes: &[u8]| std::fs::write(&place, bytes);
    written(b"{\"a\": 1}")?;
    refused(pair.take(&place, Some(run)).await, Code::ImportSyntax, "no file of this program")?;
    written(&[0xff; 40])?;
    refused(pair.take(&place, Some(run)).await, Code::ImportSyntax, "no file of this program")?;
    written(&vec![b' '; 2 * 1024 * 1024])?;
    refused(pair.take(&place, Some(run)).await, Code::ImportTooLarge, "1024 KiB")?;
    written(b"")?;
    refused(pair.take(&place, Some(run)).await, Code::InputInvalid, "empty")?;
    let asked = pair.path("qa_engineer-request.json");
    refused(pair.take(&asked, Some(run)).await, Code::ImportSyntax, "a signature is expected")?;
    refused(pair.show(answer, "qa_engineer").await, Code::ImportSyntax, "a request to sign is expected")?;
    refused(pair.take(pair.folder.path(), Some(run)).await, Code::InputInvalid, "not a plain file")
}

/// A run that changed names what changed.
async fn stale(pair: &Pair, run: &RunId) -> Result<()> {
    let answer = pair.exchange(run, "devops_engineer", "approve").await?;
    let page = runs::page(&pair.desk, RunRequest { run: run.clone() }).await.map_err(told)?;
    let item = page.items.first().context("no item")?;
    let operator = who(&pair.desk, "lead_developer").await?;
    let text = "asked support about it".to_owned();
    let note = NoteItem { run: run.clone(), item: item.id.clone(), operator, text };
    items::note(&pair.desk, clock::name(), note).await.map_err(told)?;
    refused(pair.take(&answer, Some(run)).await, Code::SignoffStale, &item.text)?;
    let file = pair.desk.files().keep_for_reading(&answer).handle;
    let shown = receive::read(&pair.desk, ReadSignature { file, run: None }).await.map_err(told)?;
    ensure!(shown.changed.len() == 1 && shown.changed[0].starts_with(&item.text), "{:?}", shown.changed);
    ensure!(shown.refused.is_some_and(|refused| refused.code == Code::SignoffStale), "not told as stale");
    // The same file does not count later either: the run never is what it was. A rejection asked anew does.
    let rejected = pair.exchange(run, "devops_engineer", "reject").await?;
    let signed = pair.take(&rejected, Some(run)).await.map_err(told)?;
    let slot = signed.run.signatures.iter().find(|slot| slot.role == "devops_engineer" && slot.scope == "run");
    ensure!(slot.is_some_and(|slot| slot.state == "rejected"), "{slot:?}");
    Ok(())
}

/// A rejection opens the lines it names again, also when it comes in a file.
async fn rejected(pair: &Pair) -> Result<()> {
    let run = pair.run("billing-module-deployment", "v2.6.0", "lead_developer").await?;
    let operator = who(&pair.desk, "lead_developer").await?;
    let page = runs::page(&pair.desk, RunRequest { run: run.clone() }).await.map_err(told)?;
    let line = page.items.into_iter().find(|item| item.kind == "manual" && item.needs_me).context("nothing to do")?;
    let note = "seen and in order".to_owned();
    let confirm = ConfirmItem { run: run.clone(), item: line.id.clone(), operator, note };
    let confirmed = items::confirm(&pair.desk, clock::name(), confirm).await.map_err(told)?;
    ensure!(confirmed.view.is_complete, "{:?}", confirmed.view);
    let asked = pair.path("rejected.json");
    pair.ask(&run, "qa_engineer", &asked).await.map_err(told)?;
    let named = [line.text.clone()];
    let approving = pair.answer_naming(&asked, "qa_engineer", "approve", &named).await;
    refused(approving, Code::InputInvalid, "Only a rejection")?;
    let unknown = pair.answer_naming(&asked, "qa_engineer", "reject", &["no such line".to_owned()]).await;
    refused(unknown, Code::NotFound, "not known")?;
    // With a clock that is far off the comment says why; an empty one says nothing.
    let now = clock::now();
    clock::recall(Comparison { server_at: now - Duration::from_secs(12 * 60), local_at: now });
    refused(pair.answer(&asked, "qa_engineer", "approve").await, Code::ClockRegressed, "in its comment")?;
    let answer = pair.answer_naming(&asked, "qa_engineer", "reject", &named).await.map_err(told)?;
    clock::recall(Comparison { server_at: now, local_at: now });
    let text = std::fs::read_to_string(&answer)?;
    ensure!(text.contains("\"reopens\":["), "{text}");
    let signed = pair.take(&answer, Some(&run)).await.map_err(told)?;
    let after = signed.run.items.iter().find(|item| item.id == line.id).context("the line is gone")?;
    let (state, why) = (&after.state, &after.state_text);
    ensure!(state == "reopened" && why.contains("qa engineer"), "{state} {why}");
    Ok(())
}

/// A line that was signed meanwhile is full.
async fn full(pair: &Pair, run: &RunId) -> Result<()> {
    add(&pair.desk, "devops_engineer").await?;
    let answer = pair.exchange(run, "devops_engineer", "approve").await?;
    pair.sign_here(run, "devops_engineer").await.map_err(told)?;
    refused(pair.take(&answer, Some(run)).await, Code::SignoffDuplicate, "has signed this already")?;
    let again = pair.ask(run, "devops_engineer", &pair.path("again.json")).await;
    refused(again, Code::SignoffDuplicate, "has signed this already")
}

/// A roster is whole, of another computer, and newer than the one before.
async fn rosters(pair: &Pair) -> Result<()> {
    let place = pair.path("roster.json");
    let old = std::fs::read_to_string(&place)?;
    let desk = |file: &Path| ReadRoster { file: pair.desk.files().keep_for_reading(file).handle };
    let broken = pair.path("broken.json");
    std::fs::write(&broken, old.replacen("qa_engineer", "ceo_engineer", 1))?;
    refused(roster::read(&pair.desk, desk(&broken)).await, Code::SignoffFileChanged, "changed")?;
    let own = ReadRoster { file: pair.laptop.files().keep_for_reading(&place).handle };
    refused(roster::read(&pair.laptop, own).await, Code::StateConflict, "of this computer")?;
    let same = roster::read(&pair.desk, desk(&place)).await.map_err(told)?;
    let changes: Vec<&str> = same.people.iter().map(|one| one.change.as_str()).collect();
    // Somebody with the mail address of the second person works here since.
    ensure!(changes == ["same", "refused"] && same.is_known, "{changes:?}");
    pair.list(&place, "qa_engineer", 60).await?;
    let newer = roster::read(&pair.desk, desk(&place)).await.map_err(told)?;
    ensure!(newer.people[0].change == "changed", "{:?}", newer.people[0]);
    pair.know("lead_developer").await?;
    let older = pair.path("older.json");
    std::fs::write(&older, old)?;
    refused(roster::read(&pair.desk, desk(&older)).await, Code::StateConflict, "newer one")?;
    let long = WriteRoster {
        operator: who(&pair.laptop, "qa_engineer").await?,
        valid_days: Some(4_000),
        file: pair.laptop.files().keep_for_writing(&place).handle,
    };
    refused(roster::write(&pair.laptop, clock::name(), long, secret()).await, Code::InputInvalid, "days")
}

/// A key that is revoked signs nothing more, whatever the file says; what it signed before stays.
async fn over(pair: &Pair, run: &RunId) -> Result<()> {
    let again = pair.run("billing-module-deployment", "v2.5.0", "lead_developer").await?;
    let answer = pair.exchange(&again, "qa_engineer", "approve").await?;
    let qa = operators::find(&pair.desk, "qa_engineer@example.com").await.map_err(told)?;
    let by = who(&pair.desk, "lead_developer").await?;
    let reason = "the laptop was left on a train".to_owned();
    let request = RevokeKey { operator: qa.clone(), by, since: None, reason };
    let short = RevokeKey { reason: "x".to_owned(), ..request.clone() };
    refused(revoke::revoke(&pair.desk, clock::name(), short, secret()).await, Code::InputInvalid, "")?;
    let after = revoke::revoke(&pair.desk, clock::name(), request.clone(), secret()).await.map_err(told)?;
    let known = after.operators.iter().find(|one| one.id == qa).context("gone")?;
    ensure!(known.revoked_since.is_some() && known.origin.is_some() && !known.can_sign, "{known:?}");
    refused(revoke::revoke(&pair.desk, clock::name(), request, secret()).await, Code::StateConflict, "over")?;
    refused(pair.take(&answer, Some(&again)).await, Code::SignoffKeyEnded, "revoked as of")?;
    let slots = pair.slots(run).await?;
    let slot = slots.iter().find(|slot| slot.role == "qa_engineer").context("no slot")?;
    ensure!(slot.state == "signed", "what was signed before is {}", slot.state);
    // Nobody here acts under the name of somebody elsewhere.
    let page = runs::page(&pair.desk, RunRequest { run: run.clone() }).await.map_err(told)?;
    let item = page.items.first().context("no item")?.id.clone();
    let note = NoteItem { run: run.clone(), item, operator: qa, text: "not me".to_owned() };
    refused(items::note(&pair.desk, clock::name(), note).await, Code::NotFound, "")
}

/// A key that was over before it signed: the signature is shown with the reason why it does not count.
async fn over_before(pair: &Pair, run: &RunId) -> Result<()> {
    let devops = |slots: Vec<SignatureSlot>| slots.into_iter().find(|slot| slot.role == "devops_engineer");
    let before = devops(pair.slots(run).await?).context("no slot")?;
    ensure!(before.state == "signed" && before.waits_for.is_empty(), "{before:?}");
    let request = RevokeKey {
        operator: who(&pair.desk, "devops_engineer").await?,
        by: who(&pair.desk, "lead_developer").await?,
        since: Some(clock::now() - Duration::from_secs(3_600)),
        reason: "the laptop was left on a train".to_owned(),
    };
    revoke::revoke(&pair.desk, clock::name(), request, secret()).await.map_err(told)?;
    let after = devops(pair.slots(run).await?).context("no slot")?;
    ensure!(after.state == "void" && after.seq == before.seq && after.by == before.by, "{after:?}");
    let sentence = format!("Signed by {} at ", before.by.unwrap_or_default());
    ensure!(after.waits_for.starts_with(&sentence) && after.waits_for.contains("revoked as of"), "{after:?}");
    let mut gates = gates::view(&pair.desk, GatesRequest { run: run.clone() }).await.map_err(told)?.gates;
    let held = gates.pop().context("no gate")?;
    ensure!(held.held_by.iter().any(|line| line.contains(&after.waits_for)), "{:?}", held.held_by);
    Ok(())
}

async fn add(app: &App, role: &str) -> Result<()> {
    let person = AddOperator {
        name: format!("{} of {}", role.replace('_', " "), app.folder().file_name().unwrap_or_default().display()),
        email: format!("{role}@example.com"),
        roles: vec![role.to_owned()],
    };
    operators::add(app, clock::name(), person, secret()).await.map(drop).map_err(told)
}

async fn who(app: &App, role: &str) -> Result<OperatorId> {
    operators::find(app, &format!("{role}@example.com")).await.map_err(told)
}

fn refused<T>(result: Result<T, Failure>, wanted: Code, says: &str) -> Result<()> {
    let failure = result.err().with_context(|| format!("{wanted} was expected, and it was done"))?;
    ensure!(failure.code == wanted, "{wanted} was expected: {} {}", failure.code, failure.why);
    ensure!(failure.why.to_lowercase().contains(&says.to_lowercase()), "“{says}” was expected: {}", failure.why);
    Ok(())
}
