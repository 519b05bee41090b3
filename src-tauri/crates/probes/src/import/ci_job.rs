//! The record of a job: GitHub's and GitLab's, and `{"status":"success","commit":"4f2a91c","url":"…"}` of any other.

use countersign_domain::probe::{Outcome, Unknown};
use serde::Deserialize;

use super::judge::Found;
use super::{Claim, Kind, Reading, Report, figure, json};

#[derive(Deserialize)]
struct File {
    status: String,
    /// GitHub's word, once the job is over.
    conclusion: Option<String>,
    name: Option<String>,
    exit_code: Option<i64>,
    commit: Option<Commit>,
    sha: Option<String>,
    head_sha: Option<String>,
    release: Option<String>,
    url: Option<String>,
    html_url: Option<String>,
    web_url: Option<String>,
    completed_at: Option<String>,
    finished_at: Option<String>,
}

/// A commit stands as its hash, or as an object that has one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Commit {
    Hash(String),
    Object { id: String },
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    word: String,
    exit_code: Option<i64>,
}

pub(super) fn read(text: &str) -> Option<Reading> {
    let file: File = json(text)?;
    let commit = file.commit.map(|commit| match commit {
        Commit::Hash(hash) | Commit::Object { id: hash } => hash,
    });
    let commit = commit.or(file.sha).or(file.head_sha)?;
    let word = file.conclusion.unwrap_or(file.status);
    // What follows a question mark may be anybody's secret.
    let url = file.html_url.or(file.web_url).or(file.url);
    let url = url.and_then(|url| url.split(['?', '#']).next().map(str::to_owned));
    let made_at = file.completed_at.or(file.finished_at).and_then(|at| at.parse().ok());
    let mut figures: Vec<_> = file.name.iter().map(|name| figure("job", name)).collect();
    figures.push(figure("status", &word));
    figures.extend(file.exit_code.map(|code| figure("exit code", format!("is {code}"))));
    figures.extend(url.map(|url| figure("at", url)));
    let claim = Claim { commit: Some(commit), release: file.release, made_at };
    let report = Report::CiJob(Job { word: word.to_lowercase(), exit_code: file.exit_code });
    Some(Reading::new(Kind::CiJob, figures, claim, report))
}

pub(super) const EXPECTED: &str = "The build of the release ended well.";

pub(super) fn judge(report: &Job) -> Found {
    const AGAIN: &str = "Build again, and attach the record of that job.";
    match (report.word.as_str(), report.exit_code) {
        (_, Some(code)) if code != 0 => Found::new(Outcome::Fail, format!("It ended with exit code {code}."), AGAIN),
        ("success" | "succeeded" | "passed" | "ok", _) => Found::new(Outcome::Pass, "The job ended well.", ""),
        ("failed" | "failure" | "error" | "timed_out" | "startup_failure", _) => {
            Found::new(Outcome::Fail, format!("The job ended with `{}`.", super::shown(&report.word)), AGAIN)
        }
        (word, _) => {
            let found = format!("The job says `{}`, which is no end.", super::shown(word));
            Found::new(Outcome::Unknown(Unknown::InsufficientData), found, AGAIN)
        }
    }
}
