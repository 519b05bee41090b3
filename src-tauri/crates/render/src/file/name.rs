//! Names of exported files: ours from the first to the last character.
//!
//! Whatever text goes in, the name is harmless on every system: no folders, no device names, no hidden files, no options
//! of a command line.

/// Most characters of a name, with its extension.
pub const NAME_CHARS_MAX: usize = 80;

/// Names that Windows gives to devices, whatever their extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A file name of `[A-Za-z0-9._-]{1,80}` that begins with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(String);

impl FileName {
    /// Builds a name from parts that sort in this order, and an extension.
    ///
    /// **Shape**: runs of other characters become one `-`, parts are joined by `_`, empty parts are left out.
    /// **Example**: `["countersign", "MRR movements", "2026-11", "usd"]` and `csv` give
    /// `countersign_MRR-movements_2026-11_usd.csv`.
    #[must_use]
    pub fn build(parts: &[&str], extension: &str) -> Self {
        let stem = parts.iter().map(|part| plain(part)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
        let extension: String = extension.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
        let room = NAME_CHARS_MAX.saturating_sub(extension.len() + 1);
        let mut stem: String = stem.chars().take(room).collect();
        stem.truncate(stem.trim_end_matches(['.', '-', '_']).len());
        if stem.is_empty() || is_device(&stem) {
            // The longest device name has four characters, so this cannot outgrow the room.
            stem = format!("export_{stem}").trim_end_matches('_').to_owned();
        }
        if extension.is_empty() { Self(stem) } else { Self(format!("{stem}.{extension}")) }
    }

    /// Gives the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Keeps letters and digits, and single dots and dashes between them.
fn plain(part: &str) -> String {
    let mut out = String::new();
    for c in part.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if out.ends_with(|last: char| last.is_ascii_alphanumeric()) {
            out.push(if c == '.' || c == '_' { c } else { '-' });
        }
    }
    out.truncate(out.trim_end_matches(['.', '-', '_']).len());
    out
}

fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().to_ascii_lowercase();
    DEVICES.iter().any(|device| {
        first.strip_prefix(device).is_some_and(|rest| {
            rest.is_empty()
                || (matches!(*device, "com" | "lpt") && rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_readable_and_sort_by_their_parts() {
        for (parts, extension, name) in [
            (
                vec!["countersign", "MRR movements", "2026-11", "usd"],
                "csv",
                "countersign_MRR-movements_2026-11_usd.csv",
            ),
            (vec!["../../etc/passwd"], "png", "etc-passwd.png"),
            (vec!["-rf", ".hidden"], "csv", "rf_hidden.csv"),
            (vec!["con"], "csv", "export_con.csv"),
            (vec!["COM1.backup"], "csv", "export_COM1.backup.csv"),
            (vec!["lpt"], "csv", "export_lpt.csv"),
            (vec!["company"], "csv", "company.csv"),
            (vec!["\u{202e}gnp"], "exe\0", "gnp.exe"),
            (vec!["Société Générale"], "pdf", "Soci-t-G-n-rale.pdf"),
            (vec!["", "  "], "csv", "export.csv"),
            (vec!["a"], "", "a"),
        ] {
            assert_eq!(FileName::build(&parts, extension).as_str(), name, "{parts:?}");
        }
    }

    proptest! {
        #[test]
        fn every_name_is_harmless(parts in prop::collection::vec(".{0,60}", 0..4), extension in ".{0,12}") {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let name = FileName::build(&parts, &extension);
            let name = name.as_str();
            prop_assert!((1..=NAME_CHARS_MAX).contains(&name.len()));
            prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
            prop_assert!(name.starts_with(|c: char| c.is_ascii_alphanumeric()));
            prop_assert!(name.ends_with(|c: char| c.is_ascii_alphanumeric()));
            prop_assert!(!is_device(name));
        }
    }
}
