//! What differs between two versions of a template, and which lines of a run start again with the newer one.
//!
//! Separate because it compares templates, not states. A line whose rule is the same keeps what is known about it; any
//! other starts again. Deliberately absent: changing a template in place, which is impossible.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::role::Role;
use super::row::Row;
use super::template::{Phase, Template};
use crate::ids::ItemId;

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its rule is another; what was known about it does not count any more.
    RuleChanged,
    /// It stands elsewhere, or its help changed; what was known about it counts.
    Moved,
}

/// One difference between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct RowChange {
    /// The line.
    #[ts(type = "string")]
    pub item: ItemId,
    /// Its text, in the newer version if it is there.
    pub label: String,
    /// The headings above it, in the newer version if it is there.
    pub section: Vec<String>,
    /// What became of it.
    pub kind: ChangeKind,
    /// What of it is other; empty for a line that is new or gone.
    pub fields: Vec<FieldChange>,
}

/// One part of a line that is other than it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FieldChange {
    /// Of a line: `text`, `kind`, `proof`, `strength`, `rule`, `help`, `limit`, `fresh_hours`, `confirm`, `optional`, `parent`,
    /// `phase`, `schedule`, `indicator`, `section`, `detail`, or `order`.
    pub field: String,
    /// What it was; empty for nothing.
    pub before: String,
    /// What it is; empty for nothing.
    pub after: String,
}

/// One phase that is other than it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PhaseChange {
    /// Its number.
    pub number: u8,
    /// What it is called, in the newer version if it is there.
    pub name: String,
    /// `added`, `removed` or `rule_changed`.
    pub kind: ChangeKind,
    /// What of it is other, for a phase that is in both: `name`, `exposure_pct`, `tolerance_points`, `soak_hours` or
    /// `signed_by`.
    pub fields: Vec<FieldChange>,
}

/// Lists the phases that differ between two versions, by number.
#[must_use]
pub fn diff_phases(old: &Template, new: &Template) -> Vec<PhaseChange> {
    let change =
        |phase: &Phase, kind, fields| PhaseChange { number: phase.number, name: phase.name.clone(), kind, fields };
    let now = new.phases.iter().filter_map(|phase| match old.phase(phase.number) {
        None => Some(change(phase, ChangeKind::Added, Vec::new())),
        Some(before) if before == phase => None,
        Some(before) => Some(change(phase, ChangeKind::RuleChanged, other(said_of(before), said_of(phase)))),
    });
    let gone = old.phases.iter().filter(|phase| new.phase(phase.number).is_none());
    now.chain(gone.map(|phase| change(phase, ChangeKind::Removed, Vec::new()))).collect()
}

/// Says everything about a phase but its number.
fn said_of(phase: &Phase) -> [(&'static str, String); 5] {
    let number = |value: Option<rust_decimal::Decimal>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        ("name", phase.name.clone()),
        ("exposure_pct", number(phase.exposure_pct)),
        ("tolerance_points", number(phase.tolerance_points)),
        ("soak_hours", phase.soak_hours.to_string()),
        ("signed_by", roles(&phase.signed_by)),
    ]
}

/// Lists what differs between two versions: in the order of the newer one, removed lines at the end.
///
/// **Shape**: the fewest lines are called moved that explain the newer order.
#[must_use]
pub fn diff(old: &Template, new: &Template) -> Vec<RowChange> {
    let before: BTreeMap<&ItemId, (usize, &Row)> =
        old.rows.iter().enumerate().map(|(at, row)| (&row.id, (at, row))).collect();
    let after: BTreeSet<&ItemId> = new.rows.iter().map(|row| &row.id).collect();
    let moved = out_of_order(new.rows.iter().filter_map(|row| Some((&row.id, before.get(&row.id)?.0))));
    let change = |row: &Row, kind, fields| {
        let (item, label, section) = (row.id.clone(), row.label.clone(), row.section.clone());
        RowChange { item, label, section, kind, fields }
    };
    let changed = new.rows.iter().enumerate().filter_map(|(now, row)| {
        let Some((at, old)) = before.get(&row.id) else { return Some(change(row, ChangeKind::Added, Vec::new())) };
        let mut fields = fields(old, row);
        if moved.contains(&row.id) {
            let (field, place) = ("order".to_owned(), |at: usize| format!("place {}", at + 1));
            fields.push(FieldChange { field, before: place(*at), after: place(now) });
        }
        let is_other = old.rule_version() != row.rule_version();
        let kind = if is_other { ChangeKind::RuleChanged } else { ChangeKind::Moved };
        (is_other || !fields.is_empty()).then(|| change(row, kind, fields))
    });
    let gone = old.rows.iter().filter(|row| !after.contains(&row.id));
    changed.chain(gone.map(|row| change(row, ChangeKind::Removed, Vec::new()))).collect()
}

/// Lists what of a line is other, in words.
fn fields(old: &Row, new: &Row) -> Vec<FieldChange> {
    other(said(old), said(new))
}

/// Keeps the parts that are other.
fn other<const N: usize>(before: [(&str, String); N], after: [(&str, String); N]) -> Vec<FieldChange> {
    let pairs = before.into_iter().zip(after).filter(|((_, before), (_, after))| before != after);
    pairs.map(|((field, before), (_, after))| FieldChange { field: field.to_owned(), before, after }).collect()
}

/// Says everything about a line but its line number.
fn said(row: &Row) -> [(&'static str, String); 16] {
    let some = |value: Option<String>| value.unwrap_or_default();
    let yes = |value: bool| if value { "yes" } else { "no" }.to_owned();
    let proof = row.proof.as_ref().map(|proof| format!("{proof}{}", if row.suggested { " (suggested)" } else { "" }));
    let number = row.number.map(|number| format!("{number}. ")).unwrap_or_default();
    [
        ("text", format!("{number}{} {}", row.label, row.given).trim_end().to_owned()),
        ("kind", format!("{} ({})", row.kind, row.shape.as_ref())),
        ("proof", some(proof)),
        ("strength", some(row.strength.as_ref().map(ToString::to_string))),
        ("rule", row.rule.clone()),
        ("help", row.help.clone()),
        ("limit", some(row.limit.as_ref().map(ToString::to_string))),
        ("fresh_hours", some(row.fresh_hours.map(|hours| hours.to_string()))),
        ("confirm", roles(&row.confirm)),
        ("optional", yes(row.optional)),
        ("parent", some(row.parent.as_ref().map(ToString::to_string))),
        ("phase", some(row.phase.map(|phase| phase.to_string()))),
        ("schedule", some(row.schedule.as_ref().map(ToString::to_string))),
        ("indicator", yes(row.indicator)),
        ("section", format!("{} {}", row.section_path(), row.caption).trim_end().to_owned()),
        ("detail", format!("{} {}", row.detail, row.mentions.join(" ")).trim().to_owned()),
    ]
}

fn roles(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str().replace('_', " ")).collect::<Vec<_>>().join(", ")
}

/// Names the lines that stand outside of the longest run of lines whose order is as it was.
fn out_of_order<'a>(lines: impl Iterator<Item = (&'a ItemId, usize)>) -> BTreeSet<&'a ItemId> {
    let lines: Vec<(&ItemId, usize)> = lines.collect();
    // Patience sorting: the last line of the best run of each length, and for each line the one before it in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(lines.len());
    let place = |line: usize| lines.get(line).map(|(_, place)| *place);
    for (line, (_, at)) in lines.iter().enumerate() {
        let length = ends.partition_point(|end| place(*end).is_some_and(|place| place < *at));
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter)).copied());
        match ends.get_mut(length) {
            Some(end) => *end = line,
            None => ends.push(line),
        }
    }
    let kept = std::iter::successors(ends.last().copied(), |line| before.get(*line).copied().flatten());
    let kept: BTreeSet<usize> = kept.collect();
    lines.iter().enumerate().filter(|(line, _)| !kept.contains(line)).map(|(_, (item, _))| *item).collect()
}

/// Lists the lines that start again after an upgrade; what `run_upgraded` records.
#[must_use]
pub fn reset(old: &Template, new: &Template) -> Vec<ItemId> {
    diff(old, new)
        .into_iter()
        .filter(|change| change.kind == ChangeKind::RuleChanged)
        .map(|change| change.item)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::entry::RunUpgraded;
    use super::super::row::{Kind, Shape};
    use super::super::run::{Run, State};
    use super::super::sample::{Notebook, template};
    use super::*;
    use crate::probe::Outcome;

    fn next() -> Template {
        let mut next = template();
        next.version = 2;
        next.rows.retain(|row| row.id.as_str() != "access-reviewed");
        for row in &mut next.rows {
            row.line += 5;
            match row.id.as_str() {
                "account-active" => row.rule = "Charges and payouts.".to_owned(),
                "unit-tests-pass" => row.help = "Run them all.".to_owned(),
                _ => {}
            }
        }
        let mut added = Row::of_text(1, vec!["Pre".to_owned()], "New".to_owned(), Shape::Box, Kind::Manual);
        added.id = "new".into();
        added.strength = Some(super::super::row::Strength::Human);
        next.rows.push(added);
        next
    }

    #[test]
    fn versions_are_compared_line_by_line() {
        let changes = diff(&template(), &next());
        let told: Vec<_> = changes.iter().map(|change| (change.item.as_str(), change.kind)).collect();
        let wanted = [
            ("account-active", ChangeKind::RuleChanged),
            ("unit-tests-pass", ChangeKind::Moved),
            ("new", ChangeKind::Added),
            ("access-reviewed", ChangeKind::Removed),
        ];
        assert_eq!(told, wanted);
        let fields = |item: &str| {
            let change = changes.iter().find(|change| change.item.as_str() == item).unwrap();
            change.fields.iter().map(|one| (one.field.as_str(), one.after.as_str())).collect::<Vec<_>>()
        };
        assert_eq!(fields("account-active"), [("rule", "Charges and payouts.")]);
        assert_eq!(fields("unit-tests-pass"), [("help", "Run them all.")]);
        assert_eq!(fields("access-reviewed"), []);
    }

    #[test]
    fn only_the_lines_that_moved_are_called_moved() {
        let (old, mut new) = (template(), template());
        let first = new.rows.remove(0);
        new.rows.insert(4, first);
        let changes = diff(&old, &new);
        let told: Vec<_> =
            changes.iter().map(|change| (change.item.as_str(), change.kind, &change.fields[0])).collect();
        let order =
            FieldChange { field: "order".to_owned(), before: "place 1".to_owned(), after: "place 5".to_owned() };
        assert_eq!(told, [("account-active", ChangeKind::Moved, &order)]);
        new = old.clone();
        new.rows.reverse();
        assert_eq!(diff(&old, &new).len(), old.rows.len() - 1, "of a reversed list one line stays where it is");
        assert_eq!(diff(&old, &old), []);
    }

    #[test]
    fn every_part_of_a_line_is_told() {
        let mut old = template();
        let base = old.rows[0].clone();
        let others: Vec<Row> = vec![
            Row { label: "y".to_owned(), ..base.clone() },
            Row { given: "y".to_owned(), ..base.clone() },
            Row { caption: "y".to_owned(), ..base.clone() },
            Row { shape: Shape::Step, ..base.clone() },
            Row { number: Some(9), ..base.clone() },
            Row { suggested: !base.suggested, ..base.clone() },
            Row { optional: true, ..base.clone() },
            Row { phase: Some(1), ..base.clone() },
            Row { indicator: true, ..base.clone() },
            Row { mentions: vec!["y".to_owned()], ..base.clone() },
            Row { detail: "y".to_owned(), ..base.clone() },
            Row { confirm: vec![crate::checklist::role::Role::QaEngineer], ..base.clone() },
        ];
        for other in others {
            let mut new = old.clone();
            new.rows[0] = other.clone();
            let changes = diff(&old, &new);
            assert!(changes.len() == 1 && changes[0].fields.len() == 1, "{other:?}: {changes:?}");
        }
        old.rows[0].line += 1;
        assert_eq!(diff(&old, &template()), []);
        assert_eq!(diff(&template(), &template()), []);
    }

    #[test]
    fn every_part_of_a_phase_is_told() {
        let phase = |number: u8| Phase {
            number,
            name: format!("Phase {number}"),
            exposure_pct: Some(10.into()),
            tolerance_points: Some(2.into()),
            soak_hours: 24,
            signed_by: vec![Role::FinanceManager],
        };
        let old = Template { phases: vec![phase(0), phase(1), phase(2)], ..template() };
        let others = [
            Phase { name: "y".to_owned(), ..phase(1) },
            Phase { exposure_pct: None, ..phase(1) },
            Phase { tolerance_points: Some(3.into()), ..phase(1) },
            Phase { soak_hours: 0, ..phase(1) },
            Phase { signed_by: Vec::new(), ..phase(1) },
        ];
        for other in others {
            let new = Template { phases: vec![phase(0), other.clone()], ..old.clone() };
            let told = diff_phases(&old, &new);
            assert!(told.len() == 2 && told[0].fields.len() == 1, "{other:?}: {told:?}");
            assert_eq!(
                told.iter().map(|one| one.kind).collect::<Vec<_>>(),
                [ChangeKind::RuleChanged, ChangeKind::Removed]
            );
            assert_eq!(diff_phases(&new, &old)[1].kind, ChangeKind::Added);
        }
        assert_eq!(diff_phases(&old, &old), []);
    }

    #[test]
    fn an_upgraded_run_keeps_what_still_counts() {
        let (old, new) = (template(), next());
        let mut book = Notebook::open(&old);
        book.checked("account-active", Outcome::Pass);
        book.checked("unit-tests-pass", Outcome::Pass);
        book.confirmed("Ana", "access-reviewed", "ok");
        let upgraded = RunUpgraded { version: 2, hash: new.content_hash(), reset: reset(&old, &new) };
        book.did(Some("Olga"), upgraded);
        book.checked("invoice-paid", Outcome::Pass);
        let run = Run::fold(new, &book.acts).unwrap();
        let state = |item: &str| run.standing(&item.into(), book.now).map(|standing| standing.state);
        assert_eq!(state("account-active"), Some(State::Open), "its rule changed");
        assert_eq!(state("unit-tests-pass"), Some(State::Verified));
        assert_eq!(state("invoice-paid"), Some(State::Verified));
        assert_eq!(state("access-reviewed"), None);
        assert_eq!(run.refused(), [], "what was right then is no fault now");
        assert!(Run::fold(old.clone(), &book.acts).is_err());
    }
}
