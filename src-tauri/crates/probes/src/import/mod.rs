//! Files a person attaches: which kind each is, what it says of itself, and what it comes to for a line.
//!
//! One reader per file, by serde, over a text that was bounded before; what no reader knows is a document, which is kept
//! and proves nothing by itself. Deliberately absent: the disk. The content is handed in, and its digest was checked.

mod backup;
mod ci_job;
mod coverage;
mod doubled;
mod env_manifest;
mod eslint;
mod header;
mod judge;
mod load_test;
mod log_extract;
mod moment;
mod npm_audit;
mod npm_outdated;
mod routes;
mod sarif;
mod tests_run;
mod tickets;
mod tsc;
mod zap;

use countersign_domain::Instant;
use countersign_domain::probe::Fact;
use countersign_domain::zones::Zone;
use serde::de::DeserializeOwned;

pub use judge::{Attached, Line, Meant, answer, kind_of, version};
pub use tickets::Tickets;

/// Largest file whose figures are read; a larger one is a document. **Units**: bytes.
pub const READ_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// Longest text of a file that is shown. **Units**: characters.
const SHOWN_CHARS_MAX: usize = 200;
/// Names a figure lists before it counts the rest.
const NAMED_MAX: usize = 6;

/// The kinds of files that are recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::AsRefStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// What `eslint --format json` writes.
    Eslint,
    /// What the TypeScript compiler prints.
    Tsc,
    /// What `npm audit --json` writes.
    NpmAudit,
    /// What `npm outdated --json` writes.
    NpmOutdated,
    /// A report of ZAP in its JSON form, or one in SARIF.
    Zap,
    /// A report of tests: JUnit's XML, the JSON of Jest or Vitest.
    Tests,
    /// How much of the code the tests reach: lcov, or Istanbul's summary.
    Coverage,
    /// The summary of a load test.
    LoadTest,
    /// The record of a job of a build server.
    CiJob,
    /// The log of a backup or of its restoring.
    Backup,
    /// The names of the variables of an environment, without their values.
    EnvManifest,
    /// An extract of a service's log.
    LogExtract,
    /// The description of an API, in OpenAPI's JSON.
    Routes,
    /// What a help desk exports.
    Tickets,
    /// Anything else.
    Document,
}

impl Kind {
    /// Gives what people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eslint => "ESLint report",
            Self::Tsc => "TypeScript check",
            Self::NpmAudit => "npm audit",
            Self::NpmOutdated => "npm outdated",
            Self::Zap => "security scan",
            Self::Tests => "test report",
            Self::Coverage => "coverage report",
            Self::LoadTest => "load test",
            Self::CiJob => "CI job",
            Self::Backup => "backup log",
            Self::EnvManifest => "environment manifest",
            Self::LogExtract => "log extract",
            Self::Routes => "API description",
            Self::Tickets => "support tickets",
            Self::Document => "any document",
        }
    }
}

/// What a file says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The commit it is about.
    pub commit: Option<String>,
    /// The release it is about.
    pub release: Option<String>,
    /// When it was made.
    pub made_at: Option<Instant>,
}

/// What was read in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its kind.
    pub kind: Kind,
    /// Its figures, in the order in which they are shown; none for a document.
    pub figures: Vec<Fact>,
    /// What it says of itself.
    pub claim: Claim,
    report: Report,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Report {
    Eslint(eslint::Eslint),
    Tsc(tsc::Tsc),
    NpmAudit(npm_audit::Audit),
    NpmOutdated(npm_outdated::Outdated),
    Zap(zap::Scan),
    Tests(tests_run::Tests),
    Coverage(coverage::Coverage),
    LoadTest(load_test::Load),
    CiJob(ci_job::Job),
    Backup(backup::Backup),
    EnvManifest,
    LogExtract(log_extract::Extract),
    Routes(routes::Routes),
    Tickets(Tickets),
    Document,
}

impl Reading {
    fn new(kind: Kind, figures: Vec<Fact>, claim: Claim, report: Report) -> Self {
        let tidy = |text: Option<String>| text.map(|text| shown(&text)).filter(|text| !text.is_empty());
        let claim = Claim { commit: tidy(claim.commit), release: tidy(claim.release), made_at: claim.made_at };
        Self { kind, figures, claim, report }
    }

    fn document() -> Self {
        Self::new(Kind::Document, Vec::new(), Claim::default(), Report::Document)
    }

    /// Gives the figures in words: `12 files, 0 errors`; empty for a document.
    #[must_use]
    pub fn says(&self) -> String {
        says(&self.figures)
    }

    /// Gives the tickets, where it is an export of a help desk.
    #[must_use]
    pub fn into_tickets(self) -> Option<Tickets> {
        match self.report {
            Report::Tickets(tickets) => Some(tickets),
            _ => None,
        }
    }

    /// Says what a person should know before they attach it.
    #[must_use]
    pub fn remark(&self, zone: &Zone, at: Instant) -> Option<String> {
        match &self.report {
            Report::Tickets(tickets) => tickets.remark(zone, at),
            _ => None,
        }
    }
}

/// Gives figures in words.
#[must_use]
pub fn says(figures: &[Fact]) -> String {
    let one = |figure: &Fact| match (figure.value.parse::<u64>(), figure.name.split_once(' ')) {
        (Err(_), _) => format!("{} {}", figure.name, figure.value),
        (Ok(1), Some((first, rest))) => format!("1 {} {rest}", first.strip_suffix('s').unwrap_or(first)),
        (Ok(1), None) => format!("1 {}", figure.name.strip_suffix('s').unwrap_or(&figure.name)),
        (Ok(count), _) => format!("{count} {}", figure.name),
    };
    figures.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Recognises a file and reads its figures.
///
/// **Shape**: `probe` is the check of the line it is meant for, which tells apart files that look like many: an empty
/// object is a report of npm only where one is expected.
/// **Errors**: in a sentence, a file that says it is one of ours and is not, that says a thing twice, or that holds what it
/// must not.
pub fn read(bytes: &[u8], probe: Option<&str>) -> Result<Reading, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = if bytes.len() > READ_BYTES_MAX { None } else { std::str::from_utf8(bytes).ok() };
    let Some(text) = text else { return Ok(Reading::document()) };
    let reading = recognised(text, probe)?;
    let body = text.split_once('\n').filter(|_| text.starts_with('#')).map_or(text, |(_, body)| body);
    // A document is kept as it is; of what is read each figure has to be the only one.
    match doubled::doubled(body).filter(|_| reading.kind != Kind::Document) {
        Some(name) => {
            Err(format!("`{}` stands twice in one of its objects; which one counts nobody can tell.", shown(&name)))
        }
        None => Ok(reading),
    }
}

fn recognised(text: &str, probe: Option<&str>) -> Result<Reading, String> {
    let wanted = probe.and_then(kind_of);
    // Any text could be a log; it is read as one only where one is asked for.
    if wanted == Some(Kind::LogExtract)
        && let Some(extract) = log_extract::read(text)
    {
        return Ok(extract);
    }
    // Nor is every table one of tickets.
    if (wanted == Some(Kind::Tickets) || text.starts_with("# countersign-tickets:"))
        && let Some(tickets) = tickets::read(text)?
    {
        return Ok(tickets);
    }
    let found = match text.trim_start().as_bytes().first() {
        Some(b'[') => eslint::read(text, wanted == Some(Kind::Eslint)),
        Some(b'{') => match env_manifest::read(text)? {
            Some(manifest) => Some(manifest),
            None => npm_audit::read(text)
                .or_else(|| zap::read(text))
                .or_else(|| sarif::read(text))
                .or_else(|| tests_run::read_json(text))
                .or_else(|| coverage::read_json(text))
                .or_else(|| load_test::read(text))
                .or_else(|| routes::read(text))
                .or_else(|| tsc::read_json(text))
                .or_else(|| ci_job::read(text))
                .or_else(|| npm_outdated::read(text, wanted == Some(Kind::NpmOutdated))),
        },
        _ => match backup::read(text)? {
            Some(log) => Some(log),
            None => match tests_run::read_xml(text)?.or_else(|| coverage::read_lcov(text)) {
                Some(report) => Some(report),
                None => tsc::read(text)?,
            },
        },
    };
    Ok(found.unwrap_or_else(Reading::document))
}

/// Reads one of the forms above; the library bounds how deep it goes.
fn json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// Names a figure.
fn figure(name: &str, value: impl ToString) -> Fact {
    Fact { name: name.to_owned(), value: shown(&value.to_string()) }
}

/// Counts things: `1 error`, `2 errors`.
fn many(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// Makes a text of a file fit to be shown: one line, bounded.
fn shown(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(SHOWN_CHARS_MAX).collect()
}

/// Writes names for people: at most [`NAMED_MAX`], then how many more.
fn named<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMED_MAX);
    let mut text = names.take(NAMED_MAX).map(shown).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests;
