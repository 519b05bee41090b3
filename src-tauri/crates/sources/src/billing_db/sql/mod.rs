//! Every statement this program can send to a billing database.
//!
//! Leg 2 of reading only: a statement is a constant of this folder, and only this file can make one. `{Table}` in a
//! text stands for the quoted name the catalog gave. Sent one at a time by the extended protocol, never stacked.

use std::borrow::Cow;

use countersign_domain::workspace::ExposureOperator;
use strum::IntoEnumIterator as _;

use super::exposure::{FittedExposure, FittedRule, Holds};
use super::profile::Relation;

/// A constant text of this folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Statement(&'static str);

/// A statement ready to be sent: a constant, with nothing in it but names from the catalog.
#[derive(Debug, Clone)]
pub(super) struct Text(Cow<'static, str>);

/// A setting of each transaction, and what it has to read back as.
pub(super) struct Setting {
    pub(super) statement: Statement,
    pub(super) name: &'static str,
    pub(super) value: &'static str,
}

impl Statement {
    /// Takes the statement as it stands.
    pub(super) const fn text(self) -> Text {
        Text(Cow::Borrowed(self.0))
    }

    /// Puts the catalog's names where the statement leaves room for them.
    pub(super) fn on(self, relations: &[&Relation]) -> Text {
        let text = relations.iter().fold(self.0.to_owned(), |text, relation| {
            text.replace(&format!("{{{}}}", relation.name), &relation.qualified)
        });
        Text(Cow::Owned(text))
    }

    /// Puts one relation into the statement that fits any.
    pub(super) fn on_any(self, relation: &Relation) -> Text {
        Text(Cow::Owned(self.0.replace("{relation}", &relation.qualified)))
    }
}

/// Puts table and conditions into the statement that counts who is exposed.
///
/// **Shape**: the parameters are the value of the exposed, then that of the eligible; either may be unused.
pub(super) fn exposure(fitted: &FittedExposure<'_>) -> Text {
    let rule = |rule: &FittedRule<'_>, value| condition(rule.holds, rule.operator, &rule.column.quoted, value);
    let exposed = rule(&fitted.exposed, "$1");
    let eligible = fitted.eligible.as_ref().map_or_else(|| "TRUE".to_owned(), |eligible| rule(eligible, "$2"));
    let rooms = [("relation", fitted.relation.qualified.as_str()), ("exposed", &exposed), ("eligible", &eligible)];
    // In one pass, so that a name that looks like a room is none.
    let (mut text, mut rest) = (String::new(), EXPOSURE.0);
    while let Some((before, (room, after))) = rest.split_once('{').and_then(|(a, b)| Some((a, b.split_once('}')?))) {
        text.push_str(before);
        text.push_str(rooms.iter().find(|(name, _)| *name == room).map_or("", |(_, text)| text));
        rest = after;
    }
    text.push_str(rest);
    Text(Cow::Owned(text))
}

/// Compares a column. A word of an enumeration is written out by the system, past any cast that somebody defined.
fn condition(holds: Holds, operator: ExposureOperator, column: &str, value: &str) -> String {
    let compared = match holds {
        Holds::Word => format!("NULLIF(pg_catalog.concat(r.{column}), '')"),
        _ => format!("r.{column}"),
    };
    match operator {
        ExposureOperator::Equal => format!("{compared} = {value}"),
        ExposureOperator::Other => format!("{compared} <> {value}"),
        ExposureOperator::Above => format!("{compared} > {value}"),
        ExposureOperator::AtLeast => format!("{compared} >= {value}"),
        ExposureOperator::Below => format!("{compared} < {value}"),
        ExposureOperator::AtMost => format!("{compared} <= {value}"),
        ExposureOperator::IsNull => format!("r.{column} IS NULL"),
        ExposureOperator::IsNotNull => format!("r.{column} IS NOT NULL"),
        ExposureOperator::IsTrue => format!("r.{column} IS TRUE"),
        ExposureOperator::IsFalse => format!("r.{column} IS FALSE"),
    }
}

/// Lists every condition that can stand in the statement that counts who is exposed, besides `TRUE`.
///
/// **Shape**: `{column}` stands for a column as the catalog quotes it, `{value}` for the parameter.
#[must_use]
pub fn exposure_conditions() -> std::collections::BTreeSet<String> {
    let pairs = Holds::iter().flat_map(|holds| ExposureOperator::iter().map(move |operator| (holds, operator)));
    let taken = pairs.filter(|(holds, operator)| holds.takes(*operator));
    taken.map(|(holds, operator)| condition(holds, operator, "{column}", "{value}")).collect()
}

impl Text {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! statements {
    ($($name:ident = $file:literal;)+) => {
        $(pub(super) const $name: Statement = Statement(include_str!($file));)+
        const FILES: &[(&str, Statement)] = &[$(($file, $name)),+];
    };
}

macro_rules! settings {
    ($($name:literal = $value:literal;)+) => {
        /// What each transaction sets for itself: per transaction, so that a pooler in between can neither lose it
        /// nor carry it over to somebody else's session.
        pub(super) const SETTINGS: &[Setting] = &[$(Setting {
            statement: Statement(concat!("SET LOCAL ", $name, " = '", $value, "'")),
            name: $name,
            value: $value,
        }),+];
    };
}

statements! {
    BEGIN = "session/begin.sql";
    CHECK = "session/check.sql";
    ROLLBACK = "session/rollback.sql";
    IDENTITY = "catalog/identity.sql";
    CONTROL = "catalog/control.sql";
    STANDING = "catalog/standing.sql";
    RELATIONS = "catalog/relations.sql";
    AUDIT_ROLE = "catalog/audit_role.sql";
    LABELS = "catalog/labels.sql";
    DAMAGE = "catalog/damage.sql";
    COUNT = "count.sql";
    EXPOSURE = "exposure.sql";
    DEVFLOWHUB_CUSTOMERS = "devflowhub/customers.sql";
    DEVFLOWHUB_SUBSCRIPTIONS = "devflowhub/subscriptions.sql";
    DEVFLOWHUB_INVOICES = "devflowhub/invoices.sql";
    DEVFLOWHUB_EVENTS = "devflowhub/events.sql";
    NEST_CUSTOMERS = "nest/customers.sql";
    NEST_MODELS_SUBSCRIPTIONS = "nest/models_subscriptions.sql";
    NEST_MODELS_INVOICES = "nest/models_invoices.sql";
    NEST_DOCUMENTED_SUBSCRIPTIONS = "nest/documented_subscriptions.sql";
    NEST_DOCUMENTED_INVOICES = "nest/documented_invoices.sql";
}

// Row security is off so that a table whose policies would hide rows is an error and not a smaller number, and so
// that no policy's code runs. The other values bound time and waiting.
settings! {
    "search_path" = "pg_catalog";
    "timezone" = "UTC";
    "statement_timeout" = "15s";
    "lock_timeout" = "1s";
    "idle_in_transaction_session_timeout" = "10s";
    "work_mem" = "16MB";
    "max_parallel_workers_per_gather" = "0";
    "row_security" = "off";
}

/// What the transaction has to be beside its settings.
pub(super) const TRANSACTION: [(&str, &str); 2] =
    [("transaction_read_only", "on"), ("transaction_isolation", "repeatable read")];

/// Lists every statement that can be sent to a billing database, for whoever wants to audit them.
///
/// **Shape**: `{relation}`, `{User}` and so on stand for a schema and table as the catalog quotes them; `{exposed}` and
/// `{eligible}` for one of [`exposure_conditions`].
pub fn statements() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(_, statement)| statement.0).chain(SETTINGS.iter().map(|setting| setting.statement.0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::billing_db::profile::{KINDS, PROFILES, columns_read, shape};

    #[test]
    fn the_folder_and_the_list_are_the_same() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/billing_db/sql");
        let mut found = BTreeSet::new();
        let mut folders = vec![folder.clone()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "sql") {
                    found.insert(path.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/"));
                }
            }
        }
        assert_eq!(found, FILES.iter().map(|(file, _)| (*file).to_owned()).collect());
    }

    #[test]
    fn each_statement_is_one_and_only_reads() {
        let writing = "insert|update|delete|truncate|create|drop|alter|grant|copy|call|do|notify|lock|listen|into|\
                       nextval|setval|for";
        let writing = regex::Regex::new(&format!(r"(?i)\b({writing})\b\s")).unwrap();
        // The audit names privileges as text.
        let quoted = regex::Regex::new("'[^']*'").unwrap();
        for text in statements() {
            let bare = quoted.replace_all(text, "''");
            assert!(!bare.contains(';'), "{text}");
            assert!(!writing.is_match(&bare), "{text}");
            assert!(!bare.contains("SELECT *") && !bare.contains(".*"), "{text}");
        }
    }

    /// The allow-list and the statements say the same: every quoted name of a statement is in the list of its tables,
    /// and every column of the list is in the statement.
    #[test]
    fn statements_name_the_columns_of_the_allow_list_and_no_other() {
        let quoted = regex::Regex::new(r#"\b([ru])\."([A-Za-z]+)""#).unwrap();
        for profile in PROFILES {
            for shape in KINDS.iter().filter_map(|&kind| shape(profile, kind)) {
                let text = shape.statement.0;
                let named: BTreeSet<_> =
                    quoted.captures_iter(text).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
                let mut listed = BTreeSet::new();
                for (table, letter) in shape.tables.iter().zip(["r", "u"]) {
                    assert!(text.contains(&format!("{{{}}} AS {letter}", table.name)), "{text}");
                    listed.extend(table.columns.iter().map(|(column, _)| (letter.to_owned(), (*column).to_owned())));
                }
                assert_eq!(named, listed, "{text}");
            }
            for secret in ["password", "passwordHash", "twoFactorSecret", "metadata", "email", "address"] {
                assert!(columns_read(profile).iter().all(|(_, columns)| !columns.contains(&secret)));
            }
        }
    }

    #[test]
    fn names_come_from_the_catalog() {
        let relation = |name: &str, qualified: &str| Relation {
            name: name.to_owned(),
            qualified: qualified.to_owned(),
            kind: crate::billing_db::profile::RelationKind::Table,
            rows_estimated: None,
            columns: Vec::new(),
        };
        let (customer, user) =
            (relation("StripeCustomer", r#"odd."StripeCustomer""#), relation("User", r#"odd."User""#));
        let text = DEVFLOWHUB_CUSTOMERS.on(&[&customer, &user]);
        assert!(text.as_str().contains(r#"FROM odd."StripeCustomer" AS r"#), "{text:?}");
        assert!(text.as_str().contains(r#"JOIN odd."User" AS u"#) && !text.as_str().contains('{'), "{text:?}");
    }
}
