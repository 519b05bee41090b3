//! What may be shown of a person: initials, first letters, last digits, and what to name to see the rest.
//!
//! Every value of a person that reaches a shell passes through here, in Rust, so that no screen can forget it. A mask
//! is made of letters and digits alone: whatever else stands in a name or an address never gets as far as a page.

use countersign_domain::ids::{CustomerId, UserId};

use crate::answer::{Masked, Reveal};

/// Stands for what is not shown.
const HIDDEN: &str = "***";
/// Initials of one name at most.
const INITIALS_MAX: usize = 3;
/// Longest ending of a mail domain that is shown. **Units**: characters.
const ENDING_CHARS_MAX: usize = 12;
/// Shortest id of a user whose ends are shown. **Units**: characters.
const USER_CHARS_MIN: usize = 12;
/// Shortest phone number whose end is shown. **Units**: digits.
const PHONE_DIGITS_MIN: usize = 6;

/// Masks a customer's name.
#[must_use]
pub fn name(customer: &CustomerId, name: Option<&str>) -> Masked {
    masked(customer, "name", name, initials)
}

/// Masks a customer's mail address.
#[must_use]
pub fn email(customer: &CustomerId, address: Option<&str>) -> Masked {
    masked(customer, "email", address, email_text)
}

/// Masks a customer's phone number.
#[must_use]
pub fn phone(customer: &CustomerId, number: Option<&str>) -> Masked {
    masked(customer, "phone", number, phone_text)
}

/// Masks the application's user of a customer.
#[must_use]
pub fn user(customer: &CustomerId, user: Option<&UserId>) -> Masked {
    masked(customer, "user", user.map(UserId::as_str), user_text)
}

/// Says that nothing is there to be masked.
#[must_use]
pub fn nothing() -> Masked {
    Masked { shown: String::new(), reveal: None }
}

fn masked(customer: &CustomerId, field: &str, value: Option<&str>, mask: fn(&str) -> String) -> Masked {
    let Some(value) = value.filter(|value| !value.trim().is_empty()) else { return nothing() };
    let reveal = Reveal { kind: "customer".to_owned(), id: customer.to_string(), field: field.to_owned() };
    Masked { shown: mask(value), reveal: Some(reveal) }
}

/// Writes a name as initials: `A. B.`
#[must_use]
pub fn initials(name: &str) -> String {
    let firsts = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let initials: Vec<String> = firsts.take(INITIALS_MAX).map(|c| format!("{}.", c.to_uppercase())).collect();
    if initials.is_empty() { HIDDEN.to_owned() } else { initials.join(" ") }
}

/// Writes a mail address as `a***@d***.com`.
#[must_use]
pub fn email_text(address: &str) -> String {
    let first = |text: &str| text.chars().next().filter(|c| c.is_alphanumeric()).map(String::from).unwrap_or_default();
    let Some((local, domain)) = address.trim().rsplit_once('@') else { return HIDDEN.to_owned() };
    let ending = domain.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_plain = (1..=ENDING_CHARS_MAX).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_alphanumeric());
    let ending = if is_plain { format!(".{ending}") } else { String::new() };
    format!("{}{HIDDEN}@{}{HIDDEN}{ending}", first(local), first(domain))
}

/// Writes a phone number as its last two digits.
#[must_use]
pub fn phone_text(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    match digits.as_slice() {
        [.., a, b] if digits.len() >= PHONE_DIGITS_MIN => format!("{HIDDEN}{a}{b}"),
        _ => HIDDEN.to_owned(),
    }
}

/// Writes the id of the application's user as its first and last four characters.
#[must_use]
pub fn user_text(id: &str) -> String {
    let chars: Vec<char> = id.chars().collect();
    let ends = chars.first_chunk::<4>().zip(chars.last_chunk::<4>());
    let is_word = |end: &[char]| end.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    match ends {
        Some((first, last)) if chars.len() >= USER_CHARS_MIN && is_word(first) && is_word(last) => {
            format!("{}…{}", String::from_iter(first), String::from_iter(last))
        }
        _ => HIDDEN.to_owned(),
    }
}

/// Writes an id of Stripe short, for text that leaves the program: `cus_…1a2b`.
#[must_use]
pub fn short_id(id: &str) -> String {
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let (prefix, rest) = id.split_once('_').unwrap_or(("", id));
    match rest.char_indices().rev().nth(3).and_then(|(at, _)| rest.get(at..)) {
        Some(end) if is_word(id) && rest.len() > 8 => format!("{prefix}_…{end}"),
        _ if is_word(id) => id.to_owned(),
        _ => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_what_it_promises_and_no_more() {
        type Mask = fn(&str) -> String;
        let cases: &[(Mask, &str, &str)] = &[
            (initials, "Ada Lovelace", "A. L."),
            (initials, "émile", "É."),
            (initials, "ada king de lovelace", "A. K. D."),
            (initials, "<script>alert(1)</script> O'Neil", "S. O."),
            (initials, "\u{202e}\u{0}…", "***"),
            (email_text, "ada@example.com", "a***@e***.com"),
            (email_text, "\"<b>\"@x.co.uk", "***@x***.uk"),
            (email_text, "a@b@c.io", "a***@c***.io"),
            (email_text, "ada@host.<script>", "a***@h***"),
            (email_text, "ada@localhost", "a***@l***"),
            (email_text, "no address", "***"),
            (phone_text, "+49 170 12345-67", "***67"),
            (phone_text, "112", "***"),
            (user_text, "clx0a1b2c3d4e5f6g7h8", "clx0…g7h8"),
            (user_text, "7", "***"),
            (user_text, "<img src=x onerror=1>", "***"),
            (short_id, "cus_NffrFeUfNV2Hib", "cus_…2Hib"),
            (short_id, "cus_12", "cus_12"),
            (short_id, "cus_<b>aaaaaaaaaaaa", "***"),
        ];
        for (mask, value, shown) in cases {
            assert_eq!(mask(value), *shown, "{value}");
        }
    }

    #[test]
    fn a_missing_value_is_neither_masked_nor_revealed() {
        let customer = CustomerId::from("cus_1");
        assert_eq!(name(&customer, None), nothing());
        assert_eq!(email(&customer, Some(" ")), nothing());
        let shown = phone(&customer, Some("+1 555 0100"));
        assert_eq!(shown.shown, "***00");
        assert_eq!(shown.reveal.map(|reveal| reveal.field).as_deref(), Some("phone"));
    }

    proptest::proptest! {
        #[test]
        fn no_mask_lets_a_mark_of_others_through(text in ".{0,60}") {
            for shown in [initials(&text), email_text(&text), phone_text(&text), user_text(&text), short_id(&text)] {
                proptest::prop_assert!(shown.chars().all(|c| c.is_alphanumeric() || "*@._- …".contains(c)), "{}", shown);
                proptest::prop_assert!(shown.chars().count() <= 60);
            }
        }
    }
}
