//! Enumerations whose words come from outside.
//!
//! Stripe may add a word at any time without a new version; a word this build does not know is kept as it came
//! (`Other`), shown and counted, and never an error.

/// Declares an enumeration with a text for each arm and an `Other` arm that keeps any further word.
///
/// Gives `as_str`, `From<&str>`, `Display`, and serde as plain text.
#[macro_export]
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$arm_meta:meta])* $arm:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$arm_meta])* $arm,)+
            /// A word this build does not know, kept as it came.
            Other(Box<str>),
        }

        impl $name {
            /// Gives the word as the source writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$arm => $word,)+
                    Self::Other(word) => word,
                }
            }

            /// Lists the words this build knows.
            pub const KNOWN: &'static [&'static str] = &[$($word),+];
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$arm,)+
                    other => Self::Other(other.into()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Ok(Self::from(word.as_ref()))
            }
        }
    };
}
