//! What the entries say about runs, judged by the rules alone: the order of the groups, four eyes, and waivers by
//! somebody else than the owner.
//!
//! An entry that was not allowed when it was recorded is named; nothing but the entries, and the checklists they name by
//! their hash, is believed. Each version of a checklist judges what was recorded while the run went by it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::{Act, Entry};
use countersign_domain::checklist::run::Run;
use countersign_domain::checklist::template::Template;
use countersign_domain::ids::RunId;
use countersign_domain::ledger::{self, Warning};
use countersign_domain::workspace::Workspace;

use super::Finding;
use crate::checklists::{Shelf, stories};
use crate::files::read_plain;
use crate::templates::built_in;

/// Entries about runs that are judged; a bundle with more says that it was not judged to its end.
const ACTS_MAX: usize = 1_000_000;
/// Longest file of a checklist that is read. **Units**: bytes.
const TEMPLATE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Files of checklists that are looked at.
const TEMPLATES_MAX: usize = 1_000;

/// Collects what entries say about runs, in the order of the ledger.
#[derive(Default)]
pub(super) struct Judge {
    templates: BTreeMap<Digest, Arc<Template>>,
    runs: BTreeMap<RunId, Vec<Act>>,
    revoked: Vec<Act>,
    /// Why one person may sign in two groups, as the workspace says at this place of the ledger.
    one_signer_reason: Option<String>,
    findings: Vec<Finding>,
    /// What the workspace allowed although it is not the rule.
    exceptions: Vec<String>,
    taken: usize,
}

impl Judge {
    /// Begins with the checklists of the program.
    pub fn begin() -> Self {
        let mut judge = Self::default();
        // A build whose checklists cannot be read fails its own tests; here the runs that name one are not judged.
        built_in().into_iter().flatten().for_each(|one| judge.keep(one.template));
        judge
    }

    /// Takes the checklists that lie in a folder, as a pack has them. Their content is held to the hash a run names, so
    /// that no file is believed by its name.
    pub fn read(&mut self, folder: &Path) {
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten().take(TEMPLATES_MAX);
        for path in files.map(|file| file.path()) {
            let text = read_plain(&path, TEMPLATE_BYTES_MAX).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let template = text.and_then(|text| Template::from_toml(&text).ok());
            template.into_iter().for_each(|template| self.keep(template));
        }
    }

    /// Takes the checklists of an open ledger, those among them whose content is kept as evidence.
    pub fn know(&mut self, shelf: &Shelf) {
        let kept = shelf.library.all().map(|kept| (kept.hash, Arc::clone(&kept.template)));
        self.templates.extend(kept);
    }

    fn keep(&mut self, template: Template) {
        self.templates.insert(template.content_hash(), Arc::new(template));
    }

    /// Takes in one entry; has the form of a visitor of the verifier and warns of nothing.
    pub fn take_in(&mut self, entry: &ledger::Entry) -> Option<Warning> {
        if entry.kind == "workspace_set"
            && let Ok(workspace) = entry.body_as::<Workspace>()
        {
            self.one_signer_reason = workspace.one_signer_reason;
        }
        if !Entry::KINDS.contains(&entry.kind.as_str()) {
            return None;
        }
        self.taken += 1;
        if self.taken > ACTS_MAX {
            return None;
        }
        let Ok(act) = stories::act_of(entry.clone()) else {
            self.find(entry.seq, "It is not written as this version of the program writes an entry of this kind.");
            return None;
        };
        if let Entry::RunSigned(body) = &act.entry
            && let Some(reason) = &body.exception
        {
            self.except(entry.seq, reason);
        }
        match (&act.entry, entry.object.as_deref().and_then(stories::run_of)) {
            // What is kept as evidence comes from where that is, and is held to its hash like all of them.
            (Entry::TemplateImported(body), _) if body.record.is_some() => {}
            (Entry::TemplateImported(body), _) => match Template::from_toml(&body.toml) {
                Ok(template) => self.keep(template),
                Err(error) => self.find(entry.seq, format!("The checklist in it cannot be read: {error}.")),
            },
            (Entry::KeyRevoked(_), _) => self.revoked.push(act),
            (_, Some(run)) => self.runs.entry(run).or_default().push(act),
            (_, None) => {}
        }
        None
    }

    /// Holds an exception to what the workspace said when it was made.
    fn except(&mut self, seq: u64, reason: &String) {
        if self.one_signer_reason.as_ref() == Some(reason) {
            self.exceptions
                .push(format!("Entry {seq} signs where another person should; the workspace allowed it: {reason}"));
        } else {
            self.find(seq, "It signs where another person should, and the workspace did not allow that then.");
        }
    }

    fn find(&mut self, seq: u64, text: impl Into<String>) {
        self.findings.push(Finding { seq, text: text.into() });
    }

    /// Judges every run; gives what was found, in the order of the ledger, and what the workspace allowed.
    pub fn judged(mut self) -> (Vec<Finding>, Vec<String>) {
        if self.taken > ACTS_MAX {
            let left = self.taken - ACTS_MAX;
            self.find(0, format!("{left} entries about runs were not judged: more than {ACTS_MAX} are too many."));
        }
        for (run, mut acts) in std::mem::take(&mut self.runs) {
            let began = acts.first().map_or(0, |act| act.seq);
            acts.extend(self.revoked.iter().filter(|act| act.seq > began).cloned());
            acts.sort_by_key(|act| act.seq);
            self.judge(&run, &acts);
        }
        self.findings.sort_by_key(|finding| finding.seq);
        (self.findings, self.exceptions)
    }

    /// Judges a run part by part: what stands before a change of the checklist, by the version of then.
    fn judge(&mut self, run: &RunId, acts: &[Act]) {
        let is_change = |act: &Act| matches!(act.entry, Entry::RunUpgraded(_));
        let mut from = 0;
        while let Some(begins) = acts.get(from) {
            let to = acts.iter().skip(from + 1).position(is_change).map_or(acts.len(), |after| from + 1 + after);
            let wanted = match &begins.entry {
                Entry::RunStarted(body) if from == 0 => body.hash,
                Entry::RunUpgraded(body) if from > 0 => body.hash,
                _ => return self.find(begins.seq, format!("It is about the run {run}, which nobody started.")),
            };
            let Some(template) = self.templates.get(&wanted).cloned() else {
                let text = format!("The run {run} goes by a checklist that is not here, {wanted}: it was not judged.");
                return self.find(begins.seq, text);
            };
            match Run::fold(template, acts.get(..to).unwrap_or_default()) {
                Ok(folded) => folded.refused().iter().filter(|refused| refused.seq >= begins.seq).for_each(|refused| {
                    self.find(refused.seq, format!("It has no effect on run {run}: {}", refused.refusal.sentence));
                }),
                Err(error) => self.find(begins.seq, format!("The run {run} cannot be judged: {error}.")),
            }
            from = to;
        }
    }
}

#[cfg(test)]
mod tests;
