//! Checks of attached files: which file answers for a line, and its content as it was kept.
//!
//! The file on the line itself comes first, then one on another line of the run, because one report may prove several
//! lines; one about the run's release comes before all others, and of these the newest.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::MeantLoad;
use countersign_domain::checklist::row::Proof;
use countersign_domain::checklist::run::{Attachment, Run};
use countersign_domain::ids::ItemId;
use countersign_probes::import::{self, Attached, Line, Meant};
use countersign_store::ledger::evidence::EvidenceFolder;

use super::Question;
use crate::checklists::templates::hash_of;

/// A line that a file is to prove, and the file, where one is attached.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub line: Line,
    pub file: Option<Attachment>,
}

/// Makes questions of checks: those that look at files are asked for each line.
pub(super) fn questions(run: &Run, checks: Vec<(Proof, Vec<ItemId>)>) -> Vec<(Question, Vec<ItemId>)> {
    let mut questions = Vec::with_capacity(checks.len());
    for (proof, items) in checks {
        if import::version(proof.as_str()).is_none() {
            questions.push((Question { proof, subject: None }, items));
            continue;
        }
        for item in items {
            let subject = Some(Subject::of(run, &proof, &item));
            questions.push((Question { proof: proof.clone(), subject }, vec![item]));
        }
    }
    questions
}

/// Gives what a file is as old as: when it says it was made, but no later than it was attached.
pub(super) fn made_at(file: &Attachment) -> Instant {
    let said = file.file.facts.as_ref().and_then(|facts| facts.made_at);
    said.map_or(file.at, |at| at.min(file.at))
}

/// Reads the load that was meant.
fn meant(said: &MeantLoad) -> Meant {
    Meant { users: said.users.parse().ok(), per_second: said.per_second.parse().ok() }
}

impl Subject {
    fn of(run: &Run, proof: &Proof, item: &ItemId) -> Self {
        let release = &run.binding().release;
        let label = run.template().row(item).map(|row| row.label.clone()).unwrap_or_default();
        let line = Line { label, release: release.clone(), window_from: run.window().map(|(from, _)| from) };
        let kind = import::kind_of(proof.as_str()).map(|kind| kind.as_ref().to_owned());
        let is_its = |file: &&Attachment| file.file.facts.as_ref().map(|facts| &facts.kind) == kind.as_ref();
        let files =
            run.template().rows.iter().filter_map(|row| run.history(&row.id)).flat_map(|history| &history.files);
        let rank =
            |file: &&Attachment| (file.file.release.as_ref() == Some(release), file.file.item == *item, file.seq);
        Self { line, file: files.filter(is_its).max_by_key(rank).cloned() }
    }

    /// Reads the file as it was kept; a content that is not what the ledger names is none.
    pub async fn load(&self, evidence: &EvidenceFolder) -> Option<Attached> {
        let attached = self.file.as_ref()?;
        let (sha256, folder) = (hash_of(attached.file.sha256), evidence.clone());
        let content = tokio::task::spawn_blocking(move || folder.load(&sha256)).await;
        Some(Attached {
            name: attached.file.name.clone(),
            sha256: attached.file.sha256.to_string(),
            release: attached.file.release.clone(),
            meant: attached.file.meant.as_ref().map(meant).unwrap_or_default(),
            content: content.ok().and_then(Result::ok),
        })
    }
}

#[cfg(test)]
mod tests;
