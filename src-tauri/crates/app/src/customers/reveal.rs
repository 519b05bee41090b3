//! Showing one masked value for a minute: written down first, with who and why, but never with what.

use countersign_domain::billing::{BillingCustomer, RowKind};
use countersign_domain::failure::Failure;
use countersign_domain::ids::CustomerId;
use countersign_domain::stripe::Customer;
use countersign_domain::workspace::{Entry, Environment, entry};
use countersign_store::mirror::customers::user_of;
use countersign_store::mirror::{billing, load};
use uuid::Uuid;

use super::{RevealRequest, Revealed};
use crate::app::App;
use crate::failure::{invalid, not_found};
use crate::{clock, mirror, record};

/// Shortest reason. **Units**: characters.
const REASON_CHARS_MIN: usize = 3;
/// Longest reason. **Units**: characters.
const REASON_CHARS_MAX: usize = 200;
/// How long a value may stay on screen. **Units**: seconds.
const SHOWN_SECONDS: i64 = 60;

/// A value of a customer that may be revealed.
#[derive(Debug, Clone, Copy)]
enum Field {
    Name,
    Email,
    Phone,
    User,
}

/// Reveals one masked value and writes down that it was shown.
///
/// **Errors**: a reason that is too short, a field nobody masks, a value that is not there; a ledger that cannot be written,
/// and then nothing is shown.
pub async fn reveal(app: &App, request_id: Uuid, request: RevealRequest) -> Result<Revealed, Failure> {
    let reason = request.reason.trim();
    if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        let why = format!("say why in {REASON_CHARS_MIN} to {REASON_CHARS_MAX} characters: a ticket or a few words");
        return Err(invalid("reason", why));
    }
    let field = match (request.field.kind.as_str(), request.field.field.as_str()) {
        ("customer", "name") => Field::Name,
        ("customer", "email") => Field::Email,
        ("customer", "phone") => Field::Phone,
        ("customer", "user") => Field::User,
        _ => return Err(invalid("field", "name, email, phone or user of a customer can be revealed")),
    };
    let environment = record::environment(app, &request.environment).await?;
    let customer = CustomerId::from(request.field.id.as_str());
    let text = value(app, &environment, &customer, field).await?;
    let text = text.ok_or_else(|| not_found(&request.field.field, &format!("of {customer}")))?;
    let entry = Entry::Revealed(entry::Revealed {
        record: request.field.kind,
        id: request.field.id,
        field: request.field.field,
        reason: reason.to_owned(),
    });
    record::note(app, request_id, Some(&environment.id), entry).await?;
    Ok(Revealed { text, until: clock::now() + chrono::TimeDelta::seconds(SHOWN_SECONDS) })
}

async fn value(
    app: &App,
    environment: &Environment,
    customer: &CustomerId,
    field: Field,
) -> Result<Option<String>, Failure> {
    let (id, asked) = (customer.clone(), environment.clone());
    let found = mirror::read(app, environment, "Could not read the customer", move |conn, scope| {
        let stripe = load::<Customer>(conn, scope, id.as_str())?;
        Ok(match field {
            Field::Name => stripe.and_then(|stripe| stripe.name),
            Field::Email => stripe.and_then(|stripe| stripe.email),
            Field::Phone => stripe.and_then(|stripe| stripe.phone),
            Field::User => {
                match (stripe.as_ref().and_then(user_of), mirror::compared(conn, &asked, RowKind::BillingCustomer)?) {
                    (Some(user), _) => Some(user.to_string()),
                    (None, Some(environment)) => {
                        let links = billing::by_stripe_id::<BillingCustomer>(conn, &environment, id.as_str())?;
                        links.first().map(|link| link.user.to_string())
                    }
                    (None, None) => None,
                }
            }
        })
    });
    Ok(found.await?.flatten().filter(|text| !text.is_empty()))
}
