//! A text as questions to the full-text tables, and how well an answer fits it.
//!
//! Pure. Every word of the text has to be there, in any order: longer ones anywhere, short ones at the beginning of a word.

use super::hit::Matched;

/// Words of a text that are looked for; more only slow the search down.
const WORDS_MAX: usize = 8;
/// Longest text that is looked at. **Units**: characters.
const TEXT_CHARS_MAX: usize = 200;
/// Fewest letters the table of parts can find.
const PART_CHARS_MIN: usize = 3;

/// The questions, in the full-text tables' own language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::mirror) struct Words {
    /// For the table of three-letter parts; `None` asks nothing.
    pub parts: Option<String>,
    /// For the table of word beginnings; `None` asks nothing.
    pub beginnings: Option<String>,
    folded: Vec<String>,
}

impl Words {
    /// Takes a text apart.
    pub fn of(text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect();
        let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
        let words: Vec<&str> = text.split_whitespace().filter(is_word).take(WORDS_MAX).collect();
        let (long, short): (Vec<&str>, Vec<&str>) =
            words.iter().partition(|word| word.chars().count() >= PART_CHARS_MIN);
        Self {
            parts: joined(long.iter().map(|word| quoted(word))),
            beginnings: joined(short.iter().map(|word| quoted(word) + "*")),
            folded: words.iter().map(|word| word.to_lowercase()).collect(),
        }
    }

    /// Says how far a stored text is from being exactly what was asked for; 0 is equal.
    ///
    /// **Shape**: accents count here, so that among equals the exact spelling comes first.
    pub fn distance(&self, stored: &str) -> u8 {
        let stored = stored.to_lowercase();
        let asked = self.folded.join(" ");
        let first = self.folded.first().map_or("", String::as_str);
        match () {
            () if stored.lines().any(|line| line == asked) => 0,
            () if stored.lines().any(|line| line.starts_with(&asked)) => 1,
            () if stored.split(|c: char| !c.is_alphanumeric()).any(|word| word == first) => 2,
            () if stored.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(first)) => 3,
            () => 4,
        }
    }

    /// Says whether a stored text was found by its mail address or by its name.
    pub fn matched(&self, stored: &str) -> Matched {
        let is_mail = |line: &&str| line.contains('@');
        let mail = stored.lines().find(is_mail).unwrap_or_default().to_lowercase();
        let is_in_mail = !mail.is_empty() && self.folded.iter().all(|word| mail.contains(word));
        let name = stored.lines().find(|line| !line.contains('@')).unwrap_or_default().to_lowercase();
        let is_in_name = self.folded.iter().all(|word| name.contains(word));
        if is_in_mail && !is_in_name { Matched::Email } else { Matched::Name }
    }
}

/// Puts a word into quotation marks, so that nothing in it is read as the language of the tables.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

fn joined(words: impl Iterator<Item = String>) -> Option<String> {
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_parts_and_short_ones_beginnings() {
        for (text, parts, beginnings) in [
            ("Jane do", Some(r#""Jane""#), Some(r#""do"*"#)),
            ("doe jane", Some(r#""doe" AND "jane""#), None),
            ("j", None, Some(r#""j"*"#)),
            ("o\"r AND x", Some(r#""o""r" AND "AND""#), Some(r#""x"*"#)),
            ("  ... -- ", None, None),
            ("", None, None),
        ] {
            let words = Words::of(text);
            assert_eq!((words.parts.as_deref(), words.beginnings.as_deref()), (parts, beginnings), "{text}");
        }
    }

    #[test]
    fn the_closest_spelling_is_nearest() {
        let words = Words::of("ann lee");
        let distances: Vec<_> =
            ["Ann Lee\nx@y.z", "Ann Leeson", "Lee Ann", "Annika Lee", "Joann Lees"].map(|s| words.distance(s)).into();
        assert_eq!(distances, [0, 1, 2, 3, 4]);
        assert_eq!(Words::of("ann@ex").matched("Ann Lee\nann@example.com"), Matched::Email);
        assert_eq!(Words::of("ann").matched("Ann Lee\nann@example.com"), Matched::Name);
    }
}
