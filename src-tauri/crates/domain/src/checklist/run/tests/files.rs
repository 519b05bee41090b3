//! Attached files, and what rests on them.

use super::*;

#[test]
fn a_result_is_as_old_as_its_file_and_about_the_release_of_its_file() {
    let (template, item) = (template(), "unit-tests-pass");
    let day = chrono::TimeDelta::days(1);
    let mut book = Notebook::open(&template);
    let seen = |book: &mut Notebook<'_>, age: i32, release: &str| {
        book.checked(item, Outcome::Pass);
        let Some(Act { entry: Entry::ItemChecked(body), .. }) = book.acts.last_mut() else { unreachable!() };
        body.result.data_at = Some(book.now - day * age);
        body.result.release = Some(release.to_owned());
    };
    let release = book.run().binding().release.clone();
    seen(&mut book, 13, &release);
    assert_eq!(book.state(item), State::Verified);
    assert_eq!(book.run().fresh_until(&item.into()), Some(book.now + day));
    seen(&mut book, 15, &release);
    assert_eq!(book.state(item), State::Stale, "the file is older than a fortnight, though it was looked at now");
    seen(&mut book, 0, "v0");
    assert_eq!(book.standing(item).because, "The result is about release v0.");
    assert_eq!(book.run().file_counts_until(&item.into(), book.now), Some(book.now + day * 14));
    assert_eq!(book.run().file_counts_until(&"access-reviewed".into(), book.now), None, "no rule of files");
}

#[test]
fn a_word_counts_no_longer_than_the_newest_file_beside_it() {
    let (template, item) = (template(), "access-reviewed");
    let mut book = Notebook::open(&template);
    let end = book.now + chrono::TimeDelta::hours(24);
    attached(&mut book, item, "log.txt", Some(end));
    book.confirmed("Ana", item, "looked");
    assert_eq!((book.state(item), book.run().fresh_until(&item.into())), (State::Confirmed, Some(end)));
    book.now = end + chrono::TimeDelta::seconds(1);
    assert_eq!(book.state(item), State::Stale);
    assert!(book.standing(item).because.starts_with("The file log.txt counted until "), "{:?}", book.standing(item));
    attached(&mut book, item, "newer.txt", Some(end + chrono::TimeDelta::hours(24)));
    assert_eq!(book.state(item), State::Confirmed);
    attached(&mut book, item, "policy.pdf", None);
    assert_eq!(book.state(item), State::Confirmed);
}

#[test]
fn going_on_with_a_run_is_folding_it_anew() {
    let template = template();
    let mut book = Notebook::open(&template);
    book.checked("account-active", Outcome::Pass);
    book.confirmed("Ana", "access-reviewed", "looked");
    book.confirmed("Ana", "unit-tests-pass", "not checked yet");
    book.checked("unit-tests-pass", Outcome::Fail);
    let (first, rest) = book.acts.split_at(2);
    let mut followed = Run::fold(template.clone(), first).unwrap();
    followed.follow(rest).unwrap();
    let folded = book.run();
    assert_eq!(followed.root(Scope::Run), folded.root(Scope::Run));
    assert_eq!((followed.refused(), followed.through()), (folded.refused(), folded.through()));
    assert_eq!(followed.refused().len(), 1);

    let hash = crate::checklist::digest::Digest::of_bytes(b"another");
    book.did(Some("Olga"), RunUpgraded { version: 2, hash, reset: Vec::new() });
    let found = template.content_hash();
    assert_eq!(followed.follow(&book.acts[5..]), Err(RunError::OtherTemplate { wanted: hash, found }));
    assert_eq!(followed.through(), folded.through(), "an upgrade needs the new version, and leaves the run as it was");
}
