//! Names of schemas as a person may set them: plain identifiers and nothing else.
//!
//! Leg 3 of reading only: a name is checked here, then looked up in the catalog as a parameter; what goes into a
//! statement is the catalog's own quoted form, never this text.

use super::error::{BillingError, quoted};

/// The longest identifier PostgreSQL keeps. **Units**: bytes.
const NAME_BYTES_MAX: usize = 63;

/// The schema in which the billing tables stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SchemaName(Box<str>);

impl SchemaName {
    /// Checks a name.
    ///
    /// **Errors**: `NameInvalid` for anything but `[A-Za-z_][A-Za-z0-9_]{0,62}`.
    pub fn parse(name: &str) -> Result<Self, BillingError> {
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if starts_well && is_plain && name.len() <= NAME_BYTES_MAX {
            Ok(Self(name.into()))
        } else {
            Err(BillingError::NameInvalid { what: "schema", name: quoted(name) })
        }
    }

    /// Gives the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for SchemaName {
    /// Gives `public`, where Prisma puts its tables unless told otherwise.
    fn default() -> Self {
        Self("public".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_identifiers_are_names() {
        for good in ["public", "_", "Billing_2", &"a".repeat(63)] {
            assert_eq!(SchemaName::parse(good).unwrap().as_str(), good);
        }
        let long = "a".repeat(64);
        for bad in ["", "1a", "a b", "a\"b", "a;b", "a.b", "ä", "a\0", "a\n", "a-b", "$1", long.as_str()] {
            assert!(matches!(SchemaName::parse(bad), Err(BillingError::NameInvalid { .. })), "{bad:?}");
        }
    }
}
