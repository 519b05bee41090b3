//! Reads event headers, and walks a subscription back in time through its events.
//!
//! A payload is frozen in whatever version applied when it was made, so it is a hint: no field of the object is taken
//! from it. The walk back uses only `previous_attributes`, applied to the object as it is now.

use std::collections::HashMap;

use countersign_domain::Instant;
use countersign_domain::ids::CustomerId;
use countersign_domain::stripe::{Event, ObjectKind, Subscription};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Count, Fallbacks, Gap, Id, Stamp};

#[derive(Deserialize)]
struct EventWire {
    id: Id,
    r#type: String,
    created: Stamp,
    api_version: Option<String>,
    pending_webhooks: Option<Count>,
    data: Option<Payload>,
    request: Option<Request>,
}

#[derive(Deserialize)]
struct Payload {
    object: Option<About>,
}

#[derive(Deserialize)]
struct About {
    object: Option<String>,
    id: Option<String>,
    customer: Option<Id>,
}

/// The request that caused an event: an object, in very old renderings the bare id.
#[derive(Deserialize)]
#[serde(untagged)]
enum Request {
    Object { id: Option<String> },
    Bare(String),
}

impl FromWire for Event {
    const KIND: ObjectKind = ObjectKind::Event;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, event)
    }
}

fn event(wire: EventWire, seen: &mut Fallbacks) -> Result<Event, Gap> {
    let about = wire.data.and_then(|data| data.object);
    let (object_kind, object_id, of_customer) =
        about.map_or((None, None, None), |about| (about.object, about.id, about.customer));
    let is_customer = object_kind.as_deref() == Some("customer");
    let itself = object_id.as_deref().filter(|_| is_customer).map(CustomerId::from);
    let (request, bare) = match wire.request {
        Some(Request::Object { id }) => (id, None),
        Some(Request::Bare(id)) => (None, Some(id)),
        None => (None, None),
    };
    Ok(Event {
        id: wire.id.to(),
        kind: wire.r#type,
        created_at: wire.created.into(),
        api_version: wire.api_version,
        pending_webhooks: wire.pending_webhooks.map_or(0, Count::small),
        object_kind,
        object_id,
        customer: itself.or_else(|| of_customer.map(Id::to)),
        request_id: seen.or(request, || bare),
    })
}

/// Gives the states a subscription had before now, each with the instant from which it held, oldest first.
///
/// **Shape**: `current` is the object at the pinned version, `events` the `customer.subscription.*` events of this
/// subscription, newest first, `reaches_back_to` the instant from which on the list of events is complete. The last
/// state is the current one, dated by the newest event. Without events nothing is known and the answer is empty; before
/// an end that is the oldest event nothing is known either, because it hides what the subscription was.
/// **Errors**: a state that cannot be read; older ones cannot be trusted then.
pub fn earlier_states(
    current: &Value,
    events: &[Value],
    reaches_back_to: Instant,
) -> Result<Vec<(Instant, Subscription)>, ShapeError> {
    let known = known_discounts(current);
    let mut state = current.clone();
    let mut states = Vec::new();
    let mut is_beginning = false;
    for (place, event) in events.iter().enumerate() {
        let Some(at) = event.get("created").and_then(Value::as_i64).and_then(|s| Instant::from_timestamp(s, 0)) else {
            continue;
        };
        // Of several changes in one second the newest is what held from then on.
        if states.last().is_none_or(|(later, _)| *later != at) {
            states.push((at, Subscription::read(state.clone())?.value));
        }
        let kind = event.get("type").and_then(Value::as_str);
        let is_end = kind == Some("customer.subscription.deleted");
        let older = events.get(place + 1);
        // Nothing lies before a creation, and of what lies before an end only an older event tells.
        is_beginning = kind == Some("customer.subscription.created") || is_end && older.is_none();
        let Some(fields) = state.as_object_mut().filter(|_| !is_beginning) else { break };
        if is_end {
            revive(fields, older);
        }
        if let Some(previous) = event.pointer("/data/previous_attributes").and_then(Value::as_object) {
            let now = fields.get("items").cloned();
            rewind(fields, previous);
            complete_items(fields, now.as_ref(), event);
            name_discounts(&mut state, &known);
        }
    }
    if !states.is_empty() && !is_beginning {
        let oldest = Subscription::read(state)?.value;
        let since = oldest.created_at.map_or(reaches_back_to, |born| born.max(reaches_back_to));
        if states.last().is_none_or(|(later, _)| *later != since) {
            states.push((since, oldest));
        }
    }
    states.reverse();
    Ok(states)
}

/// Undoes one change: objects merge, everything else, arrays too, is replaced.
fn rewind(state: &mut Map<String, Value>, previous: &Map<String, Value>) {
    for (key, old) in previous {
        match (state.get_mut(key), old) {
            (Some(Value::Object(now)), Value::Object(old)) => rewind(now, old),
            _ => {
                state.insert(key.clone(), old.clone());
            }
        }
    }
    // A payload of an older rendering speaks of one `discount`; the object of the pinned version has a list.
    if let (Some(single), Some(list)) = (previous.get("discount"), state.get_mut("discounts")) {
        *list = if single.is_null() { json!([]) } else { json!([single]) };
    }
}

/// Puts back the items that a payload does not show: the list inside it is cut after ten.
///
/// What such an item was before nobody tells, so it is taken to be as it was afterwards; only one that was made by this
/// very change was not there.
fn complete_items(before: &mut Map<String, Value>, after: Option<&Value>, event: &Value) {
    let is_cut = |list: Option<&Value>| list.is_some_and(|list| list.get("has_more") == Some(&Value::Bool(true)));
    let previous = event.pointer("/data/previous_attributes/items");
    if previous.is_none() || !(is_cut(previous) || is_cut(event.pointer("/data/object/items"))) {
        return;
    }
    let Some(shown) = before.get_mut("items").and_then(|items| items.get_mut("data")).and_then(Value::as_array_mut)
    else {
        return;
    };
    let made_at = event.get("created").and_then(Value::as_i64);
    let is_older = |item: &Value| item.get("created").and_then(Value::as_i64).is_none_or(|made| Some(made) < made_at);
    let hidden: Vec<Value> = after
        .and_then(|items| items.get("data")?.as_array())
        .into_iter()
        .flatten()
        .filter(|item| is_older(item) && !shown.iter().any(|other| other.get("id") == item.get("id")))
        .cloned()
        .collect();
    shown.extend(hidden);
}

/// Takes back an end. The event of an end lists no previous attributes, so the status before it is the one the next
/// older payload shows.
fn revive(state: &mut Map<String, Value>, older: Option<&Value>) {
    if let Some(status) = older.and_then(|event| event.pointer("/data/object/status")).filter(|word| word.is_string()) {
        state.insert("status".to_owned(), status.clone());
    }
}

/// Collects the discounts that the current object carries whole, by id.
fn known_discounts(current: &Value) -> HashMap<String, Value> {
    let of_items = current.pointer("/items/data").and_then(Value::as_array).into_iter().flatten();
    let holders = std::iter::once(current).chain(of_items);
    let lists = holders.filter_map(|holder| holder.get("discounts")?.as_array()).flatten();
    lists.filter_map(|discount| Some((discount.get("id")?.as_str()?.to_owned(), discount.clone()))).collect()
}

/// Puts whole discounts where a payload, which is never expanded, named only their ids.
fn name_discounts(state: &mut Value, known: &HashMap<String, Value>) {
    let fill = |holder: &mut Value| {
        let list = holder.get_mut("discounts").and_then(Value::as_array_mut).into_iter().flatten();
        for discount in list {
            if let Some(whole) = discount.as_str().and_then(|id| known.get(id)) {
                *discount = whole.clone();
            }
        }
    };
    fill(state);
    state.pointer_mut("/items/data").and_then(Value::as_array_mut).into_iter().flatten().for_each(fill);
}

#[cfg(test)]
mod tests {
    use countersign_domain::stripe::subscription::SubscriptionStatus;
    use rust_decimal::Decimal;

    use super::*;

    fn current() -> Value {
        json!({
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "canceled", "currency": "usd",
            "created": 100, "start_date": 100, "ended_at": 900, "livemode": false, "metadata": {"seat": "a", "new": "x"},
            "discounts": [{"id": "di_1", "start": 300, "source": {"type": "coupon", "coupon": "c"}}],
            "items": {"object": "list", "has_more": false, "data": [item("price_b", 5)]},
        })
    }

    fn item(price: &str, quantity: u32) -> Value {
        json!({
            "id": "si_1", "price": {"id": price, "object": "price", "currency": "usd"}, "quantity": quantity,
            "current_period_start": 20, "current_period_end": 30, "discounts": [],
        })
    }

    fn change(kind: &str, at: i64, status: &str, previous: Value) -> Value {
        json!({
            "id": format!("evt_{at}"), "object": "event", "type": format!("customer.subscription.{kind}"), "created": at,
            "data": {"object": {"id": "sub_1", "object": "subscription", "status": status}, "previous_attributes": previous},
        })
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    fn summary(states: &[(Instant, Subscription)]) -> Vec<(i64, String, Option<Decimal>, String, usize)> {
        let line = |(at, s): &(Instant, Subscription)| {
            let item = &s.items[0];
            (at.timestamp(), s.status.to_string(), item.quantity, item.price.to_string(), s.discounts.len())
        };
        states.iter().map(line).collect()
    }

    #[test]
    fn states_are_rewound_change_by_change() {
        let events = [
            change("deleted", 900, "canceled", Value::Null),
            change("updated", 700, "past_due", json!({"status": "active", "metadata": {"new": null}})),
            change("updated", 500, "active", json!({"items": {"data": [item("price_b", 2)]}, "discounts": []})),
            change("updated", 400, "active", json!({"items": {"data": [item("price_a", 2)]}, "discounts": ["di_1"]})),
        ];
        let states = earlier_states(&current(), &events, at(200)).unwrap();
        let two = Some(Decimal::TWO);
        let five = Some(Decimal::from(5));
        assert_eq!(
            summary(&states),
            [
                (200, "active".into(), two, "price_a".into(), 1),
                (400, "active".into(), two, "price_b".into(), 0),
                (500, "active".into(), five, "price_b".into(), 1),
                (700, "past_due".into(), five, "price_b".into(), 1),
                (900, "canceled".into(), five, "price_b".into(), 1),
            ]
        );
        assert_eq!(states[0].1.discounts[0].coupon, Some("c".into()), "a named discount is filled in");
        assert_eq!(states[3].1.metadata.len(), 2);
        assert_eq!(states[2].1.metadata.len(), 1, "a key that was not there yet");
    }

    #[test]
    fn items_that_a_payload_does_not_show_stay() {
        let one = |number: i64, made: i64, quantity: u32| {
            let mut item = item("price_b", quantity);
            item["id"] = json!(format!("si_{number}"));
            item["created"] = json!(made);
            item
        };
        let list = |items: &[Value], has_more: bool| json!({"data": items, "has_more": has_more});
        let twelve: Vec<Value> = (1..=12).map(|number| one(number, if number == 12 { 500 } else { 100 }, 5)).collect();
        let mut current = current();
        current["items"] = list(&twelve, false);
        let before: Vec<Value> = (1..=10).map(|number| one(number, 100, 2)).collect();
        let mut renewal = change("updated", 500, "active", json!({"items": {"data": before}}));
        renewal["data"]["object"]["items"] = list(&twelve[..10], true);
        let states = earlier_states(&current, &[renewal], at(400)).unwrap();
        let quantities: Vec<_> = states[0].1.items.iter().map(|item| item.quantity.unwrap()).collect();
        let known = [vec![Decimal::TWO; 10], vec![Decimal::from(5)]].concat();
        assert_eq!(quantities, known, "the eleventh is not shown, the twelfth came with this change");
    }

    #[test]
    fn nothing_lies_before_a_creation_or_a_lone_end() {
        let events = [
            change("updated", 500, "active", json!({"status": "trialing"})),
            change("created", 100, "trialing", Value::Null),
        ];
        let states = earlier_states(&current(), &events, at(50)).unwrap();
        let dates: Vec<_> = states.iter().map(|(at, s)| (at.timestamp(), s.status.clone())).collect();
        assert_eq!(dates, [(100, SubscriptionStatus::Trialing), (500, SubscriptionStatus::Canceled)]);
        assert_eq!(earlier_states(&current(), &[], at(50)).unwrap(), []);
        let end = change("deleted", 900, "canceled", Value::Null);
        let ended: Vec<_> = earlier_states(&current(), &[end], at(50)).unwrap().iter().map(|(at, _)| *at).collect();
        assert_eq!(ended, [at(900)], "it may have been paused, or unpaid");
    }

    #[test]
    fn a_single_discount_of_an_old_payload_replaces_the_list() {
        let old = json!({"discount": {"id": "di_0", "start": 1, "coupon": {"id": "old", "duration": "forever"}}});
        let states = earlier_states(&current(), &[change("updated", 500, "active", old)], at(400)).unwrap();
        assert_eq!(states[0].1.discounts[0].coupon, Some("old".into()));
        let none = json!({"discount": null});
        let states = earlier_states(&current(), &[change("updated", 500, "active", none)], at(400)).unwrap();
        assert_eq!(states[0].1.discounts, []);
    }

    #[test]
    fn of_two_changes_in_one_second_the_newest_held() {
        let old = json!({"status": "incomplete"});
        let events = [change("updated", 500, "active", old), change("created", 500, "incomplete", json!({}))];
        let present = Subscription::read(current()).unwrap().value;
        assert_eq!(earlier_states(&current(), &events, at(50)).unwrap(), [(at(500), present)]);
    }

    #[test]
    fn headers_are_read_from_every_rendering() {
        let read = |request: Value, object: Value| {
            let event = json!({
                "id": "evt_1", "object": "event", "type": "x", "created": 5, "pending_webhooks": null,
                "request": request, "data": {"object": object},
            });
            let record = Event::read(event).unwrap();
            (record.value, record.fallbacks)
        };
        let (event, fallbacks) = read(json!({"id": "req_1", "idempotency_key": null}), json!({"object": "invoice"}));
        assert_eq!((event.request_id.as_deref(), event.object_id, fallbacks), (Some("req_1"), None, 0));
        let (event, fallbacks) = read(json!("req_2"), json!({"object": "invoice", "id": "in_1", "customer": "cus_2"}));
        assert_eq!((event.request_id.as_deref(), fallbacks), (Some("req_2"), 1));
        assert_eq!(event.customer, Some("cus_2".into()));
        let (event, _) = read(Value::Null, json!({"object": "customer", "id": "cus_3"}));
        assert_eq!((event.request_id, event.customer), (None, Some("cus_3".into())));
    }
}
