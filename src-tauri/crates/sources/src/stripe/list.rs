//! Stripe's lists of the mirrored kinds: their paths, what they leave out unless asked, and how a page is read.
//!
//! Also the two reads that belong to a page: the rest of embedded lists that Stripe cut, and one object by its id.
//! Where a list is begun, cut into slices or resumed is the sync's business.

use countersign_domain::Instant;
use countersign_domain::stripe::ObjectKind;
use serde_json::{Value, json};

use super::answer::{Body, Expects};
use super::client::{Ask, Client, StripeError};

/// Objects on a page; Stripe gives no more.
pub const PAGE_OBJECTS: usize = 100;
/// Longest embedded list that is followed. **Units**: pages of [`PAGE_OBJECTS`].
const EMBEDDED_PAGES_MAX: usize = 100;
/// How often an embedded list is begun again because it changed while it was read.
const EMBEDDED_TRIES_MAX: usize = 3;

/// One list of one kind. A kind may need several to be complete.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing {
    /// Kind of its objects.
    pub kind: ObjectKind,
    /// Tells the lists of one kind apart; kept with the cursor.
    pub pass: &'static str,
    /// Path template.
    path: &'static str,
    segments: &'static [&'static str],
    /// What is asked for so that nothing is left out.
    query: &'static [(&'static str, &'static str)],
    /// Places of an object that are expanded, if the key may.
    expand: &'static [&'static str],
    /// Places that are expanded when the key may not.
    expand_less: &'static [&'static str],
    /// Whether it can be cut by creation time.
    pub by_created: bool,
    /// Whether its pages weigh more on Stripe's side: one at a time.
    pub is_heavy: bool,
}

/// A list without anything special.
const PLAIN: Listing = Listing {
    kind: ObjectKind::Account,
    pass: "all",
    path: "",
    segments: &[],
    query: &[],
    expand: &[],
    expand_less: &[],
    by_created: true,
    is_heavy: false,
};

const PRICE: Listing = Listing {
    kind: ObjectKind::Price,
    path: "/v1/prices",
    segments: &["v1", "prices"],
    expand: &["tiers", "currency_options"],
    expand_less: &["tiers", "currency_options"],
    is_heavy: true,
    ..PLAIN
};

/// Gives the lists that together hold every object of a kind. The account has none.
#[must_use]
pub const fn listings(kind: ObjectKind) -> &'static [Listing] {
    match kind {
        ObjectKind::Account => &[],
        ObjectKind::WebhookEndpoint => &[Listing {
            kind: ObjectKind::WebhookEndpoint,
            path: "/v1/webhook_endpoints",
            segments: &["v1", "webhook_endpoints"],
            by_created: false,
            ..PLAIN
        }],
        ObjectKind::Product => {
            &[Listing { kind: ObjectKind::Product, path: "/v1/products", segments: &["v1", "products"], ..PLAIN }]
        }
        ObjectKind::Price => &[
            Listing { pass: "active", query: &[("active", "true")], ..PRICE },
            Listing { pass: "inactive", query: &[("active", "false")], ..PRICE },
        ],
        ObjectKind::Coupon => &[Listing {
            kind: ObjectKind::Coupon,
            path: "/v1/coupons",
            segments: &["v1", "coupons"],
            expand: &["applies_to", "currency_options"],
            expand_less: &["applies_to"],
            is_heavy: true,
            ..PLAIN
        }],
        ObjectKind::Customer => &[Listing {
            kind: ObjectKind::Customer,
            path: "/v1/customers",
            segments: &["v1", "customers"],
            expand: &["discount.source.coupon"],
            ..PLAIN
        }],
        ObjectKind::Subscription => &[Listing {
            kind: ObjectKind::Subscription,
            path: "/v1/subscriptions",
            segments: &["v1", "subscriptions"],
            query: &[("status", "all")],
            // A deleted coupon is in no list any more; the discounts made from it still carry it.
            expand: &["discounts.source.coupon", "items.data.discounts"],
            expand_less: &["discounts", "items.data.discounts"],
            is_heavy: true,
            ..PLAIN
        }],
        ObjectKind::Invoice => {
            &[Listing { kind: ObjectKind::Invoice, path: "/v1/invoices", segments: &["v1", "invoices"], ..PLAIN }]
        }
        ObjectKind::InvoicePayment => &[Listing {
            kind: ObjectKind::InvoicePayment,
            path: "/v1/invoice_payments",
            segments: &["v1", "invoice_payments"],
            ..PLAIN
        }],
        ObjectKind::Charge => {
            &[Listing { kind: ObjectKind::Charge, path: "/v1/charges", segments: &["v1", "charges"], ..PLAIN }]
        }
        ObjectKind::Event => {
            &[Listing { kind: ObjectKind::Event, path: "/v1/events", segments: &["v1", "events"], ..PLAIN }]
        }
    }
}

/// Which part of a list a page is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window<'a> {
    /// The object after which the page begins; it must still exist.
    pub after: Option<&'a str>,
    /// Created at or after. **Units**: seconds since 1970.
    pub created_from: Option<i64>,
    /// Created at or before. **Units**: seconds since 1970.
    pub created_to: Option<i64>,
    /// Of events: only those that are not delivered everywhere.
    pub only_undelivered: bool,
}

/// A page of a list, newest first.
#[derive(Debug)]
pub struct Page {
    /// Its objects as they came; embedded lists may be cut.
    pub data: Vec<Value>,
    /// Whether older ones follow.
    pub has_more: bool,
    /// The server's clock, if it told it.
    pub served_at: Option<Instant>,
}

/// What a read by id found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The object, its embedded lists whole.
    There(Value),
    /// It was deleted, or never was.
    Gone,
}

impl Client {
    /// Reads a page of up to [`PAGE_OBJECTS`] objects.
    ///
    /// **Shape**: where the key may not see an expanded place, the page is read again with fewer of them, from then on.
    /// **Errors**: [`StripeError`]; [`StripeError::CursorGone`] when the object of `after` is no longer in the list.
    pub async fn page(&self, listing: &Listing, window: &Window<'_>) -> Result<Page, StripeError> {
        let limit = PAGE_OBJECTS.to_string();
        let mut query: Vec<(&str, &str)> = vec![("limit", &limit)];
        let (from, to) = (window.created_from.map(|at| at.to_string()), window.created_to.map(|at| at.to_string()));
        query.extend_from_slice(listing.query);
        query.extend(from.as_deref().map(|at| ("created[gte]", at)));
        query.extend(to.as_deref().map(|at| ("created[lte]", at)));
        query.extend(window.after.map(|id| ("starting_after", id)));
        query.extend(window.only_undelivered.then_some(("delivery_success", "false")));
        let ask = Ask { path: listing.path, segments: listing.segments, query: &query, expects: Expects::List };
        self.expanded(listing, ask).await.map(Page::of)
    }

    /// Reads one object by its id, with its embedded lists whole.
    ///
    /// **Shape**: the account is the key's own, whatever the id.
    /// **Errors**: [`StripeError`]; an object that is gone is an answer, not an error.
    pub async fn object(&self, kind: ObjectKind, id: &str) -> Result<Found, StripeError> {
        let Some(listing) = listings(kind).first() else { return self.account().await.map(Found::There) };
        let mut segments = listing.segments.to_vec();
        segments.push(id);
        let ask = Ask { path: path_of_one(kind), segments: &segments, query: &[], expects: Expects::Object };
        match self.expanded(listing, ask).await {
            Ok(body) if body.json.get("deleted") == Some(&Value::Bool(true)) => Ok(Found::Gone),
            Ok(body) => self.whole(kind, body.json).await.map(Found::There),
            Err(StripeError::Missing { .. }) => Ok(Found::Gone),
            Err(error) => Err(error),
        }
    }

    /// Reads the account the key belongs to.
    ///
    /// **Errors**: [`StripeError`]; a restricted key may well be refused here and still read everything else.
    pub async fn account(&self) -> Result<Value, StripeError> {
        let ask = Ask { path: "/v1/account", segments: &["v1", "account"], query: &[], expects: Expects::Object };
        self.get(ask).await.map(|body| body.json)
    }

    /// Reads the balance: the cheapest authenticated read, and the only one that says the mode of the key itself.
    ///
    /// **Errors**: [`StripeError`].
    pub async fn balance(&self) -> Result<Value, StripeError> {
        let ask = Ask { path: "/v1/balance", segments: &["v1", "balance"], query: &[], expects: Expects::Object };
        self.get(ask).await.map(|body| body.json)
    }

    /// Completes the embedded list of an object that Stripe cut.
    ///
    /// **Errors**: [`StripeError`]; [`StripeError::Endless`] for a list that is longer than any Stripe sends.
    pub async fn whole(&self, kind: ObjectKind, mut object: Value) -> Result<Value, StripeError> {
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let (place, path, segments, query): (_, _, &[&str], &[(&str, &str)]) = match kind {
            ObjectKind::Subscription => (
                "items",
                "/v1/subscription_items",
                &["v1", "subscription_items"],
                &[("limit", "100"), ("subscription", &id), ("expand[]", "data.discounts")],
            ),
            ObjectKind::Invoice => {
                ("lines", "/v1/invoices/{id}/lines", &["v1", "invoices", &id, "lines"], &[("limit", "100")])
            }
            _ => return Ok(object),
        };
        let is_cut = object.get(place).and_then(|list| list.get("has_more")) == Some(&Value::Bool(true));
        if is_cut {
            let data = self.every(Ask { path, segments, query, expects: Expects::List }).await?;
            if let Some(list) = object.get_mut(place) {
                list["data"] = Value::Array(data);
                list["has_more"] = json!(false);
            }
        }
        Ok(object)
    }

    /// Reads all pages of an embedded list; begins again when its cursor vanished, because then it changed.
    async fn every(&self, ask: Ask<'_>) -> Result<Vec<Value>, StripeError> {
        for _ in 0..EMBEDDED_TRIES_MAX {
            match self.every_once(ask).await {
                Err(StripeError::CursorGone { .. }) => {}
                outcome => return outcome,
            }
        }
        Err(StripeError::Endless { path: ask.path })
    }

    async fn every_once(&self, ask: Ask<'_>) -> Result<Vec<Value>, StripeError> {
        let mut objects: Vec<Value> = Vec::new();
        for _ in 0..EMBEDDED_PAGES_MAX {
            let after = objects.last().and_then(|last| last.get("id")).and_then(Value::as_str).map(str::to_owned);
            let mut query = ask.query.to_vec();
            query.extend(after.as_deref().map(|id| ("starting_after", id)));
            let page = Page::of(self.get(Ask { query: &query, ..ask }).await?);
            let is_stuck = page.has_more && page.data.is_empty();
            objects.extend(page.data);
            if !page.has_more {
                return Ok(objects);
            }
            if is_stuck {
                break;
            }
        }
        Err(StripeError::Endless { path: ask.path })
    }

    /// Asks with the expansions of a list, and with fewer where the key may not have them.
    async fn expanded(&self, listing: &Listing, ask: Ask<'_>) -> Result<Body, StripeError> {
        if self.expands_less(listing.kind) {
            return self.ask_expanded(ask, listing.expand_less).await;
        }
        match self.ask_expanded(ask, listing.expand).await {
            Err(StripeError::NotPermitted { .. } | StripeError::Refused { .. })
                if listing.expand != listing.expand_less =>
            {
                let body = self.ask_expanded(ask, listing.expand_less).await?;
                // Only now is it known that the expansion was to blame.
                self.expand_less_from_now_on(listing.kind);
                Ok(body)
            }
            outcome => outcome,
        }
    }

    async fn ask_expanded(&self, ask: Ask<'_>, expand: &[&str]) -> Result<Body, StripeError> {
        let prefix = if ask.expects == Expects::List { "data." } else { "" };
        let expand: Vec<String> = expand.iter().map(|place| format!("{prefix}{place}")).collect();
        let mut query = ask.query.to_vec();
        query.extend(expand.iter().map(|place| ("expand[]", place.as_str())));
        self.get(Ask { query: &query, ..ask }).await
    }
}

impl Page {
    /// Takes a body that was checked to be a list.
    fn of(mut body: Body) -> Self {
        let has_more = body.json.get("has_more").and_then(Value::as_bool).unwrap_or(false);
        let data = match body.json.get_mut("data").map(Value::take) {
            Some(Value::Array(objects)) => objects,
            _ => Vec::new(),
        };
        Self { data, has_more, served_at: body.served_at }
    }
}

const fn path_of_one(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Account => "/v1/account",
        ObjectKind::WebhookEndpoint => "/v1/webhook_endpoints/{id}",
        ObjectKind::Product => "/v1/products/{id}",
        ObjectKind::Price => "/v1/prices/{id}",
        ObjectKind::Coupon => "/v1/coupons/{id}",
        ObjectKind::Customer => "/v1/customers/{id}",
        ObjectKind::Subscription => "/v1/subscriptions/{id}",
        ObjectKind::Invoice => "/v1/invoices/{id}",
        ObjectKind::InvoicePayment => "/v1/invoice_payments/{id}",
        ObjectKind::Charge => "/v1/charges/{id}",
        ObjectKind::Event => "/v1/events/{id}",
    }
}
