//! The measure of exposure against a database's own catalogue: what it names has to be there, and fit.
//!
//! Pure, and the same for every database: a setting and relations in, a question out that holds names of the catalogue
//! and values to be bound. Deliberately absent: the text that is sent, which each reader makes for its own database.

use chrono::{DateTime, NaiveDate, NaiveTime};
use countersign_domain::Instant;
use countersign_domain::workspace::{Exposure, ExposureFault, ExposureOperator, ExposureRule};

use super::error::BillingError;
use super::profile::{Column, Relation};

/// Names that are offered in place of one that is not there.
const NEAR_MAX: usize = 3;
/// How alike two names have to be to be offered. **Units**: Jaro-Winkler similarity, 0 to 1.
const ALIKE_MIN: f64 = 0.75;
/// Labels of an enumeration that a message lists.
const LABELS_SHOWN: usize = 10;

/// What the values of a column are, as far as comparing them goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumIter)]
pub enum Holds {
    /// Text.
    Text,
    /// Words of an enumeration.
    Word,
    /// Numbers.
    Number,
    /// Truth values.
    Flag,
    /// Instants or days.
    Instant,
    /// Anything else: its comparing may be anybody's function, so it is only asked whether it is empty.
    Other,
}

impl Holds {
    /// Reads the catalogue's name of a type.
    fn of(type_name: &str) -> Self {
        match type_name {
            "text" | "varchar" | "bpchar" => Self::Text,
            "enum" => Self::Word,
            "int2" | "int4" | "int8" | "float4" | "float8" | "numeric" => Self::Number,
            "bool" => Self::Flag,
            "timestamp" | "timestamptz" | "date" => Self::Instant,
            _ => Self::Other,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Word => "words of an enumeration",
            Self::Number => "numbers",
            Self::Flag => "truth values",
            Self::Instant => "instants",
            Self::Other => "values of another kind",
        }
    }

    /// Says whether such values can be compared so.
    pub fn takes(self, operator: ExposureOperator) -> bool {
        match operator {
            ExposureOperator::IsNull | ExposureOperator::IsNotNull => true,
            ExposureOperator::IsTrue | ExposureOperator::IsFalse => self == Self::Flag,
            _ if operator.orders() => matches!(self, Self::Number | Self::Instant),
            _ => matches!(self, Self::Text | Self::Word | Self::Number | Self::Instant),
        }
    }
}

/// A value to be bound.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Text, or a word of an enumeration.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction.
    Number(f64),
    /// An instant.
    Instant(Instant),
}

/// A rule that fits its column.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedRule<'r> {
    /// The column, with the name the catalogue quoted.
    pub column: &'r Column,
    /// What it holds.
    pub holds: Holds,
    /// How it is compared.
    pub operator: ExposureOperator,
    /// What with, where something is.
    pub operand: Option<Operand>,
}

/// A measure that fits the database.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedExposure<'r> {
    /// The table.
    pub relation: &'r Relation,
    /// The rows that are exposed.
    pub exposed: FittedRule<'r>,
    /// The rows that could be; `None` is every row.
    pub eligible: Option<FittedRule<'r>>,
}

/// Fits a measure to the relations of a schema.
///
/// **Shape**: relations in any order; those of other names are only offered where the named one is missing.
/// **Errors**: `ExposureUnfit` with the field and what it may be; `RelationKind`, `NotPermitted` for what is not read.
pub fn fit<'r>(measure: &Exposure, relations: &'r [Relation]) -> Result<FittedExposure<'r>, BillingError> {
    measure.check().map_err(BillingError::ExposureUnfit)?;
    let Some(relation) = relations.iter().find(|relation| relation.name == measure.table) else {
        let names = relations.iter().map(|relation| relation.name.as_str());
        return Err(unfit("table", missing("table", &measure.table, "of this database", names)));
    };
    if !relation.kind.is_readable() {
        return Err(BillingError::RelationKind { relation: measure.table.as_str().into(), kind: relation.kind });
    }
    let exposed = rule("exposed", &measure.exposed, relation)?;
    let eligible = measure.eligible.as_ref().map(|asked| rule("eligible", asked, relation)).transpose()?;
    Ok(FittedExposure { relation, exposed, eligible })
}

fn rule<'r>(side: &str, asked: &ExposureRule, relation: &'r Relation) -> Result<FittedRule<'r>, BillingError> {
    let ExposureRule { column: name, operator, value } = asked;
    let Some(column) = relation.columns.iter().find(|column| column.name == *name) else {
        let names = relation.columns.iter().map(|column| column.name.as_str());
        let why = missing("column", name, &format!("of `{}`", relation.name), names);
        return Err(unfit(&format!("{side}.column"), why));
    };
    if !column.is_granted {
        let work = format!("read column \"{name}\" of \"{}\"", relation.name).into();
        return Err(BillingError::NotPermitted { work, cause: None });
    }
    let holds = Holds::of(&column.type_name);
    if !holds.takes(*operator) {
        let may = match holds {
            Holds::Text | Holds::Word => "=, !=, is null or is not null",
            Holds::Number | Holds::Instant => "=, !=, >, >=, <, <=, is null or is not null",
            Holds::Flag => "is true, is false, is null or is not null",
            Holds::Other => "is null or is not null",
        };
        let why = format!("`{name}` holds {}: it takes {may}", holds.words());
        return Err(unfit(&format!("{side}.operator"), why));
    }
    let operand = operator.takes_value().then(|| operand(holds, value)).transpose();
    let operand = operand.map_err(|what| {
        unfit(&format!("{side}.value"), format!("`{name}` holds {}, and `{value}` is no {what}", holds.words()))
    })?;
    Ok(FittedRule { column, holds, operator: *operator, operand })
}

/// Reads a value as a column of the kind compares it; otherwise says what it is not.
fn operand(holds: Holds, value: &str) -> Result<Operand, &'static str> {
    match holds {
        Holds::Number => {
            let fraction = || value.parse().ok().filter(|number: &f64| number.is_finite()).map(Operand::Number);
            value.parse().ok().map(Operand::Whole).or_else(fraction).ok_or("number")
        }
        Holds::Instant => {
            instant(value).map(Operand::Instant).ok_or("day such as 2026-01-31, nor an instant of RFC 3339")
        }
        _ => Ok(Operand::Text(value.to_owned())),
    }
}

fn instant(value: &str) -> Option<Instant> {
    let day = || value.parse().ok().map(|day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc());
    DateTime::parse_from_rfc3339(value).ok().map(|at| at.to_utc()).or_else(day)
}

/// Holds the words of a rule against the labels of its enumeration, which only the server knows.
///
/// **Errors**: `ExposureUnfit` where the word is none of them.
pub(super) fn check_label(side: &str, rule: &FittedRule<'_>, labels: &[String]) -> Result<(), BillingError> {
    let Some(Operand::Text(word)) = &rule.operand else { return Ok(()) };
    if labels.contains(word) {
        return Ok(());
    }
    let shown = labels.iter().take(LABELS_SHOWN).map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
    let why = format!("`{}` holds {shown}, and `{word}` is none of them", rule.column.name);
    Err(unfit(&format!("{side}.value"), why))
}

fn unfit(field: &str, why: String) -> BillingError {
    BillingError::ExposureUnfit(ExposureFault::new(field, why))
}

/// Says that a name is not there, and which are near it.
fn missing<'n>(what: &str, name: &str, whose: &str, names: impl Iterator<Item = &'n str>) -> String {
    let alike = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    let mut near: Vec<(&str, f64)> = names.map(|other| (other, alike(other))).collect();
    near.retain(|(_, alike)| *alike >= ALIKE_MIN);
    near.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let near: Vec<String> = near.iter().take(NEAR_MAX).map(|(other, _)| format!("`{other}`")).collect();
    let text = format!("`{name}` is no {what} {whose}");
    if near.is_empty() { text } else { format!("{text}; near it: {}", near.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing_db::profile::RelationKind;

    fn users() -> Vec<Relation> {
        let column = |name: &str, type_name: &str| Column {
            name: name.to_owned(),
            quoted: format!("\"{name}\""),
            type_name: type_name.to_owned(),
            is_granted: name != "secret",
        };
        let table = |name: &str, kind| Relation {
            name: name.to_owned(),
            qualified: format!("public.\"{name}\""),
            kind,
            rows_estimated: None,
            columns: vec![
                column("email", "text"),
                column("plan", "enum"),
                column("bucket", "int4"),
                column("share", "numeric"),
                column("billingEnabled", "bool"),
                column("enabledAt", "timestamp"),
                column("settings", "jsonb"),
                column("secret", "bool"),
            ],
        };
        vec![
            table("User", RelationKind::Table),
            table("UserRole", RelationKind::Table),
            table("Invoice", RelationKind::Table),
            table("a_view", RelationKind::View),
        ]
    }

    fn measure(table: &str, (column, operator, value): (&str, &str, &str)) -> Exposure {
        let exposed =
            ExposureRule { column: column.to_owned(), operator: operator.parse().unwrap(), value: value.to_owned() };
        Exposure { table: table.to_owned(), exposed, eligible: None }
    }

    #[test]
    fn what_fits_is_bound_as_its_column_holds_it() {
        let at = |text: &str| Operand::Instant(text.parse().unwrap());
        for (rule, wanted) in [
            (("email", "=", "' OR 1=1 --"), Some(Operand::Text("' OR 1=1 --".to_owned()))),
            (("plan", "!=", "PRO"), Some(Operand::Text("PRO".to_owned()))),
            (("bucket", "<", "10"), Some(Operand::Whole(10))),
            (("share", ">=", "0.5"), Some(Operand::Number(0.5))),
            (("billingEnabled", "is true", ""), None),
            (("enabledAt", "<=", "2026-01-31"), Some(at("2026-01-31T00:00:00Z"))),
            (("enabledAt", ">", "2026-01-31T01:00:00+01:00"), Some(at("2026-01-31T00:00:00Z"))),
            (("settings", "is not null", ""), None),
        ] {
            let relations = users();
            let fitted = fit(&measure("User", rule), &relations).unwrap();
            assert_eq!((fitted.exposed.operand, fitted.relation.name.as_str()), (wanted, "User"), "{rule:?}");
        }
    }

    #[test]
    fn what_does_not_fit_says_which_field_and_what_it_may_be() {
        let good = ("billingEnabled", "is true", "");
        for (table, rule, field, why) in [
            ("Users", good, "table", "`Users` is no table of this database; near it: `User`, `UserRole`"),
            ("user", good, "table", "near it: `User`"),
            ("zzz", good, "table", "`zzz` is no table of this database"),
            ("User", ("billing_enabled", "is true", ""), "exposed.column", "of `User`; near it: `billingEnabled`"),
            ("User", ("billingEnabled", "=", "true"), "exposed.operator", "it takes is true, is false"),
            ("User", ("email", "<", "m"), "exposed.operator", "`email` holds text"),
            ("User", ("bucket", "is true", ""), "exposed.operator", "`bucket` holds numbers"),
            ("User", ("settings", "=", "{}"), "exposed.operator", "it takes is null or is not null"),
            ("User", ("bucket", "<", "ten"), "exposed.value", "`ten` is no number"),
            ("User", ("share", "<", "inf"), "exposed.value", "`inf` is no number"),
            ("User", ("enabledAt", "<", "31.01.2026"), "exposed.value", "is no day such as 2026-01-31"),
            ("User", ("bucket", "<", ""), "exposed.value", "compares with a value"),
        ] {
            let relations = users();
            let refused = fit(&measure(table, rule), &relations).unwrap_err();
            let BillingError::ExposureUnfit(fault) = refused else { panic!("{refused}") };
            assert!(fault.field == field && fault.why.contains(why), "{rule:?}: {fault:?}");
        }
        let both =
            Exposure { eligible: Some(measure("User", ("planet", "is null", "")).exposed), ..measure("User", good) };
        let refused = fit(&both, &users()).unwrap_err();
        assert!(matches!(refused, BillingError::ExposureUnfit(fault) if fault.field == "eligible.column"));
    }

    #[test]
    fn what_may_not_be_read_is_not_counted() {
        let relations = users();
        let view = fit(&measure("a_view", ("billingEnabled", "is true", "")), &relations).unwrap_err();
        assert!(matches!(view, BillingError::RelationKind { .. }), "{view}");
        let secret = fit(&measure("User", ("secret", "is true", "")), &relations).unwrap_err();
        assert!(matches!(secret, BillingError::NotPermitted { .. }), "{secret}");
        let fitted = fit(&measure("User", ("plan", "=", "PRO")), &relations).unwrap();
        let labels = |all: &[&str]| all.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
        assert!(check_label("exposed", &fitted.exposed, &labels(&["FREE", "PRO"])).is_ok());
        let other = check_label("exposed", &fitted.exposed, &labels(&["free", "pro"])).unwrap_err();
        assert!(other.to_string().ends_with("`plan` holds `free`, `pro`, and `PRO` is none of them"), "{other}");
    }
}
