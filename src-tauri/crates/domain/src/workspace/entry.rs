//! The entries that change the workspace. Their bytes are hashed and kept for ever: a field may be added with a default,
//! never renamed, and no JSON number may appear.

use serde::{Deserialize, Serialize};

use super::{Class, DatabaseConnection, Source, StripeConnection, Workspace};

/// What happened to the workspace or an environment. The environment's name stands in the entry's envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum Entry {
    /// An environment was made.
    EnvironmentAdded(EnvironmentAdded),
    /// The expected address of its webhook endpoint was set or cleared.
    EndpointExpected(EndpointExpected),
    /// A Stripe key was checked and kept.
    StripeConnected(StripeConnection),
    /// A billing database was checked and kept.
    DatabaseConnected(DatabaseConnection),
    /// A connection and its secret were forgotten.
    Disconnected(Disconnected),
    /// The workspace's settings were replaced; the entry before tells the old ones.
    WorkspaceSet(Workspace),
    /// A masked value was shown to somebody. The value itself is not here.
    Revealed(Revealed),
    /// A list, chart or report left the program.
    Exported(Exported),
}

/// An environment was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentAdded {
    /// Its class.
    pub class: Class,
    /// Whether it is the invented company.
    pub is_demo: bool,
}

/// The expected address of a webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointExpected {
    /// The address; `None` expects nothing.
    pub webhook_url: Option<String>,
}

/// A connection was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disconnected {
    /// Which.
    pub source: Source,
}

/// A masked value was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revealed {
    /// Kind of the record.
    pub record: String,
    /// Id of the record.
    pub id: String,
    /// The field.
    pub field: String,
    /// Why.
    pub reason: String,
}

/// Something left the program as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exported {
    /// What: `customers`, `metric.mrr`, a run.
    pub what: String,
    /// Format of the file.
    pub format: String,
    /// Rows in it, a decimal string; empty where it has none.
    pub rows: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Whether personal values were masked in it.
    pub is_masked: bool,
    /// Which of the rows, in words; empty for what has no filter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub filter: String,
}

impl Entry {
    /// Gives the stable word of the entry's kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::EnvironmentAdded(_) => "environment_added",
            Self::EndpointExpected(_) => "endpoint_expected",
            Self::StripeConnected(_) => "stripe_connected",
            Self::DatabaseConnected(_) => "database_connected",
            Self::Disconnected(_) => "disconnected",
            Self::WorkspaceSet(_) => "workspace_set",
            Self::Revealed(_) => "revealed",
            Self::Exported(_) => "exported",
        }
    }

    /// Gives the entry's body.
    ///
    /// **Errors**: none for the types above; serde's own otherwise.
    pub fn body(&self) -> Result<serde_json::Value, serde_json::Error> {
        let mut whole = serde_json::to_value(self)?;
        Ok(whole.get_mut("body").map(serde_json::Value::take).unwrap_or_default())
    }

    /// Reads an entry of this family; `None` for a kind that belongs to another.
    ///
    /// **Errors**: a body that is not of its kind's shape.
    pub fn read(kind: &str, body: &serde_json::Value) -> Option<Result<Self, serde_json::Error>> {
        Self::KINDS.contains(&kind).then(|| serde_json::from_value(serde_json::json!({ "kind": kind, "body": body })))
    }

    /// The kinds of this family.
    pub const KINDS: &'static [&'static str] = &[
        "environment_added",
        "endpoint_expected",
        "stripe_connected",
        "database_connected",
        "disconnected",
        "workspace_set",
        "revealed",
        "exported",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_number(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Number(_) => true,
            serde_json::Value::Array(items) => items.iter().any(has_number),
            serde_json::Value::Object(fields) => fields.values().any(has_number),
            _ => false,
        }
    }

    #[test]
    fn bodies_come_back_and_hold_no_number() {
        let entries = [
            Entry::EnvironmentAdded(EnvironmentAdded { class: Class::Staging, is_demo: false }),
            Entry::Disconnected(Disconnected { source: Source::Database }),
            Entry::WorkspaceSet(Workspace::devflowhub()),
        ];
        for entry in entries {
            let body = entry.body().unwrap();
            assert!(!has_number(&body), "{body}");
            assert!(Entry::KINDS.contains(&entry.kind()));
            assert_eq!(Entry::read(entry.kind(), &body).unwrap().unwrap(), entry);
        }
        assert!(Entry::read("run_signed", &serde_json::Value::Null).is_none());
    }

    #[test]
    fn an_export_without_a_filter_is_written_as_ever() {
        let text = r#"{"what":"customers","format":"csv","rows":"3","sha256":"ab","is_masked":true}"#;
        let export: Exported = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&export).unwrap(), text);
        let filtered = Exported { filter: "status active".to_owned(), ..export };
        let text = serde_json::to_string(&filtered).unwrap();
        assert_eq!(serde_json::from_str::<Exported>(&text).unwrap(), filtered);
    }
}
