//! The hour after a deployment.

use super::*;
use crate::checklist::entry::{FirstHourSampled, MinuteLine};

/// The sample list, with its dated line in the first hour.
fn watched() -> Template {
    let mut template = template();
    let row = template.rows.iter_mut().find(|row| row.id.as_str() == "daily-look").unwrap();
    row.schedule = Some("hour 1".parse().unwrap());
    row.proof = Some("metric.error_rate".into());
    template
}

fn seen(outcome: Option<Outcome>) -> FirstHourSampled {
    let line = MinuteLine { item: "daily-look".into(), outcome, shown: "0.04 %".to_owned(), data_through: None };
    FirstHourSampled { lines: vec![line] }
}

#[test]
fn each_minute_is_looked_at_once_and_a_missed_one_stays_a_gap() {
    let template = watched();
    let mut book = Notebook::open(&template);
    book.did(None, seen(None));
    assert_eq!(book.refusal(), Some(Code::StateConflict), "not before the deployment");
    assert_eq!(book.run().first_hour(book.now), []);
    book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: None });
    for minute in 0..62 {
        if minute != 7 {
            book.did(None, seen(Some(if minute == 9 { Outcome::Fail } else { Outcome::Pass })));
        }
        book.now += chrono::TimeDelta::seconds(30);
        book.did(None, seen(None));
        if minute != 7 {
            assert_eq!(book.refusal(), Some(Code::StateConflict), "twice in minute {minute}");
        }
        book.now += chrono::TimeDelta::seconds(30);
    }
    let run = book.run();
    let hour = run.first_hour(book.now);
    assert_eq!(hour.len(), 60);
    let missed: Vec<_> = hour.iter().enumerate().filter(|(_, one)| one.sample.is_none()).map(|(at, _)| at).collect();
    assert_eq!(missed, [0_usize; 0], "half a minute late is still that minute");
    let worst = |at: usize| hour[at].sample.as_ref().and_then(|sample| sample.worst());
    assert_eq!((worst(7), worst(8), worst(9)), (None, Some(Outcome::Pass), Some(Outcome::Fail)));
    assert!(hour.iter().all(|one| one.is_over) && !run.lacks_minute(book.now));
}

#[test]
fn a_gap_and_what_is_to_come_are_told_apart_and_signatures_do_not_lapse() {
    let template = watched();
    let mut book = Notebook::open(&template);
    book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: None });
    let before = book.run().root(Scope::Run).digest;
    book.did(None, seen(Some(Outcome::Unknown(Unknown::NotSupported))));
    book.now += chrono::TimeDelta::minutes(5);
    let run = book.run();
    let hour = run.first_hour(book.now);
    let shape: Vec<_> = hour.iter().take(7).map(|one| (one.sample.is_some(), one.is_over)).collect();
    let gap = (false, true);
    assert_eq!(shape, [(true, true), gap, gap, gap, gap, (false, false), (false, false)]);
    assert!(run.lacks_minute(book.now));
    assert_eq!(run.root(Scope::Run).digest, before);
}
