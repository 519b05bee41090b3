//! What Stripe answered in one batch, asked at most once each.
//!
//! A read that failed is remembered like one that succeeded: eight lines about one endpoint are one refusal, not eight.

use countersign_domain::probe::Unknown;
use countersign_domain::stripe::{Account, Event, Mode, ObjectKind, Price, Product, WebhookEndpoint};
use countersign_sources::stripe::{Client, FromWire, StripeError, Window, listings};
use tokio::sync::OnceCell;

/// Pages of one list a check reads at most; a catalogue beyond that is not judged.
const PAGES_MAX: usize = 50;

/// Why a fact is missing, in the words of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The reason code.
    pub reason: Unknown,
    /// What happened.
    pub says: String,
    /// What to do.
    pub fix: String,
}

type Once<T> = OnceCell<Result<T, Missing>>;

/// The answers of one batch.
#[derive(Default)]
pub struct Gathered {
    account: Once<Account>,
    mode: Once<Mode>,
    endpoints: Once<Vec<WebhookEndpoint>>,
    products: Once<Vec<Product>>,
    prices: Once<Vec<Price>>,
    newest_events: Once<Vec<(Event, Option<Mode>)>>,
}

impl Gathered {
    /// The account of the key.
    pub async fn account(&self, client: &Client) -> Result<&Account, &Missing> {
        let read = async || {
            let object = client.account().await.map_err(|error| missing(&error))?;
            Account::read(object).map(|record| record.value).map_err(|error| not_understood(&error))
        };
        self.account.get_or_init(read).await.as_ref()
    }

    /// The mode of the key, as the balance says it.
    pub async fn mode(&self, client: &Client) -> Result<&Mode, &Missing> {
        let read = async || {
            let balance = client.balance().await.map_err(|error| missing(&error))?;
            let livemode = balance.get("livemode").and_then(serde_json::Value::as_bool);
            livemode.map(Mode::of_livemode).ok_or_else(|| not_understood(&"the balance does not say its mode"))
        };
        self.mode.get_or_init(read).await.as_ref()
    }

    /// Every webhook endpoint.
    pub async fn endpoints(&self, client: &Client) -> Result<&Vec<WebhookEndpoint>, &Missing> {
        self.endpoints.get_or_init(|| every(client, ObjectKind::WebhookEndpoint)).await.as_ref()
    }

    /// Every product, active or not.
    pub async fn products(&self, client: &Client) -> Result<&Vec<Product>, &Missing> {
        self.products.get_or_init(|| every(client, ObjectKind::Product)).await.as_ref()
    }

    /// Every price, active or not.
    pub async fn prices(&self, client: &Client) -> Result<&Vec<Price>, &Missing> {
        self.prices.get_or_init(|| every(client, ObjectKind::Price)).await.as_ref()
    }

    /// The newest page of events, with the mode each says it is of.
    pub async fn newest_events(&self, client: &Client) -> Result<&Vec<(Event, Option<Mode>)>, &Missing> {
        let read = async || {
            let mut events = Vec::new();
            for listing in listings(ObjectKind::Event) {
                let page = client.page(listing, &Window::default()).await.map_err(|error| missing(&error))?;
                for object in page.data {
                    let record = Event::read(object).map_err(|error| not_understood(&error))?;
                    events.push((record.value, record.mode));
                }
            }
            Ok(events)
        };
        self.newest_events.get_or_init(read).await.as_ref()
    }
}

/// Reads every object of a kind.
async fn every<T: FromWire>(client: &Client, kind: ObjectKind) -> Result<Vec<T>, Missing> {
    let mut found = Vec::new();
    for listing in listings(kind) {
        let mut after: Option<String> = None;
        for _page in 0..PAGES_MAX {
            let window = Window { after: after.as_deref(), ..Window::default() };
            let page = client.page(listing, &window).await.map_err(|error| missing(&error))?;
            let mut last = None;
            for object in page.data {
                let record = T::read(object).map_err(|error| not_understood(&error))?;
                last = Some(record.id);
                found.push(record.value);
            }
            after = last;
            if !page.has_more || after.is_none() {
                break;
            }
        }
    }
    Ok(found)
}

fn not_understood(error: &dyn std::fmt::Display) -> Missing {
    Missing {
        reason: Unknown::InsufficientData,
        says: format!("Stripe's answer was not understood: {error}"),
        fix: "Look at the account in Stripe's dashboard; report the answer's shape with the log.".to_owned(),
    }
}

/// Says why a read brought nothing, as the reason of an answer.
fn missing(error: &StripeError) -> Missing {
    let (reason, fix) = match error {
        StripeError::NotPermitted { permission: Some(permission), .. } => {
            (Unknown::NotPermitted, format!("Give the key the permission {permission} and check again."))
        }
        StripeError::NotPermitted { path, .. } => {
            (Unknown::NotPermitted, format!("Give the key the permission to read {path} and check again."))
        }
        StripeError::KeyRejected { .. } => (
            Unknown::NotPermitted,
            "Connect a key that is valid: this one was revoked, has expired or is wrong.".to_owned(),
        ),
        StripeError::NoAnswer { cause, .. } if cause.is_timeout() => {
            (Unknown::Timeout, "Check again; look at Stripe's status page if it stays so.".to_owned())
        }
        StripeError::NotOffered { .. } | StripeError::Missing { .. } => {
            (Unknown::NotSupported, "The server does not offer this read.".to_owned())
        }
        _ => (Unknown::Unreachable, "Check the network and Stripe's status page, then check again.".to_owned()),
    };
    Missing { reason, says: error.to_string(), fix }
}
