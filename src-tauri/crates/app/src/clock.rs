//! The one clock and the one source of random names. Everything below takes `now` and ids as arguments.

pub(crate) mod told;

use std::sync::{Mutex, PoisonError};

use chrono::{Local, Offset as _, SubsecRound as _, Utc};
use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ledger::clock::{Comparison, REASON_OVER, line, refusal};
use countersign_domain::ledger::{Moment, Offset};
use uuid::Uuid;

use crate::failure::told;

/// Version of the program, as it is printed and signed.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The computer has one clock, whatever the number of profiles.
static COMPARED: Mutex<Option<Comparison>> = Mutex::new(None);

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
    let server_time = compared().map(|compared| compared.server_time(at));
    Moment { at, offset: offset_at(at), server_time, app: format!("countersign {VERSION}") }
}

/// Takes what a server just told of the time.
pub fn hear(server_at: Instant) {
    recall(Comparison { server_at, local_at: now() });
}

/// Takes a comparison, unless it says nothing new.
pub fn recall(next: Comparison) {
    let mut newest = COMPARED.lock().unwrap_or_else(PoisonError::into_inner);
    if newest.is_none_or(|known| known.is_followed_by(&next)) {
        *newest = Some(next);
    }
}

/// Gives how the clock stood when it was last compared with Stripe's; nothing where it never was.
#[must_use]
pub fn compared() -> Option<Comparison> {
    *COMPARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds to the reason of an act that is signed how far off the clock is, where it is far off.
pub(crate) fn beside(reason: &mut String, now: Instant) {
    let compared = compared();
    if compared.is_some_and(|compared| compared.is_off(now, REASON_OVER)) {
        let line = format!("({})", line(compared.as_ref(), now, ""));
        *reason = format!("{} {line}", reason.trim()).trim_start().to_owned();
    }
}

/// Refuses to sign an act that has no place to say why, while the clock is far off.
///
/// **Errors**: `CLOCK_REGRESSED`.
pub(crate) fn may_sign(now: Instant, what: &str) -> Result<(), Failure> {
    let refused = refusal(compared().as_ref(), now);
    refused.map_or(Ok(()), |why| Err(told(Code::ClockRegressed, what, why)))
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
