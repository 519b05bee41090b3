//! Checks of attached files: which file answers for a line, and its content as it was kept.
//!
//! The file on the line itself comes first, then one on another line of the run, because one report may prove several
//! lines; one about the run's release comes before all others, and of these the newest.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::MeantLoad;
use countersign_domain::checklist::row::Proof;
use countersign_domain::checklist::run::{Attachment, Run};
use countersign_domain::ids::ItemId;
use countersign_probes::import::{self, Attached, Kind, Line, Meant};
use countersign_store::ledger::evidence::EvidenceFolder;

use super::Question;
use crate::checklists::templates::hash_of;

/// A line that a file is to prove, and the file, where one is attached.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub line: Line,
    pub file: Option<Attachment>,
    /// The newest description of the API, which a report of tests is compared with.
    pub beside: Option<Attachment>,
}

/// Makes questions of checks: those that look at files are asked for each line.
pub(super) fn questions(run: &Run, checks: Vec<(Proof, Vec<ItemId>)>) -> Vec<(Question, Vec<ItemId>)> {
    let mut questions = Vec::with_capacity(checks.len());
    for (proof, items) in checks {
        if !are_asked(&proof) {
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

/// Says whether a check looks at attached files.
pub(super) fn are_asked(proof: &Proof) -> bool {
    import::version(proof.as_str()).is_some()
}

/// Gives what a file is as old as: when it says it was made, but no later than it was attached.
pub(super) fn made_at(file: &Attachment) -> Instant {
    let said = file.file.facts.as_ref().and_then(|facts| facts.made_at);
    said.map_or(file.at, |at| at.min(file.at))
}

/// Reads a kept file; `None` for one that is gone or changed.
async fn kept(evidence: &EvidenceFolder, file: &Attachment) -> Option<Vec<u8>> {
    let (sha256, folder) = (hash_of(file.file.sha256), evidence.clone());
    let content = tokio::task::spawn_blocking(move || folder.load(&sha256)).await;
    content.ok().and_then(Result::ok)
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
        let is_of =
            |file: &Attachment, kind: Option<&str>| file.file.facts.as_ref().map(|facts| facts.kind.as_str()) == kind;
        let files =
            || run.template().rows.iter().filter_map(|row| run.history(&row.id)).flat_map(|history| &history.files);
        let rank =
            |file: &&Attachment| (file.file.release.as_ref() == Some(release), file.file.item == *item, file.seq);
        let newest = |kind: Option<&str>| files().filter(|file| is_of(file, kind)).max_by_key(rank).cloned();
        let is_of_tests = kind.as_deref() == Some(Kind::Tests.as_ref());
        let beside = if is_of_tests { newest(Some(Kind::Routes.as_ref())) } else { None };
        Self { line, file: newest(kind.as_deref()), beside }
    }

    /// Reads the file as it was kept; a content that is not what the ledger names is none.
    pub async fn load(&self, evidence: &EvidenceFolder) -> Option<Attached> {
        let attached = self.file.as_ref()?;
        let content = kept(evidence, attached).await;
        let beside = match &self.beside {
            Some(beside) => kept(evidence, beside).await,
            None => None,
        };
        Some(Attached {
            beside,
            name: attached.file.name.clone(),
            sha256: attached.file.sha256.to_string(),
            release: attached.file.release.clone(),
            meant: attached.file.meant.as_ref().map(meant).unwrap_or_default(),
            content,
        })
    }
}

#[cfg(test)]
mod tests;
