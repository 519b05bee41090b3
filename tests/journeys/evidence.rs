//! A file on its way to being proof: shown first, kept as it was shown, judged for its release, and listed in every report.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use countersign_app::checklists::attach::{self, AttachFile, FilePreview, PreviewFile};
use countersign_app::checklists::course::{self, ChangeRelease};
use countersign_app::checklists::exports::{self, ExportFormat, ExportRun};
use countersign_app::checklists::items::{self, ItemPage, ItemRequest};
use countersign_app::checklists::runs::{self, StartRun};
use countersign_app::domain::checklist::entry::MeantLoad;
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::domain::ids::{OperatorId, RunId};
use countersign_app::{App, checks, clock, demo};

use crate::team::{operator, told};

const LINT: &str = "no-linting-errors";
const REPORT: &str = r#"[{"filePath":"/app/a.ts","messages":[],"errorCount":0,"warningCount":2}]"#;

const K6: &str = r#"{"metrics":{"http_req_duration":{"med":80,"p(95)":180.5},"http_req_failed":{"value":0.0005},
    "vus":{"max":200}}}"#;

const CASES: &str = r#"<testsuite name="api"><testcase name="GET /plans lists them"/></testsuite>"#;
const OPENAPI: &str = r#"{"openapi":"3.0.0","paths":{"/plans":{"get":{},"post":{}}}}"#;

/// A run, and who works on it.
struct Desk<'a> {
    app: &'a App,
    run: RunId,
    ana: OperatorId,
    folder: &'a Path,
}

/// From a chosen file to a proved line, a line that went stale, and the reports.
pub async fn shown_kept_and_judged() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 60).await.map_err(told)?;
    let ana = operator(&app, "Ana Lopez", &[]).await?;
    let request = StartRun {
        template: "billing-module-deployment".into(),
        environment: demo::ENVIRONMENT.into(),
        release: "v2.4.0".to_owned(),
        owner: Some(ana.clone()),
        people: Vec::new(),
        business_days: false,
    };
    let run = runs::start(&app, clock::name(), request).await.map_err(told)?.brief.run;
    let desk = Desk { app: &app, run, ana, folder: folder.path() };
    desk.refuses().await?;
    desk.proves().await?;
    desk.tells().await?;
    desk.holds_against_what_was_meant().await?;
    desk.names_routes_without_a_test().await?;
    desk.goes_stale().await?;
    app.end().await;
    Ok(())
}

/// Lists the kept files below a profile.
fn walked(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(walked(&path)?),
            false if path.parent().is_some_and(|parent| parent.ends_with("evidence")) => found.push(path),
            false => {}
        }
    }
    Ok(found)
}

impl Desk<'_> {
    fn chosen(&self, name: &str, content: &[u8]) -> Result<String> {
        let place = self.folder.join(name);
        std::fs::write(&place, content)?;
        Ok(self.app.files().keep_for_reading(&place).handle)
    }

    async fn preview(&self, item: &str, file: String) -> Result<FilePreview, Failure> {
        attach::preview(self.app, PreviewFile { run: self.run.clone(), item: item.into(), file }).await
    }

    async fn attach(
        &self,
        item: &str,
        file: String,
        shown: &FilePreview,
        release: Option<&str>,
    ) -> Result<ItemPage, Failure> {
        let request = AttachFile {
            run: self.run.clone(),
            item: item.into(),
            operator: self.ana.clone(),
            file,
            release: release.map(str::to_owned),
            meant: None,
            sha256: Some(shown.sha256.clone()),
            note: "from the build server".to_owned(),
        };
        attach::attach(self.app, clock::name(), request).await
    }

    async fn item(&self, item: &str) -> Result<ItemPage> {
        items::item(self.app, ItemRequest { run: self.run.clone(), item: item.into() }).await.map_err(told)
    }

    async fn check(&self, item: &str) -> Result<ItemPage> {
        let (batch, job) = checks::begin(self.app, &self.run, &[item.into()]).await.map_err(told)?;
        checks::run(self.app, batch, &job).await.map_err(told)?;
        self.item(item).await
    }

    /// What cannot be kept is refused before anything is written, with what to do.
    async fn refuses(&self) -> Result<()> {
        let head = self.item(LINT).await?.evidence.len();
        let empty = self.preview(LINT, self.chosen("empty.json", b"")?).await.err().context("an empty file")?;
        ensure!(empty.code == Code::InputInvalid && !empty.actions.is_empty(), "{empty:?}");
        let folder = self.app.files().keep_for_reading(self.folder).handle;
        ensure!(self.preview(LINT, folder).await.is_err_and(|failure| failure.code == Code::InputInvalid), "a folder");
        let large = self.folder.join("large.bin");
        std::fs::File::create(&large)?.set_len(100 * 1_024 * 1_024 + 1)?;
        let large = self.app.files().keep_for_reading(&large).handle;
        let large = self.preview(LINT, large).await.err().context("a large file")?;
        ensure!(large.code == Code::ImportTooLarge && large.why.contains("102400 KiB"), "{large:?}");
        let ours = self.chosen("log.txt", b"# countersign-backup: kind=restore\n")?;
        let ours = self.preview(LINT, ours).await.err().context("a header that is none")?;
        ensure!(ours.code == Code::ImportSyntax && ours.why.contains("missing field"), "{ours:?}");
        let zip = self.preview(LINT, self.chosen("a.zip", b"PK\x03\x04 not a report")?).await;
        let zip = zip.err().context("an archive")?;
        ensure!(zip.code == Code::ImportSyntax && zip.why.contains("archive (zip)"), "{zip:?}");
        let document = self.preview(LINT, self.chosen("a.docx", b"PK\x03\x04 not a report")?).await.map_err(told)?;
        ensure!(document.kind == "any document" && document.remarks.len() == 1, "{document:?}");
        let latin = self.preview(LINT, self.chosen("a.csv", b"stra\xdfe")?).await.err().context("no UTF-8")?;
        ensure!(latin.code == Code::ImportEncoding && latin.why.contains("Byte 4"), "{latin:?}");
        self.keeps_nothing_the_rules_refuse().await?;
        ensure!(self.item(LINT).await?.evidence.len() == head, "a preview wrote something");
        Ok(())
    }

    /// A note that holds a secret is refused, and the file beside it is not kept either.
    async fn keeps_nothing_the_rules_refuse(&self) -> Result<()> {
        let kept = || Ok::<_, anyhow::Error>(walked(&self.folder.join("profile"))?.len());
        let (file, before) = (self.chosen("kept.txt", b"nothing to see")?, kept()?);
        let request = AttachFile {
            run: self.run.clone(),
            item: LINT.into(),
            operator: self.ana.clone(),
            file,
            release: Some("v2.4.0".to_owned()),
            meant: None,
            sha256: None,
            note: "the key is sk_live_51Habc123DEF".to_owned(),
        };
        let refused = attach::attach(self.app, clock::name(), request).await;
        ensure!(refused.is_err(), "a secret was written down");
        ensure!(kept()? == before, "the file was kept");
        Ok(())
    }

    /// A report is shown, kept as it was shown, and proves its line.
    async fn proves(&self) -> Result<()> {
        let before = self.check(LINT).await?;
        ensure!(
            before.view.state == "unknown" && before.view.state_text.contains("No ESLint report"),
            "{:?}",
            before.view
        );
        let file = self.chosen("lint.json", REPORT.as_bytes())?;
        let shown = self.preview(LINT, file.clone()).await.map_err(told)?;
        ensure!(shown.kind == "ESLint report" && shown.figures.len() == 3 && shown.remarks.is_empty(), "{shown:?}");
        ensure!(shown.needs_release && shown.run_release == "v2.4.0" && shown.expires_at.is_some(), "{shown:?}");
        let unsaid = self.attach(LINT, file.clone(), &shown, None).await;
        ensure!(unsaid.is_err_and(|failure| failure.code == Code::InputInvalid), "no release, and nobody asked");
        self.chosen("lint.json", b"[]")?;
        let other = self.attach(LINT, file.clone(), &shown, Some("v2.4.0")).await;
        ensure!(other.is_err_and(|failure| failure.code == Code::StateConflict), "another content than was shown");
        self.chosen("lint.json", REPORT.as_bytes())?;
        let with = self.attach(LINT, file, &shown, Some("v2.4.0")).await.map_err(told)?;
        let kept = with.evidence.iter().find_map(|one| one.file.as_ref()).context("no file is listed")?;
        ensure!(kept.says == "1 file, 0 errors, 2 warnings" && kept.kind == "ESLint report", "{kept:?}");
        ensure!(
            kept.expires_at.is_some() && kept.release.as_deref() == Some("v2.4.0") && !kept.names_release,
            "{kept:?}"
        );
        ensure!(with.notes.first().is_some_and(|note| note.text == "from the build server"), "{:?}", with.notes);
        let after = self.check(LINT).await?;
        ensure!(after.view.state == "verified", "{:?}", after.view);
        // The result is as old as the file, so it ends with it.
        let kept = after.evidence.iter().find_map(|one| one.file.as_ref()).context("no file is listed")?;
        let ends = after.view.fresh_until.zip(kept.expires_at).context("no end")?;
        ensure!((ends.0 - ends.1).num_seconds() == 0, "{ends:?}");
        Ok(())
    }

    /// Reports and the pack list the file with its figures, its digest, and who attached it for which release.
    async fn tells(&self) -> Result<()> {
        let place = self.folder.join("pack.zip");
        let file = self.app.files().keep_for_writing(&place).handle;
        let request = ExportRun { run: self.run.clone(), format: ExportFormat::Pack, file, operator: None };
        exports::export(self.app, clock::name(), request).await.map_err(told)?;
        let pack = self.folder.join("pack");
        let unpack =
            std::process::Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&place).arg(&pack).status()?;
        ensure!(unpack.success(), "the pack is no archive");
        let results: serde_json::Value = serde_json::from_slice(&std::fs::read(pack.join("results.json"))?)?;
        let [file] = results["files"].as_array().context("no files")?.as_slice() else {
            anyhow::bail!("{}", results["files"]);
        };
        ensure!(file["says"] == "1 file, 0 errors, 2 warnings" && file["by"] == "Ana Lopez", "{file}");
        ensure!(file["release"] == "v2.4.0" && file["bytes"] == REPORT.len(), "{file}");
        let sha256 = file["sha256"].as_str().context("no digest")?;
        ensure!(std::fs::read_to_string(pack.join("evidence").join(sha256))? == REPORT, "another content");
        Ok(())
    }

    /// A report of tests is compared with the description of the API, where one is attached beside it.
    async fn names_routes_without_a_test(&self) -> Result<()> {
        const ROUTES: &str = "api-endpoints-tested";
        let files = [("e2e.xml", CASES), ("openapi.json", OPENAPI)];
        let mut said = Vec::new();
        for (name, content) in files {
            let file = self.chosen(name, content.as_bytes())?;
            let shown = self.preview(ROUTES, file.clone()).await.map_err(told)?;
            self.attach(ROUTES, file, &shown, Some("v2.4.0")).await.map_err(told)?;
            said.push(self.check(ROUTES).await?.view.state_text);
        }
        ensure!(said[0].contains("Which routes there are, no file says"), "{said:?}");
        ensure!(said[1].contains("1 of 2 routes have none: POST /plans"), "{said:?}");
        Ok(())
    }

    /// No summary says how much load was meant: who attaches it does, and the line is held against that.
    async fn holds_against_what_was_meant(&self) -> Result<()> {
        const USERS: &str = "concurrent-user-load-tested";
        let file = self.chosen("k6.json", K6.as_bytes())?;
        let shown = self.preview(USERS, file.clone()).await.map_err(told)?;
        ensure!(shown.asks_load && shown.kind == "load test", "{shown:?}");
        let attach = |users: &str| AttachFile {
            run: self.run.clone(),
            item: USERS.into(),
            operator: self.ana.clone(),
            file: file.clone(),
            release: Some("v2.4.0".to_owned()),
            meant: Some(MeantLoad { users: users.to_owned(), per_second: String::new() }),
            sha256: Some(shown.sha256.clone()),
            note: String::new(),
        };
        for odd in ["many", "0"] {
            let refused = attach::attach(self.app, clock::name(), attach(odd)).await;
            ensure!(refused.is_err_and(|failure| failure.code == Code::InputInvalid), "a load of {odd} users");
        }
        for (users, state) in [("", "warning"), ("300", "failed"), ("200", "verified")] {
            attach::attach(self.app, clock::name(), attach(users)).await.map_err(told)?;
            let after = self.check(USERS).await?;
            ensure!(after.view.state == state, "{users} meant: {:?}", after.view);
        }
        Ok(())
    }

    /// A report about another release decides nothing, and neither does the old one when the run moves on.
    async fn goes_stale(&self) -> Result<()> {
        let request = ChangeRelease { run: self.run.clone(), operator: self.ana.clone(), release: "v2.5.0".to_owned() };
        course::change_release(self.app, clock::name(), request).await.map_err(told)?;
        ensure!(self.item(LINT).await?.view.state == "stale", "the old release still counts");
        let again = self.check(LINT).await?;
        ensure!(again.view.state == "stale" && again.view.state_text.contains("v2.4.0"), "{:?}", again.view);
        let job = br#"{"status":"success","commit":"4f2a91c0de","release":"v2.4.0","url":"https://ci.example/7"}"#;
        let file = self.chosen("job.json", job)?;
        let shown = self.preview("build-application", file.clone()).await.map_err(told)?;
        ensure!(!shown.needs_release && shown.remarks.iter().any(|one| one.contains("it will not count")), "{shown:?}");
        let contradicted = self.attach("build-application", file.clone(), &shown, Some("v2.5.0")).await;
        ensure!(
            contradicted.is_err_and(|failure| failure.code == Code::InputInvalid),
            "a release the file contradicts"
        );
        self.attach("build-application", file, &shown, None).await.map_err(told)?;
        let built = self.check("build-application").await?;
        ensure!(built.view.state == "stale", "{:?}", built.view);
        let now = br#"{"status":"success","commit":"5f2a91c0de","release":"v2.5.0","url":"https://ci.example/8"}"#;
        let file = self.chosen("job2.json", now)?;
        let shown = self.preview("build-application", file.clone()).await.map_err(told)?;
        self.attach("build-application", file, &shown, None).await.map_err(told)?;
        let built = self.check("build-application").await?;
        ensure!(built.view.state == "verified", "{:?}", built.view);
        Ok(())
    }
}
