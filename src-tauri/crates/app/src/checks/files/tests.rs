//! Which file answers for a line.

use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::{Act, Entry, FileFacts, ItemAttached, Person, RunStarted};
use countersign_domain::checklist::template::Template;
use countersign_domain::workspace::Class;

use super::*;
use crate::checklists::Library;

const LINT: &str = "no-linting-errors";
const TYPES: &str = "all-typescript-files-compile-without-errors";

fn act(seq: u64, entry: impl Into<Entry>) -> Act {
    let by = Person { id: "ana".into(), name: "Ana".to_owned(), key: None };
    let at = "2026-11-20T10:00:00Z".parse::<Instant>().unwrap() + chrono::TimeDelta::minutes(seq as i64);
    Act { seq, at, by: Some(by), entry: entry.into() }
}

fn started(template: &Template) -> RunStarted {
    RunStarted {
        template: template.id.clone(),
        version: template.version,
        hash: template.content_hash(),
        environment: "prod".into(),
        class: Class::Production,
        is_demo: false,
        release: "v2".to_owned(),
        owner: "ana".into(),
        fingerprints: std::collections::BTreeMap::new(),
        zone: "UTC".to_owned(),
        business_days: false,
        people: std::collections::BTreeMap::new(),
    }
}

fn file(item: &str, kind: Option<&str>, release: &str, made_at: Option<&str>) -> ItemAttached {
    let facts = kind.map(|kind| FileFacts {
        kind: kind.to_owned(),
        figures: Vec::new(),
        commit: None,
        release: None,
        made_at: made_at.map(|at| at.parse().unwrap()),
        expires_at: None,
        critical: None,
    });
    let (name, release) = (format!("{release}.json"), Some(release.to_owned()));
    ItemAttached { item: item.into(), name, sha256: Digest::of_bytes(b""), bytes: 1, release, facts, meant: None }
}

#[test]
fn the_lines_own_file_of_the_release_comes_first_and_of_these_the_newest() {
    let library = Library::begin().unwrap();
    let template = library.get(&"billing-module-deployment".into(), 0).unwrap().template.clone();
    let chosen = |files: &[ItemAttached]| {
        let acts = files.iter().enumerate().map(|(nth, file)| act(nth as u64 + 2, file.clone()));
        let acts: Vec<Act> = std::iter::once(act(1, started(&template))).chain(acts).collect();
        let run = Run::fold(template.clone(), &acts).unwrap();
        Subject::of(&run, &Proof::from("evidence.eslint"), &LINT.into()).file.map(|file| file.seq)
    };
    let eslint = |item: &str, release: &str| file(item, Some("eslint"), release, None);
    assert_eq!(chosen(&[]), None);
    assert_eq!(chosen(&[file(LINT, Some("document"), "v2", None), file(LINT, None, "v2", None)]), None);
    assert_eq!(chosen(&[eslint(TYPES, "v2")]), Some(2), "one on another line counts too");
    assert_eq!(chosen(&[eslint(LINT, "v2"), eslint(TYPES, "v2")]), Some(2), "the line's own comes first");
    assert_eq!(chosen(&[eslint(LINT, "v2"), eslint(LINT, "v2")]), Some(3), "the newest");
    assert_eq!(chosen(&[eslint(TYPES, "v2"), eslint(LINT, "v1")]), Some(2), "the release before the line");
    assert_eq!(chosen(&[eslint(LINT, "v1")]), Some(2), "named, so that the line says what it is about");
}

#[test]
fn a_file_is_as_old_as_it_says_but_no_younger_than_when_it_was_attached() {
    let template = Library::begin().unwrap().get(&"billing-module-deployment".into(), 0).unwrap().template.clone();
    let of = |made_at: Option<&str>| {
        let acts = [act(1, started(&template)), act(2, file(LINT, Some("eslint"), "v2", made_at))];
        let run = Run::fold(template.clone(), &acts).unwrap();
        made_at_of(&run)
    };
    let attached: Instant = "2026-11-20T10:02:00Z".parse().unwrap();
    assert_eq!(of(None), attached);
    assert_eq!(of(Some("2026-11-01T00:00:00Z")), "2026-11-01T00:00:00Z".parse::<Instant>().unwrap());
    assert_eq!(of(Some("2030-01-01T00:00:00Z")), attached);
}

fn made_at_of(run: &Run) -> Instant {
    made_at(run.history(&LINT.into()).unwrap().files.first().unwrap())
}
