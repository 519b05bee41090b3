//! What a request asks for: its parameters, checked against those the endpoint takes.
//!
//! As strict as Stripe, so that a client's guess at a parameter fails here and not on a live account.

use std::ops::Range;

use super::refusal::Refusal;
use crate::world::{No, Object, World};

/// Entries on a page when none are asked for, and at most.
const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 100;

/// A parameter that an endpoint takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Param {
    /// Any text.
    Text(&'static str),
    /// `true` or `false`.
    Flag(&'static str),
    /// One of some words.
    Word(&'static str, &'static [&'static str]),
    /// A moment, or bounds of moments in brackets.
    Range(&'static str),
    /// Several texts.
    Texts(&'static str),
}

impl Param {
    fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Flag(name) | Self::Word(name, _) | Self::Range(name) | Self::Texts(name) => name,
        }
    }

    fn takes(self, key: &str) -> bool {
        match self {
            Self::Range(name) => key == name || BOUNDS.iter().any(|bound| is_bound(key, name, bound)),
            Self::Texts(name) => key.strip_suffix("[]") == Some(name),
            _ => key == self.name(),
        }
    }

    fn check(self, key: &str, value: &str) -> Result<(), Refusal> {
        match self {
            Self::Text(_) | Self::Texts(_) => Ok(()),
            Self::Flag(_) if value == "true" || value == "false" => Ok(()),
            Self::Flag(_) => Err(Refusal::value(key, None, format!("Invalid boolean: {value}"))),
            Self::Word(_, words) if words.contains(&value) => Ok(()),
            Self::Word(_, words) => {
                Err(Refusal::value(key, None, format!("Invalid {key}: must be one of {}", words.join(", "))))
            }
            Self::Range(_) => integer(key, value).map(|_| ()),
        }
    }
}

const BOUNDS: [&str; 4] = ["gt", "gte", "lt", "lte"];

fn is_bound(key: &str, name: &str, bound: &str) -> bool {
    key.strip_prefix(name).and_then(|rest| rest.strip_prefix('[')).and_then(|rest| rest.strip_suffix(']'))
        == Some(bound)
}

fn integer(key: &str, value: &str) -> Result<i64, Refusal> {
    value
        .parse()
        .map_err(|_| Refusal::value(key, Some("parameter_invalid_integer"), format!("Invalid integer: {value}")))
}

/// Parameters of every list.
pub(super) const OF_LISTS: &[Param] =
    &[Param::Text("limit"), Param::Text("starting_after"), Param::Text("ending_before"), Param::Texts("expand")];
/// Parameters of the read of one object.
pub(super) const OF_ONE: &[Param] = &[Param::Texts("expand")];

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cursor {
    /// With the newest.
    Start,
    /// After an object: what is older.
    After(String),
    /// Before an object: what is newer.
    Before(String),
}

/// The parameters of a request.
#[derive(Debug, Default)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads the text after the question mark. Numbered brackets mean the same as empty ones.
    pub(super) fn read(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self { pairs: pairs.map(|(key, value)| (without_number(&key), value.into_owned())).collect() }
    }

    /// Checks that every parameter is one of those, and well written.
    pub(super) fn check(&self, params: &[&[Param]]) -> Result<(), Refusal> {
        for (key, value) in &self.pairs {
            let param = params.iter().copied().flatten().find(|param| param.takes(key));
            param.ok_or_else(|| Refusal::unknown_parameter(key))?.check(key, value)?;
        }
        Ok(())
    }

    /// Gives a parameter's text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Gives every value of a parameter that may come several times.
    pub(super) fn texts(&self, name: &str) -> Vec<&str> {
        let is_of = |key: &str| key.strip_suffix("[]") == Some(name);
        self.pairs.iter().filter(|(key, _)| is_of(key)).map(|(_, value)| value.as_str()).collect()
    }

    /// Gives a parameter's truth.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.text(name).map(|value| value == "true")
    }

    /// Gives the object that a parameter names, or refuses one that does not exist.
    pub(super) fn object<T: Object>(&self, name: &str, world: &World) -> Result<Option<No<T>>, Refusal> {
        let Some(id) = self.text(name) else { return Ok(None) };
        let found = world.find::<T>(id).map(|(no, _)| no);
        found.map(Some).ok_or_else(|| Refusal::no_such(400, T::WORD, id, name))
    }

    /// Gives the moments a parameter allows; all of them when it is absent.
    pub(super) fn range(&self, name: &str) -> Range<i64> {
        let mut range = i64::MIN..i64::MAX;
        for (key, value) in &self.pairs {
            let Ok(at) = value.parse::<i64>() else { continue };
            let (low, high) = match BOUNDS.iter().find(|bound| is_bound(key, name, bound)) {
                Some(&"gt") => (at.saturating_add(1), i64::MAX),
                Some(&"gte") => (at, i64::MAX),
                Some(&"lt") => (i64::MIN, at),
                Some(&"lte") => (i64::MIN, at.saturating_add(1)),
                _ if key == name => (at, at.saturating_add(1)),
                _ => continue,
            };
            range = range.start.max(low)..range.end.min(high);
        }
        range
    }

    /// Whether a parameter says anything about moments.
    pub(super) fn has_range(&self, name: &str) -> bool {
        self.range(name) != (i64::MIN..i64::MAX)
    }

    /// Gives how many entries a page may have.
    pub(super) fn limit(&self) -> Result<usize, Refusal> {
        let Some(text) = self.text("limit") else { return Ok(LIMIT_DEFAULT) };
        let invalid = |bound| {
            let message = format!("This value must be {bound} (it currently is '{text}').");
            Refusal::value("limit", Some("parameter_invalid_integer"), message)
        };
        match usize::try_from(integer("limit", text)?) {
            Ok(limit) if limit > LIMIT_MAX => Err(invalid("less than or equal to 100")),
            Ok(limit) if limit > 0 => Ok(limit),
            _ => Err(invalid("greater than or equal to 1")),
        }
    }

    /// Gives where the page begins.
    pub(super) fn cursor(&self) -> Result<Cursor, Refusal> {
        match (self.text("starting_after"), self.text("ending_before")) {
            (None, None) => Ok(Cursor::Start),
            (Some(id), None) => Ok(Cursor::After(id.to_owned())),
            (None, Some(id)) => Ok(Cursor::Before(id.to_owned())),
            (Some(_), Some(_)) => {
                Err(Refusal::plain(400, "Only one of these parameters can be given: starting_after, ending_before."))
            }
        }
    }
}

fn without_number(key: &str) -> String {
    match key.split_once('[') {
        Some((name, rest)) if rest.strip_suffix(']').is_some_and(|inside| inside.parse::<u32>().is_ok()) => {
            format!("{name}[]")
        }
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: &[&[Param]] = &[OF_LISTS, &[Param::Range("created"), Param::Flag("active"), Param::Texts("types")]];

    #[test]
    fn parameters_are_read_in_every_writing() {
        let query = Query::read("created%5Bgte%5D=5&created[lt]=9&types[]=a&types%5B1%5D=b&limit=100&active=true");
        assert_eq!(query.check(PARAMS), Ok(()));
        assert_eq!(query.range("created"), 5..9);
        assert_eq!(query.texts("types"), ["a", "b"]);
        assert_eq!((query.limit(), query.flag("active")), (Ok(100), Some(true)));
        assert_eq!(Query::read("created=7").range("created"), 7..8);
        assert_eq!(Query::read("created[gt]=7&created[lte]=9").range("created"), 8..10);
        assert!(!Query::read("").has_range("created"));
    }

    #[test]
    fn bad_parameters_are_named() {
        for (text, param) in [
            ("color=red", "color"),
            ("created[after]=1", "created[after]"),
            ("created[gte]=soon", "created[gte]"),
            ("active=1", "active"),
            ("types=a", "types"),
        ] {
            let refusal = Query::read(text).check(PARAMS).unwrap_err().json("req_1");
            assert_eq!(refusal.pointer("/error/param").and_then(|param| param.as_str()), Some(param), "{text}");
        }
        for text in ["limit=0", "limit=101", "limit=-1", "limit=ten"] {
            assert!(Query::read(text).limit().is_err(), "{text}");
        }
        assert!(Query::read("starting_after=a&ending_before=b").cursor().is_err());
    }
}
