//! Reports of tests: JUnit's XML, which most runners write, and the JSON of Jest and Vitest.

use countersign_domain::probe::{Outcome, Unknown};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::bounds::{Deadline, Refused};
use super::judge::Found;
use super::routes::{Paths, Route, Routes};
use super::xml::{self, Element, Part};
use super::{Claim, Kind, Reading, Report, figure, json, many, named};

/// Most cases of one report.
const CASES_MAX: usize = 1_000_000;

pub(super) const EXPECTED: &str = "The tests the line names ran, and none failed.";

/// What a line speaks of whose cases are looked for one by one.
const ERRORS: &str = "error scenario";
/// What a line speaks of whose routes are looked for.
const ENDPOINTS: &str = "api endpoint";
/// What can go wrong with a payment, by a word of its cases.
const SCENARIOS: &[(&str, &str)] = &[
    ("declin", "a declined card"),
    ("authentic", "authentication"),
    ("signature", "a bad signature"),
    ("duplicate", "a duplicate event"),
];

/// What became of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Passed,
    Failed,
    Skipped,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Case {
    /// Place of its group among those of the report: its name is not repeated with each case.
    suite: usize,
    /// The file it names itself; empty where it names none.
    file: String,
    /// What its runner calls the class it is of; empty where it says nothing.
    class: String,
    name: String,
    state: State,
}

/// What a report shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tests {
    /// Files and names of groups.
    suites: Vec<String>,
    cases: Vec<Case>,
    /// Places of the groups of which nothing ran because they could not be loaded.
    not_loaded: Vec<usize>,
}

impl Tests {
    fn suite(&self, place: usize) -> &str {
        self.suites.get(place).map_or("", String::as_str)
    }

    /// Gives its file, its group and its own name, in lower case: what the words of a line are looked for in.
    fn path(&self, case: &Case) -> String {
        let parts = [&case.file, self.suite(case.suite), &case.class, &case.name];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase()
    }

    /// Takes in one element of JUnit's XML.
    fn take(&mut self, element: &Element<'_>, is_in_case: bool) -> Result<(), Refused> {
        let text = |name: &str| Ok::<_, Refused>(element.get(name)?.unwrap_or_default().to_owned());
        let suite = self.suites.len().saturating_sub(1);
        match element.name {
            "testsuite" => {
                let (file, name) = (text("file")?, text("name")?);
                self.suites.push(format!("{file} {name}").trim().to_owned());
            }
            "testcase" if self.cases.len() == CASES_MAX => {
                return Err(Refused::TooLarge(format!("It has more than {CASES_MAX} cases.")));
            }
            "testcase" => {
                let (file, class, name) = (text("file")?, text("classname")?, text("name")?);
                self.cases.push(Case { suite, file, class, name, state: State::Passed });
            }
            "failure" | "error" if is_in_case => self.mark(State::Failed),
            "skipped" if is_in_case => self.mark(State::Skipped),
            // An error of a whole file stands beside its cases.
            "error" => self.not_loaded.push(suite),
            _ => {}
        }
        Ok(())
    }

    fn mark(&mut self, state: State) {
        if let Some(case) = self.cases.last_mut().filter(|case| case.state != State::Failed) {
            case.state = state;
        }
    }
}

/// Reads JUnit's XML.
///
/// **Errors**: a text that begins like a report and is none, or only the beginning of one.
pub(super) fn read_xml(text: &str, until: Deadline) -> Result<Option<Reading>, Refused> {
    if !text.trim_start().starts_with('<') || !text.contains("<testsuite") {
        return Ok(None);
    }
    // Cases may stand before any group.
    let (mut report, mut is_in_case) = (Tests { suites: vec![String::new()], ..Tests::default() }, false);
    xml::walk(text, until, |part| {
        match part {
            Part::Begins(element) => {
                is_in_case |= element.name == "testcase";
                report.take(&element, is_in_case)?;
            }
            Part::Ends(name) => is_in_case &= name != "testcase",
        }
        Ok(())
    })?;
    Ok(Some(reading(report)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Jest {
    #[serde(rename = "numTotalTests")]
    _total: IgnoredAny,
    test_results: Vec<JestFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JestFile {
    name: String,
    status: Option<String>,
    assertion_results: Vec<JestCase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JestCase {
    title: String,
    full_name: Option<String>,
    status: String,
}

/// Reads the JSON of Jest or Vitest.
///
/// **Errors**: in a sentence, one with too many cases.
pub(super) fn read_json(text: &str) -> Result<Option<Reading>, String> {
    let Some(Jest { test_results, .. }) = json(text) else { return Ok(None) };
    let mut report = Tests::default();
    for (suite, file) in test_results.into_iter().enumerate() {
        report.suites.push(file.name);
        if file.assertion_results.is_empty() && file.status.as_deref() == Some("failed") {
            report.not_loaded.push(suite);
        }
        report.cases.extend(file.assertion_results.into_iter().map(|case| {
            let state = match case.status.as_str() {
                "passed" => State::Passed,
                "failed" => State::Failed,
                _ => State::Skipped,
            };
            let name = case.full_name.unwrap_or(case.title);
            Case { suite, file: String::new(), class: String::new(), name, state }
        }));
    }
    if report.cases.len() > CASES_MAX {
        return Err(format!("It has more than {CASES_MAX} cases."));
    }
    Ok(Some(reading(report)))
}

fn reading(report: Tests) -> Reading {
    let count = |state| report.cases.iter().filter(|case| case.state == state).count();
    let mut figures = vec![
        figure("tests", report.cases.len()),
        figure("failed", count(State::Failed)),
        figure("skipped", count(State::Skipped)),
    ];
    if !report.not_loaded.is_empty() {
        figures.push(figure("files not loaded", report.not_loaded.len()));
    }
    Reading::new(Kind::Tests, figures, Claim::default(), Report::Tests(report))
}

/// Words of a case that a line asks for; any of them will do. None for a line that is about every case.
fn words_of(label: &str) -> Vec<String> {
    let label = label.to_lowercase();
    // A file in parentheses is meant as it stands: `Unit tests passing (billing.test.ts)`.
    if let Some((_, named)) = label.split_once('(')
        && let Some((named, _)) = named.split_once(')')
        && named.contains('.')
    {
        return vec![named.trim().to_owned()];
    }
    const KINDS: &[(&str, &[&str])] = &[
        ("validation", &["valid", "malformed", "400"]),
        (ERRORS, &["declin", "authentic", "signature", "duplicate"]),
        ("service", &["service"]),
        ("handler", &["handler", "command", "create-"]),
        ("state machine", &["state-machine", "state_machine", "statemachine", "state machine"]),
        ("controller", &["controller"]),
        ("api endpoint", &["integration", "e2e", "endpoint", "route", "api"]),
        ("transaction", &["transaction"]),
    ];
    let kind = KINDS.iter().find(|(word, _)| label.contains(word));
    kind.map(|(_, words)| words.iter().map(|word| (*word).to_owned()).collect()).unwrap_or_default()
}

/// Judges the cases a line names: some ran, and none failed; of a line about endpoints, which routes have one.
///
/// **Errors**: [`Refused::TooSlow`].
pub(super) fn judge(report: &Tests, label: &str, routes: Option<&Routes>, until: Deadline) -> Result<Found, Refused> {
    let words = words_of(label);
    let is_meant = |path: &str| words.is_empty() || words.iter().any(|word| path.contains(word.as_str()));
    let mut meant: Vec<&Case> = Vec::new();
    for case in &report.cases {
        until.check()?;
        if is_meant(&report.path(case)) {
            meant.push(case);
        }
    }
    let of = |state| meant.iter().filter(move |case| case.state == state).map(|case| case.name.as_str());
    let failed: Vec<&str> = of(State::Failed).collect();
    let not_loaded: Vec<&str> = report.not_loaded.iter().map(|place| report.suite(*place)).collect();
    let not_loaded: Vec<&str> = not_loaded.into_iter().filter(|file| is_meant(&file.to_lowercase())).collect();
    let which = if words.is_empty() { String::new() } else { format!(" named by {}", words.join(", ")) };
    if !not_loaded.is_empty() {
        let found = format!("Not loaded, so that nothing of them ran: {}.", named(not_loaded.into_iter()));
        let fix = "Have every file load, run the tests again and attach the new report.";
        return Ok(Found::new(Outcome::Fail, found, fix));
    }
    if !failed.is_empty() {
        let found =
            format!("{} of {} failed: {}.", failed.len(), many(meant.len() as u64, "test"), named(failed.into_iter()));
        return Ok(Found::new(Outcome::Fail, found, "Correct them, run the tests again and attach the new report."));
    }
    let (passed, skipped) = (of(State::Passed).count() as u64, of(State::Skipped).count());
    let is_about = |what: &str| label.to_lowercase().contains(what);
    let silent = if is_about(ERRORS) { untested(report, &meant, until)? } else { Vec::new() };
    Ok(match (passed, meant.len()) {
        (0, 0) if !words.is_empty() && !report.cases.is_empty() => {
            let found = format!("None of {} is{which}.", many(report.cases.len() as u64, "test"));
            Found::new(Outcome::Unknown(Unknown::InsufficientData), found, "Attach the report of those tests.")
        }
        (0, _) => Found::new(Outcome::Fail, "No test ran.", "Run the tests, and attach their report."),
        _ if !silent.is_empty() => {
            let found = format!("No passing test of {}.", named(silent.into_iter()));
            Found::new(Outcome::Warn, found, "Test them, or accept it with a note that says where they are tested.")
        }
        (passed, _) if is_about(ENDPOINTS) => reached(passed, report, &meant, routes, until)?,
        (passed, _) => {
            let beside = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
            Found::new(Outcome::Pass, format!("{}{which} passed{beside}.", many(passed, "test")), "")
        }
    })
}

/// Says which routes have a passing case; without a description of the API nobody knows which there are.
fn reached(
    passed: u64,
    report: &Tests,
    cases: &[&Case],
    routes: Option<&Routes>,
    until: Deadline,
) -> Result<Found, Refused> {
    let passed = many(passed, "test");
    let Some(routes) = routes else {
        let found = format!("{passed} passed. Which routes there are, no file says.");
        let fix = "Attach the description of the API (OpenAPI as JSON) beside it, or accept it with a note.";
        return Ok(Found::new(Outcome::Warn, found, fix));
    };
    let mut paths = Paths::of(routes);
    for case in cases.iter().filter(|case| case.state == State::Passed) {
        paths.look_in(&report.path(case), until)?;
    }
    let missing: Vec<String> = paths.missing().map(Route::name).collect();
    let all = routes.all.len();
    if missing.is_empty() {
        return Ok(Found::new(Outcome::Pass, format!("{passed} passed; each of {all} routes has one."), ""));
    }
    let names = named(missing.iter().map(String::as_str));
    let found = format!("{passed} passed; {} of {all} routes have none: {names}.", missing.len());
    Ok(Found::new(Outcome::Warn, found, "Test them, or accept it with a note that says why they need none."))
}

/// Lists what can go wrong and has no passing case.
fn untested(report: &Tests, cases: &[&Case], until: Deadline) -> Result<Vec<&'static str>, Refused> {
    let mut silent = SCENARIOS.to_vec();
    for case in cases.iter().filter(|case| case.state == State::Passed) {
        until.check()?;
        let path = report.path(case);
        silent.retain(|(word, _)| !path.contains(word));
    }
    Ok(silent.into_iter().map(|(_, what)| what).collect())
}
