//! A checklist of one's own: made from a built-in one, changed, handed on, worked with, and its evidence checked by the
//! second verifier.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use countersign_app::checklists::attach::{self as files, AttachFile};
use countersign_app::checklists::course::{self, UpgradePreviewRequest, UpgradeRun};
use countersign_app::checklists::drafts::{self, DraftTemplate, DuplicateTemplate, EditTemplate};
use countersign_app::checklists::exports::{self, ExportFormat, ExportRun};
use countersign_app::checklists::fields::{self, CleanOutput, RecordCommand};
use countersign_app::checklists::import::{self, ImportTemplate, PreviewTemplate};
use countersign_app::checklists::items::{self, ConfirmItem, ItemPage, ItemRequest};
use countersign_app::checklists::runs::{self, RunRequest, StartRun};
use countersign_app::checklists::templates::{self, TemplatePage, TemplatesRequest};
use countersign_app::checklists::versions::{self, CompareTemplates, ExportTemplate};
use countersign_app::domain::checklist::revise::RowDraft;
use countersign_app::domain::checklist::revise::phases::PhaseDraft;
use countersign_app::domain::checklist::row::Kind;
use countersign_app::domain::checklist::upgrade::ChangeKind;
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::{OperatorId, RunId, TemplateId};
use countersign_app::{App, clock, demo};

use crate::team::{operator, told};

/// A line of the built-in list that a person decides.
const REVIEWED: &str = "PII data handling reviewed";

/// From a copy of a built-in list to a pack of evidence that holds.
pub async fn changed_handed_on_and_proved() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 60).await.map_err(told)?;
    let ana = operator(&app, "Ana Lopez", &[]).await?;
    let own = copied(&app).await?;
    let run = started(&app, &own, &ana).await?;
    changed(&app, &own).await?;
    handed_on(&app, &own, folder.path()).await?;
    nameless(&app, folder.path()).await?;
    upgraded(&app, &run, &ana).await?;
    ran(&app, &run, &ana).await?;
    proved(&app, &run, &ana, folder.path()).await?;
    app.end().await;
    Ok(())
}

/// The program's own templates stay as they are; a copy has a name of its own.
async fn copied(app: &App) -> Result<TemplateId> {
    let built_in = TemplateId::from("devflowhub-rollout");
    let draft = drafts::draft(app, DraftTemplate { template: built_in.clone() }).await.map_err(told)?;
    ensure!(draft.is_copy && draft.rows.len() == 168 && draft.checks.len() > 100, "{} rows", draft.rows.len());
    let duplicate = |name: &str| DuplicateTemplate { template: built_in.clone(), version: 0, name: name.to_owned() };
    let taken = drafts::duplicate(app, clock::name(), duplicate(&draft.brief.name)).await;
    ensure!(taken.is_err_and(|failure| failure.code == Code::InputInvalid), "two templates of one name");
    let request = clock::name();
    let page = drafts::duplicate(app, request, duplicate("Our rollout")).await.map_err(told)?;
    let again = drafts::duplicate(app, request, duplicate("Our rollout")).await.map_err(told)?;
    ensure!(page.brief.id == again.brief.id && again.versions == [1], "one request made two");
    ensure!(page.brief.source == "own" && page.rows.len() == 168 && page.problems.is_empty(), "{:?}", page.problems);
    let built_in = templates::list(app, TemplatesRequest {}).await.map_err(told)?;
    ensure!(built_in.templates.iter().filter(|one| one.source == "built_in").count() == 2, "{built_in:?}");
    Ok(page.brief.id)
}

async fn started(app: &App, template: &TemplateId, ana: &OperatorId) -> Result<RunId> {
    let request = StartRun {
        template: template.clone(),
        environment: demo::ENVIRONMENT.into(),
        release: "v3.0.0".to_owned(),
        owner: Some(ana.clone()),
        people: Vec::new(),
        business_days: false,
    };
    let page = runs::start(app, clock::name(), request).await.map_err(told)?;
    ensure!(!page.brief.is_over && page.window.is_none() && page.deployed_at.is_none(), "{:?}", page.brief);
    let mine = page.items.iter().filter(|item| item.needs_me).count();
    ensure!(mine > 0 && page.items.iter().all(|item| item.owner == "Ana Lopez"), "{mine} lines need Ana");
    let item = page.items.iter().find(|item| item.text == REVIEWED).context("the list has no such line")?;
    let confirm = ConfirmItem {
        run: page.brief.run.clone(),
        item: item.id.clone(),
        operator: ana.clone(),
        note: "both of us looked".to_owned(),
    };
    items::confirm(app, clock::name(), confirm).await.map_err(told)?;
    Ok(page.brief.run)
}

/// An edit is the next version, and says what it changed; what cannot be is refused.
async fn changed(app: &App, own: &TemplateId) -> Result<()> {
    let draft = drafts::draft(app, DraftTemplate { template: own.clone() }).await.map_err(told)?;
    ensure!(!draft.is_copy, "one's own template is edited in place");
    let roles: BTreeSet<&String> = draft.roles.iter().collect();
    let checks: BTreeSet<&String> = draft.checks.iter().map(|check| &check.id).collect();
    ensure!(roles.len() == draft.roles.len(), "a role is offered twice: {:?}", draft.roles);
    ensure!(checks.len() == draft.checks.len(), "a check is offered twice");
    let mut phases = draft.phases.clone();
    let first = phases.iter_mut().find(|phase| phase.soak_hours == 24).context("no phase of a day")?;
    (first.soak_hours, first.tolerance_points) = (48, "1.5".to_owned());
    let edit = |rows, phases: &[PhaseDraft]| {
        let phases = phases.to_vec();
        EditTemplate { template: own.clone(), version: 1, name: draft.name.clone(), phases, rows }
    };
    let same = drafts::edit(app, clock::name(), edit(draft.rows.clone(), &draft.phases)).await;
    ensure!(same.is_err_and(|failure| failure.code == Code::StateConflict), "a version that changes nothing");
    let mut rows = draft.rows.clone();
    let gone = rows.remove(1);
    let (id, text) = ("new".to_owned(), "Lawyers *told*".to_owned());
    let (probe, remainder) = (String::new(), String::new());
    rows.insert(1, RowDraft { id, text, kind: Kind::Manual, probe, remainder, ..rows[0].clone() });
    rows[0].rule = "Charges and payouts, seen by two.".to_owned();
    let mut wrong = rows.clone();
    wrong[0].probe = "no.such.check".to_owned();
    let wrong = drafts::edit(app, clock::name(), edit(wrong, &[])).await;
    ensure!(wrong.is_err_and(|failure| failure.code == Code::InputInvalid), "a check nobody knows");
    let page = drafts::edit(app, clock::name(), edit(rows.clone(), &phases)).await.map_err(told)?;
    ensure!(page.brief.version == 2 && page.versions == [2, 1], "{:?}", page.versions);
    let late = drafts::edit(app, clock::name(), edit(rows, &phases)).await;
    ensure!(late.is_err_and(|failure| failure.code == Code::StateConflict), "an edit of an old version");
    let compared = versions::compare(app, CompareTemplates { template: own.clone(), from: 0, to: 0 }).await;
    let compared = compared.map_err(told)?;
    let told_of = |kind: ChangeKind| -> Vec<&str> {
        let changes = compared.changes.iter().filter(|change| change.kind == kind);
        changes.map(|change| change.label.as_str()).collect()
    };
    ensure!(told_of(ChangeKind::Added) == ["Lawyers *told*"], "{:?}", compared.changes);
    ensure!(told_of(ChangeKind::Removed) == [gone.text.as_str()], "{:?}", compared.changes);
    ensure!(compared.same == 166 && compared.changes.len() == 3, "{} the same", compared.same);
    let fields = compared.phases.iter().flat_map(|phase| &phase.fields);
    let other: Vec<_> = fields.map(|field| (field.field.as_str(), field.after.as_str())).collect();
    ensure!(other == [("tolerance_points", "1.5"), ("soak_hours", "48")], "{other:?}");
    let first = versions::compare(app, CompareTemplates { template: own.clone(), from: 0, to: 1 }).await;
    ensure!(first.is_err_and(|failure| failure.code == Code::InputInvalid), "a first version has none before it");
    Ok(())
}

/// The exported Markdown gives the same template, and importing it here adds nothing.
async fn handed_on(app: &App, own: &TemplateId, folder: &Path) -> Result<()> {
    for version in [1, 2] {
        let place = folder.join(format!("ours-{version}.md"));
        let file = app.files().keep_for_writing(&place).handle;
        let request = ExportTemplate { template: own.clone(), version, file };
        let written = versions::export(app, clock::name(), request).await.map_err(told)?;
        let markdown = std::fs::read_to_string(&place)?;
        ensure!(written.bytes == markdown.len() as u64 && markdown.starts_with("# Our rollout\n"), "{:.80}", markdown);
        let kept = ImportTemplate { markdown, name: String::new(), file: String::new(), decisions: Vec::new() };
        let page: TemplatePage = import::import(app, clock::name(), kept).await.map_err(told)?;
        ensure!((&page.brief.id, page.brief.version) == (own, version), "{:?}", page.brief);
    }
    Ok(())
}

/// A text without a heading has the name of its file; one without either is refused, and is no version of another.
async fn nameless(app: &App, folder: &Path) -> Result<()> {
    let read = |markdown: &str, file: &str| ImportTemplate {
        markdown: markdown.to_owned(),
        name: String::new(),
        file: file.to_owned(),
        decisions: Vec::new(),
    };
    let table = "item,owner\nBooks are closed,Bo\n".to_owned();
    let page = import::import(app, clock::name(), read(&table, "Month end.csv")).await.map_err(told)?;
    ensure!((page.brief.name.as_str(), page.brief.id.as_str()) == ("Month end", "month-end"), "{:?}", page.brief);
    let asked = PreviewTemplate { markdown: table, name: String::new(), file: "Month end.csv".to_owned() };
    let preview = import::preview(app, asked).await.map_err(told)?;
    let texts: Vec<&str> = preview.problems.iter().map(|problem| problem.text.as_str()).collect();
    ensure!(texts.len() == 2 && texts[1].contains("columns owner"), "{texts:?}");
    let place = folder.join("sent.md");
    let file = app.files().keep_for_writing(&place).handle;
    let request = ExportTemplate { template: page.brief.id.clone(), version: 1, file };
    versions::export(app, clock::name(), request).await.map_err(told)?;
    let sent = read(&std::fs::read_to_string(&place)?, "sent.md");
    let again = import::import(app, clock::name(), sent).await.map_err(told)?;
    ensure!((&again.brief.id, again.brief.version) == (&page.brief.id, 1), "{:?}", again.brief);
    let none = import::import(app, clock::name(), read("- [ ] Books are closed\n", "")).await;
    ensure!(none.is_err_and(|failure| failure.code == Code::InputInvalid), "a list nobody can name");
    let long = format!("# {}\n- [ ] Books are closed\n", "long ".repeat(60));
    let page = import::import(app, clock::name(), read(&long, "")).await.map_err(told)?;
    ensure!(page.brief.name.chars().count() == 120 && page.brief.name.ends_with('…'), "{:?}", page.brief);
    Ok(())
}

/// A run goes on with the newer version; what is known about lines whose rule is the same stays.
async fn upgraded(app: &App, run: &RunId, ana: &OperatorId) -> Result<()> {
    let ask = UpgradePreviewRequest { run: run.clone() };
    let preview = course::preview_upgrade(app, ask).await.map_err(told)?;
    ensure!((preview.version, preview.newest, preview.changes.len()) == (1, 2, 3), "{preview:?}");
    let upgrade = |version| UpgradeRun { run: run.clone(), operator: ana.clone(), version };
    ensure!(course::upgrade(app, clock::name(), upgrade(3)).await.is_err(), "a version nobody kept");
    let page = course::upgrade(app, clock::name(), upgrade(2)).await.map_err(told)?;
    let reviewed = page.items.iter().find(|item| item.text == REVIEWED).context("it is gone")?;
    ensure!(page.template_version == 2 && reviewed.state == "confirmed", "{}", reviewed.state);
    Ok(())
}

/// A command is run elsewhere; its output is kept without its secrets.
async fn ran(app: &App, run: &RunId, ana: &OperatorId) -> Result<()> {
    let page = runs::page(app, RunRequest { run: run.clone() }).await.map_err(told)?;
    let command = page.items.iter().find(|item| item.kind == "command").context("no command")?.id.clone();
    let text = "connecting to postgres://app:hunter2@db/app\napplied 12 migrations\n";
    let shown = fields::clean(app, CleanOutput { text: text.to_owned() }).await.map_err(told)?;
    ensure!(shown.taken_out == 1 && !shown.text.contains("hunter2"), "{}", shown.text);
    let record = |at| RecordCommand {
        run: run.clone(),
        item: command.clone(),
        operator: ana.clone(),
        output: text.to_owned(),
        at,
    };
    let ahead = clock::now() + std::time::Duration::from_secs(3_600);
    ensure!(fields::ran(app, clock::name(), record(Some(ahead))).await.is_err(), "a command of the future");
    let at = clock::now() - std::time::Duration::from_secs(600);
    let page: ItemPage = fields::ran(app, clock::name(), record(Some(at))).await.map_err(told)?;
    let kept = &page.evidence.first().context("nothing was kept")?.title;
    ensure!(kept.contains("run at ") && kept.contains("applied 12") && !kept.contains("hunter2"), "{kept}");
    ensure!(page.acts.iter().any(|act| act.act == "command" && act.refused.is_none()), "{:?}", page.acts);
    Ok(())
}

/// The shipped verifier finds every file the ledger names, and misses one that is gone or changed.
async fn proved(app: &App, run: &RunId, ana: &OperatorId, folder: &Path) -> Result<()> {
    let report = folder.join("report\n0  of the auditor.txt");
    std::fs::write(&report, "all tests passed")?;
    let page = runs::page(app, RunRequest { run: run.clone() }).await.map_err(told)?;
    let attach = AttachFile {
        run: run.clone(),
        item: page.items.first().context("no item")?.id.clone(),
        operator: ana.clone(),
        file: app.files().keep_for_reading(&report).handle,
        release: None,
        meant: None,
        sha256: None,
        note: String::new(),
    };
    let item = attach.item.clone();
    files::attach(app, clock::name(), attach).await.map_err(told)?;
    let shown = items::item(app, ItemRequest { run: run.clone(), item }).await.map_err(told)?;
    let sha256 = shown.evidence.first().context("nothing was attached")?.sha256.clone();
    let place = folder.join("pack.zip");
    let file = app.files().keep_for_writing(&place).handle;
    let request = ExportRun { run: run.clone(), format: ExportFormat::Pack, file, operator: None };
    exports::export(app, clock::name(), request).await.map_err(told)?;
    let pack = folder.join("pack");
    let unpacked = Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&place).arg(&pack).status()?;
    ensure!(unpacked.success(), "the pack is no archive");
    ensure!(std::fs::read_to_string(pack.join("evidence").join(&sha256))? == "all tests passed", "another file");
    let names = std::fs::read_to_string(pack.join("evidence.txt"))?;
    let count = std::fs::read_dir(pack.join("evidence"))?.count();
    ensure!(names.lines().count() >= count && names.lines().all(|line| line.len() > 64), "{names}");
    let sums = Command::new("sha256sum").args(["-c", "--quiet", "SHA256SUMS"]).current_dir(&pack).status()?;
    ensure!(sums.success(), "a digest is wrong");
    verifier(&pack, None)?;
    forged(&pack)?;
    std::fs::write(pack.join("evidence").join(&sha256), "some tests passed")?;
    verifier(&pack, Some("EVIDENCE_CHANGED"))?;
    std::fs::remove_file(pack.join("evidence").join(&sha256))?;
    verifier(&pack, Some("EVIDENCE_MISSING"))
}

/// Somebody edits the report and makes every list that nothing signs say so: the ledger still names what was exported.
fn forged(pack: &Path) -> Result<()> {
    let (report, list) = (pack.join("run.pdf"), pack.join("manifest.json"));
    let (honest, manifest) = (std::fs::read(&report)?, std::fs::read_to_string(&list)?);
    let sums = || -> Result<bool> {
        let script = "sha256sum $(cut -c67- SHA256SUMS) > new && mv new SHA256SUMS && sha256sum -c --quiet SHA256SUMS";
        Ok(Command::new("sh").args(["-c", script]).current_dir(pack).status()?.success())
    };
    std::fs::write(&report, [honest.as_slice(), b"% all is well"].concat())?;
    ensure!(sums()?, "the forged digests do not hold");
    verifier(pack, Some(r#""reason": "FILE_CHANGED", "file": "run.pdf""#))?;
    let digest = |file: &Path| -> Result<String> {
        let said = Command::new("sha256sum").arg(file).output()?.stdout;
        Ok(String::from_utf8(said)?.split(' ').next().unwrap_or_default().to_owned())
    };
    let edited = digest(&report)?;
    std::fs::write(&report, &honest)?;
    let listed = manifest.replace(&digest(&report)?, &edited);
    ensure!(listed != manifest, "the manifest does not list the report");
    std::fs::write(&list, listed)?;
    ensure!(sums()?, "the forged digests do not hold");
    verifier(pack, Some(r#""reason": "MANIFEST_CHANGED", "file": "manifest.json""#))?;
    std::fs::write(&list, manifest)?;
    std::fs::remove_file(&report)?;
    verifier(pack, Some(r#""reason": "FILE_MISSING", "file": "run.pdf""#))?;
    std::fs::write(&report, &honest)?;
    verifier(pack, None)
}

/// Runs the verifier as the pack's own instructions say; it finds nothing, or what is named.
fn verifier(pack: &Path, wanted: Option<&str>) -> Result<()> {
    let readme = std::fs::read_to_string(pack.join("README.txt"))?;
    let line = readme.lines().find_map(|line| line.split_once("python3 ")).context("no instructions")?.1;
    let output = Command::new("python3").args(line.split_whitespace()).current_dir(pack).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() == wanted.is_none(), "{wanted:?}, {line}: {text} {errors}");
    ensure!(wanted.is_none_or(|found| text.contains(found)), "{wanted:?}: {text}");
    Ok(())
}
