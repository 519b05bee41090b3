//! Making the checks: each question is asked once, and what it answers is written down for every line that waits for it.
//!
//! Separate from the runs, because a check can also be made outside of one. Deliberately absent: judging. A probe judges
//! its own facts, and a line its metric.

mod files;
mod measured;
mod own;

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign_domain::checklist::catalogue::{self, Check, CheckSource};
use countersign_domain::checklist::entry::{CheckResult, Entry, ItemChecked};
use countersign_domain::checklist::row::{Kind, Proof, Row, Strength};
use countersign_domain::checklist::run::{Answer, Run, Seen};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, ProbeId, RunId};
use countersign_domain::metrics::registry;
use countersign_domain::probe::{Outcome, ProbeResult, Unknown, Verdict};
use countersign_domain::workspace::{Environment, Workspace};
use countersign_probes::import::{Attached, Deadline, TIME_MAX};
use countersign_probes::{Context, import};
use countersign_store::ledger::evidence::EvidenceFolder;
use futures_util::StreamExt as _;
use futures_util::stream;

pub(crate) use measured::Measured;
use own::Own;

use crate::app::App;
use crate::bus::Topic;
use crate::checklists::{Story, act, refused, runs, stories};
use crate::failure::{Tell as _, told};
use crate::jobs::{Job, JobKind};
use crate::settings::stripe::client;
use crate::{clock, record};

/// Checks made at the same time; what they ask of a source is bounded by its own budget.
const AT_ONCE: usize = 8;
/// What failed, where making checks fails.
const WHAT: &str = "Could not make the checks";

/// The checks of a run that are to be made now.
pub struct Batch {
    run: RunId,
    environment: Environment,
    workspace: Workspace,
    checks: Vec<(Question, Vec<ItemId>)>,
    /// The lines that were named; empty for all.
    named: Vec<ItemId>,
}

/// What is asked: a check or a metric, and for a check of files what it looks at.
#[derive(Debug, Clone)]
struct Question {
    proof: Proof,
    subject: Option<files::Subject>,
}

/// What a check came to for one line.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The line.
    pub item: ItemId,
    /// The bound a value has to keep to; empty for a check, which says itself what it expects.
    pub expected: String,
    /// Its answer.
    pub answer: Answer,
}

/// Begins the checks of a run; whoever asked either waits for [`run`] or lets it go.
///
/// **Shape**: without `items` every automatic line, and those a person decides with data beside them.
/// **Errors**: a run or line that is not known, a line without a check, live and test mixed, checks under way there.
pub async fn begin(app: &App, run: &RunId, items: &[ItemId]) -> Result<(Batch, Arc<Job>), Failure> {
    let story = stories::story(app, run).await?;
    for item in items {
        story.run.may_check(item).map_err(|refusal| refused(WHAT, refusal))?;
    }
    if story.run.ended().is_some() {
        return Err(told(Code::StateConflict, WHAT, "the run is over"));
    }
    let environment = record::environment(app, &story.run.binding().environment).await?;
    let workspace = record::record(app).await?.workspace.clone();
    runs::are_modes_right(&environment, &workspace.name, WHAT)?;
    let wanted = if items.is_empty() { everything(&story.run) } else { with_twins(&story.run, items) };
    let checks = files::questions(&story.run, story.run.checks(&wanted, clock::now()));
    let job = app.jobs().begin(app.bus(), JobKind::Check, Some(&environment.id), "checks")?;
    let lines = checks.iter().flat_map(|(_, items)| items.iter().cloned());
    app.stores()?.stories.set_running(run, lines);
    app.bus().publish(&[Topic::Checklists]);
    Ok((Batch { run: run.clone(), environment, workspace, checks, named: items.to_vec() }, job))
}

/// Adds the lines that the answers for some lines decide too, so that a question is asked once and none of them stays
/// behind; a file answers for its own line alone.
fn with_twins(run: &Run, items: &[ItemId]) -> Vec<ItemId> {
    let named = items.iter().filter_map(|item| run.template().row(item)?.proof.as_ref());
    let shared: Vec<&Proof> = named.filter(|proof| !files::are_asked(proof)).collect();
    let is_twin = |item: &ItemId| {
        let proof = run.template().row(item).and_then(|row| row.proof.as_ref());
        !items.contains(item) && proof.is_some_and(|proof| shared.contains(&proof))
    };
    items.iter().cloned().chain(everything(run).into_iter().filter(is_twin)).collect()
}

/// Lists the lines that are checked when none is named; what a person decides is checked only for its data.
fn everything(run: &Run) -> Vec<ItemId> {
    let has_data = |row: &&Row| {
        let is_persons = row.kind == Kind::Manual && row.strength == Some(Strength::Assist);
        is_persons && row.proof.as_ref().is_some_and(|proof| is_supported(proof.as_str()))
    };
    let beside = run.template().rows.iter().filter(has_data).map(|row| row.id.clone());
    run.checks(&[], clock::now()).into_iter().flat_map(|(_, items)| items).chain(beside).collect()
}

/// Makes the checks, writes down what they answered, all or none, and ends the job.
///
/// **Shape**: gives what each line that was named came to, in the order of the template. A check that was stopped is not written down:
/// what was known before stays known.
/// **Errors**: a keychain that does not give the key; what the ledger refuses.
pub async fn run(app: &App, batch: Batch, job: &Job) -> Result<Vec<Checked>, Failure> {
    let done = make(app, &batch, job).await;
    if let Ok(stores) = app.stores() {
        stores.stories.set_running(&batch.run, []);
    }
    job.end(done.as_ref().map(drop));
    app.bus().publish(&[Topic::Checklists, Topic::Ledger]);
    done
}

async fn make(app: &App, batch: &Batch, job: &Job) -> Result<Vec<Checked>, Failure> {
    let Batch { run, environment, workspace, checks, named } = batch;
    let questions: Vec<Question> = checks.iter().map(|(question, _)| question.clone()).collect();
    let (shelf, story) = (stories::shelf(app).await?, stories::story(app, run).await?);
    let own = Own { shelf: &shelf, story: &story, now: clock::now() };
    let (answers, measured) = answers(app, (environment, workspace), questions, Some(&own), Some(job)).await?;
    let stores = app.stores()?;
    let acting = stores.stories.acting.lock().await;
    let story = stories::story(app, run).await?;
    let template = story.run.template();
    let mut drafts = Vec::new();
    let mut answered: BTreeSet<&ItemId> = BTreeSet::new();
    for (nth, (Question { proof, .. }, items)) in checks.iter().enumerate() {
        let Some((_, seen)) = answers.iter().find(|(asked, _)| *asked == nth) else { continue };
        // The run may have ended, or gone on with another template, while the checks were made.
        for row in items.iter().filter_map(|item| template.row(item)).filter(|row| row.proof.as_ref() == Some(proof)) {
            if story.run.may_check(&row.id).is_ok() {
                let entry = entry(&story.run, row, seen, &measured);
                let draft = act::draft(clock::name(), (run, &environment.id), &entry, Vec::new());
                drafts.push(draft.map_err(|error| error.tell(WHAT))?);
                answered.insert(&row.id);
            }
        }
    }
    act::write(app, drafts, &[], WHAT).await?;
    drop(acting);
    let after = stories::story(app, run).await?;
    let is_told = |row: &&Row| answered.contains(&row.id) && (named.is_empty() || named.contains(&row.id));
    let checked = template.rows.iter().filter(is_told).filter_map(|row| {
        let answer = after.run.history(&row.id)?.answer.clone()?;
        let expected = row.limit.as_ref().map(ToString::to_string).unwrap_or_default();
        Some(Checked { item: row.id.clone(), expected, answer })
    });
    Ok(checked.collect())
}

/// Says whether this version can answer what the catalogue asks.
#[must_use]
pub fn is_supported(id: &str) -> bool {
    match Proof::from(id) {
        Proof::Metric(metric) => registry::metric(metric.as_str()).is_some(),
        // Of a family it can, when it can of a member.
        Proof::Probe(probe) => {
            own::is_own(&probe) || countersign_probes::is_supported(&ProbeId::new(probe.as_str().replace('*', "x")))
        }
    }
}

/// Lists everything the catalogue asks that is not a rule, a signature or a field of the run itself.
#[must_use]
pub fn askable() -> Vec<Proof> {
    const OF_RUNS: &[CheckSource] = &[
        CheckSource::Gate,
        CheckSource::Trigger,
        CheckSource::Contacts,
        CheckSource::Schedule,
        CheckSource::Signature,
        CheckSource::Form,
    ];
    catalogue::all().filter(|check| !OF_RUNS.contains(&check.source)).filter_map(Check::proof).collect()
}

/// Makes checks outside of any run; nothing is written down.
///
/// **Errors**: a keychain that does not give the key.
pub async fn ask(app: &App, environment: &Environment, proofs: Vec<Proof>) -> Result<Vec<Seen>, Failure> {
    let workspace = record::record(app).await?.workspace.clone();
    let questions = proofs.into_iter().map(|proof| Question { proof, subject: None }).collect();
    let (mut answers, _) = answers(app, (environment, &workspace), questions, None, None).await?;
    answers.sort_by_key(|(nth, _)| *nth);
    Ok(answers.into_iter().map(|(_, seen)| seen).collect())
}

/// Makes the check of one line of a run; nothing is written down. `None` for a line without one.
///
/// **Errors**: a keychain that does not give the key, an environment nobody made.
pub(crate) async fn look(app: &App, story: &Story, row: &Row) -> Result<Option<CheckResult>, Failure> {
    let Some(proof) = row.proof.clone() else { return Ok(None) };
    let environment = record::environment(app, &story.run.binding().environment).await?;
    let (workspace, shelf) = (record::record(app).await?.workspace.clone(), stories::shelf(app).await?);
    let own = Own { shelf: &shelf, story, now: clock::now() };
    let questions = files::questions(&story.run, vec![(proof, vec![row.id.clone()])]);
    let questions = questions.into_iter().map(|(question, _)| question).collect();
    let (answers, _) = answers(app, (&environment, &workspace), questions, Some(&own), None).await?;
    Ok(answers.into_iter().find_map(|(_, seen)| match seen {
        Seen::Check(result) => Some(result),
        Seen::Metric(..) => None,
    }))
}

/// Asks everything, several questions at a time, each answer with the place of its question; those that were stopped are
/// not among the answers.
async fn answers(
    app: &App,
    (environment, workspace): (&Environment, &Workspace),
    questions: Vec<Question>,
    own: Option<&Own<'_>>,
    job: Option<&Job>,
) -> Result<(Vec<(usize, Seen)>, Measured), Failure> {
    let proofs = || questions.iter().map(|question| &question.proof);
    let is_asking_stripe =
        proofs().any(|proof| matches!(proof, Proof::Probe(id) if countersign_probes::asks_stripe(id)));
    let stripe = match &environment.stripe {
        Some(_) if is_asking_stripe => Some(client(app, environment).await?),
        _ => None,
    };
    if let Some(client) = stripe.as_ref().filter(|_| environment.is_demo) {
        client.lift_budget();
    }
    let metrics = proofs().filter_map(|proof| match proof {
        Proof::Metric(metric) => Some(metric.clone()),
        Proof::Probe(_) => None,
    });
    let measured = Measured::read(app, environment, metrics.collect(), clock::now()).await;
    let names: Vec<String> = proofs().map(ToString::to_string).collect();
    let about = names.len() as u64;
    let batch = Asking {
        environment,
        own,
        measured: &measured,
        context: Context {
            is_deployed: own.is_some_and(|own| own.story.run.deployed_at().is_some()),
            ..Context::new(environment, workspace, stripe.as_ref())
        },
        evidence: app.stores()?.ledger.database().evidence(),
    };
    let each = questions.into_iter().enumerate().map(|(nth, question)| batch.ask(nth, question));
    let mut asked = stream::iter(each).buffer_unordered(AT_ONCE);
    let mut answers = Vec::new();
    loop {
        let next = match job {
            Some(job) => job.cancel_token().run_until_cancelled(asked.next()).await.flatten(),
            None => asked.next().await,
        };
        let Some(answer) = next else { break };
        answers.push(answer);
        if let Some(job) = job {
            job.tell(|view| {
                (view.done, view.about) = (answers.len() as u64, Some(about));
                view.step = answers.last().and_then(|(nth, _)| names.get(*nth).cloned()).unwrap_or_default();
            });
        }
    }
    drop(asked);
    Ok((answers, measured))
}

/// One batch of questions to one environment.
struct Asking<'a> {
    environment: &'a Environment,
    own: Option<&'a Own<'a>>,
    measured: &'a Measured,
    context: Context<'a>,
    evidence: EvidenceFolder,
}

impl Asking<'_> {
    async fn ask(&self, nth: usize, question: Question) -> (usize, Seen) {
        let seen = match &question.proof {
            Proof::Probe(probe) => Seen::Check(self.check(probe, question.subject.as_ref()).await.into()),
            Proof::Metric(metric) => Seen::Metric(self.measured.of(&ItemId::new(""), metric, ""), clock::now()),
        };
        (nth, seen)
    }

    async fn check(&self, probe: &ProbeId, subject: Option<&files::Subject>) -> ProbeResult {
        let started_at = clock::now();
        let asking = async {
            match (self.own.and_then(|own| own.answer(probe)), subject) {
                (Some(answer), _) => answer,
                (None, Some(subject)) => {
                    let file = subject.load(&self.evidence).await;
                    read(probe.clone(), subject.line.clone(), file).await
                }
                (None, None) => countersign_probes::run(probe, &self.context).await,
            }
        };
        let answer = tokio::time::timeout(TIME_MAX, asking).await;
        let answer = answer.unwrap_or_else(|_| too_slow(probe, subject.is_some()));
        let file = subject.and_then(|subject| subject.file.as_ref());
        // A check this build does not have asked nothing, and so nothing answered for a connection.
        let fingerprint = if answer.version == 0 { String::new() } else { self.fingerprint(probe) };
        ProbeResult {
            probe: probe.clone(),
            version: answer.version,
            environment: self.environment.id.to_string(),
            verdict: answer.verdict,
            requests: answer.requests,
            started_at,
            finished_at: clock::now(),
            fingerprint,
            release: file.and_then(|file| file.file.release.clone()),
            data_at: file.map(files::made_at),
        }
    }

    fn fingerprint(&self, probe: &ProbeId) -> String {
        let source = catalogue::find(probe.as_str()).map_or("", |check| check.source.as_ref());
        runs::fingerprints(self.environment).remove(source).unwrap_or_default()
    }
}

/// Answers a check from a file, on a worker that stops by itself when the time is over: nobody waits for it longer.
async fn read(probe: ProbeId, line: import::Line, file: Option<Attached>) -> countersign_probes::Answer {
    let (until, id) = (Deadline::after(TIME_MAX), probe.clone());
    let work = move || import::answer(id.as_str(), &line, file.as_ref(), until);
    // A worker that broke down answers nothing, as one that is too slow.
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| too_slow(&probe, true))
}

fn too_slow(probe: &ProbeId, is_of_file: bool) -> countersign_probes::Answer {
    let fix = match is_of_file {
        true => "Attach a smaller file.",
        false => "Check again; look at Stripe's status page if it stays so.",
    };
    let verdict = Verdict {
        outcome: Outcome::Unknown(Unknown::Timeout),
        expected: String::new(),
        found: format!("There was no answer within {} seconds.", TIME_MAX.as_secs()),
        fix: fix.to_owned(),
        remainder: String::new(),
        facts: Vec::new(),
    };
    let version = import::version(probe.as_str()).unwrap_or(1);
    countersign_probes::Answer { version, verdict, requests: Vec::new() }
}

/// Makes of what was seen the entry for one of the lines that waited for it; a metric in the unit of the line's limit.
fn entry(run: &Run, row: &Row, seen: &Seen, measured: &Measured) -> Entry {
    match seen {
        Seen::Check(result) => ItemChecked { item: row.id.clone(), result: result.clone() }.into(),
        Seen::Metric(seen, _) => measured.of_line(run, row, &seen.metric).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use countersign_domain::checklist::entry::{Act, Person, RunStarted};
    use countersign_domain::checklist::import;
    use countersign_domain::workspace::Class;

    use super::*;

    #[test]
    fn the_answer_for_a_line_is_the_answer_for_its_twins_but_not_that_of_a_file() {
        let text = "# x\n\n- [ ] a\n- [ ] b\n- [ ] c\n- [ ] d\n- [ ] e\n- [ ] f\n";
        let mut template = import::read(text.as_bytes(), "x.md", &[]).unwrap().template;
        let proofs =
            ["http.health", "stripe.tax.settings", "http.health", "evidence.junit", "evidence.junit", "http.health"];
        for (row, proof) in template.rows.iter_mut().zip(proofs) {
            (row.kind, row.proof, row.strength) = (Kind::Auto, Some(proof.into()), Some(Strength::Full));
        }
        // What a person decides without data beside it is not checked by the way.
        (template.rows[5].kind, template.rows[5].strength) = (Kind::Manual, Some(Strength::Human));
        let started = RunStarted {
            template: template.id.clone(),
            version: template.version,
            hash: template.content_hash(),
            environment: "prod".into(),
            class: Class::Production,
            is_demo: false,
            release: "v1".to_owned(),
            owner: "ana".into(),
            fingerprints: BTreeMap::new(),
            zone: "UTC".to_owned(),
            business_days: false,
            people: BTreeMap::new(),
        };
        let by = Some(Person { id: "ana".into(), name: "Ana".to_owned(), key: None });
        let act = Act { seq: 1, at: "2026-11-20T10:00:00Z".parse().unwrap(), by, entry: started.into() };
        let run = Run::fold(template, &[act]).unwrap();
        for (named, wanted) in [("a", "a c"), ("c", "c a"), ("b", "b"), ("d", "d"), ("d a", "d a c")] {
            let items: Vec<ItemId> = named.split(' ').map(ItemId::from).collect();
            let all: Vec<String> = with_twins(&run, &items).iter().map(ToString::to_string).collect();
            assert_eq!(all.join(" "), wanted);
        }
    }
}
