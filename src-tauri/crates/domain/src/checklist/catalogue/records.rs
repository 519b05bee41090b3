//! Checks answered by the linked repository and by files a person imports.
//!
//! A file proves only the release it names; how old it may be is part of each entry.

use super::CheckSource::{Import, Repository};
use super::{Check, check};

const A_WEEK: u32 = 7 * 24;
const A_FORTNIGHT: u32 = 14 * 24;
const A_QUARTER: u32 = 90 * 24;

pub(super) const CHECKS: &[Check] = &[
    check(
        "repo.branch.deployment",
        Repository,
        "Deployment branch",
        "Does the branch exist and hold the release commit?",
    )
    .words(&["deployment branch", "release branch", "create branch"]),
    check("repo.tag.release", Repository, "Release tag", "Does the tag of the run point at the release commit?")
        .words(&["tag release", "release tag", "git tag", "version tagged"]),
    check("repo.changelog.updated", Repository, "Changelog", "Has the changelog a heading for this version?")
        .words(&["changelog", "release note"]),
    check(
        "repo.migrations.present",
        Repository,
        "Migrations to review",
        "Which migrations are there, and which destroy something?",
    )
    .assists()
    .words(&["migration reviewed", "review migration", "migration sql", "schema migration reviewed"]),
    check(
        "repo.schema.documented",
        Repository,
        "Schema documented",
        "Does the documented schema agree with the live one?",
    )
    .partial("The description is right")
    .words(&["schema documented", "database schema document"]),
    check("repo.docs.present", Repository, "Document", "Does the named document exist, and is it recent?")
        .partial("The text is right")
        .words(&[
            "troubleshooting guide",
            "runbook",
            "architecture diagram",
            "event flow diagram",
            "state machine documented",
            "configuration guide",
            "rollback procedure documented",
            "monitoring guide",
            "incident response plan",
            "failover procedure",
            "common issue documented",
            "documentation update",
            "procedure documented",
            "documentation written",
            "readme updated",
        ]),
    check(
        "repo.secrets_scan",
        Repository,
        "No secrets in the repository",
        "Do tracked files hold nothing that looks like a key?",
    )
    .words(&["secret scan", "hardcoded secret", "secret committed", "no secret repository"]),
    check("evidence.tsc", Import, "Type check", "Did the type check of the release end without errors?")
        .fresh(A_FORTNIGHT)
        .words(&["typescript compile", "type check", "compile without error"]),
    check("evidence.eslint", Import, "Lint", "Did the linter find no errors?").fresh(A_FORTNIGHT).words(&[
        "linting error",
        "lint",
        "eslint",
    ]),
    check("evidence.junit", Import, "Test report", "Did the named tests run, and none fail?").fresh(A_FORTNIGHT).words(
        &[
            "unit test",
            "test pass",
            "test passing",
            "error scenario tested",
            "api endpoint tested",
            "database transaction tested",
            "production build test",
            "input validation endpoint",
            "regression test",
        ],
    ),
    check("evidence.coverage", Import, "Coverage", "Is the measured coverage above the limit?")
        .fresh(A_FORTNIGHT)
        .words(&["code coverage", "test coverage", "coverage requirement"]),
    check("evidence.npm_audit", Import, "Known vulnerabilities", "Are there no critical or high advisories?")
        .fresh(A_WEEK)
        .words(&[
            "security vulnerability checked",
            "npm audit",
            "dependency audit",
            "security audit",
            "vulnerability scan",
        ]),
    check("evidence.npm_outdated", Import, "Outdated packages", "Is no core package a major version behind?")
        .fresh(A_WEEK)
        .partial("The rest may wait")
        .words(&["dependency up to date", "outdated package", "dependency updated"]),
    check("evidence.load_test", Import, "Load test", "Did the load test keep its limits?").fresh(A_FORTNIGHT).words(&[
        "load testing",
        "load test",
        "concurrent user",
        "peak transaction volume",
        "query performance tested",
        "throughput tested",
        "response time measured",
        "stress test",
    ]),
    check("evidence.sast", Import, "Security scan", "Is no finding of this kind open?")
        .fresh(A_FORTNIGHT)
        .partial("The findings were reviewed")
        .words(&[
            "sql injection",
            "xss",
            "cross site scripting",
            "static analysis",
            "security scan",
            "penetration test",
        ]),
    check("evidence.build", Import, "Build", "Did the build of the release end well?").fresh(A_FORTNIGHT).words(&[
        "build application",
        "npm run build",
        "build succeed",
        "production build",
        "ci green",
    ]),
    check("evidence.migration_staging", Import, "Migration on staging", "Did the migration end well on staging?")
        .fresh(A_FORTNIGHT)
        .partial("It is the migration of this release")
        .words(&["migration staging", "migration script tested", "test migration", "migration dry run"]),
    check("evidence.backup_restore", Import, "Backup and restore", "Does the log show a backup that was restored?")
        .fresh(A_QUARTER)
        .partial("The restored rows were looked at")
        .words(&[
            "backup system tested",
            "backup restoration",
            "restore tested",
            "backup restored",
            "backup production database",
            "backup current",
            "disaster recovery",
        ]),
    check(
        "evidence.log_extract",
        Import,
        "Log extract",
        "Does the extract name this service, and hold no errors or secrets?",
    )
    .assists()
    .words(&["log aggregation", "application log", "log output", "check log", "review log", "log review"]),
];
