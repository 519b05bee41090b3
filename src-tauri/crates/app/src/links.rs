//! What a window hands to the computer around it: pages of Stripe's dashboard in the browser, text on the clipboard.
//!
//! An address is made here, of a known kind and an id of the strict form of that kind. No text of a record ever becomes one,
//! but the telephone number and the mail address of a contact card, where they are of the strict form of one.

use std::time::Duration;

use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{EnvironmentId, ItemId, RunId};
use countersign_domain::stripe::Mode;
use countersign_domain::workspace::Environment;

use crate::app::App;
use crate::checklists::stories;
use crate::failure::{invalid, not_found, told};
use crate::record;

/// How long unmasked text may stay on the clipboard.
pub const SENSITIVE_FOR: Duration = Duration::from_secs(60);
/// Longest id. **Units**: characters.
const ID_CHARS_MAX: usize = 128;

/// Kinds with a page of their own: the word, how an id begins, the folder of the page.
const PAGES: &[(&str, &str, &str)] = &[
    ("customer", "cus_", "customers"),
    ("subscription", "sub_", "subscriptions"),
    ("invoice", "in_", "invoices"),
    ("charge", "ch_", "payments"),
    ("event", "evt_", "events"),
    ("endpoint", "we_", "webhooks"),
    ("price", "price_", "prices"),
    ("product", "prod_", "products"),
];

/// Gives the address of a record's page at Stripe, in the mode of the environment that is looked at.
///
/// **Shape**: the id of `stripe_keys`, the page where keys are made, is an environment's name; that of `contact_phone` and
/// `contact_mail` is `RUN/ITEM`.
/// **Errors**: a kind without a page, an id of another form, an environment that is not Stripe's own.
pub async fn address(app: &App, kind: &str, id: &str) -> Result<String, Failure> {
    if kind == "stripe_keys" {
        let environment = record::environment(app, &EnvironmentId::from(id)).await?;
        return Ok(format!("{}/apikeys", dashboard(&environment)?));
    }
    if let Some(way) = kind.strip_prefix("contact_") {
        return contact(app, way, id).await;
    }
    let page = page(kind, id).ok_or_else(|| invalid("id", format!("{kind} has no page at Stripe under this id")))?;
    let Some(chosen) = app.chosen().environment else {
        return Err(told(Code::NotFound, "There is no page to open", "no environment is chosen"));
    };
    let environment = record::environment(app, &chosen).await?;
    Ok(format!("{}/{page}", dashboard(&environment)?))
}

/// Gives what calls or writes to the person of a contact card.
async fn contact(app: &App, way: &str, id: &str) -> Result<String, Failure> {
    let what = "There is nobody to reach";
    let (run, item) = id.split_once('/').ok_or_else(|| invalid("id", "a run and a line of it are expected"))?;
    let (story, item) = (stories::story(app, &RunId::from(run)).await?, ItemId::from(item));
    let row = story.run.line(&item).ok_or_else(|| not_found("item", item.as_str()))?;
    let card = story.run.history(&item).and_then(|history| history.card.as_ref()).map(|(.., card)| card);
    let text = match way {
        "phone" => card.map_or("", |card| card.phone.as_str()),
        _ => card.map(|card| card.mail.as_str()).filter(|mail| !mail.is_empty()).unwrap_or(&row.given),
    };
    reached(way, text).ok_or_else(|| told(Code::InputInvalid, what, "the card has no plain number or address; copy it"))
}

/// Makes a link of a number or a mail address that is nothing but one.
fn reached(way: &str, text: &str) -> Option<String> {
    let text = text.trim();
    let plain = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter))
    };
    match way {
        "phone" => {
            let rest = text.strip_prefix('+').unwrap_or(text);
            let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
            let is_number = rest.chars().all(|letter| letter.is_ascii_digit() || " -()./".contains(letter));
            let plus = if rest.len() < text.len() { "+" } else { "" };
            (is_number && (3..=15).contains(&digits.len())).then(|| format!("tel:{plus}{digits}"))
        }
        "mail" => {
            let (name, host) = text.split_once('@')?;
            let is_mail = plain(name, "._+-") && plain(host, ".-") && host.contains('.') && text.len() <= ID_CHARS_MAX;
            is_mail.then(|| format!("mailto:{text}"))
        }
        _ => None,
    }
}

/// Says whether the records of an environment have pages at Stripe.
#[must_use]
pub fn has_pages(environment: &Environment) -> bool {
    environment.stripe.is_some() && dashboard(environment).is_ok()
}

fn dashboard(environment: &Environment) -> Result<&'static str, Failure> {
    let is_elsewhere = environment.stripe.as_ref().is_some_and(|connection| connection.url.is_some());
    if environment.is_demo || is_elsewhere {
        let why = format!("{} is not connected to Stripe itself", environment.id);
        return Err(told(Code::StateConflict, "There is no page to open", why));
    }
    let mode = environment.stripe.as_ref().map_or_else(|| environment.mode(), |connection| connection.mode);
    Ok(match mode {
        Mode::Live => "https://dashboard.stripe.com",
        Mode::Test => "https://dashboard.stripe.com/test",
    })
}

fn page(kind: &str, id: &str) -> Option<String> {
    let (_, beginning, folder) = PAGES.iter().find(|(known, _, _)| *known == kind)?;
    let rest = id.strip_prefix(beginning)?;
    let is_plain = !rest.is_empty() && id.len() <= ID_CHARS_MAX && rest.bytes().all(|b| b.is_ascii_alphanumeric());
    is_plain.then(|| format!("{folder}/{id}"))
}

/// Tells that the computer did not open something.
#[must_use]
pub fn not_opened(why: &str) -> Failure {
    told(Code::Internal, "It could not be opened", why)
}

/// Tells that the computer did not take a text to its clipboard.
#[must_use]
pub fn not_copied(why: &str) -> Failure {
    told(Code::Internal, "The text could not be copied", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_number_or_address_calls_somebody() {
        assert_eq!(reached("phone", "+49 (30) 123-45.67").as_deref(), Some("tel:+49301234567"));
        assert_eq!(
            reached("mail", " ana.lopez+billing@ours.example ").as_deref(),
            Some("mailto:ana.lopez+billing@ours.example")
        );
        let refused = [
            ("phone", "12"),
            ("phone", "+1 555 CALL"),
            ("phone", "555;ext=1"),
            ("phone", "1234567890123456"),
            ("mail", "ana@ours"),
            ("mail", "ana@ours.example?bcc=x@y.example"),
            ("mail", "ana lopez@ours.example"),
            ("mail", "a@b.example,c@d.example"),
            ("chat", "#billing"),
            ("mail", ""),
        ];
        for (way, text) in refused {
            assert_eq!(reached(way, text), None, "{way} {text}");
        }
    }

    #[test]
    fn only_an_id_of_its_kind_becomes_a_page() {
        assert_eq!(page("customer", "cus_Nff1").as_deref(), Some("customers/cus_Nff1"));
        assert_eq!(page("charge", "ch_3Ab").as_deref(), Some("payments/ch_3Ab"));
        let refused = [
            ("customer", "sub_1"),
            ("customer", "cus_"),
            ("customer", "cus_1/../../x"),
            ("customer", "cus_1?x=1"),
            ("customer", "cus_1\n"),
            ("customer", "cus_é"),
            ("coupon", "cus_1"),
            ("", ""),
        ];
        for (kind, id) in refused {
            assert_eq!(page(kind, id), None, "{kind} {id}");
        }
        assert_eq!(page("event", &format!("evt_{}", "a".repeat(200))), None);
    }
}
