//! Payments that failed since the date before, each of which somebody has to dispose of.
//!
//! What was disposed of is known by the attempt that failed, and not by a moment: an attempt may fail days after it was
//! made, and be read later still. A list therefore looks back behind the end of the one before.

use std::collections::BTreeMap;

use chrono::{SubsecRound as _, TimeDelta};
use countersign_domain::Instant;
use countersign_domain::checklist::dated::{Disposition, Reviewed};
use countersign_domain::checklist::row::Row;
use countersign_domain::failure::Failure;
use countersign_domain::ids::CustomerId;
use countersign_domain::metrics::payments::{Payment, payments};
use countersign_domain::money::Money;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::stripe::charge::ChargeStatus;
use countersign_domain::workspace::Environment;
use countersign_domain::zones::Period;
use countersign_store::mirror::samples;
use countersign_store::mirror::sync::kinds::{self, KindState};
use serde::Serialize;
use ts_rs::TS;

use super::{SeenTable, WHAT};
use crate::app::App;
use crate::checklists::stories::Story;
use crate::figures::Ground;
use crate::{declines, mirror};

/// Most payments of one list; those after them are on the next.
const PAYMENTS_MAX: usize = 200;
/// How far a list looks back behind the one before: a debit may be refused two weeks after it was sent.
const BACK: TimeDelta = TimeDelta::days(30);

/// Payments whose newest attempt failed, that nobody has paid since and nobody disposed of yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FailedList {
    /// From when on: where the list before ended, else the deployment.
    pub since: Instant,
    /// Up to when payments are known; `null` where it is not known what failed.
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
    /// Id of the attempt that failed last.
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
    /// What was done when it failed before, where that was listed.
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
    let origin = story.run.deployed_at().unwrap_or_else(|| story.run.binding().started_at);
    let since = reviewed(story, row).map(|reviewed| reviewed.until).max();
    // Stripe tells whole seconds.
    let start = since.map_or(origin, |since| (since - BACK).max(origin)).trunc_subsecs(0);
    let since = since.unwrap_or(origin);
    let disposed = disposed(story, row);
    let (fx, zone) = (ground.fx.clone(), ground.zone.clone());
    let read = mirror::read(app, environment, WHAT, move |conn, scope| {
        let kinds = kinds::all(conn, scope)?;
        let charges = kinds.iter().find(|kind| kind.kind == ObjectKind::Charge && kind.state == KindState::Complete);
        let Some(until) = charges.and_then(|kind| kind.through) else { return Ok(None) };
        let tried = samples::charges_of_failed(conn, scope, start)?;
        // A payment is as old as its first attempt, which may lie long before the one that failed now.
        let ever = Period { start: Instant::UNIX_EPOCH, end: Instant::MAX_UTC };
        let all = payments(&tried, &[], ever, &fx, &zone);
        Ok(Some((failed_in(&all.rows, start, &disposed), until.trunc_subsecs(0))))
    });
    let minute = |at: Instant| at.format("%Y-%m-%d %H:%M UTC");
    Ok(match read.await?.flatten() {
        Some((payments, until)) if until >= since => cut(payments, since, until),
        Some((_, until)) => {
            let from = since;
            let (until, since) = (minute(until), minute(since));
            unknown(from, format!("Payments are known up to {until} only, and this list begins at {since}."))
        }
        None => {
            unknown(since, "Payments were not read from Stripe yet, so that nobody can say which failed.".to_owned())
        }
    })
}

fn unknown(since: Instant, why: String) -> FailedList {
    FailedList { since, until: None, payments: Vec::new(), left: 0, why }
}

/// Lists what was gone through at the dates of a line that are done.
fn reviewed<'a>(story: &'a Story, row: &Row) -> impl Iterator<Item = &'a Reviewed> {
    let occasions = story.run.history(&row.id).map(|history| history.occasions.values());
    let mut done: Vec<_> = occasions.into_iter().flatten().collect();
    done.sort_by_key(|occasion| occasion.decision.seq);
    done.into_iter().filter_map(|occasion| occasion.done.as_ref()?.reviewed.as_ref())
}

/// Gives what was done about each attempt that was listed.
fn disposed(story: &Story, row: &Row) -> BTreeMap<String, Disposition> {
    let all = reviewed(story, row).flat_map(|reviewed| &reviewed.dispositions);
    all.map(|one| (one.record.clone(), one.disposition)).collect()
}

/// Picks the payments whose newest attempt failed and was not disposed of, the earliest first.
fn failed_in(all: &[Payment<'_>], start: Instant, disposed: &BTreeMap<String, Disposition>) -> Vec<FailedPayment> {
    let one = |payment: &Payment<'_>| {
        let last = payment.attempts.last().filter(|last| {
            let is_new = last.created_at >= start && !disposed.contains_key(last.id.as_str());
            !payment.is_paid && last.status == ChargeStatus::Failed && is_new
        })?;
        Some(FailedPayment {
            record: last.id.as_str().to_owned(),
            customer: last.customer.clone(),
            amount: Money { minor: payment.amount, currency: payment.currency },
            reason: declines::advice(last).unwrap_or_default(),
            failed_at: last.created_at,
            attempts: u32::try_from(payment.attempts.len()).unwrap_or(u32::MAX),
            before: payment.attempts.iter().rev().find_map(|tried| disposed.get(tried.id.as_str()).copied()),
        })
    };
    let mut found: Vec<FailedPayment> = all.iter().filter_map(one).collect();
    found.sort_by(|a, b| (a.failed_at, &a.record).cmp(&(b.failed_at, &b.record)));
    found
}

/// Cuts a list that is too long for one sitting; what is left is on the next.
fn cut(mut payments: Vec<FailedPayment>, since: Instant, until: Instant) -> FailedList {
    let next = payments.get(PAYMENTS_MAX).map(|first| first.failed_at);
    let left = u32::try_from(payments.len().saturating_sub(PAYMENTS_MAX)).unwrap_or(u32::MAX);
    payments.truncate(PAYMENTS_MAX);
    let until = next.map_or(until, |next| next.min(until).max(since));
    FailedList { since, until: Some(until), payments, left, why: String::new() }
}

#[cfg(test)]
mod tests {
    use countersign_domain::metrics::Fx;
    use countersign_domain::money::{Currency, Minor};
    use countersign_domain::stripe::Charge;
    use countersign_domain::zones::Zone;

    use super::*;

    fn charge(id: &str, intent: &str, created_at: Instant, status: ChargeStatus) -> Charge {
        Charge {
            id: id.into(),
            customer: None,
            payment_intent: Some(intent.into()),
            status,
            currency: Currency::USD,
            amount: Minor(100),
            amount_captured: Minor(0),
            amount_refunded: Minor(0),
            is_captured: false,
            is_disputed: false,
            failure_code: None,
            outcome_type: None,
            outcome_reason: None,
            card_brand: None,
            card_last4: None,
            created_at,
        }
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn listed(charges: &[Charge], start: Instant, disposed: &BTreeMap<String, Disposition>) -> Vec<FailedPayment> {
        let ever = Period { start: Instant::UNIX_EPOCH, end: Instant::MAX_UTC };
        let (fx, zone) = (Fx::new(Currency::USD, &[]), Zone::utc());
        failed_in(&payments(charges, &[], ever, &fx, &zone).rows, start, disposed)
    }

    #[test]
    fn a_debit_that_is_refused_days_later_is_listed_and_one_that_was_disposed_of_is_not() {
        let (monday, thursday) = (at("2026-11-02T10:00:00Z"), at("2026-11-05T10:00:00Z"));
        let mut all = vec![
            charge("ch_card", "pi_1", monday, ChargeStatus::Failed),
            charge("ch_debit", "pi_2", monday, ChargeStatus::Pending),
            charge("ch_paid", "pi_3", monday, ChargeStatus::Succeeded),
            charge("ch_old", "pi_4", monday - BACK, ChargeStatus::Failed),
        ];
        let start = monday - TimeDelta::hours(1);
        let records = |found: &[FailedPayment]| found.iter().map(|one| one.record.clone()).collect::<Vec<_>>();
        assert_eq!(records(&listed(&all, start, &BTreeMap::new())), ["ch_card"]);
        let disposed = BTreeMap::from([("ch_card".to_owned(), Disposition::Retrying)]);
        // What was made on Monday fails on Thursday, and keeps its time.
        all[1].status = ChargeStatus::Failed;
        assert_eq!(records(&listed(&all, start, &disposed)), ["ch_debit"]);
        // The card is tried again and fails again: it is listed anew, with what was done before.
        all.push(charge("ch_again", "pi_1", thursday, ChargeStatus::Failed));
        let found = listed(&all, start, &disposed);
        assert_eq!(records(&found), ["ch_debit", "ch_again"]);
        assert_eq!((found[1].before, found[1].attempts), (Some(Disposition::Retrying), 2));
    }

    #[test]
    fn a_list_that_is_too_long_is_gone_on_with_by_the_next() {
        let start = at("2026-11-01T00:00:00Z");
        let until = start + TimeDelta::days(1);
        let all: Vec<_> = (0..500)
            .map(|nth| charge(&format!("ch_{nth:03}"), &format!("pi_{nth}"), start, ChargeStatus::Failed))
            .collect();
        let (mut disposed, mut sizes, mut since) = (BTreeMap::new(), Vec::new(), start);
        for _ in 0..3 {
            let list = cut(listed(&all, start, &disposed), since, until);
            sizes.push((list.payments.len(), list.left));
            disposed.extend(list.payments.into_iter().map(|one| (one.record, Disposition::Ignored)));
            since = list.until.unwrap();
        }
        assert_eq!(sizes, [(200, 300), (200, 100), (100, 0)]);
        assert_eq!((since, disposed.len()), (until, 500));
    }
}
