//! What stands behind a date beside its figure: how it compares, what it is made of, what is open.
//!
//! One file per question. Everything is read from the mirror, from the run with the files attached to it, and from the
//! roster; a source that is not read leaves a table without rows that says so. Deliberately absent: the figure itself with
//! the limits of the release (`snapshot`).

mod access;
mod compared;
mod failed;
mod feedback;
mod findings;
mod lost;
mod made_of;
mod minutes;
mod packs;
mod paper;
pub mod save;
mod tickets;

use countersign_domain::Instant;
use countersign_domain::checklist::dated;
use countersign_domain::checklist::row::{Proof, Row};
use countersign_domain::checklist::run::Occasion;
use countersign_domain::checklist::schedule::Unit;
use countersign_domain::failure::Failure;
use countersign_domain::ids::ItemId;
use countersign_domain::metrics::registry::{self, Metric};
use countersign_domain::workspace::Environment;
use countersign_render::scene::Scene;
use serde::Serialize;
use ts_rs::TS;

pub use failed::{FailedList, FailedPayment};
pub(super) use feedback::feedback;
pub(super) use paper::paper;

use super::stories::Story;
use crate::app::App;
use crate::figures::tickets::is_tickets;
use crate::figures::{Ground, ground};
use crate::record;

/// Most rows of one table.
const ROWS_MAX: usize = 100;
/// What failed, where reading for a report fails.
const WHAT: &str = "Could not read for the report";

/// A table of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SeenTable {
    /// What it shows.
    pub title: String,
    /// What has to be known to read it, or why it has no rows.
    pub note: String,
    /// Heads of the columns.
    pub columns: Vec<SeenColumn>,
    /// The rows, each with as many cells.
    pub rows: Vec<Vec<String>>,
    /// How many rows there are in all.
    pub rows_in_all: u32,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SeenColumn {
    /// Its head.
    pub label: String,
    /// Whether it holds figures.
    pub is_figure: bool,
}

/// Everything behind a date.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Tables, the most telling first.
    pub tables: Vec<SeenTable>,
    /// Payments that failed since the date before, where the line is about them.
    pub failed: Option<FailedList>,
    /// Course of the line's figure, each chart with what it shows.
    pub charts: Vec<(String, Scene)>,
    /// How far what was read reaches, in words; empty for what rests on the run alone.
    pub through: String,
}

impl SeenTable {
    /// Makes a table from its heads and rows; a head that ends in `#` stands over figures.
    fn new(title: &str, heads: &[&str], rows: Vec<Vec<String>>) -> Self {
        let mut table = Self::whole(title, heads, rows);
        table.rows.truncate(ROWS_MAX);
        table
    }

    /// Makes a table of rows of which none may be left out.
    fn whole(title: &str, heads: &[&str], rows: Vec<Vec<String>>) -> Self {
        let column = |head: &&str| SeenColumn {
            label: head.strip_suffix('#').unwrap_or(head).to_owned(),
            is_figure: head.ends_with('#'),
        };
        let rows_in_all = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let columns = heads.iter().map(column).collect();
        Self { title: title.to_owned(), note: String::new(), columns, rows, rows_in_all }
    }

    fn noted(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// Makes a table that could not be filled, with why.
    fn unknown(title: &str, why: &str) -> Self {
        Self::new(title, &[], Vec::new()).noted(why)
    }
}

/// Gathers what stands behind a date of a line; nothing for a line whose figure says everything.
///
/// **Errors**: closed stores, an environment nobody made.
pub(super) async fn gather(app: &App, story: &Story, row: &Row, now: Instant) -> Result<Report, Failure> {
    match &row.proof {
        _ if dated::is_first_hours(row) => {
            Ok(Report { tables: minutes::minutes(&story.run, row, now), ..Report::default() })
        }
        Some(Proof::Metric(id)) => match registry::metric(id.as_str()) {
            Some(metric) => of_metric(app, story, row, metric).await,
            None => Ok(Report::default()),
        },
        Some(Proof::Probe(id)) if id.as_str() == "recon.findings_open" => {
            let roster = app.stores()?.ledger.roster().await;
            let tables = vec![findings::findings(&story.run, &roster, now)];
            Ok(Report { tables, ..Report::default() })
        }
        Some(Proof::Probe(id)) if id.as_str() == "console.ledger.verify" => {
            Ok(Report { tables: vec![packs::packs(&story.run)], ..Report::default() })
        }
        Some(Proof::Probe(id)) if id.as_str() == "evidence.npm_audit" && is_reviewed(row) => {
            let environment = record::environment(app, &story.run.binding().environment).await?;
            let roster = app.stores()?.ledger.roster().await;
            let tables = vec![access::keys(&environment, &roster, now), access::access(&environment, &roster, now)];
            Ok(Report { tables, ..Report::default() })
        }
        _ => Ok(Report::default()),
    }
}

async fn of_metric(app: &App, story: &Story, row: &Row, metric: &'static Metric) -> Result<Report, Failure> {
    let environment = record::environment(app, &story.run.binding().environment).await?;
    let ground = ground::load(app, &environment, "").await?;
    let through = match ground.is_read {
        // It says in its tables which days are known, and needs nothing of Stripe.
        _ if is_tickets(metric) => String::new(),
        true => format!(", data through {}", ground.now.format("%Y-%m-%d %H:%M UTC")),
        false => ", nothing read from Stripe yet".to_owned(),
    };
    let mut report = Report { through, ..Report::default() };
    if dated::asks_dispositions(row) {
        report.failed = Some(failed::list(app, story, row, &environment, &ground).await?);
    }
    if metric.id.starts_with("metric.webhook_") {
        report.tables.push(made_of::undelivered(app, &environment, &ground, metric).await?);
    }
    if is_tickets(metric) {
        report.tables.extend(tickets::tickets(app, story, row, (&environment, &ground)).await?);
    }
    if is_reviewed(row) {
        reviewed(app, story, row, (&environment, &ground, metric), &mut report).await?;
    }
    Ok(report)
}

/// Says whether a line is looked at in a review, and not merely acknowledged each day.
fn is_reviewed(row: &Row) -> bool {
    let rhythm = row.schedule.and_then(|rule| rule.every);
    !dated::is_first_hours(row) && rhythm.is_none_or(|every| every >= Unit::Week)
}

async fn reviewed(
    app: &App,
    story: &Story,
    row: &Row,
    (environment, ground, metric): (&Environment, &Ground, &'static Metric),
    report: &mut Report,
) -> Result<(), Failure> {
    report.tables.push(compared::compared(app, story, row, (environment, ground, metric)).await?);
    match metric.id {
        "metric.mrr" | "metric.arr" | "metric.cmrr" | "metric.arpu" | "metric.net_new_mrr" => {
            report.tables.push(made_of::moved(ground));
            report.tables.push(made_of::prices(app, environment, ground).await?);
        }
        "metric.churn_rate" | "metric.mrr_churn_rate" | "metric.grr" | "metric.nrr" => {
            report.tables.extend(lost::lost(app, environment, ground).await?);
        }
        _ => {}
    }
    report.charts = compared::course(app, (environment, ground, metric)).await?;
    Ok(())
}

/// Finds the newest date of a line that was done.
fn done_before<'a>(story: &'a Story, item: &ItemId) -> Option<&'a Occasion> {
    let occasions = story.run.history(item)?.occasions.values();
    occasions.filter(|occasion| occasion.done.is_some()).max_by_key(|occasion| occasion.decision.seq)
}
