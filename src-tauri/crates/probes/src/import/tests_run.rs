//! Reports of tests: JUnit's XML, which most runners write, and the JSON of Jest and Vitest.
//!
//! A document type is refused: no report needs one, and it has been a way into readers.

use countersign_domain::probe::{Outcome, Unknown};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::judge::Found;
use super::routes::{Route, Routes};
use super::{Claim, Kind, Reading, Report, figure, json, many, named};

/// Most cases of one report.
const CASES_MAX: usize = 200_000;

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
    /// Its file, its group and its own name, in lower case: what the words of a line are looked for in.
    path: String,
    name: String,
    state: State,
}

/// What a report shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tests {
    cases: Vec<Case>,
    /// Files of which nothing ran because they could not be loaded.
    not_loaded: Vec<String>,
}

/// Reads JUnit's XML.
///
/// **Errors**: in a sentence, a text that begins like a report and is none.
pub(super) fn read_xml(text: &str) -> Result<Option<Reading>, String> {
    if !text.trim_start().starts_with('<') || !text.contains("<testsuite") {
        return Ok(None);
    }
    let (mut reader, mut report, mut suite, mut is_in_case) =
        (Reader::from_str(text), Tests::default(), String::new(), false);
    loop {
        match reader.read_event().map_err(|error| format!("It is no XML: {error}."))? {
            Event::DocType(_) => return Err("It has a document type, which no report of tests needs.".to_owned()),
            Event::Start(start) => {
                is_in_case |= start.name().0 == "testcase";
                taken(&start, is_in_case, &mut suite, &mut report);
            }
            Event::Empty(empty) => taken(&empty, is_in_case, &mut suite, &mut report),
            Event::End(end) if end.name().0 == "testcase" => is_in_case = false,
            Event::Eof => break,
            _ => {}
        }
        if report.cases.len() > CASES_MAX {
            return Err(format!("It has more than {CASES_MAX} cases."));
        }
    }
    Ok(Some(reading(report)))
}

fn taken(element: &BytesStart<'_>, is_in_case: bool, suite: &mut String, report: &mut Tests) {
    let of = |name: &str| {
        let found = element.try_get_attribute(name).ok().flatten();
        found.and_then(|value| value.normalized_value(XmlVersion::Implicit1_0).ok().map(|text| text.into_owned()))
    };
    match element.name().0 {
        "testsuite" => *suite = [of("file"), of("name")].into_iter().flatten().collect::<Vec<_>>().join(" "),
        "testcase" => {
            let name = of("name").unwrap_or_default();
            let parts = [of("file"), Some(suite.clone()), of("classname"), Some(name.clone())];
            let path = parts.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase();
            report.cases.push(Case { path, name, state: State::Passed });
        }
        "failure" | "error" if is_in_case => mark(report, State::Failed),
        "skipped" if is_in_case => mark(report, State::Skipped),
        // An error of a whole file stands beside its cases.
        "error" => report.not_loaded.push(suite.clone()),
        _ => {}
    }
}

fn mark(report: &mut Tests, state: State) {
    if let Some(case) = report.cases.last_mut().filter(|case| case.state != State::Failed) {
        case.state = state;
    }
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
pub(super) fn read_json(text: &str) -> Option<Reading> {
    let Jest { test_results, .. } = json(text)?;
    let mut report = Tests::default();
    for file in test_results {
        if file.assertion_results.is_empty() && file.status.as_deref() == Some("failed") {
            report.not_loaded.push(file.name.clone());
        }
        report.cases.extend(file.assertion_results.into_iter().map(|case| {
            let state = match case.status.as_str() {
                "passed" => State::Passed,
                "failed" => State::Failed,
                _ => State::Skipped,
            };
            let name = case.full_name.unwrap_or(case.title);
            Case { path: format!("{} {name}", file.name).to_lowercase(), name, state }
        }));
    }
    Some(reading(report))
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
pub(super) fn judge(report: &Tests, label: &str, routes: Option<&Routes>) -> Found {
    let words = words_of(label);
    let is_meant = |path: &str| words.is_empty() || words.iter().any(|word| path.contains(word.as_str()));
    let meant: Vec<&Case> = report.cases.iter().filter(|case| is_meant(&case.path)).collect();
    let of = |state| meant.iter().filter(move |case| case.state == state).map(|case| case.name.as_str());
    let failed: Vec<&str> = of(State::Failed).collect();
    let not_loaded: Vec<&str> =
        report.not_loaded.iter().map(String::as_str).filter(|file| is_meant(&file.to_lowercase())).collect();
    let which = if words.is_empty() { String::new() } else { format!(" named by {}", words.join(", ")) };
    if !not_loaded.is_empty() {
        let found = format!("Not loaded, so that nothing of them ran: {}.", named(not_loaded.into_iter()));
        return Found::new(
            Outcome::Fail,
            found,
            "Have every file load, run the tests again and attach the new report.",
        );
    }
    if !failed.is_empty() {
        let found =
            format!("{} of {} failed: {}.", failed.len(), many(meant.len() as u64, "test"), named(failed.into_iter()));
        return Found::new(Outcome::Fail, found, "Correct them, run the tests again and attach the new report.");
    }
    let (passed, skipped) = (of(State::Passed).count() as u64, of(State::Skipped).count());
    match (passed, meant.len()) {
        (0, 0) if !words.is_empty() && !report.cases.is_empty() => {
            let found = format!("None of {} is{which}.", many(report.cases.len() as u64, "test"));
            Found::new(Outcome::Unknown(Unknown::InsufficientData), found, "Attach the report of those tests.")
        }
        (0, _) => Found::new(Outcome::Fail, "No test ran.", "Run the tests, and attach their report."),
        _ if label.to_lowercase().contains(ERRORS) && !untested(&meant).is_empty() => {
            let found = format!("No passing test of {}.", named(untested(&meant).into_iter()));
            Found::new(Outcome::Warn, found, "Test them, or accept it with a note that says where they are tested.")
        }
        (passed, _) if label.to_lowercase().contains(ENDPOINTS) => reached(passed, &meant, routes),
        (passed, _) => {
            let beside = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
            Found::new(Outcome::Pass, format!("{}{which} passed{beside}.", many(passed, "test")), "")
        }
    }
}

/// Says which routes have a passing case; without a description of the API nobody knows which there are.
fn reached(passed: u64, cases: &[&Case], routes: Option<&Routes>) -> Found {
    let passed = many(passed, "test");
    let Some(routes) = routes else {
        let found = format!("{passed} passed. Which routes there are, no file says.");
        let fix = "Attach the description of the API (OpenAPI as JSON) beside it, or accept it with a note.";
        return Found::new(Outcome::Warn, found, fix);
    };
    let is_reached =
        |route: &&Route| cases.iter().any(|case| case.state == State::Passed && route.is_named_in(&case.path));
    let missing: Vec<String> = routes.all.iter().filter(|route| !is_reached(route)).map(Route::name).collect();
    let all = routes.all.len();
    if missing.is_empty() {
        return Found::new(Outcome::Pass, format!("{passed} passed; each of {all} routes has one."), "");
    }
    let names = named(missing.iter().map(String::as_str));
    let found = format!("{passed} passed; {} of {all} routes have none: {names}.", missing.len());
    Found::new(Outcome::Warn, found, "Test them, or accept it with a note that says why they need none.")
}

/// Lists what can go wrong and has no passing case.
fn untested(cases: &[&Case]) -> Vec<&'static str> {
    let passes = |word: &str| cases.iter().any(|case| case.state == State::Passed && case.path.contains(word));
    SCENARIOS.iter().filter(|(word, _)| !passes(word)).map(|(_, what)| *what).collect()
}
