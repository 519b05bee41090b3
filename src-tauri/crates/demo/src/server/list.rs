//! Lists and single objects, the same way for every kind.
//!
//! Newest first; a cursor must name an object that exists and passes the filter, in both directions.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Value, json};

use super::query::{Cursor, Query};
use super::refusal::Refusal;
use crate::world::customer::Customer;
use crate::world::{No, Object, World};

/// Says whether an object belongs to a list.
pub(super) type Filter<'q, T> = Box<dyn Fn(No<T>, &T) -> bool + 'q>;

/// An object with a list of its own.
pub(super) trait Resource: Object {
    /// Whether the list can be cut by `created`.
    const HAS_CREATED: bool = true;

    /// Makes the filter that a query asks for.
    fn filter<'q>(query: &'q Query, world: &'q World) -> Result<Filter<'q, Self>, Refusal>;

    /// Whether it can no longer be read by its id.
    fn is_out_of_reach(&self, _: &World) -> bool {
        self.is_deleted()
    }

    /// Refuses a cursor that a list does not hold.
    fn lost_cursor(id: &str, param: &str, _: &World) -> Refusal {
        Refusal::no_such(400, Self::WORD, id, param)
    }
}

/// A page: its objects and whether there are more in the direction of reading.
struct Page<T> {
    objects: Vec<(No<T>, Arc<T>)>,
    has_more: bool,
}

fn cut<'w, T>(objects: impl Iterator<Item = (No<T>, &'w Arc<T>)>, limit: usize) -> Page<T>
where
    T: 'w,
{
    let mut objects: Vec<_> = objects.take(limit + 1).map(|(no, object)| (no, Arc::clone(object))).collect();
    let has_more = objects.len() > limit;
    objects.truncate(limit);
    Page { objects, has_more }
}

fn read<T: Resource>(world: &World, query: &Query) -> Result<Page<T>, Refusal> {
    let (limit, cursor) = (query.limit()?, query.cursor()?);
    let filter = T::filter(query, world)?;
    let table = T::table(&world.tables);
    let created = if T::HAS_CREATED { query.range("created") } else { i64::MIN..i64::MAX };
    let places = table.places(created.start, created.end);
    let is_listed = |no: No<T>, object: &T| !object.is_deleted() && filter(no, object);
    let place = |id: &str, param: &str| -> Result<usize, Refusal> {
        let held = world.find::<T>(id).filter(|(no, object)| is_listed(*no, object));
        let place = held.map(|(no, object)| table.place_of(object.created(), no));
        place.filter(|place| places.contains(place)).ok_or_else(|| T::lost_cursor(id, param, world))
    };
    let matching = |places: Range<usize>| table.span(places).filter(|(no, object)| is_listed(*no, object));
    Ok(match &cursor {
        Cursor::Start => cut(matching(places).rev(), limit),
        Cursor::After(id) => cut(matching(places.start..place(id, "starting_after")?).rev(), limit),
        Cursor::Before(id) => {
            let mut page = cut(matching(place(id, "ending_before")? + 1..places.end), limit);
            page.objects.reverse();
            page
        }
    })
}

/// Answers a list.
pub(super) fn list<T: Resource>(world: &World, url: &str, query: &Query) -> Result<Value, Refusal> {
    let page = read::<T>(world, query)?;
    let data: Vec<Value> = page.objects.iter().map(|(no, object)| object.json(*no, world)).collect();
    Ok(envelope(url, &data, page.has_more))
}

/// Answers the read of one object.
pub(super) fn one<T: Resource>(world: &World, id: &str) -> Result<Value, Refusal> {
    let missing = || Refusal::no_such(404, T::WORD, id, "id");
    let (no, object) = world.find::<T>(id).ok_or_else(missing)?;
    match (object.is_out_of_reach(world), T::WORD == Customer::WORD) {
        (false, _) => Ok(object.json(no, world)),
        (true, true) => Ok(Customer::stub_json(No::new(no.number()), world)),
        (true, false) => Err(missing()),
    }
}

/// Gives every object that a mirror should hold, oldest first.
pub(super) fn all<T: Resource>(world: &World) -> Vec<Value> {
    let table = T::table(&world.tables);
    let places = table.places(i64::MIN, i64::MAX);
    table
        .span(places)
        .filter(|(_, object)| !object.is_deleted())
        .map(|(no, object)| object.whole_json(no, world))
        .collect()
}

/// Counts those objects.
pub(super) fn count<T: Resource>(world: &World) -> u64 {
    let held = T::table(&world.tables).iter().filter(|(_, object)| !object.is_deleted());
    u64::try_from(held.count()).unwrap_or(0)
}

/// Answers a page of entries that are no objects of their own, such as lines.
pub(super) fn slice(url: &str, query: &Query, word: &str, entries: &[Value]) -> Result<Value, Refusal> {
    let (limit, cursor) = (query.limit()?, query.cursor()?);
    let place = |id: &str, param: &str| {
        let place = entries.iter().position(|entry| entry.get("id").and_then(Value::as_str) == Some(id));
        place.ok_or_else(|| Refusal::no_such(400, word, id, param))
    };
    let (from, until) = match &cursor {
        Cursor::Start => (0, limit),
        Cursor::After(id) => {
            let from = place(id, "starting_after")? + 1;
            (from, from + limit)
        }
        Cursor::Before(id) => {
            let until = place(id, "ending_before")?;
            (until.saturating_sub(limit), until)
        }
    };
    let has_more = if matches!(cursor, Cursor::Before(_)) { from > 0 } else { until < entries.len() };
    Ok(envelope(url, entries.get(from..until.min(entries.len())).unwrap_or_default(), has_more))
}

fn envelope(url: &str, data: &[Value], has_more: bool) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}
