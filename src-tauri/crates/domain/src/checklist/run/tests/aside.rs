//! Lines set aside: waived, not applicable, or spoken for by their children.

use super::*;

#[test]
fn waivers_have_a_reason_an_end_and_another_approver() {
    let template = template();
    let item = "account-active";
    let refused = |who: &str, change: fn(&mut ItemWaived)| {
        let mut book = Notebook::open(&template);
        book.checked(item, Outcome::Fail);
        let mut body = waive(item, 30, book.now);
        change(&mut body);
        book.did(Some(who), body);
        (book.state(item), book.refusal())
    };
    assert_eq!(refused("Ana", |_| {}), (State::Waived, None));
    let failed = |code| (State::Failed, Some(code));
    assert_eq!(refused("Olga", |_| {}), failed(Code::StateConflict), "the owner");
    assert_eq!(refused("Ana", |body| body.reason = "x".repeat(19)), failed(Code::InputInvalid));
    assert_eq!(refused("Ana", |body| body.reason = format!("x{}", " ".repeat(30))), failed(Code::InputInvalid));
    assert_eq!(refused("Ana", |body| body.until = START.parse().unwrap()), failed(Code::InputInvalid));
    assert_eq!(refused("Ana", |body| body.until += chrono::TimeDelta::days(60)), (State::Waived, None));
    assert_eq!(
        refused("Ana", |body| body.until += chrono::TimeDelta::seconds(60 * 86_400 + 1)),
        failed(Code::InputInvalid)
    );

    let mut book = Notebook::open(&template);
    book.checked(item, Outcome::Fail);
    book.did(Some("Ana"), waive(item, 1, book.now));
    book.later(24);
    assert_eq!(book.state(item), State::Failed, "the waiver has ended");
    book.did(Some("Olga"), ItemAssigned { item: item.into(), owner: "ana".into() });
    book.did(Some("Ana"), waive(item, 1, book.now));
    assert_eq!(book.refusal(), Some(Code::StateConflict), "Ana owns it now");
    let asked = |book: &Notebook<'_>, who: &str, item: &str| {
        let by = Some(person(who));
        let act = Act { seq: book.acts.len() as u64 + 1, at: book.now, by, entry: waive(item, 1, book.now).into() };
        let may = book.run().may_waive(
            &item.into(),
            Actor::of(&person(who)),
            LONG,
            book.now + chrono::TimeDelta::days(1),
            book.now,
        );
        assert_eq!(book.run().would_take(&[act]), may, "{who} {item}");
        may.err().map(|refusal| refusal.sentence)
    };
    let gave = "Who gave `Account active` to somebody else cannot waive it; a third person has to.";
    assert_eq!(asked(&book, "Olga", item).as_deref(), Some(gave));
    assert_eq!(asked(&book, "Bo", item), None);
    let mut earlier = Notebook { template: &template, acts: book.acts.clone(), now: book.now };
    earlier.did(Some("Olga"), waive(item, 1, book.now));
    assert_eq!(earlier.state(item), State::Waived, "what an earlier version allowed stays");

    let (parent, child) = ("events-selected", "invoice-failed");
    book.checked(child, Outcome::Fail);
    book.did(Some("Olga"), ItemAssigned { item: child.into(), owner: "bo".into() });
    let owner = "The owner of `invoice.failed` cannot waive it; somebody else has to approve.";
    assert_eq!(asked(&book, "Bo", parent).as_deref(), Some(owner), "not through the line above either");
    assert_eq!(asked(&book, "Ana", parent), None);
    book.checked(child, Outcome::Pass);
    assert_eq!(asked(&book, "Bo", parent), None, "what is done need not be waived");
}

#[test]
fn only_lines_that_say_so_may_be_left_out() {
    let template = template();
    let mut book = Notebook::open(&template);
    let leave = |item: &str, reason: &str| ItemNotApplicable { item: item.into(), reason: reason.to_owned() };
    book.did(Some("Ana"), leave("account-active", "no account"));
    assert_eq!((book.state("account-active"), book.refusal()), (State::Open, Some(Code::StateConflict)));
    book.did(Some("Ana"), leave("tax-settings-if-applicable", ""));
    assert_eq!(book.state("tax-settings-if-applicable"), State::Open);
    book.did(Some("Ana"), leave("tax-settings-if-applicable", "no tax there"));
    assert_eq!(book.standing("tax-settings-if-applicable").because, "Ana: no tax there");
    let roles = [crate::checklist::role::Role::QaEngineer];
    let mut strict = template.clone();
    let row = strict.rows.iter_mut().find(|row| row.optional).unwrap();
    row.confirm = vec![crate::checklist::role::Role::FinanceManager];
    let run = Notebook::open(&strict).run();
    let (id, ana) = (ItemId::from("tax-settings-if-applicable"), person("Ana"));
    let actor = Actor { id: &ana.id, key: None, roles: Some(&roles) };
    assert_eq!(run.may_dismiss(&id, actor, "no tax").unwrap_err().to_string(), "Only finance_manager may do this.");
}

#[test]
fn children_speak_for_a_parent_that_ends_in_a_colon() {
    let template = template();
    let mut book = Notebook::open(&template);
    let parent = "events-selected";
    book.checked("invoice-paid", Outcome::Pass);
    assert_eq!(
        (book.state(parent), book.standing(parent).because.as_str()),
        (State::Open, "1 of 2 below are complete.")
    );
    book.checked("invoice-failed", Outcome::Fail);
    assert_eq!((book.state(parent), book.state("invoice-paid")), (State::Failed, State::Verified));
    book.confirmed("Ana", parent, "fine");
    assert_eq!(book.refusal(), Some(Code::ItemNotConfirmable));
    book.checked("invoice-failed", Outcome::Pass);
    assert_eq!(book.state(parent), State::Verified);
    book.did(Some("Ana"), ItemReopened { item: "invoice-paid".into(), reason: "wrong endpoint".to_owned() });
    assert_eq!((book.state("invoice-paid"), book.state(parent)), (State::Reopened, State::Reopened));
    book.did(Some("Ana"), waive(parent, 5, book.now));
    assert_eq!((book.state(parent), book.state("invoice-paid")), (State::Waived, State::Waived));
}
