//! Where objects are kept, and how they are named.
//!
//! An object is known by its number in its table; the id that Stripe's API shows is computed from seed and number, and
//! read back the same way. So no index from id to object has to be kept, whatever the size of the company.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use crate::random::{Random, mix_word};

/// The number of an object of one kind.
pub(crate) struct No<T>(u32, PhantomData<fn() -> T>);

impl<T> No<T> {
    /// Names the object in place `number` of its table.
    pub(crate) const fn new(number: u32) -> Self {
        Self(number, PhantomData)
    }

    /// Names the object in place `place` of a list in memory.
    pub(crate) fn at(place: usize) -> Self {
        Self::new(u32::try_from(place).unwrap_or(u32::MAX))
    }

    /// The bare number.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// The place in a list in memory.
    pub(crate) fn place(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<T> Clone for No<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for No<T> {}
impl<T> PartialEq for No<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for No<T> {}
impl<T> fmt::Debug for No<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// Something that has an id of its own in Stripe's API.
pub(crate) trait Named {
    /// What its ids begin with, `cus_`.
    const PREFIX: &'static str;
    /// How many characters follow.
    const LENGTH: usize;
}

/// Digits of ids.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits that carry the number: 62^6 exceeds 2^32.
const NUMBER_DIGITS: usize = 6;
/// An odd factor and its inverse modulo 2^32: they scatter neighbouring numbers and bring them back.
const SCATTER: u32 = 0x9E37_79B1;
const GATHER: u32 = inverse(SCATTER);

/// Inverts an odd number modulo 2^32; each step of Newton's method doubles the right bits.
const fn inverse(odd: u32) -> u32 {
    let mut found = odd;
    let mut step = 0;
    while step < 5 {
        found = found.wrapping_mul(2u32.wrapping_sub(odd.wrapping_mul(found)));
        step += 1;
    }
    found
}

fn digit(value: u64) -> char {
    usize::try_from(value % 62).ok().and_then(|at| ALPHABET.get(at)).map_or('0', |byte| char::from(*byte))
}

fn key(seed: u64, prefix: &str) -> u64 {
    seed ^ mix_word(prefix)
}

fn low_half(bits: u64) -> u32 {
    u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(0)
}

/// Draws `length` characters of an id.
pub(crate) fn drawn_text(random: &mut Random, length: usize) -> String {
    (0..length).map(|_| digit(random.bits() >> 8)).collect()
}

/// Writes the id of a number.
pub(crate) fn id_text<T: Named>(seed: u64, no: No<T>) -> String {
    let key = key(seed, T::PREFIX);
    let mut rest = u64::from((no.0 ^ low_half(key)).wrapping_mul(SCATTER));
    let mut random = Random::new(key, u64::from(no.0));
    let mut text = String::with_capacity(T::PREFIX.len() + T::LENGTH);
    text.push_str(T::PREFIX);
    for _ in 0..NUMBER_DIGITS {
        text.push(digit(rest));
        rest /= 62;
    }
    let mut bits = 0;
    for place in 0..T::LENGTH.saturating_sub(NUMBER_DIGITS) {
        // Ten digits are less than 60 bits: one draw serves ten characters.
        if place % 10 == 0 {
            bits = random.bits();
        }
        text.push(digit(bits));
        bits /= 62;
    }
    text
}

/// Reads an id back; `None` for every text that is not exactly the id of a number.
pub(crate) fn number_of<T: Named>(seed: u64, id: &str) -> Option<No<T>> {
    let digits = id.strip_prefix(T::PREFIX)?.as_bytes().get(..NUMBER_DIGITS)?;
    let mut value: u64 = 0;
    for byte in digits.iter().rev() {
        let place = ALPHABET.iter().position(|digit| digit == byte)?;
        value = value * 62 + u64::try_from(place).ok()?;
    }
    let scattered = u32::try_from(value).ok()?;
    let no = No::new(scattered.wrapping_mul(GATHER) ^ low_half(key(seed, T::PREFIX)));
    (id_text(seed, no) == id).then_some(no)
}

/// All objects of one kind: by number, and in the order in which they were created.
#[derive(Debug)]
pub(crate) struct Table<T> {
    slots: Vec<Option<Arc<T>>>,
    order: Vec<(i64, u32)>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), order: Vec::new() }
    }
}

impl<T> Table<T> {
    /// Adds an object and gives its number. Until `settle`, the order is that of adding.
    pub(crate) fn push(&mut self, created: i64, object: T) -> No<T> {
        let no = No::at(self.slots.len());
        self.slots.push(Some(Arc::new(object)));
        self.order.push((created, no.0));
        no
    }

    /// Adds an object to a table whose order is settled.
    pub(crate) fn insert(&mut self, created: i64, object: T) -> No<T> {
        let no = self.push(created, object);
        let newest = self.order.pop().unwrap_or((created, no.0));
        let place = self.order.partition_point(|entry| *entry < newest);
        self.order.insert(place, newest);
        no
    }

    /// Brings the order into that of creation, ties by number.
    pub(crate) fn settle(&mut self) {
        self.order.sort_unstable();
        self.slots.shrink_to_fit();
        self.order.shrink_to_fit();
    }

    /// Finds an object that was not removed.
    pub(crate) fn get(&self, no: No<T>) -> Option<&Arc<T>> {
        self.slots.get(no.place()).and_then(Option::as_ref)
    }

    /// Finds an object in order to change it.
    pub(crate) fn get_mut(&mut self, no: No<T>) -> Option<&mut Arc<T>> {
        self.slots.get_mut(no.place()).and_then(Option::as_mut)
    }

    /// Removes an object; its number is not used again.
    pub(crate) fn remove(&mut self, no: No<T>) -> Option<Arc<T>> {
        self.slots.get_mut(no.place()).and_then(Option::take)
    }

    /// How many numbers were given out.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Goes through the objects by number.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (No<T>, &Arc<T>)> {
        self.slots.iter().enumerate().filter_map(|(place, slot)| slot.as_ref().map(|object| (No::at(place), object)))
    }

    /// Gives the places in the order of the objects created in `from..until`.
    pub(crate) fn places(&self, from: i64, until: i64) -> Range<usize> {
        let low = self.order.partition_point(|entry| entry.0 < from);
        low..self.order.partition_point(|entry| entry.0 < until)
    }

    /// Gives the place of an object in the order.
    pub(crate) fn place_of(&self, created: i64, no: No<T>) -> usize {
        self.order.partition_point(|entry| *entry < (created, no.0))
    }

    /// Goes through the objects in a range of places, oldest first.
    pub(crate) fn span(&self, places: Range<usize>) -> impl DoubleEndedIterator<Item = (No<T>, &Arc<T>)> {
        self.order.get(places).unwrap_or_default().iter().filter_map(|entry| {
            let no = No::new(entry.1);
            self.get(no).map(|object| (no, object))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;
    impl Named for Thing {
        const PREFIX: &'static str = "th_";
        const LENGTH: usize = 14;
    }

    #[test]
    fn ids_are_read_back_and_nothing_else_is() {
        for number in [0, 1, 2, 61, 62, 50_000, u32::MAX] {
            let no = No::<Thing>::new(number);
            let id = id_text(3, no);
            assert_eq!(id.len(), 17, "{id}");
            assert_eq!(number_of(3, &id), Some(no));
            assert_eq!(number_of::<Thing>(4, &id), None, "another seed has other ids");
            assert_eq!(number_of::<Thing>(3, &format!("{id}x")), None);
        }
        for id in ["", "th_", "th_é23456789abcd", "th_~~~~~~~~~~~~~~", "cus_00000000000000"] {
            assert_eq!(number_of::<Thing>(3, id), None, "{id}");
        }
    }

    #[test]
    fn the_order_is_that_of_creation() {
        let mut table = Table::default();
        let (late, early) = (table.push(20, "late"), table.push(10, "early"));
        table.settle();
        let tie = table.insert(20, "tie");
        let listed = |from, until| table.span(table.places(from, until)).map(|(no, _)| no).collect::<Vec<_>>();
        assert_eq!(listed(0, 99), [early, late, tie]);
        assert_eq!(listed(11, 20), []);
        assert_eq!(listed(20, 21), [late, tie]);
        table.remove(late);
        assert_eq!(table.span(0..3).map(|(no, _)| no).collect::<Vec<_>>(), [early, tie]);
        assert_eq!((table.place_of(20, late), table.place_of(20, tie)), (1, 2), "a removed object keeps its place");
    }
}
