//! What the demo gets for its pictures besides its own run: a list of its own in two versions, and an earlier release that
//! some users see already. Made through the same use cases as by hand.

use std::time::Duration;

use countersign_domain::checklist::contacts::Card;
use countersign_domain::checklist::revise::RowDraft;
use countersign_domain::checklist::row::Kind;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, OperatorId, RunId, TemplateId};
use countersign_sources::secret::Secret;

use crate::app::App;
use crate::checklists::contacts::{self, ContactsRequest, SetContact};
use crate::checklists::course::{self, RecordDeployment};
use crate::checklists::drafts::{self, DraftTemplate, DuplicateTemplate, EditTemplate};
use crate::checklists::gates::{self, OpenGate, OverrideGate};
use crate::checklists::runs::{self, StartRun};
use crate::checklists::schedule::{self, DoOccurrence, ScheduleRequest};
use crate::settings::operators::{self, AddOperator};
use crate::{checks, clock, demo};

/// The list it is copied from, and the release that went out before.
const TEMPLATE: &str = "devflowhub-rollout";
const RELEASE: &str = "v0.9.0";
/// Where in the list a line is changed, taken away and added.
const CHANGED: [usize; 3] = [0, 3, 5];
/// How long the first users are watched in the list it is copied from.
const SOAK_HOURS: u32 = 24;

/// Makes all of it.
///
/// **Errors**: those of the use cases.
pub async fn make(app: &App) -> Result<(), Failure> {
    let dana = demo::operator(app).await?;
    let ana = second(app).await?;
    let request = DuplicateTemplate {
        template: TemplateId::from(TEMPLATE),
        version: 0,
        name: "DevFlowHub rollout, our way".to_owned(),
    };
    let template = drafts::duplicate(app, clock::name(), request).await?.brief.id;
    let request = StartRun {
        template: template.clone(),
        environment: EnvironmentId::from(demo::ENVIRONMENT),
        release: RELEASE.to_owned(),
        owner: Some(dana.clone()),
        people: Vec::new(),
        business_days: false,
    };
    let run = runs::start(app, clock::name(), request).await?.brief.run;
    let (batch, job) = checks::begin(app, &run, &[]).await?;
    checks::run(app, batch, &job).await?;
    contacts(app, &run, &dana).await?;
    exposed(app, &run, [&dana, &ana]).await?;
    next_version(app, template).await
}

async fn second(app: &App) -> Result<OperatorId, Failure> {
    let email = "ana@countersign.test";
    let (name, roles) = ("Ana Lopez".to_owned(), vec!["lead_developer".to_owned(), "devops_engineer".to_owned()]);
    let person = AddOperator { name, email: email.to_owned(), roles };
    operators::add(app, clock::name(), person, Secret::from(demo::PASSPHRASE.to_owned())).await?;
    let ana = operators::find(app, email).await?;
    // Whoever was added works here from then on; the demo is Dana's.
    let dana = demo::operator(app).await?;
    app.choose(|chosen| chosen.operator = Some(dana));
    Ok(ana)
}

/// Fills in every card but the last.
async fn contacts(app: &App, run: &RunId, by: &OperatorId) -> Result<(), Failure> {
    let all = contacts::contacts(app, ContactsRequest { run: run.clone() }).await?.contacts;
    let people = ["Ana Lopez", "Bo Chen", "Carla Ruiz", "Dana Demo"];
    for (contact, person) in all.iter().rev().skip(1).rev().zip(people.iter().cycle()) {
        let card = Card {
            person: (*person).to_owned(),
            phone: "+1 555 0100".to_owned(),
            chat: format!("@{}", person.split(' ').next().unwrap_or_default().to_lowercase()),
            hours: "08:00 to 18:00 UTC".to_owned(),
            escalate_after_minutes: 15,
            tested_at: Some(clock::now()),
            ..Card::default()
        };
        let request = SetContact { run: run.clone(), item: contact.item.clone(), operator: by.clone(), card };
        contacts::set_contact(app, clock::name(), request).await?;
    }
    Ok(())
}

/// Two people let the first users in, the release is deployed, and the first of its dates is done.
async fn exposed(app: &App, run: &RunId, people: [&OperatorId; 2]) -> Result<(), Failure> {
    for operator in people {
        let request = OverrideGate {
            run: run.clone(),
            phase: 0,
            operator: operator.clone(),
            reason: "A rehearsal with invented users, agreed in the weekly meeting.".to_owned(),
        };
        gates::override_gate(app, clock::name(), request, Secret::from(demo::PASSPHRASE.to_owned())).await?;
    }
    let [operator, _] = people.map(Clone::clone);
    gates::open(app, clock::name(), OpenGate { run: run.clone(), phase: 0, operator: operator.clone() }).await?;
    let deployed = RecordDeployment { run: run.clone(), operator: operator.clone(), at: clock::now(), reason: None };
    course::record_deployment(app, clock::name(), deployed).await?;
    let dates = schedule::view(app, ScheduleRequest { run: run.clone() }).await?.dates;
    let Some(date) = dates.into_iter().next() else { return Ok(()) };
    let note = "All quiet".to_owned();
    let (item, key, shown) = (date.item, date.key, String::new());
    let (said, dispositions) = (Vec::new(), Vec::new());
    let done = DoOccurrence { run: run.clone(), item, key, operator, note, shown, said, dispositions };
    schedule::done(app, clock::name(), done).await?;
    declined(app).await
}

/// The bank declines a few payments, which the date of today then lists.
async fn declined(app: &App) -> Result<(), Failure> {
    /// The company's clock counts whole seconds and may be two behind.
    const LATER: Duration = Duration::from_secs(3);
    let Some(simulator) = app.simulator() else { return Ok(()) };
    tokio::time::sleep(LATER).await;
    simulator.decline(4);
    tokio::time::sleep(LATER).await;
    demo::read(app).await.map(drop)
}

/// Keeps a second version, in which one line is other, one gone and one new, and the first users are watched longer.
async fn next_version(app: &App, template: TemplateId) -> Result<(), Failure> {
    let draft = drafts::draft(app, DraftTemplate { template: template.clone() }).await?;
    let [changed, removed, added] = CHANGED;
    let mut rows = draft.rows;
    if let Some(row) = rows.get_mut(changed) {
        row.rule = "Charges and payouts are switched on, and two people have seen it.".to_owned();
    }
    if let Some(row) = rows.get(added).cloned() {
        let (id, text) = ("new".to_owned(), "Support knows the date of the release".to_owned());
        let (probe, remainder) = (String::new(), String::new());
        rows.insert(added, RowDraft { id, text, kind: Kind::Manual, probe, remainder, is_suggested: false, ..row });
    }
    if removed < rows.len() {
        rows.remove(removed);
    }
    let mut phases = draft.phases;
    if let Some(phase) = phases.iter_mut().find(|phase| phase.soak_hours == SOAK_HOURS) {
        phase.soak_hours = 2 * SOAK_HOURS;
    }
    let request = EditTemplate { template, version: draft.brief.version, name: draft.name, phases, rows };
    drafts::edit(app, clock::name(), request).await.map(drop)
}
