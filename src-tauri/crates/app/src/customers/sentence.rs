//! A customer's standing in plain language: what a person says on the phone, in the order in which they are asked.

use countersign_domain::Instant;
use countersign_domain::money::Money;
use countersign_domain::zones::Zone;

use super::{CustomerRow, Known};
use crate::invoices::InvoiceRow;
use crate::subscriptions::SubscriptionRow;

/// Writes the sentence.
pub(super) fn of(known: &Known, zone: &Zone, now: Instant) -> String {
    let main = known.subscriptions.iter().find(|one| one.status == known.row.status).or(known.subscriptions.first());
    let open = known.invoices.iter().filter(|one| one.status == "open" && one.remaining.minor.0 > 0);
    Facts { row: &known.row, main, open: open.collect(), zone, now }.sentence()
}

/// What the sentence is made of.
struct Facts<'a> {
    row: &'a CustomerRow,
    main: Option<&'a SubscriptionRow>,
    /// Unpaid invoices, newest first.
    open: Vec<&'a InvoiceRow>,
    zone: &'a Zone,
    now: Instant,
}

impl Facts<'_> {
    fn sentence(&self) -> String {
        let mut parts = vec![self.standing()];
        if self.row.is_deleted {
            parts.insert(0, "Deleted at Stripe; the history is kept here.".to_owned());
        }
        parts.extend(self.unpaid().or_else(|| self.last_payment()));
        parts.push(self.database());
        parts.join(" ")
    }

    fn day(&self, at: Instant) -> String {
        self.zone.date_of(at).strftime("%-d %B %Y").to_string()
    }

    fn plan(&self) -> String {
        let plan = self.main.map(|main| main.plan.as_str()).filter(|plan| !plan.is_empty()).unwrap_or("A subscription");
        match self.main.map(|main| main.interval.as_str()).filter(|interval| !interval.is_empty()) {
            Some(interval) => format!("{plan} {interval}"),
            None => plan.to_owned(),
        }
    }

    /// Says what they have and what comes next.
    fn standing(&self) -> String {
        let Some(main) = self.main else { return "No subscription.".to_owned() };
        let plan = self.plan();
        let since = self.day(main.started_at);
        let on =
            |at: Option<Instant>| at.map(|at| self.day(at)).unwrap_or_else(|| "a day that is not known".to_owned());
        match main.status.as_str() {
            "trialing" if main.is_cancelling => format!("On trial of {plan}; it ends on {}.", on(main.ends_at)),
            "trialing" => format!("On trial of {plan} until {}; the first charge comes then.", on(main.trial_end_at)),
            "canceled" => format!("{plan} ended on {}.", on(main.ends_at)),
            "incomplete" => format!("{plan} has not begun: the first payment has not gone through."),
            "incomplete_expired" => format!("{plan} never began: the first payment did not go through."),
            "paused" => format!("{plan}, paused."),
            status => {
                let word = status.replace('_', " ");
                let next = match (main.is_cancelling, main.period_end_at) {
                    (true, _) => format!("; it ends on {}", on(main.ends_at)),
                    (false, Some(end)) if status == "active" => format!("; renews on {}", self.day(end)),
                    _ => String::new(),
                };
                format!("{plan}, {word}, since {since}{next}.")
            }
        }
    }

    /// Says what is owed, how often it was tried and why it failed; nothing where nothing is owed.
    fn unpaid(&self) -> Option<String> {
        let oldest = self.open.last()?;
        let amount = oldest.remaining;
        let times = match oldest.attempts {
            0 => return Some(format!("{amount} is open since {}.{}", self.day(oldest.created_at), self.others())),
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            times => format!("{times} times"),
        };
        let last = self.row.last_payment.as_ref().filter(|last| last.status == "failed");
        let reason = last.and_then(|last| last.reason.as_ref()).map(|reason| format!(": {reason}")).unwrap_or_default();
        let next = match oldest.next_attempt_at {
            Some(at) if at > self.now => format!("the next try is on {}", self.day(at)),
            _ => "no further try is planned".to_owned(),
        };
        let since = self.day(oldest.created_at);
        Some(format!("{amount} of {since} failed {times}{reason}; {next}.{}", self.others()))
    }

    fn others(&self) -> String {
        match self.open.len() {
            0 | 1 => String::new(),
            2 => " One more invoice is open.".to_owned(),
            count => format!(" {} more invoices are open.", count - 1),
        }
    }

    fn last_payment(&self) -> Option<String> {
        let last = self.row.last_payment.as_ref()?;
        let (money, day): (Money, String) = (last.money, self.day(last.at));
        Some(match (last.status.as_str(), &last.reason) {
            ("succeeded", _) => format!("The last payment of {money} went through on {day}."),
            ("failed", Some(reason)) => format!("The last payment of {money} failed on {day}: {reason}."),
            ("failed", None) => format!("The last payment of {money} failed on {day}."),
            _ => format!("A payment of {money} is under way since {day}."),
        })
    }

    fn database(&self) -> String {
        match self.row.database.as_str() {
            "equal" => "The database agrees.".to_owned(),
            "missing" => "The database does not know this customer.".to_owned(),
            "other_provider" => {
                "The database grants a plan without a subscription at Stripe: perhaps paid through another provider."
                    .to_owned()
            }
            "not_connected" => "The database is not connected.".to_owned(),
            _ => match self.main.and_then(|main| main.database_status.as_deref()) {
                Some(word) if self.main.is_some_and(|main| main.verdict == "differs") => {
                    format!("The database says {}: they differ.", word.replace('_', " "))
                }
                None if self.main.is_some_and(|main| main.verdict == "missing") => {
                    "The database has no row for the subscription.".to_owned()
                }
                _ => "The database differs for one of the subscriptions.".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::money::Currency;

    use super::super::PaymentBrief;
    use super::*;
    use crate::masking;

    fn at(text: &str) -> Instant {
        format!("{text}T12:00:00Z").parse().unwrap()
    }

    fn money(minor: i64) -> Money {
        Money::new(minor, Currency::parse("usd").unwrap())
    }

    fn row(status: &str, database: &str) -> CustomerRow {
        CustomerRow {
            id: "cus_1".into(),
            name: masking::nothing(),
            email: masking::nothing(),
            plan: "Pro".to_owned(),
            status: status.to_owned(),
            mrr: vec![money(2900)],
            since: None,
            last_payment: None,
            renews_at: None,
            trial_end_at: None,
            open_balance: Vec::new(),
            country: None,
            database: database.to_owned(),
            is_deleted: false,
        }
    }

    fn subscription(status: &str) -> SubscriptionRow {
        SubscriptionRow {
            id: "sub_1".into(),
            customer: "cus_1".into(),
            name: masking::nothing(),
            status: status.to_owned(),
            database_status: Some("active".to_owned()),
            verdict: if status == "active" { "equal" } else { "differs" }.to_owned(),
            plan: "Pro".to_owned(),
            interval: "monthly".to_owned(),
            quantity: "1".to_owned(),
            mrr: money(2900),
            period_start_at: None,
            period_end_at: Some(at("2026-07-03")),
            trial_end_at: Some(at("2026-06-20")),
            ends_at: None,
            is_cancelling: false,
            started_at: at("2026-01-03"),
        }
    }

    fn invoice() -> InvoiceRow {
        InvoiceRow {
            id: "in_1".into(),
            number: None,
            customer: None,
            name: masking::nothing(),
            status: "open".to_owned(),
            database_status: None,
            verdict: "not_expected".to_owned(),
            total: money(2900),
            tax: money(0),
            paid: money(0),
            remaining: money(2900),
            created_at: at("2026-06-03"),
            due_at: None,
            paid_at: None,
            attempts: 2,
            next_attempt_at: Some(at("2026-06-09")),
            reason: String::new(),
        }
    }

    fn said(row: &CustomerRow, main: Option<&SubscriptionRow>, open: &[InvoiceRow]) -> String {
        let open = open.iter().collect();
        Facts { row, main, open, zone: &Zone::utc(), now: at("2026-06-05") }.sentence()
    }

    #[test]
    fn a_late_payment_is_told_with_its_reason_and_the_next_try() {
        let failed = PaymentBrief {
            money: money(2900),
            at: at("2026-06-05"),
            status: "failed".to_owned(),
            reason: Some("insufficient funds".to_owned()),
        };
        let row = CustomerRow { last_payment: Some(failed), ..row("past_due", "differs") };
        assert_eq!(
            said(&row, Some(&subscription("past_due")), &[invoice()]),
            "Pro monthly, past due, since 3 January 2026. 29.00 USD of 3 June 2026 failed twice: insufficient funds; \
             the next try is on 9 June 2026. The database says active: they differ."
        );
        assert!(
            said(&row, Some(&subscription("past_due")), &[invoice(), invoice()]).contains("One more invoice is open.")
        );
    }

    #[test]
    fn every_standing_has_its_sentence() {
        let of = |status: &str| said(&row(status, "equal"), Some(&subscription(status)), &[]);
        assert_eq!(
            of("active"),
            "Pro monthly, active, since 3 January 2026; renews on 3 July 2026. The database agrees."
        );
        assert!(of("trialing").starts_with("On trial of Pro monthly until 20 June 2026; the first charge comes then."));
        assert!(of("canceled").starts_with("Pro monthly ended on a day that is not known."));
        assert_eq!(
            said(&row("none", "missing"), None, &[]),
            "No subscription. The database does not know this customer."
        );
        let gone = CustomerRow { is_deleted: true, ..row("none", "not_connected") };
        assert!(said(&gone, None, &[]).starts_with("Deleted at Stripe; the history is kept here."));
    }
}
