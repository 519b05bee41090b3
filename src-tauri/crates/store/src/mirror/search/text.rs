//! What a text could be besides words: an id, the last digits of a card, an amount.
//!
//! Pure. A text may be several of these at once; every reading is tried.

use countersign_domain::money::Currency;
use countersign_domain::stripe::ObjectKind;

/// Beginnings of ids and the kinds they belong to.
const PREFIXES: &[(&str, ObjectKind)] = &[
    ("acct_", ObjectKind::Account),
    ("we_", ObjectKind::WebhookEndpoint),
    ("prod_", ObjectKind::Product),
    ("price_", ObjectKind::Price),
    ("plan_", ObjectKind::Price),
    ("cus_", ObjectKind::Customer),
    ("sub_", ObjectKind::Subscription),
    ("in_", ObjectKind::Invoice),
    ("inpay_", ObjectKind::InvoicePayment),
    ("ch_", ObjectKind::Charge),
    ("py_", ObjectKind::Charge),
    ("evt_", ObjectKind::Event),
];

/// Longest amount that is read. **Units**: digits.
const AMOUNT_DIGITS_MAX: usize = 15;

/// Takes off what surrounds a text; of a link into Stripe's dashboard the last segment stays.
pub(super) fn plain(text: &str) -> String {
    let text = text.trim();
    let link = text.strip_prefix("https://dashboard.stripe.com/");
    let segment = link.map(|path| path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/'));
    segment.map_or(text, |path| path.rsplit('/').next().unwrap_or_default()).to_owned()
}

/// Gives the kinds whose ids may begin like the text.
pub(super) fn kinds_of(text: &str) -> impl Iterator<Item = ObjectKind> {
    let kinds = PREFIXES.iter().filter(move |(prefix, _)| text.starts_with(prefix)).map(|(_, kind)| *kind);
    kinds.collect::<Vec<_>>().into_iter()
}

/// Reads the last four digits of a card: `4242`, `**** 4242`, `•••• 4242`.
pub(super) fn last4_of(text: &str) -> Option<&str> {
    let at = text.char_indices().rev().nth(3).map(|(at, _)| at)?;
    let (before, digits) = text.split_at(at);
    let is_mask = before.chars().all(|c| matches!(c, '*' | '•' | 'x' | 'X' | '.' | '-') || c.is_whitespace());
    (is_mask && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// An amount somebody typed, in major units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Amount {
    whole: String,
    fraction: String,
    currency: Option<Currency>,
}

impl Amount {
    /// Reads `29`, `29.00`, `29,00`, `1,200.00`, `$29`, `29 usd`, `EUR 29.50`.
    pub fn of(text: &str) -> Option<Self> {
        let mut number = String::new();
        let mut word = String::new();
        for c in text.chars() {
            match c {
                '0'..='9' | '.' | ',' => number.push(c),
                '$' | '€' | '£' | '¥' | '\'' => {}
                c if c.is_alphabetic() => word.push(c),
                c if c.is_whitespace() => {}
                _ => return None,
            }
        }
        let currency = if word.is_empty() { None } else { Some(Currency::parse(&word).ok()?) };
        let (whole, fraction) = match number.rfind(['.', ',']) {
            // Three digits after a single mark group thousands; otherwise the last mark is the decimal point.
            Some(at) if number.len() - at == 4 && number.matches(['.', ',']).count() == 1 && currency.is_none() => {
                (number.replace(['.', ','], ""), String::new())
            }
            Some(at) => {
                let (whole, fraction) = number.split_at(at);
                (whole.replace(['.', ','], ""), fraction.trim_start_matches(['.', ',']).to_owned())
            }
            None => (number, String::new()),
        };
        let is_readable = !whole.is_empty() && whole.len() + fraction.len() <= AMOUNT_DIGITS_MAX;
        is_readable.then_some(Self { whole, fraction, currency })
    }

    /// Gives the minor units in a currency; `None` for another currency or digits it does not have.
    pub fn minor_in(&self, currency: Currency) -> Option<i64> {
        let digits = usize::try_from(currency.exponent()).ok()?;
        let is_other = self.currency.is_some_and(|named| named != currency);
        if is_other || self.fraction.trim_end_matches('0').len() > digits {
            return None;
        }
        let fraction: String = self.fraction.chars().chain(std::iter::repeat('0')).take(digits).collect();
        (self.whole.clone() + &fraction).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let usd = Currency::USD;
        let jpy = Currency::parse("jpy").unwrap();
        let kwd = Currency::parse("kwd").unwrap();
        for (text, in_usd, in_jpy, in_kwd) in [
            ("29", Some(2900), Some(29), Some(29_000)),
            ("29.00", Some(2900), Some(29), Some(29_000)),
            ("29,00", Some(2900), Some(29), Some(29_000)),
            ("29.5", Some(2950), None, Some(29_500)),
            ("$29", Some(2900), Some(29), Some(29_000)),
            ("29 usd", Some(2900), None, None),
            ("USD 29.00", Some(2900), None, None),
            ("29 kwd", None, None, Some(29_000)),
            ("29.125 kwd", None, None, Some(29_125)),
            ("1,200.00", Some(120_000), Some(1200), Some(1_200_000)),
            ("1.200,50", Some(120_050), None, Some(1_200_500)),
            ("1,200", Some(120_000), Some(1200), Some(1_200_000)),
            ("29 apples", None, None, None),
            ("2026-10", None, None, None),
            ("usd", None, None, None),
            ("1234567890123456", None, None, None),
        ] {
            let read = |currency| Amount::of(text).and_then(|amount| amount.minor_in(currency));
            assert_eq!((read(usd), read(jpy), read(kwd)), (in_usd, in_jpy, in_kwd), "{text}");
        }
    }

    #[test]
    fn last_digits_are_told_from_numbers() {
        for (text, last4) in [
            ("4242", Some("4242")),
            ("**** 4242", Some("4242")),
            ("•••• 4242", Some("4242")),
            ("14242", None),
            ("424", None),
            ("äöü4", None),
        ] {
            assert_eq!(last4_of(text), last4, "{text}");
        }
    }

    #[test]
    fn a_pasted_link_is_its_id() {
        assert_eq!(plain(" https://dashboard.stripe.com/test/customers/cus_1?x=y "), "cus_1");
        assert_eq!(plain(" in_1 "), "in_1");
        assert_eq!(kinds_of("in_1").collect::<Vec<_>>(), [ObjectKind::Invoice]);
        assert_eq!(kinds_of("inpay_1").collect::<Vec<_>>(), [ObjectKind::InvoicePayment]);
    }
}
