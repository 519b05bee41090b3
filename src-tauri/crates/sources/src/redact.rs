//! The last line against secrets and personal data in texts that servers send.
//!
//! A server's words may repeat a part of the key, a row or a mail address. Everything that is shown or logged of them
//! goes through here. The first line is elsewhere: bodies, headers and queries are never logged at all.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Longest text of a server that is shown. **Units**: characters.
pub const SHOWN_CHARS_MAX: usize = 200;

/// How much of a server's text is looked at. **Units**: bytes.
const READ_BYTES_MAX: usize = 16 * 1024;

/// Writes what stands in the place of a match.
type Replace = fn(&Captures<'_>) -> String;

/// A pattern, and what stands in the place of what it matches.
struct Filter {
    pattern: Regex,
    replace: Replace,
}

/// Patterns in the order in which they are applied: whole blocks before their parts, headers before the words in them.
/// The account id and the starred key are what Stripe's own refusals contain.
static FILTERS: LazyLock<Vec<Filter>> = LazyLock::new(|| {
    let list: [(&str, Replace); 11] = [
        (r"(?s)-----BEGIN [^-]{1,40}-----.*?(?:-----END [^-]{1,40}-----|\z)", |_| mark("pem")),
        (r"(?i)\b(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key)\s*[:=]\s*[^\r\n]+", |_| {
            mark("header")
        }),
        (r"://[^/\s:@]*:[^/\s@]+@", |_| "://[redacted:login]@".to_owned()),
        (r"\b(?:[rsp]k|rkcs)_(?:org_)?(?:live|test)_[0-9A-Za-z*]{4,}", |_| mark("stripe_key")),
        (r"\bwhsec_\S+", |_| mark("webhook_secret")),
        (r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+", |_| mark("jwt")),
        (r#"(?i)\b[\w-]*(?:password|passwd|secret|token|api_?key)["']?\s*[:=]\s*["']?[^\s"',;&]+"#, |_| mark("secret")),
        (r"\bacct_[0-9A-Za-z]{6,}", |_| mark("account")),
        (r"\b[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b", mail),
        (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b", iban),
        (r"\b\d(?:[ -]?\d){12,18}\b", card),
    ];
    list.into_iter()
        .filter_map(|(pattern, replace)| Some(Filter { pattern: Regex::new(pattern).ok()?, replace }))
        .collect()
});

/// Replaces everything in a text that looks like a secret or a person by `[redacted:kind]`.
#[must_use]
pub fn redacted(text: &str) -> String {
    FILTERS.iter().fold(text.to_owned(), |text, filter| match filter.pattern.replace_all(&text, filter.replace) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(changed) => changed,
    })
}

/// Makes what a person pasted fit to be kept: redacted as a server's words, and without long random strings.
///
/// **Shape**: also says how many places were taken out. A commit, a digest that says so, a UUID and a path stay: they are
/// what the output of a command proves.
#[must_use]
pub fn pasted(text: &str) -> (String, usize) {
    let clean = redacted(text);
    let clean = match RANDOM.as_ref() {
        Some(pattern) => pattern.replace_all(&clean, random).into_owned(),
        None => clean,
    };
    let marks = |text: &str| text.matches("[redacted:").count();
    let taken_out = marks(&clean).saturating_sub(marks(text));
    (clean, taken_out)
}

/// Gives the kind of secret a text holds: a key, a password, a token, the number of a card. People, accounts and digests
/// are none.
///
/// **Shape**: a mark that stands where a secret was taken out is not one.
#[must_use]
pub fn secret_in(text: &str) -> Option<&'static str> {
    const KINDS: [&str; 7] = ["pem", "header", "login", "stripe_key", "webhook_secret", "jwt", "secret"];
    let clean = redacted(text);
    let marks = |text: &str, kind: &str| text.matches(&mark(kind)).count();
    let kind = KINDS.into_iter().find(|kind| marks(&clean, kind) > marks(text, kind));
    kind.or_else(|| holds_card(text).then_some("card"))
}

/// Digits that may be the number of a card, and whether they are dialled.
static CARD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(\+?)\b\d(?:[ -]?\d){12,18}\b").ok());

/// Says whether a text holds the number of a card: 13 to 19 digits, a beginning and a check digit of one.
fn holds_card(text: &str) -> bool {
    /// Most digits of a telephone number.
    const DIALLED_MAX: usize = 15;
    let is_dialled = |found: &Captures<'_>| {
        !found[1].is_empty() && found[0].chars().filter(char::is_ascii_digit).count() <= DIALLED_MAX
    };
    let is_one = |found: Captures<'_>| !is_dialled(&found) && is_card(&found[0]);
    CARD.as_ref().is_some_and(|pattern| pattern.captures_iter(text).any(is_one))
}

/// Says whether somebody issues cards of so many digits with these first ones. The check digit alone says little: one
/// number in ten has it, and so long are also times, orders and sizes.
fn is_issued(digits: &str) -> bool {
    /// Counts of digits, and between which first digits their cards begin.
    type Issued = (std::ops::RangeInclusive<usize>, &'static [(&'static str, &'static str)]);
    const ISSUED: [Issued; 5] = [
        (13..=13, &[("4", "4")]),
        (14..=14, &[("300", "305"), ("309", "309"), ("36", "36"), ("38", "39")]),
        (15..=15, &[("1800", "1800"), ("2131", "2131"), ("34", "34"), ("37", "37")]),
        (
            16..=16,
            &[("2221", "2720"), ("3528", "3589"), ("4", "4"), ("51", "55"), ("60", "60"), ("62", "62"), ("64", "65")],
        ),
        (17..=19, &[("4", "4"), ("50", "50"), ("56", "58"), ("6", "6")]),
    ];
    let begins =
        |(from, to): &(&str, &str)| digits.get(..from.len()).is_some_and(|first| (*from..=*to).contains(&first));
    ISSUED.iter().any(|(counts, firsts)| counts.contains(&digits.len()) && firsts.iter().any(begins))
}

/// Says whether a run of digits, with spaces and hyphens between them, is the number of a card.
fn is_card(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    is_issued(&digits) && passes_luhn(&digits)
}

/// A run of characters long enough to be a key, with the word before a colon.
static RANDOM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(\w+:)?([A-Za-z0-9+/=_-]{32,})").ok());

fn random(found: &Captures<'_>) -> String {
    /// Digits of a Git commit.
    const COMMIT_DIGITS: usize = 40;
    /// Longest name of a folder that is not taken for a key.
    const NAME_CHARS_MAX: usize = 24;
    let (label, text) = (found.get(1).map_or("", |label| label.as_str()), &found[2]);
    let is_hex = text.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    let has = |is: fn(&char) -> bool| text.chars().any(|c| is(&c));
    let is_mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && has(char::is_ascii_digit);
    let is_path = text.contains('/') && text.split('/').all(|name| name.len() <= NAME_CHARS_MAX);
    let is_digest = matches!(label, "sha256:" | "sha512:" | "sha1:" | "md5:") || text.len() == COMMIT_DIGITS;
    let is_secret = if is_hex { !is_digest } else { is_mixed && !is_path };
    if is_secret { format!("{label}{}", mark("random")) } else { found[0].to_owned() }
}

/// Makes a server's text fit to be shown: redacted, without control characters, cut to [`SHOWN_CHARS_MAX`].
#[must_use]
pub fn server_text(text: &str) -> String {
    let end = text.floor_char_boundary(READ_BYTES_MAX);
    let clean = redacted(text.get(..end).unwrap_or_default());
    let mut words = clean.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut shown = String::new();
    let mut left = SHOWN_CHARS_MAX;
    while let (Some(word), true) = (words.next(), left > 0) {
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.extend(word.chars().take(left));
        left = left.saturating_sub(word.chars().count() + 1);
    }
    shown
}

fn mark(kind: &str) -> String {
    format!("[redacted:{kind}]")
}

/// Keeps the first letters of a mail address and its last label: enough to tell two apart, too little to write to.
fn mail(found: &Captures<'_>) -> String {
    let text = &found[0];
    let shortened = || {
        let (local, domain) = text.split_once('@')?;
        let (name, end) = domain.rsplit_once('.')?;
        Some(format!("{}…@{}….{end}", local.chars().next()?, name.chars().next()?))
    };
    shortened().unwrap_or_else(|| mark("mail"))
}

fn card(found: &Captures<'_>) -> String {
    if is_card(&found[0]) { mark("card") } else { found[0].to_owned() }
}

fn passes_luhn(digits: &str) -> bool {
    let digits: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Checks the remainder of ISO 13616, so that order numbers in capitals stay readable.
fn iban(found: &Captures<'_>) -> String {
    let plain: String = found[0].chars().filter(|c| !c.is_whitespace()).collect();
    let (head, tail) = plain.split_at(4);
    let remainder = tail.chars().chain(head.chars()).filter_map(|c| c.to_digit(36)).fold(0_u32, |rest, digit| {
        let shift = if digit > 9 { 100 } else { 10 };
        (rest * shift + digit) % 97
    });
    if remainder == 1 { mark("iban") } else { found[0].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(FILTERS.len(), 11);
    }

    #[test]
    fn secrets_and_people_are_replaced() {
        for (text, clean) in [
            ("key sk_live_51Habc123DEF is bad", "key [redacted:stripe_key] is bad"),
            ("Invalid API Key provided: rk_test_*****7xQ2", "Invalid API Key provided: [redacted:stripe_key]"),
            ("sk_org_live_abcdef12 and rkcs_test_zzzz99", "[redacted:stripe_key] and [redacted:stripe_key]"),
            ("whsec_0123abcd!", "[redacted:webhook_secret]"),
            ("Authorization: Bearer abc.def", "[redacted:header]"),
            ("postgres://admin:hunter2@db/x", "postgres://[redacted:login]@db/x"),
            (r#"{"client_secret":"pi_1_secret_2"}"#, r#"{"[redacted:secret]"}"#),
            ("redis://:hunter2@cache:6379/0", "redis://[redacted:login]@cache:6379/0"),
            ("DB_PASSWORD=hunter2 next", "[redacted:secret] next"),
            ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- x", "[redacted:pem] x"),
            ("eyJhbGciOiJI.eyJzdWIi.c2lnbmF0dXJl", "[redacted:jwt]"),
            ("account acct_1A2b3C4d has no", "account [redacted:account] has no"),
            ("write to jane.doe@mail.example.com now", "write to j…@m….com now"),
            ("card 4242 4242 4242 4242.", "card [redacted:card]."),
            ("order 4242424242424241", "order 4242424242424241"),
            ("took until 1795600000000000008", "took until 1795600000000000008"),
            ("DE89 3704 0044 0532 0130 00", "[redacted:iban]"),
            ("No such customer: 'cus_Nffrq5j2'", "No such customer: 'cus_Nffrq5j2'"),
        ] {
            assert_eq!(redacted(text), clean);
        }
    }

    #[test]
    fn a_secret_is_recognised_and_named_by_its_kind() {
        for (text, kind) in [
            ("the key is sk_live_51Habc123DEF", Some("stripe_key")),
            ("postgres://app:hunter2@db/app", Some("login")),
            ("whsec_0123abcd", Some("webhook_secret")),
            ("DB_PASSWORD=hunter2", Some("secret")),
            ("-----BEGIN RSA PRIVATE KEY-----\nabc", Some("pem")),
            ("Authorization: Bearer abc.def", Some("header")),
            ("eyJhbGciOiJI.eyJzdWIi.c2lnbmF0dXJl", Some("jwt")),
            ("asked jane.doe@example.com about acct_1A2b3C4d", None),
            ("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", None),
            ("the webhook secrets were rotated", None),
            ("card 4242 4242 4242 4242", Some("card")),
            ("3782-822463-10005", Some("card")),
            ("order 4242424242424241", None),
            ("4222 2222 2222 2", Some("card")),
            ("3056-930902-5904", Some("card")),
            ("38520000023237", Some("card")),
            (" 2131 0000 0000 001", Some("card")),
            ("6304 0000 0000 0000 000", Some("card")),
            ("+49 1512 3456787 or 1700000000004", None),
            ("order 3156930902595 of 20261120103001", None),
            ("at 1795600000000000008 ns, 1700000000000001 µs", None),
            ("999900000000000 4 or 17956000000000008 bytes", None),
            ("2721000000000004, 3527000000000008, 3590000000000000, 6100000000000006", None),
            ("2720 9999 9999 9996", Some("card")),
            ("3530111333300000", Some("card")),
            ("5000 0000 0000 0000 005", Some("card")),
        ] {
            assert_eq!(secret_in(text), kind, "{text}");
            assert_eq!(secret_in(&pasted(text).0), None, "{text}");
        }
    }

    #[test]
    fn what_is_pasted_loses_its_keys_and_keeps_what_it_proves() {
        for (text, clean) in [
            ("AWS_SECRET_ACCESS_KEY wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", "AWS_SECRET_ACCESS_KEY [redacted:random]"),
            ("hex 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.", "hex [redacted:random]."),
            (
                "HEAD is now at 29173aa2c1d0e9f8b7a6958473625140fedcba98",
                "HEAD is now at 29173aa2c1d0e9f8b7a6958473625140fedcba98",
            ),
            ("request 1b4e28ba-2fa1-11d2-883f-0016d3cca427 done", "request 1b4e28ba-2fa1-11d2-883f-0016d3cca427 done"),
            ("/srv/App1/releases/2026-11-20/node_modules/Prisma", "/srv/App1/releases/2026-11-20/node_modules/Prisma"),
            ("All 12 migrations have been successfully applied.", "All 12 migrations have been successfully applied."),
        ] {
            assert_eq!(pasted(text), (clean.to_owned(), usize::from(text != clean)));
        }
        let digest = "image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert_eq!(pasted(digest), (digest.to_owned(), 0));
        assert_eq!(pasted("sk_live_51Habc123DEF and a [redacted:mail]").1, 1, "a mark that was there is not counted");
        let once = pasted("key=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY").0;
        assert_eq!(pasted(&once), (once.clone(), 0), "what was cleaned stays as it is");
    }

    #[test]
    fn a_servers_text_is_short_and_plain() {
        assert_eq!(server_text("a\u{1b}[31m\r\nb\t c"), "a [31m b c");
        let long = server_text(&"wörter ".repeat(20_000));
        assert!((190..=SHOWN_CHARS_MAX).contains(&long.chars().count()), "{}", long.chars().count());
        assert_eq!(server_text(&"ä".repeat(500)).chars().count(), SHOWN_CHARS_MAX);
    }
}
