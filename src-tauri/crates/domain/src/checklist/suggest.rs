//! Suggestions: which entry of the catalogue a line may be about.
//!
//! Simple on purpose, so that a person can see why: either a reviewed template has a line with the same words, or all
//! words of one of the entry's phrases occur in the line and its heading. The longest phrase wins. Deliberately absent:
//! any claim that a suggestion is right; it is marked until a person has confirmed it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::catalogue::{self, Check, CheckSource};
use super::row::{Kind, Proof, Row, Shape, Strength};
use super::template::Template;
use crate::ids::ItemId;

/// What a person confirms about every suggested check before it may complete a line.
pub const CONFIRM_SUGGESTION: &str = "This check is the right proof for this line";

/// A proof that was suggested for a row, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Suggestion {
    /// The row.
    #[ts(type = "string")]
    pub item: ItemId,
    /// What was suggested.
    pub proof: Proof,
    /// Why.
    pub because: Because,
}

/// Why a proof was suggested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// A reviewed template has a line with the same words.
    SameLine(String),
    /// These words of the catalogue occur.
    Words(String),
}

/// Suggests a proof for every row that has none, and settles the kind of rows the text left open.
///
/// **Shape**: a suggested check alone never completes a line: its strength asks a person to confirm the suggestion.
pub fn assign(rows: &mut [Row], reviewed: &[&Template]) -> Vec<Suggestion> {
    let phrases = Phrases::of_catalogue();
    let known = Known::of(reviewed);
    let labels: BTreeMap<ItemId, String> = rows.iter().map(|row| (row.id.clone(), row.label.clone())).collect();
    let mut suggestions = Vec::new();
    for row in rows {
        let open = row.kind == Kind::Manual && row.strength.is_none();
        let same = known.find(row);
        if let Some((line, _)) = same.filter(|_| open) {
            row.kind = if matches!(line.kind, Kind::Auto | Kind::Metric) { line.kind } else { Kind::Manual };
        }
        // A contact has a proof by its shape; a reviewed line may know a better one.
        let better = same.and_then(|(line, _)| line.proof.as_ref()).filter(|_| row.kind == Kind::Contact);
        if row.proof.is_none() || better.is_some_and(|better| row.proof.as_ref() != Some(better)) {
            let parent = row.parent.as_ref().and_then(|parent| labels.get(parent)).map_or("", String::as_str);
            let found = match same {
                Some((line, name)) => line.proof.clone().map(|proof| (proof, Because::SameLine(name.to_owned()))),
                None => named_thing(row, parent).or_else(|| phrases.find(row, parent)),
            };
            if let Some((proof, because)) = found {
                row.suggested = true;
                row.proof = Some(proof.clone());
                suggestions.push(Suggestion { item: row.id.clone(), proof, because });
            }
        }
        if open {
            settle(row, same.is_none());
        }
    }
    suggestions
}

/// A review decided what no row can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecidable {
    /// The catalogue has no such entry.
    #[error("`{0}` is not in the catalogue")]
    NoSuchProof(String),
    /// An automatic line needs a check.
    #[error("an automatic line needs a check that decides it")]
    NoProof,
    /// What a line is follows from its shape.
    #[error("a line that is a {0} stays one")]
    Fixed(Kind),
}

/// Takes a person's decision about a row: what kind of work it is and what decides it.
///
/// **Shape**: the row is no suggestion any more; its strength is the one the catalogue gives for the check.
/// **Errors**: [`Undecidable`]; commands, contacts, signatures and notes keep their kind.
pub fn confirm(row: &mut Row, kind: Kind, proof: Option<Proof>) -> Result<(), Undecidable> {
    let fixed = |kind| matches!(kind, Kind::Command | Kind::Contact | Kind::Signoff | Kind::Note);
    if kind != row.kind && (fixed(kind) || fixed(row.kind) || (kind == Kind::Schedule && row.schedule.is_none())) {
        return Err(Undecidable::Fixed(row.kind));
    }
    let check = match &proof {
        Some(proof) => {
            Some(catalogue::find(proof.as_str()).ok_or_else(|| Undecidable::NoSuchProof(proof.to_string()))?)
        }
        None => None,
    };
    row.strength = match (kind, check) {
        (Kind::Auto, None) => return Err(Undecidable::NoProof),
        (Kind::Auto, Some(check)) if check.assists => Some(Strength::Full),
        (Kind::Auto, Some(check)) => Some(check.strength()),
        (Kind::Manual, Some(_)) => Some(Strength::Assist),
        (Kind::Manual, None) => Some(Strength::Human),
        // What is measured decides by itself, whoever the line was left to before.
        (Kind::Metric, _) => row.strength.take().filter(|held| !matches!(held, Strength::Assist | Strength::Human)),
        _ => row.strength.take(),
    };
    row.kind = kind;
    row.proof = proof;
    row.suggested = false;
    Ok(())
}

/// Gives an open row the kind and the strength its suggested proof allows.
fn settle(row: &mut Row, choose: bool) {
    let check = row.proof.as_ref().and_then(|proof| catalogue::find(proof.as_str()));
    if choose {
        row.kind = match (&row.proof, check) {
            (Some(Proof::Metric(_)), _) => Kind::Metric,
            (Some(Proof::Probe(_)), Some(check)) if !check.assists => Kind::Auto,
            _ => Kind::Manual,
        };
    }
    row.strength = match (row.kind, &row.proof) {
        (Kind::Auto, _) => Some(Strength::Partial(CONFIRM_SUGGESTION.to_owned())),
        (Kind::Manual, Some(_)) => Some(Strength::Assist),
        (Kind::Manual, None) => Some(Strength::Human),
        _ => None,
    };
}

/// A line that is itself the name of a thing: an event type, or a queue under a line about queues.
fn named_thing(row: &Row, parent: &str) -> Option<(Proof, Because)> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.' || c == '-';
    if row.shape != Shape::Box || !row.label.chars().all(plain) {
        return None;
    }
    let about = format!("{} {parent} {}", row.section_path(), row.caption).to_lowercase();
    let because = |word: &str| Because::Words(word.to_owned());
    if row.label.contains('.') && about.contains("event") {
        return Some((format!("stripe.webhooks.event.{}", row.label).as_str().into(), because("event")));
    }
    let queue = !row.label.contains('.') && about.contains("queue");
    queue.then(|| (format!("rabbitmq.queue.{}", row.label).as_str().into(), because("queue")))
}

/// Says which entries make sense for a kind of line.
fn fits(row: &Row, check: &Check) -> bool {
    let metric = check.id.starts_with("metric.");
    match (row.kind, check.source) {
        (_, CheckSource::Signature | CheckSource::Form) => false,
        (Kind::Rollback, source) => (source == CheckSource::Trigger) == row.indicator,
        (_, CheckSource::Trigger) => false,
        (Kind::Metric, _) => metric,
        (Kind::Manual, CheckSource::Gate) => check.id.starts_with("gate.staging"),
        (_, CheckSource::Gate) => false,
        (Kind::Command, _) => !metric,
        (Kind::Auto | Kind::Manual | Kind::Schedule, _) => true,
        (Kind::Contact | Kind::Signoff | Kind::Note, _) => false,
    }
}

/// The phrases of the catalogue, found by any of their words.
struct Phrases {
    all: Vec<(&'static Check, &'static str, Vec<String>)>,
    by_word: BTreeMap<String, Vec<usize>>,
}

impl Phrases {
    fn of_catalogue() -> Self {
        let phrases = catalogue::all().flat_map(|check| check.words.iter().map(move |phrase| (check, *phrase)));
        let all: Vec<_> = phrases.map(|(check, phrase)| (check, phrase, stems(phrase))).collect();
        let mut by_word: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, (_, _, stems)) in all.iter().enumerate() {
            for stem in stems {
                by_word.entry(stem.clone()).or_default().push(index);
            }
        }
        Self { all, by_word }
    }

    /// Finds the entry with the longest phrase; words of the line itself count twice, and rarer words decide a tie.
    fn find(&self, row: &Row, parent: &str) -> Option<(Proof, Because)> {
        let label: BTreeSet<String> = stems(&row.label).into_iter().collect();
        let heading = row.section.last().map_or("", String::as_str);
        let around: BTreeSet<String> = stems(&format!("{heading} {} {parent}", row.caption)).into_iter().collect();
        let candidates: BTreeSet<usize> =
            label.iter().filter_map(|stem| self.by_word.get(stem)).flatten().copied().collect();
        let score = |index: &usize| {
            let (check, phrase, stems) = self.all.get(*index)?;
            let said = stems.iter().filter(|stem| label.contains(*stem)).count();
            let heard = stems.iter().all(|stem| label.contains(stem) || around.contains(stem));
            let rarity = stems.iter().filter_map(|stem| self.by_word.get(stem)).map(Vec::len).sum::<usize>();
            // One word of the line and one of its heading meet by chance too often.
            let enough = said == stems.len() || said >= 2;
            (heard && enough && fits(row, check)).then_some((stems.len() + said, Reverse(rarity), *check, *phrase))
        };
        let best = candidates.iter().filter_map(score).max_by_key(|(words, rarity, ..)| (*words, *rarity));
        let (.., check, phrase) = best?;
        Some((check.proof()?, Because::Words(phrase.to_owned())))
    }
}

/// Lines of reviewed templates, by their words.
struct Known<'a> {
    by_place: BTreeMap<(String, Vec<String>), (&'a Row, &'a str)>,
    by_label: BTreeMap<Vec<String>, (&'a Row, &'a str)>,
}

impl<'a> Known<'a> {
    fn of(reviewed: &[&'a Template]) -> Self {
        let (mut by_place, mut by_label) = (BTreeMap::new(), BTreeMap::new());
        for template in reviewed {
            for row in template.rows.iter().filter(|row| !row.suggested) {
                let stems = stems(&row.label);
                by_place.entry((row.section_path(), stems.clone())).or_insert((row, template.name.as_str()));
                by_label.entry(stems).or_insert((row, template.name.as_str()));
            }
        }
        Self { by_place, by_label }
    }

    /// Finds a line with the same words, in the same section if there is one.
    fn find(&self, row: &Row) -> Option<(&'a Row, &'a str)> {
        let stems = stems(&row.label);
        let same_place = self.by_place.get(&(row.section_path(), stems.clone())).copied();
        let comparable = |(line, _): &(&Row, &str)| {
            matches!(line.kind, Kind::Auto | Kind::Manual | Kind::Metric) || line.kind == row.kind
        };
        same_place.or_else(|| self.by_label.get(&stems).copied().filter(comparable))
    }
}

/// Splits text into words without their endings.
fn stems(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(stem).collect()
}

/// Takes common English endings off a word, so that "indexes created" meets "index create".
fn stem(word: &str) -> String {
    let mut word = word.to_lowercase();
    for (ending, instead) in [("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", "")] {
        let stem = word.strip_suffix(ending).filter(|stem| stem.chars().count() >= 3 && !stem.ends_with('s'));
        if let Some(stem) = stem {
            word = format!("{stem}{instead}");
            break;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_decision_ends_a_suggestion() {
        let text = b"- [ ] Database backups configured\n- [ ] Buy cake\n\n```sh\nnpm start\n```\n";
        let mut rows = super::super::import::read(text, "x.md", &[]).unwrap().template.rows;
        let backups = &mut rows[0];
        assert_eq!(backups.strength, Some(Strength::Partial(CONFIRM_SUGGESTION.to_owned())));
        let proof = backups.proof.clone();
        confirm(backups, Kind::Auto, proof).unwrap();
        assert!(!backups.suggested);
        assert_eq!(backups.strength.as_ref().unwrap().to_string(), "partial: The backups are the ones meant");
        confirm(backups, Kind::Manual, None).unwrap();
        assert_eq!((backups.kind, &backups.proof, &backups.strength), (Kind::Manual, &None, &Some(Strength::Human)));
        let refused = confirm(&mut rows[1], Kind::Auto, None);
        assert_eq!(refused, Err(Undecidable::NoProof));
        let refused = confirm(&mut rows[1], Kind::Auto, Some("no.such".into()));
        assert_eq!(refused, Err(Undecidable::NoSuchProof("no.such".to_owned())));
        assert_eq!(
            confirm(&mut rows[2], Kind::Auto, Some("http.health".into())),
            Err(Undecidable::Fixed(Kind::Command))
        );
        assert_eq!(confirm(&mut rows[1], Kind::Schedule, None), Err(Undecidable::Fixed(Kind::Manual)));
        rows[1].strength = Some(Strength::Human);
        confirm(&mut rows[1], Kind::Metric, Some("metric.mrr".into())).unwrap();
        assert_eq!((rows[1].kind, rows[1].strength.clone()), (Kind::Metric, None));
    }

    #[test]
    fn endings_do_not_matter() {
        for (left, right) in [
            ("indexes", "index"),
            ("created", "create"),
            ("policies", "policy"),
            ("tracking", "tracked"),
            ("keys", "key"),
            ("pages", "page"),
        ] {
            assert_eq!(stem(left), stem(right), "{left} {right}");
        }
        assert_ne!(stem("access"), stem("acce"));
        assert_eq!(stem("dns"), "dns");
    }
}
