//! Payments that failed since the date before, each of which somebody has to dispose of.
//!
//! The next list goes on where this one ended: at the newest charge that is known, or where a long list was cut.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::checklist::dated::Disposition;
use countersign_domain::checklist::row::Row;
use countersign_domain::failure::Failure;
use countersign_domain::ids::CustomerId;
use countersign_domain::metrics::payments::{Payment, payments};
use countersign_domain::money::Money;
use countersign_domain::stripe::{Charge, ObjectKind};
use countersign_domain::workspace::Environment;
use countersign_domain::zones::Period;
use countersign_store::mirror::samples;
use countersign_store::mirror::sync::kinds::{self, KindState};
use serde::Serialize;
use ts_rs::TS;

use super::{SeenTable, WHAT, done_before};
use crate::app::App;
use crate::checklists::stories::Story;
use crate::figures::Ground;
use crate::{declines, mirror};

/// Most payments of one list; those after them are on the next.
const PAYMENTS_MAX: usize = 200;

/// Payments whose newest attempt failed in a stretch of time and that nobody has paid since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FailedList {
    /// From when on: where the list before ended, else the deployment.
    pub since: Instant,
    /// Up to when, this instant not included; `null` where it is not known what failed.
    pub until: Option<Instant>,
    /// The payments, that which failed first at the top.
    pub payments: Vec<FailedPayment>,
    /// How many more wait for the next list.
    pub left: u32,
    /// Why it is not known what failed; else empty.
    pub why: String,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FailedPayment {
    /// Its id: of the payment intent, else of the charge.
    pub record: String,
    /// Who was to pay.
    pub customer: Option<CustomerId>,
    /// How much.
    pub amount: Money,
    /// Why the newest attempt failed, and what helps.
    pub reason: String,
    /// When it failed last.
    pub failed_at: Instant,
    /// How often it was tried.
    pub attempts: u32,
    /// What was done about it before, where it was listed before.
    pub before: Option<Disposition>,
}

impl FailedList {
    /// Shows the list as a table.
    pub(super) fn table(&self) -> SeenTable {
        let minute = |at: Instant| at.format("%Y-%m-%d %H:%M UTC").to_string();
        let row = |payment: &FailedPayment| {
            let customer = payment.customer.as_ref().map_or("", |customer| customer.as_str()).to_owned();
            let (amount, tries) = (payment.amount.to_string(), payment.attempts.to_string());
            vec![payment.record.clone(), customer, amount, tries, minute(payment.failed_at), payment.reason.clone()]
        };
        let heads = ["Payment", "Customer", "Amount#", "Tries#", "Failed", "Why"];
        let since = minute(self.since);
        let note = match self.until {
            None => self.why.clone(),
            Some(until) if self.payments.is_empty() => format!("None from {since} to {}.", minute(until)),
            Some(until) => format!("From {since} to {}.", minute(until)),
        };
        let rows: Vec<_> = self.payments.iter().map(row).collect();
        SeenTable::whole("Payments that failed", &heads, rows).noted(note)
    }
}

/// Lists what failed since the date before of a line.
///
/// **Errors**: a mirror that cannot be read.
pub(super) async fn list(
    app: &App,
    story: &Story,
    row: &Row,
    environment: &Environment,
    ground: &Ground,
) -> Result<FailedList, Failure> {
    let reviewed = done_before(story, &row.id).and_then(|occasion| occasion.done.as_ref()?.reviewed.as_ref());
    let since = reviewed.map(|reviewed| reviewed.until).or(story.run.deployed_at());
    let since = since.unwrap_or_else(|| story.run.binding().started_at);
    let (fx, zone) = (ground.fx.clone(), ground.zone.clone());
    let read = mirror::read(app, environment, WHAT, move |conn, scope| {
        let kinds = kinds::all(conn, scope)?;
        let charges = kinds.iter().find(|kind| kind.kind == ObjectKind::Charge && kind.state == KindState::Complete);
        let Some(until) = charges.and_then(|kind| kind.through) else { return Ok(None) };
        let window = Period { start: since, end: until };
        let tried = samples::charges_of_payments(conn, scope, window)?;
        // A payment is as old as its first attempt, which may lie long before the one that failed now.
        let all = payments(&tried, &[], Period { start: Instant::UNIX_EPOCH, end: until }, &fx, &zone);
        Ok(Some(cut(failed_in(&all.rows, window), since, until)))
    });
    let unread = || FailedList {
        since,
        until: None,
        payments: Vec::new(),
        left: 0,
        why: "Payments were not read from Stripe yet, so that nobody can say which failed.".to_owned(),
    };
    let mut list = read.await?.flatten().unwrap_or_else(unread);
    let before = disposed(story, row);
    for payment in &mut list.payments {
        payment.before = before.get(payment.record.as_str()).copied();
    }
    Ok(list)
}

/// Gives what was done about each payment when it was listed last.
fn disposed<'a>(story: &'a Story, row: &Row) -> BTreeMap<&'a str, Disposition> {
    let occasions = story.run.history(&row.id).map(|history| &history.occasions);
    let mut done: Vec<_> = occasions.into_iter().flat_map(|occasions| occasions.values()).collect();
    done.sort_by_key(|occasion| occasion.decision.seq);
    let reviewed = done.into_iter().filter_map(|occasion| occasion.done.as_ref()?.reviewed.as_ref());
    reviewed.flat_map(|reviewed| &reviewed.dispositions).map(|one| (one.record.as_str(), one.disposition)).collect()
}

/// Picks the payments whose newest attempt lies in the window and failed, the earliest first.
fn failed_in(all: &[Payment<'_>], window: Period) -> Vec<FailedPayment> {
    let one = |payment: &Payment<'_>| {
        let last = payment.attempts.last().filter(|last| !payment.is_paid && window.contains(last.created_at))?;
        Some(FailedPayment {
            record: record(last),
            customer: last.customer.clone(),
            amount: Money { minor: payment.amount, currency: payment.currency },
            reason: declines::advice(last).unwrap_or_default(),
            failed_at: last.created_at,
            attempts: u32::try_from(payment.attempts.len()).unwrap_or(u32::MAX),
            before: None,
        })
    };
    let mut found: Vec<FailedPayment> = all.iter().filter_map(one).collect();
    found.sort_by(|a, b| (a.failed_at, &a.record).cmp(&(b.failed_at, &b.record)));
    found
}

fn record(charge: &Charge) -> String {
    charge.payment_intent.as_ref().map_or(charge.id.as_str(), |intent| intent.as_str()).to_owned()
}

/// Cuts a list that is too long for one sitting; what fell into the last second goes with it.
fn cut(mut payments: Vec<FailedPayment>, since: Instant, until: Instant) -> FailedList {
    let next = payments.get(PAYMENTS_MAX).map(|first| first.failed_at);
    let in_all = payments.len();
    if let Some(next) = next.filter(|next| *next > since) {
        payments.retain(|payment| payment.failed_at < next);
    }
    let is_cut = payments.len() < in_all;
    let until = next.filter(|_| is_cut && !payments.is_empty()).unwrap_or(until);
    let left = u32::try_from(in_all - payments.len()).unwrap_or(u32::MAX);
    FailedList { since, until: Some(until), payments, left, why: String::new() }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use countersign_domain::money::{Currency, Minor};

    use super::*;

    fn failed(at: Instant, record: &str) -> FailedPayment {
        FailedPayment {
            record: record.to_owned(),
            customer: None,
            amount: Money { minor: Minor(100), currency: Currency::USD },
            reason: String::new(),
            failed_at: at,
            attempts: 1,
            before: None,
        }
    }

    #[test]
    fn a_list_that_is_too_long_is_gone_on_with_where_it_ended() {
        let since: Instant = "2026-11-01T00:00:00Z".parse().unwrap();
        let until = since + TimeDelta::days(30);
        let all: Vec<_> =
            (0..500).map(|nth| failed(since + TimeDelta::minutes(nth / 2), &format!("pi_{nth:03}"))).collect();
        let (mut seen, mut from) = (Vec::new(), since);
        for _ in 0..3 {
            let rest: Vec<_> =
                all.iter().filter(|one| one.failed_at >= from && one.failed_at < until).cloned().collect();
            let list = cut(rest, from, until);
            assert!(list.payments.len() <= PAYMENTS_MAX);
            seen.extend(list.payments.into_iter().map(|one| one.record));
            from = list.until.unwrap();
        }
        assert_eq!(from, until);
        assert_eq!(seen, all.iter().map(|one| one.record.clone()).collect::<Vec<_>>(), "each once, none left out");
    }

    #[test]
    fn what_fell_into_one_second_is_not_cut() {
        let since: Instant = "2026-11-01T00:00:00Z".parse().unwrap();
        let all: Vec<_> = (0..300).map(|nth| failed(since, &format!("pi_{nth}"))).collect();
        let list = cut(all, since, since + TimeDelta::days(1));
        assert_eq!((list.payments.len(), list.left, list.until), (300, 0, Some(since + TimeDelta::days(1))));
    }
}
