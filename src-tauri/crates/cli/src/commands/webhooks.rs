//! `webhooks`: endpoints, how far events came, and those that were not delivered or left no row.

use std::collections::BTreeMap;

use countersign_app::App;
use countersign_app::answer::Window;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::EnvironmentId;
use countersign_app::failure::invalid;
use countersign_app::webhooks::{self, EventRow, EventsRequest, WebhooksRequest};
use serde_json::json;

use crate::arguments::Webhooks;
use crate::exit::Verdict;
use crate::output::{self, Align, Output, Text};
use crate::session;

/// Events of each fault that are listed.
const EVENTS_MAX: u32 = 200;

pub async fn run(app: &App, command: Webhooks, output: Output) -> Result<Verdict, Failure> {
    let days = days(&command.window)?;
    let environment = session::environment(app, &command.environment).await?;
    let request = WebhooksRequest { environment: environment.clone(), days, width: 0 };
    let answer = app.asked("webhooks", webhooks::view(app, request)).await?;
    let mut events = Vec::new();
    for (delivery, row) in [("pending", ""), ("", "missing"), ("", "duplicate")] {
        events.extend(faulty(app, &environment, days, (delivery, row)).await?);
    }
    let view = &answer.view;
    let funnel: BTreeMap<&str, Option<u64>> = view.funnel.iter().map(|step| (step.word.as_str(), step.count)).collect();
    let reasons: BTreeMap<&str, &str> =
        view.funnel.iter().filter_map(|step| Some((step.word.as_str(), step.reason.as_deref()?))).collect();
    let document = json!({
        "endpoints": view.endpoints, "funnel": funnel, "reasons": reasons, "figures": view.figures,
        "causes": view.causes, "events": events, "from": view.from, "to": view.to,
        "last_event_at": view.last_event_at, "sources": answer.sources,
    });
    output.answer(&document, |text| {
        endpoints(text, view);
        steps(text, view);
        causes(text, view);
        listed(text, &events);
    });
    Ok(Verdict::Good)
}

/// Reads a window of time: `24h`, `30d`; hours are rounded up to days.
fn days(window: &str) -> Result<u16, Failure> {
    let refused = || invalid("--window", "write hours or days, for example 24h or 30d; 400d at most");
    let (number, unit) = window.trim().split_at_checked(window.trim().len().saturating_sub(1)).ok_or_else(refused)?;
    let number: u16 = number.parse().map_err(|_| refused())?;
    let days = match unit {
        "h" => number.div_ceil(24),
        "d" => number,
        _ => return Err(refused()),
    };
    if (1..=400).contains(&days) { Ok(days) } else { Err(refused()) }
}

async fn faulty(
    app: &App,
    environment: &EnvironmentId,
    days: u16,
    (delivery, row): (&str, &str),
) -> Result<Vec<EventRow>, Failure> {
    let request = EventsRequest {
        environment: environment.clone(),
        days,
        delivery: delivery.to_owned(),
        row: row.to_owned(),
        kind: String::new(),
        window: Window { take: EVENTS_MAX, ..Window::default() },
    };
    Ok(app.asked("events", webhooks::events(app, request)).await?.view.rows)
}

fn endpoints(text: &mut Text, view: &webhooks::Webhooks) {
    let columns = [
        ("endpoint", Align::Left),
        ("status", Align::Left),
        ("mode", Align::Left),
        ("version", Align::Left),
        ("types", Align::Right),
    ];
    let rows = view.endpoints.iter().map(|one| {
        let types = if one.selects_all { "all".to_owned() } else { one.selected.to_string() };
        vec![one.url.clone(), one.status.clone(), one.mode.clone(), one.api_version.clone(), types]
    });
    text.table(&columns, &rows.collect::<Vec<_>>());
    for one in &view.endpoints {
        for problem in &one.problems {
            text.line(format!("! {}: {problem}", one.url));
        }
        if !one.missing.is_empty() {
            text.line(format!("! {}: not selected: {}", one.url, one.missing.join(", ")));
        }
        if !one.extra.is_empty() {
            text.line(format!("  {}: nobody expects: {}", one.url, one.extra.join(", ")));
        }
    }
}

fn steps(text: &mut Text, view: &webhooks::Webhooks) {
    text.gap();
    let rows = view.funnel.iter().map(|step| {
        let count = step.count.map_or_else(|| "–".to_owned(), |count| count.to_string());
        vec![step.name.clone(), count, step.reason.clone().unwrap_or_default()]
    });
    text.table(&[("step", Align::Left), ("events", Align::Right), ("", Align::Left)], &rows.collect::<Vec<_>>());
    text.gap();
    for figure in &view.figures {
        let value = output::value(&figure.value);
        let limit = figure.limit.as_ref().map(|limit| format!(" (limit {})", limit.text)).unwrap_or_default();
        text.line(format!("{}: {value}{limit}", figure.name));
    }
}

fn causes(text: &mut Text, view: &webhooks::Webhooks) {
    text.gap();
    for cause in &view.causes {
        let since = cause.since.map(|at| format!(", since {}", at.format("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
        text.line(format!("{:>6}  {}{since}", cause.count, cause.title));
        text.line(format!("        {}", cause.detail));
    }
    if view.causes.is_empty() {
        text.line("Nothing went wrong in this window.");
    }
}

fn listed(text: &mut Text, events: &[EventRow]) {
    if events.is_empty() {
        return;
    }
    let columns = [
        ("event", Align::Left),
        ("type", Align::Left),
        ("created", Align::Left),
        ("delivery", Align::Left),
        ("row", Align::Left),
        ("object", Align::Left),
    ];
    let rows = events.iter().map(|one| {
        let created = one.created_at.format("%Y-%m-%d %H:%M:%S").to_string();
        vec![one.id.to_string(), one.kind.clone(), created, one.delivery.clone(), one.row.clone(), one.object.clone()]
    });
    text.gap();
    text.table(&columns, &rows.collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_hours_or_days() {
        let read: Vec<Option<u16>> = ["24h", "30d", "1h", "400d", "401d", "0d", "d", "", "7", "-1d", "1é", "9999999h"]
            .map(|text| days(text).ok())
            .to_vec();
        let expected = [Some(1), Some(30), Some(1), Some(400), None, None, None, None, None, None, None, None];
        assert_eq!(read, expected);
    }
}
