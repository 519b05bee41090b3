//! The small shapes that every Stripe object is made of, each as tolerant as Stripe's renderings differ.
//!
//! Checks happen while a value is read, so that an error names the exact place. No object's own shape stands here.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use countersign_domain::Instant;
use countersign_domain::money::Minor;
use rust_decimal::Decimal;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// Counts how often a fact stood only in the place of an older rendering.
#[derive(Debug, Default)]
pub(super) struct Fallbacks(pub u32);

impl Fallbacks {
    /// Takes the pinned place if it holds something, else the older one, and counts that.
    pub(super) fn or<T>(&mut self, pinned: Option<T>, older: impl FnOnce() -> Option<T>) -> Option<T> {
        pinned.or_else(|| older().inspect(|_| self.0 += 1))
    }
}

/// Why an object that could be parsed still cannot be understood, with the place.
#[derive(Debug)]
pub(super) enum Gap {
    /// A fact without which it means nothing stood in no place known.
    Missing(&'static str),
    /// An embedded list is not whole.
    Cut(&'static str),
}

/// An instant, in whole seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp(Instant);

impl From<Stamp> for Instant {
    fn from(stamp: Stamp) -> Self {
        stamp.0
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Whole(seconds) = Whole::deserialize(deserializer)?;
        Instant::from_timestamp(seconds, 0).map(Self).ok_or_else(|| D::Error::custom("an instant outside the calendar"))
    }
}

/// A whole number, as a number or as a decimal string.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole(pub i64);

impl From<Whole> for Minor {
    fn from(whole: Whole) -> Self {
        Self(whole.0)
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Exact(decimal) = Exact::deserialize(deserializer)?;
        let whole = decimal.is_integer().then(|| i64::try_from(decimal).ok()).flatten();
        whole.map(Self).ok_or_else(|| D::Error::custom("a number that is not a whole one of 64 bits"))
    }
}

/// A count that is never negative.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count(pub u64);

impl Count {
    /// Cuts the count to 32 bits; larger ones do not occur.
    pub(super) fn small(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Whole(whole) = Whole::deserialize(deserializer)?;
        u64::try_from(whole).map(Self).map_err(|_| D::Error::custom("a count below zero"))
    }
}

/// An exact decimal, as a string or as a number.
///
/// A number goes through its printed text: the shortest text that reads back to the same number is what Stripe wrote.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exact(pub Decimal);

impl From<Exact> for Decimal {
    fn from(exact: Exact) -> Self {
        exact.0
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Exact;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a decimal string")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Exact, E> {
                let read = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text));
                read.map(Exact).map_err(|_| E::custom("not an exact decimal"))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Exact, E> {
                Ok(Exact(number.into()))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Exact, E> {
                Ok(Exact(number.into()))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Exact, E> {
                self.visit_str(&number.to_string())
            }
        }
        deserializer.deserialize_any(Digits)
    }
}

/// The id of another object, which came as text, as the whole object, or as what is left of a deleted one.
#[derive(Debug, Clone)]
pub(super) struct Id(String);

impl Id {
    /// Gives the id its own type.
    pub(super) fn to<T: From<String>>(self) -> T {
        T::from(self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdOrObject;
        impl<'de> Visitor<'de> for IdOrObject {
            type Value = Id;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or an object with one")
            }
            fn visit_str<E: Error>(self, id: &str) -> Result<Id, E> {
                Ok(Id(id.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Id, A::Error> {
                let mut id = None;
                while let Some(key) = object.next_key::<String>()? {
                    if key == "id" {
                        id = object.next_value()?;
                    } else {
                        object.next_value::<IgnoredAny>()?;
                    }
                }
                id.map(Id).ok_or_else(|| A::Error::missing_field("id"))
            }
        }
        deserializer.deserialize_any(IdOrObject)
    }
}

/// Another object that came as its id or, where it was expanded, whole.
#[derive(Debug)]
pub(super) enum Expandable<T> {
    /// Only the id.
    Id(String),
    /// The object.
    Object(Box<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Expandable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdOrWhole<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for IdOrWhole<T> {
            type Value = Expandable<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or the object")
            }
            fn visit_str<E: Error>(self, id: &str) -> Result<Expandable<T>, E> {
                Ok(Expandable::Id(id.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Expandable<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(object)).map(Box::new).map(Expandable::Object)
            }
        }
        deserializer.deserialize_any(IdOrWhole(PhantomData))
    }
}

/// A list inside an object.
#[derive(Debug, serde::Deserialize)]
pub(super) struct List<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: bool,
}

impl<T> List<T> {
    /// Gives the entries.
    ///
    /// **Errors**: Stripe cut the list. Half a list would pass for the whole, so whoever fetches reads the rest first.
    pub(super) fn whole(self, place: &'static str) -> Result<Vec<T>, Gap> {
        if self.has_more { Err(Gap::Cut(place)) } else { Ok(self.data) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn decimals_are_exact_however_they_arrive() {
        let table = [
            (json!("0.000000000001"), "0.000000000001"),
            (json!(25.5), "25.5"),
            (json!(0.1), "0.1"),
            (json!(1e-7), "0.0000001"),
            (json!(1200), "1200"),
            (json!("1200"), "1200"),
            (json!(-5), "-5"),
        ];
        for (wire, text) in table {
            let Exact(read) = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(read, text.parse::<Decimal>().unwrap(), "{wire}");
        }
        assert!(serde_json::from_value::<Exact>(json!("12,5")).is_err());
        assert!(serde_json::from_value::<Exact>(json!(null)).is_err());
    }

    #[test]
    fn whole_numbers_may_be_text_but_never_fractions() {
        assert_eq!(serde_json::from_value::<Whole>(json!("9007199254740993")).unwrap().0, 9_007_199_254_740_993);
        assert_eq!(serde_json::from_value::<Whole>(json!(i64::MAX)).unwrap().0, i64::MAX);
        for wrong in [json!(1.5), json!("1.5"), json!("99999999999999999999"), json!(true)] {
            assert!(serde_json::from_value::<Whole>(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(serde_json::from_value::<Count>(json!(-1)).is_err());
        assert!(serde_json::from_value::<Stamp>(json!(i64::MAX)).is_err());
    }

    #[test]
    fn an_id_is_text_an_object_or_a_deleted_object() {
        let table = [
            json!("cus_1"),
            json!({"id": "cus_1", "object": "customer", "balance": 0}),
            json!({"id": "cus_1", "object": "customer", "deleted": true}),
        ];
        for wire in table {
            assert_eq!(serde_json::from_value::<Id>(wire).unwrap().to::<String>(), "cus_1");
        }
        assert!(serde_json::from_value::<Option<Id>>(json!(null)).unwrap().is_none());
        assert!(serde_json::from_value::<Id>(json!({"object": "customer"})).is_err());
    }
}
