//! The seeds line by line, other people's lists, and hostile files.
//! Kept apart from the reader because they go through the public door only: bytes in, a preview out.

mod elsewhere;
mod hostile;
mod seeds;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::checklist::row::{Kind, Row, Shape, Strength};

struct Covered {
    section: String,
    text: String,
    kind: Kind,
    proof: String,
}

fn fixture(name: &str) -> String {
    let path = format!("{}/../../../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn coverage(seed: &str) -> Vec<Covered> {
    let text = fixture("seed-coverage.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .records()
        .map(Result::unwrap)
        .filter(|record| &record[0] == seed)
        .map(|record| Covered {
            section: record[1].to_owned(),
            text: record[2].to_owned(),
            kind: record[3].parse().unwrap(),
            proof: record[4].to_owned(),
        })
        .collect()
}

fn seed(name: &str) -> Preview {
    import(&fixture(&format!("seeds/{name}.md")))
}

fn import(text: &str) -> Preview {
    read(text.as_bytes(), "list.md", &[]).unwrap()
}

const SEEDS: [(&str, &str, usize); 2] = [("1", "devflowhub-rollout", 168), ("2", "billing-module-deployment", 211)];

fn row<'a>(preview: &'a Preview, label: &str) -> &'a Row {
    preview.template.rows.iter().find(|row| row.label == label).unwrap_or_else(|| panic!("no row `{label}`"))
}

fn kinds(text: &str) -> Vec<(String, Kind)> {
    import(text).template.rows.into_iter().map(|row| (row.coverage_label(), row.kind)).collect()
}

fn codes(text: &str) -> Vec<(u32, ProblemCode)> {
    import(text).problems.into_iter().map(|problem| (problem.line, problem.code)).collect()
}
