//! The known shapes of a billing database: how each is recognised, and which columns are read from it.
//!
//! Pure: catalog facts in, a report out, the same for PostgreSQL and for the demo's file. The columns here are the
//! allow-list; payloads, hashes, addresses and e-mails are absent on purpose.

use std::fmt;

use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::workspace::environment::TableFound;

use super::error::{BillingError, SchemaGap};
use super::sql::{self, Statement};

mod tables;

pub(super) use tables::{ALL_TABLES, KINDS, PROFILES, columns_read, shape};

/// What a relation is, by the catalog's letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RelationKind {
    /// An ordinary table.
    Table,
    /// A table in parts.
    PartitionedTable,
    /// A stored result.
    MaterializedView,
    /// A view: reading it runs its definition.
    View,
    /// A table of another server, or one with such a part: reading it opens a connection there.
    ForeignTable,
    /// Anything else.
    Other,
}

impl RelationKind {
    /// Says whether rows may be read from it.
    #[must_use]
    pub fn is_readable(self) -> bool {
        matches!(self, Self::Table | Self::PartitionedTable | Self::MaterializedView)
    }
}

impl fmt::Display for RelationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::PartitionedTable => "partitioned table",
            Self::MaterializedView => "materialised view",
            Self::View => "view",
            Self::ForeignTable => "foreign table",
            Self::Other => "relation of another kind",
        })
    }
}

/// What values a column holds, as far as reading it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Text of any length.
    Text,
    /// Text, or a word of an enumeration.
    Word,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Number,
    /// A truth value.
    Flag,
    /// An instant, with or without zone.
    Instant,
    /// Named for recognition only, of any type, never read.
    Unread,
}

impl ColumnKind {
    /// Says whether the catalog's type is one of this kind. User-defined types other than enumerations never are:
    /// their casts and operators may be anybody's functions. Where any column holds any value, reading it decides.
    fn takes(self, type_name: &str) -> bool {
        const TEXT: [&str; 3] = ["text", "varchar", "bpchar"];
        if type_name == ANY_TYPE {
            return true;
        }
        match self {
            Self::Text => TEXT.contains(&type_name),
            Self::Word => type_name == "enum" || TEXT.contains(&type_name),
            Self::Integer => ["int2", "int4", "int8"].contains(&type_name),
            Self::Number => ["float8", "numeric"].contains(&type_name),
            Self::Flag => type_name == "bool",
            Self::Instant => ["timestamp", "timestamptz"].contains(&type_name),
            Self::Unread => true,
        }
    }
}

/// The type of a column that holds values of any type, as SQLite's do.
pub const ANY_TYPE: &str = "any";

/// A column as the catalog describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its name, quoted by the catalog itself; the only form that goes into a statement.
    pub quoted: String,
    /// Its type: a built-in type's name, `enum`, `any`, or `other`.
    pub type_name: String,
    /// Whether the role may read it.
    pub is_granted: bool,
}

/// A relation as the catalog describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Its name.
    pub name: String,
    /// Schema and name, quoted by the catalog itself; the only form that goes into a statement.
    pub qualified: String,
    /// What it is.
    pub kind: RelationKind,
    /// How many rows the server believes it has; `None` before it was ever counted.
    pub rows_estimated: Option<i64>,
    /// Its columns in their order.
    pub columns: Vec<Column>,
}

/// A table as a profile needs it.
pub(super) struct TableShape {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, ColumnKind)],
}

/// What is read for one kind of row: the tables, the first of them leading, and the statement over them.
pub(super) struct Shape {
    pub(super) tables: &'static [TableShape],
    pub(super) statement: Statement,
    /// Whether the rows can be looked up by an id of Stripe.
    pub(super) has_stripe_id: bool,
}

/// What was found when a schema was compared with every profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// The profiles whose mark is there; none, one, or more.
    pub profiles: Vec<SchemaProfile>,
    /// What each profile lacks, also of those that were not recognised.
    pub reports: Vec<ProfileReport>,
}

/// How far one profile fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileReport {
    /// The profile.
    pub profile: SchemaProfile,
    /// Whether its mark is there.
    pub is_recognised: bool,
    /// What is missing or different, in sentences; empty when all of it can be read.
    pub gaps: Vec<String>,
}

impl Detection {
    /// Gives the one profile, or the one asked for if its mark is there.
    ///
    /// **Errors**: `SchemaUnknown` when none fits, or several do and none was asked for: the console never guesses.
    pub fn choose(&self, asked: Option<SchemaProfile>) -> Result<SchemaProfile, BillingError> {
        let gap = match (asked, self.profiles.as_slice()) {
            (Some(asked), found) if found.contains(&asked) => return Ok(asked),
            (None, [only]) => return Ok(*only),
            (None, [_, _, ..]) => SchemaGap::SeveralProfiles(self.profiles.clone()),
            _ => SchemaGap::NoProfile,
        };
        Err(BillingError::SchemaUnknown(gap))
    }
}

/// Compares the relations of a schema with every profile.
///
/// **Shape**: relations by any order, those with other names are ignored.
#[must_use]
pub fn detect(relations: &[Relation]) -> Detection {
    let reports: Vec<_> = PROFILES
        .iter()
        .map(|&profile| ProfileReport {
            profile,
            is_recognised: tables::mark(profile).iter().all(|table| fit(table, relations).is_ok()),
            gaps: gaps(profile, relations),
        })
        .collect();
    let profiles = reports.iter().filter(|report| report.is_recognised).map(|report| report.profile).collect();
    Detection { profiles, reports }
}

/// Lists every table a profile reads, whether it is there, and what it is read for.
///
/// **Shape**: `relations` as `BillingReader::tables` gives them.
#[must_use]
pub fn tables_found(profile: SchemaProfile, relations: &[Relation]) -> Vec<TableFound> {
    let needed_for = |table: &str| {
        let kinds = KINDS.iter().filter(|&&kind| {
            shape(profile, kind).is_some_and(|shape| shape.tables.iter().any(|needed| needed.name == table))
        });
        kinds.map(|&kind| words(kind)).collect::<Vec<_>>().join(", ")
    };
    let found = |table: &str| relations.iter().find(|relation| relation.name == table);
    columns_read(profile)
        .into_iter()
        .map(|(table, _)| TableFound {
            name: table.to_owned(),
            is_present: found(table).is_some(),
            rows: found(table).and_then(|table| table.rows_estimated).map(|rows| rows.to_string()).unwrap_or_default(),
            needed_for: needed_for(table),
        })
        .collect()
}

fn words(kind: RowKind) -> &'static str {
    match kind {
        RowKind::BillingCustomer => "customers",
        RowKind::BillingSubscription => "subscriptions",
        RowKind::BillingInvoice => "invoices",
        RowKind::BillingEvent => "handled events",
    }
}

/// Puts the statement of a kind together with the names the catalog gave.
///
/// **Errors**: `NotKept` where the profile has no such rows; else what keeps a table from being read.
pub(super) fn text_for(
    profile: SchemaProfile,
    kind: RowKind,
    relations: &[Relation],
) -> Result<sql::Text, BillingError> {
    let shape = require(profile, kind)?;
    let fitted = shape.tables.iter().map(|table| readable(table, relations)).collect::<Result<Vec<_>, _>>()?;
    Ok(shape.statement.on(&fitted))
}

/// Finds the leading table of a kind and checks it.
pub(super) fn leading(
    profile: SchemaProfile,
    kind: RowKind,
    relations: &[Relation],
) -> Result<&Relation, BillingError> {
    let table = require(profile, kind)?.tables.first().ok_or(BillingError::SchemaUnknown(SchemaGap::NoProfile))?;
    readable(table, relations)
}

/// Gives what is read for a kind.
pub(super) fn require(profile: SchemaProfile, kind: RowKind) -> Result<Shape, BillingError> {
    shape(profile, kind).ok_or(BillingError::SchemaUnknown(SchemaGap::NotKept { profile, kind, what: "table" }))
}

/// Finds a table among the relations and checks its columns.
fn fit<'r>(table: &TableShape, relations: &'r [Relation]) -> Result<&'r Relation, SchemaGap> {
    let relation = relations.iter().find(|r| r.name == table.name).ok_or(SchemaGap::Table(table.name))?;
    for &(column, kind) in table.columns {
        let found = relation.columns.iter().find(|c| c.name == column);
        let type_name = found.map_or("missing", |c| c.type_name.as_str());
        if found.is_none() || !kind.takes(type_name) {
            return Err(SchemaGap::Column { table: table.name, column, found: type_name.into() });
        }
    }
    Ok(relation)
}

/// As `fit`, and the relation is one whose rows may be read, by this role.
fn readable<'r>(table: &TableShape, relations: &'r [Relation]) -> Result<&'r Relation, BillingError> {
    let relation = fit(table, relations).map_err(BillingError::SchemaUnknown)?;
    if !relation.kind.is_readable() {
        return Err(BillingError::RelationKind { relation: table.name.into(), kind: relation.kind });
    }
    let is_withheld = |&(column, _): &(&str, ColumnKind)| {
        relation.columns.iter().any(|found| found.name == column && !found.is_granted)
    };
    match table.columns.iter().find(|column| is_withheld(column)) {
        Some((column, _)) => {
            let work = format!("read column \"{column}\" of \"{}\"", table.name).into();
            Err(BillingError::NotPermitted { work, cause: None })
        }
        None => Ok(relation),
    }
}

fn gaps(profile: SchemaProfile, relations: &[Relation]) -> Vec<String> {
    let mut gaps = Vec::new();
    for table in KINDS.iter().filter_map(|&kind| shape(profile, kind)).flat_map(|shape| shape.tables) {
        match readable(table, relations) {
            Ok(_) => {}
            Err(BillingError::SchemaUnknown(gap)) => gaps.push(gap.to_string()),
            Err(other) => gaps.push(other.to_string()),
        }
    }
    gaps.dedup();
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every table of the named profiles, as Prisma makes it.
    fn relations(profiles: &[SchemaProfile]) -> Vec<Relation> {
        let mut all: Vec<Relation> = Vec::new();
        for shape in profiles.iter().flat_map(|&p| KINDS.iter().filter_map(move |&kind| shape(p, kind))) {
            for table in shape.tables {
                let columns = table.columns.iter().map(|&(name, kind)| Column {
                    name: name.to_owned(),
                    quoted: format!("\"{name}\""),
                    type_name: match kind {
                        ColumnKind::Text | ColumnKind::Unread => "text",
                        ColumnKind::Word => "enum",
                        ColumnKind::Integer => "int4",
                        ColumnKind::Number => "float8",
                        ColumnKind::Flag => "bool",
                        ColumnKind::Instant => "timestamp",
                    }
                    .to_owned(),
                    is_granted: true,
                });
                match all.iter_mut().find(|known| known.name == table.name) {
                    Some(known) => known.columns.extend(columns),
                    None => all.push(Relation {
                        name: table.name.to_owned(),
                        qualified: format!("public.\"{}\"", table.name),
                        kind: RelationKind::Table,
                        rows_estimated: Some(7),
                        columns: columns.collect(),
                    }),
                }
            }
        }
        all
    }

    fn report(detection: &Detection, profile: SchemaProfile) -> &ProfileReport {
        detection.reports.iter().find(|report| report.profile == profile).unwrap()
    }

    #[test]
    fn each_profile_is_recognised_by_its_own_tables() {
        for profile in PROFILES {
            let detection = detect(&relations(&[profile]));
            assert_eq!(detection.profiles, [profile]);
            assert_eq!(report(&detection, profile).gaps, Vec::<String>::new());
            assert_eq!(detection.choose(None).unwrap(), profile);
        }
    }

    #[test]
    fn none_or_two_profiles_are_never_guessed() {
        let both = detect(&relations(&[SchemaProfile::NestModels, SchemaProfile::NestDocumented]));
        assert!(matches!(both.choose(None), Err(BillingError::SchemaUnknown(SchemaGap::SeveralProfiles(_)))));
        assert_eq!(both.choose(Some(SchemaProfile::NestModels)).unwrap(), SchemaProfile::NestModels);
        assert!(both.choose(Some(SchemaProfile::Devflowhub)).is_err());
        let none = detect(&[]);
        assert!(matches!(none.choose(None), Err(BillingError::SchemaUnknown(SchemaGap::NoProfile))));
    }

    #[test]
    fn what_cannot_be_read_is_said_column_by_column() {
        let profile = SchemaProfile::Devflowhub;
        let with = |change: fn(&mut Relation)| {
            let mut all = relations(&[profile]);
            all.iter_mut().filter(|relation| relation.name == "Invoice").for_each(change);
            let text = text_for(profile, RowKind::BillingInvoice, &all).unwrap_err();
            (text.code().to_string(), report(&detect(&all), profile).gaps.concat())
        };
        let (code, gaps) = with(|invoice| invoice.columns.retain(|column| column.name != "amountDue"));
        assert_eq!((code.as_str(), gaps.as_str()), ("PG_SCHEMA_UNKNOWN", "column `amountDue` of `Invoice` is missing"));
        let (code, gaps) = with(|invoice| invoice.columns[3].type_name = "other".to_owned());
        assert_eq!((code.as_str(), gaps.as_str()), ("PG_SCHEMA_UNKNOWN", "column `amountDue` of `Invoice` is other"));
        let (code, gaps) = with(|invoice| invoice.kind = RelationKind::View);
        assert!(code == "PG_RELATION_KIND" && gaps.contains("`Invoice` is a view"), "{code} {gaps}");
        let (code, gaps) = with(|invoice| invoice.columns[0].is_granted = false);
        assert!(code == "PG_AUTH" && gaps.contains(r#"column "id" of "Invoice""#), "{code} {gaps}");
    }

    #[test]
    fn the_tables_of_a_profile_say_what_they_are_for() {
        let profile = SchemaProfile::NestModels;
        let mut all = relations(&[profile]);
        all.retain(|relation| relation.name != "Invoice");
        let found = tables_found(profile, &all);
        let told: Vec<_> = found.iter().map(|t| (t.name.as_str(), t.is_present, t.needed_for.as_str())).collect();
        assert_eq!(
            told,
            [
                ("billing_users", true, "customers, subscriptions, invoices"),
                ("Subscription", true, "subscriptions"),
                ("Invoice", false, "invoices"),
            ]
        );
        assert_eq!(found[0].rows, "7");
    }
}
