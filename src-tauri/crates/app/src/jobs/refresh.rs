//! Bringing an environment up to date: Stripe, then the billing database, then the figures of whoever changed.
//!
//! One failing source does not keep the others from being read; each one's failure is remembered and shown with its data.

use std::sync::Arc;

use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::workspace::{Environment, Source};
use uuid::Uuid;

use super::sync::{self, Context, Options, Progress, SyncReport};
use super::{CancelJob, Job, JobKind, JobView, StartSync, billing};
use crate::app::App;
use crate::bus::Topic;
use crate::failure::Tell as _;
use crate::settings::stripe::{client, mirrored_as};
use crate::{clock, record, rollup};

/// What a refresh did.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// What was read from Stripe, where it is connected.
    pub stripe: Option<Result<SyncReport, Failure>>,
    /// Rows read from the billing database, where it is connected.
    pub rows: Option<Result<u64, Failure>>,
    /// Customers computed anew.
    pub computed: u64,
}

impl Refreshed {
    /// Gives the first failure, Stripe's before the database's.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        let stripe = self.stripe.as_ref().and_then(|result| result.as_ref().err());
        stripe.or_else(|| self.rows.as_ref().and_then(|result| result.as_ref().err()))
    }
}

/// Begins the work; whoever asked either waits for [`run`] or lets it go.
///
/// **Errors**: an environment nobody made; the same work is under way.
pub async fn begin(app: &App, environment: &EnvironmentId) -> Result<(Environment, Arc<Job>), Failure> {
    let environment = record::environment(app, environment).await?;
    let job = app.jobs().begin(app.bus(), JobKind::Sync, Some(&environment.id), "objects")?;
    Ok((environment, job))
}

/// Does the work and ends the job.
pub async fn run(app: &App, environment: &Environment, options: Options, job: &Arc<Job>) -> Refreshed {
    let mut refreshed = Refreshed { stripe: None, rows: None, computed: 0 };
    if environment.stripe.is_some() {
        let result = read_stripe(app, environment, options, job).await;
        app.failures().set(&environment.id, Source::Stripe, result.as_ref().map(drop));
        refreshed.stripe = Some(result);
    }
    if environment.database.is_some() && !job.cancel_token().is_cancelled() {
        let result = billing::read(app, environment, Some(job)).await;
        app.failures().set(&environment.id, Source::Database, result.as_ref().map(drop));
        refreshed.rows = Some(result);
    }
    // What was read is shown even when something failed: figures follow the rows that are there.
    let computed = rollup::run(app, environment, Some(job)).await;
    refreshed.computed = *computed.as_ref().unwrap_or(&0);
    let failure = refreshed.failure().cloned().or_else(|| computed.err());
    clock::told::keep(app).await;
    job.end(failure.as_ref().map_or(Ok(()), Err));
    app.bus().publish(&[Topic::Mirror, Topic::Metrics, Topic::Settings]);
    refreshed
}

async fn read_stripe(
    app: &App,
    environment: &Environment,
    options: Options,
    job: &Arc<Job>,
) -> Result<SyncReport, Failure> {
    let what = format!("Could not read Stripe for {}", environment.id);
    let client = client(app, environment).await?;
    let Some((account, _)) = mirrored_as(environment) else {
        return Err(crate::failure::not_found("Stripe connection of", environment.id.as_str()));
    };
    if environment.is_demo {
        client.lift_budget();
    }
    let stores = app.stores()?;
    let (bus, telling) = (app.bus().clone(), Arc::clone(job));
    let progress = move |progress: &Progress| {
        tell(&telling, progress);
        if progress.pages.is_multiple_of(PAGES_BETWEEN_NEWS) {
            bus.publish(&[Topic::Mirror]);
        }
    };
    let context = Context {
        client: &client,
        mirror: &stores.mirror,
        account: &account,
        now: &clock::now,
        progress: &progress,
        cancel: job.cancel_token(),
    };
    sync::sync(&context, options).await.map_err(|error| error.tell(what))
}

/// The screens ask again after so many pages of a kind.
const PAGES_BETWEEN_NEWS: u64 = 20;

fn tell(job: &Job, progress: &Progress) {
    job.tell(|view| {
        view.step = match progress.pages {
            0 => format!("{}, changed ones", progress.kind),
            pages => format!("{}, page {pages}", progress.kind),
        };
        (view.done, view.about) = (progress.objects, progress.about);
        view.per_second = progress.objects_per_second;
        view.remark = progress
            .is_slowed
            .then(|| format!("Stripe asked to slow down; continuing at {} requests a second", progress.per_second));
    });
}

/// Starts a refresh and does not wait for it.
///
/// **Errors**: as [`begin`].
pub async fn start(app: &App, _request_id: Uuid, request: StartSync) -> Result<JobView, Failure> {
    let (environment, job) = begin(app, &request.environment).await?;
    let view = job.view();
    let working = app.clone();
    app.in_background(async move {
        let options = Options { is_full: request.is_full, per_second: None };
        run(&working, &environment, options, &job).await;
    });
    Ok(view)
}

/// Tells a piece of work to stop.
///
/// **Errors**: no such work.
pub async fn cancel(app: &App, _request_id: Uuid, request: CancelJob) -> Result<JobView, Failure> {
    app.jobs().cancel(&request.job)
}
