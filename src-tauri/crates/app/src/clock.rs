//! The one clock and the one source of random names. Everything below takes `now` and ids as arguments.

use chrono::{Local, Offset as _, SubsecRound as _, Utc};
use countersign_domain::Instant;
use countersign_domain::ledger::{Moment, Offset};
use uuid::Uuid;

/// Version of the program, as it is printed and signed.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Reads the computer's clock, in whole milliseconds.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
pub fn now() -> Instant {
    Utc::now().trunc_subsecs(3)
}

/// Gives the computer's offset from UTC at an instant, for the record.
#[must_use]
pub fn offset_at(at: Instant) -> Offset {
    Offset::from_seconds(at.with_timezone(&Local).offset().fix().local_minus_utc())
}

/// Gives the clock as the record keeps it.
#[must_use]
pub fn moment() -> Moment {
    let at = now();
    Moment { at, offset: offset_at(at), server_time: None, app: format!("countersign {VERSION}") }
}

/// Makes a name that nothing else has.
#[must_use]
pub fn name() -> Uuid {
    Uuid::new_v4()
}

/// Makes the short id under which a failure is found in the log.
#[must_use]
pub fn trace() -> String {
    let text = Uuid::new_v4().simple().to_string();
    text.chars().take(12).collect()
}
