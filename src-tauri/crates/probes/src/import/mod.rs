//! Files a person attaches: which kind each is, what it says of itself, and what it comes to for a line.
//!
//! One reader per file, by serde, over a text that was bounded before: in bytes, levels and values, and in time. The bound
//! on values stands in for counting memory, because what a reader keeps grows with them. What no reader knows is a document,
//! which is kept and proves nothing by itself. What is shown of a file goes through redaction: it is kept for good.
//! Deliberately absent: the disk. The content is handed in, and its digest was checked.

mod backup;
mod bounds;
mod ci_job;
mod coverage;
mod env_manifest;
mod eslint;
mod header;
mod jtl;
mod judge;
mod load_test;
mod log_extract;
mod moment;
mod npm_audit;
mod npm_outdated;
mod routes;
mod sarif;
mod shape;
mod tests_run;
mod tickets;
mod tsc;
mod xml;
mod zap;

use std::collections::BTreeSet;

use countersign_domain::probe::Fact;
use countersign_domain::zones::Zone;
use countersign_domain::{Instant, json as walked};
use countersign_sources::redact;
use serde::de::DeserializeOwned;

pub use bounds::{Deadline, Refused, TIME_MAX};
pub use judge::{Attached, Line, Meant, answer, kind_of, version};
pub use shape::shaped;
pub use tickets::Tickets;

/// Largest file whose figures are read; a larger one is a document. **Units**: bytes.
pub const READ_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// Longest text of a file that is shown. **Units**: characters.
const SHOWN_CHARS_MAX: usize = 200;
/// How much of such a text is looked at for secrets before it is cut, so that none is cut in two. **Units**: characters.
const LOOKED_CHARS_MAX: usize = 2_000;
/// How much of a text is looked at at once for secrets, and how much of that twice. **Units**: bytes.
const WINDOW_BYTES: (usize, usize) = (64 * 1_024, 4 * 1_024);
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
        let tidy = |text: Option<String>, tidied: fn(&str) -> String| {
            text.map(|text| tidied(&text)).filter(|text| !text.is_empty())
        };
        let (commit, release) = (tidy(claim.commit, shown_hash), tidy(claim.release, named_release));
        let claim = Claim { commit, release, made_at: claim.made_at };
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

    /// Gives what it names as critical, by package and advisory; `None` where it is no audit of the dependencies, or does
    /// not name all it counts.
    #[must_use]
    pub fn critical(&self) -> Option<BTreeSet<String>> {
        match &self.report {
            Report::NpmAudit(audit) => audit.critical.clone(),
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
/// **Errors**: a file that says it is one of ours and is not, that says a thing twice, holds what it must not, or goes
/// deeper, holds more or takes longer than any report.
pub fn read(bytes: &[u8], probe: Option<&str>, until: Deadline) -> Result<Reading, Refused> {
    let bytes = without_mark(bytes);
    let text = if bytes.len() > READ_BYTES_MAX { None } else { std::str::from_utf8(bytes).ok() };
    let Some(text) = text else { return Ok(Reading::document()) };
    bounded(text, probe, until).map_err(Refused::shown)
}

fn bounded(text: &str, probe: Option<&str>, until: Deadline) -> Result<Reading, Refused> {
    let body = text.split_once('\n').filter(|_| text.starts_with('#')).map_or(text, |(_, body)| body);
    let doubled = walked::doubled(body, &|| until.is_over())?;
    let reading = recognised(text, probe, until)?;
    // A document is kept as it is; of what is read each figure has to be the only one.
    match doubled.filter(|_| reading.kind != Kind::Document) {
        Some(name) => {
            let name = shown(&name);
            Err(format!("`{name}` stands twice in one of its objects; which one counts nobody can tell.").into())
        }
        None => Ok(reading),
    }
}

/// Leaves out the mark that says a text is UTF-8.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Reads a text, where a kind is expected of it; `None` for what is none.
type Reader = fn(&str, Option<Kind>) -> Result<Option<Reading>, String>;

/// Readers of objects, the surest first.
const OBJECTS: &[Reader] = &[
    |text, _| env_manifest::read(text),
    |text, _| Ok(npm_audit::read(text)),
    |text, _| Ok(zap::read(text)),
    |text, _| Ok(sarif::read(text)),
    |text, _| tests_run::read_json(text),
    |text, _| coverage::read_json(text),
    |text, _| load_test::read(text),
    |text, _| routes::read(text),
    |text, _| Ok(tsc::read_json(text)),
    |text, _| Ok(ci_job::read(text)),
    |text, wanted| Ok(npm_outdated::read(text, wanted == Some(Kind::NpmOutdated))),
];

fn recognised(text: &str, probe: Option<&str>, until: Deadline) -> Result<Reading, Refused> {
    let wanted = probe.and_then(kind_of);
    // Any text could be a log; it is read as one only where one is asked for.
    if wanted == Some(Kind::LogExtract)
        && let Some(extract) = log_extract::read(text, until)?
    {
        return Ok(extract);
    }
    // Nor is every table one of tickets.
    if (wanted == Some(Kind::Tickets) || text.starts_with("# countersign-tickets:"))
        && let Some(tickets) = tickets::read(text, until)?
    {
        return Ok(tickets);
    }
    if let Some(load) = jtl::read(text, until)? {
        return Ok(load);
    }
    let found = match text.trim_start().as_bytes().first() {
        Some(b'[') => eslint::read(text, wanted == Some(Kind::Eslint)),
        Some(b'{') => {
            for reader in OBJECTS {
                until.check()?;
                if let Some(reading) = reader(text, wanted)? {
                    return Ok(reading);
                }
            }
            None
        }
        _ => match backup::read(text)? {
            Some(log) => Some(log),
            None => match tests_run::read_xml(text, until)? {
                Some(report) => Some(report),
                None => match coverage::read_lcov(text, until)? {
                    Some(report) => Some(report),
                    None => tsc::read(text)?,
                },
            },
        },
    };
    until.check()?;
    Ok(found.unwrap_or_else(Reading::document))
}

/// Gives the kind of secret a file holds, as [`redact::secret_in`] does.
///
/// **Shape**: only of texts up to [`READ_BYTES_MAX`].
/// **Errors**: [`Refused::TooSlow`].
pub fn secret_in(bytes: &[u8], until: Deadline) -> Result<Option<&'static str>, Refused> {
    let text = Some(bytes).filter(|bytes| bytes.len() <= READ_BYTES_MAX).and_then(|bytes| str::from_utf8(bytes).ok());
    text.map_or(Ok(None), |text| secret_of(text, until))
}

fn secret_of(text: &str, until: Deadline) -> Result<Option<&'static str>, Refused> {
    let (window, twice) = WINDOW_BYTES;
    let mut rest = text;
    loop {
        until.check()?;
        let (part, after) = rest.split_at(rest.floor_char_boundary(window));
        let found = redact::secret_in(part);
        if found.is_some() || after.is_empty() {
            return Ok(found);
        }
        rest = rest.split_at(rest.floor_char_boundary(window - twice)).1;
    }
}

/// Reads one of the forms above; the library bounds how deep it goes.
fn json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// Names a figure whose value the file says in words.
fn figure(name: &str, value: impl ToString) -> Fact {
    Fact { name: name.to_owned(), value: shown(&value.to_string()) }
}

/// Names a figure that is a hash.
fn hash(name: &str, value: &str) -> Fact {
    Fact { name: name.to_owned(), value: shown_hash(value) }
}

/// Names a figure that is a number, whatever its digits look like.
fn count(name: &str, value: u64) -> Fact {
    Fact { name: name.to_owned(), value: value.to_string() }
}

/// Counts things: `1 error`, `2 errors`.
fn many(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// Makes a text of a file fit to be shown and kept: one line, without secrets and people, bounded.
fn shown(text: &str) -> String {
    let start: String = one_line(text).chars().take(LOOKED_CHARS_MAX).collect();
    let clean = redact::pasted(&start).0;
    match clean.char_indices().nth(SHOWN_CHARS_MAX) {
        // Whoever reads it sees that it goes on.
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
        None => clean,
    }
}

/// The same for the hash of a commit or of a content, which looks like a key and is none.
fn shown_hash(text: &str) -> String {
    /// Digits of the longest hash.
    const DIGITS_MAX: usize = 128;
    let text = text.trim();
    let is_hash = text.len() <= DIGITS_MAX
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic());
    if is_hash { text.to_owned() } else { shown(text) }
}

/// Makes the name of a release one line, bounded and as it is: it is compared with that of the run, and a long name looks
/// like a key. An entry that holds a secret is refused when it is written.
fn named_release(text: &str) -> String {
    one_line(text).chars().take(SHOWN_CHARS_MAX).collect()
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ")
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
