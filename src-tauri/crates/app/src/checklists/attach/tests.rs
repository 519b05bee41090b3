//! What is asked about a file before it is kept.

use super::*;

fn read(bytes: &[u8]) -> Reading {
    import::read(bytes, None, Deadline::after(TIME_MAX)).unwrap()
}

fn claim(commit: Option<&str>, release: Option<&str>) -> Claim {
    Claim { commit: commit.map(str::to_owned), release: release.map(str::to_owned), made_at: None }
}

#[test]
fn a_release_is_named_by_the_file_or_by_the_person_and_never_by_both_differently() {
    let of = |claim: &Claim, said: Option<&str>| release_of(claim, "v2", said.map(str::to_owned), true);
    let named = claim(None, Some("v1"));
    assert_eq!(of(&named, None).unwrap().as_deref(), Some("v1"));
    assert_eq!(of(&named, Some("v2")).unwrap_err().code, Code::InputInvalid);
    let silent = claim(Some("4f2a91c0de"), None);
    assert_eq!(of(&silent, Some(" v2 ")).unwrap().as_deref(), Some("v2"));
    assert_eq!(of(&silent, None).unwrap_err().code, Code::InputInvalid);
    assert_eq!(of(&silent, Some("  ")).unwrap_err().code, Code::InputInvalid);
    assert_eq!(release_of(&silent, "v2", None, false).unwrap(), None);
}

#[test]
fn a_release_called_by_its_commit_is_named_by_the_commit() {
    assert_eq!(about(&claim(Some("4f2a91c0de"), None), "4f2a91c"), Some("4f2a91c"));
    assert_eq!(about(&claim(Some("4f2a91c0de"), None), "4f2a"), None, "too short to be a commit");
    assert_eq!(about(&claim(Some("5f2a91c0de"), None), "4f2a91c"), None);
}

#[test]
fn a_person_is_told_what_will_not_count() {
    let now: Instant = "2026-11-21T00:00:00Z".parse().unwrap();
    let report = read(br#"[{"filePath":"a","messages":[],"errorCount":0,"warningCount":0}]"#);
    let day = chrono::TimeDelta::days(1);
    let told = |reading: &Reading, probe, about, end, bytes: &[u8]| {
        let secret = searched(Ok(import::secret_in(bytes, Deadline::after(TIME_MAX)).unwrap())).unwrap();
        remarks(reading, &Zone::utc(), Some(probe), (about, "v2"), (Some(end), now), (bytes.len(), secret)).join(" ")
    };
    assert_eq!(told(&report, "evidence.eslint", Some("v2"), now + day, b"[]"), "");
    assert!(told(&report, "evidence.tsc", None, now + day, b"[]").contains("kind TypeScript check"));
    assert!(told(&report, "evidence.eslint", Some("v1"), now + day, b"[]").contains("it will not count"));
    assert!(told(&report, "evidence.eslint", None, now - day, b"[]").contains("too old"));
    let bytes = vec![b' '; READ_BYTES_MAX + 1];
    let large = read(&bytes);
    assert!(told(&large, "db.connection", None, now + day, &bytes).contains("up to 16 MiB"));
    let told = told(&report, "evidence.eslint", Some("v2"), now + day, b"paid with 4242 4242 4242 4242");
    assert!(told.starts_with("It seems to hold a secret (card).") && !told.contains("4242"), "{told}");
}

#[tokio::test]
async fn a_file_that_takes_too_long_is_refused_as_such_and_its_worker_ends() {
    let (told, ended) = std::sync::mpsc::channel();
    let slow = in_time("a.json", Duration::ZERO, move |until| {
        while until.check().is_ok() {}
        told.send(()).unwrap();
        until.check()
    });
    let slow = slow.await.map(|()| None);
    assert_eq!(slow.as_ref().unwrap_err().code, Code::ImportTimeout);
    let remark = searched(slow).unwrap().unwrap();
    assert!(remark.contains("not searched for secrets"), "{remark}");
    ended.recv().unwrap();
    let refused = in_time::<()>("a.json", TIME_MAX, |_| Err(Refused::Encoding { offset: 7 })).await.unwrap_err();
    assert!(refused.code == Code::ImportEncoding && refused.why.contains("Byte 7"), "{refused:?}");
}
