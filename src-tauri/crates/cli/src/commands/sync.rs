//! `sync`: the whole refresh of an environment, with progress, stopped by Ctrl+C without losing what is complete.

use std::num::NonZeroU32;

use countersign_app::domain::failure::{Code, Failure};
use countersign_app::jobs::refresh;
use countersign_app::jobs::sync::Options;
use countersign_app::{App, failure};
use serde_json::{Value, json};

use crate::arguments::Sync;
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::{progress, session};

pub async fn run(app: &App, command: Sync, output: Output) -> Result<Verdict, Failure> {
    let per_second = match command.rate {
        None => None,
        Some(rate) => {
            Some(NonZeroU32::new(rate).ok_or_else(|| failure::invalid("--rate", "a number above 0 is expected"))?)
        }
    };
    let environment = session::environment(app, &command.environment).await?;
    let (environment, job) = refresh::begin(app, &environment).await?;
    if environment.stripe.is_none() && environment.database.is_none() {
        let why = "connect Stripe or the billing database first";
        return Err(failure::told(Code::StateConflict, format!("There is nothing to read in {}", environment.id), why));
    }
    let options = Options { is_full: command.full, per_second };
    let done = progress::watched(output, &job, refresh::run(app, &environment, options, &job)).await;
    if let Some(failure) = done.failure() {
        return Err(failure.clone());
    }
    let is_cancelled = job.cancel_token().is_cancelled();
    let mut document = match &done.stripe {
        Some(Ok(report)) => serde_json::to_value(report).unwrap_or_default(),
        _ => json!({}),
    };
    if let Value::Object(fields) = &mut document {
        fields.insert("billing_rows".to_owned(), json!(done.rows.as_ref().and_then(|rows| rows.as_ref().ok())));
        fields.insert("computed_customers".to_owned(), json!(done.computed));
        fields.insert("cancelled".to_owned(), json!(is_cancelled));
    }
    output.answer(&document, |text| {
        if let Some(Ok(report)) = &done.stripe {
            let rows = report.objects.iter().map(|(kind, count)| {
                let read = report.read.get(kind).copied().unwrap_or(0);
                vec![kind.to_string(), count.to_string(), read.to_string()]
            });
            let columns = [("kind", Align::Left), ("objects", Align::Right), ("read now", Align::Right)];
            text.table(&columns, &rows.collect::<Vec<_>>());
            text.gap();
            text.line(format!(
                "{} requests ({} repeated), {} pages, {:.1} s{}",
                report.requests,
                report.retries,
                report.pages,
                report.seconds,
                if report.resumed { ", continued where the last one stopped" } else { "" },
            ));
            for (kind, says) in &report.not_permitted {
                text.line(format!("! not permitted: {kind} ({says})"));
            }
            for unread in &report.unread {
                text.line(format!("! not understood: {} {} ({})", unread.kind, unread.id, unread.says));
            }
        }
        if let Some(Ok(rows)) = &done.rows {
            text.line(format!("{rows} rows of the billing database"));
        }
        text.line(format!("{} customers computed", done.computed));
        if is_cancelled {
            text.line("Stopped. What is complete is kept; the next sync continues.");
        }
    });
    // The document was written; a failure would be a second one.
    Ok(Verdict::Good.or_stopped(is_cancelled))
}
