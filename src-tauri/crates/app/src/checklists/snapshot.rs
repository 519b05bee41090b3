//! What a dated line asks, measured when somebody looks: its own figure or check, and for a figure the ten limits of a
//! release beside it.
//!
//! What is shown before a date is done is what its entry keeps, word for word, with the rows behind it as evidence; what is
//! looked at in a review is a report besides.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_domain::Instant;
use countersign_domain::checklist::catalogue;
use countersign_domain::checklist::dated::{Disposed, Question, Reviewed, asks_feedback, questions};
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::CheckResult;
use countersign_domain::checklist::row::{Proof, Row};
use countersign_domain::checklist::run::Refusal;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, RunId};
use countersign_domain::ledger::Evidence;
use countersign_domain::metrics::registry::{self, Metric, Standing};
use countersign_domain::probe::{Fact, Outcome, Unknown};
use countersign_domain::workspace::Environment;
use countersign_store::StoreError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::people;
use super::report::{self, FailedList, SeenTable};
use super::schedule;
use super::stories::{self, Story};
use crate::answer::Value;
use crate::app::App;
use crate::exports::made::Made;
use crate::failure::{Tell as _, internal, invalid, not_found, told};
use crate::figures::{self, Reckoned, Span, ground, rows};
use crate::limits::{self, LimitLine};
use crate::{checks, clock, record};

/// Most rows kept behind a figure.
const ROWS_MAX: usize = 500;
/// How many of them are remembered between showing and writing.
const SHOWN_MAX: usize = 16;
/// What failed, where measuring fails.
const WHAT: &str = "Could not measure what the line asks";

/// Asks for what a dated line asks, measured now.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRequest {
    /// Which run.
    pub run: RunId,
    /// Which line.
    pub item: ItemId,
    /// Which date.
    pub key: String,
}

/// What was measured for a date.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Snapshot {
    /// Each figure and check, that of the line first; empty for a line that asks nothing.
    pub lines: Vec<SeenLine>,
    /// What stands behind them in a review.
    pub tables: Vec<SeenTable>,
    /// Payments of which each needs a disposition; `null` for a line that is about none.
    pub failed: Option<FailedList>,
    /// What the person is asked beside the note.
    pub asks: Vec<Asked>,
    /// Whether all of it is a report as well.
    pub has_report: bool,
    /// Digest by which it is written down; empty where nothing is.
    pub sha256: String,
}

/// A question to the person who does a date.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Asked {
    /// Which.
    pub question: Question,
    /// What it is called.
    pub name: String,
    /// Whether the date needs an answer to it.
    pub is_required: bool,
}

/// One figure or check of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SeenLine {
    /// What people call it.
    pub name: String,
    /// What was found, over what and from how much; without a value, why.
    pub found: String,
    /// The bound it is held against; empty for none.
    pub limit: String,
    /// How it stands: `pass`, `warn`, `fail`, `unknown`; empty for a figure without a bound.
    pub outcome: String,
}

/// A snapshot that was made, as it is kept.
#[derive(Debug)]
pub(super) struct Taken {
    run: RunId,
    item: ItemId,
    key: String,
    lines: Vec<SeenLine>,
    tables: Vec<SeenTable>,
    failed: Option<FailedList>,
    report: Option<Vec<u8>>,
    bytes: Vec<u8>,
    pub(super) digest: Digest,
}

/// The file behind an entry. Ids only: no name and no address of anybody.
#[derive(Serialize)]
struct File<'a> {
    format: &'static str,
    run: &'a RunId,
    environment: &'a str,
    release: &'a str,
    item: &'a ItemId,
    text: &'a str,
    date: &'a str,
    taken_at: Instant,
    lines: &'a [SeenLine],
    tables: &'a [SeenTable],
    failed: Option<&'a FailedList>,
    /// Digest of the report that shows the same.
    report: Option<Digest>,
    /// How many rows are behind the line's own figure; the file has the first of them.
    rows_in_all: usize,
    rows: Vec<FileRow>,
}

/// How many rows there are, and the first of them.
type Rows = (usize, Vec<FileRow>);

#[derive(Serialize)]
struct FileRow {
    record: String,
    customer: Option<String>,
    subscription: Option<String>,
}

/// Measures what a dated line asks; nothing is written down.
///
/// **Errors**: a run or line that is not known, a date the line does not have, closed stores.
pub async fn view(app: &App, request: SnapshotRequest) -> Result<Snapshot, Failure> {
    let SnapshotRequest { run, item, key } = request;
    let story = stories::story(app, &run).await?;
    let row = story.run.template().row(&item).ok_or_else(|| not_found("item", item.as_str()))?;
    // Before the deployment no line has a date, and any shows what one will ask.
    let has_dates = story.run.deployed_at().is_some();
    if has_dates && schedule::state_of(&story.run, &item, &key, clock::now()).is_none() {
        return Err(not_found("date", &key));
    }
    let asked =
        |question: Question| Asked { question, name: question.name().to_owned(), is_required: question.is_required() };
    let asks = questions(row).into_iter().map(asked).collect();
    let Some(taken) = take(app, &story, &item, &key).await? else {
        let (lines, tables, sha256) = (Vec::new(), Vec::new(), String::new());
        return Ok(Snapshot { lines, tables, failed: None, asks, has_report: false, sha256 });
    };
    let taken = Arc::new(taken);
    app.stores()?.stories.remember(&taken, SHOWN_MAX);
    Ok(Snapshot {
        lines: taken.lines.clone(),
        tables: taken.tables.clone(),
        failed: taken.failed.clone(),
        asks,
        has_report: taken.report.is_some(),
        sha256: taken.digest.to_string(),
    })
}

/// Gives the snapshot that was shown, or a new one where none was; `None` for a line that asks nothing.
///
/// **Errors**: `STATE_CONFLICT` for one that is not remembered any more; as [`view`].
pub(super) async fn shown(
    app: &App,
    story: &Story,
    (item, key): (&ItemId, &str),
    sha256: &str,
) -> Result<Option<Arc<Taken>>, Failure> {
    if sha256.is_empty() {
        return Ok(take(app, story, item, key).await?.map(Arc::new));
    }
    let digest = sha256.parse().map_err(|_| invalid("shown", "64 hexadecimal digits are expected"))?;
    let gone = || told(Code::StateConflict, WHAT, "what was shown is not at hand any more; open the date again");
    let remembered = app.stores()?.stories.remembered(&digest);
    // What was shown for one date is no account of another.
    let is_its = |taken: &Arc<Taken>| taken.run == story.id && taken.item == *item && taken.key == key;
    remembered.filter(is_its).ok_or_else(gone).map(Some)
}

impl Taken {
    /// Keeps the files and gives what an entry says of each.
    ///
    /// **Errors**: a folder that cannot be written.
    pub(super) async fn keep(&self, app: &App) -> Result<Vec<Evidence>, Failure> {
        let name = |what: &str, ending: &str| format!("{what}-{}-{}.{ending}", self.item, self.key);
        let mut files = vec![(name("snapshot", "json"), self.bytes.clone())];
        files.extend(self.report.clone().map(|report| (name("report", "pdf"), report)));
        let mut kept = Vec::new();
        for (name, bytes) in files {
            let (folder, size) = (app.stores()?.ledger.database().evidence(), bytes.len() as u64);
            let sha256 = tokio::task::spawn_blocking(move || folder.keep(&bytes)).await;
            let sha256 = sha256.unwrap_or(Err(StoreError::Panicked)).map_err(|error| error.tell(WHAT))?;
            kept.push(Evidence { name, sha256, size });
        }
        Ok(kept)
    }

    /// Gives the report.
    pub(super) fn report(&self) -> Option<&[u8]> {
        self.report.as_deref()
    }

    /// Puts what is done about each payment beside the list that was shown; `None` for a line that lists none.
    ///
    /// **Errors**: a payment without a disposition, or one that was not listed.
    pub(super) fn reviewed(&self, given: &[Disposed]) -> Result<Option<Reviewed>, Refusal> {
        let listed = self.failed.as_ref().map_or(&[][..], |list| &list.payments);
        let refuse = |sentence| Err(Refusal { code: Code::InputInvalid, sentence });
        let of = |record: &str| given.iter().find(|one| one.record == record);
        if let Some(other) = given.iter().find(|one| listed.iter().all(|payment| payment.record != one.record)) {
            return refuse(format!("{} is not among the payments that were listed.", other.record));
        }
        let open: Vec<&str> =
            listed.iter().map(|payment| payment.record.as_str()).filter(|record| of(record).is_none()).collect();
        if let Some(first) = open.first() {
            let what = format!("Say what is done about each payment: {} of {} are left", open.len(), listed.len());
            return refuse(format!("{what}, the first is {first}."));
        }
        let dispositions = listed.iter().filter_map(|payment| of(&payment.record).cloned()).collect();
        let until = self.failed.as_ref().and_then(|list| list.until);
        Ok(until.map(|until| Reviewed { until, dispositions }))
    }

    /// Gives each line as a name and what was found.
    pub(super) fn facts(&self) -> Vec<Fact> {
        self.lines.iter().map(SeenLine::fact).collect()
    }
}

impl SeenLine {
    /// Says what was found, with the bound it is held against.
    pub(super) fn words(&self) -> String {
        let bound = if self.limit.is_empty() { String::new() } else { format!(" (limit {})", self.limit) };
        format!("{}{bound}", self.found)
    }

    fn fact(&self) -> Fact {
        let word = if self.outcome.is_empty() { String::new() } else { format!("{}: ", self.outcome) };
        Fact { name: self.name.clone(), value: format!("{word}{}", self.words()) }
    }
}

async fn take(app: &App, story: &Story, item: &ItemId, key: &str) -> Result<Option<Taken>, Failure> {
    let (run, binding) = (&story.run, story.run.binding());
    let row = run.template().row(item).ok_or_else(|| not_found("item", item.as_str()))?;
    let environment = record::environment(app, &binding.environment).await?;
    let (lines, rows) = match &row.proof {
        None if asks_feedback(row) => (vec![report::feedback(app, story, row).await], Rows::default()),
        None => return Ok(None),
        Some(Proof::Metric(id)) => match registry::metric(id.as_str()) {
            Some(metric) => of_metric(app, &environment, metric).await,
            None => (vec![unmeasured(id.as_str(), "This version has no such metric yet.".to_owned())], Rows::default()),
        },
        Some(Proof::Probe(_)) => (vec![of_check(app, story, row).await], Rows::default()),
    };
    let by = people::present(app).await?.map(|acting| (acting.id, acting.name));
    let made = Made::by_whom(app, by).await?;
    let behind = report::gather(app, story, row, made.at).await?;
    let (tables, failed) = (behind.tables.clone(), behind.failed.clone());
    let report = report::paper(app, story, (row, key), &lines, behind, &made).await?;
    let file = File {
        format: "countersign-snapshot/2",
        run: &story.id,
        environment: binding.environment.as_str(),
        release: &binding.release,
        item,
        text: &row.label,
        date: key,
        taken_at: made.at,
        lines: &lines,
        tables: &tables,
        failed: failed.as_ref(),
        report: report.as_deref().map(Digest::of_bytes),
        rows_in_all: rows.0,
        rows: rows.1,
    };
    let bytes = serde_json::to_vec_pretty(&file).map_err(|error| internal(WHAT, &error))?;
    let (run, item, key) = (story.id.clone(), item.clone(), key.to_owned());
    let digest = Digest::of_bytes(&bytes);
    Ok(Some(Taken { run, item, key, lines, tables, failed, report, bytes, digest }))
}

/// How a metric stands.
pub(super) struct Stands {
    /// In words.
    pub line: SeenLine,
    /// How that is judged; `None` for a figure without a bound.
    pub outcome: Option<Outcome>,
    /// How far the data reached.
    pub through: Instant,
}

/// Says how each of these metrics stands now, by its id; without a mirror that can be read, nothing.
pub(super) async fn standing(
    app: &App,
    story: &Story,
    metrics: Vec<&'static Metric>,
) -> BTreeMap<&'static str, Stands> {
    let Ok(environment) = record::environment(app, &story.run.binding().environment).await else {
        return BTreeMap::new();
    };
    let Ok(ground) = ground::load(app, &environment, "").await else { return BTreeMap::new() };
    let found = if metrics.is_empty() { Ok(Vec::new()) } else { reckon(app, &environment, metrics).await };
    // What stands alone is as old as its own source, whatever else was read since.
    let through = |one: &Reckoned| if figures::stands_alone(one.metric) { one.at() } else { ground.now };
    let one = |one: &Reckoned| Stands { line: of_figure(one), outcome: judged(one), through: through(one) };
    found.unwrap_or_default().iter().map(|found| (found.metric.id, one(found))).collect()
}

async fn reckon(app: &App, environment: &Environment, metrics: Vec<&'static Metric>) -> Result<Vec<Reckoned>, Failure> {
    let ground = ground::load(app, environment, "").await?;
    let usual = |metric| (metric, Span::usual(metric, &ground.zone, ground.now));
    figures::reckon(app, environment, &ground, metrics.into_iter().map(usual).collect()).await
}

async fn of_metric(app: &App, environment: &Environment, own: &'static Metric) -> (Vec<SeenLine>, Rows) {
    // What slows answers down may be what waits behind them.
    let queue = (own.id == "metric.api_response_time").then_some("metric.rabbitmq_queue_depth");
    let beside = limits::all().chain(queue).filter_map(registry::metric).filter(|metric| metric.id != own.id);
    match reckon(app, environment, std::iter::once(own).chain(beside).collect()).await {
        Ok(found) => {
            let rows = match found.first() {
                Some(first) => rows_of(app, environment, first).await.unwrap_or_default(),
                None => Rows::default(),
            };
            (found.iter().map(of_figure).collect(), rows)
        }
        Err(failure) => (vec![unmeasured(own.name, failure.why)], Rows::default()),
    }
}

/// Lists the rows behind a figure, those that add most first.
async fn rows_of(app: &App, environment: &Environment, found: &Reckoned) -> Result<Rows, Failure> {
    let ground = ground::load(app, environment, "").await?;
    let parts = rows::behind(app, environment, &ground, found.metric, &found.span).await?;
    let rows = parts.map(|parts| parts.rows).unwrap_or_default();
    let in_all = rows.len();
    let kept = rows.into_iter().take(ROWS_MAX).map(|row| FileRow {
        record: row.record,
        customer: row.customer.map(|id| id.to_string()),
        subscription: row.subscription.map(|id| id.to_string()),
    });
    Ok((in_all, kept.collect()))
}

/// Says in one sentence what a metric came to.
fn of_figure(found: &Reckoned) -> SeenLine {
    let LimitLine { figure, sentence, .. } = limits::line(found);
    let outcome = judged(found).map_or("", Outcome::word);
    let value = match &figure.value {
        Value::None { .. } => sentence,
        value if found.metric.limit.is_none() => format!("{value}, {}", found.span.words()),
        value => format!("{value}, {sentence}"),
    };
    let limit = figure.limit.map(|limit| limit.text).unwrap_or_default();
    SeenLine { name: figure.name, found: value, limit, outcome: outcome.to_owned() }
}

/// Judges a figure by its bound; `None` for a value without one.
fn judged(found: &Reckoned) -> Option<Outcome> {
    match found.strict_standing() {
        Standing::Met => Some(Outcome::Pass),
        Standing::Missed => Some(Outcome::Fail),
        Standing::NoLimit if found.value.is_ok() => None,
        _ => Some(Outcome::Unknown(figures::unknown(found))),
    }
}

async fn of_check(app: &App, story: &Story, row: &Row) -> SeenLine {
    let id = row.proof.as_ref().map_or("", |proof| proof.as_str());
    let name = catalogue::find(id).map_or(id, |check| check.name);
    match checks::look(app, story, row).await {
        Ok(Some(CheckResult { verdict, .. })) => {
            // What a check expects is a sentence, and no bound.
            let expected = match verdict.expected.as_str() {
                "" => String::new(),
                expected => format!(" Expected: {expected}"),
            };
            let (found, outcome) = (format!("{}{expected}", verdict.found), verdict.outcome.word().to_owned());
            SeenLine { name: name.to_owned(), found, limit: String::new(), outcome }
        }
        Ok(None) => unmeasured(name, "There was no answer.".to_owned()),
        Err(failure) => unmeasured(name, failure.why),
    }
}

fn unmeasured(name: &str, why: String) -> SeenLine {
    let outcome = Outcome::Unknown(Unknown::Unreachable).word().to_owned();
    SeenLine { name: name.to_owned(), found: why, limit: String::new(), outcome }
}
