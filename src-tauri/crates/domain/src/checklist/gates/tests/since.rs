//! A condition says since when it is as it is.

use super::*;

#[test]
fn a_condition_says_since_when_it_is_as_it_is() {
    let template = template();
    let mut book = Notebook::open(&template);
    let record = |book: &mut Notebook<'_>| {
        let Evaluation { phase, state, conditions, .. } = evaluate(&book.run(), 0, &World::default(), book.now);
        book.did(None, GateEvaluated { phase, state, conditions });
        book.later(1);
    };
    let since = |book: &Notebook<'_>, name: &str| {
        let run = book.run();
        let found = evaluate(&run, 0, &World::default(), book.now);
        let condition = found.conditions.iter().find(|condition| condition.name == name).unwrap();
        run.gate(0).and_then(|record| record.since(condition))
    };
    let began = book.now;
    assert_eq!(since(&book, "triggers"), None, "nothing is on record");
    record(&mut book);
    record(&mut book);
    assert_eq!(since(&book, "triggers"), Some(began), "the second evaluation said the same");
    let tripped = book.now;
    book.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
    assert_eq!(since(&book, "triggers"), None, "it turned, and that is not on record yet");
    record(&mut book);
    assert_eq!((since(&book, "triggers"), since(&book, "items")), (Some(tripped), Some(began)));
}
