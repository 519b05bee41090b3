//! From one version of a template to the next, during a run.
//!
//! Separate because it compares templates, not states. A line whose rule is the same keeps what is known about it; any
//! other starts again. Deliberately absent: changing a template in place, which is impossible.

use std::collections::BTreeMap;

use serde::Serialize;

use super::row::Row;
use super::template::Template;
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
    /// What became of it.
    pub kind: ChangeKind,
}

/// Lists what differs between two versions: in the order of the newer one, removed lines at the end.
#[must_use]
pub fn diff(old: &Template, new: &Template) -> Vec<RowChange> {
    let before: BTreeMap<&ItemId, &Row> = old.rows.iter().map(|row| (&row.id, row)).collect();
    let after: BTreeMap<&ItemId, &Row> = new.rows.iter().map(|row| (&row.id, row)).collect();
    let change = |row: &Row, kind| RowChange { item: row.id.clone(), label: row.label.clone(), kind };
    let changed = new.rows.iter().filter_map(|row| match before.get(&row.id) {
        None => Some(change(row, ChangeKind::Added)),
        Some(old) if old.rule_version() != row.rule_version() => Some(change(row, ChangeKind::RuleChanged)),
        Some(old) if !is_alike(old, row) => Some(change(row, ChangeKind::Moved)),
        Some(_) => None,
    });
    let gone = old.rows.iter().filter(|row| !after.contains_key(&row.id)).map(|row| change(row, ChangeKind::Removed));
    changed.chain(gone).collect()
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

/// Says whether two rows of one rule are the same but for their line number.
fn is_alike(old: &Row, new: &Row) -> bool {
    Row { line: old.line, ..new.clone() } == *old
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
        assert_eq!(diff(&template(), &template()), []);
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
