//! What an export of a run says about each line.
//!
//! Separate because files are read by people who never open the program. Deliberately absent: the layout.

use super::super::export_markdown::{Mark, Marks};
use super::super::row::{Kind, Shape};
use super::super::sign::SlotState;
use super::history::Occasion;
use super::state::{State, day};
use super::{Deployment, Run, check_of};
use crate::Instant;

impl Run {
    /// Gives what a Markdown export adds to the source: ticks, values, and who and when.
    #[must_use]
    pub fn marks(&self, now: Instant) -> Marks {
        let progress = self.progress(now);
        let binding = &self.binding;
        let demo = if binding.is_demo { " (DEMO)" } else { "" };
        let mut head = vec![
            format!(
                "Release {} on {} ({}){demo}, begun {}.",
                binding.release,
                binding.environment,
                binding.class,
                day(binding.started_at)
            ),
            format!("{} of {} lines complete, as of {}.", progress.complete, progress.total, day(now)),
            format!(
                "Template {} version {}, {}.",
                self.template.id,
                self.template.version,
                binding.template_hash.short()
            ),
        ];
        if let Some(deployment) = self.deployment() {
            let by = deployment.by.as_ref().map(|by| format!(" by {}", by.name)).unwrap_or_default();
            head.push(format!("Deployed at {}, recorded{by}.", day(deployment.at)));
        }
        let irregular = self.deployments.iter().map(Deployment::sentence).filter(|text| !text.is_empty());
        head.extend(irregular.map(|text| format!("AGAINST THE PLAN: {text}")));
        head.extend(
            self.considerations().map(|said| format!("Special considerations, by {}: {}", said.by.name, said.text)),
        );
        for (phase, record) in &self.gates {
            if let Some((first, second)) = record.override_of_two() {
                head.push(format!(
                    "OVERRIDDEN: the gate of phase {phase}, by {} and {}: {}",
                    first.by.name, second.by.name, first.text
                ));
            }
        }
        for (section, rollback) in self.rollbacks() {
            let name = section.last().map_or("Rollback", String::as_str);
            let began = &rollback.started;
            let ended = rollback.ended.as_ref().map_or_else(
                || "It is under way.".to_owned(),
                |end| format!("Ended by {} at {}: {}", rollback.ended_by(), day(end.at), end.text),
            );
            head.push(format!("{name}: begun by {} at {}: {} {ended}", began.by.name, day(began.at), began.text));
        }
        let mut marks = Marks { head, ..Marks::default() };
        for (at, row) in self.template.rows.iter().enumerate() {
            let Some(history) = self.histories.get(at) else { continue };
            let standing = self.standing_at(at, Some(now));
            let done = standing.state.is_complete() || standing.state == State::Tripped;
            let mut mark = Mark { ticked: done, ..Mark::default() };
            if row.shape == Shape::Field {
                let written = history.value.as_ref().map(|value| value.text.clone());
                let known = (standing.state == State::Verified).then(|| standing.because.clone());
                mark.value = written.or(known).unwrap_or_default();
            } else if standing.state != State::Open && standing.state != State::Armed && row.shape != Shape::Policy {
                mark.lines.push(format!("{}. {}", sentence(standing.state), standing.because));
            }
            if let Some(answer) = &history.answer {
                let name = check_of(row).map_or("", |check| check.name);
                mark.lines.push(format!(
                    "{name}: {} at {}, evidence {}.",
                    answer.outcome.word(),
                    day(answer.at),
                    answer.evidence.short()
                ));
            }
            if let Some(word) = history.confirmed.as_ref().filter(|_| row.kind != Kind::Signoff) {
                mark.lines.push(format!("By {} at {}.", word.by.name, day(word.at)));
            }
            let aside = history.dismissed.as_ref().or(history.waived.as_ref().map(|waiver| &waiver.decision));
            if let Some(word) = aside.filter(|_| matches!(standing.state, State::Waived | State::NotApplicable)) {
                mark.lines.push(format!("Decided by {} at {}.", word.by.name, day(word.at)));
            }
            if let Some((.., written_at, card)) = history.card.as_ref().filter(|(.., card)| !card.person.is_empty()) {
                let tested =
                    card.tested_at.map_or_else(|| "never tested".to_owned(), |at| format!("tested {}", day(at)));
                mark.lines.push(format!("{}, card of {}, {tested}.", card.person, day(*written_at)));
            }
            mark.lines.extend(self.first_hour_line(row, now));
            mark.lines.extend(history.occasions.iter().flat_map(|(key, occasion)| occasion_lines(key, occasion)));
            mark.lines.extend(
                history.notes.iter().map(|note| format!("Note of {}, {}: {}", note.by.name, day(note.at), note.text)),
            );
            mark.lines.extend(
                history.files.iter().map(|file| format!("File {}, sha256 {}.", file.file.name, file.file.sha256)),
            );
            marks.rows.insert(row.id.clone(), mark);
        }
        for slot in self.slots() {
            let mark = slot.line.item.as_ref().and_then(|item| marks.rows.get_mut(item));
            if let (Some(mark), Some(signature)) = (mark, slot.signature.filter(|_| slot.state == SlotState::Signed)) {
                mark.value.clone_from(&signature.by.name);
                mark.date = signature.at.format("%Y-%m-%d").to_string();
                let (body, key) = (&signature.body, signature.by.key.as_deref().unwrap_or_default());
                mark.lines.push(format!(
                    "Signature: {}, entry {}, root {}, key {key}.",
                    body.meaning, signature.seq, body.root
                ));
                let exception = body.exception.iter();
                mark.lines.extend(exception.map(|why| format!("Exception to signing by different people: {why}")));
            }
        }
        marks
    }
}

/// Says of one time of a dated line who did it, what they said and what they saw.
fn occasion_lines(key: &str, occasion: &Occasion) -> Vec<String> {
    let (word, what) = (&occasion.decision, if occasion.done.is_some() { "done" } else { "left out" });
    let said = if word.text.is_empty() { String::new() } else { format!(": {}", word.text) };
    let mut line = format!("{key}: {what} by {} at {}{}.", word.by.name, day(word.at), said.trim_end_matches('.'));
    let Some(done) = &occasion.done else { return vec![line] };
    let files = [("File of what was measured", done.snapshot), ("Report", done.report)];
    for (name, digest) in files {
        line.extend(digest.map(|digest| format!(" {name}, sha256 {digest}.")));
    }
    let facts = done.said.iter().chain(&done.seen).map(|fact| format!("{key}: {}: {}", fact.name, fact.value));
    let disposed = done.reviewed.iter().flat_map(|reviewed| &reviewed.dispositions);
    let disposed = disposed.map(|one| format!("{key}: {}: {}", one.record, one.disposition.words()));
    std::iter::once(line).chain(facts).chain(disposed).collect()
}

fn sentence(state: State) -> String {
    let words = match state {
        State::Unknown(reason) => format!("unknown ({})", reason.as_ref()),
        state => state.word(),
    };
    let words = words.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
