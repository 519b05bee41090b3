//! Stripe and the billing database side by side, field by field, each with its tolerance.
//!
//! What differs is told and explained, never judged away: a tolerance and a known habit of the application stand in the
//! note. Without a connection, or where the application keeps no row, nothing is said to be missing.

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::billing::{BillingCustomer, BillingInvoice, BillingSubscription};
use countersign_domain::ids::UserId;
use countersign_domain::money::{Currency, Minor, Money};
use countersign_domain::stripe::invoice::InvoiceStatus;
use countersign_domain::stripe::subscription::SubscriptionStatus;
use countersign_domain::stripe::{Invoice, Subscription};

use crate::customers::ComparedField;
use crate::masking;

/// Difference of two copies of one instant that is no difference. **Units**: seconds.
const COPIED_SECONDS: i64 = 60;
/// How long after Stripe the application may have handled an event: Stripe goes on delivering for about three days.
/// **Units**: days.
const HANDLED_DAYS: i64 = 4;
/// How long a new subscription may be unconfirmed in the database. **Units**: minutes.
const UNCONFIRMED_MINUTES: i64 = 10;

/// What the database holds about a record.
enum Side<'a, T> {
    NotConnected,
    NoRow,
    Row(&'a T),
}

impl<'a, T> Side<'a, T> {
    /// Takes the row that fits best, else the first.
    fn of(rows: Option<&'a [T]>, fits: impl Fn(&&T) -> bool) -> Self {
        match rows {
            None => Self::NotConnected,
            Some(rows) => rows.iter().find(fits).or(rows.first()).map_or(Self::NoRow, Self::Row),
        }
    }
}

/// The fields of one record, as they are put together.
struct Sheet<'a, T> {
    record: &'a str,
    side: Side<'a, T>,
    /// Why a row that is not there is not missing, where it is so.
    unexpected: Option<&'static str>,
    fields: Vec<ComparedField>,
}

impl<T> Sheet<'_, T> {
    /// Adds a field: its value in Stripe, what the row says and whether that is equal; `None` is not compared.
    fn field(&mut self, field: &str, stripe: String, read: impl Fn(&T) -> (String, Option<bool>), note: &str) {
        let (database, verdict, note) = match &self.side {
            Side::NotConnected => (String::new(), "not_compared", "The database is not connected or was not read yet."),
            Side::NoRow => match self.unexpected {
                Some(why) => (String::new(), "not_compared", why),
                None => (String::new(), "missing", ""),
            },
            Side::Row(row) => match read(row) {
                (text, Some(true)) => (text, "equal", note),
                (text, Some(false)) => (text, "differs", note),
                (text, None) => (text, "not_compared", note),
            },
        };
        self.fields.push(ComparedField {
            record: self.record.to_owned(),
            field: field.to_owned(),
            stripe,
            database,
            verdict: verdict.to_owned(),
            note: note.to_owned(),
        });
    }

    /// Says that there is more than one row, where there is.
    fn counted(&mut self, rows: Option<&[T]>) {
        let count = rows.map_or(0, <[T]>::len);
        if count > 1 {
            let note = "One record at Stripe has one row; of several the one that fits best is compared.";
            self.field("Rows", "1".to_owned(), |_| (count.to_string(), Some(false)), note);
        }
    }
}

/// Compares a subscription with its rows; `None` for no rows to compare with.
#[must_use]
pub fn subscription(stripe: &Subscription, rows: Option<&[BillingSubscription]>, now: Instant) -> Vec<ComparedField> {
    let side = Side::of(rows, |row| row.status == stripe.status.as_str());
    let mut sheet = Sheet { record: stripe.id.as_str(), side, unexpected: None, fields: Vec::new() };
    let is_equal = |row: &BillingSubscription| (row.status.clone(), Some(is_same_status(stripe, &row.status, now)));
    sheet.field("Status", stripe.status.to_string(), is_equal, "");
    if matches!(sheet.side, Side::NoRow) {
        return sheet.fields;
    }
    let prices: Vec<&str> = stripe.items.iter().map(|item| item.price.as_str()).collect();
    let same_price = |row: &BillingSubscription| match &row.stripe_price {
        Some(price) => (price.clone(), Some(prices.contains(&price.as_str()))),
        None => (String::new(), None),
    };
    sheet.field("Price", prices.join(", "), same_price, "The application may not follow a change of the price.");
    let starts = one_of(stripe.items.iter().map(|item| item.current_period_start_at));
    let ends = one_of(stripe.items.iter().map(|item| item.current_period_end_at));
    let copied = |at: Option<Instant>, of: fn(&BillingSubscription) -> Option<Instant>| {
        move |row: &BillingSubscription| (written(of(row)), at.map(|_| is_close(at, of(row), seconds())))
    };
    let note = format!("{COPIED_SECONDS} s are allowed.");
    sheet.field("Period from", written(starts), copied(starts, |row| row.period_start_at), &note);
    sheet.field("Period until", written(ends), copied(ends, |row| row.period_end_at), &note);
    if stripe.trial_end_at.is_some() {
        let note = format!("{note} The application may not follow a change of the trial.");
        sheet.field(
            "Trial until",
            written(stripe.trial_end_at),
            copied(stripe.trial_end_at, |row| row.trial_end_at),
            &note,
        );
    }
    let cancels = stripe.cancels_at_period_end;
    let same_end =
        |row: &BillingSubscription| (yes(row.cancels_at_period_end), Some(row.cancels_at_period_end == cancels));
    sheet.field("Ends with the period", yes(cancels), same_end, "");
    let is_cancelled = |row: &BillingSubscription| row.canceled_at.is_some();
    if stripe.canceled_at.is_some() || matches!(&sheet.side, Side::Row(row) if is_cancelled(row)) {
        // Only an ended subscription is cancelled in the database's sense.
        let expected = stripe.ended_at.or(stripe.canceled_at);
        let handled = |row: &BillingSubscription| {
            let is_equal =
                is_close(expected, row.canceled_at, days()) || is_close(stripe.canceled_at, row.canceled_at, days());
            (written(row.canceled_at), Some(is_equal || row.canceled_at.is_none() && stripe.ended_at.is_none()))
        };
        let note = format!("The database keeps when it handled the end; {HANDLED_DAYS} days are allowed.");
        sheet.field("Cancelled", written(expected), handled, &note);
    }
    if matches!(&sheet.side, Side::Row(row) if row.plan.is_some()) {
        let plan = |row: &BillingSubscription| (row.plan.clone().unwrap_or_default(), None);
        sheet.field("Plan word", String::new(), plan, "Stripe has no such field.");
    }
    sheet.counted(rows);
    sheet.fields
}

/// Says whether a row's status is what Stripe's becomes in the database.
fn is_same_status(stripe: &Subscription, word: &str, now: Instant) -> bool {
    let is_young = stripe.created_at.is_some_and(|at| now < at + TimeDelta::minutes(UNCONFIRMED_MINUTES));
    match word {
        "PENDING" | "CREATED" => stripe.status == SubscriptionStatus::Incomplete || is_young,
        word => word == stripe.status.as_str(),
    }
}

/// Compares an invoice with its rows; `None` for no rows to compare with.
///
/// **Shape**: the application records an invoice when it was paid; one that was not needs no row.
#[must_use]
pub fn invoice(stripe: &Invoice, rows: Option<&[BillingInvoice]>, verdict: &str) -> Vec<ComparedField> {
    let side = Side::of(rows, |row| {
        row.status == stripe.status.as_str() && row.amount_paid.is_none_or(|paid| paid == stripe.amount_paid)
    });
    let unexpected = (verdict != "missing").then_some(match stripe.status {
        InvoiceStatus::Paid => "Paid a moment ago; the row may still come.",
        _ => "The application records paid invoices only.",
    });
    let mut sheet = Sheet { record: stripe.id.as_str(), side, unexpected, fields: Vec::new() };
    let same_status = |row: &BillingInvoice| (row.status.clone(), Some(row.status == stripe.status.as_str()));
    sheet.field("Status", stripe.status.to_string(), same_status, "");
    let amount = |minor: Minor| Money { minor, currency: stripe.currency }.to_string();
    let money = |minor: Minor, of: fn(&BillingInvoice) -> Option<Minor>| {
        move |row: &BillingInvoice| {
            let text = of(row).map_or_else(String::new, |minor| in_currency(minor, row.currency));
            (text, of(row).map(|found| found == minor))
        }
    };
    let note = match &sheet.side {
        Side::Row(row) if row.is_inexact => "The database stores a fraction of a minor unit here.",
        _ => "",
    };
    sheet.field("Due", amount(stripe.amount_due), money(stripe.amount_due, |row| row.amount_due), note);
    sheet.field("Paid", amount(stripe.amount_paid), money(stripe.amount_paid, |row| row.amount_paid), note);
    let currency = |row: &BillingInvoice| match row.currency {
        Some(currency) => (currency.iso(), Some(currency == stripe.currency)),
        None => (String::new(), None),
    };
    sheet.field("Currency", stripe.currency.iso(), currency, "");
    if stripe.paid_at.is_some() {
        let handled = |row: &BillingInvoice| {
            (written(row.paid_at), row.paid_at.map(|_| is_close(stripe.paid_at, row.paid_at, days())))
        };
        let note = format!("The database may keep when it handled the payment; {HANDLED_DAYS} days are allowed.");
        sheet.field("Paid at", written(stripe.paid_at), handled, &note);
    }
    sheet.counted(rows);
    sheet.fields
}

/// Compares who a customer is in the application, and what it grants them.
#[must_use]
pub fn customer(
    id: &str,
    user: Option<&UserId>,
    is_paying: bool,
    rows: Option<&[BillingCustomer]>,
) -> Vec<ComparedField> {
    let side = Side::of(rows, |row| user.is_none_or(|user| *user == row.user));
    let mut sheet = Sheet { record: id, side, unexpected: None, fields: Vec::new() };
    let shown = |user: &UserId| masking::user_text(user.as_str());
    let same_user = |row: &BillingCustomer| (shown(&row.user), user.map(|user| *user == row.user));
    sheet.field("User", user.map(shown).unwrap_or_default(), same_user, "Stripe's side is the customer's metadata.");
    if matches!(&sheet.side, Side::Row(row) if row.plan.is_some()) {
        let granted = |row: &BillingCustomer| {
            let plan = row.plan.clone().unwrap_or_default();
            let is_free = plan.eq_ignore_ascii_case("free");
            // A plan without a subscription at Stripe may be paid through another provider: no fault by itself.
            let is_equal = if is_paying { Some(!is_free) } else { is_free.then_some(true) };
            (plan, is_equal)
        };
        let note = if is_paying { "" } else { "Another provider, a trial or a person may have granted it." };
        let stripe = if is_paying { "paying" } else { "not paying" };
        sheet.field("Plan granted", stripe.to_owned(), granted, note);
    }
    sheet.counted(rows);
    sheet.fields
}

/// Gives the one value all have; `None` where they disagree.
fn one_of(mut values: impl Iterator<Item = Option<Instant>>) -> Option<Instant> {
    let first = values.next().flatten()?;
    values.all(|value| value == Some(first)).then_some(first)
}

fn is_close(one: Option<Instant>, two: Option<Instant>, tolerance: TimeDelta) -> bool {
    match (one, two) {
        (Some(one), Some(two)) => (one - two).abs() <= tolerance,
        (None, None) => true,
        _ => false,
    }
}

fn seconds() -> TimeDelta {
    TimeDelta::seconds(COPIED_SECONDS)
}

fn days() -> TimeDelta {
    TimeDelta::days(HANDLED_DAYS)
}

fn written(at: Option<Instant>) -> String {
    at.map(|at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default()
}

fn in_currency(minor: Minor, currency: Option<Currency>) -> String {
    match currency {
        Some(currency) => Money { minor, currency }.to_string(),
        None => format!("{} (no currency)", minor.0),
    }
}

fn yes(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    use countersign_domain::stripe::SubscriptionItem;

    use super::*;

    fn at(hour: i64) -> Instant {
        Instant::from_timestamp(1_800_000_000 + hour * 3_600, 0).unwrap()
    }

    fn stripe(status: SubscriptionStatus) -> Subscription {
        let item = SubscriptionItem {
            id: "si_1".into(),
            price: "price_1".into(),
            embedded: None,
            quantity: None,
            current_period_start_at: Some(at(0)),
            current_period_end_at: Some(at(720)),
            discounts: Vec::new(),
            tax_rates: Vec::new(),
            trial_end_at: None,
            created_at: None,
        };
        Subscription {
            id: "sub_1".into(),
            customer: "cus_1".into(),
            status,
            currency: Currency::parse("usd").unwrap(),
            created_at: Some(at(0)),
            start_at: at(0),
            billing_cycle_anchor_at: None,
            cancel_at: None,
            cancels_at_period_end: false,
            canceled_at: None,
            ended_at: None,
            cancellation_reason: None,
            trial_start_at: None,
            trial_end_at: None,
            pause_collection: None,
            paused_since: None,
            discounts: Vec::new(),
            items: vec![item],
            default_tax_rates: Vec::new(),
            latest_invoice: None,
            collection_method: None,
            has_automatic_tax: false,
            metadata: Default::default(),
        }
    }

    fn row(status: &str) -> BillingSubscription {
        BillingSubscription {
            row_id: "1".to_owned(),
            user: "user_1".into(),
            stripe_subscription: Some("sub_1".to_owned()),
            stripe_price: Some("price_1".to_owned()),
            status: status.to_owned(),
            period_start_at: Some(at(0) + TimeDelta::seconds(59)),
            period_end_at: Some(at(720)),
            trial_end_at: None,
            cancels_at_period_end: false,
            canceled_at: None,
            plan: None,
            created_at: None,
            updated_at: None,
        }
    }

    fn verdicts(fields: &[ComparedField]) -> Vec<(&str, &str)> {
        fields.iter().map(|field| (field.field.as_str(), field.verdict.as_str())).collect()
    }

    #[test]
    fn equal_rows_are_equal_within_their_tolerances() {
        let fields = subscription(&stripe(SubscriptionStatus::Active), Some(&[row("active")]), at(1));
        assert!(fields.len() >= 5 && fields.iter().all(|field| field.verdict == "equal"), "{:?}", verdicts(&fields));
        let late = BillingSubscription { period_end_at: Some(at(721)), ..row("past_due") };
        let fields = subscription(&stripe(SubscriptionStatus::Active), Some(&[late]), at(1));
        let differing: Vec<&str> =
            fields.iter().filter(|field| field.verdict == "differs").map(|field| field.field.as_str()).collect();
        assert_eq!(differing, ["Status", "Period until"]);
    }

    #[test]
    fn no_row_is_missing_only_where_one_is_expected() {
        let of = |rows| {
            verdicts(&subscription(&stripe(SubscriptionStatus::Active), rows, at(1)))
                .first()
                .copied()
                .map(|(_, verdict)| verdict.to_owned())
        };
        assert_eq!(of(None).as_deref(), Some("not_compared"), "nothing is missing in a database that was not read");
        assert_eq!(of(Some(&[])).as_deref(), Some("missing"));
    }

    #[test]
    fn words_of_the_module_are_understood() {
        let incomplete = stripe(SubscriptionStatus::Incomplete);
        let active = stripe(SubscriptionStatus::Active);
        assert!(is_same_status(&incomplete, "PENDING", at(100)));
        assert!(is_same_status(&active, "CREATED", at(0) + TimeDelta::minutes(9)));
        assert!(!is_same_status(&active, "CREATED", at(0) + TimeDelta::minutes(10)));
        assert!(!is_same_status(&active, "halted", at(100)), "an unknown word is never equal");
    }

    #[test]
    fn the_end_is_compared_with_when_it_was_handled() {
        let ended =
            Subscription { canceled_at: Some(at(0)), ended_at: Some(at(0)), ..stripe(SubscriptionStatus::Canceled) };
        let of = |hours: i64| {
            let row = BillingSubscription { canceled_at: Some(at(hours)), ..row("canceled") };
            let fields = subscription(&ended, Some(&[row]), at(2_000));
            fields.into_iter().find(|field| field.field == "Cancelled").map(|field| field.verdict)
        };
        assert_eq!((of(96).as_deref(), of(97).as_deref()), (Some("equal"), Some("differs")));
        let none = subscription(&ended, Some(&[row("canceled")]), at(2_000));
        assert!(verdicts(&none).contains(&("Cancelled", "differs")), "an ended one must have ended there too");
    }

    #[test]
    fn a_plan_without_a_subscription_is_no_fault_and_paying_for_none_is_one() {
        let link = |plan: &str| BillingCustomer {
            row_id: "1".to_owned(),
            user: "user_clx0a1b2c3d4".into(),
            stripe_customer: None,
            plan: Some(plan.to_owned()),
            created_at: None,
        };
        let of = |is_paying, plan| {
            let fields = customer("cus_1", None, is_paying, Some(&[link(plan)]));
            fields
                .into_iter()
                .find(|field| field.field == "Plan granted")
                .map(|field| field.verdict)
                .unwrap_or_default()
        };
        assert_eq!((of(true, "pro"), of(true, "FREE")), ("equal".to_owned(), "differs".to_owned()));
        assert_eq!((of(false, "pro"), of(false, "free")), ("not_compared".to_owned(), "equal".to_owned()));
        let twice = customer("cus_1", None, true, Some(&[link("pro"), link("pro")]));
        assert!(verdicts(&twice).contains(&("Rows", "differs")));
        assert!(twice.iter().all(|field| !field.database.contains("clx0a1b2c3d4")), "users are masked");
    }
}
