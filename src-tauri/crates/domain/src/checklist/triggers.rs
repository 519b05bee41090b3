//! Rollback indicators: when each of them trips, from what was measured.
//!
//! Separate from the record of a trip (`run`): these are the rules, one per indicator of the catalogue. A trip never
//! acts; it is shown, holds gates and offers a list. Deliberately absent: measuring.

use num_rational::BigRational;

use super::limit::Limit;
use super::row::Row;
use crate::rate::decimals;

/// Least attempts before a failure rate says anything.
pub const ATTEMPTS_MIN: u64 = 20;
/// Window of the failure rate. **Units**: minutes.
pub const FAILURE_WINDOW_MINUTES: u32 = 60;
/// How long a slowdown has to last. **Units**: minutes.
pub const SLOW_MINUTES_MIN: u32 = 15;

/// What was measured for an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Payments of the last [`FAILURE_WINDOW_MINUTES`].
    Payments {
        /// First attempts that failed.
        failed: u64,
        /// First attempts.
        attempts: u64,
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
        /// Checksum failures since the deployment.
        checksum_failures: u64,
        /// Indexes or constraints that turned invalid.
        invalid_objects: u64,
        /// Rows without the row they refer to, more than before.
        new_orphans: u64,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lamp {
    /// All is well.
    Armed,
    /// Something may be wrong, and there is too little to say so.
    Watch(String),
    /// It calls for a person to decide.
    Proposed(String),
    /// It trips.
    Tripped(String),
}

/// Says what an indicator shows for a reading; `None` when the reading is about another one.
#[must_use]
pub fn judge(row: &Row, reading: &Reading) -> Option<Lamp> {
    let id = row.proof.as_ref().map(|proof| proof.as_str())?;
    Some(match (id, reading) {
        ("trigger.payment_failure", Reading::Payments { failed, attempts }) => {
            payments(row.limit.as_ref(), *failed, *attempts)
        }
        ("trigger.performance", Reading::Speed { now_ms, baseline_ms, minutes }) => {
            speed(row.limit.as_ref(), *now_ms, *baseline_ms, *minutes)
        }
        ("trigger.db_corruption", Reading::Database { checksum_failures, invalid_objects, new_orphans }) => {
            let signs = [
                (*checksum_failures, "checksum failures"),
                (*invalid_objects, "invalid indexes or constraints"),
                (*new_orphans, "new orphans"),
            ];
            let seen: Vec<String> =
                signs.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
            if seen.is_empty() { Lamp::Armed } else { Lamp::Tripped(format!("{}.", seen.join(", "))) }
        }
        ("trigger.critical_bug", Reading::Issues { fatal: 0 }) => Lamp::Armed,
        ("trigger.critical_bug", Reading::Issues { fatal }) => {
            Lamp::Proposed(format!("{fatal} new fatal issues since the deployment."))
        }
        ("trigger.security", Reading::Security { accepted_unsigned: true, .. }) => {
            Lamp::Tripped("The application accepted an unsigned webhook.".to_owned())
        }
        ("trigger.security", Reading::Security { critical_advisories: 0, .. }) => Lamp::Armed,
        ("trigger.security", Reading::Security { critical_advisories, .. }) => {
            Lamp::Tripped(format!("{critical_advisories} new critical advisories."))
        }
        _ => return None,
    })
}

/// The limit of a template states what trips: `> 5 %`.
fn trips(limit: Option<&Limit>, fallback_pct: i64, value: &BigRational) -> (bool, String) {
    match limit {
        Some(limit) => (limit.allows(value), limit.to_string()),
        None => (*value > BigRational::from_integer(fallback_pct.into()), format!("> {fallback_pct} %")),
    }
}

fn payments(limit: Option<&Limit>, failed: u64, attempts: u64) -> Lamp {
    if attempts == 0 {
        return Lamp::Armed;
    }
    let share = BigRational::new((u128::from(failed) * 100).into(), attempts.into());
    let (is_over, limit) = trips(limit, 5, &share);
    let text = format!(
        "{failed} of {attempts} payments failed in {FAILURE_WINDOW_MINUTES} minutes, {} % ({limit}).",
        decimals(&share, 2)
    );
    match (is_over, attempts < ATTEMPTS_MIN) {
        (false, _) => Lamp::Armed,
        (true, true) => Lamp::Watch(format!("{text} Fewer than {ATTEMPTS_MIN} attempts.")),
        (true, false) => Lamp::Tripped(text),
    }
}

fn speed(limit: Option<&Limit>, now_ms: u64, baseline_ms: Option<u64>, minutes: u32) -> Lamp {
    let Some(baseline) = baseline_ms.filter(|baseline| *baseline > 0) else {
        return Lamp::Watch("No baseline was recorded before the deployment.".to_owned());
    };
    let slower = BigRational::new((i128::from(now_ms) * 100 - i128::from(baseline) * 100).into(), baseline.into());
    let (is_over, limit) = trips(limit, 50, &slower);
    let text = format!(
        "{now_ms} ms against {baseline} ms, {} % slower ({limit}) for {minutes} minutes.",
        decimals(&slower, 1)
    );
    match (is_over, minutes < SLOW_MINUTES_MIN) {
        (false, _) => Lamp::Armed,
        (true, true) => Lamp::Watch(text),
        (true, false) => Lamp::Tripped(text),
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::{Kind, Shape};
    use super::*;

    fn indicator(id: &str, label: &str) -> Row {
        let mut row = Row::of_text(1, Vec::new(), label.to_owned(), Shape::Box, Kind::Rollback);
        row.proof = Some(id.into());
        row.limit = Limit::find(label);
        row.indicator = true;
        row
    }

    fn word(lamp: Option<Lamp>) -> &'static str {
        match lamp {
            None => "none",
            Some(Lamp::Armed) => "armed",
            Some(Lamp::Watch(_)) => "watch",
            Some(Lamp::Proposed(_)) => "proposed",
            Some(Lamp::Tripped(_)) => "tripped",
        }
    }

    #[test]
    fn failing_payments_trip_above_their_limit_with_enough_attempts() {
        let row = indicator("trigger.payment_failure", "Payment processing failures >5%");
        for (failed, attempts, wanted) in [
            (0, 0, "armed"),
            (5, 100, "armed"),
            (6, 100, "tripped"),
            (1, 19, "watch"),
            (2, 20, "tripped"),
            (1, 20, "armed"),
        ] {
            assert_eq!(word(judge(&row, &Reading::Payments { failed, attempts })), wanted, "{failed} of {attempts}");
        }
        let lamp = judge(&row, &Reading::Payments { failed: 6, attempts: 100 });
        assert_eq!(lamp, Some(Lamp::Tripped("6 of 100 payments failed in 60 minutes, 6.00 % (> 5 %).".to_owned())));
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
        let damage = indicator("trigger.db_corruption", "Database corruption");
        let database = |new_orphans| Reading::Database { checksum_failures: 0, invalid_objects: 0, new_orphans };
        assert_eq!(word(judge(&damage, &database(0))), "armed");
        assert_eq!(word(judge(&damage, &database(3))), "tripped");
        let bug = indicator("trigger.critical_bug", "Critical bugs identified");
        assert_eq!(word(judge(&bug, &Reading::Issues { fatal: 1 })), "proposed", "a person decides");
        let hole = indicator("trigger.security", "Security vulnerability discovered");
        let security = |accepted_unsigned| Reading::Security { critical_advisories: 0, accepted_unsigned };
        assert_eq!(word(judge(&hole, &security(true))), "tripped");
        assert_eq!(word(judge(&hole, &security(false))), "armed");
        assert_eq!(word(judge(&hole, &Reading::Issues { fatal: 1 })), "none");
    }
}
