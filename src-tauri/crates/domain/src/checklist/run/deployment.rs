//! The deployments of a run as they were recorded, and what spoke against each.
//!
//! A deployment outside its window or before its gate has happened all the same: it is recorded, with a reason, and stays
//! in sight. Deliberately absent: what follows from a deployment (`progress`).

use serde::Serialize;

use super::super::entry::{Act, DeploymentRecorded, Person};
use super::acts::reason;
use super::{REASON_CHARS_MIN, Refusal, Run};
use crate::Instant;

/// The phase whose gate a deployment waits for.
pub const PREPARATION: u8 = 0;

/// What speaks against a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Irregular {
    /// It was outside the window.
    OutsideWindow,
    /// The gate of the preparation was not open then.
    BeforeGate,
}

impl Irregular {
    /// Says it in a few words that follow "deployed".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::OutsideWindow => "outside the window",
            Self::BeforeGate => "before the gate of the preparation was open",
        }
    }
}

/// A deployment as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its place in the ledger.
    pub seq: u64,
    /// When it was.
    pub at: Instant,
    /// When that was recorded.
    pub recorded_at: Instant,
    /// Who recorded it.
    pub by: Option<Person>,
    /// The release the run was about then.
    pub release: String,
    /// Why it was against the rules, or is another time than before; may be empty.
    pub reason: String,
    /// What spoke against it when it was recorded.
    pub against: Vec<Irregular>,
}

impl Deployment {
    /// Says what spoke against it, with the reason; empty where nothing did.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (against, reason) = (against(&self.against), self.reason.trim());
        match (self.against.as_slice(), reason) {
            ([], _) => String::new(),
            (_, "") => format!("Deployed {against}; no reason was given."),
            (_, reason) => format!("Deployed {against}: {reason}"),
        }
    }
}

impl Run {
    /// Gives the deployments in the order in which they were recorded; those after the first correct it.
    #[must_use]
    pub fn deployments(&self) -> &[Deployment] {
        &self.deployments
    }

    /// Gives the deployment that counts.
    #[must_use]
    pub fn deployment(&self) -> Option<&Deployment> {
        self.deployments.last()
    }

    /// Gives when the release that the run is about was deployed, by the newest record of it.
    #[must_use]
    pub fn release_deployed_at(&self) -> Option<Instant> {
        let is_present = |deployment: &&Deployment| deployment.release == self.binding.release;
        self.deployments.iter().rfind(is_present).map(|deployment| deployment.at)
    }

    /// Says what speaks against a deployment at an instant, by the window and the gate as they are now.
    #[must_use]
    pub fn speaks_against(&self, at: Instant) -> Vec<Irregular> {
        let is_outside = self.window.is_some_and(|(from, to)| at < from || at >= to);
        let opened_at = self.gates.get(&PREPARATION).and_then(|record| record.opened_at);
        let is_early = self.template.phase(PREPARATION).is_some() && opened_at.is_none_or(|opened_at| at < opened_at);
        let outside = is_outside.then_some(Irregular::OutsideWindow);
        outside.into_iter().chain(is_early.then_some(Irregular::BeforeGate)).collect()
    }

    /// Says whether a deployment may be recorded: against the rules, or at another time than before, with a reason.
    pub(super) fn may_deploy(&self, body: &DeploymentRecorded) -> Result<(), Refusal> {
        let against = self.speaks_against(body.at);
        let said = reason(body.reason.as_deref().unwrap_or_default(), REASON_CHARS_MIN);
        match (against.as_slice(), said) {
            ([], said) if self.deployed_at.is_some() => said,
            ([], _) | (_, Ok(())) => Ok(()),
            (irregular, Err(refusal)) => {
                let sentence = format!("It was deployed {}. {}", self::against(irregular), refusal.sentence);
                Err(Refusal { sentence, ..refusal })
            }
        }
    }

    /// Takes in a deployment.
    pub(super) fn deployed(&mut self, act: &Act, body: &DeploymentRecorded) {
        let against = self.speaks_against(body.at);
        // Earlier versions gave no reason, and meant the new time from the first day on.
        let former = self.deployed_at.replace(body.at).filter(|_| body.reason.is_some());
        self.corrected.extend(former.map(|former| (former, act.at)));
        self.deployments.push(Deployment {
            seq: act.seq,
            at: body.at,
            recorded_at: act.at,
            by: act.by.clone(),
            release: self.binding.release.clone(),
            reason: body.reason.clone().unwrap_or_default(),
            against,
        });
    }
}

fn against(irregular: &[Irregular]) -> String {
    irregular.iter().map(|one| one.words()).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::super::super::entry::{Entry, GateEvaluated, GateOpened, WindowSet};
    use super::super::super::gates::GateState;
    use super::super::super::sample::{Notebook, person, template};
    use super::*;

    fn refused(book: &Notebook<'_>, at: Instant, why: Option<&str>) -> Option<String> {
        let entry = Entry::from(DeploymentRecorded { at, reason: why.map(str::to_owned) });
        let act = Act { seq: 99, at: book.now, by: Some(person("Olga")), entry };
        book.run().would_take(&[act]).err().map(|refusal| refusal.sentence)
    }

    #[test]
    fn a_deployment_against_the_plan_needs_a_reason_that_stays() {
        let template = template();
        let mut book = Notebook::open(&template);
        let early = refused(&book, book.now, None).unwrap();
        assert!(early.starts_with("It was deployed before the gate of the preparation was open. A reason"), "{early}");
        assert_eq!(refused(&book, book.now, Some("an outage")), None);
        book.did(Some("Olga"), WindowSet { from: book.now, to: book.now + chrono::TimeDelta::hours(2) });
        book.did(None, GateEvaluated { phase: 0, state: GateState::Open, conditions: Vec::new() });
        book.later(1);
        book.did(Some("Olga"), GateOpened { phase: 0 });
        let opened = book.now;
        book.later(2);
        assert_eq!(refused(&book, opened, None), None, "in the window, with the gate open");
        assert!(refused(&book, opened - chrono::TimeDelta::minutes(1), None).is_some(), "the gate was not open then");
        let outside = refused(&book, book.now, Some("  ")).unwrap();
        assert!(outside.starts_with("It was deployed outside the window."), "{outside}");
        let why = Some("the bank was late".to_owned());
        book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: why });
        book.did(Some("Olga"), DeploymentRecorded { at: opened, reason: Some("it began before".to_owned()) });
        let run = book.run();
        let said: Vec<String> = run.deployments().iter().map(Deployment::sentence).collect();
        assert_eq!(said, ["Deployed outside the window: the bank was late", ""], "what was corrected stays");
        assert_eq!(run.deployment().unwrap().by.as_ref().unwrap().name, "Olga");
        assert!(run.marks(book.now).head.iter().any(|line| line.contains("AGAINST THE PLAN: Deployed outside")));
    }

    #[test]
    fn without_phases_only_the_window_speaks() {
        let mut template = template();
        template.phases.clear();
        template.rows.iter_mut().for_each(|row| row.phase = None);
        let mut book = Notebook::open(&template);
        assert_eq!(refused(&book, book.now, None), None);
        book.did(Some("Olga"), WindowSet { from: book.now, to: book.now });
        assert!(refused(&book, book.now, None).is_some());
        book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: None });
        let said = book.run().deployment().unwrap().sentence();
        assert_eq!(said, "Deployed outside the window; no reason was given.", "as an earlier version wrote it");
    }
}
