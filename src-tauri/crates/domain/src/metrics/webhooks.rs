//! Whether events arrive, and whether they are acted on.
//!
//! Two figures, because a delivery that failed at first may turn good for three days: what had arrived when the grace
//! ended, and what has arrived by now.

use crate::Instant;
use crate::ids::EventId;
use crate::rate::Rate;
use crate::zones::Period;

/// How old an event has to be before it counts. **Units**: minutes.
pub const GRACE_MINUTES: i64 = 15;

/// One event with what is known of its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The event.
    pub event: EventId,
    /// When it was made.
    pub created_at: Instant,
    /// Whether every delivery succeeded by now.
    pub is_delivered: bool,
    /// Whether it was so when the grace ended; `None` where nobody looked at the right time.
    pub was_in_time: Option<bool>,
    /// Whether the company's database says it was processed; `None` where there is no such table.
    pub is_processed: Option<bool>,
}

/// Events of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Webhooks {
    /// Events old enough to count.
    pub events: u64,
    /// Delivered everywhere by now.
    pub delivered: u64,
    /// Of which it is known whether they were delivered when the grace ended.
    pub watched: u64,
    /// Of those, delivered when the grace ended.
    pub delivered_in_time: u64,
    /// Processed by now; `None` where no table tells.
    pub processed: Option<u64>,
}

impl Webhooks {
    /// Gives delivered by now ÷ events.
    #[must_use]
    pub fn delivery_success_rate(&self) -> Option<Rate> {
        Rate::of(self.delivered, self.events)
    }

    /// Gives delivered within the grace ÷ events of which that is known.
    #[must_use]
    pub fn in_time_rate(&self) -> Option<Rate> {
        Rate::of(self.delivered_in_time, self.watched)
    }

    /// Gives the headline: processed ÷ events, or without a table the delivery rate, which then says so.
    #[must_use]
    pub fn success_rate(&self) -> Option<Rate> {
        Rate::of(self.processed.unwrap_or(self.delivered), self.events)
    }
}

/// Counts the events of a window that are older than the grace.
///
/// **Shape**: only events that an enabled endpoint asks for: one that nobody asked for passes for delivered.
#[must_use]
pub fn webhooks<'a>(deliveries: impl IntoIterator<Item = &'a Delivery>, window: Period, now: Instant) -> Webhooks {
    let grace = chrono::TimeDelta::minutes(GRACE_MINUTES);
    let mut all = Webhooks::default();
    for delivery in deliveries {
        if !window.contains(delivery.created_at) || now < delivery.created_at + grace {
            continue;
        }
        all.events += 1;
        all.delivered += u64::from(delivery.is_delivered);
        all.watched += u64::from(delivery.was_in_time.is_some());
        all.delivered_in_time += u64::from(delivery.was_in_time == Some(true));
        if let Some(is_processed) = delivery.is_processed {
            *all.processed.get_or_insert(0) += u64::from(is_processed);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::at;

    #[test]
    fn late_deliveries_count_by_now_and_not_in_time() {
        let delivery = |made: &str, is_delivered: bool, was_in_time: Option<bool>| Delivery {
            event: "evt".into(),
            created_at: at(made),
            is_delivered,
            was_in_time,
            is_processed: None,
        };
        let window = Period { start: at("2026-05-01"), end: at("2026-05-02") };
        let all = [
            delivery("2026-05-01T10:00:00", true, Some(true)),
            delivery("2026-05-01T10:00:00", true, Some(false)),
            delivery("2026-05-01T10:00:00", true, None),
            delivery("2026-05-01T10:00:00", false, Some(false)),
            delivery("2026-05-01T11:50:00", false, None),
            delivery("2026-04-30T10:00:00", false, None),
        ];
        let counted = webhooks(&all, window, at("2026-05-01T12:00:00"));
        assert_eq!((counted.events, counted.delivered, counted.processed), (4, 3, None));
        assert_eq!(counted.in_time_rate(), Rate::of(1, 3), "what nobody looked at in time is neither good nor bad");
        assert_eq!(counted.success_rate(), counted.delivery_success_rate());
        assert_eq!(webhooks(&[], window, at("2026-05-01T12:00:00")).success_rate(), None);
    }
}
