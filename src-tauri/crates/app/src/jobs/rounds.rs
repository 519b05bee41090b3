//! Twice a minute: every run in progress sees what it can, and its gate is evaluated.
//!
//! A round writes only what is new. Looking at figures costs time, so it is done only when something was read or recorded
//! since the last look; where users are exposed to a phase and what was read grows old, reading anew is begun. In the hour
//! after a deployment its lines are looked at once in each minute, of data that are read anew each minute. A round
//! holds the program only while it works and keeps nobody from ending; a closed lid is a gap, and gates say so.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::checklist::run::{Run, SAMPLE_MINUTES};
use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, RunId};
use countersign_domain::workspace::Environment;
use tokio::time::MissedTickBehavior;

use super::sync::Options;
use super::{JobKind, refresh};
use crate::app::App;
use crate::bus::Topic;
use crate::checklists::{Story, gates, shelf};
use crate::figures::ground;
use crate::{clock, record};

/// How often a round is made.
const ROUND_EVERY: Duration = Duration::from_secs(30);
/// How long nothing is read anew after it was tried.
const TRY_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Begins the rounds of a profile whose stores have just been opened.
pub(crate) fn begin(app: &App) {
    let (handle, stopping) = (app.handle(), app.stopping());
    app.in_background(async move {
        let work = async {
            let mut rounds = Rounds::default();
            let mut ticks = tokio::time::interval(ROUND_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let Some(app) = handle.get() else { break };
                rounds.make(&app).await;
            }
        };
        stopping.run_until_cancelled(work).await;
    });
}

/// What the rounds before left behind.
#[derive(Default)]
pub struct Rounds {
    /// For each run, its last entry and how far the data reached when it was looked at.
    seen: BTreeMap<RunId, (u64, Instant)>,
    /// When reading was begun last.
    tried_at: BTreeMap<EnvironmentId, Instant>,
}

impl Rounds {
    /// Makes one round; what cannot be read or written of one run keeps none of the others waiting.
    pub async fn make(&mut self, app: &App) {
        let Ok(shelf) = shelf(app).await else { return };
        let going_on = shelf.runs.values().filter(|story| story.run.ended().is_none());
        let mut is_news = false;
        for story in going_on {
            match self.visit(app, story).await {
                Ok(is_new) => is_news |= is_new,
                Err(failure) => tracing::warn!(event = "run_not_evaluated", code = %failure.code, "{}", failure.why),
            }
        }
        if is_news {
            app.bus().publish(&[Topic::Checklists, Topic::Ledger]);
        }
    }

    async fn visit(&mut self, app: &App, story: &Story) -> Result<bool, Failure> {
        let (run, now) = (&story.run, clock::now());
        let environment = record::environment(app, &run.binding().environment).await?;
        let ground = ground::load(app, &environment, "").await?;
        let reached = if ground.is_read { ground.now } else { Instant::UNIX_EPOCH };
        self.read_anew(app, &environment, run, reached, now);
        let standing = (run.through(), reached);
        let mut is_news = false;
        let is_due = run.phase().is_some_and(|phase| run.may_sample(phase, reached, now).is_ok());
        if ground.is_read && (is_due || self.seen.get(&story.id) != Some(&standing)) {
            is_news = gates::look(app, story, now).await?;
            self.seen.insert(story.id.clone(), standing);
        }
        is_news |= gates::look_at_minute(app, story, now).await?;
        if let Some(phase) = run.present_gate() {
            is_news |= gates::record(app, clock::name(), &story.id, phase).await?;
        }
        Ok(is_news)
    }

    /// Begins reading anew where users see an open phase and what is known of them is too old.
    fn read_anew(&mut self, app: &App, environment: &Environment, run: &Run, reached: Instant, now: Instant) {
        let age = now.signed_duration_since(reached);
        let is_first_hour = run.lacks_minute(now + ROUND_EVERY);
        let is_wanted = match run.phase().filter(|_| run.is_exposed() || run.deployed_at().is_some()) {
            // In the first hour a minute is shown what happened in the one before.
            _ if is_first_hour => age > TimeDelta::minutes(1),
            Some(_) if age > TimeDelta::minutes(SAMPLE_MINUTES) => true,
            Some(phase) => run.lacks_sample(phase, now) && run.may_sample(phase, reached, now).is_err(),
            None => false,
        };
        let again_after = if is_first_hour { TimeDelta::minutes(1) } else { TRY_AGAIN_AFTER };
        let tried = self.tried_at.get(&environment.id).is_some_and(|at| now - *at < again_after);
        if !is_wanted || tried || environment.stripe.is_none() || app.jobs().is_running(JobKind::Sync, &environment.id)
        {
            return;
        }
        self.tried_at.insert(environment.id.clone(), now);
        let (working, id) = (app.clone(), environment.id.clone());
        app.in_background(async move {
            // Somebody else may have begun meanwhile; then theirs will do.
            if let Ok((environment, job)) = refresh::begin(&working, &id).await {
                refresh::run(&working, &environment, Options::default(), &job).await;
            }
        });
    }
}
