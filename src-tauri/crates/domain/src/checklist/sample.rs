//! A small list and a notebook of acts, for the tests of runs, signatures and gates.
//! Shared by test modules only; nothing of the program is built from it.

use std::collections::BTreeMap;

use super::entry::{
    Act, CheckResult, Entry, ItemChecked, ItemConfirmed, ItemMeasured, Person, RollbackEnded, RunStarted,
};
use super::import;
use super::row::{Kind, Proof, Strength};
use super::run::{Run, Standing, State};
use super::template::Template;
use crate::Instant;
use crate::ids::ItemId;
use crate::probe::{Outcome, Unknown, Verdict};
use crate::workspace::Class;

/// A list with one line of every sort.
pub const LIST: &str = "\
# Sample

## Pre

- [ ] Account active
- [ ] Backups configured
- [ ] Tax settings (if applicable)
- [ ] Access reviewed
- [ ] Events selected:
    - [ ] invoice.paid
    - [ ] invoice.failed
- [ ] Unit tests pass

```sh
npm start
```

## Rollout

### Phase 1: Few (10% of users)
- [ ] Failure rate < 2%
- [ ] Measure exposure

### Phase 2: All (100% of users)
- [ ] Watch errors < 1%

## Rollback
### Triggers
- [ ] Payment failures >5%
### Steps
1. Flip the flag
2. Tell people

## Contacts
- **Primary**: DevOps Lead
- **Vendor**: https://support.example.com

## Week 1
- [ ] Daily look

## Notes
```
Version: ______
Remarks: ______
```

## Sign-Off
### Development
- [ ] Lead Developer: ____ Date: ____
- [ ] QA Engineer: ____ Date: ____
### Business
- [ ] Finance Manager: ____ Date: ____
";

/// The instant the sample run begins.
pub const START: &str = "2026-06-01T10:00:00Z";

/// Gives the sample template with its assignment made.
pub fn template() -> Template {
    let mut template = import::read(LIST.as_bytes(), "sample.md", &[]).unwrap().template;
    let mut set = |id: &str, kind: Kind, proof: &str, strength: Option<Strength>| {
        let row = template.rows.iter_mut().find(|row| row.id.as_str() == id).unwrap_or_else(|| panic!("no row {id}"));
        row.kind = kind;
        row.proof = (!proof.is_empty()).then(|| Proof::from(proof));
        row.suggested = false;
        row.strength = strength;
    };
    let partial = |text: &str| Some(Strength::Partial(text.to_owned()));
    set("account-active", Kind::Auto, "stripe.account.activated", Some(Strength::Full));
    set("backups-configured", Kind::Auto, "db.backup.archiving", partial("They are the right ones"));
    set("tax-settings-if-applicable", Kind::Auto, "stripe.tax.settings", Some(Strength::Full));
    set("access-reviewed", Kind::Manual, "", Some(Strength::Human));
    set("events-selected", Kind::Auto, "stripe.webhooks.events_selected", Some(Strength::Full));
    set("invoice-paid", Kind::Auto, "stripe.webhooks.event.invoice.paid", Some(Strength::Full));
    set("invoice-failed", Kind::Auto, "stripe.webhooks.event.invoice.failed", Some(Strength::Full));
    set("unit-tests-pass", Kind::Auto, "evidence.junit", Some(Strength::Full));
    set("npm-start", Kind::Command, "http.health", partial("It was run"));
    set("failure-rate-2", Kind::Metric, "metric.payment_failure_rate", None);
    set("measure-exposure", Kind::Metric, "metric.rollout_exposure_pct", None);
    set("watch-errors-1", Kind::Metric, "metric.error_rate", None);
    set("payment-failures-5", Kind::Rollback, "trigger.payment_failure", None);
    set("flip-the-flag", Kind::Rollback, "", None);
    assert_eq!(template.faults(), [""; 0]);
    template
}

/// Gives a person with a key of their own.
pub fn person(name: &str) -> Person {
    Person { id: name.to_lowercase().as_str().into(), name: name.to_owned(), key: Some(format!("key-{name}")) }
}

/// Acts in the order they happen.
pub struct Notebook<'t> {
    pub template: &'t Template,
    pub acts: Vec<Act>,
    pub now: Instant,
}

impl<'t> Notebook<'t> {
    /// Opens a run of the template on production, owned by Olga.
    pub fn open(template: &'t Template) -> Self {
        Self::on(template, Class::Production)
    }

    /// Opens a run on an environment of a class.
    pub fn on(template: &'t Template, class: Class) -> Self {
        let started = RunStarted {
            template: template.id.clone(),
            version: template.version,
            hash: template.content_hash(),
            environment: "prod".into(),
            class,
            is_demo: false,
            release: "v1".to_owned(),
            owner: "olga".into(),
            fingerprints: BTreeMap::from([("stripe".to_owned(), "acct_1".to_owned())]),
            zone: "Europe/Berlin".to_owned(),
            business_days: false,
            people: BTreeMap::new(),
        };
        let mut book = Self { template, acts: Vec::new(), now: START.parse().unwrap() };
        book.did(Some("Olga"), started);
        book
    }

    /// Writes down what somebody, or nobody, did.
    pub fn did(&mut self, who: Option<&str>, entry: impl Into<Entry>) {
        let seq = self.acts.len() as u64 + 1;
        self.acts.push(Act { seq, at: self.now, by: who.map(person), entry: entry.into() });
    }

    pub fn later(&mut self, hours: i64) {
        self.now += chrono::TimeDelta::hours(hours);
    }

    pub fn checked(&mut self, item: &str, outcome: Outcome) {
        self.checked_as(item, outcome, "seen");
    }

    pub fn checked_as(&mut self, item: &str, outcome: Outcome, found: &str) {
        let row = self.template.row(&item.into()).unwrap_or_else(|| panic!("no row {item}"));
        let text = |text: &str| text.to_owned();
        let verdict = Verdict {
            outcome,
            expected: text("wanted"),
            found: text(found),
            fix: text(""),
            remainder: text(""),
            facts: Vec::new(),
        };
        let result = CheckResult {
            probe: row.proof.as_ref().unwrap().as_str().into(),
            version: 1,
            environment: text("prod"),
            verdict,
            requests: vec![text("GET api.stripe.com/v1/account")],
            started_at: self.now,
            finished_at: self.now,
            fingerprint: text("acct_1"),
            release: None,
            data_at: None,
        };
        self.did(None, ItemChecked { item: item.into(), result });
    }

    pub fn measured(&mut self, item: &str, value: Option<&str>) {
        let measured = self.reading(item, value);
        self.did(None, measured);
    }

    /// Reads a metric for its line, now.
    pub fn reading(&self, item: &str, value: Option<&str>) -> ItemMeasured {
        let row = self.template.row(&item.into()).unwrap_or_else(|| panic!("no row {item}"));
        ItemMeasured {
            item: item.into(),
            metric: row.proof.as_ref().unwrap().as_str().into(),
            formula_version: 1,
            value: value.map(str::to_owned),
            reason: value.is_none().then_some(Unknown::InsufficientData),
            shown: value.unwrap_or("insufficient data").to_owned(),
            data_through: self.now,
            inputs: None,
            fingerprints: BTreeMap::new(),
        }
    }

    pub fn confirmed(&mut self, who: &str, item: &str, note: &str) {
        self.did(Some(who), ItemConfirmed { item: item.into(), note: note.to_owned(), role: None });
    }

    /// Two people sign that a rollback is over.
    pub fn ended_rollback(&mut self, section: &[String], note: &str) {
        for who in ["Ana", "Bo"] {
            let (section, note) = (section.to_vec(), note.to_owned());
            self.did(Some(who), RollbackEnded { section, note });
        }
    }

    pub fn run(&self) -> Run {
        Run::fold(self.template.clone(), &self.acts).unwrap()
    }

    pub fn standing(&self, item: &str) -> Standing {
        self.run().standing(&ItemId::from(item), self.now).unwrap_or_else(|| panic!("no row {item}"))
    }

    pub fn state(&self, item: &str) -> State {
        self.standing(item).state
    }

    /// Gives the code of the last entry that had no effect.
    pub fn refusal(&self) -> Option<crate::failure::Code> {
        self.run().refused().last().map(|refused| refused.refusal.code)
    }
}
