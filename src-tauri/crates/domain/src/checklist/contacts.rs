//! Contact cards: who to reach, how, and whether that was ever tried.
//!
//! Separate because a card is filled in once and read in an emergency. Deliberately absent: sending anything.

use serde::{Deserialize, Serialize};

use super::row::Row;
use crate::Instant;

/// How long a test of a card counts. **Units**: days.
pub const TESTED_DAYS_MAX: i64 = 90;

/// A filled-in card. **Shape**: texts are empty where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields, default)]
pub struct Card {
    /// Who.
    pub person: String,
    /// Telephone number.
    pub phone: String,
    /// Mail address.
    pub mail: String,
    /// Chat handle or channel.
    pub chat: String,
    /// When they can be reached, with the time zone.
    pub hours: String,
    /// Who stands in.
    pub backup: String,
    /// After how long the next one is called. **Units**: minutes, 0 when nobody is.
    #[serde(with = "crate::text_number")]
    #[ts(type = "string")]
    pub escalate_after_minutes: u32,
    /// When somebody last tried it.
    pub tested_at: Option<Instant>,
    /// Anything else: support level, where a PIN is kept.
    pub note: String,
}

/// Lists what a card lacks; empty when it is complete.
///
/// **Shape**: a vendor whose address the template gives needs no card. Everybody else needs a person, one way to reach
/// them, their hours, and a test within [`TESTED_DAYS_MAX`]; without `now` a test of any age counts.
#[must_use]
pub fn missing(row: &Row, card: Option<&Card>, now: Option<Instant>) -> Vec<&'static str> {
    // An address alone reaches a vendor; a person's address among other things still wants a card.
    let is_address = row.given.contains("://") || row.given.contains('@');
    if is_address && !row.given.trim().contains(char::is_whitespace) {
        return Vec::new();
    }
    let empty = Card::default();
    let card = card.unwrap_or(&empty);
    let unreachable = [&card.phone, &card.mail, &card.chat].iter().all(|way| way.trim().is_empty());
    let recent = |at: Instant| now.is_none_or(|now| now.signed_duration_since(at).num_days() <= TESTED_DAYS_MAX);
    let tested = card.tested_at.is_some_and(recent);
    [
        (card.person.trim().is_empty(), "the person"),
        (unreachable, "a way to reach them"),
        (card.hours.trim().is_empty(), "their hours"),
        (!tested, "a test within 90 days"),
    ]
    .into_iter()
    .filter_map(|(lacks, what)| lacks.then_some(what))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::row::{Kind, Shape};
    use super::*;

    #[test]
    fn a_person_needs_a_tested_card_and_a_vendor_with_an_address_none() {
        let now: Option<Instant> = Some("2026-06-01T00:00:00Z".parse().unwrap());
        let mut row = Row::of_text(1, Vec::new(), "Primary".to_owned(), Shape::Contact, Kind::Contact);
        row.given = "DevOps Team Lead".to_owned();
        assert_eq!(missing(&row, None, now).len(), 4);
        let text = |text: &str| text.to_owned();
        let mut card = Card { person: text("Bo"), chat: text("@bo"), hours: text("9-17 UTC"), ..Card::default() };
        assert_eq!(missing(&row, Some(&card), now), ["a test within 90 days"]);
        card.tested_at = Some("2026-03-03T00:00:00Z".parse().unwrap());
        assert_eq!(missing(&row, Some(&card), now), [""; 0]);
        card.tested_at = Some("2026-03-02T00:00:00Z".parse().unwrap());
        assert_eq!(missing(&row, Some(&card), now), ["a test within 90 days"]);
        row.given = "support@stripe.com".to_owned();
        assert_eq!(missing(&row, None, now), [""; 0]);
    }
}
