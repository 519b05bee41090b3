//! Why events did not arrive or left no row: one line per explanation, never one per event.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::billing::SchemaProfile;
use countersign_domain::reconcile::events::{EventFinding, Events, LATE_AFTER_MINUTES, Way};
use countersign_domain::workspace::Environment;

use super::Cause;

/// After this Stripe has given up on an event. **Units**: days.
const GIVEN_UP_DAYS: i64 = 3;
/// Causes on one screen; those with most events stay.
const CAUSES_MAX: usize = 40;

/// The events of one type with one fault.
#[derive(Default)]
struct Group {
    count: u64,
    since: Option<Instant>,
    given_up: u64,
}

impl Group {
    fn add(&mut self, at: Option<Instant>, now: Instant) {
        self.count += 1;
        if let Some(at) = at {
            self.since = Some(self.since.map_or(at, |since| since.min(at)));
            self.given_up += u64::from(now - at > TimeDelta::days(GIVEN_UP_DAYS));
        }
    }
}

/// Groups what went wrong in a window, most events first.
pub(super) fn of(
    judged: &Events<'_>,
    knows_endpoints: bool,
    environment: &Environment,
    expected: &[String],
    now: Instant,
) -> Vec<Cause> {
    let mut groups = BTreeMap::<(EventFinding, &str), Group>::new();
    let mut unasked = BTreeMap::<&str, Group>::new();
    let mut asked = BTreeMap::<&str, u64>::new();
    for way in judged.ways.iter().filter(|way| !way.is_young) {
        let kind = way.event.kind.as_str();
        for finding in way.findings() {
            groups.entry((finding, kind)).or_default().add(Some(way.event.created_at), now);
        }
        if way.is_subscribed {
            *asked.entry(kind).or_default() += 1;
        } else if knows_endpoints && is_expected(way, expected) {
            unasked.entry(kind).or_default().add(Some(way.event.created_at), now);
        }
    }
    for row in &judged.rows_without_event {
        groups.entry((EventFinding::RowWithoutEvent, "")).or_default().add(row.created_at, now);
    }
    let profile = environment.database.as_ref().map(|database| database.profile);
    let explained = groups.iter().map(|((finding, kind), group)| {
        let all = asked.get(kind).is_some_and(|count| *count == group.count);
        explain(*finding, kind, group, all, profile)
    });
    let unheard = unasked.iter().map(|(kind, group)| Cause {
        word: "event.not_subscribed".to_owned(),
        title: format!("{kind}: no endpoint asks for it"),
        detail: "The workspace expects this type, and no enabled endpoint selects it: these were sent nowhere."
            .to_owned(),
        count: group.count,
        since: group.since,
        filter: format!("delivery=not_subscribed&kind={kind}"),
    });
    let mut causes: Vec<Cause> = explained.chain(unheard).collect();
    causes.sort_by(|one, two| two.count.cmp(&one.count).then_with(|| one.filter.cmp(&two.filter)));
    causes.truncate(CAUSES_MAX);
    causes
}

fn is_expected(way: &Way<'_>, expected: &[String]) -> bool {
    expected.contains(&way.event.kind)
}

fn explain(finding: EventFinding, kind: &str, group: &Group, is_all: bool, profile: Option<SchemaProfile>) -> Cause {
    let habit = known_fault(kind, profile).map(|fault| format!(" {fault}")).unwrap_or_default();
    let (title, detail, filter) = match finding {
        EventFinding::Undelivered => {
            let title = if is_all { "none was accepted" } else { "not accepted by the endpoint" };
            let given_up = match group.given_up {
                0 => "Stripe goes on trying for about three days.".to_owned(),
                count if count == group.count => {
                    "Stripe has given up on all of them; they must be sent again.".to_owned()
                }
                count => format!("Stripe has given up on {count} of them; those must be sent again."),
            };
            (title, format!("{given_up}{habit}"), format!("delivery=pending&kind={kind}"))
        }
        EventFinding::MissingRow => {
            let title = if is_all { "every one is delivered and leaves no row" } else { "delivered, and no row" };
            let detail = format!("The endpoint answered well, but the handling left no row in the database.{habit}");
            (title, detail, format!("row=missing&kind={kind}"))
        }
        EventFinding::DuplicateRow => (
            "more than one row",
            "An event that arrives twice is recorded twice; look whether its effect was doubled too.".to_owned(),
            format!("row=duplicate&kind={kind}"),
        ),
        EventFinding::Late => (
            "the row came late",
            format!("More than {LATE_AFTER_MINUTES} minutes after the event: it failed at first, or waited somewhere."),
            format!("row=found&kind={kind}&sort=lag_s"),
        ),
        EventFinding::RowWithoutEvent => (
            "Rows that name no event of this account",
            "Another account or mode writes into the same database, or somebody wrote them by hand.".to_owned(),
            String::new(),
        ),
    };
    Cause {
        word: finding.as_ref().to_owned(),
        title: if kind.is_empty() { title.to_owned() } else { format!("{kind}: {title}") },
        detail,
        count: group.count,
        since: group.since,
        filter,
    }
}

/// Gives what is known of the handler as it was found; a hint, not a proof.
fn known_fault(kind: &str, profile: Option<SchemaProfile>) -> Option<&'static str> {
    match (profile?, kind) {
        (SchemaProfile::Devflowhub, "checkout.session.completed") => Some(
            "Known of this application: it writes the plan in small letters, and the column takes capital ones only.",
        ),
        (SchemaProfile::Devflowhub, "customer.subscription.deleted") => Some(
            "Known of this application: after ending the row it writes the plan “free” in small letters, which the column refuses.",
        ),
        (SchemaProfile::Devflowhub, "customer.subscription.created" | "customer.subscription.updated") => {
            Some("Known of this application: it does not find the period in payloads rendered in 2025-03-31 or later.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::reconcile::events::Funnel;
    use countersign_domain::stripe::Event;
    use countersign_domain::workspace::Class;

    use super::*;

    fn at(hour: i64) -> Instant {
        Instant::from_timestamp(1_800_000_000 + hour * 3_600, 0).unwrap()
    }

    fn event(id: &str, kind: &str, hour: i64) -> Event {
        Event {
            id: id.into(),
            kind: kind.to_owned(),
            created_at: at(hour),
            api_version: None,
            pending_webhooks: 0,
            object_kind: None,
            object_id: None,
            customer: None,
            request_id: None,
        }
    }

    #[test]
    fn events_with_one_explanation_are_one_line() {
        let events: Vec<Event> = (0..5).map(|n| event(&format!("evt_{n}"), "invoice.paid", n * 30)).collect();
        let lone = event("evt_x", "customer.deleted", 1);
        let way = |event, is_subscribed, is_delivered, is_young| Way {
            event,
            is_subscribed,
            is_delivered,
            is_young,
            row: None,
            duplicates: 0,
            is_recorded: true,
        };
        let ways = vec![
            way(&events[0], true, false, false),
            way(&events[1], true, false, false),
            way(&events[2], true, true, false),
            way(&events[3], true, false, true),
            way(&lone, false, true, false),
        ];
        let judged = Events {
            funnel: Funnel::default(),
            ways,
            rows_without_event: Vec::new(),
            rows_not_provable: 0,
            findings: BTreeMap::new(),
        };
        let environment = Environment {
            id: "test".into(),
            class: Class::Test,
            is_demo: false,
            webhook_url: None,
            stripe: None,
            stripe_key_since: None,
            database_since: None,
            database: None,
            added_at: at(0),
        };
        let causes = of(&judged, true, &environment, &["customer.deleted".to_owned()], at(80));
        let told: Vec<(&str, u64, &str)> =
            causes.iter().map(|cause| (cause.word.as_str(), cause.count, cause.filter.as_str())).collect();
        let expected = [
            ("event.undelivered", 2, "delivery=pending&kind=invoice.paid"),
            ("event.not_subscribed", 1, "delivery=not_subscribed&kind=customer.deleted"),
            ("event.missing_row", 1, "row=missing&kind=invoice.paid"),
        ];
        assert_eq!(told, expected, "a young event is not judged");
        assert_eq!(causes[0].since, Some(at(0)));
        assert!(causes[0].detail.contains("given up on 1 of them"), "{}", causes[0].detail);
    }
}
