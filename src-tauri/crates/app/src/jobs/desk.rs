//! Where work in progress is kept: begun once per subject, watched by anybody, stopped by a word.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Ticks};

use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::EnvironmentId;
use tokio_util::sync::CancellationToken;

use super::{JobKind, JobState, JobView};
use crate::bus::{Bus, Topic};
use crate::clock;
use crate::failure::{not_found, told};

/// Ended work that is still shown.
const ENDED_MAX: usize = 12;
/// The screens hear of progress at most this often.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// Work in progress, and the newest that ended.
#[derive(Default)]
pub struct Jobs(Mutex<Vec<Arc<Job>>>);

/// One piece of work.
pub struct Job {
    view: Mutex<JobView>,
    cancel: CancellationToken,
    bus: Bus,
    told_at: Mutex<Ticks>,
}

impl Jobs {
    /// Begins a piece of work.
    ///
    /// **Errors**: the same work on the same subject is under way.
    pub fn begin(
        &self,
        bus: &Bus,
        kind: JobKind,
        environment: Option<&EnvironmentId>,
        counted: &str,
    ) -> Result<Arc<Job>, Failure> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.iter().any(|job| job.is_same(kind, environment)) {
            return Err(told(Code::StateConflict, "This work is under way", "wait for it, or stop it first"));
        }
        let view = JobView {
            id: clock::name().simple().to_string(),
            kind,
            environment: environment.cloned(),
            step: String::new(),
            done: 0,
            about: None,
            counted: counted.to_owned(),
            per_second: 0.0,
            seconds_left: None,
            remark: None,
            state: JobState::Running,
            started_at: clock::now(),
            ended_at: None,
        };
        let told_at = Mutex::new(Ticks::now());
        let job = Arc::new(Job { view: Mutex::new(view), cancel: CancellationToken::new(), bus: bus.clone(), told_at });
        list.insert(0, Arc::clone(&job));
        let mut ended = 0;
        list.retain(|job| {
            ended += usize::from(!job.is_running());
            job.is_running() || ended <= ENDED_MAX
        });
        bus.publish(&[Topic::Jobs]);
        Ok(job)
    }

    /// Gives every piece of work, the newest first.
    #[must_use]
    pub fn views(&self) -> Vec<JobView> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|job| job.view()).collect()
    }

    /// Says whether work of this kind is under way in an environment.
    #[must_use]
    pub fn is_running(&self, kind: JobKind, environment: &EnvironmentId) -> bool {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter().any(|job| job.is_same(kind, Some(environment)))
    }

    /// Tells a piece of work to stop; it keeps what is complete.
    ///
    /// **Errors**: no such work.
    pub fn cancel(&self, id: &str) -> Result<JobView, Failure> {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let job = list.iter().find(|job| job.view().id == id).ok_or_else(|| not_found("job", id))?;
        job.stop();
        Ok(job.view())
    }

    /// Tells all work to stop.
    pub fn cancel_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|job| job.stop());
    }
}

impl Job {
    /// Gives the work as the panel shows it.
    #[must_use]
    pub fn view(&self) -> JobView {
        self.view.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the token by which the work learns that it shall stop.
    #[must_use]
    pub fn cancel_token(&self) -> &CancellationToken {
        &self.cancel
    }

    fn is_running(&self) -> bool {
        matches!(self.view().state, JobState::Running | JobState::Stopping)
    }

    fn is_same(&self, kind: JobKind, environment: Option<&EnvironmentId>) -> bool {
        let view = self.view();
        self.is_running() && view.kind == kind && view.environment.as_ref() == environment
    }

    fn stop(&self) {
        if self.is_running() {
            self.change(|view| view.state = JobState::Stopping);
            self.cancel.cancel();
            self.bus.publish(&[Topic::Jobs]);
        }
    }

    fn change(&self, change: impl FnOnce(&mut JobView)) {
        change(&mut self.view.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Tells how far the work is. The screens hear of it a few times a second, not every time.
    pub fn tell(&self, change: impl FnOnce(&mut JobView)) {
        self.change(|view| {
            change(view);
            view.seconds_left = seconds_left(view);
        });
        let mut told_at = self.told_at.lock().unwrap_or_else(PoisonError::into_inner);
        if told_at.elapsed() >= TOLD_EVERY {
            *told_at = Ticks::now();
            self.bus.publish(&[Topic::Jobs]);
        }
    }

    /// Ends the work.
    pub fn end(&self, result: Result<(), &Failure>) {
        let state = match result {
            Ok(()) if self.cancel.is_cancelled() => JobState::Cancelled,
            Ok(()) => JobState::Done,
            Err(failure) if failure.code == Code::Cancelled => JobState::Cancelled,
            Err(failure) => JobState::Failed { failure: failure.clone() },
        };
        self.change(|view| {
            view.state = state;
            view.ended_at = Some(clock::now());
            view.seconds_left = None;
        });
        self.bus.publish(&[Topic::Jobs]);
    }
}

fn seconds_left(view: &JobView) -> Option<u64> {
    let left = view.about?.checked_sub(view.done)?;
    if view.per_second < 0.1 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    let seconds = left as f64 / view.per_second;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and far below 2^53")]
    Some(seconds.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_work_runs_once_and_can_be_stopped() {
        let (jobs, bus) = (Jobs::default(), Bus::new());
        let here = EnvironmentId::from("prod");
        let job = jobs.begin(&bus, JobKind::Sync, Some(&here), "objects").unwrap();
        assert!(jobs.begin(&bus, JobKind::Sync, Some(&here), "objects").is_err());
        assert!(jobs.begin(&bus, JobKind::Sync, Some(&"other".into()), "objects").is_ok());
        jobs.cancel(&job.view().id).unwrap();
        assert!(job.cancel_token().is_cancelled());
        assert!(jobs.is_running(JobKind::Sync, &here), "it is still stopping");
        job.end(Ok(()));
        assert!(matches!(job.view().state, JobState::Cancelled));
        assert!(jobs.begin(&bus, JobKind::Sync, Some(&here), "objects").is_ok());
    }

    #[test]
    fn what_is_left_is_estimated_only_where_it_can_be() {
        let (jobs, bus) = (Jobs::default(), Bus::new());
        let job = jobs.begin(&bus, JobKind::Sync, None, "objects").unwrap();
        job.tell(|view| view.done = 40);
        assert_eq!(job.view().seconds_left, None);
        job.tell(|view| (view.about, view.per_second) = (Some(100), 20.0));
        assert_eq!(job.view().seconds_left, Some(3));
    }
}
