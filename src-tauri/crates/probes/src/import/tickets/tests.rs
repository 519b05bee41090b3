//! Exports as help desks write them: which days are known, and what is refused.

use super::super::{TIME_MAX, tests::read as read_any};
use super::*;

fn read(text: &str) -> Result<Option<Reading>, String> {
    super::read(text, Deadline::after(TIME_MAX)).map_err(|why| why.to_string())
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn counted_at(text: &str, now: &str) -> Vec<(String, u64)> {
    let Report::Tickets(tickets) = read(text).unwrap().unwrap().report else { panic!("no tickets") };
    let zone = Zone::named("Europe/Berlin").unwrap();
    tickets.by_day(&zone, at(now)).iter().map(|(day, counted)| (day.to_string(), counted.values().sum())).collect()
}

fn counted(text: &str) -> Vec<(String, u64)> {
    counted_at(text, "2026-11-22T12:00:00Z")
}

fn days(wanted: &[(&str, u64)]) -> Vec<(String, u64)> {
    wanted.iter().map(|(day, count)| ((*day).to_owned(), *count)).collect()
}

const LIST: &str = "Id,Created at,Type\n1,2026-11-13T09:00:00Z,billing\n2,2026-11-14T23:30:00Z,billing\n\
                    3,2026-11-15 10:00,question\n4,2026-11-17,\n5,2026-11-18T08:00:00+01:00,billing\n";
const SHEET: &str = "Date;Tickets;Category\n2026-11-12;9;billing\n2026-11-13;3;billing\n2026-11-13;1;login\n\
                     2026-11-14;0;\n2026-11-16;2;login\n2026-11-17;1;login\n";

#[test]
fn a_list_counts_whole_days_in_the_zone_of_the_workspace() {
    assert_eq!(
        counted(LIST),
        days(&[("2026-11-14", 0), ("2026-11-15", 2), ("2026-11-16", 0), ("2026-11-17", 1)]),
        "23:30 UTC is the next day in Berlin; first and last day may be cut"
    );
    let whole = counted(&format!("# countersign-tickets: from=2026-11-12 to=2026-11-18\n{LIST}"));
    assert_eq!((whole.len(), whole.first().unwrap().1, whole.last().unwrap().1), (7, 0, 1));
}

#[test]
fn days_with_their_counts_may_be_cut_at_their_ends_and_a_missing_one_is_not_none() {
    assert_eq!(counted(SHEET), days(&[("2026-11-13", 4), ("2026-11-14", 0), ("2026-11-16", 2)]));
    let whole = counted(&format!("# countersign-tickets: from=2026-11-12 to=2026-11-17\n{SHEET}"));
    assert_eq!(whole.len(), 5, "the header makes the ends whole and the missing day no less missing: {whole:?}");
    // Grouped by day in JSON, in a zone west of where the days are made.
    let grouped = r#"[{"day":"2026-11-12T00:00:00Z","count":1},{"day":"2026-11-13T00:00:00Z","count":2},
                      {"day":"2026-11-14T00:00:00Z","count":3}]"#;
    assert_eq!(counted(grouped), days(&[("2026-11-13", 2)]));
    // Counted by the hour it is a list, whose ends are cut.
    let hours =
        "Day,Count\n2026-11-12T09:00:00Z,1\n2026-11-13T09:00:00Z,2\n2026-11-13T10:00:00Z,2\n2026-11-14T09:00:00Z,1\n";
    assert_eq!(counted(hours), days(&[("2026-11-13", 4)]));
}

#[test]
fn a_day_that_was_not_over_when_it_was_attached_is_not_known() {
    let header = format!("# countersign-tickets: from=2026-11-12 to=2027-06-01\n{LIST}");
    assert_eq!(counted_at(&header, "2026-11-15T10:00:00Z").last().unwrap().0, "2026-11-14");
    assert_eq!(counted_at(&header, "2026-11-15T23:30:00Z").last().unwrap().0, "2026-11-15", "it is the 16th in Berlin");
    let future = format!("{LIST}6,2027-01-01,billing\n");
    assert_eq!(counted(&future), counted(LIST), "a ticket of the future says nothing of the days before it");
}

#[test]
fn json_of_an_api_is_read_by_the_same_names_and_only_whole() {
    let tickets = r#""tickets":[{"id":1,"created_at":"2026-11-13T09:00:00Z","tags":["billing","vip"]},
                     {"id":2,"created_at":"2026-11-15T09:00:00Z","tags":[]}]"#;
    for rest in ["", r#","count":2,"next_page":null"#, r#","meta":{"has_more":false}"#] {
        assert_eq!(counted(&format!("{{{tickets}{rest}}}")), days(&[("2026-11-14", 0)]), "{rest}");
    }
    for rest in [r#","count":523"#, r#","next_page":"https://desk.test/?page=2""#, r#","meta":{"has_more":true}"#] {
        let refused = read(&format!("{{{tickets}{rest}}}")).unwrap_err();
        assert!(refused.contains("one page of several"), "{rest}: {refused}");
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    let why = |text: &str| read(text).unwrap_err();
    assert!(why("Created,Type\n2026-11-13,a\n13/11/2026,b\n").contains("line 3 is `13/11/2026`"));
    let header = "# countersign-tickets: from=2026-11-13 to=2026-11-14\n";
    assert!(why(&format!("{header}Day\n2026-11-13\nnever\n")).contains("line 4 is `never`"));
    assert!(why("Day,Count\n2026-11-13,many\n").contains("`many`"));
    assert!(why("Day,Count\n2026-11-13,18446744073709551615\n").contains("is expected"));
    assert!(why("Day,Category,Count\n2026-11-13,billing\n").contains("count of line 2 is missing"));
    assert!(why("# countersign-tickets: from=2026-11-13\nDay\n").contains("to"));
    assert!(why("# countersign-tickets: from=2026-11-14 to=2026-11-13\nDay\n").contains("from 2026-11-14"));
    assert!(why("Day,Count\n1926-11-13,1\n2026-11-13,1\n").contains("longer than"));
    for none in ["", "no table at all", "Name,Mail\na,b\n", "[1,2]", "[]", "{}", "Created,Type\n"] {
        assert_eq!(read(none), Ok(None), "{none}");
    }
}

#[test]
fn categories_are_bounded_and_hold_no_address() {
    let many: String = (0..500).map(|n| format!("2026-11-{:02},kind {n}\n", 10 + n % 5)).collect();
    let Report::Tickets(tickets) = read(&format!("Day,Type\n{many}")).unwrap().unwrap().report else { panic!() };
    let all = tickets.by_day(&Zone::utc(), at("2026-11-22T12:00:00Z"));
    let names: std::collections::BTreeSet<_> = all.values().flat_map(BTreeMap::keys).collect();
    assert!(names.len() <= CATEGORIES_MAX + 1 && names.contains(&FURTHER.to_owned()), "{}", names.len());
    let mail = "Day,Type\n2026-11-12,a\n2026-11-13,from ana@example.com\n2026-11-14,a\n";
    let Report::Tickets(tickets) = read(mail).unwrap().unwrap().report else { panic!() };
    let shown = format!("{:?}", tickets.by_day(&Zone::utc(), at("2026-11-22T12:00:00Z")));
    assert!(!shown.contains("ana@"), "{shown}");
}

#[test]
fn a_count_that_stands_twice_is_refused_before_it_counts() {
    let twice = br#"[{"day":"2026-11-14","count":12,"count":1},{"day":"2026-11-15","count":2}]"#;
    let refused = read_any(twice, Some("metric.support_tickets")).unwrap_err();
    assert!(refused.contains("`count` stands twice"), "{refused}");
    let kept = read_any(br#"{"a":1,"a":2}"#, Some("metric.support_tickets")).unwrap();
    assert_eq!(kept.kind, Kind::Document, "what decides nothing is kept as it is");
}
