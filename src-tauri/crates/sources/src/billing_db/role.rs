//! What the database role could do beside reading, and the recipe for one that cannot.
//!
//! Leg 1 of reading only. The audit itself is a statement in `sql/`; the recipe is text for an administrator and is
//! never sent to a server by us.

use std::fmt::Write;

use countersign_domain::billing::SchemaProfile;
use countersign_domain::workspace::environment;

use super::name::SchemaName;
use super::profile;

/// How much a finding of the role audit matters; the worst is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The role could change the server itself: refused.
    Deny,
    /// The role could change rows: connected, with a red notice.
    Write,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// Reads the word of the audit statement; a word it does not know counts as the worst.
    pub(super) fn from_word(word: &str) -> Self {
        match word {
            "write" => Self::Write,
            "note" => Self::Note,
            _ => Self::Deny,
        }
    }
}

/// One thing the role may do that a reader does not need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleFinding {
    /// How much it matters.
    pub severity: Severity,
    /// The kind of power, a fixed word such as `relation_write`.
    pub kind: String,
    /// On what, as the catalog names it.
    pub what: String,
}

impl From<RoleFinding> for environment::RoleFinding {
    fn from(finding: RoleFinding) -> Self {
        let severity = match finding.severity {
            Severity::Deny => "deny",
            Severity::Write => "write",
            Severity::Note => "note",
        };
        Self { severity: severity.to_owned(), kind: finding.kind, what: finding.what }
    }
}

/// Writes the statements with which an administrator makes a role that can read what the profile needs and no more.
///
/// **Shape**: for people; the password is left open. Names are quoted as the database wants them.
#[must_use]
pub fn recipe(database: &str, schema: &SchemaName, profile: SchemaProfile) -> String {
    let (database, schema) = (identifier(database), identifier(schema.as_str()));
    let mut text = format!(
        "CREATE ROLE countersign_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 3 \
         PASSWORD '…';\n\
         GRANT CONNECT ON DATABASE {database} TO countersign_reader;\n\
         GRANT USAGE ON SCHEMA {schema} TO countersign_reader;\n"
    );
    for (table, columns) in profile::columns_read(profile) {
        let columns = columns.iter().map(|column| identifier(column)).collect::<Vec<_>>().join(", ");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "GRANT SELECT ({columns}) ON {schema}.{} TO countersign_reader;", identifier(table));
    }
    text.push_str(
        "ALTER ROLE countersign_reader SET default_transaction_read_only = on;\n\
         ALTER ROLE countersign_reader SET statement_timeout = '15s';\n\
         ALTER ROLE countersign_reader SET idle_in_transaction_session_timeout = '10s';\n\
         ALTER ROLE countersign_reader SET client_connection_check_interval = '5s';\n",
    );
    text
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipe_grants_columns_and_never_a_table() {
        let text = recipe("bil\"ling", &SchemaName::default(), SchemaProfile::Devflowhub);
        assert!(text.contains(r#"GRANT CONNECT ON DATABASE "bil""ling" TO"#), "{text}");
        assert!(text.contains(r#"GRANT SELECT ("id", "plan") ON "public"."User" TO"#), "{text}");
        assert!(!text.contains("SELECT ON") && !text.contains("passwordHash"), "{text}");
    }
}
