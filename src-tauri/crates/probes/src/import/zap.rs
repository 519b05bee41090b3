//! A report of ZAP in its JSON form: sites, and the alerts each gave; and how findings of any scan are judged.

use countersign_domain::probe::{Outcome, Unknown};
use serde::Deserialize;

use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, json, many, named};

#[derive(Deserialize)]
struct File {
    #[serde(rename = "@version")]
    _version: String,
    created: Option<String>,
    site: Sites,
}

/// Older versions write a single site without an array.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sites {
    Many(Vec<Site>),
    One(Site),
}

#[derive(Deserialize)]
struct Site {
    #[serde(default)]
    alerts: Vec<Alert>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Alert {
    #[serde(default)]
    pub name: String,
    /// From `0`, for information, to `3`, high.
    pub riskcode: String,
    /// `0` for a false positive, as a person marked it.
    #[serde(default)]
    pub confidence: String,
    #[serde(default)]
    pub cweid: String,
}

/// What a scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scan {
    /// Sites or runs the report is of.
    pub sites: usize,
    /// Alerts that are not marked as false.
    pub open: Vec<Alert>,
}

impl Scan {
    /// Gives what was read, with how many findings somebody set aside.
    pub fn reading(self, dropped: usize, claim: Claim) -> Reading {
        let of = |risk: &str| self.open.iter().filter(|alert| alert.riskcode == risk).count();
        let figures = vec![
            figure("high", of("3")),
            figure("medium", of("2")),
            figure("low", of("1")),
            figure("informational", of("0")),
            figure("marked as false", dropped),
        ];
        Reading::new(Kind::Zap, figures, claim, Report::Zap(self))
    }
}

/// Kinds of weaknesses by their CWE numbers.
const INJECTION: &[&str] = &["74", "77", "78", "88", "89", "90", "91", "94", "564", "643", "917", "943"];
const CROSS_SITE: &[&str] = &["79", "80", "83", "87"];

pub(super) fn read(text: &str) -> Option<Reading> {
    let File { created, site, .. } = json(text)?;
    let sites = match site {
        Sites::Many(sites) => sites,
        Sites::One(site) => vec![site],
    };
    let count = sites.len();
    let (open, dropped): (Vec<Alert>, Vec<Alert>) =
        sites.into_iter().flat_map(|site| site.alerts).partition(|alert| alert.confidence != "0");
    if open.iter().any(|alert| !matches!(alert.riskcode.as_str(), "0" | "1" | "2" | "3")) {
        return None;
    }
    let made_at = created.and_then(|created| created.parse().ok());
    let claim = Claim { made_at, ..Claim::default() };
    Some(Scan { sites: count, open }.reading(dropped.len(), claim))
}

pub(super) const EXPECTED: &str = "No finding of this kind is open.";

/// Judges the alerts of the kind the line names: injection, cross-site scripting, else whatever is high or medium.
pub(super) fn judge(report: &Scan, label: &str) -> Found {
    if report.sites == 0 {
        let found = "The report names no site that was scanned.";
        return Found::new(Outcome::Unknown(Unknown::InsufficientData), found, "Scan the application and attach that.");
    }
    let label = label.to_lowercase();
    let is_cross_site = label.contains("xss") || label.contains("cross-site") || label.contains("cross site");
    let is_meant = |alert: &&Alert| match alert.riskcode.as_str() {
        "0" => false,
        _ if is_cross_site => CROSS_SITE.contains(&alert.cweid.as_str()),
        _ if label.contains("injection") => INJECTION.contains(&alert.cweid.as_str()),
        risk => matches!(risk, "2" | "3"),
    };
    let meant: Vec<&Alert> = report.open.iter().filter(is_meant).collect();
    if !meant.is_empty() {
        let found = format!("{} open: {}.", meant.len(), named(meant.iter().map(|alert| alert.name.as_str())));
        return Found::new(Outcome::Fail, found, "Correct them, scan again and attach the new report.");
    }
    let found = format!("No open finding of this kind among {}.", many(report.open.len() as u64, "alert"));
    if is_cross_site {
        let found = format!("{found} The security headers, which the rule asks for too, are not checked yet.");
        return Found::new(Outcome::Warn, found, "Look at the headers yourself, and accept this with a note.");
    }
    Found::new(Outcome::Pass, found, "")
}
