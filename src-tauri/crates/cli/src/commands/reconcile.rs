//! `reconcile`: Stripe against the billing database, one scope at a time.

use countersign_app::App;
use countersign_app::answer::{SourceState, Standing};
use countersign_app::domain::failure::Failure;
use countersign_app::domain::money::Money;
use countersign_app::reconcile::{self, ReconcileRequest, Reconciliation};
use serde_json::{Value, json};

use crate::arguments::Reconcile;
use crate::exit::Verdict;
use crate::output::{Align, Output, Text};
use crate::session;

/// Findings that are listed as text; the JSON answer has them all.
const LISTED_MAX: usize = 200;

pub async fn run(app: &App, command: Reconcile, output: Output) -> Result<Verdict, Failure> {
    let environment = session::environment(app, &command.environment).await?;
    let request = ReconcileRequest { environment, scope: command.scope, from: command.from, to: command.to };
    let answer = app.asked("reconcile", reconcile::reconcile(app, request)).await?;
    let unknown: Vec<String> = answer.sources.iter().filter_map(unread).collect();
    let mut document = json!(answer.view);
    if let Value::Object(fields) = &mut document {
        fields.insert("complete".to_owned(), json!(unknown.is_empty()));
        fields.insert("sources".to_owned(), json!(answer.sources));
    }
    output.answer(&document, |text| {
        summary(text, &answer.view);
        unknown.iter().for_each(|why| text.line(format!("! {why}")));
        groups(text, &answer.view);
        findings(text, &answer.view);
    });
    // What was not read whole proves nothing.
    Ok(Verdict::of(answer.view.findings.is_empty() && unknown.is_empty()))
}

/// Says what keeps a source from being known whole.
fn unread(standing: &Standing) -> Option<String> {
    let name = standing.source.as_ref();
    match &standing.state {
        SourceState::Ready => None,
        SourceState::Partial { .. } => {
            Some(format!("{name} was not read whole yet: what agrees so far proves nothing"))
        }
        SourceState::Failed { failure, .. } => Some(format!("{name}: the newest read failed: {}", failure.what)),
        SourceState::NeverRead => Some(format!("{name} was never read")),
        SourceState::NotConnected => Some(format!("{name} is not connected")),
        SourceState::NotPermitted { permission } => Some(format!("{name}: the key lacks {permission}")),
    }
}

fn summary(text: &mut Text, view: &Reconciliation) {
    let day = |at: countersign_app::domain::Instant| at.format("%Y-%m-%d %H:%M UTC").to_string();
    let from = if view.from.timestamp() == 0 { "the first".to_owned() } else { day(view.from) };
    text.line(format!("{} from {from} until {}", view.scope.as_ref(), day(view.to)));
    let mut line = format!("{} compared, {} equal, {} findings", view.compared, view.equal, view.findings.len());
    for (count, what) in [(view.awaited, "too young"), (view.not_comparable, "not comparable")] {
        if count > 0 {
            line.push_str(&format!(", {count} {what}"));
        }
    }
    if let Some(rate) = &view.match_rate {
        line.push_str(&format!("; match rate {} %", rate.pct()));
    }
    text.line(line);
    if !view.totals.is_empty() {
        let columns = [("stripe", Align::Right), ("database", Align::Right), ("difference", Align::Right)];
        let row =
            |total: &reconcile::Total| [total.stripe, total.database, total.difference].map(|sum| sum.to_string());
        text.gap();
        text.table(&columns, &view.totals.iter().map(|total| row(total).to_vec()).collect::<Vec<_>>());
    }
}

fn groups(text: &mut Text, view: &Reconciliation) {
    for group in &view.groups {
        let money: Vec<String> = group.differences.iter().map(Money::to_string).collect();
        let money = if money.is_empty() { String::new() } else { format!(", {}", money.join(" and ")) };
        let since = group.oldest.map(|at| format!(", since {}", at.format("%Y-%m-%d"))).unwrap_or_default();
        text.gap();
        text.line(format!("{:>6}  {} ({}){money}{since}", group.count, group.name, group.kind));
        text.line(format!("        {}", group.explanation));
    }
}

fn findings(text: &mut Text, view: &Reconciliation) {
    if view.findings.is_empty() {
        return;
    }
    let columns = [
        ("finding", Align::Left),
        ("id", Align::Left),
        ("what", Align::Left),
        ("stripe", Align::Right),
        ("database", Align::Right),
        ("at", Align::Left),
    ];
    let none = || "–".to_owned();
    let rows = view.findings.iter().take(LISTED_MAX).map(|one| {
        let at = one.at.map_or_else(none, |at| at.format("%Y-%m-%d %H:%M").to_string());
        let (stripe, database) = (one.stripe.clone().unwrap_or_else(none), one.database.clone().unwrap_or_else(none));
        vec![one.kind.to_owned(), one.id.clone(), one.field.clone(), stripe, database, at]
    });
    text.gap();
    text.table(&columns, &rows.collect::<Vec<_>>());
    if view.findings.len() > LISTED_MAX {
        text.line(format!("{LISTED_MAX} of {} are listed; --json has them all.", view.findings.len()));
    }
}
