//! A template changed by hand: the list as a person left it, made into the next version.
//!
//! Separate from the importer, because here nothing is guessed: what a line is stands in its draft, and what the draft does
//! not name stays as it was. Deliberately absent: saving, and version numbers; a version that exists never changes.

pub mod phases;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::catalogue;
use super::import::LABEL_CHARS_MAX;
use super::limit::Limit;
use super::role::{self, Role};
use super::row::{Kind, Proof, Row, Shape, Strength};
use super::schedule::{NotASchedule, ScheduleRule};
use super::suggest;
use super::template::Template;
use crate::ids::ItemId;
use phases::PhaseDraft;

/// Longest rule, help or remainder. **Units**: characters.
pub const WORDS_CHARS_MAX: usize = 2_000;
/// Longest time a result may count: one year. **Units**: hours.
pub const FRESH_HOURS_MAX: u32 = 366 * 24;
/// Deepest section, and most roles that confirm a line.
const PARTS_MAX: usize = 12;
/// Longest heading. **Units**: characters.
const HEADING_CHARS_MAX: usize = 200;
/// Longest id that is made of a text. **Units**: characters.
const ID_CHARS_MAX: usize = 60;

/// One line as an editor shows and returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RowDraft {
    /// The line it was; for a new one any word that no other line has.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The headings above it.
    pub section: Vec<String>,
    /// What kind of work it is.
    #[ts(type = "string")]
    pub kind: Kind,
    /// Check or metric that decides it; empty for a person.
    pub probe: String,
    /// Whether the check is a suggestion nobody has confirmed.
    pub is_suggested: bool,
    /// What a person confirms beside the check; empty for what the catalogue says.
    pub remainder: String,
    /// The rule in words.
    pub rule: String,
    /// What to know before doing it, or how to put it right.
    pub help: String,
    /// The limit as people write it, such as `> 99 %`; empty for none.
    pub limit: String,
    /// How long a result counts; `null` for as long as the catalogue says. **Units**: hours.
    pub fresh_hours: Option<u32>,
    /// Roles that may confirm it; empty for everybody.
    pub confirm: Vec<String>,
    /// Whether it may be declared not applicable.
    pub may_be_na: bool,
    /// When a dated line is due, such as `week 1 every day`; empty for any other.
    #[serde(default)]
    pub schedule: String,
    /// What the list says of a contact: a role, an address, or nothing.
    #[serde(default)]
    pub given: String,
    /// The line it is nested in.
    pub parent: Option<String>,
}

/// Why a draft makes no line, or the lines no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{why}", if text.is_empty() { String::new() } else { format!("“{text}”: ") })]
pub struct Unsound {
    /// The beginning of the line's text; empty for the list as a whole.
    pub text: String,
    /// Why.
    pub why: String,
}

/// Shows a line to an editor.
#[must_use]
pub fn draft(row: &Row) -> RowDraft {
    let remainder = match &row.strength {
        Some(Strength::Partial(remainder)) => remainder.clone(),
        _ => String::new(),
    };
    RowDraft {
        id: row.id.to_string(),
        text: row.label.clone(),
        section: row.section.clone(),
        kind: row.kind,
        probe: row.proof.as_ref().map(ToString::to_string).unwrap_or_default(),
        is_suggested: row.suggested,
        remainder,
        rule: row.rule.clone(),
        help: row.help.clone(),
        limit: row.limit.as_ref().map(ToString::to_string).unwrap_or_default(),
        fresh_hours: row.fresh_hours,
        confirm: row.confirm.iter().map(ToString::to_string).collect(),
        may_be_na: row.optional,
        schedule: row.schedule.as_ref().map(ToString::to_string).unwrap_or_default(),
        given: row.given.clone(),
        parent: row.parent.as_ref().map(ToString::to_string),
    }
}

/// Makes the template of the drafts: lines in their order, new ones with ids of their own.
///
/// **Shape**: name and closing line stay, and phases that are not among theirs; a line that is not among the drafts is gone.
/// **Errors**: [`Unsound`], the first there is.
pub fn revised(template: &Template, drafts: &[RowDraft], phases: &[PhaseDraft]) -> Result<Template, Unsound> {
    let whole = |why: String| Unsound { text: String::new(), why };
    let phases = phases::revised(&template.phases, phases)?;
    let mut seen = BTreeSet::new();
    if let Some(twice) = drafts.iter().find(|draft| !seen.insert(draft.id.as_str())) {
        return Err(whole(format!("the line {} stands twice", twice.id)));
    }
    let known: BTreeMap<&str, &Row> = template.rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut ids = Ids::beside(template);
    let mut rows = Vec::with_capacity(drafts.len());
    let mut named: BTreeMap<&str, ItemId> = BTreeMap::new();
    for draft in drafts {
        let text: String = draft.text.chars().take(HEADING_CHARS_MAX / 2).collect();
        let row = row(draft, known.get(draft.id.as_str()).copied(), &mut ids);
        let mut row = row.map_err(|why| Unsound { text, why })?;
        // A line whose parent is gone stands on its own.
        row.parent = draft.parent.as_deref().and_then(|parent| named.get(parent)).cloned();
        if row.phase.is_none() || known.get(draft.id.as_str()).is_none_or(|was| was.section != row.section) {
            let beside = template.rows.iter().find(|other| other.section == row.section);
            row.phase = beside.map_or(row.phase, |beside| beside.phase);
            row.indicator = row.kind == Kind::Rollback && beside.map_or(row.indicator, |beside| beside.indicator);
        }
        named.insert(&draft.id, row.id.clone());
        rows.push(row);
    }
    let revised = Template { phases, rows, ..template.clone() };
    if revised.rows.is_empty() {
        return Err(whole("a checklist has at least one line".to_owned()));
    }
    match revised.faults().into_iter().next() {
        Some(fault) => Err(whole(fault)),
        None => Ok(revised),
    }
}

/// Ids of new lines, made of their texts, distinct from all that are or were.
struct Ids(BTreeSet<ItemId>);

impl Ids {
    fn beside(template: &Template) -> Self {
        Self(template.rows.iter().map(|row| row.id.clone()).collect())
    }

    fn of(&mut self, text: &str) -> ItemId {
        let words: String = role::words(text, '-').chars().take(ID_CHARS_MAX).collect();
        let words = words.trim_end_matches('-');
        let stem = if words.is_empty() { "line" } else { words };
        let free = (1_u32..).map(|nth| if nth == 1 { stem.to_owned() } else { format!("{stem}~{nth}") });
        let id = free.map(ItemId::from).find(|id| !self.0.contains(id)).unwrap_or_else(|| stem.into());
        self.0.insert(id.clone());
        id
    }
}

fn row(draft: &RowDraft, was: Option<&Row>, ids: &mut Ids) -> Result<Row, String> {
    let is_command = was.is_some_and(|row| row.shape == Shape::Command);
    let label = if is_command { draft.text.trim().to_owned() } else { one_line(&draft.text) };
    bounded("a text", &label, 1, LABEL_CHARS_MAX)?;
    for (what, text) in [("a rule", &draft.rule), ("a help", &draft.help), ("a remainder", &draft.remainder)] {
        bounded(what, text, 0, WORDS_CHARS_MAX)?;
    }
    let section: Vec<String> = draft.section.iter().map(|heading| one_line(heading)).collect();
    section.iter().try_for_each(|heading| bounded("a heading", heading, 1, HEADING_CHARS_MAX))?;
    if section.len() > PARTS_MAX || draft.confirm.len() > PARTS_MAX {
        return Err(format!("at most {PARTS_MAX} headings, and {PARTS_MAX} roles"));
    }
    let mut row = match was {
        Some(row) => row.clone(),
        None => Row { id: ids.of(&label), ..begun(draft.kind, &label) },
    };
    if row.label != label {
        row.mentions = super::import::mentions(&label);
    }
    (row.label, row.section) = (label, section);
    row.given = one_line(&draft.given);
    bounded("what the list says of a contact", &row.given, 0, HEADING_CHARS_MAX)?;
    if !row.given.is_empty() && row.shape != Shape::Contact {
        return Err("only of a contact a role or an address is said".to_owned());
    }
    dated(&mut row, draft)?;
    decide(&mut row, draft)?;
    row.rule = draft.rule.trim().to_owned();
    row.help = draft.help.trim().to_owned();
    row.limit = limit(&draft.limit)?;
    row.fresh_hours = draft.fresh_hours;
    if row.fresh_hours.is_some_and(|hours| !(1..=FRESH_HOURS_MAX).contains(&hours)) {
        return Err(format!("a result counts for 1 to {FRESH_HOURS_MAX} hours"));
    }
    row.confirm = draft.confirm.iter().map(|role| Role::of_label(role)).collect();
    row.optional = draft.may_be_na;
    Ok(row)
}

/// Reads a limit as people write it; an empty text is none.
///
/// **Errors**: why the text is no limit.
pub fn limit(text: &str) -> Result<Option<Limit>, String> {
    match text.trim() {
        "" => Ok(None),
        text => Limit::find(text).map(Some).ok_or("a limit is a sign and a number, such as > 99 %".to_owned()),
    }
}

/// Begins a new line: what it looks like follows from the kind of work it is.
fn begun(kind: Kind, label: &str) -> Row {
    let field = || Some(role::words(label, '_')).filter(|words| !words.is_empty()).unwrap_or("field".to_owned());
    let (shape, proof) = match kind {
        Kind::Command => (Shape::Command, None),
        Kind::Contact => (Shape::Contact, Some("contacts.complete".to_owned())),
        Kind::Signoff => (Shape::Signature, Some(format!("signoff.{}", Role::of_label(label)))),
        Kind::Note => (Shape::Field, Some(format!("run.note.{}", field()))),
        Kind::Auto | Kind::Metric | Kind::Schedule | Kind::Manual | Kind::Rollback => (Shape::Box, None),
    };
    let is_by_shape = shape != Shape::Box;
    let mut row = Row::of_text(1, Vec::new(), label.to_owned(), shape, if is_by_shape { kind } else { Kind::Manual });
    row.proof = proof.map(|proof| Proof::from(proof.as_str()));
    row.strength = (!is_by_shape).then_some(Strength::Human);
    row
}

/// Takes over when it is due.
fn dated(row: &mut Row, draft: &RowDraft) -> Result<(), String> {
    let said = row.schedule.map(|rule| rule.to_string()).unwrap_or_default();
    match (draft.kind, draft.schedule.trim()) {
        (Kind::Schedule, "") => return Err("it comes back; say when, such as week 1 every day".to_owned()),
        (Kind::Schedule, text) => {
            let rule: ScheduleRule = text.parse().map_err(|error: NotASchedule| error.to_string())?;
            row.schedule = Some(rule);
        }
        (_, text) if text == said => {}
        (_, "") => row.schedule = None,
        (..) => return Err("only a dated line has a schedule".to_owned()),
    }
    Ok(())
}

/// Takes over what kind of work it is, what decides it and how far.
fn decide(row: &mut Row, draft: &RowDraft) -> Result<(), String> {
    let said = (!draft.probe.is_empty()).then(|| Proof::from(draft.probe.as_str()));
    // What proves a card, a signature or a field follows from what it looks like.
    let is_by_shape = matches!(row.kind, Kind::Contact | Kind::Signoff | Kind::Note);
    let proof = said.or_else(|| row.proof.clone().filter(|_| is_by_shape && draft.kind == row.kind));
    let is_confirmed = row.suggested && !draft.is_suggested;
    let is_decided = draft.kind != row.kind || proof != row.proof || is_confirmed;
    if is_decided {
        match (draft.kind, &proof) {
            (Kind::Metric, Some(Proof::Probe(probe))) => {
                return Err(format!("a value decides it, and {probe} is a check"));
            }
            (Kind::Auto, Some(Proof::Metric(metric))) => {
                return Err(format!("a check decides it, and {metric} is a value"));
            }
            _ => {}
        }
        suggest::confirm(row, draft.kind, proof).map_err(|error| error.to_string())?;
    }
    let check = row.proof.as_ref().and_then(|proof| catalogue::find(proof.as_str()));
    match (&row.strength, draft.remainder.trim()) {
        (Some(Strength::Partial(said)), "") if !is_decided && !said.is_empty() && row.kind == Kind::Auto => {
            row.strength = check.map(|check| if check.assists { Strength::Full } else { check.strength() });
        }
        (Some(Strength::Full | Strength::Partial(_)), said) if !said.is_empty() => {
            row.strength = Some(Strength::Partial(said.to_owned()));
        }
        _ => {}
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn bounded(what: &str, text: &str, least: usize, most: usize) -> Result<(), String> {
    let length = text.chars().count();
    if !(least..=most).contains(&length) {
        return Err(format!("{what} has {least} to {most} characters; this has {length}"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(format!("{what} has no control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::export_template::{says_the_same, template_markdown};
    use super::super::sample::template;
    use super::*;

    fn drafts(template: &Template) -> Vec<RowDraft> {
        template.rows.iter().map(draft).collect()
    }

    fn at<'a>(drafts: &'a mut [RowDraft], id: &str) -> &'a mut RowDraft {
        drafts.iter_mut().find(|draft| draft.id == id).unwrap()
    }

    #[test]
    fn what_nobody_changed_stays() {
        let template = template();
        assert_eq!(revised(&template, &drafts(&template), &[]).unwrap(), template);
        let json = serde_json::to_string(&drafts(&template)).unwrap();
        let back: Vec<RowDraft> = serde_json::from_str(&json).unwrap();
        assert!(says_the_same(&revised(&template, &back, &[]).unwrap(), &template));
    }

    #[test]
    fn every_part_of_a_line_can_be_changed() {
        let template = template();
        let mut drafts = drafts(&template);
        let one = at(&mut drafts, "access-reviewed");
        (one.text, one.kind, one.probe) =
            ("Access  reviewed\n by two".to_owned(), Kind::Auto, "stripe.key.mode".to_owned());
        (one.rule, one.help, one.limit) = ("Two names.".to_owned(), "Ask Bo.".to_owned(), "at most 5 %".to_owned());
        (one.fresh_hours, one.may_be_na, one.remainder) = (Some(2), true, "Bo looked".to_owned());
        one.confirm = vec!["qa_engineer".to_owned(), "Head of Payments".to_owned()];
        let new = revised(&template, &drafts, &[]).unwrap();
        let row = new.row(&"access-reviewed".into()).unwrap();
        assert_eq!(
            (row.label.as_str(), row.kind, row.limit.as_ref().unwrap().to_string()),
            ("Access reviewed by two", Kind::Auto, "<= 5 %".to_owned())
        );
        assert_eq!(row.strength, Some(Strength::Partial("Bo looked".to_owned())));
        assert_eq!(row.confirm, [Role::QaEngineer, Role::Other("head_of_payments".into())]);
        assert_eq!((row.fresh_hours, row.optional, row.suggested), (Some(2), true, false));
        assert_eq!((row.rule.as_str(), row.help.as_str()), ("Two names.", "Ask Bo."));
    }

    #[test]
    fn lines_come_go_and_move() {
        let template = template();
        let mut drafts = drafts(&template);
        let parent = template.rows.iter().position(|row| row.label == "Events selected:").unwrap();
        drafts.remove(parent);
        let first = drafts.remove(0);
        drafts.push(first);
        let new = RowDraft {
            id: "draft-1".to_owned(),
            text: "Backups configured".to_owned(),
            section: vec!["Pre".to_owned()],
            parent: None,
            ..drafts[0].clone()
        };
        let child = RowDraft {
            id: "draft-2".to_owned(),
            text: "…".to_owned(),
            parent: Some("draft-1".to_owned()),
            ..new.clone()
        };
        drafts.extend([new, child]);
        let revised = revised(&template, &drafts, &[]).unwrap();
        let ids: Vec<&str> = revised.rows.iter().rev().take(3).map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["line", "backups-configured~2", "account-active"]);
        assert_eq!(revised.rows.last().unwrap().parent, Some("backups-configured~2".into()));
        assert_eq!(revised.row(&"invoice-paid".into()).unwrap().parent, None, "its parent is gone");
        assert_eq!(revised.rows.last().unwrap().phase, template.rows[0].phase, "it joins the stage of its section");
    }

    #[test]
    fn a_line_of_every_kind_can_be_added_and_comes_back_from_the_export() {
        let template = template();
        let of = |kind: Kind, text: &str, section: &[&str]| RowDraft {
            id: text.to_owned(),
            text: text.to_owned(),
            section: section.iter().map(|heading| (*heading).to_owned()).collect(),
            kind,
            probe: String::new(),
            ..draft(template.row(&"access-reviewed".into()).unwrap())
        };
        let mut drafts = drafts(&template);
        drafts.extend([
            RowDraft { schedule: "week 2-4 every week".to_owned(), ..of(Kind::Schedule, "Look again", &["Later"]) },
            RowDraft { given: "Support Lead".to_owned(), ..of(Kind::Contact, "Secondary", &["Contacts"]) },
            of(Kind::Command, "npm run build", &["Pre"]),
            of(Kind::Signoff, "Head of Payments", &["Sign-Off"]),
            of(Kind::Note, "Ticket", &["Notes"]),
            of(Kind::Rollback, "A third person says so", &["Rollback", "Triggers"]),
        ]);
        let new = revised(&template, &drafts, &[]).unwrap();
        let made = |text: &str| new.rows.iter().find(|row| row.label == text).unwrap();
        assert_eq!(made("Look again").schedule.unwrap().to_string(), "week 2-4 every week");
        assert_eq!((made("Secondary").shape, made("Secondary").given.as_str()), (Shape::Contact, "Support Lead"));
        assert_eq!(made("npm run build").shape, Shape::Command);
        assert_eq!(made("Head of Payments").proof.as_ref().unwrap().as_str(), "signoff.head_of_payments");
        assert_eq!(made("Ticket").proof.as_ref().unwrap().as_str(), "run.note.ticket");
        assert!(made("A third person says so").indicator, "it joins the indicators of its section");
        let text = template_markdown(&new, "").unwrap();
        assert!(says_the_same(&super::super::import::read(text.as_bytes(), "", &[]).unwrap().template, &new));
        let again = self::drafts(&new);
        assert_eq!(revised(&new, &again, &[]).unwrap(), new);
    }

    #[test]
    fn a_dated_line_is_dated_otherwise_or_becomes_a_line_like_others() {
        let template = template();
        let id = template.rows.iter().find(|row| row.kind == Kind::Schedule).unwrap().id.to_string();
        let with = |change: fn(&mut RowDraft)| {
            let mut drafts = drafts(&template);
            change(at(&mut drafts, &id));
            revised(&template, &drafts, &[]).map(|new| new.row(&id.as_str().into()).unwrap().clone())
        };
        let monthly = with(|draft| draft.schedule = "month 2+".to_owned()).unwrap();
        assert_eq!(monthly.schedule.unwrap().to_string(), "month 2+");
        let by_hand = with(|draft| (draft.kind, draft.schedule) = (Kind::Manual, String::new())).unwrap();
        assert_eq!((by_hand.kind, by_hand.schedule), (Kind::Manual, None));
        assert!(with(|draft| draft.schedule = String::new()).unwrap_err().why.contains("say when"));
        assert!(with(|draft| draft.schedule = "sometimes".to_owned()).unwrap_err().why.contains("not a schedule"));
    }

    #[test]
    fn a_suggestion_is_confirmed_by_leaving_it() {
        let mut template = template();
        let row = template.rows.iter_mut().find(|row| row.id.as_str() == "unit-tests-pass").unwrap();
        (row.suggested, row.strength) = (true, Some(Strength::Partial(suggest::CONFIRM_SUGGESTION.to_owned())));
        let mut drafts = drafts(&template);
        let one = at(&mut drafts, "unit-tests-pass");
        (one.is_suggested, one.remainder) = (false, String::new());
        let new = revised(&template, &drafts, &[]).unwrap();
        let row = new.row(&"unit-tests-pass".into()).unwrap();
        assert!(
            !row.suggested
                && row.strength == Some(catalogue::find(row.proof.as_ref().unwrap().as_str()).unwrap().strength())
        );
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_line() {
        type Change = fn(&mut RowDraft);
        let changes: [(&str, Change); 9] = [
            ("a text has 1 to", |draft| draft.text = " \n ".to_owned()),
            ("no control characters", |draft| draft.rule = "a\u{7}b".to_owned()),
            ("a limit is a sign", |draft| draft.limit = "soon".to_owned()),
            ("counts for 1 to", |draft| draft.fresh_hours = Some(0)),
            ("not in the catalogue", |draft| draft.probe = "no.such.check".to_owned()),
            ("is a value", |draft| (draft.kind, draft.probe) = (Kind::Auto, "metric.mrr".to_owned())),
            ("is a check", |draft| (draft.kind, draft.probe) = (Kind::Metric, "stripe.key.mode".to_owned())),
            ("needs a check", |draft| (draft.kind, draft.probe) = (Kind::Auto, String::new())),
            ("stays one", |draft| draft.kind = Kind::Signoff),
        ];
        let template = template();
        for (why, change) in changes {
            let mut drafts = drafts(&template);
            change(at(&mut drafts, "access-reviewed"));
            let error = revised(&template, &drafts, &[]).unwrap_err();
            assert!(error.why.contains(why), "{error}");
        }
        let mut twice = drafts(&template);
        twice.push(twice[0].clone());
        assert!(revised(&template, &twice, &[]).is_err());
        assert!(revised(&template, &[], &[]).is_err());
    }
}
