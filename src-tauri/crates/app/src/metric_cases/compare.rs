//! Compares what a case expects with what came out. Only keys that are expected are looked at.

use num_rational::BigRational;
use serde_json::Value;

/// Stands in a report for what this build does not have.
pub(super) const NOT_KNOWN: &str = "not known";

/// How far exact ratios may lie apart: sums of rounded micro-units stand above and below their line.
/// **Units**: one part of this many.
const RATIO_TOLERANCE: i64 = 1_000_000;

/// The differences found so far.
pub(super) struct Comparison {
    /// How far exact amounts may lie apart.
    tolerance: BigRational,
    pub checked: usize,
    /// Key, expected, got.
    pub failed: Vec<(String, Value, Value)>,
}

impl Comparison {
    pub(super) fn new(tolerance: BigRational) -> Self {
        Self { tolerance, checked: 0, failed: Vec::new() }
    }

    /// Compares a value and everything in it.
    pub(super) fn compare(&mut self, key: &str, expected: &Value, got: &Value) {
        let inner = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
        match (expected, got) {
            (Value::Object(keys), Value::Object(found)) => {
                // An amount is told from a ratio by what stands beside it.
                let of_amounts = self.tolerance.clone();
                if keys.contains_key("pct") {
                    self.tolerance = BigRational::new(1.into(), RATIO_TOLERANCE.into());
                }
                for (name, expected) in keys {
                    self.compare(&inner(name), expected, found.get(name).unwrap_or(&Value::from(NOT_KNOWN)));
                }
                self.tolerance = of_amounts;
            }
            // Whatever came instead of an object or list, each value in it is missing.
            (Value::Object(keys), other) => {
                keys.iter().for_each(|(name, expected)| self.compare(&inner(name), expected, other));
            }
            (Value::Array(entries), Value::Array(found)) => {
                if entries.len() != found.len() {
                    self.differ(inner("length"), entries.len().into(), found.len().into());
                }
                for (place, (expected, got)) in entries.iter().zip(found).enumerate() {
                    self.compare(&inner(&place.to_string()), expected, got);
                }
            }
            _ => {
                self.checked += 1;
                if !self.is_equal(expected, got) {
                    self.failed.push((key.to_owned(), expected.clone(), got.clone()));
                }
            }
        }
    }

    fn differ(&mut self, key: String, expected: Value, got: Value) {
        self.checked += 1;
        self.failed.push((key, expected, got));
    }

    fn is_equal(&self, expected: &Value, got: &Value) -> bool {
        let ratio = |value: &Value| value.as_str().and_then(|text| text.parse::<BigRational>().ok());
        match (ratio(expected), ratio(got)) {
            (Some(one), Some(two)) => {
                let apart = if one < two { two - one } else { one - two };
                apart <= self.tolerance
            }
            _ => expected == got,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failed(expected: Value, got: Value) -> Vec<String> {
        let mut comparison = Comparison::new(BigRational::new(1.into(), 1_000_000.into()));
        comparison.compare("", &expected, &got);
        comparison.failed.into_iter().map(|(key, ..)| key).collect()
    }

    #[test]
    fn only_expected_keys_count_and_exact_values_may_lie_a_micro_unit_apart() {
        let got = json!({"mrr": {"exact": "47424999999/3000000", "minor": 15808}, "more": 1, "list": [1, null]});
        assert_eq!(failed(json!({"mrr": {"exact": "47425/3", "minor": 15808}}), got.clone()), [""; 0]);
        assert_eq!(failed(json!({"mrr": {"exact": "47426/3"}}), got.clone()), ["mrr.exact"]);
        assert_eq!(failed(json!({"mrr": null, "list": [1, null]}), got.clone()), ["mrr"]);
        assert_eq!(failed(json!({"list": [2]}), got.clone()), ["list.length", "list.0"]);
        assert_eq!(failed(json!({"none": {"a": 1, "b": null}}), got), ["none.a", "none.b"]);
    }

    #[test]
    fn a_ratio_has_a_tolerance_of_its_own() {
        let mut comparison = Comparison::new(BigRational::from_integer(5.into()));
        let rate = |exact: &str| json!({"exact": exact, "pct": "20.00"});
        comparison.compare("", &rate("1/5"), &rate("20001/100000"));
        comparison.compare("", &json!({"exact": "100"}), &json!({"exact": "105"}));
        assert_eq!(comparison.failed.len(), 1);
    }

    #[test]
    fn a_percentage_is_compared_as_it_is_shown() {
        assert_eq!(failed(json!({"pct": "20.00"}), json!({"pct": "20.01"})), ["pct"]);
    }
}
