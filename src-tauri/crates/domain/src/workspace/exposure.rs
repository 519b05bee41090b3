//! Who counts as exposed to what is rolled out: a table of the billing database, and a rule on one of its columns.
//!
//! Names, an operator and a value, and never SQL: a setting that came from a colleague's file can only ask for a count.
//! Deliberately absent: whether the database has such a table and column; only the database knows.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest name of a table or column that can be set. **Units**: characters.
const NAME_CHARS_MAX: usize = 63;
/// The longest value that can be compared with. **Units**: characters.
const VALUE_CHARS_MAX: usize = 200;

/// Who counts as exposed, and of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// The table with one row for each user, named exactly as the database names it.
    pub table: String,
    /// The rows that are exposed.
    pub exposed: ExposureRule,
    /// The rows that could be; `null` is every row of the table.
    #[serde(default)]
    pub eligible: Option<ExposureRule>,
}

/// A comparison of one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ExposureRule {
    /// The column, named exactly as the database names it.
    pub column: String,
    /// How it is compared. An empty cell is only found by `is null`.
    pub operator: ExposureOperator,
    /// What it is compared with; empty where the operator takes no value.
    #[serde(default)]
    pub value: String,
}

/// A way to compare a column.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::Display,
    strum::EnumIter,
    strum::EnumString,
    ts_rs::TS,
)]
pub enum ExposureOperator {
    /// The same.
    #[serde(rename = "=")]
    #[strum(serialize = "=")]
    Equal,
    /// Another.
    #[serde(rename = "!=")]
    #[strum(serialize = "!=")]
    Other,
    /// More, or later.
    #[serde(rename = ">")]
    #[strum(serialize = ">")]
    Above,
    /// At least, or not before.
    #[serde(rename = ">=")]
    #[strum(serialize = ">=")]
    AtLeast,
    /// Less, or earlier.
    #[serde(rename = "<")]
    #[strum(serialize = "<")]
    Below,
    /// At most, or not after.
    #[serde(rename = "<=")]
    #[strum(serialize = "<=")]
    AtMost,
    /// Empty.
    #[serde(rename = "is null")]
    #[strum(serialize = "is null")]
    IsNull,
    /// Not empty.
    #[serde(rename = "is not null")]
    #[strum(serialize = "is not null")]
    IsNotNull,
    /// True.
    #[serde(rename = "is true")]
    #[strum(serialize = "is true")]
    IsTrue,
    /// False.
    #[serde(rename = "is false")]
    #[strum(serialize = "is false")]
    IsFalse,
}

impl ExposureOperator {
    /// Says whether there is something to compare with.
    #[must_use]
    pub fn takes_value(self) -> bool {
        !matches!(self, Self::IsNull | Self::IsNotNull | Self::IsTrue | Self::IsFalse)
    }

    /// Says whether it asks for an order and not only for sameness.
    #[must_use]
    pub fn orders(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast | Self::Below | Self::AtMost)
    }
}

/// How many users are exposed, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExposedCount {
    /// Rows that are exposed, all of them eligible.
    pub exposed: u64,
    /// Rows that are eligible.
    pub eligible: u64,
}

/// A field of the setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct ExposureFault {
    /// `table`, or `exposed` or `eligible` with `.column`, `.operator` or `.value`.
    pub field: String,
    /// What is wrong with it, and what it may be.
    pub why: String,
}

impl ExposureFault {
    /// Says what is wrong with a field.
    #[must_use]
    pub fn new(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into() }
    }
}

impl Exposure {
    /// Lists the rules with the names of their fields.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &ExposureRule)> {
        std::iter::once(("exposed", &self.exposed)).chain(self.eligible.iter().map(|rule| ("eligible", rule)))
    }

    /// Finds the first field that is not of its form, whatever the database has.
    ///
    /// **Errors**: a name that is missing or too long; a value where none belongs, or none where one does.
    pub fn check(&self) -> Result<(), ExposureFault> {
        let is_name = |name: &str| (1..=NAME_CHARS_MAX).contains(&name.chars().count());
        let name = format!("a name of 1 to {NAME_CHARS_MAX} characters is expected");
        if !is_name(&self.table) {
            return Err(ExposureFault::new("table", name));
        }
        for (side, ExposureRule { column, operator, value }) in self.rules() {
            if !is_name(column) {
                return Err(ExposureFault::new(format!("{side}.column"), name));
            }
            let why = match (operator.takes_value(), value.is_empty()) {
                (true, true) => format!("`{operator}` compares with a value"),
                (false, false) => format!("`{operator}` takes no value"),
                _ if value.chars().count() > VALUE_CHARS_MAX => format!("{VALUE_CHARS_MAX} characters at most"),
                _ => continue,
            };
            return Err(ExposureFault::new(format!("{side}.value"), why));
        }
        Ok(())
    }
}

impl fmt::Display for ExposureRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.column, self.operator)?;
        if self.operator.takes_value() { write!(f, " {}", self.value) } else { Ok(()) }
    }
}

impl fmt::Display for Exposure {
    /// Says in words who is counted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exposed are the rows of {} where {}", self.table, self.exposed)?;
        match &self.eligible {
            Some(rule) => write!(f, ", of those where {rule}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    fn measure(operator: ExposureOperator, value: &str) -> Exposure {
        let exposed = ExposureRule { column: "billing".to_owned(), operator, value: value.to_owned() };
        Exposure { table: "User".to_owned(), exposed, eligible: None }
    }

    #[test]
    fn a_value_stands_where_one_is_compared_and_nowhere_else() {
        for operator in ExposureOperator::iter() {
            let (with, without) = (measure(operator, "1").check(), measure(operator, "").check());
            assert_eq!(
                (with.is_ok(), without.is_ok()),
                (operator.takes_value(), !operator.takes_value()),
                "{operator}"
            );
            let fault = with.err().or(without.err()).unwrap();
            assert_eq!(fault.field, "exposed.value");
        }
        let mut eligible = measure(ExposureOperator::IsTrue, "");
        eligible.eligible = Some(ExposureRule { column: String::new(), ..eligible.exposed.clone() });
        assert_eq!(eligible.check().unwrap_err().field, "eligible.column");
        let nowhere = Exposure { table: "x".repeat(64), ..measure(ExposureOperator::IsTrue, "") };
        assert_eq!(nowhere.check().unwrap_err().field, "table");
    }

    #[test]
    fn operators_are_written_as_people_write_them() {
        for operator in ExposureOperator::iter() {
            assert_eq!(serde_json::to_value(operator).unwrap(), operator.as_ref());
            assert_eq!(operator.as_ref().parse::<ExposureOperator>().unwrap(), operator);
        }
        let below = Exposure {
            eligible: Some(measure(ExposureOperator::IsNotNull, "").exposed),
            ..measure(ExposureOperator::Below, "10")
        };
        let words = "exposed are the rows of User where billing < 10, of those where billing is not null";
        assert_eq!(below.to_string(), words);
        let text = r#"{"table":"User","exposed":{"column":"billing","operator":"is true"}}"#;
        assert_eq!(serde_json::from_str::<Exposure>(text).unwrap(), measure(ExposureOperator::IsTrue, ""));
    }
}
