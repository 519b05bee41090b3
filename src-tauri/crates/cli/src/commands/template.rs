//! `template import`, `list`, `show`, `compare`, `duplicate` and `export`.

use std::path::Path;

use countersign_app::checklists::drafts::{self, DuplicateTemplate};
use countersign_app::checklists::import::{self, ImportTemplate, PreviewTemplate};
use countersign_app::checklists::templates::{
    self, KindCount, Problem, TemplateRequest, TemplateRow, TemplatesRequest,
};
use countersign_app::checklists::versions::{self, CompareTemplates, ExportTemplate};
use countersign_app::domain::checklist::row::Row;
use countersign_app::domain::checklist::template::Template as Checklist;
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::failure::told;
use countersign_app::{App, bus::Topic, clock, files};
use serde_json::{Map, Value, json};

use super::run::course::differences;
use crate::arguments::Template;
use crate::exit::Verdict;
use crate::output::{Align, Output, Text};

const TOPICS: &[Topic] = &[Topic::Checklists, Topic::Ledger];

pub async fn run(app: &App, command: Template, output: Output) -> Result<Verdict, Failure> {
    match command {
        Template::Import { file, name, preview } => {
            let bytes = files::read(&file).await?;
            let markdown = String::from_utf8(bytes).map_err(|error| {
                let why = format!("byte {} is not UTF-8", error.utf8_error().valid_up_to());
                told(Code::ImportEncoding, format!("Could not read {}", files::tilde(&file)), why)
            })?;
            let of = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let read = PreviewTemplate { markdown, name: name.unwrap_or_default(), file: of };
            import(app, read, preview, output).await
        }
        Template::List => list(app, output).await,
        Template::Show { template } => show(app, &template, None, output).await,
        Template::Compare { template, from, to } => compare(app, &template, (from, to), output).await,
        Template::Duplicate { template, name } => {
            let template = templates::find(app, &template).await?.template.id.clone();
            let request = DuplicateTemplate { template, version: 0, name };
            let work = drafts::duplicate(app, clock::name(), request);
            let kept = app.acted("template_duplicate", TOPICS, work).await?;
            show(app, kept.brief.id.as_str(), None, output).await
        }
        Template::Export { template, version, out } => export(app, &template, version, &out, output).await,
    }
}

async fn compare(app: &App, name: &str, (from, to): (u32, u32), output: Output) -> Result<Verdict, Failure> {
    let template = templates::find(app, name).await?.template.id.clone();
    let work = versions::compare(app, CompareTemplates { template, from, to });
    let compared = app.asked("template_compare", work).await?;
    let document = json!({
        "template": compared.after.id, "from": compared.before.version, "to": compared.after.version,
        "same": compared.same, "changes": compared.changes,
    });
    output.answer(&document, |text| {
        let (before, after) = (&compared.before, &compared.after);
        text.line(format!("{}, version {} to version {}", after.name, before.version, after.version));
        text.line(format!("{} lines differ, {} are the same", compared.changes.len(), compared.same));
        text.gap();
        differences(text, &compared.phases, &compared.changes);
    });
    Ok(Verdict::Good)
}

async fn export(app: &App, name: &str, version: u32, out: &Path, output: Output) -> Result<Verdict, Failure> {
    let template = templates::find(app, name).await?.template.id.clone();
    let file = app.files().keep_for_writing(out).handle;
    let work = versions::export(app, clock::name(), ExportTemplate { template, version, file });
    let written = app.acted("template_export", &[Topic::Ledger], work).await?;
    let path = out.display().to_string();
    let file = json!({ "path": path, "sha256": written.sha256, "bytes": written.bytes });
    output.answer(&json!({ "files": [file] }), |text| text.line(format!("{}  {path}", written.sha256)));
    Ok(Verdict::Good)
}

async fn import(app: &App, request: PreviewTemplate, preview: bool, output: Output) -> Result<Verdict, Failure> {
    let understood = import::understood(app, &request).await?;
    let read = import::preview(app, request.clone()).await?;
    if !preview {
        let PreviewTemplate { markdown, name, file } = request;
        let request = ImportTemplate { markdown, name, file, decisions: Vec::new() };
        let work = import::import(app, clock::name(), request);
        let kept = app.acted("template_import", TOPICS, work).await?;
        return show(app, kept.brief.id.as_str(), Some(read.problems), output).await;
    }
    let document = json!({
        "name": read.name, "rows": rows(&understood.template, &read.rows), "counts": counts(&read.counts),
        "problems": read.problems, "can_import": read.can_import,
    });
    output.answer(&document, |text| page(text, &read.name, (&understood.template, &read.rows, &read.problems)));
    Ok(Verdict::of(read.can_import))
}

/// Shows a template with what is odd about it, or about the file it was just read from.
async fn show(app: &App, name: &str, of_file: Option<Vec<Problem>>, output: Output) -> Result<Verdict, Failure> {
    let kept = templates::find(app, name).await?;
    let template = &kept.template;
    let request = TemplateRequest { template: template.id.clone(), version: template.version };
    let read = app.asked("template", templates::page(app, request)).await?;
    let problems = of_file.unwrap_or(read.problems);
    let document = json!({
        "template": template.id, "version": template.version, "name": template.name, "hash": kept.hash,
        "source": read.brief.source, "rows": rows(template, &read.rows), "counts": counts(&read.brief.counts),
        "problems": problems, "versions": read.versions,
    });
    let title = format!("{} ({} version {}, {})", template.name, template.id, template.version, read.brief.hash);
    output.answer(&document, |text| page(text, &title, (template, &read.rows, &problems)));
    Ok(Verdict::Good)
}

async fn list(app: &App, output: Output) -> Result<Verdict, Failure> {
    let answer = app.asked("templates", templates::list(app, TemplatesRequest {})).await?;
    let rows: Vec<Value> = answer
        .templates
        .iter()
        .map(|brief| {
            json!({
                "template": brief.id, "name": brief.name, "version": brief.version, "source": brief.source,
                "rows": brief.rows, "counts": counts(&brief.counts), "hash": brief.hash, "saved_at": brief.saved_at,
                "used_at": brief.used_at,
            })
        })
        .collect();
    output.answer(&json!({ "templates": rows }), |text| {
        let columns = [
            ("template", Align::Left),
            ("version", Align::Right),
            ("rows", Align::Right),
            ("source", Align::Left),
            ("name", Align::Left),
        ];
        let cells = |brief: &templates::TemplateBrief| {
            let (version, rows) = (brief.version.to_string(), brief.rows.to_string());
            vec![brief.id.to_string(), version, rows, brief.source.replace('_', " "), brief.name.clone()]
        };
        text.table(&columns, &answer.templates.iter().map(cells).collect::<Vec<_>>());
    });
    Ok(Verdict::Good)
}

fn counts(counts: &[KindCount]) -> Map<String, Value> {
    counts.iter().map(|count| (count.kind.clone(), json!(count.count))).collect()
}

fn rows(template: &Checklist, rows: &[TemplateRow]) -> Vec<Value> {
    let row = |(row, view): (&Row, &TemplateRow)| {
        json!({
            "id": view.id, "line": view.line, "section": row.section_path(), "text": row.coverage_label(),
            "kind": view.kind, "parent": view.parent, "probe": view.probe, "is_suggested": view.is_suggested,
            "rule": view.rule, "limit": view.limit, "strength": view.strength, "may_be_na": view.may_be_na,
            "freshness": view.freshness,
        })
    };
    template.rows.iter().zip(rows).map(row).collect()
}

fn page(text: &mut Text, title: &str, (template, rows, problems): (&Checklist, &[TemplateRow], &[Problem])) {
    text.line(title);
    text.gap();
    let columns = [("line", Align::Right), ("kind", Align::Left), ("decided by", Align::Left), ("text", Align::Left)];
    let cells = |(row, view): (&Row, &TemplateRow)| {
        let probe = view.probe.clone().unwrap_or_default();
        let probe = if view.is_suggested { format!("{probe} (suggested)") } else { probe };
        vec![view.line.to_string(), view.kind.clone(), probe, row.coverage_label()]
    };
    text.table(&columns, &template.rows.iter().zip(rows).map(cells).collect::<Vec<_>>());
    text.gap();
    let kinds = template.counts().into_iter().map(|(kind, count)| format!("{count} {kind}"));
    text.line(format!("{} rows: {}", rows.len(), kinds.collect::<Vec<_>>().join(", ")));
    for problem in problems {
        let place = if problem.line == 0 { "file".to_owned() } else { format!("line {}", problem.line) };
        text.line(format!("{}: {place}: {}", problem.severity, problem.text));
    }
}
