//! How each source of an answer stands: connected, read, how far, how fresh, and what went wrong last.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use countersign_domain::Instant;
use countersign_domain::billing::RowKind;
use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::workspace::{Environment, Source};
use countersign_store::mirror::billing;
use countersign_store::mirror::sync::kinds::{self, KindStanding, KindState};
use countersign_store::mirror::sync::runs::{self, Run, RunState};

use crate::answer::{Answer, SourceState, Standing};
use crate::app::App;
use crate::failure::Tell as _;
use crate::{clock, mirror};

/// Why the newest read of each source failed. Forgotten with the process: the next start finds out anew.
#[derive(Default)]
pub struct Failures(Mutex<HashMap<(EnvironmentId, Source), (Instant, Failure)>>);

impl Failures {
    /// Remembers how the newest read of a source ended.
    pub fn set(&self, environment: &EnvironmentId, source: Source, result: Result<(), &Failure>) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (environment.clone(), source);
        match result {
            Ok(()) => drop(failures.remove(&key)),
            Err(failure) => {
                let since = failures.get(&key).map_or_else(clock::now, |(since, _)| *since);
                failures.insert(key, (since, failure.clone()));
            }
        }
    }

    fn get(&self, environment: &EnvironmentId, source: Source) -> Option<(Instant, Failure)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(environment.clone(), source)).cloned()
    }
}

/// Gives a source's standing for a screen that wants it no older than `fresh_minutes`.
///
/// **Errors**: a mirror that cannot be read.
pub async fn standing(
    app: &App,
    environment: &Environment,
    source: Source,
    fresh_minutes: i64,
) -> Result<Standing, Failure> {
    let (state, data_through) = match source {
        Source::Stripe => stripe(app, environment).await?,
        Source::Database => database(app, environment).await?,
    };
    let state = match app.failures().get(&environment.id, source) {
        Some((since, failure)) if !matches!(state, SourceState::NotConnected) => SourceState::Failed { failure, since },
        _ => state,
    };
    let age = data_through.map(|through| clock::now() - through);
    let is_stale = age.is_some_and(|age| age > chrono::TimeDelta::minutes(fresh_minutes));
    Ok(Standing { source, state, data_through, is_stale })
}

/// Wraps a view with the standing of the sources it was made of.
///
/// **Errors**: as [`standing`].
pub async fn answer<T>(
    app: &App,
    environment: &Environment,
    sources: &[Source],
    fresh_minutes: i64,
    view: T,
) -> Result<Answer<T>, Failure> {
    let mut standings = Vec::new();
    for source in sources {
        standings.push(standing(app, environment, *source, fresh_minutes).await?);
    }
    Ok(Answer { view, sources: standings, is_demo: environment.is_demo })
}

/// Marks the first source as refused where the key may not read a kind the screen is made of.
pub async fn needs(
    app: &App,
    environment: &Environment,
    standings: &mut [Standing],
    wanted: &[ObjectKind],
) -> Result<(), Failure> {
    let kinds = mirror::read(app, environment, "Could not look at the mirror", kinds::all).await?.unwrap_or_default();
    let refused = kinds.into_iter().find_map(|standing| match standing.state {
        KindState::NotPermitted(permission) if wanted.contains(&standing.kind) => Some(permission),
        _ => None,
    });
    if let (Some(permission), Some(first)) = (refused, standings.first_mut()) {
        first.state = SourceState::NotPermitted { permission };
    }
    Ok(())
}

async fn stripe(app: &App, environment: &Environment) -> Result<(SourceState, Option<Instant>), Failure> {
    if environment.stripe.is_none() {
        return Ok((SourceState::NotConnected, None));
    }
    let found = mirror::read(app, environment, "Could not look at the mirror", |conn, scope| {
        Ok((kinds::all(conn, scope)?, runs::newest(conn, scope)?))
    });
    let Some((kinds, run)) = found.await? else { return Ok((SourceState::NeverRead, None)) };
    let through = kinds.iter().filter_map(|standing| standing.through).min();
    Ok((state_of(&kinds, run.as_ref()), through))
}

fn state_of(kinds: &[KindStanding], run: Option<&Run>) -> SourceState {
    let is_partial = kinds.is_empty() || kinds.iter().any(|standing| standing.state == KindState::Partial);
    match run {
        None => SourceState::NeverRead,
        Some(run) if is_partial => SourceState::Partial { have: run.tally.objects, about: None },
        Some(run) if run.state == RunState::Running && run.ended_at.is_none() => SourceState::Ready,
        Some(_) => SourceState::Ready,
    }
}

async fn database(app: &App, environment: &Environment) -> Result<(SourceState, Option<Instant>), Failure> {
    if environment.database.is_none() {
        return Ok((SourceState::NotConnected, None));
    }
    let id = environment.id.clone();
    let mirror = app.stores()?.mirror.clone();
    let read = mirror.read(move |conn| billing::reads::get(conn, &id, RowKind::BillingEvent)).await;
    let read = read.map_err(|error| error.tell("Could not look at the mirror"))?;
    Ok(match read {
        Some(read) => (SourceState::Ready, Some(read.through)),
        None => (SourceState::NeverRead, None),
    })
}
