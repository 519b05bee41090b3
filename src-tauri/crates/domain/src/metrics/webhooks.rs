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
    /// Since when that is known; `None` where it never was, or it is not known since when.
    pub delivered_by: Option<Instant>,
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
    /// Known to have been delivered when the grace ended.
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

    /// Gives delivered within the grace ÷ events.
    #[must_use]
    pub fn in_time_rate(&self) -> Option<Rate> {
        Rate::of(self.delivered_in_time, self.events)
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
/// **Source**: metrics.md, section 9; decision 11.
#[must_use]
pub fn webhooks<'a>(deliveries: impl IntoIterator<Item = &'a Delivery>, window: Period, now: Instant) -> Webhooks {
    let grace = chrono::TimeDelta::minutes(GRACE_MINUTES);
    let mut all = Webhooks::default();
    for delivery in deliveries {
        if !window.contains(delivery.created_at) || now < delivery.created_at + grace {
            continue;
        }
        let in_time = delivery.delivered_by.is_some_and(|at| at <= delivery.created_at + grace);
        all.events += 1;
        all.delivered += u64::from(delivery.is_delivered);
        all.delivered_in_time += u64::from(delivery.is_delivered && in_time);
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
        let delivery = |made: &str, by: Option<&str>| Delivery {
            event: "evt".into(),
            created_at: at(made),
            is_delivered: by.is_some(),
            delivered_by: by.map(at),
            is_processed: None,
        };
        let window = Period { start: at("2026-05-01"), end: at("2026-05-02") };
        let all = [
            delivery("2026-05-01T10:00:00", Some("2026-05-01T10:15:00")),
            delivery("2026-05-01T10:00:00", Some("2026-05-01T10:15:01")),
            delivery("2026-05-01T10:00:00", None),
            delivery("2026-05-01T11:50:00", None),
            delivery("2026-04-30T10:00:00", None),
        ];
        let counted = webhooks(&all, window, at("2026-05-01T12:00:00"));
        assert_eq!((counted.events, counted.delivered, counted.delivered_in_time, counted.processed), (3, 2, 1, None));
        assert_eq!(counted.success_rate(), counted.delivery_success_rate());
        assert_eq!(webhooks(&[], window, at("2026-05-01T12:00:00")).success_rate(), None);
    }
}
