//! The catalogue: every check and metric a line may name, with the question it answers.
//!
//! One file per group of sources; registration is the explicit list below. Deliberately absent: how a check is made,
//! and the formulas of metrics; this is what people choose from and what suggestions are made of.

mod broker;
mod console;
mod database;
mod metric;
mod records;
mod stripe;
mod web;

use serde::Serialize;

use super::row::{Proof, Strength};
use crate::workspace::Source;

/// Where a check gets its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::AsRefStr, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CheckSource {
    /// Stripe's API, read-only.
    Stripe,
    /// The billing database, read-only.
    Database,
    /// RabbitMQ's management API, or Redis.
    Broker,
    /// The application's own addresses.
    Http,
    /// A TLS handshake.
    Tls,
    /// Name resolution.
    Dns,
    /// The linked repository.
    Repository,
    /// A file a person imported.
    Import,
    /// A connected monitoring system.
    Monitoring,
    /// This console itself.
    Console,
    /// The comparison of Stripe with the billing database.
    Recon,
    /// A rule between phases.
    Gate,
    /// A rollback indicator.
    Trigger,
    /// The contact cards.
    Contacts,
    /// The run's dates.
    Schedule,
    /// A person's signature.
    Signature,
    /// The run's form.
    Form,
}

/// One entry of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Its id; one that ends in `.*` stands for every id with that beginning.
    pub id: &'static str,
    /// Where its facts come from.
    pub source: CheckSource,
    /// What people call it.
    pub name: &'static str,
    /// The question it answers, in one sentence.
    pub question: &'static str,
    /// What it cannot prove and a person has to confirm; empty when it proves everything.
    pub remainder: &'static str,
    /// Whether it is only shown beside a person's decision.
    pub assists: bool,
    /// How long its answer counts. **Units**: hours.
    pub fresh_hours: u32,
    /// Whether it sends something, and so needs the operator's consent first.
    pub active: bool,
    /// Phrases that suggest it; all words of one have to occur in a line or its heading.
    pub words: &'static [&'static str],
}

/// Hours for which a read of a configuration counts.
const CONFIG_HOURS: u32 = 24;
/// Hours for which an answer about health counts.
const HEALTH_HOURS: u32 = 1;

const fn check(id: &'static str, source: CheckSource, name: &'static str, question: &'static str) -> Check {
    let fresh_hours = match source {
        CheckSource::Http | CheckSource::Tls | CheckSource::Dns | CheckSource::Monitoring | CheckSource::Recon => {
            HEALTH_HOURS
        }
        _ => CONFIG_HOURS,
    };
    Check { id, source, name, question, remainder: "", assists: false, fresh_hours, active: false, words: &[] }
}

impl Check {
    const fn words(self, words: &'static [&'static str]) -> Self {
        Self { words, ..self }
    }

    const fn partial(self, remainder: &'static str) -> Self {
        Self { remainder, ..self }
    }

    const fn assists(self) -> Self {
        Self { assists: true, ..self }
    }

    const fn fresh(self, fresh_hours: u32) -> Self {
        Self { fresh_hours, ..self }
    }

    const fn active(self) -> Self {
        Self { active: true, ..self }
    }

    /// Gives the reach a line has when its template says nothing else.
    #[must_use]
    pub fn strength(&self) -> Strength {
        match (self.assists, self.remainder) {
            (true, _) => Strength::Assist,
            (false, "") => Strength::Full,
            (false, remainder) => Strength::Partial(remainder.to_owned()),
        }
    }

    /// Says whether a new release makes its answers stale at once: code and deployment.
    #[must_use]
    pub fn is_release_bound(&self) -> bool {
        matches!(self.source, CheckSource::Repository | CheckSource::Import | CheckSource::Http)
    }

    /// Lists the connections it reads whose fingerprints a run pins.
    #[must_use]
    pub fn connections(&self) -> &'static [Source] {
        match self.source {
            CheckSource::Stripe => &[Source::Stripe],
            CheckSource::Database => &[Source::Database],
            CheckSource::Recon => &[Source::Stripe, Source::Database],
            _ => &[],
        }
    }

    /// Says whether the entry stands for this id.
    #[must_use]
    pub fn covers(&self, id: &str) -> bool {
        match self.id.strip_suffix('*') {
            Some(prefix) => id.len() > prefix.len() && id.starts_with(prefix),
            None => id == self.id,
        }
    }

    /// Gives the entry as what decides a line; `None` for one that stands for many ids.
    #[must_use]
    pub fn proof(&self) -> Option<Proof> {
        (!self.id.ends_with('*')).then(|| Proof::from(self.id))
    }
}

/// Lists the whole catalogue, group by group.
pub fn all() -> impl Iterator<Item = &'static Check> {
    [stripe::CHECKS, database::CHECKS, broker::CHECKS, web::CHECKS, records::CHECKS, console::CHECKS, metric::CHECKS]
        .into_iter()
        .flatten()
}

/// Finds the entry for an id; an entry of its own before one that stands for many.
#[must_use]
pub fn find(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id).or_else(|| all().find(|check| check.covers(id)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_is_distinct_and_says_what_it_asks() {
        let mut seen = BTreeSet::new();
        for check in all() {
            assert!(seen.insert(check.id), "{} stands twice", check.id);
            assert!(check.question.ends_with('?'), "{}: {}", check.id, check.question);
            assert!(!check.name.is_empty() && !check.name.ends_with('.'), "{}", check.id);
            assert!(check.fresh_hours > 0, "{}", check.id);
            for phrase in check.words {
                assert!(!phrase.is_empty() && *phrase == phrase.to_lowercase(), "{}: {phrase}", check.id);
            }
        }
    }

    #[test]
    fn ids_are_found_by_themselves_and_by_pattern() {
        assert_eq!(find("stripe.key.mode").map(|check| check.source), Some(CheckSource::Stripe));
        let event = find("stripe.webhooks.event.invoice.payment_failed").unwrap();
        assert_eq!(event.id, "stripe.webhooks.event.*");
        assert_eq!(find("rabbitmq.queue.billing_queue").unwrap().id, "rabbitmq.queue.*");
        assert_eq!(find("stripe.webhooks.event."), None);
        assert_eq!(find("stripe.nonsense"), None);
        assert!(find("metric.mrr").is_some() && find("gate.phase_signed").is_some());
    }

    #[test]
    fn only_checks_that_send_something_are_active() {
        let active: Vec<&str> = all().filter(|check| check.active).map(|check| check.id).collect();
        let wanted =
            ["http.webhook_route.rejects_unsigned", "http.webhook_route.secret_configured", "http.authz.roles"];
        assert_eq!(active, wanted);
    }
}
