//! The root of the evidence, and the difference between two.

use super::*;

#[test]
fn the_root_changes_with_every_fact_and_never_with_time() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.checked("account-active", Outcome::Pass);
    let before = book.run().root(Scope::Run);
    book.later(100);
    assert_eq!(book.run().root(Scope::Run), before, "waiting changes nothing");
    book.checked("account-active", Outcome::Pass);
    assert_eq!(book.run().root(Scope::Run), before, "seeing the same again changes nothing");
    let steps: [fn(&mut Notebook<'_>); 7] = [
        |book| book.checked_as("account-active", Outcome::Pass, "other"),
        |book| book.checked("unit-tests-pass", Outcome::Fail),
        |book| book.confirmed("Ana", "access-reviewed", "x"),
        |book| book.did(Some("Ana"), ItemNote { item: "access-reviewed".into(), text: "n".to_owned() }),
        |book| book.did(Some("Ana"), NoteSet { item: "remarks".into(), value: "n".to_owned() }),
        |book| book.did(Some("Ana"), ReleaseChanged { release: "v3".to_owned() }),
        |book| book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() }),
    ];
    let mut last = before;
    for (step, act) in steps.iter().enumerate() {
        act(&mut book);
        let now = book.run().root(Scope::Run);
        assert_ne!(now.digest, last.digest, "step {step}");
        let differences = difference(&last, &now);
        assert!(!differences.is_empty() && differences.len() <= 2, "step {step}: {differences:?}");
        last = now;
    }
    book.did(Some("Olga"), DeploymentRecorded { at: book.now, reason: None });
    book.did(
        Some("Ana"),
        OccurrenceDone {
            item: "daily-look".into(),
            key: "2026-06-01".to_owned(),
            note: String::new(),
            seen: Vec::new(),
            snapshot: None,
            report: None,
            said: Vec::new(),
            reviewed: None,
        },
    );
    assert_eq!(book.run().root(Scope::Run), last, "dated lines come after signing");
    let phase = book.run().root(Scope::Phase(1));
    book.confirmed("Bo", "access-reviewed", "again");
    assert_eq!(book.run().root(Scope::Phase(1)), phase, "a phase covers its own lines");
}

#[test]
fn differences_are_told_in_words() {
    let template = template();
    let mut book = Notebook::open(&template);
    let before = book.run().root(Scope::Run);
    book.checked("account-active", Outcome::Unknown(Unknown::Timeout));
    book.did(Some("Ana"), ItemNote { item: "account-active".into(), text: "slow".to_owned() });
    let found = difference(&before, &book.run().root(Scope::Run));
    let wanted = Difference {
        item: Some("account-active".into()),
        label: "Account active".to_owned(),
        before: "open".to_owned(),
        after: "unknown(timeout), 1 note".to_owned(),
    };
    assert_eq!(found, [wanted]);
}
