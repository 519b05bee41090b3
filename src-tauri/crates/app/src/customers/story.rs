//! What happened to a customer, newest first: from Stripe's records, its events, and the rows the application left.
//!
//! What should be there and is not is an entry of its own, a gap. Money given back has no date in what is read, so it
//! stands at its payment.

use countersign_domain::Instant;
use countersign_domain::money::Money;
use countersign_domain::stripe::charge::ChargeStatus;
use countersign_domain::stripe::{Charge, Subscription};
use countersign_domain::zones::Zone;
use countersign_store::mirror::events::EventRow;

use super::{Known, TimelineEntry};
use crate::declines;
use crate::invoices::InvoiceRow;
use crate::webhooks::lag_text;

/// Entries of one story; the newest stay.
const ENTRIES_MAX: usize = 400;

/// Tells everything that is known up to now, newest first.
pub(super) fn of(known: &Known, zone: &Zone, now: Instant) -> Vec<TimelineEntry> {
    let mut entries = Vec::new();
    for subscription in &known.stated {
        let shown = known.subscriptions.iter().find(|row| row.id == subscription.id);
        let plan = shown.map(|row| format!("{} {}", row.plan, row.interval)).unwrap_or_default();
        entries.extend(of_subscription(subscription, plan.trim()));
        if let Some(row) = shown.filter(|row| row.verdict == "missing") {
            let at = subscription.created_at.unwrap_or(subscription.start_at);
            let detail = format!("Stripe says {}; the database holds no row with this id.", words(&row.status));
            entries.push(Told { kind: "gap", tone: "fail", at, id: row.id.as_str() }.entry(
                "No row for the subscription",
                detail,
                subscription_route(row.id.as_str()),
            ));
        }
    }
    entries.extend(known.invoices.iter().flat_map(|invoice| of_invoice(invoice, zone)));
    entries.extend(known.charges.iter().flat_map(of_charge));
    // What nobody asks for and nobody expects is told by the records themselves.
    let is_told = |event: &&EventRow| event.delivery != "not_subscribed" || known.expected.contains(&event.kind);
    let events = known.events.iter().filter(is_told);
    entries.extend(events.map(|event| of_event(event, zone)));
    for link in known.links.iter().flatten() {
        if let Some(at) = link.created_at {
            let detail =
                link.plan.as_ref().map(|plan| format!("The application grants {plan} now.")).unwrap_or_default();
            entries.push(Told { kind: "row", tone: "ok", at, id: &link.row_id }.entry(
                "Linked to a user of the application",
                detail,
                None,
            ));
        }
    }
    // Of what is planned only the past has happened.
    entries.retain(|entry| entry.at <= now);
    entries.sort_by(|one, two| two.at.cmp(&one.at).then_with(|| one.kind.cmp(&two.kind)));
    entries.truncate(ENTRIES_MAX);
    entries
}

/// The head of an entry.
struct Told<'a> {
    kind: &'a str,
    tone: &'a str,
    at: Instant,
    id: &'a str,
}

impl Told<'_> {
    fn entry(&self, title: impl Into<String>, detail: impl Into<String>, route: Option<String>) -> TimelineEntry {
        TimelineEntry {
            at: self.at,
            kind: self.kind.to_owned(),
            tone: self.tone.to_owned(),
            title: title.into(),
            detail: detail.into(),
            id: self.id.to_owned(),
            route,
        }
    }
}

fn subscription_route(id: &str) -> Option<String> {
    Some(format!("/subscriptions/{id}"))
}

fn of_subscription(stripe: &Subscription, plan: &str) -> Vec<TimelineEntry> {
    let id = stripe.id.as_str();
    let plan = if plan.is_empty() { "a subscription" } else { plan };
    let entry = |at: Instant, tone: &str, title: String, detail: String| {
        Told { kind: "subscription", tone, at, id }.entry(title, detail, subscription_route(id))
    };
    let mut entries = vec![entry(stripe.start_at, "info", format!("Subscribed to {plan}"), String::new())];
    if let (Some(start), Some(end)) = (stripe.trial_start_at, stripe.trial_end_at) {
        entries.push(entry(start, "info", format!("Trial of {plan} began"), String::new()));
        if stripe.ended_at.is_none_or(|ended| ended > end) {
            entries.push(entry(end, "info", format!("Trial of {plan} ended"), String::new()));
        }
    }
    if let Some(at) = stripe.canceled_at.filter(|at| stripe.ended_at != Some(*at)) {
        entries.push(entry(at, "warn", format!("{plan} was cancelled"), String::new()));
    }
    if let Some(at) = stripe.ended_at {
        let why = stripe.cancellation_reason.as_ref().map(|why| words(why.as_str())).unwrap_or_default();
        entries.push(entry(at, "warn", format!("{plan} ended"), why));
    }
    if let Some(at) = stripe.paused_since {
        entries.push(entry(at, "warn", format!("Collecting for {plan} was paused"), String::new()));
    }
    entries
}

fn of_invoice(invoice: &InvoiceRow, zone: &Zone) -> Vec<TimelineEntry> {
    let id = invoice.id.as_str();
    let route = Some(format!("/invoices/{id}"));
    let number = invoice.number.as_deref().unwrap_or("draft");
    let told = |kind, tone, at| Told { kind, tone, at, id };
    let tone = if invoice.status == "uncollectible" { "fail" } else { "info" };
    let detail = format!("{}; {}, {}.", invoice.total, words(&invoice.status), invoice.reason);
    let mut entries =
        vec![told("invoice", tone, invoice.created_at).entry(format!("Invoice {number}"), detail, route.clone())];
    if invoice.verdict == "missing" {
        let at = invoice.paid_at.unwrap_or(invoice.created_at);
        let title = format!("No row for invoice {number}, paid on {}", zone.date_of(at).strftime("%-d %B"));
        let detail = format!("Stripe collected {}; the database holds no row with this id.", invoice.paid);
        entries.push(told("gap", "fail", at).entry(title, detail, route));
    }
    entries
}

fn of_charge(charge: &Charge) -> Vec<TimelineEntry> {
    let id = charge.id.as_str();
    let money = |minor| Money { minor, currency: charge.currency };
    let amount = money(charge.amount);
    let card = match (&charge.card_brand, &charge.card_last4) {
        (Some(brand), Some(last4)) => format!("{} …{last4}", capital(&words(brand))),
        (None, Some(last4)) => format!("Card …{last4}"),
        _ => String::new(),
    };
    let told = |kind, tone| Told { kind, tone, at: charge.created_at, id };
    let mut entries = vec![match &charge.status {
        ChargeStatus::Succeeded if !charge.is_captured => {
            told("payment", "info").entry(format!("{amount} authorised"), card, None)
        }
        ChargeStatus::Succeeded => told("payment", "ok").entry(format!("Paid {amount}"), card, None),
        ChargeStatus::Failed => {
            let advice = declines::advice(charge).unwrap_or_default();
            let detail = if card.is_empty() { format!("{advice}.") } else { format!("{card}: {advice}.") };
            told("payment", "fail").entry(format!("Payment of {amount} failed"), detail, None)
        }
        ChargeStatus::Pending => told("payment", "info").entry(format!("Payment of {amount} is under way"), card, None),
        ChargeStatus::Other(word) => {
            told("payment", "info").entry(format!("Payment of {amount}: {}", words(word)), card, None)
        }
    }];
    if charge.amount_refunded.0 > 0 {
        let title = format!("Refunded {}", money(charge.amount_refunded));
        let detail =
            format!("Of the payment of {}; the day of the refund was not read.", charge.created_at.format("%Y-%m-%d"));
        entries.push(told("refund", "warn").entry(title, detail, None));
    }
    if charge.is_disputed {
        entries.push(told("payment", "fail").entry(
            format!("Payment of {amount} is disputed"),
            "The customer's bank asks for it back.",
            None,
        ));
    }
    entries
}

fn of_event(event: &EventRow, zone: &Zone) -> TimelineEntry {
    let route = Some(format!("/webhooks/events/{}", event.id));
    let told = |kind, tone| Told { kind, tone, at: event.created_at, id: event.id.as_str() };
    let lag = event.database_row_at.map(|row| lag_text(row - event.created_at));
    let kind = &event.kind;
    match (event.delivery.as_str(), event.row.as_str()) {
        (_, "missing") => {
            let day = zone.date_of(event.created_at).strftime("%-d %B");
            let detail = "Stripe delivered the event; the application left no row, so handling it failed.";
            told("gap", "fail").entry(format!("No row for {kind}, {day}"), detail, route)
        }
        ("pending", _) => {
            let detail = format!("{} deliveries without a good answer.", event.pending);
            told("event", "warn").entry(format!("{kind} undelivered"), detail, route)
        }
        ("too_young", _) => told("event", "info").entry(format!("{kind} on its way"), "", route),
        ("not_subscribed", _) => told("event", "info").entry(kind.clone(), "No endpoint asks for it.", route),
        (_, "found") => {
            let detail = lag.map_or_else(|| "Row found.".to_owned(), |lag| format!("Row found after {lag}."));
            told("event", "ok").entry(format!("{kind} delivered"), detail, route)
        }
        (_, "duplicate") => {
            told("event", "warn").entry(format!("{kind} delivered"), "More than one row names it.", route)
        }
        _ => told("event", "ok").entry(format!("{kind} delivered"), "", route),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Writes a word of the wire as people read it.
fn words(word: &str) -> String {
    word.replace('_', " ")
}
