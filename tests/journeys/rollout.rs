//! The second half of a checklist: gates and their override, indicators, a rollback, dates, cards, files, and the end.

use anyhow::{Context as _, Result, ensure};
use countersign_app::audit;
use countersign_app::checklists::agenda::{self, ExportAgenda};
use countersign_app::checklists::attach::{self as files, AttachFile};
use countersign_app::checklists::contacts::{self, Contact, ContactsRequest, SetContact, TakeContacts};
use countersign_app::checklists::course::{self, ChangeRelease, EndRun, RecordDeployment};
use countersign_app::checklists::evidence::{self, SaveEvidence, VerifyEvidence};
use countersign_app::checklists::exports::{self, ExportFormat, ExportRun};
use countersign_app::checklists::gates::{self, EvaluateGate, Gates, GatesRequest, OpenGate, OverrideGate};
use countersign_app::checklists::items::{self, ConfirmItem, ItemPage, NoteItem};
use countersign_app::checklists::rollback::{
    self, ClearTrigger, EndRollback, RollbackRequest, StartRollback, StepRollback, TripTrigger,
};
use countersign_app::checklists::runs::{self, ItemView, RunRequest, RunsRequest, StartRun};
use countersign_app::checklists::schedule::{self, AgendaRequest, DateView, DoOccurrence, ScheduleRequest};
use countersign_app::checklists::snapshot::{self, SnapshotRequest};
use countersign_app::domain::checklist::contacts::Card;
use countersign_app::domain::checklist::gates::GateState;
use countersign_app::domain::checklist::run::DueState;
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::{ItemId, OperatorId, RunId};
use countersign_app::jobs::rounds::Rounds;
use countersign_app::ledger::verify::{self, Depth};
use countersign_app::overview::{self, AlarmsRequest, OverviewRequest};
use countersign_app::{App, Secret, clock, demo};

use crate::team::{operator, refused, secret, told};

/// The built-in rollout on the invented company, from its first gate to its end.
pub async fn opened_rolled_back_and_ended() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 100).await.map_err(told)?;
    let (ana, bo) = (operator(&app, "Ana Lopez", &[]).await?, operator(&app, "Bo Chen", &[]).await?);
    let run = begun(&app, "v2.4.0", &ana).await?;
    gate(&app, &run, &ana, &bo).await?;
    alarm(&app, &run, &ana).await?;
    rolled_back(&app, &run, &bo, &ana).await?;
    dates(&app, &run, &ana, folder.path()).await?;
    first_hour(&app, &run).await?;
    additions(&app, &run, &ana, folder.path()).await?;
    next(&app, &run, &ana).await?;
    ended(&app, &run, &ana).await?;
    reported(&app, &run, folder.path()).await?;
    let stores = app.stores().map_err(told)?;
    let report = verify::verify(&stores.ledger, Depth::Whole, Vec::new(), |_| None).await?;
    ensure!(report.first_bad.is_none(), "{:?}", report.first_bad);
    app.end().await;
    Ok(())
}

/// A gate holds with its reasons; one person does not override it, two do.
async fn gate(app: &App, run: &RunId, ana: &OperatorId, bo: &OperatorId) -> Result<()> {
    let held = gates::evaluate(app, clock::name(), EvaluateGate { run: run.clone(), phase: 0 }).await.map_err(told)?;
    let first = held.gates.first().context("no gate")?;
    ensure!(first.state == GateState::Hold && first.recorded_at.is_some(), "{first:?}");
    let unsigned = |at: usize| held.gates[at].held_by.iter().find(|line| line.contains("have signed")).cloned();
    let wanted = Some("0 of 1 have signed; missing: operations manager.".to_owned());
    ensure!(held.gates.len() == 2 && unsigned(0) == wanted, "{:?}", held.gates);
    let last = unsigned(1).context("the last gate asks for no signature")?;
    ensure!(last.starts_with("0 of 11 have signed; missing: operations manager; finance manager; "), "{last}");
    let open = || OpenGate { run: run.clone(), phase: 0, operator: ana.clone() };
    refused(gates::open(app, clock::name(), open()).await, Code::StateConflict)?;
    let over = |operator: &OperatorId| OverrideGate {
        run: run.clone(),
        phase: 0,
        operator: operator.clone(),
        reason: "an exercise that the whole team knows about".to_owned(),
    };
    let wrong = Secret::from("not the passphrase".to_owned());
    refused(gates::override_gate(app, clock::name(), over(ana), wrong).await, Code::PassphraseWrong)?;
    gates::override_gate(app, clock::name(), over(ana), secret()).await.map_err(told)?;
    refused(gates::override_gate(app, clock::name(), over(ana), secret()).await, Code::SignoffSamePerson)?;
    refused(gates::open(app, clock::name(), open()).await, Code::StateConflict)?;
    gates::override_gate(app, clock::name(), over(bo), secret()).await.map_err(told)?;
    let opened = gates::open(app, clock::name(), open()).await.map_err(told)?;
    ensure!(opened.phase == Some(1) && opened.gates[0].opened_at.is_some(), "{:?}", opened.phase);
    let listed = runs::list(app, RunsRequest::default()).await.map_err(told)?;
    let brief = listed.runs.into_iter().find(|brief| brief.run == *run).context("the run is not listed")?;
    let gate = gates::view(app, GatesRequest { run: run.clone() }).await.map_err(told)?;
    let worked = gate.gates.iter().find(|gate| Some(gate.phase) == opened.phase).context("no gate is worked on")?;
    ensure!(brief.is_overridden && brief.gate == worked.state.as_ref(), "{brief:?}");
    ensure!(brief.phase.as_ref() == Some(&worked.name) && brief.owner == "Ana Lopez", "{brief:?}");
    ensure!(brief.complete + brief.open + brief.failed + brief.unknown == brief.total, "{brief:?}");
    Ok(())
}

/// The override and the rollback are in what is handed to others, for ever.
async fn reported(app: &App, run: &RunId, folder: &std::path::Path) -> Result<()> {
    for (format, name) in
        [(ExportFormat::Csv, "run.csv"), (ExportFormat::Md, "run.md"), (ExportFormat::Pack, "run.zip")]
    {
        let file = app.files().keep_for_writing(&folder.join(name)).handle;
        exports::export(app, clock::name(), ExportRun { run: run.clone(), format, file, operator: None })
            .await
            .map_err(told)?;
    }
    let mut unpack = std::process::Command::new("python3");
    let unpacked = unpack.args(["-m", "zipfile", "-e", "run.zip", "pack"]).current_dir(folder).status()?;
    ensure!(unpacked.success(), "the pack is no archive");
    let verified = audit::verify_bundle(folder.join("pack/ledger.txt"), Vec::new()).await.map_err(told)?;
    ensure!(verified.ok && verified.findings.is_empty(), "the pack does not stand by its own rules: {verified:?}");
    let manifest = std::fs::read_to_string(folder.join("pack/manifest.json"))?;
    let lists = std::fs::read_dir(folder.join("pack/templates"))?.collect::<Result<Vec<_>, _>>()?;
    let is_named = |name: &str| manifest.contains(&format!("\"templates/{name}\""));
    ensure!(!lists.is_empty() && lists.iter().all(|list| is_named(&list.file_name().to_string_lossy())), "{manifest}");
    ensure!(manifest.contains("\"demo\": true") && manifest.contains("\"head\": "), "{manifest}");
    let results = std::fs::read_to_string(folder.join("pack/results.json"))?;
    for name in ["run.csv", "run.md", "pack/results.json"] {
        let text = std::fs::read_to_string(folder.join(name))?;
        ensure!(text.contains("OVERRIDDEN: the gate of "), "{name} does not say that a gate was overridden");
    }
    let results: serde_json::Value = serde_json::from_str(&results)?;
    let (gates, rollbacks) = (&results["gates"], &results["rollbacks"]);
    ensure!(gates[0]["is_overridden"] == true && gates[0]["opened_at"].is_string(), "{gates}");
    ensure!(results["opened"][0]["by"] == "Ana Lopez", "{}", results["opened"]);
    let begun = rollbacks.as_array().context("no rollbacks")?.iter().any(|one| one["started"]["at"].is_string());
    ensure!(begun, "{rollbacks}");
    Ok(())
}

/// A tripped indicator holds every gate until somebody says that the cause is gone.
async fn alarm(app: &App, run: &RunId, ana: &OperatorId) -> Result<()> {
    let view = rollback::view(app, RollbackRequest { run: run.clone() }).await.map_err(told)?;
    let item = view.indicators.first().context("no indicator")?.item.clone();
    let (operator, cause) = (ana.clone(), "6 of 100 payments failed".to_owned());
    let trip = TripTrigger { run: run.clone(), item: item.clone(), operator: operator.clone(), cause };
    rollback::trip(app, clock::name(), trip.clone()).await.map_err(told)?;
    let again = trip.clone();
    refused(rollback::trip(app, clock::name(), trip).await, Code::StateConflict)?;
    let seen: Gates = gates::view(app, GatesRequest { run: run.clone() }).await.map_err(told)?;
    let ahead = |gate: &&gates::Gate| gate.opened_at.is_none();
    let advises = |gate: &gates::Gate| gate.state == GateState::RollbackAdvised;
    ensure!(seen.gates.iter().filter(ahead).all(advises), "a gate overlooks the indicator");
    let passed = seen.gates.iter().find(|gate| gate.opened_at.is_some()).context("no gate was passed")?;
    ensure!(passed.state == GateState::Open && passed.is_overridden, "a passed gate is judged again: {passed:?}");
    let secret_cause = TripTrigger { cause: "the key sk_live_51Habc123DEF leaked".to_owned(), ..again };
    ensure!(
        rollback::trip(app, clock::name(), secret_cause).await.is_err_and(|failure| !failure.why.contains("51H")),
        "a secret is a cause"
    );
    let alarms = || overview::alarms(app, AlarmsRequest {});
    ensure!(alarms().await.map_err(told)?.tripped.len() == 1, "no screen has an alarm");
    let clear = ClearTrigger { run: run.clone(), item, operator, reason: "the bank is back".to_owned() };
    let once = rollback::clear(app, clock::name(), clear.clone(), secret()).await.map_err(told)?;
    ensure!(!once.indicators[0].is_tripped && once.indicators[0].count == 1, "{:?}", once.indicators[0]);
    ensure!(alarms().await.map_err(told)?.tripped.is_empty(), "an alarm outlives its cause");
    refused(rollback::clear(app, clock::name(), clear, secret()).await, Code::StateConflict)
}

/// Steps count only in a rollback under way.
async fn rolled_back(app: &App, run: &RunId, by: &OperatorId, other: &OperatorId) -> Result<()> {
    let view = rollback::view(app, RollbackRequest { run: run.clone() }).await.map_err(told)?;
    let procedure = view.procedures.first().context("no procedure")?;
    let (section, item) = (procedure.section.clone(), procedure.steps[0].item.clone());
    let (run, operator, note) = (run.clone(), by.clone(), String::new());
    let step = StepRollback { run: run.clone(), item, operator: operator.clone(), note: note.clone() };
    refused(rollback::step(app, clock::name(), step.clone()).await, Code::StateConflict)?;
    let reason = "payments fail".to_owned();
    let start = StartRollback { run: run.clone(), section: section.clone(), operator: operator.clone(), reason };
    rollback::start(app, clock::name(), start).await.map_err(told)?;
    let done = rollback::step(app, clock::name(), step).await.map_err(told)?;
    ensure!(
        done.procedures[0].is_under_way
            && done.procedures[0].steps[0].done.as_ref().is_some_and(|by| by.by == "Bo Chen"),
        "{:?}",
        done.procedures[0]
    );
    let over = |operator: &OperatorId, note: &str| {
        let (run, section, operator) = (run.clone(), section.clone(), operator.clone());
        rollback::end(app, clock::name(), EndRollback { run, section, operator, note: note.to_owned() }, secret())
    };
    refused(over(&operator, "").await, Code::InputInvalid).context("open steps without a reason")?;
    let once = over(&operator, "the flag alone was enough").await.map_err(told)?;
    ensure!(once.procedures[0].is_under_way && once.procedures[0].ending.len() == 1, "{:?}", once.procedures[0]);
    refused(over(&operator, "it is over").await, Code::SignoffSamePerson)?;
    let ended = over(other, "it is over").await.map_err(told)?;
    ensure!(!ended.procedures[0].is_under_way && ended.procedures[0].ended.is_some(), "{:?}", ended.procedures[0]);
    Ok(())
}

/// Dates begin with the deployment; each is done once, and a calendar has the others.
async fn dates(app: &App, run: &RunId, by: &OperatorId, folder: &std::path::Path) -> Result<()> {
    let deploy = RecordDeployment { run: run.clone(), operator: by.clone(), at: clock::now(), reason: None };
    course::record_deployment(app, clock::name(), deploy).await.map_err(told)?;
    let view = schedule::view(app, ScheduleRequest { run: run.clone() }).await.map_err(told)?;
    let is_daily = |date: &&DateView| date.state == DueState::Due && date.text == "Daily metrics review";
    let due = view.dates.iter().find(is_daily).context("the daily look is not due")?;
    ensure!(!due.known.is_empty() && due.known != "Not checked yet.", "not measured by itself: {}", due.known);
    let seen = overview::view(app, OverviewRequest { environment: demo::ENVIRONMENT.into() }).await.map_err(told)?.view;
    let is_told = seen.attention.iter().any(|line| line.route == format!("/checklists/runs/{run}?tab=dates"));
    ensure!(is_told, "what is due is in no overview: {:#?}", seen.attention);
    let (item, key) = (due.item.clone(), due.key.clone());
    let request = SnapshotRequest { run: run.clone(), item: item.clone(), key: key.clone() };
    let shown = snapshot::view(app, request).await.map_err(told)?;
    let limits = shown.lines.iter().skip(1).filter(|line| !line.limit.is_empty()).count();
    ensure!((shown.lines.len(), limits) == (11, 10), "not its figure and the ten limits: {:#?}", shown.lines);
    let other = DoOccurrence { shown: "0".repeat(64), ..done_of(run, by, (&item, &key)) };
    refused(schedule::done(app, clock::name(), other).await, Code::StateConflict)?;
    let is_other = |date: &&DateView| date.state == DueState::Due && date.text == "Monitor error rates";
    let other = view.dates.iter().find(is_other).context("one date alone is due")?;
    let of_another = DoOccurrence { shown: shown.sha256.clone(), ..done_of(run, by, (&other.item, &other.key)) };
    let refusal = schedule::done(app, clock::name(), of_another).await;
    ensure!(
        refusal.is_err_and(|failure| failure.why.contains("not at hand")),
        "the figures of another date were taken"
    );
    let done = || DoOccurrence { shown: shown.sha256.clone(), ..done_of(run, by, (&item, &key)) };
    let after = schedule::done(app, clock::name(), done()).await.map_err(told)?;
    let settled = after.dates.iter().find(|date| date.item == item && date.key == key).context("the date is gone")?;
    ensure!(settled.state == DueState::Done && settled.by == "Ana Lopez", "{settled:?}");
    let kept: Vec<&str> = settled.seen.iter().map(|fact| fact.name.as_str()).collect();
    let names: Vec<&str> = shown.lines.iter().map(|line| line.name.as_str()).collect();
    ensure!(kept == names && settled.seen[0].value.contains(&shown.lines[0].found), "{:#?}", settled.seen);
    refused(schedule::done(app, clock::name(), done()).await, Code::StateConflict)?;
    let place = folder.join("dates.ics");
    let file = app.files().keep_for_writing(&place).handle;
    let request = ExportRun { run: run.clone(), format: ExportFormat::Ics, file, operator: Some(by.clone()) };
    exports::export(app, clock::name(), request).await.map_err(told)?;
    let text = std::fs::read_to_string(place)?;
    let events = text.matches("BEGIN:VEVENT").count();
    let says_whose = text.replace("\r\n ", "").contains("X-WR-CALDESC:Exported by Ana Lopez");
    ensure!(says_whose && text.starts_with("BEGIN:VCALENDAR\r\n") && events + 1 >= view.dates.len(), "{events} events");
    let place = folder.join("all.ics");
    let file = app.files().keep_for_writing(&place).handle;
    let request = ExportAgenda { environment: demo::ENVIRONMENT.into(), file };
    agenda::export(app, clock::name(), request).await.map_err(told)?;
    let all = std::fs::read_to_string(place)?;
    ensure!(all.matches("BEGIN:VEVENT").count() >= events, "the calendar of all runs has fewer dates than that of one");
    Ok(())
}

/// The minute after a deployment is looked at once, and what could not be measured is not good.
async fn first_hour(app: &App, run: &RunId) -> Result<()> {
    let mut rounds = Rounds::default();
    let began_at = clock::now();
    rounds.make(app).await;
    rounds.make(app).await;
    let page = runs::page(app, RunRequest { run: run.clone() }).await.map_err(told)?;
    let hour = page.first_hour.context("no first hour")?;
    let seen: Vec<_> = hour.minutes.iter().filter(|minute| !minute.lines.is_empty()).collect();
    // The rounds may fall into two minutes.
    let minutes = (clock::now() - hour.since).num_minutes() - (began_at - hour.since).num_minutes() + 1;
    let is_once = (1..=minutes).contains(&i64::from(hour.seen));
    ensure!(hour.minutes.len() == 60 && seen.len() == hour.seen as usize && is_once, "{minutes}: {seen:#?}");
    ensure!(seen.iter().all(|minute| minute.word == "unknown"), "an error rate nobody measures is good: {seen:#?}");
    let lines = &seen.first().context("nothing was seen")?.lines;
    let has = |text: &str| lines.iter().any(|line| line.starts_with(text));
    ensure!(has("Monitor error rates: unknown: ") && has("Verify webhook receipt: "), "{lines:#?}");
    ensure!(
        !has("Review application logs") && !has("Confirm team availability"),
        "lines of people and files were looked at: {lines:#?}"
    );
    Ok(())
}

fn done_of(run: &RunId, by: &OperatorId, (item, key): (&ItemId, &str)) -> DoOccurrence {
    let (run, item, key, operator) = (run.clone(), item.clone(), key.to_owned(), by.clone());
    let (note, shown) = ("all quiet".to_owned(), String::new());
    DoOccurrence { run, item, key, operator, note, shown, said: Vec::new(), dispositions: Vec::new() }
}

async fn begun(app: &App, release: &str, owner: &OperatorId) -> Result<RunId> {
    let request = StartRun {
        template: "billing-module-deployment".into(),
        environment: demo::ENVIRONMENT.into(),
        release: release.to_owned(),
        owner: Some(owner.clone()),
        people: Vec::new(),
        business_days: false,
    };
    Ok(runs::start(app, clock::name(), request).await.map_err(told)?.brief.run)
}

/// The run after it takes its cards, once, and what was filled in there stays; the agenda has the dates of both.
async fn next(app: &App, run: &RunId, by: &OperatorId) -> Result<()> {
    let later = begun(app, "v2.5.0", by).await?;
    let cards = |run: &RunId| contacts::contacts(app, ContactsRequest { run: run.clone() });
    let earlier = cards(&later).await.map_err(told)?.earlier.context("no cards of the run before")?;
    ensure!((&earlier.run, earlier.count) == (run, 1), "{earlier:?}");
    let take = || TakeContacts { run: later.clone(), from: run.clone(), operator: by.clone() };
    let taken = contacts::take(app, clock::name(), take()).await.map_err(told)?;
    let has_bo = |contact: &&Contact| contact.card.as_ref().is_some_and(|card| card.person == "Bo Chen");
    ensure!(taken.earlier.is_none() && taken.contacts.iter().filter(has_bo).count() == 1, "{:#?}", taken.contacts);
    refused(contacts::take(app, clock::name(), take()).await, Code::StateConflict)?;
    ensure!(cards(run).await.map_err(told)?.earlier.is_none(), "a run takes its own cards back");
    let at = clock::now();
    let reason = Some("two at a time".to_owned());
    let deploy = RecordDeployment { run: later.clone(), operator: by.clone(), at, reason };
    course::record_deployment(app, clock::name(), deploy).await.map_err(told)?;
    let request = AgendaRequest { environment: demo::ENVIRONMENT.into() };
    let agenda = schedule::agenda(app, request).await.map_err(told)?;
    let of = |wanted: &RunId| agenda.dates.iter().filter(|date| date.run == *wanted).count();
    ensure!(of(run) > 0 && of(&later) > 0 && agenda.due > 0, "{} and {} dates", of(run), of(&later));
    Ok(())
}

/// Cards and files are kept with the run; a file's bytes are part of what is verified.
async fn additions(app: &App, run: &RunId, by: &OperatorId, folder: &std::path::Path) -> Result<()> {
    let contacts = contacts::contacts(app, ContactsRequest { run: run.clone() }).await.map_err(told)?;
    let open = contacts.contacts.iter().find(|contact| !contact.missing.is_empty()).context("no card to fill in")?;
    let card = Card {
        person: "Bo Chen".to_owned(),
        chat: "@bo".to_owned(),
        hours: "always".to_owned(),
        tested_at: Some(clock::now()),
        ..Card::default()
    };
    let request = SetContact { run: run.clone(), item: open.item.clone(), operator: by.clone(), card };
    let page = contacts::set_contact(app, clock::name(), request).await.map_err(told)?;
    ensure!(page.view.state == "confirmed", "the card is {}", page.view.state);
    let place = folder.join("report.txt");
    std::fs::write(&place, "all tests passed")?;
    let attach = |file: String| AttachFile {
        run: run.clone(),
        item: page.view.id.clone(),
        operator: by.clone(),
        file,
        release: Some("v2.4.0".to_owned()),
        meant: None,
        sha256: None,
        note: String::new(),
    };
    let file = app.files().keep_for_reading(&place).handle;
    let with = files::attach(app, clock::name(), attach(file)).await.map_err(told)?;
    ensure!(with.evidence.first().is_some_and(|first| first.kind == "file"), "{:?}", with.evidence);
    std::fs::write(&place, "")?;
    let empty = app.files().keep_for_reading(&place).handle;
    refused(files::attach(app, clock::name(), attach(empty)).await, Code::InputInvalid)?;
    looked_at_again(app, run, &with, folder).await?;
    said(app, run, by, folder).await
}

/// A kept file is compared with the ledger anew, and given back as it was.
async fn looked_at_again(app: &App, run: &RunId, page: &ItemPage, folder: &std::path::Path) -> Result<()> {
    let file = page.evidence.first().context("no file")?;
    let (run, item, seq) = (run.clone(), page.view.id.clone(), file.seq);
    let look = || evidence::verify(app, VerifyEvidence { run: run.clone(), item: item.clone(), seq });
    let copy = folder.join("copy.txt");
    let save = || {
        let file = app.files().keep_for_writing(&copy).handle;
        evidence::save(app, clock::name(), SaveEvidence { run: run.clone(), item: item.clone(), seq, file })
    };
    let same = look().await.map_err(told)?;
    ensure!(same.found == "same" && same.bytes == Some(16) && same.sha256 == file.sha256, "{same:?}");
    let written = save().await.map_err(told)?;
    ensure!(written.sha256 == file.sha256 && std::fs::read_to_string(&copy)? == "all tests passed", "{written:?}");
    let kept = folder.join("profile").join("evidence").join(&file.sha256);
    let sealed = std::fs::read(&kept)?;
    std::fs::write(&kept, b"other")?;
    let changed = look().await.map_err(told)?;
    ensure!(changed.found == "changed" && changed.bytes.is_none(), "{changed:?}");
    std::fs::remove_file(&copy)?;
    ensure!(save().await.is_err() && !copy.exists(), "a changed file was given back");
    std::fs::remove_file(&kept)?;
    let missing = look().await.map_err(told)?;
    ensure!(missing.found == "missing", "{missing:?}");
    std::fs::write(&kept, sealed)?;
    let unknown = evidence::verify(app, VerifyEvidence { run: run.clone(), item: item.clone(), seq: seq + 1 }).await;
    refused(unknown, Code::NotFound)
}

/// A line that nothing but a person decides is confirmed with a word or a file, and not with neither.
async fn said(app: &App, run: &RunId, by: &OperatorId, folder: &std::path::Path) -> Result<()> {
    let page = runs::page(app, RunRequest { run: run.clone() }).await.map_err(told)?;
    let is_open = |item: &&ItemView| item.kind == "manual" && item.strength == "human" && item.state == "open";
    let [first, second, ..] = page.items.iter().filter(is_open).collect::<Vec<_>>()[..] else {
        anyhow::bail!("fewer than two lines wait for a person's word");
    };
    let confirm = |item: &ItemView, note: &str| {
        let (run, item, operator, note) = (run.clone(), item.id.clone(), by.clone(), note.to_owned());
        items::confirm(app, clock::name(), ConfirmItem { run, item, operator, note })
    };
    refused(confirm(first, "  ").await, Code::InputInvalid)?;
    let with_note = confirm(first, "looked through with Bo").await.map_err(told)?;
    ensure!(with_note.view.state == "confirmed" && with_note.needs_note, "{}", with_note.view.state);
    let place = folder.join("review.txt");
    std::fs::write(&place, "reviewed")?;
    let (run, item, operator) = (run.clone(), second.id.clone(), by.clone());
    let file = app.files().keep_for_reading(&place).handle;
    let attach =
        AttachFile { run, item, operator, file, release: None, meant: None, sha256: None, note: String::new() };
    ensure!(!files::attach(app, clock::name(), attach).await.map_err(told)?.needs_note, "a file says nothing");
    let with_file = confirm(second, "").await.map_err(told)?;
    ensure!(with_file.view.state == "confirmed", "{}", with_file.view.state);
    Ok(())
}

/// Another release is another release; what is over is over, except for notes.
async fn ended(app: &App, run: &RunId, by: &OperatorId) -> Result<()> {
    let release = |tag: &str| ChangeRelease { run: run.clone(), operator: by.clone(), release: tag.to_owned() };
    let page = course::change_release(app, clock::name(), release("v2.4.1")).await.map_err(told)?;
    ensure!(page.brief.release == "v2.4.1", "{}", page.brief.release);
    refused(course::change_release(app, clock::name(), release("v2.4.1")).await, Code::StateConflict)?;
    let end = EndRun { run: run.clone(), operator: by.clone(), is_abandoned: true, note: "rolled back".to_owned() };
    course::end(app, clock::name(), end.clone()).await.map_err(told)?;
    refused(course::end(app, clock::name(), end).await, Code::StateConflict)?;
    let item = page.items.first().context("no item")?.id.clone();
    let note = NoteItem { run: run.clone(), item, operator: by.clone(), text: "for the next time".to_owned() };
    refused(items::note(app, clock::name(), note).await, Code::StateConflict)
}
