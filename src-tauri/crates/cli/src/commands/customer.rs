//! `customer show`: the customer's page as text, masked like the page.

use countersign_app::App;
use countersign_app::customers::{self, CustomerPage, CustomerRequest};
use countersign_app::domain::Instant;
use countersign_app::domain::failure::Failure;
use countersign_app::domain::money::Money;

use crate::arguments::Customer;
use crate::exit::Verdict;
use crate::output::{Align, Output, Text};
use crate::session;

/// Entries of the story that are printed; the document holds all.
const STORY_LINES: usize = 40;

pub async fn run(app: &App, command: Customer, output: Output) -> Result<Verdict, Failure> {
    let Customer::Show { id, environment } = command;
    let environment = session::environment(app, &environment).await?;
    let request = CustomerRequest { environment, customer: id.trim().into() };
    let answer = app.asked("customer", customers::page(app, request)).await?;
    output.answer(&answer, |text| {
        let view = &answer.view;
        text.line(&view.sentence);
        text.gap();
        identity(text, view);
        subscriptions(text, view);
        invoices(text, view);
        story(text, view);
        comparison(text, view);
    });
    Ok(Verdict::Good)
}

fn identity(text: &mut Text, view: &CustomerPage) {
    let facts = [
        ("id", view.row.id.to_string()),
        ("name", view.row.name.shown.clone()),
        ("e-mail", view.row.email.shown.clone()),
        ("phone", view.phone.shown.clone()),
        ("user", view.user.as_ref().map(|user| user.shown.clone()).unwrap_or_default()),
        ("country", view.row.country.clone().unwrap_or_default()),
        ("status", view.row.status.clone()),
        ("MRR", sums(&view.row.mrr)),
        ("open", sums(&view.row.open_balance)),
        ("balance", view.balance.map(|money| money.to_string()).unwrap_or_default()),
        ("since", day(view.row.since)),
        ("database", view.row.database.clone()),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        text.line(format!("{name:<10}{value}"));
    }
}

fn subscriptions(text: &mut Text, view: &CustomerPage) {
    let columns = [
        ("subscription", Align::Left),
        ("plan", Align::Left),
        ("Stripe", Align::Left),
        ("database", Align::Left),
        ("verdict", Align::Left),
        ("MRR", Align::Right),
        ("until", Align::Left),
    ];
    let rows = view.subscriptions.iter().map(|one| {
        vec![
            one.id.to_string(),
            format!("{} {}", one.plan, one.interval),
            one.status.clone(),
            one.database_status.clone().unwrap_or_else(|| "–".to_owned()),
            one.verdict.clone(),
            one.mrr.to_string(),
            day(one.ends_at.or(one.period_end_at)),
        ]
    });
    text.gap();
    text.table(&columns, &rows.collect::<Vec<_>>());
}

fn invoices(text: &mut Text, view: &CustomerPage) {
    let columns = [
        ("invoice", Align::Left),
        ("created", Align::Left),
        ("status", Align::Left),
        ("verdict", Align::Left),
        ("total", Align::Right),
        ("to pay", Align::Right),
        ("attempts", Align::Right),
        ("why", Align::Left),
    ];
    let rows = view.invoices.iter().map(|one| {
        vec![
            one.number.clone().unwrap_or_else(|| "draft".to_owned()),
            day(Some(one.created_at)),
            one.status.clone(),
            one.verdict.clone(),
            one.total.to_string(),
            one.remaining.to_string(),
            one.attempts.to_string(),
            one.reason.clone(),
        ]
    });
    text.gap();
    text.table(&columns, &rows.collect::<Vec<_>>());
}

fn story(text: &mut Text, view: &CustomerPage) {
    text.gap();
    for entry in view.timeline.iter().take(STORY_LINES) {
        let mark = match entry.tone.as_str() {
            "fail" => "!",
            "warn" => "~",
            _ => " ",
        };
        let detail = if entry.detail.is_empty() { String::new() } else { format!(" · {}", entry.detail) };
        text.line(format!("{} {mark} {:<12} {}{detail}", entry.at.format("%Y-%m-%d %H:%M"), entry.kind, entry.title));
    }
    if view.timeline.len() > STORY_LINES {
        text.line(format!("… and {} earlier", view.timeline.len() - STORY_LINES));
    }
}

fn comparison(text: &mut Text, view: &CustomerPage) {
    let columns = [
        ("record", Align::Left),
        ("field", Align::Left),
        ("Stripe", Align::Left),
        ("database", Align::Left),
        ("verdict", Align::Left),
    ];
    let rows = view.comparison.iter().map(|field| {
        vec![
            field.record.clone(),
            field.field.clone(),
            field.stripe.clone(),
            field.database.clone(),
            field.verdict.clone(),
        ]
    });
    text.gap();
    text.table(&columns, &rows.collect::<Vec<_>>());
}

fn sums(sums: &[Money]) -> String {
    sums.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ")
}

fn day(at: Option<Instant>) -> String {
    at.map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
}
