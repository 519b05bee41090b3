//! JSON looked through before it is read: how deep and how large it is, and whether an object says a name twice.
//!
//! What reads JSON afterwards would keep one of two values, and which one nobody can tell. Deliberately absent: the clock.
//! Whoever looks says when it has lasted too long.

use std::collections::BTreeSet;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Most levels of objects and lists within each other.
pub const DEPTH_MAX: usize = 64;
/// Most values of one document: objects, lists and what stands in them.
pub const VALUES_MAX: usize = 2_000_000;

/// Why a document was not looked through to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nested further than [`DEPTH_MAX`].
    #[error("it goes more than {DEPTH_MAX} levels deep")]
    TooDeep,
    /// More than [`VALUES_MAX`].
    #[error("it holds more than {VALUES_MAX} values")]
    TooMany,
    /// Whoever looks said so.
    #[error("it took too long to look through")]
    TooSlow,
}

/// Looks through a document and gives the first name that stands twice in one object.
///
/// **Shape**: `is_over` is asked at each value. Whether the text is JSON at all is the business of whoever reads it; what
/// stands after its first value is not looked at.
/// **Errors**: a document over one of the limits.
pub fn doubled(text: &str, is_over: &dyn Fn() -> bool) -> Result<Option<String>, Trouble> {
    let mut seen = Seen { is_over, values: 0, doubled: None, trouble: None };
    Walk { seen: &mut seen, depth: 0 }.deserialize(&mut serde_json::Deserializer::from_str(text)).ok();
    match seen.trouble {
        Some(trouble) => Err(trouble),
        None => Ok(seen.doubled),
    }
}

/// What was seen so far.
struct Seen<'a> {
    is_over: &'a dyn Fn() -> bool,
    values: usize,
    doubled: Option<String>,
    trouble: Option<Trouble>,
}

/// Walks through one value.
struct Walk<'a, 'b> {
    seen: &'a mut Seen<'b>,
    /// Objects and lists around it.
    depth: usize,
}

impl Walk<'_, '_> {
    fn stop<E: serde::de::Error>(&mut self, trouble: Trouble) -> E {
        self.seen.trouble = Some(trouble);
        E::custom(trouble)
    }

    /// Goes one level down.
    fn below<E: serde::de::Error>(&mut self) -> Result<usize, E> {
        if self.depth >= DEPTH_MAX { Err(self.stop(Trouble::TooDeep)) } else { Ok(self.depth + 1) }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        self.seen.values += 1;
        if self.seen.values > VALUES_MAX {
            return Err(self.stop(Trouble::TooMany));
        }
        if (self.seen.is_over)() {
            return Err(self.stop(Trouble::TooSlow));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, text: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        text.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let depth = self.below::<A::Error>()?;
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            // The rest is looked at too: it may be over a limit.
            if names.contains(&name) {
                self.seen.doubled.get_or_insert(name);
            } else {
                names.insert(name);
            }
            map.next_value_seed(Walk { seen: &mut *self.seen, depth })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let depth = self.below::<A::Error>()?;
        while seq.next_element_seed(Walk { seen: &mut *self.seen, depth })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Result<Option<String>, Trouble> {
        doubled(text, &|| false)
    }

    #[test]
    fn a_name_that_stands_twice_in_one_object_is_named() {
        for (text, name) in [
            (r#"{"a":1,"b":{"a":2}}"#, None),
            (r#"[{"a":1},{"a":[true,null,1.5,"x",-3]}]"#, None),
            (r#"{"count":12,"count":1}"#, Some("count")),
            (r#"[{"a":[{"b":1,"c":{},"b":2}]},{"d":1,"d":2}]"#, Some("b")),
            ("{", None),
            ("no JSON", None),
        ] {
            assert_eq!(look(text), Ok(name.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn depth_count_and_time_are_bounded() {
        let lists = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let objects = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        assert_eq!((look(&lists(DEPTH_MAX)), look(&objects(DEPTH_MAX))), (Ok(None), Ok(None)));
        for deep in [lists(DEPTH_MAX + 1), objects(DEPTH_MAX + 1), "[".repeat(100_000)] {
            assert_eq!(look(&deep), Err(Trouble::TooDeep));
        }
        let numbers = |count: usize| format!("[{}1]", "1,".repeat(count - 1));
        assert_eq!(look(&numbers(VALUES_MAX - 1)), Ok(None));
        assert_eq!(look(&numbers(VALUES_MAX)), Err(Trouble::TooMany));
        assert_eq!(look(&lists(DEPTH_MAX + 1).replacen('[', r#"[{"a":1,"a":2},"#, 1)), Err(Trouble::TooDeep));
        assert_eq!(doubled("[1]", &|| true), Err(Trouble::TooSlow));
    }
}
