//! Why a payment was refused, in words for the person who calls: what happened, and what the customer can do.
//!
//! The bank's reason comes first, then Stripe's own, then the error's code. A code that is not in the table is shown as it
//! came: a guess would be told to a customer.

use countersign_domain::stripe::Charge;
use countersign_domain::stripe::charge::{ChargeStatus, OutcomeType};

/// Codes with what happened and what helps; an empty second part when nothing the customer does would help.
///
/// **Source**: docs.stripe.com/declines/codes and docs.stripe.com/error-codes; own words.
const REASONS: &[(&str, &str, &str)] = &[
    ("approve_with_id", "the bank wants to be asked again", "the payment can be tried again"),
    ("authentication_required", "the bank wants the customer to confirm", "the customer must confirm the payment"),
    ("bank_account_closed", "the bank account is closed", "the customer needs another way to pay"),
    ("blocked", "blocked by the account's fraud rules", ""),
    ("call_issuer", "the bank declined without a reason", "the customer should call the bank"),
    ("card_declined", "the bank declined the card", "the customer should call the bank or use another card"),
    ("card_not_supported", "the card does not allow this kind of purchase", "the customer should use another card"),
    ("card_velocity_exceeded", "the card is over its limit", "the customer should call the bank or use another card"),
    ("currency_not_supported", "the card does not take this currency", "the customer should use another card"),
    ("debit_not_authorized", "the customer told the bank that they had not agreed", ""),
    ("do_not_honor", "the bank declined without a reason", "the customer should call the bank"),
    ("do_not_try_again", "the bank declined for good", "the customer should use another card"),
    ("duplicate_transaction", "the same amount was charged a moment before", "see whether that payment went through"),
    ("elevated_risk_level", "held back as risky", ""),
    ("expired_card", "the card has expired", "the customer should enter a new card"),
    ("fraudulent", "the bank or Stripe suspects fraud", "tell the customer only that the bank declined"),
    ("generic_decline", "the bank declined without a reason", "the customer should call the bank or use another card"),
    ("highest_risk_level", "blocked as too risky", ""),
    ("incorrect_address", "the address is wrong", "the customer should enter it again"),
    ("incorrect_cvc", "the security code is wrong", "the customer should enter the card again"),
    ("incorrect_number", "the card number is wrong", "the customer should enter the card again"),
    ("incorrect_zip", "the postal code is wrong", "the customer should enter it again"),
    ("insufficient_funds", "insufficient funds", "the customer should use another card or wait for the next try"),
    ("invalid_account", "the card or its account is not valid", "the customer should call the bank"),
    ("invalid_cvc", "the security code is wrong", "the customer should enter the card again"),
    ("invalid_expiry_month", "the month of expiry is wrong", "the customer should enter the card again"),
    ("invalid_expiry_year", "the year of expiry is wrong", "the customer should enter the card again"),
    ("invalid_number", "the card number is wrong", "the customer should enter the card again"),
    ("issuer_not_available", "the bank could not be reached", "the payment can be tried again"),
    ("lost_card", "the card was reported lost", "tell the customer only that the bank declined"),
    ("merchant_blacklist", "blocked by a list of the account", ""),
    ("new_account_information_available", "the bank has a newer card", "the customer should enter the new card"),
    ("no_action_taken", "the bank declined without a reason", "the customer should call the bank"),
    ("not_permitted", "the card does not allow this payment", "the customer should call the bank"),
    ("pickup_card", "the card may not be used any more", "the customer should call the bank"),
    ("processing_error", "the bank made an error", "the payment can be tried again"),
    ("reenter_transaction", "the bank made an error", "the payment can be tried again"),
    ("restricted_card", "the card may not be used any more", "the customer should call the bank"),
    ("revocation_of_all_authorizations", "the customer stopped all payments by this card", ""),
    ("revocation_of_authorization", "the customer stopped this payment at the bank", ""),
    ("rule", "blocked by a rule of the account", ""),
    ("security_violation", "the bank declined without a reason", "the customer should call the bank"),
    ("service_not_allowed", "the bank declined without a reason", "the customer should call the bank"),
    ("stolen_card", "the card was reported stolen", "tell the customer only that the bank declined"),
    ("stop_payment_order", "the customer stopped this payment at the bank", "the customer should call the bank"),
    ("test_mode_decline", "a test card that always declines", ""),
    ("transaction_not_allowed", "the card does not allow this payment", "the customer should call the bank"),
    ("try_again_later", "the bank declined for now", "the payment can be tried again"),
    ("withdrawal_count_limit_exceeded", "the card is over its limit", "the customer should use another card"),
];

/// Longest code that is shown. **Units**: characters.
const CODE_CHARS_MAX: usize = 60;

/// Gives why an attempt failed, in words; `None` for one that did not.
#[must_use]
pub fn reason(charge: &Charge) -> Option<String> {
    let (what, _) = found(charge)?;
    Some(what)
}

/// Gives why an attempt failed and what helps, as one line; `None` for one that did not fail.
#[must_use]
pub fn advice(charge: &Charge) -> Option<String> {
    let (what, helps) = found(charge)?;
    Some(if helps.is_empty() { what } else { format!("{what}; {helps}") })
}

fn found(charge: &Charge) -> Option<(String, &'static str)> {
    if charge.status != ChargeStatus::Failed {
        return None;
    }
    let blocked = match charge.outcome_type {
        Some(OutcomeType::Blocked) => Some("blocked"),
        _ => None,
    };
    let codes = [charge.outcome_reason.as_deref(), charge.failure_code.as_deref(), blocked];
    let known = |code: &&str| REASONS.binary_search_by(|(known, ..)| known.cmp(code)).ok();
    let entry = codes.iter().flatten().find_map(known).and_then(|at| REASONS.get(at));
    Some(match entry {
        Some((_, what, helps)) => ((*what).to_owned(), *helps),
        None => (codes.into_iter().flatten().next().map_or_else(|| "no reason given".to_owned(), raw), ""),
    })
}

/// Shows an unknown code as it came, but as a code: nothing else of a server's text.
fn raw(code: &str) -> String {
    let is_word = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    code.chars().filter(is_word).take(CODE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use countersign_domain::Instant;
    use countersign_domain::money::{Currency, Minor};

    use super::*;

    fn charge(status: ChargeStatus, reason: Option<&str>, code: Option<&str>) -> Charge {
        Charge {
            id: "ch_1".into(),
            customer: None,
            payment_intent: None,
            status,
            currency: Currency::parse("usd").unwrap(),
            amount: Minor(100),
            amount_captured: Minor(0),
            amount_refunded: Minor(0),
            is_captured: false,
            is_disputed: false,
            failure_code: code.map(str::to_owned),
            outcome_type: None,
            outcome_reason: reason.map(str::to_owned),
            card_brand: None,
            card_last4: None,
            created_at: Instant::default(),
        }
    }

    #[test]
    fn the_table_is_sorted_because_it_is_searched() {
        assert!(REASONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn the_most_telling_code_is_said_in_words() {
        let failed = |reason, code| super::reason(&charge(ChargeStatus::Failed, reason, code)).unwrap();
        assert_eq!(failed(Some("insufficient_funds"), Some("card_declined")), "insufficient funds");
        assert_eq!(failed(Some("new_in_2027"), Some("expired_card")), "the card has expired");
        assert_eq!(failed(Some("new_in_2027"), None), "new_in_2027", "an unknown code is not guessed at");
        assert_eq!(failed(Some("<b>\u{1b}x"), None), "bx");
        assert_eq!(failed(None, None), "no reason given");
        assert_eq!(super::reason(&charge(ChargeStatus::Succeeded, Some("insufficient_funds"), None)), None);
        let stolen = advice(&charge(ChargeStatus::Failed, Some("stolen_card"), None)).unwrap();
        assert!(stolen.ends_with("tell the customer only that the bank declined"), "{stolen}");
    }
}
