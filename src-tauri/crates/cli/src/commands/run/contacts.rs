//! `run contact`, `run contacts`: who is to be reached.

use std::path::Path;

use countersign_app::checklists::contacts::{self, Contact, Contacts, ContactsRequest, SetContact, TakeContacts};
use countersign_app::checklists::runs;
use countersign_app::domain::failure::{Code, Failure};
use countersign_app::domain::ids::RunId;
use countersign_app::failure::told;
use countersign_app::settings::operators;
use countersign_app::{App, clock, files};
use serde_json::json;

use super::acts::meant;
use super::{TOPICS, show};
use crate::arguments::RunItem;
use crate::exit::Verdict;
use crate::output::{Align, Output};

pub async fn set(app: &App, named: RunItem, file: &Path, output: Output) -> Result<Verdict, Failure> {
    let what = format!("Could not read {}", files::tilde(file));
    let card = serde_json::from_slice(&files::read(file).await?);
    let card = card.map_err(|error| told(Code::ImportSyntax, what, error.to_string()))?;
    let (id, run, item, operator) = meant(app, named).await?;
    let request = SetContact { run, item, operator, card };
    show::item(&app.acted("contact_set", TOPICS, contacts::set_contact(app, id, request)).await?, output);
    Ok(Verdict::Good)
}

/// Prints who is to be reached, for a wall or a binder.
pub async fn list(app: &App, run: &str, output: Output) -> Result<Verdict, Failure> {
    let run = runs::find(app, run).await?;
    let answer = app.asked("contacts", contacts::contacts(app, ContactsRequest { run: run.clone() })).await?;
    show(&run, &answer, output);
    Ok(Verdict::Good)
}

/// Fills the empty cards from another run.
pub async fn take(app: &App, (run, from): (&str, &str), operator: &str, output: Output) -> Result<Verdict, Failure> {
    let (run, from) = (runs::find(app, run).await?, runs::find(app, from).await?);
    let request = TakeContacts { run: run.clone(), from, operator: operators::find(app, operator).await? };
    let answer = app.acted("contacts_take", TOPICS, contacts::take(app, clock::name(), request)).await?;
    show(&run, &answer, output);
    Ok(Verdict::Good)
}

fn show(run: &RunId, answer: &Contacts, output: Output) {
    output.answer(&json!({ "run": run, "contacts": answer.contacts }), |text| {
        let columns = [
            ("contact", Align::Left),
            ("person", Align::Left),
            ("reach", Align::Left),
            ("hours", Align::Left),
            ("instead", Align::Left),
            ("lacks", Align::Left),
        ];
        let cells = |contact: &Contact| {
            let card = contact.card.clone().unwrap_or_default();
            let ways = [card.phone, card.mail, card.chat].into_iter().filter(|way| !way.is_empty());
            let reach = ways.chain([contact.given.clone()].into_iter().filter(|given| !given.is_empty()));
            let lacks = contact.missing.join(", ");
            let reach = reach.collect::<Vec<_>>().join(" · ");
            vec![contact.text.clone(), card.person, reach, card.hours, card.backup, lacks]
        };
        text.table(&columns, &answer.contacts.iter().map(cells).collect::<Vec<_>>());
        if let Some(earlier) = &answer.earlier {
            let (count, name, run) = (earlier.count, &earlier.name, &earlier.run);
            text.gap();
            text.line(format!("{count} of them are filled in for {name}: `run contacts RUN --take-from {run}`."));
        }
    });
}
