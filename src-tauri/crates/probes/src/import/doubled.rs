//! JSON that says a thing twice: what reads it would keep one of the two, and which one nobody can tell.

use std::collections::BTreeSet;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// Gives the name that stands twice in one object; `None` where none does, and for what is no JSON.
pub(super) fn doubled(text: &str) -> Option<String> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    // Whether the rest is JSON is the business of whoever reads it.
    Walk(&mut found).deserialize(&mut reader).ok();
    found
}

/// Walks through a value and keeps the first name that stands twice.
struct Walk<'a>(&'a mut Option<String>);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, text: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        text.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if names.contains(&name) {
                *self.0 = Some(name);
                return Err(A::Error::custom("a name stands twice"));
            }
            names.insert(name);
            map.next_value_seed(Walk(self.0))?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Walk(self.0))?.is_some() {}
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

    #[test]
    fn a_name_that_stands_twice_in_one_object_is_named() {
        for (text, name) in [
            (r#"{"a":1,"b":{"a":2}}"#, None),
            (r#"[{"a":1},{"a":[true,null,1.5,"x",-3]}]"#, None),
            (r#"{"count":12,"count":1}"#, Some("count")),
            (r#"[{"a":[{"b":1,"c":{},"b":2}]}]"#, Some("b")),
            ("{", None),
            ("no JSON", None),
        ] {
            assert_eq!(doubled(text).as_deref(), name, "{text}");
        }
        assert_eq!(doubled(&"[".repeat(100_000)), None, "the library bounds how deep it goes");
    }
}
