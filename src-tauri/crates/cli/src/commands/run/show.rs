//! A run and its lines as documents and tables.

use std::collections::BTreeMap;

use countersign_app::App;
use countersign_app::checklists::items::{self, EvidenceView, ItemPage};
use countersign_app::checklists::runs::{self, ItemView, RunPage, RunRequest};
use countersign_app::checks::Checked;
use countersign_app::domain::checklist::run::Seen;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::{ItemId, RunId};
use serde_json::{Map, Value, json};

use crate::commands::words;
use crate::exit::Verdict;
use crate::output::{Align, Output, Text};

/// Shows a run with all its lines.
pub async fn page(app: &App, run: &RunId, output: Output) -> Result<Verdict, Failure> {
    let page = app.asked("run", runs::page(app, RunRequest { run: run.clone() })).await?;
    let evidence = items::evidence(app, run).await?;
    let mut document = json!({
        "run": run, "name": page.brief.name, "template": page.template, "template_version": page.template_version,
        "template_hash": page.template_hash, "environment": page.brief.environment, "release": page.brief.release,
        "started_at": page.brief.started_at, "waits_for": page.brief.waits_for, "fingerprints": page.fingerprints,
        "has_changed_fingerprint": page.has_changed_fingerprint, "evidence_root": page.evidence_root,
        "signatures": page.signatures, "sections": page.sections, "expected": page.expected,
        "business_days": page.business_days, "form": page.form, "deployments": page.deployments,
        "first_hour": page.first_hour,
    });
    if let Value::Object(fields) = &mut document {
        let items = page.items.iter().map(|item| row(item, &evidence)).collect();
        fields.insert("items".to_owned(), Value::Array(items));
        fields.insert("progress".to_owned(), progress(&page));
    }
    output.answer(&document, |text| told(text, &page));
    Ok(Verdict::Good)
}

fn row(item: &ItemView, evidence: &BTreeMap<ItemId, Vec<EvidenceView>>) -> Value {
    json!({
        "id": item.id, "text": item.text, "section": item.section.join(" / "), "parent": item.parent,
        "kind": item.kind, "strength": item.strength, "state": item.state, "state_text": item.state_text,
        "is_complete": item.is_complete, "counts": item.counts, "probe": item.probe,
        "evidence": evidence.get(&item.id).map(Vec::as_slice).unwrap_or_default(),
        "checked_at": item.checked_at, "fresh_until": item.fresh_until, "needs": item.needs,
    })
}

fn progress(page: &RunPage) -> Value {
    let states: Map<String, Value> =
        page.progress.iter().map(|state| (state.state.clone(), json!(state.count))).collect();
    json!({ "total": page.brief.total, "complete": page.brief.complete, "states": states })
}

fn told(text: &mut Text, page: &RunPage) {
    let brief = &page.brief;
    text.line(format!("{}  {} on {}", brief.run, brief.name, brief.environment));
    let states: Vec<String> =
        page.progress.iter().map(|state| format!("{} {}", state.count, state.state.replace('_', " "))).collect();
    text.line(format!("{} of {} complete: {}", brief.complete, brief.total, states.join(", ")));
    if !brief.waits_for.is_empty() {
        text.line(format!("Waits for: {}", brief.waits_for));
    }
    if page.has_changed_fingerprint {
        text.line("! What is connected is not what the run pinned: what rests on it is stale.");
    }
    for deployment in page.deployments.iter().filter(|one| !one.against.is_empty()) {
        text.line(format!("! {}", deployment.against));
    }
    if let Some(hour) = &page.first_hour {
        let (all, failed) = (hour.minutes.len(), hour.minutes.iter().filter(|one| one.word == "fail").count());
        text.line(format!("First hour: {} of {all} minutes seen, {} missed, {failed} failed", hour.seen, hour.missed));
    }
    for field in page.form.iter().filter(|field| field.item.is_none() && !field.value.is_empty()) {
        text.line(format!("{}: {}", field.label, field.value));
    }
    text.gap();
    let columns = [("item", Align::Left), ("state", Align::Left), ("kind", Align::Left), ("text", Align::Left)];
    let cells =
        |item: &ItemView| vec![item.id.to_string(), item.state.replace('_', " "), item.kind.clone(), item.text.clone()];
    text.table(&columns, &page.items.iter().map(cells).collect::<Vec<_>>());
    text.gap();
    let columns = [("role", Align::Left), ("group", Align::Left), ("scope", Align::Left), ("standing", Align::Left)];
    let cells = |slot: &runs::SignatureSlot| {
        let standing = if slot.waits_for.is_empty() {
            format!("{} by {}, entry {}", slot.state, slot.by.clone().unwrap_or_default(), slot.seq.unwrap_or_default())
        } else {
            slot.waits_for.clone()
        };
        let expected = if slot.expected.is_empty() { String::new() } else { format!(" Expected: {}.", slot.expected) };
        let standing = standing + &expected;
        vec![slot.role.clone(), slot.group.clone(), slot.scope.clone(), standing]
    };
    text.table(&columns, &page.signatures.iter().map(cells).collect::<Vec<_>>());
}

/// Shows what checks came to; the answer is only yes where every one of them is decided.
///
/// **Shape**: one document, also where the checks were stopped: a failure behind it would be a second one.
pub async fn checked(
    app: &App,
    run: &RunId,
    (checked, is_cancelled): (&[Checked], bool),
    output: Output,
) -> Result<Verdict, Failure> {
    let page = runs::page(app, RunRequest { run: run.clone() }).await?;
    let items: Vec<Value> = checked.iter().map(answer).collect();
    let document = json!({ "run": run, "items": items, "progress": progress(&page), "cancelled": is_cancelled });
    output.answer(&document, |text| {
        let columns = [("item", Align::Left), ("outcome", Align::Left), ("found", Align::Left)];
        let cells = |checked: &Checked| {
            let (word, reason) = words(checked.answer.outcome);
            let word = reason.map_or_else(|| word.to_owned(), |reason| format!("{word} ({reason})"));
            vec![checked.item.to_string(), word, checked.answer.seen.found().to_owned()]
        };
        text.table(&columns, &checked.iter().map(cells).collect::<Vec<_>>());
        text.gap();
        text.line(format!("{} of {} complete", page.brief.complete, page.brief.total));
        if is_cancelled {
            text.line("Stopped. What was answered is written down.");
        }
    });
    Ok(Verdict::of_checks(checked.iter().map(|checked| checked.answer.outcome)).or_stopped(is_cancelled))
}

/// One line's answer as the documents show it.
pub fn answer(checked: &Checked) -> Value {
    let (word, reason) = words(checked.answer.outcome);
    let (expected, fix) = match &checked.answer.seen {
        Seen::Check(result) => (result.verdict.expected.as_str(), result.verdict.fix.as_str()),
        Seen::Metric(..) => (checked.expected.as_str(), ""),
    };
    json!({
        "id": checked.item, "outcome": word, "reason": reason, "expected": expected,
        "found": checked.answer.seen.found(), "fix": fix, "evidence": checked.answer.evidence,
    })
}

/// Shows one line.
pub fn item(page: &ItemPage, output: Output) {
    shown(page, line(page), output);
}

/// Shows a line to which a file was attached, with what was to be known before that.
pub fn attached(page: &ItemPage, remarks: &[String], output: Output) {
    let mut document = line(page);
    document.insert("remarks".to_owned(), json!(remarks));
    shown(page, document, output);
}

fn line(page: &ItemPage) -> Map<String, Value> {
    let view = &page.view;
    let document = json!({
        "id": view.id, "text": view.text, "section": view.section.join(" / "), "kind": view.kind,
        "state": view.state, "state_text": view.state_text, "is_complete": view.is_complete,
        "probe": view.probe, "evidence": page.evidence, "notes": page.notes, "acts": page.acts,
        "fresh_until": view.fresh_until, "needs": view.needs,
    });
    match document {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn shown(page: &ItemPage, document: Map<String, Value>, output: Output) {
    let view = &page.view;
    output.answer(&document, |text| {
        text.line(format!("{}  {}", view.id, view.text));
        text.line(format!("{}: {}", view.state.replace('_', " "), view.state_text));
        for note in &page.notes {
            text.line(format!("note of {}: {}", note.by, note.text));
        }
    });
}
