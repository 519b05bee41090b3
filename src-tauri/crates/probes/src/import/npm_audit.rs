//! What `npm audit --json` writes: counts by severity, and since npm 7 the packages.

use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::checklist::digest::Digest;
use countersign_domain::probe::Outcome;
use serde::Deserialize;
use serde_json::Value;

use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, json, named, shown};

#[derive(Deserialize)]
struct File {
    metadata: Metadata,
    #[serde(default)]
    vulnerabilities: BTreeMap<String, Package>,
}

#[derive(Deserialize)]
struct Metadata {
    vulnerabilities: Counts,
}

#[derive(Deserialize)]
struct Package {
    severity: String,
    /// Advisories, and names of packages that bring theirs with them.
    #[serde(default)]
    via: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Counts {
    #[serde(default)]
    info: u64,
    low: u64,
    moderate: u64,
    high: u64,
    critical: u64,
}

/// Most critical advisories that are named one by one.
const CRITICAL_MAX: usize = 500;
const CRITICAL: &str = "critical";

/// The counts of an audit, and the packages that weigh most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Audit {
    counts: Counts,
    grave: Vec<String>,
    /// What is critical, by package and advisory; `None` where not all of it is named.
    pub critical: Option<BTreeSet<String>>,
}

pub(super) fn read(text: &str) -> Option<Reading> {
    let File { metadata: Metadata { vulnerabilities: mut counts }, vulnerabilities } = json(text)?;
    let of = |severity: &str| vulnerabilities.values().filter(|package| package.severity == severity).count() as u64;
    // A sum that is smaller than what it sums is not believed.
    counts.critical = counts.critical.max(of(CRITICAL));
    counts.high = counts.high.max(of("high"));
    let critical: BTreeSet<String> =
        vulnerabilities.iter().flat_map(|(name, package)| package.critical(name)).collect();
    let is_whole = of(CRITICAL) == counts.critical && critical.len() <= CRITICAL_MAX;
    let critical = Some(critical).filter(|_| is_whole);
    let is_grave = |package: &Package| matches!(package.severity.as_str(), "critical" | "high");
    let grave = vulnerabilities.into_iter().filter(|(_, package)| is_grave(package)).map(|(name, _)| name).collect();
    let figures = vec![
        figure("critical", counts.critical),
        figure("high", counts.high),
        figure("moderate", counts.moderate),
        figure("low", counts.low),
        figure("info", counts.info),
    ];
    Some(Reading::new(Kind::NpmAudit, figures, Claim::default(), Report::NpmAudit(Audit { counts, grave, critical })))
}

impl Package {
    /// Names what is critical in a package: its advisories, or the package itself where others bring them in.
    fn critical(&self, name: &str) -> Vec<String> {
        if self.severity != CRITICAL {
            return Vec::new();
        }
        let text =
            |of: &Value, key: &str| of.get(key).map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
        let of = self.via.iter().filter(|one| one.get("severity").and_then(Value::as_str) == Some(CRITICAL));
        let id = |one: &Value| text(one, "url").or_else(|| text(one, "source")).or_else(|| text(one, "title"));
        let mut named: Vec<String> = of.filter_map(id).map(|id| identity(&format!("{name} {id}"))).collect();
        if named.is_empty() {
            named.push(identity(name));
        }
        named
    }
}

/// Gives the name by which two audits know the same thing: what would be masked or cut goes by its hash, so that no two
/// become one.
fn identity(text: &str) -> String {
    Some(shown(text))
        .filter(|shown| shown == text)
        .unwrap_or_else(|| format!("sha256:{}", Digest::of_bytes(text.as_bytes())))
}

pub(super) const EXPECTED: &str = "No advisory is critical or high.";

pub(super) fn judge(report: &Audit) -> Found {
    let Counts { critical, high, moderate, low, .. } = report.counts;
    if critical == 0 && high == 0 {
        return Found::new(Outcome::Pass, format!("None critical or high; {moderate} moderate, {low} low."), "");
    }
    let names = named(report.grave.iter().map(String::as_str));
    let of = if names.is_empty() { String::new() } else { format!(": {names}") };
    let fix = "Update these packages and audit again; an advisory that is accepted needs a waiver with an end.";
    Found::new(Outcome::Fail, format!("{critical} critical and {high} high{of}."), fix)
}
