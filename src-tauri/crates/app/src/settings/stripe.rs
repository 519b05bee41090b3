//! Connecting Stripe: the key is checked against the account before it is kept, and kept in the keychain alone.

use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::AccountId;
use countersign_domain::stripe::{Account, Mode};
use countersign_domain::workspace::{Entry, Environment as Known, Permission, StripeConnection as Connection};
use countersign_sources::keychain::{Item, Kind};
use countersign_sources::secret::Secret;
use countersign_sources::stripe::{
    Address, Client, FromWire as _, Key, KeyClass, KeyNote, Standing, StripeError, permissions,
};
use uuid::Uuid;

use super::connections::ConnectStripe;
use super::environments::{self, Environment};
use crate::app::App;
use crate::failure::{Tell as _, told};
use crate::{clock, record};

/// Checks a key and keeps it.
///
/// **Errors**: a text that is no key, a key of another mode or account, an address that may not have it; then nothing was
/// kept, and where the mode or the address is wrong nothing was sent either.
pub async fn connect(
    app: &App,
    request_id: Uuid,
    request: ConnectStripe,
    secret: Secret,
) -> Result<Environment, Failure> {
    let id = request.environment;
    let environment = record::environment(app, &id).await?;
    let what = format!("Could not connect Stripe in {id}");
    let text = secret.expose_text().ok_or_else(|| told(Code::SecretWrongKind, &what, "a key is plain text"))?;
    let (key, note) = Key::read(text).map_err(|error| error.tell(&what))?;
    if key.mode() != environment.mode() {
        let why = format!("{id} needs a {} key, and this is a {} key", environment.mode(), key.mode());
        return Err(told(Code::StripeKeyClass, what, why));
    }
    let address = match request.url.trim() {
        "" => Address::Stripe,
        url => Address::parse(url).map_err(|error| error.tell(&what))?,
    };
    let url = (address != Address::Stripe).then(|| request.url.trim().to_owned());
    let client = made(key, address, &what)?;
    let connection = check(&client, &environment, url, note).await.map_err(|error| error.into_failure(&what))?;
    let kept = app.keychain().put(&item(app, &environment)?, secret).await;
    kept.map_err(|error| error.tell(&what))?;
    clock::told::keep(app).await;
    record::note(app, request_id, Some(&id), Entry::StripeConnected(connection)).await?;
    environments::view(app, &record::environment(app, &id).await?).await
}

/// Why a key was not kept.
enum Unfit {
    Stripe(StripeError),
    Mode(Mode),
    Account { recorded: AccountId, found: AccountId },
}

impl Unfit {
    fn into_failure(self, what: &str) -> Failure {
        match self {
            Self::Stripe(error) => error.tell(what),
            Self::Mode(found) => told(Code::StripeKeyClass, what, format!("the account answered in {found} mode")),
            Self::Account { recorded, found } => {
                let why = format!("the key belongs to {found}, and this environment is {recorded}");
                told(Code::AccountMismatch, what, why)
            }
        }
    }
}

async fn check(
    client: &Client,
    environment: &Known,
    url: Option<String>,
    note: Option<KeyNote>,
) -> Result<Connection, Unfit> {
    if let Some(mode) = answered_mode(client).await?
        && mode != client.mode()
    {
        return Err(Unfit::Mode(mode));
    }
    let account = account(client).await?;
    let recorded = environment.stripe.as_ref().and_then(|connection| connection.account.clone());
    if let (Some(recorded), Some(found)) = (&recorded, account.as_ref().map(|account| &account.id))
        && recorded != found
    {
        return Err(Unfit::Account { recorded: recorded.clone(), found: found.clone() });
    }
    let permissions = permissions(client).await.map_err(Unfit::Stripe)?.into_iter().map(shown).collect();
    let is_restricted = client.key_class() == KeyClass::Restricted;
    let mut notes = Vec::new();
    if note == Some(KeyNote::Trimmed) {
        notes.push("Spaces, line breaks or quotation marks around the key were taken off.".to_owned());
    }
    if client.mode() == Mode::Live && !is_restricted {
        notes.push(
            "This is an unrestricted live key: it can move money. Make a restricted key with the read permissions below \
             and connect that instead."
                .to_owned(),
        );
    }
    if account.is_none() {
        notes.push(
            "The key may not read the account; its id is not known, and checks of the account stay open.".to_owned(),
        );
    }
    Ok(Connection {
        account: account.as_ref().map(|account| account.id.clone()).or(recorded),
        account_name: account.and_then(|account| account.name).unwrap_or_default(),
        mode: client.mode(),
        key: client.shown_key().to_owned(),
        is_restricted,
        url,
        permissions,
        notes,
        checked_at: clock::now(),
    })
}

/// The mode the balance tells; `None` where the key may not read it, or the server does not have it.
async fn answered_mode(client: &Client) -> Result<Option<Mode>, Unfit> {
    match client.balance().await {
        Ok(balance) => Ok(balance.get("livemode").and_then(serde_json::Value::as_bool).map(Mode::of_livemode)),
        Err(StripeError::NotPermitted { .. } | StripeError::NotOffered { .. } | StripeError::Missing { .. }) => {
            Ok(None)
        }
        Err(error) => Err(Unfit::Stripe(error)),
    }
}

/// The account of the key; `None` where the key may not read it. That must not stand in the way of everything else.
async fn account(client: &Client) -> Result<Option<Account>, Unfit> {
    match client.account().await {
        Ok(object) => Ok(Account::read(object).ok().map(|record| record.value)),
        Err(StripeError::NotPermitted { .. } | StripeError::NotOffered { .. } | StripeError::Missing { .. }) => {
            Ok(None)
        }
        Err(error) => Err(Unfit::Stripe(error)),
    }
}

fn shown(found: countersign_sources::stripe::Permission) -> Permission {
    let (granted, note) = match found.standing {
        Standing::Granted => ("granted", String::new()),
        Standing::Denied => ("denied", String::new()),
        Standing::Unknown(why) => ("unknown", why),
    };
    Permission {
        read: found.read.read.to_owned(),
        permission: found.name.unwrap_or_default(),
        granted: granted.to_owned(),
        needed_for: found.read.needed_for.split(", ").map(str::to_owned).collect(),
        note,
    }
}

/// The keychain item of an environment's key.
pub(crate) fn item(app: &App, environment: &Known) -> Result<Item, Failure> {
    Ok(Item::new(Kind::StripeKey, app.stores()?.profile.id(), environment.id.as_str()))
}

/// Gives the client of a connected environment. Opens no connection.
///
/// **Errors**: no connection, or a keychain that does not give the key.
pub async fn client(app: &App, environment: &Known) -> Result<Client, Failure> {
    let what = format!("Could not ask Stripe for {}", environment.id);
    let Some(connection) = &environment.stripe else {
        return Err(told(Code::StateConflict, what, "Stripe is not connected in this environment"));
    };
    let secret = app.keychain().get(&item(app, environment)?).await.map_err(|error| error.tell(&what))?;
    let text = secret.expose_text().unwrap_or_default();
    let (key, _) = Key::read(text).map_err(|error| error.tell(&what))?;
    let address = match &connection.url {
        Some(url) => Address::parse(url).map_err(|error| error.tell(&what))?,
        None => Address::Stripe,
    };
    made(key, address, &what)
}

/// Makes a client that hands on what Stripe tells of the time. A stand-in on this machine has this machine's clock.
fn made(key: Key, address: Address, what: &str) -> Result<Client, Failure> {
    let is_stripe = address == Address::Stripe;
    let client = Client::new(key, address).map_err(|error| error.tell(what))?;
    Ok(if is_stripe { client.telling_time(clock::hear) } else { client })
}

/// Under which account the mirror keeps an environment's rows: the account, or a name of our own where it is not known.
#[must_use]
pub fn mirrored_as(environment: &Known) -> Option<(AccountId, Mode)> {
    let connection = environment.stripe.as_ref()?;
    let account = connection.account.clone();
    Some((account.unwrap_or_else(|| AccountId::from(format!("environment/{}", environment.id))), connection.mode))
}

/// When the newest check of a connection was made.
#[must_use]
pub fn checked_at(environment: &Known) -> Option<Instant> {
    environment.stripe.as_ref().map(|connection| connection.checked_at)
}
