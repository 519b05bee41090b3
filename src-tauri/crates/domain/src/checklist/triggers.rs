//! Rollback indicators: when each of them trips, from what was measured.
//!
//! Separate from the record of a trip (`run`): these are the rules, one per indicator of the catalogue. A trip never
//! acts; it is shown, holds gates and offers a list. Deliberately absent: measuring.

use std::collections::BTreeSet;

use num_rational::BigRational;

use super::catalogue::{self, CheckSource};
use super::entry::FileFacts;
use super::limit::Limit;
use super::row::{Kind, Row, Shape};
use super::run::Run;
use super::template::Template;
use crate::Instant;
use crate::billing::NewDamage;
use crate::ids::ItemId;
use crate::rate::decimals;

/// Least attempts before a failure rate says anything.
pub const ATTEMPTS_MIN: u64 = 20;
/// Window of the failure rate. **Units**: minutes.
pub const FAILURE_WINDOW_MINUTES: i64 = 60;
/// How long a slowdown has to last. **Units**: minutes.
pub const SLOW_MINUTES_MIN: u32 = 15;

/// Kind of an attached file that lists advisories.
const AUDIT: &str = "npm_audit";
/// Invalid indexes and constraints that are named; more are counted.
const NAMED_MAX: usize = 5;

/// Gives the indicators that stand by for a list which has steps of a rollback and names nothing that calls for one.
///
/// **Shape**: every indicator of the catalogue, with its own id and name and the limits of these rules; none for a list
/// without such steps, or with indicators of its own.
#[must_use]
pub fn standing_by(template: &Template) -> Vec<Row> {
    let has_steps = template.rows.iter().any(|row| row.kind == Kind::Rollback);
    if !has_steps || template.rows.iter().any(|row| row.indicator) {
        return Vec::new();
    }
    let checks = catalogue::all().filter(|check| check.source == CheckSource::Trigger);
    let rows = checks.map(|check| {
        let mut row = Row::of_text(0, Vec::new(), check.name.to_owned(), Shape::Box, Kind::Rollback);
        (row.id, row.proof, row.indicator) = (ItemId::from(check.id), check.proof(), true);
        row
    });
    rows.filter(|row| template.row(&row.id).is_none()).collect()
}

/// What was measured for an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Settled payments of the last [`FAILURE_WINDOW_MINUTES`], or since the indicator was cleared.
    Payments {
        /// Payments without a success by now.
        failed: u64,
        /// Payments.
        attempts: u64,
        /// How far back they go. **Units**: minutes.
        minutes: i64,
    },
    /// Latency or database time against the baseline recorded before the deployment; the slower of the two.
    Speed {
        /// Now. **Units**: milliseconds.
        now_ms: u64,
        /// Before the deployment; absent when none was recorded. **Units**: milliseconds.
        baseline_ms: Option<u64>,
        /// How long it has been above the limit. **Units**: minutes.
        minutes: u32,
    },
    /// The database's own signs of damage.
    Database {
        /// What is worse than it was before.
        damage: NewDamage,
        /// What was looked at, and when.
        looked_at: String,
    },
    /// Fatal issues that are new since the deployment.
    Issues {
        /// How many.
        fatal: u64,
    },
    /// Signs of a vulnerability.
    Security {
        /// Critical advisories in an imported file that were not there before.
        critical_advisories: u64,
        /// Whether the application accepted an unsigned webhook.
        accepted_unsigned: bool,
    },
}

/// What an indicator shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::AsRefStr)]
#[strum(serialize_all = "snake_case")]
pub enum Sign {
    /// Nobody measures it now; a person can still trip it.
    NotMeasured,
    /// All is well.
    Armed,
    /// Something may be wrong, and there is too little to say so.
    Watch,
    /// It calls for a person to decide.
    Proposed,
    /// It trips.
    Tripped,
}

/// What an indicator shows, and on what ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lamp {
    /// What it shows.
    pub sign: Sign,
    /// What was measured, or why nothing was.
    pub sentence: String,
}

impl Lamp {
    fn new(sign: Sign, sentence: impl Into<String>) -> Self {
        Self { sign, sentence: sentence.into() }
    }

    /// Says that an indicator is not measured now, and why.
    #[must_use]
    pub fn not_measured(why: impl Into<String>) -> Self {
        Self::new(Sign::NotMeasured, why)
    }

    /// Says why an indicator is never measured; a person trips it.
    #[must_use]
    pub fn of_people(row: &Row) -> Self {
        Self::not_measured(match row.proof.as_ref().map_or("", |proof| proof.as_str()) {
            "trigger.performance" => "Response times of the application and its database are not read.",
            "trigger.db_corruption" => "The billing database is not connected.",
            "trigger.critical_bug" => "No tracker of issues is connected.",
            "trigger.security" => "No audit of the dependencies is attached, and no unsigned webhook is sent.",
            _ => "Nothing measures this.",
        })
    }
}

/// Counts the critical advisories of the newest attached audit that the newest one before the deployment, or before the
/// indicator was cleared, did not have; `None` while no audit is attached. Before the deployment nothing is new.
///
/// **Errors**: in a sentence, two audits that cannot be compared, because one of them does not name what it counts: as many
/// may be others.
#[must_use]
pub fn advisories(run: &Run, cleared_at: Option<Instant>) -> Option<Result<Reading, String>> {
    let histories = run.template().rows.iter().filter_map(|row| run.history(&row.id));
    let files = histories.flat_map(|history| &history.files);
    let mut audits: Vec<(Instant, u64, Audit<'_>)> = files
        .filter_map(|attached| Some((attached.at, attached.seq, Audit::of(attached.file.facts.as_ref()?)?)))
        .collect();
    audits.sort_unstable_by_key(|(at, seq, _)| (*at, *seq));
    let (_, newest, now) = audits.last()?;
    let since = run.deployed_at().map(|deployed| cleared_at.map_or(deployed, |cleared| cleared.max(deployed)));
    let new = match since {
        Some(since) => match audits.iter().rev().find(|(at, ..)| *at < since) {
            Some((_, seq, _)) if seq == newest => Some(0),
            Some((.., before)) => now.beyond(before),
            None => Some(now.count),
        },
        None => Some(0),
    };
    let reading = |new| Reading::Security { critical_advisories: new, accepted_unsigned: false };
    Some(new.map(reading).ok_or_else(|| {
        "An attached audit does not name the critical advisories it counts, so nobody can tell which are new."
            .to_owned()
    }))
}

/// What an attached audit holds against the dependencies.
struct Audit<'a> {
    count: u64,
    named: Option<&'a BTreeSet<String>>,
}

impl<'a> Audit<'a> {
    fn of(facts: &'a FileFacts) -> Option<Self> {
        let figure = facts.figures.iter().find(|figure| figure.name == "critical")?;
        let count = figure.value.parse().ok().filter(|_| facts.kind == AUDIT)?;
        Some(Self { count, named: facts.critical.as_ref() })
    }

    /// Counts what this one has and another has not; `None` where that cannot be told.
    fn beyond(&self, other: &Self) -> Option<u64> {
        match (self.named, other.named) {
            (Some(now), Some(before)) => Some(now.difference(before).count() as u64),
            _ if self.count == 0 => Some(0),
            // More than there were: at least so many are new.
            _ => Some(self.count.saturating_sub(other.count)).filter(|more| *more > 0),
        }
    }
}

/// Says what an indicator shows for a reading; `None` when the reading is about another one.
#[must_use]
pub fn judge(row: &Row, reading: &Reading) -> Option<Lamp> {
    let id = row.proof.as_ref().map(|proof| proof.as_str())?;
    Some(match (id, reading) {
        ("trigger.payment_failure", Reading::Payments { failed, attempts, minutes }) => {
            payments(row.limit.as_ref(), *failed, *attempts, *minutes)
        }
        ("trigger.performance", Reading::Speed { now_ms, baseline_ms, minutes }) => {
            speed(row.limit.as_ref(), *now_ms, *baseline_ms, *minutes)
        }
        ("trigger.db_corruption", Reading::Database { damage, looked_at }) => damaged(damage, looked_at),
        ("trigger.critical_bug", Reading::Issues { fatal: 0 }) => Lamp::new(Sign::Armed, "No new fatal issue."),
        ("trigger.critical_bug", Reading::Issues { fatal }) => {
            Lamp::new(Sign::Proposed, format!("{fatal} new fatal issues since the deployment."))
        }
        ("trigger.security", Reading::Security { accepted_unsigned: true, .. }) => {
            Lamp::new(Sign::Tripped, "The application accepted an unsigned webhook.")
        }
        ("trigger.security", Reading::Security { critical_advisories: 0, .. }) => {
            Lamp::new(Sign::Armed, "No new critical advisory.")
        }
        ("trigger.security", Reading::Security { critical_advisories, .. }) => {
            Lamp::new(Sign::Tripped, format!("{critical_advisories} new critical advisories."))
        }
        _ => return None,
    })
}

/// Any new sign trips.
fn damaged(damage: &NewDamage, looked_at: &str) -> Lamp {
    let counts = [(damage.checksum_failures, "more checksum failures"), (damage.orphans, "more orphans")];
    let counted = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let invalid = damage.invalid.iter().take(NAMED_MAX).map(|name| format!("{name} is not valid"));
    let more = damage.invalid.len().checked_sub(NAMED_MAX).filter(|more| *more > 0);
    let seen: Vec<String> =
        counted.chain(invalid).chain(more.map(|more| format!("{more} more are not valid"))).collect();
    if seen.is_empty() {
        Lamp::new(Sign::Armed, format!("No new sign of damage: {looked_at}."))
    } else {
        Lamp::new(Sign::Tripped, format!("{}: {looked_at}.", seen.join(", ")))
    }
}

/// The limit of a template states what trips: `> 5 %`.
fn trips(limit: Option<&Limit>, fallback_pct: i64, value: &BigRational) -> (bool, String) {
    match limit {
        Some(limit) => (limit.allows(value), limit.to_string()),
        None => (*value > BigRational::from_integer(fallback_pct.into()), format!("> {fallback_pct} %")),
    }
}

fn payments(limit: Option<&Limit>, failed: u64, attempts: u64, minutes: i64) -> Lamp {
    if attempts == 0 {
        return Lamp::new(Sign::Armed, format!("No payment in {minutes} minutes."));
    }
    let share = BigRational::new((u128::from(failed) * 100).into(), attempts.into());
    let (is_over, limit) = trips(limit, 5, &share);
    let text =
        format!("{failed} of {attempts} payments failed in {minutes} minutes, {} % ({limit}).", decimals(&share, 2));
    match (is_over, attempts < ATTEMPTS_MIN) {
        (false, _) => Lamp::new(Sign::Armed, text),
        (true, true) => Lamp::new(Sign::Watch, format!("{text} Fewer than {ATTEMPTS_MIN} attempts.")),
        (true, false) => Lamp::new(Sign::Tripped, text),
    }
}

fn speed(limit: Option<&Limit>, now_ms: u64, baseline_ms: Option<u64>, minutes: u32) -> Lamp {
    let Some(baseline) = baseline_ms.filter(|baseline| *baseline > 0) else {
        return Lamp::new(Sign::Watch, "No baseline was recorded before the deployment.");
    };
    let slower = BigRational::new((i128::from(now_ms) * 100 - i128::from(baseline) * 100).into(), baseline.into());
    let (is_over, limit) = trips(limit, 50, &slower);
    let text = format!(
        "{now_ms} ms against {baseline} ms, {} % slower ({limit}) for {minutes} minutes.",
        decimals(&slower, 1)
    );
    let sign = match (is_over, minutes < SLOW_MINUTES_MIN) {
        (false, _) => Sign::Armed,
        (true, true) => Sign::Watch,
        (true, false) => Sign::Tripped,
    };
    Lamp::new(sign, text)
}

#[cfg(test)]
mod tests {
    use super::super::digest::Digest;
    use super::super::entry::{DeploymentRecorded, ItemAttached};
    use super::super::sample::{Notebook, template};
    use super::*;
    use crate::probe::Fact;

    fn indicator(id: &str, label: &str) -> Row {
        let mut row = Row::of_text(1, Vec::new(), label.to_owned(), Shape::Box, Kind::Rollback);
        row.proof = Some(id.into());
        row.limit = Limit::find(label);
        row.indicator = true;
        row
    }

    fn word(lamp: Option<Lamp>) -> String {
        lamp.map_or_else(|| "none".to_owned(), |lamp| lamp.sign.as_ref().to_owned())
    }

    #[test]
    fn failing_payments_trip_above_their_limit_with_enough_attempts() {
        let row = indicator("trigger.payment_failure", "Payment processing failures >5%");
        let payments = |failed, attempts| Reading::Payments { failed, attempts, minutes: 60 };
        for (failed, attempts, wanted) in [
            (0, 0, "armed"),
            (5, 100, "armed"),
            (6, 100, "tripped"),
            (1, 19, "watch"),
            (2, 20, "tripped"),
            (1, 20, "armed"),
        ] {
            assert_eq!(word(judge(&row, &payments(failed, attempts))), wanted, "{failed} of {attempts}");
        }
        let lamp = judge(&row, &payments(6, 100)).unwrap();
        assert_eq!(lamp.sentence, "6 of 100 payments failed in 60 minutes, 6.00 % (> 5 %).");
    }

    #[test]
    fn slowness_needs_a_baseline_and_time() {
        let row = indicator("trigger.performance", "Performance degradation >50%");
        for (now_ms, baseline_ms, minutes, wanted) in [
            (150, Some(100), 60, "armed"),
            (151, Some(100), 14, "watch"),
            (151, Some(100), 15, "tripped"),
            (900, None, 60, "watch"),
            (900, Some(0), 60, "watch"),
            (50, Some(100), 60, "armed"),
        ] {
            assert_eq!(
                word(judge(&row, &Reading::Speed { now_ms, baseline_ms, minutes })),
                wanted,
                "{now_ms} {baseline_ms:?}"
            );
        }
    }

    #[test]
    fn damage_bugs_and_holes() {
        let damage_row = indicator("trigger.db_corruption", "Database corruption");
        let database = |damage| judge(&damage_row, &Reading::Database { damage, looked_at: "at noon".to_owned() });
        let fine = database(NewDamage::default()).unwrap();
        assert_eq!((fine.sign, fine.sentence.as_str()), (Sign::Armed, "No new sign of damage: at noon."));
        let invalid: Vec<String> = (1..=7).map(|nth| format!("index {nth}")).collect();
        for (found, says) in [
            (NewDamage { orphans: 3, ..NewDamage::default() }, "3 more orphans: at noon."),
            (NewDamage { checksum_failures: 1, ..NewDamage::default() }, "1 more checksum failures: at noon."),
            (NewDamage { invalid, ..NewDamage::default() }, "index 5 is not valid, 2 more are not valid: at noon."),
        ] {
            let lamp = database(found).unwrap();
            assert!(lamp.sign == Sign::Tripped && lamp.sentence.ends_with(says), "{lamp:?}");
        }
        let bug = indicator("trigger.critical_bug", "Critical bugs identified");
        assert_eq!(word(judge(&bug, &Reading::Issues { fatal: 1 })), "proposed", "a person decides");
        let hole = indicator("trigger.security", "Security vulnerability discovered");
        let security = |accepted_unsigned| Reading::Security { critical_advisories: 0, accepted_unsigned };
        assert_eq!(word(judge(&hole, &security(true))), "tripped");
        assert_eq!(word(judge(&hole, &security(false))), "armed");
        assert_eq!(word(judge(&hole, &Reading::Issues { fatal: 1 })), "none");
        assert_eq!(Lamp::of_people(&hole).sign, Sign::NotMeasured);
    }

    #[test]
    fn an_advisory_is_new_when_the_audit_before_the_deployment_did_not_have_it() {
        let template = template();
        let mut book = Notebook::open(&template);
        let audit = |book: &mut Notebook<'_>, critical: &str, named: Option<&[&str]>| {
            let figures = vec![Fact { name: "critical".to_owned(), value: critical.to_owned() }];
            let (commit, release, made_at, expires_at) = (None, None, None, None);
            let named = named.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            let kind = AUDIT.to_owned();
            let facts = FileFacts { kind, figures, commit, release, made_at, expires_at, critical: named };
            let entry = ItemAttached {
                item: "access-reviewed".into(),
                name: "audit.json".to_owned(),
                sha256: Digest::of_bytes(critical.as_bytes()),
                bytes: 2,
                release: None,
                facts: Some(facts),
                meant: None,
            };
            book.did(Some("Ana"), entry);
            book.later(1);
        };
        let new = |book: &Notebook<'_>, cleared| match advisories(&book.run(), cleared) {
            Some(Ok(Reading::Security { critical_advisories, .. })) => Some(critical_advisories),
            _ => None,
        };
        assert_eq!(new(&book, None), None);
        audit(&mut book, "2", None);
        assert_eq!(new(&book, None), Some(0), "nothing is deployed yet");
        book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: None });
        book.later(1);
        assert_eq!(new(&book, None), Some(0), "they were known");
        audit(&mut book, "3", None);
        assert_eq!(new(&book, None), Some(1));
        assert_eq!(new(&book, Some(book.now)), Some(0), "cleared with the audit there is");
        // As many as before may be others: entries without names are never called fine.
        audit(&mut book, "2", Some(&["a", "b"]));
        assert!(matches!(advisories(&book.run(), None), Some(Err(_))), "{:?}", advisories(&book.run(), None));
        audit(&mut book, "0", None);
        assert_eq!(new(&book, None), Some(0), "none is none");
        audit(&mut book, "2", Some(&["a", "b"]));
        let cleared = Some(book.now);
        book.later(1);
        audit(&mut book, "2", Some(&["a", "c"]));
        assert_eq!(new(&book, cleared), Some(1), "one was mended and another came");
        audit(&mut book, "1", Some(&["b"]));
        assert_eq!(new(&book, cleared), Some(0));
    }
}
