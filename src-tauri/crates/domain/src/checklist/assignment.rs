//! What a template says beyond its Markdown, written into the Markdown: the block at the end of an exported checklist.
//!
//! Text alone does not say which check proves a line, how long that counts or who confirms it. An export therefore ends in
//! one fenced block with a JSON object for each line whose meaning the text does not show by itself, and the importer
//! takes it back. The form is read by later versions, so a field may be added and none renamed. Deliberately absent:
//! any trust; a block that makes no sound template is passed over whole, and the review shows what it decided.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::row::Row;
use super::template::{Phase, Template};
use crate::ids::ItemId;

/// Language of the fenced block.
pub const FENCE: &str = "countersign";

/// Fields of a row that the text shows; an export that had to put them into the block would show something else.
const SHOWN: &[&str] = &["label", "section", "given", "shape", "number"];
/// What follows from the place and is never written down.
const PLACE: &str = "line";

/// One line of the block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// About the list as a whole.
    List(OfList),
    /// About one of its lines.
    Row(OfRow),
}

/// What is said about the list as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfList {
    /// Its name.
    pub name: String,
    /// What a finished run is greeted with.
    #[serde(default)]
    pub closing: String,
    /// Its stages.
    #[serde(default)]
    pub phases: Vec<Phase>,
}

/// What is said about one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfRow {
    /// The line, by the id its text gives it.
    pub item: ItemId,
    /// Fields that are other than the text shows.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// Fields the text seems to show and the line does not have.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unset: BTreeSet<String>,
}

impl Said {
    /// Reads one line of the block; `None` for one that is not understood or hides control characters.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let said: Value = serde_json::from_str(line).ok()?;
        if is_plain(&said) { serde_json::from_value(said).ok() } else { None }
    }
}

fn is_plain(value: &Value) -> bool {
    let plain = |text: &str| text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control());
    match value {
        Value::String(text) => plain(text),
        Value::Array(values) => values.iter().all(is_plain),
        Value::Object(fields) => fields.iter().all(|(name, value)| plain(name) && is_plain(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Takes what a block says into the template that was read from the text above it.
///
/// **Shape**: gives the ids of the lines it decided and the ids of lines that are not there. `None` when a value does not
/// fit or the outcome contradicts itself; the template is then as it was.
pub fn apply(template: &mut Template, block: &[Said]) -> Option<(Vec<ItemId>, Vec<ItemId>)> {
    let mut meant = template.clone();
    let places: BTreeMap<ItemId, usize> =
        template.rows.iter().enumerate().map(|(at, row)| (row.id.clone(), at)).collect();
    let (mut decided, mut lost) = (Vec::new(), Vec::new());
    for said in block {
        match said {
            Said::List(list) => {
                meant.name.clone_from(&list.name);
                meant.closing.clone_from(&list.closing);
                meant.phases.clone_from(&list.phases);
            }
            Said::Row(said) => match places.get(&said.item).and_then(|at| meant.rows.get_mut(*at)) {
                Some(row) => {
                    *row = applied(row, said)?;
                    decided.push(row.id.clone());
                }
                None => lost.push(said.item.clone()),
            },
        }
    }
    let is_named = !meant.name.trim().is_empty() && meant.rows.iter().all(|row| !row.label.trim().is_empty());
    if !is_named || !meant.faults().is_empty() {
        return None;
    }
    *template = meant;
    Some((decided, lost))
}

fn applied(row: &Row, said: &OfRow) -> Option<Row> {
    let mut fields = fields(row)?;
    fields.retain(|name, _| !said.unset.contains(name));
    fields.extend(said.set.clone());
    fields.insert(PLACE.to_owned(), row.line.into());
    serde_json::from_value(Value::Object(fields)).ok()
}

fn fields(row: &Row) -> Option<Map<String, Value>> {
    match serde_json::to_value(row).ok()? {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// Lists what a block has to say so that a template read from a text becomes the one that is meant.
///
/// **Shape**: `None` when the text does not have the lines of the template one for one. Beside it whether the text shows
/// what the template says, so that only what cannot be seen is in the block.
#[must_use]
pub fn difference(read: &Template, meant: &Template) -> Option<(Vec<Said>, bool)> {
    if read.rows.len() != meant.rows.len() {
        return None;
    }
    let (mut block, mut is_shown) = (Vec::new(), read.name == meant.name);
    if (&read.name, &read.closing, &read.phases) != (&meant.name, &meant.closing, &meant.phases) {
        let (name, closing, phases) = (meant.name.clone(), meant.closing.clone(), meant.phases.clone());
        block.push(Said::List(OfList { name, closing, phases }));
    }
    for (read, meant) in read.rows.iter().zip(&meant.rows) {
        let (mut before, mut after) = (fields(read)?, fields(meant)?);
        before.remove(PLACE);
        after.remove(PLACE);
        let unset: BTreeSet<String> = before.keys().filter(|name| !after.contains_key(*name)).cloned().collect();
        after.retain(|name, value| before.get(name) != Some(value));
        is_shown &= SHOWN.iter().all(|name| !after.contains_key(*name) && !unset.contains(*name));
        if !after.is_empty() || !unset.is_empty() {
            block.push(Said::Row(OfRow { item: read.id.clone(), set: after, unset }));
        }
    }
    Some((block, is_shown))
}

/// Writes the block, with an empty line above it; nothing for nothing to say.
#[must_use]
pub fn block(said: &[Said]) -> String {
    if said.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = said.iter().filter_map(|said| serde_json::to_string(said).ok()).collect();
    format!("\n```{FENCE}\n{}\n```\n", lines.join("\n"))
}

/// Gives a text without the block it ends in.
#[must_use]
pub fn without_block(text: &str) -> &str {
    let opening = format!("\n```{FENCE}\n");
    match text.rsplit_once(&opening) {
        Some((before, block)) if block.trim_end().ends_with("\n```") || block.trim_end() == "```" => before,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_block_is_read_or_passed_over() {
        let row = Said::read(r#"{"item":"a","set":{"kind":"auto"},"unset":["limit"]}"#);
        assert!(matches!(row, Some(Said::Row(_))));
        assert!(matches!(Said::read(r#"{"name":"A","closing":"","phases":[]}"#), Some(Said::List(_))));
        for line in ["", "{}", "[]", r#"{"item":"a","run":"rm"}"#, r#"{"name":"\u001b[2J"}"#, "{\"item\":"] {
            assert_eq!(Said::read(line), None, "{line}");
        }
    }

    #[test]
    fn only_the_block_at_the_end_is_taken_off() {
        assert_eq!(without_block("# a\n- [ ] b\n\n```countersign\n{}\n```\n"), "# a\n- [ ] b\n");
        assert_eq!(without_block("# a\n\n```countersign\n{}\n```\n\nmore"), "# a\n\n```countersign\n{}\n```\n\nmore");
        assert_eq!(without_block("# a\n"), "# a\n");
    }
}
