//! No order of acts breaks a rule.

use super::*;

/// What holds whatever people try, in whatever order.
fn check_invariants(book: &Notebook<'_>) {
    let run = book.run();
    let progress = run.progress(book.now);
    assert_eq!(progress.states.values().sum::<usize>(), progress.total);
    assert!(progress.complete <= progress.total);
    for row in &book.template.rows {
        let (history, standing) = (run.history(&row.id).unwrap(), run.standing(&row.id, book.now).unwrap());
        let decided = matches!(row.kind, Kind::Auto | Kind::Metric | Kind::Command | Kind::Contact);
        let failed = decided && history.answer.as_ref().is_some_and(|answer| answer.outcome == Outcome::Fail);
        let aside = matches!(standing.state, State::Waived | State::NotApplicable);
        assert!(!(failed && standing.state.is_complete() && !aside), "{} failed and is {:?}", row.id, standing.state);
        if let Some(waiver) = history.waived.as_ref() {
            assert_ne!(waiver.decision.by.id, *run.owner(&row.id), "{} is waived by its owner", row.id);
        }
        assert!(history.dismissed.is_none() || row.optional, "{} always applies", row.id);
        assert!(row.kind != Kind::Metric || history.confirmed.is_none(), "{} is measured", row.id);
    }
    assert_eq!(run.root(Scope::Run), book.run().root(Scope::Run));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_order_of_acts_breaks_a_rule(moves in proptest::collection::vec((0_usize..13, 0_usize..40, 0_usize..3), 0..60)) {
        let template = template();
        let mut book = Notebook::open(&template);
        for (act, item, who) in moves {
            let row = &template.rows[item % template.rows.len()];
            let (id, who) = (row.id.clone(), ["Olga", "Ana", "Bo"][who]);
            let text = LONG.to_owned();
            let measured = matches!(row.proof, Some(crate::checklist::row::Proof::Metric(_)));
            let proved = row.proof.is_some() && !row.indicator && !measured;
            match act {
                0..=3 if measured => book.measured(id.as_str(), [Some("1/2"), Some("99/1"), None, Some("10/1")][act]),
                0 if proved => book.checked(id.as_str(), Outcome::Pass),
                1 if proved => book.checked(id.as_str(), Outcome::Fail),
                2 if proved => book.checked(id.as_str(), Outcome::Warn),
                3 if proved => book.checked(id.as_str(), Outcome::Unknown(Unknown::Timeout)),
                4 => book.confirmed(who, id.as_str(), "seen"),
                5 => book.did(Some(who), waive(id.as_str(), 10, book.now)),
                6 => book.did(Some(who), ItemNotApplicable { item: id, reason: text }),
                7 => book.did(Some(who), ItemReopened { item: id, reason: text }),
                8 => book.did(Some(who), CommandRan { item: id, output: text, at: None }),
                9 => book.did(Some(who), NoteSet { item: id, value: text }),
                10 => book.did(None, TriggerTripped { item: id, cause: text }),
                11 => book.did(Some(who), TriggerCleared { item: id, reason: text }),
                _ => book.later(7),
            }
        }
        check_invariants(&book);
    }
}
