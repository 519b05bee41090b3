//! From a path and its parameters to an answer.
//!
//! A pure function of the company and the request. Headers, limits, delays and faults are around it, in `simulator`.

use axum::http::{HeaderMap, Method, Uri, header};
use serde_json::{Value, json};

use super::keys::{self, Access, Keys};
use super::query::{OF_LISTS, OF_ONE, Param, Query};
use super::refusal::Refusal;
use super::resource::{ENDPOINTS, Endpoint};
use super::{expand, list};
use crate::world::subscription::Item;
use crate::world::{Invoice, Object, Subscription, World, account, settings};

/// What a path names.
pub(super) enum Route<'p> {
    Account,
    Balance,
    TaxSettings,
    List(&'static Endpoint),
    One(&'static Endpoint, &'p str),
    Lines(&'p str),
    Items,
    Item(&'p str),
    EventDestinations,
    Nowhere,
}

impl<'p> Route<'p> {
    /// Finds what a path names.
    pub(super) fn of(path: &'p str) -> Self {
        if path == "/v2/core/event_destinations" {
            return Self::EventDestinations;
        }
        let Some(inside) = path.strip_prefix("/v1/") else { return Self::Nowhere };
        let named = |endpoint: &&Endpoint| endpoint.path == inside;
        match inside {
            "account" => Self::Account,
            "balance" => Self::Balance,
            "tax/settings" => Self::TaxSettings,
            "subscription_items" => Self::Items,
            _ if ENDPOINTS.iter().any(|endpoint| named(&endpoint)) => {
                ENDPOINTS.iter().find(named).map_or(Self::Nowhere, Self::List)
            }
            _ => Self::below(inside),
        }
    }

    fn below(inside: &'p str) -> Self {
        let Some((above, id)) = inside.rsplit_once('/') else { return Self::Nowhere };
        if id.is_empty() {
            return Self::Nowhere;
        }
        if above == "subscription_items" {
            return Self::Item(id);
        }
        if let Some(invoice) = above.strip_prefix("invoices/").filter(|_| id == "lines") {
            return Self::Lines(invoice);
        }
        ENDPOINTS
            .iter()
            .find(|endpoint| endpoint.path == above)
            .map_or(Self::Nowhere, |endpoint| Self::One(endpoint, id))
    }

    /// Writes the path with `{id}` for every id, so that counts do not grow with the company.
    pub(super) fn template(&self) -> String {
        match self {
            Self::Account => "/v1/account".to_owned(),
            Self::Balance => "/v1/balance".to_owned(),
            Self::TaxSettings => "/v1/tax/settings".to_owned(),
            Self::List(endpoint) => format!("/v1/{}", endpoint.path),
            Self::One(endpoint, _) => format!("/v1/{}/{{id}}", endpoint.path),
            Self::Lines(_) => "/v1/invoices/{id}/lines".to_owned(),
            Self::Items => "/v1/subscription_items".to_owned(),
            Self::Item(_) => "/v1/subscription_items/{id}".to_owned(),
            Self::EventDestinations => "/v2/core/event_destinations".to_owned(),
            Self::Nowhere => "(unknown)".to_owned(),
        }
    }

    fn permission(&self) -> Option<&'static str> {
        match self {
            Self::Account => Some("connected_account_read"),
            Self::Balance => Some("balance_read"),
            Self::TaxSettings => Some("tax_settings_read"),
            Self::List(endpoint) | Self::One(endpoint, _) => Some(endpoint.permission),
            Self::Lines(_) => Some("invoice_read"),
            Self::Items | Self::Item(_) => Some("subscription_read"),
            Self::EventDestinations => Some("event_destination_read"),
            Self::Nowhere => None,
        }
    }

    /// The word of the objects it answers, and whether it answers a list of them.
    fn answers(&self) -> (&'static str, bool) {
        match self {
            Self::List(endpoint) => (endpoint.word, true),
            Self::One(endpoint, _) => (endpoint.word, false),
            Self::Lines(_) => ("line_item", true),
            Self::Items => ("subscription_item", true),
            Self::Item(_) => ("subscription_item", false),
            _ => ("", false),
        }
    }
}

/// Refuses requests that did not come from a program on this computer that means this server.
pub(super) fn guard(headers: &HeaderMap, host: &str) -> Result<(), Refusal> {
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    if named != Some(host) {
        return Err(Refusal::plain(403, "The Host header must be the literal address of this server."));
    }
    if headers.contains_key(header::ORIGIN) {
        return Err(Refusal::plain(403, "Web pages are not served."));
    }
    Ok(())
}

/// Refuses everything but reading.
pub(super) fn only_read(method: &Method) -> Result<(), Refusal> {
    if method == Method::GET {
        return Ok(());
    }
    Err(Refusal::plain(405, format!("This server only answers GET, not {method}.")))
}

/// Who asks: the keys that are good, what the restricted one lacks, whether both were revoked.
pub(super) struct Door<'a> {
    pub(super) keys: &'a Keys,
    pub(super) restricted_without: &'a [String],
    pub(super) are_revoked: bool,
}

/// Answers a request that was let in.
pub(super) fn answer(world: &World, door: &Door<'_>, headers: &HeaderMap, uri: &Uri) -> Result<Value, Refusal> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let access = keys::access(authorization, door.keys, door.restricted_without, door.are_revoked)?;
    let route = Route::of(uri.path());
    if let Some(permission) = route.permission() {
        access.may(permission, world)?;
    }
    let query = Query::read(uri.query().unwrap_or_default());
    let paths = checked_paths(world, &access, &route, &query)?;
    let mut answer = plain_answer(world, &route, uri.path(), &query)?;
    for path in paths {
        expand::apply(world, &mut answer, &path);
    }
    Ok(answer)
}

fn checked_paths(world: &World, access: &Access<'_>, route: &Route<'_>, query: &Query) -> Result<Vec<String>, Refusal> {
    let (word, is_list) = route.answers();
    let paths = query.texts("expand");
    expand::check_all(word, &paths, is_list, |permission| access.may(permission, world))?;
    Ok(paths.into_iter().map(str::to_owned).collect())
}

fn plain_answer(world: &World, route: &Route<'_>, path: &str, query: &Query) -> Result<Value, Refusal> {
    match route {
        Route::Account => query.check(&[OF_ONE]).map(|()| account::account_json(world)),
        Route::Balance => query.check(&[OF_ONE]).map(|()| account::balance_json(world)),
        Route::TaxSettings => query.check(&[OF_ONE]).map(|()| settings::tax_settings_json()),
        Route::List(endpoint) => {
            query.check(&[OF_LISTS, endpoint.params])?;
            (endpoint.list)(world, path, query)
        }
        Route::One(endpoint, id) => {
            query.check(&[OF_ONE])?;
            (endpoint.one)(world, id)
        }
        Route::Lines(id) => lines(world, id, path, query),
        Route::Items => items(world, path, query),
        Route::Item(id) => {
            query.check(&[OF_ONE])?;
            item(world, id)
        }
        Route::EventDestinations => {
            query.check(&[&[Param::Text("limit"), Param::Texts("include"), Param::Text("page")]])?;
            Ok(json!({ "data": [], "next_page_url": null, "previous_page_url": null }))
        }
        Route::Nowhere => Err(Refusal::no_route(path)),
    }
}

fn lines(world: &World, id: &str, path: &str, query: &Query) -> Result<Value, Refusal> {
    query.check(&[OF_LISTS])?;
    let missing = || Refusal::no_such(404, Invoice::WORD, id, "invoice");
    let (no, invoice) = world.find::<Invoice>(id).ok_or_else(missing)?;
    let lines: Vec<Value> = invoice.lines_json(no, world).collect();
    list::slice(path, query, "line_item", &lines)
}

fn items(world: &World, path: &str, query: &Query) -> Result<Value, Refusal> {
    query.check(&[OF_LISTS, &[Param::Text("subscription")]])?;
    let Some(no) = query.object::<Subscription>("subscription", world)? else {
        let message = "Missing required param: subscription.";
        return Err(Refusal::value("subscription", Some("parameter_missing"), message));
    };
    let Some(subscription) = world.get(no) else { return Err(Refusal::no_route(path)) };
    let items: Vec<Value> = subscription.items_json(no, world).collect();
    list::slice(path, query, "subscription_item", &items)
}

fn item(world: &World, id: &str) -> Result<Value, Refusal> {
    let found = world.number::<Item>(id).and_then(|no| {
        let owner = *world.item_owners.get(no.place())?;
        let subscription = world.get(owner)?;
        subscription.items.iter().find(|item| item.no == no).map(|item| item.json(owner, world))
    });
    found.ok_or_else(|| Refusal::no_such(404, "subscription_item", id, "item"))
}
