//! SARIF, the form in which analysers of source code hand on what they found.

use std::collections::HashMap;

use serde::Deserialize;

use super::zap::{Alert, Scan};
use super::{Claim, Reading, json};

/// Most digits of the number of a weakness.
const CWE_DIGITS_MAX: usize = 9;

#[derive(Deserialize)]
struct File {
    version: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    tool: Tool,
    #[serde(default)]
    results: Vec<Finding>,
}

#[derive(Deserialize)]
struct Tool {
    driver: Driver,
}

#[derive(Deserialize)]
struct Driver {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
    #[serde(default)]
    properties: Properties,
}

#[derive(Default, Deserialize)]
struct Properties {
    #[serde(default)]
    tags: Vec<String>,
    cwe: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: Option<String>,
    level: Option<String>,
    message: Message,
    /// What somebody decided to leave as it is, with a justification.
    #[serde(default)]
    suppressions: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Message {
    text: Option<String>,
}

pub(super) fn read(text: &str) -> Option<Reading> {
    let File { version, runs } = json(text)?;
    if !version.starts_with("2.") {
        return None;
    }
    let mut scan = Scan { sites: runs.len(), open: Vec::new() };
    let mut dropped = 0;
    for Run { tool, results } in runs {
        // The first of those with the same name counts.
        let rules = tool.driver.rules.iter().rev();
        let cwes: HashMap<&str, String> =
            rules.filter_map(|rule| Some((rule.id.as_str(), cwe(&rule.properties)?))).collect();
        for finding in results {
            if !finding.suppressions.is_empty() {
                dropped += 1;
                continue;
            }
            let cwe = finding.rule_id.as_deref().and_then(|rule| cwes.get(rule));
            scan.open.push(Alert {
                cweid: cwe.cloned().unwrap_or_default(),
                riskcode: risk(finding.level.as_deref()).to_owned(),
                name: finding.rule_id.or(finding.message.text).unwrap_or_default(),
                ..Alert::default()
            });
        }
    }
    Some(scan.reading(dropped, Claim::default()))
}

/// Says how much a level weighs; SARIF's own default is a warning.
fn risk(level: Option<&str>) -> &'static str {
    match level {
        Some("error") => "3",
        Some("note") => "1",
        Some("none") => "0",
        _ => "2",
    }
}

/// Finds the number of a weakness: in a tag such as `external/cwe/cwe-089`, or in a property of its own.
fn cwe(properties: &Properties) -> Option<String> {
    let own = properties.cwe.as_ref().map(ToString::to_string);
    let mut texts = properties.tags.iter().map(|tag| tag.to_lowercase()).chain(own.map(|text| text.to_lowercase()));
    texts.find_map(|text| {
        let (_, rest) = text.split_once("cwe-")?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).take(CWE_DIGITS_MAX).collect();
        Some(digits.trim_start_matches('0').to_owned()).filter(|digits| !digits.is_empty())
    })
}
