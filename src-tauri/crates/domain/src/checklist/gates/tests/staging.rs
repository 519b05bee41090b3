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

/// A check that belongs after the deployment has to be made and to pass after it; it does not grow old on staging.
#[test]
fn what_belongs_after_the_deployment_passed_on_staging() {
    let mut template = template();
    let rows = template.rows.iter_mut().filter(|row| ["account-active", "access-reviewed"].contains(&row.id.as_str()));
    rows.for_each(|row| row.section = vec!["Post-Deployment Verification".to_owned()]);
    let mut staging = Notebook::on(&template, Class::Staging);
    let passed = |book: &Notebook<'_>| {
        let (run, now) = (book.run(), book.now + chrono::TimeDelta::days(3));
        passed_on_staging(&template.id, "v1", &[&run], now)
    };
    staging.checked("account-active", Outcome::Pass);
    staging.later(1);
    staging.did(Some("Olga"), DeploymentRecorded { at: staging.now, reason: None });
    let open = "After the deployment of release v1 to staging, not every check passed: Account active.".to_owned();
    assert_eq!(passed(&staging), Err(open.clone()), "checked before it, and a person's line is not asked");
    staging.later(1);
    staging.checked("account-active", Outcome::Unknown(Unknown::NotSupported));
    assert_eq!(passed(&staging), Err(open.clone()), "what is not known has not passed");
    let mut waived = Notebook { template: &template, acts: staging.acts.clone(), now: staging.now };
    let (reason, until) = ("nothing there to look at".to_owned(), staging.now + chrono::TimeDelta::days(1));
    waived.did(Some("Ana"), ItemWaived { item: "account-active".into(), reason, until });
    assert_eq!(passed(&waived), Ok(()));
    staging.later(1);
    staging.checked("account-active", Outcome::Pass);
    assert_eq!(passed(&staging), Ok(()));
    staging.did(Some("Olga"), ReleaseChanged { release: "v2".to_owned() });
    let there = |book: &Notebook<'_>| passed_on_staging(&template.id, "v2", &[&book.run()], book.now);
    assert_eq!(there(&staging), Err("Release v2 was not deployed by a staging run of this list.".to_owned()));
}

/// Another release asks for staging again, at whatever gate the run is.
#[test]
fn a_release_that_changed_is_asked_for_again() {
    let template = template();
    let mut book = Notebook::open(&template);
    let asked = |book: &Notebook<'_>, number: u8| {
        let found =
            evaluate(&book.run(), number, &World { passed_on_staging: Some(Err("never".to_owned())) }, book.now);
        found.conditions.iter().any(|condition| condition.name == "staging")
    };
    assert!(asked(&book, 0));
    book.did(None, GateEvaluated { phase: 0, state: GateState::Open, conditions: Vec::new() });
    book.did(Some("Olga"), GateOpened { phase: 0 });
    assert!(!asked(&book, 1), "it was asked at the gate before");
    book.did(Some("Olga"), ReleaseChanged { release: "v2".to_owned() });
    assert!(asked(&book, 1));
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
