//! The same release has passed on staging before.

use super::*;

#[test]
fn staging_counts_when_the_same_release_was_deployed_there_before() {
    let template = template();
    let mut staging = Notebook::on(&template, Class::Staging);
    let now = staging.now + chrono::TimeDelta::hours(1);
    let passed =
        |book: &Notebook<'_>, release: &str| passed_on_staging(&template.id, release, &[&book.run()], now).is_ok();
    assert!(!passed(&staging, "v1"), "begun is not deployed");
    let at = staging.now;
    staging.did(Some("Olga"), DeploymentRecorded { at, reason: None });
    assert!(passed(&staging, "v1"));
    assert!(!passed(&staging, "v2"));
    assert!(passed_on_staging(&"other".into(), "v1", &[&staging.run()], now).is_err());
    assert!(passed_on_staging(&template.id, "v1", &[&staging.run()], at).is_err(), "not before this one");
    let mut production = Notebook::open(&template);
    production.did(Some("Olga"), DeploymentRecorded { at, reason: None });
    assert!(!passed(&production, "v1"), "production proves nothing about staging");
}

#[test]
fn a_staging_run_that_failed_or_was_given_up_does_not_count() {
    let template = template();
    let mut staging = Notebook::on(&template, Class::Staging);
    let at = staging.now;
    staging.did(Some("Olga"), DeploymentRecorded { at, reason: None });
    staging.later(1);
    let passed = |book: &Notebook<'_>| {
        let (run, now) = (book.run(), book.now + chrono::TimeDelta::days(3));
        let begun = Notebook::on(&template, Class::Staging).run();
        passed_on_staging(&template.id, "v1", &[&begun, &run], now)
    };
    assert_eq!(passed(&staging), Ok(()));
    staging.checked("account-active", Outcome::Fail);
    let failed = Err("On staging, release v1 has failed lines: Account active.".to_owned());
    assert_eq!(passed(&staging), failed);
    let (run, now) = (staging.run(), staging.now);
    assert_eq!(deployed_on_staging(&template.id, "v1", &[&run], now), Ok(()), "deployed it was");
    assert!(deployed_on_staging(&template.id, "v2", &[&run], now).is_err());
    let waiver = |until| ItemWaived {
        item: "account-active".into(),
        reason: "there is no account on staging".to_owned(),
        until,
    };
    staging.did(Some("Ana"), waiver(staging.now + chrono::TimeDelta::days(1)));
    assert_eq!(passed(&staging), failed, "the waiver is over");
    let mut ended = Notebook { template: &template, acts: staging.acts.clone(), now: staging.now };
    ended.did(Some("Olga"), RunEnded { is_abandoned: false, note: "done".to_owned() });
    assert_eq!(passed(&ended), Ok(()), "at its end nothing had failed");
    staging.did(Some("Olga"), RunEnded { is_abandoned: true, note: "not today".to_owned() });
    assert_eq!(passed(&staging), Err("The staging run of release v1 was given up.".to_owned()));
    let mut tripped = Notebook::on(&template, Class::Staging);
    tripped.did(Some("Olga"), DeploymentRecorded { at, reason: None });
    tripped.did(None, TriggerTripped { item: "payment-failures-5".into(), cause: "6 of 100".to_owned() });
    assert!(passed(&tripped).unwrap_err().contains("Payment failures >5%"));
}
