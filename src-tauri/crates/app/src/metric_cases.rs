//! Worked examples of the figures, from a file: what Stripe and the database said, and what each metric has to be.
//!
//! The objects go through the same readers and figures as a company's own. Any file in the format may be run, so that a
//! finance team can bring its own examples; only the keys listed in `values` are checked.

mod answers;
mod compare;
mod file;
mod world;

use countersign_domain::json;
use countersign_sources::stripe::ShapeError;
use serde::Serialize;
use serde_json::Value;

use file::{Case, CaseFile};
use world::World;

/// The version of the format this build reads.
const FORMAT: u32 = 1;
/// The largest file that is read. **Units**: bytes.
pub const CASE_FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What came of a file of cases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseReport {
    /// How many cases there are.
    pub cases: usize,
    /// How many single values were compared.
    pub checked: usize,
    /// The ones that differ.
    pub failed: Vec<FailedCheck>,
}

/// One value that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FailedCheck {
    /// Id of the case.
    pub case: String,
    /// The metric.
    pub metric: String,
    /// Where in its values, for example `by_currency.usd.gross`.
    pub key: String,
    /// What the file says.
    pub expected: Value,
    /// What was computed; the text `not known` for a metric or key that this build does not have.
    pub got: Value,
}

/// A file of cases that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// It is not JSON, or not in the format.
    #[error("line {line}, column {column}, at `{path}`: not in the format of a case file")]
    Format {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// Place inside the document.
        path: String,
        /// What was expected.
        #[source]
        cause: serde_json::Error,
    },
    /// An object of it says a name twice, and which value counts nobody can tell.
    #[error("`{name}` stands twice in one of its objects")]
    Doubled {
        /// The name.
        name: String,
    },
    /// It is nested too deeply, or holds too much.
    #[error("{0}")]
    OverLimit(json::Trouble),
    /// It is larger than any file of cases.
    #[error("{bytes} bytes, the limit is {CASE_FILE_BYTES_MAX}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It is in a newer or older format.
    #[error("format {found}, this build reads format {FORMAT}")]
    Version {
        /// The one it names.
        found: u32,
    },
    /// An object of a case cannot be read.
    #[error("case {case}: an object cannot be read")]
    Object {
        /// Id of the case.
        case: String,
        /// Which object, and where.
        #[source]
        cause: ShapeError,
    },
    /// A word or number of a case means nothing.
    #[error("case {case}: {what}")]
    Meaning {
        /// Id of the case.
        case: String,
        /// What is wrong.
        what: String,
    },
}

/// Evaluates a file of cases.
///
/// **Errors**: the file is not in the format, or an object in it cannot be read. A value that differs is no error but part
/// of the report.
pub fn run(text: &str) -> Result<CaseReport, CaseError> {
    if text.len() > CASE_FILE_BYTES_MAX {
        return Err(CaseError::TooLarge { bytes: text.len() });
    }
    if let Some(name) = json::doubled(text, &|| false).map_err(CaseError::OverLimit)? {
        return Err(CaseError::Doubled { name });
    }
    let file: CaseFile =
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(|error| {
            let path = error.path().to_string();
            let cause = error.into_inner();
            CaseError::Format { line: cause.line(), column: cause.column(), path, cause }
        })?;
    if file.format != FORMAT {
        return Err(CaseError::Version { found: file.format });
    }
    let mut report = CaseReport { cases: file.cases.len(), checked: 0, failed: Vec::new() };
    for case in &file.cases {
        check(case, &mut report)?;
    }
    Ok(report)
}

fn check(case: &Case, report: &mut CaseReport) -> Result<(), CaseError> {
    let world = World::of(case)?;
    for expected in &case.expected {
        let settings = case.settings.unwrap_or_default().overridden_by(expected.settings.unwrap_or_default());
        let view = world.view(settings);
        let got =
            answers::answer(&view, &expected.metric, &expected.args).unwrap_or_else(|why| Value::from(why.as_ref()));
        let mut difference = compare::Comparison::new(view.tolerance());
        difference.compare("", &expected.values, &got);
        report.checked += difference.checked;
        report.failed.extend(difference.failed.into_iter().map(|(key, expected_value, got)| FailedCheck {
            case: case.id.clone(),
            metric: expected.metric.clone(),
            key,
            expected: expected_value,
            got,
        }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CASES: &str = include_str!("../../../../tests/fixtures/metrics-cases.json");

    fn falsified(change: impl FnOnce(&mut Value)) -> String {
        let mut file: Value = serde_json::from_str(CASES).unwrap();
        change(&mut file);
        file.to_string()
    }

    #[test]
    fn every_worked_example_holds() {
        let report = run(CASES).unwrap();
        assert_eq!(report.failed, []);
        assert_eq!(report.cases, 15);
        assert!(report.checked > 300, "{} values were compared", report.checked);
    }

    #[test]
    fn a_falsified_value_is_reported_with_its_place() {
        let text = falsified(|file| {
            file["cases"][0]["expected"][0]["values"]["mrr"]["minor"] = 15_809.into();
            file["cases"][5]["expected"][0]["values"]["customers"]["churn"] = 2.into();
        });
        let failed: Vec<_> =
            run(&text).unwrap().failed.into_iter().map(|f| (f.case, f.key, f.expected, f.got)).collect();
        assert_eq!(
            failed,
            [
                ("P01".into(), "mrr.minor".into(), 15_809.into(), 15_808.into()),
                ("P06".into(), "customers.churn".into(), 2.into(), 1.into()),
            ]
        );
    }

    #[test]
    fn a_file_that_says_a_thing_twice_is_refused() {
        let twice = run(r#"{"format": 1, "cases": [], "format": 1}"#).unwrap_err();
        assert!(twice.to_string().contains("`format` stands twice"), "{twice}");
        let deep = format!(r#"{{"format": 1, "cases": {}1{}}}"#, "[".repeat(70), "]".repeat(70));
        assert!(matches!(run(&deep), Err(CaseError::OverLimit(json::Trouble::TooDeep))));
    }

    #[test]
    fn a_falsified_object_changes_what_comes_out() {
        let text = falsified(|file| file["cases"][1]["objects"]["subscriptions"][0]["status"] = "unpaid".into());
        let failed = run(&text).unwrap().failed;
        assert!(failed.iter().any(|f| f.key == "active_customers" && f.got == 1), "{failed:?}");
    }

    #[test]
    fn what_this_build_does_not_have_is_reported() {
        let text = falsified(|file| {
            file["cases"][0]["expected"][0]["metric"] = "happiness".into();
            file["cases"][1]["expected"][0]["values"]["happiness"] = 5.into();
        });
        let failed = run(&text).unwrap().failed;
        assert!(failed.iter().filter(|f| f.metric == "happiness").count() > 5);
        assert!(failed.iter().all(|f| f.got == "not known"), "{failed:?}");
        assert!(failed.iter().any(|f| f.key == "happiness"));
    }

    #[test]
    fn metrics_without_an_example_in_the_file_have_one_here() {
        let subscription = |id: &str, customer: &str, start: i64, end: Option<i64>| {
            json!({
                "id": id, "object": "subscription", "customer": customer, "currency": "eur", "start_date": start,
                "status": if end.is_some() { "canceled" } else { "active" }, "ended_at": end, "discounts": [],
                "items": {"data": [{"id": format!("si_{id}"), "quantity": 1, "price": {
                    "id": "price", "object": "price", "currency": "eur", "unit_amount_decimal": "1000",
                    "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
                }}]},
            })
        };
        let charge = |id: &str| json!({"id": id, "object": "charge", "status": "succeeded", "currency": "usd", "amount": 5, "created": 1_790_000_000});
        let (year, now) = ((1_760_000_000, 1_791_536_000), 1_795_000_000);
        let file = json!({"format": 1, "cases": [{
            "id": "X", "as_of": now, "period": {"start": year.0, "end": year.1},
            "settings": {"reporting_currency": "eur"},
            "objects": {
                "subscriptions": [
                    subscription("sub_a", "cus_a", 1_750_000_000, None),
                    subscription("sub_b", "cus_b", 1_750_000_000, Some(1_780_000_000)),
                    subscription("sub_c", "cus_b", 1_785_000_000, None),
                    subscription("sub_d", "cus_b", 1_785_000_000, None),
                    subscription("sub_e", "cus_e", 1_750_000_000, Some(1_780_000_000)),
                ],
                "charges": [charge("ch_1"), charge("ch_2")],
                "disputes": [{"id": "dp_1", "charge": "ch_1", "created": 1_790_000_001, "status": "needs_response"}],
            },
            "expected": [
                {"metric": "retention_t12m", "values": {
                    "cohort_customers": 3, "cohort_opening_mrr": {"exact": "3000", "minor": 3000},
                    "grr": {"exact": "2/3", "pct": "66.67"}, "nrr": {"exact": "1", "pct": "100.00"},
                }},
                {"metric": "disputes", "values": {
                    "successful_charges": 2, "disputes_opened": 1,
                    "dispute_activity": {"exact": "1/2", "pct": "50.00"}, "dispute_rate": {"exact": "1/2", "pct": "50.00"},
                }},
                {"metric": "mrr_series", "args": {"instants": [now, year.0]}, "values": [
                    {"at": now, "mrr": {"minor": 3000}}, {"at": year.0, "mrr": {"minor": 3000}},
                ]},
                {"metric": "mrr_series", "settings": {"reporting_currency": "usd"}, "values": [], "args": {"instants": []}},
                {"metric": "cohorts", "values": []},
            ],
        }]});
        let report = run(&file.to_string()).unwrap();
        let failed: Vec<_> = report.failed.iter().map(|f| (f.metric.as_str(), f.got.clone())).collect();
        assert_eq!(failed, [("cohorts", json!("the months are missing"))], "a missing argument is told");
        assert_eq!(report.checked, 18);
    }

    #[test]
    fn a_malformed_file_is_refused_with_its_place() {
        let error = run("{\"format\": 1,\n \"cases\": [{\"id\": \"X\", \"as_of\": \"now\"}]}").unwrap_err();
        assert_eq!(error.to_string(), "line 2, column 37, at `cases[0].as_of`: not in the format of a case file");
        assert!(matches!(run(r#"{"format": 2, "cases": []}"#), Err(CaseError::Version { found: 2 })));
        let broken = falsified(|file| file["cases"][0]["objects"]["subscriptions"][0]["items"] = 5.into());
        assert!(matches!(run(&broken), Err(CaseError::Object { case, .. }) if case == "P01"));
        let nowhere = falsified(|file| file["cases"][0]["timezone"] = "Mars/Olympus".into());
        assert!(matches!(run(&nowhere), Err(CaseError::Meaning { case, .. }) if case == "P01"));
    }
}
