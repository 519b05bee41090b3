//! `expand[]`: ids that become objects, and parts that are absent unless asked for.
//!
//! First a path is checked against what can be expanded at all, then it is applied to what was rendered. A path may
//! have four levels, `data` of a list counted.

use serde_json::Value;

use super::refusal::Refusal;
use super::resource::permission_of;
use crate::world::coupon::Discount;
use crate::world::{
    BalanceTransaction, Charge, Coupon, Customer, Invoice, No, Object, PaymentIntent, Price, Product, PromotionCode,
    Refund, Subscription, World, embedded,
};

/// How many levels a path may have.
const LEVELS_MAX: usize = 4;

/// What a part of an object becomes.
enum Becomes {
    /// An id, or a list of ids, becomes the object of the word.
    Object(&'static str, fn(&World, &str) -> Option<Value>),
    /// The part is there already; the path leads on through it to objects of the word.
    There(&'static str),
    /// The part is absent unless asked for.
    Added(&'static str, fn(&World, &str) -> Option<Value>),
}

fn object<T: Object>(world: &World, id: &str) -> Option<Value> {
    world.find::<T>(id).map(|(no, object)| object.json(no, world))
}

/// A deleted customer is expanded to what is left of it.
fn customer(world: &World, id: &str) -> Option<Value> {
    world.find::<Customer>(id).map(|(no, customer)| {
        if customer.is_deleted { Customer::stub_json(no, world) } else { customer.json(no, world) }
    })
}

fn mover(world: &World, id: &str) -> Option<Value> {
    object::<Charge>(world, id)
        .or_else(|| object::<Refund>(world, id))
        .or_else(|| object::<crate::world::Dispute>(world, id))
}

fn collected<T: Object>(world: &World, url: &str, belongs: impl Fn(&T) -> bool) -> Value {
    let found: Vec<(No<T>, _)> = T::table(&world.tables).iter().filter(|(_, object)| belongs(object)).collect();
    embedded(url, found.len(), found.iter().rev().map(|(no, object)| object.json(*no, world)))
}

fn subscriptions_of(world: &World, id: &str) -> Option<Value> {
    let no = world.number::<Customer>(id)?;
    let runs = |held: &Subscription| held.customer == no && !held.status.is_final();
    Some(collected::<Subscription>(world, &format!("/v1/customers/{id}/subscriptions"), runs))
}

fn payments_of(world: &World, id: &str) -> Option<Value> {
    let no = world.number::<Invoice>(id)?;
    let url = format!("/v1/invoice_payments?invoice={id}");
    Some(collected::<crate::world::InvoicePayment>(world, &url, |payment| payment.invoice == no))
}

fn refunds_of(world: &World, id: &str) -> Option<Value> {
    let no = world.number::<Charge>(id)?;
    Some(collected::<Refund>(world, &format!("/v1/charges/{id}/refunds"), |refund| refund.charge == no))
}

fn nothing_of(_: &World, id: &str) -> Option<Value> {
    Some(embedded(&format!("/v1/customers/{id}"), 0, std::iter::empty()))
}

/// What can be expanded: word of the object, path of the part, what it becomes.
const RULES: &[(&str, &str, Becomes)] = &[
    ("balance_transaction", "source", Becomes::Object("charge", mover)),
    ("charge", "balance_transaction", Becomes::Object("balance_transaction", object::<BalanceTransaction>)),
    ("charge", "customer", Becomes::Object("customer", customer)),
    ("charge", "payment_intent", Becomes::Object("payment_intent", object::<PaymentIntent>)),
    ("charge", "refunds", Becomes::Added("refund", refunds_of)),
    ("coupon", "applies_to", Becomes::Added("", |world, id| world.find::<Coupon>(id)?.1.applies_to_json(world))),
    ("coupon", "currency_options", Becomes::Added("", |world, id| world.find::<Coupon>(id)?.1.currency_options_json())),
    ("customer", "discount", Becomes::There("discount")),
    ("customer", "sources", Becomes::Added("source", nothing_of)),
    ("customer", "subscriptions", Becomes::Added("subscription", subscriptions_of)),
    ("customer", "tax_ids", Becomes::Added("tax_id", nothing_of)),
    ("discount", "customer", Becomes::Object("customer", customer)),
    ("discount", "promotion_code", Becomes::Object("promotion_code", object::<PromotionCode>)),
    ("discount", "source.coupon", Becomes::Object("coupon", object::<Coupon>)),
    ("dispute", "charge", Becomes::Object("charge", object::<Charge>)),
    ("dispute", "payment_intent", Becomes::Object("payment_intent", object::<PaymentIntent>)),
    ("invoice", "customer", Becomes::Object("customer", customer)),
    ("invoice", "discounts", Becomes::Object("discount", object::<Discount>)),
    ("invoice", "lines", Becomes::There("line_item")),
    ("invoice", "parent.subscription_details.subscription", Becomes::Object("subscription", object::<Subscription>)),
    ("invoice", "payments", Becomes::Added("invoice_payment", payments_of)),
    ("invoice_payment", "invoice", Becomes::Object("invoice", object::<Invoice>)),
    ("invoice_payment", "payment.payment_intent", Becomes::Object("payment_intent", object::<PaymentIntent>)),
    ("line_item", "discounts", Becomes::Object("discount", object::<Discount>)),
    ("line_item", "pricing.price_details.price", Becomes::Object("price", object::<Price>)),
    ("line_item", "subscription", Becomes::Object("subscription", object::<Subscription>)),
    ("payment_intent", "customer", Becomes::Object("customer", customer)),
    ("payment_intent", "latest_charge", Becomes::Object("charge", object::<Charge>)),
    (
        "price",
        "currency_options",
        Becomes::Added("", |world, id| Some(world.find::<Price>(id)?.1.currency_options_json())),
    ),
    ("price", "product", Becomes::Object("product", object::<Product>)),
    ("price", "tiers", Becomes::Added("", |world, id| world.find::<Price>(id)?.1.tiers_json())),
    ("product", "default_price", Becomes::Object("price", object::<Price>)),
    ("promotion_code", "promotion.coupon", Becomes::Object("coupon", object::<Coupon>)),
    ("refund", "balance_transaction", Becomes::Object("balance_transaction", object::<BalanceTransaction>)),
    ("refund", "charge", Becomes::Object("charge", object::<Charge>)),
    ("refund", "customer", Becomes::Object("customer", customer)),
    ("refund", "payment_intent", Becomes::Object("payment_intent", object::<PaymentIntent>)),
    ("subscription", "customer", Becomes::Object("customer", customer)),
    ("subscription", "discounts", Becomes::Object("discount", object::<Discount>)),
    ("subscription", "items", Becomes::There("subscription_item")),
    ("subscription", "latest_invoice", Becomes::Object("invoice", object::<Invoice>)),
    ("subscription_item", "discounts", Becomes::Object("discount", object::<Discount>)),
    ("subscription_item", "price", Becomes::There("price")),
];

/// The parts that are lists: a path leads on through their `data`.
const EMBEDDED: &[&str] = &["items", "lines", "payments", "refunds", "sources", "subscriptions", "tax_ids"];

/// The rule for the beginning of a path, and the rest of the path.
fn rule<'p>(word: &str, path: &'p str) -> Option<(&'static str, &'static Becomes, &'p str)> {
    RULES.iter().filter(|(of, _, _)| *of == word).find_map(|(_, part, becomes)| {
        let rest = path.strip_prefix(part)?;
        if rest.is_empty() { Some((*part, becomes, "")) } else { Some((*part, becomes, rest.strip_prefix('.')?)) }
    })
}

fn cannot(path: &str) -> Refusal {
    Refusal::plain(400, format!("This property cannot be expanded ({path})."))
}

/// Checks a path from objects of a word on: whether it leads anywhere, and whether the key may go there.
fn check(word: &str, path: &str, may: &impl Fn(&str) -> Result<(), Refusal>, whole: &str) -> Result<(), Refusal> {
    let (part, becomes, rest) = rule(word, path).ok_or_else(|| cannot(whole))?;
    let word = match becomes {
        Becomes::Object(word, _) | Becomes::Added(word, _) => {
            permission_of(word).map_or(Ok(()), may)?;
            word
        }
        Becomes::There(word) => word,
    };
    let inside = if EMBEDDED.contains(&part) { rest.strip_prefix("data.") } else { Some(rest) };
    match inside {
        _ if rest.is_empty() => Ok(()),
        Some(inside) => check(word, inside, may, whole),
        None => Err(cannot(whole)),
    }
}

/// Checks all paths of a request that answers objects of a word, alone or in a list.
pub(super) fn check_all(
    word: &str,
    paths: &[&str],
    is_list: bool,
    may: impl Fn(&str) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    for path in paths {
        if *path == "total_count" {
            return Err(Refusal::plain(400, "This property cannot be included (total_count)."));
        }
        if path.split('.').count() > LEVELS_MAX {
            let message = format!("You cannot expand more than {LEVELS_MAX} levels of a property. Property: {path}");
            return Err(Refusal::plain(400, message));
        }
        match (is_list, path.strip_prefix("data.")) {
            (false, _) => check(word, path, &may, path)?,
            (true, Some(inside)) => check(word, inside, &may, path)?,
            (true, None) => {
                let hint = format!("{} You may want to try expanding 'data.{path}' instead.", cannot(path).message());
                return Err(Refusal::plain(400, hint));
            }
        }
    }
    Ok(())
}

/// Applies a checked path to what was rendered.
pub(super) fn apply(world: &World, value: &mut Value, path: &str) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| apply(world, entry, path)),
        Value::Object(fields) if fields.get("object").and_then(Value::as_str) == Some("list") => {
            if let (Some(data), Some(inside)) = (fields.get_mut("data"), path.strip_prefix("data.")) {
                apply(world, data, inside);
            }
        }
        Value::Object(_) => apply_to_object(world, value, path),
        _ => {}
    }
}

fn apply_to_object(world: &World, value: &mut Value, path: &str) {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some((part, becomes, rest)) = rule(&text(value, "object"), path) else { return };
    match becomes {
        Becomes::There(_) => {}
        Becomes::Added(_, make) => {
            let made = make(world, &text(value, "id"));
            if let (Some(made), Some(fields)) = (made, value.as_object_mut()) {
                fields.entry(part).or_insert(made);
            }
        }
        Becomes::Object(_, find) => {
            let turn = |held: &mut Value| {
                if let Some(found) = held.as_str().and_then(|id| find(world, id)) {
                    *held = found;
                }
            };
            match part_mut(value, part) {
                Some(Value::Array(ids)) => ids.iter_mut().for_each(turn),
                Some(held) => turn(held),
                None => {}
            }
        }
    }
    if let (false, Some(inside)) = (rest.is_empty(), part_mut(value, part)) {
        apply(world, inside, rest);
    }
}

fn part_mut<'v>(value: &'v mut Value, part: &str) -> Option<&'v mut Value> {
    value.pointer_mut(&format!("/{}", part.replace('.', "/")))
}
