//! What `npm outdated --json` writes: an object with the packages that are behind.

use std::collections::BTreeMap;

use countersign_domain::probe::Outcome;
use serde::Deserialize;

use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, json, many, named};

/// A package stands once, or once for each place it is installed at.
#[derive(Deserialize)]
#[serde(untagged)]
enum Places {
    One(Package),
    Many(Vec<Package>),
}

#[derive(Deserialize)]
struct Package {
    /// Absent where it is not installed.
    current: Option<String>,
    #[serde(rename = "wanted")]
    _wanted: String,
    latest: String,
}

/// The packages that are behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outdated {
    behind: usize,
    /// Those whose first number is behind, or cannot be read.
    major: Vec<String>,
}

pub(super) fn read(text: &str, is_expected: bool) -> Option<Reading> {
    let packages: BTreeMap<String, Places> = json(text)?;
    if packages.is_empty() && !is_expected {
        return None;
    }
    let is_major = |places: &Places| match places {
        Places::One(package) => package.is_major_behind(),
        Places::Many(packages) => packages.iter().any(Package::is_major_behind),
    };
    let behind = packages.len();
    let major: Vec<String> =
        packages.into_iter().filter(|(_, places)| is_major(places)).map(|(name, _)| name).collect();
    let figures = vec![figure("packages behind", behind), figure("a major version behind", major.len())];
    let report = Report::NpmOutdated(Outdated { behind, major });
    Some(Reading::new(Kind::NpmOutdated, figures, Claim::default(), report))
}

impl Package {
    fn is_major_behind(&self) -> bool {
        let first = |version: &str| version.split('.').next()?.parse::<u64>().ok();
        match (self.current.as_deref().map(first), first(&self.latest)) {
            (Some(Some(current)), Some(latest)) => current < latest,
            // Not installed is not behind; what cannot be compared is not called fine.
            (None, _) => false,
            _ => true,
        }
    }
}

pub(super) const EXPECTED: &str = "No package is a major version behind.";

pub(super) fn judge(report: &Outdated) -> Found {
    if report.major.is_empty() {
        let found = format!("Behind: {}, none by a major version.", many(report.behind as u64, "package"));
        return Found::new(Outcome::Pass, found, "");
    }
    let names = named(report.major.iter().map(String::as_str));
    let found = format!("A major version behind: {names}.");
    Found::new(Outcome::Warn, found, "Update those the billing rests on; accept the others with a note.")
}
