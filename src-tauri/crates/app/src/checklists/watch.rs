//! What a run sees by itself: what its rollback indicators show, and the next sample of its soak.
//!
//! Everything is read from the mirror: an indicator whose source is not read says so and stays with people. Nothing here
//! reads anew from outside, and nothing acts: a tripped indicator is an entry, and the gates follow from it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use countersign_domain::Instant;
use countersign_domain::checklist::entry::{Entry, ItemMeasured, SoakSampled, TriggerTripped};
use countersign_domain::checklist::run::Run;
use countersign_domain::checklist::triggers::{FAILURE_WINDOW_MINUTES, Lamp, Reading, Sign, advisories, judge};
use countersign_domain::failure::Failure;
use countersign_domain::ids::ItemId;
use countersign_domain::metrics::Fx;
use countersign_domain::metrics::payments::payments;
use countersign_domain::money::Currency;
use countersign_domain::probe::Unknown;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::workspace::Environment;
use countersign_domain::zones::{Period, Zone};
use countersign_store::mirror::billing::damage;
use countersign_store::mirror::samples;
use countersign_store::mirror::sync::kinds::{self, KindState};

use crate::app::App;
use crate::checks::Measured;
use crate::failure::Tell as _;
use crate::{mirror, record};

/// What failed, where looking fails.
const WHAT: &str = "Could not judge the rollback indicators";
/// The indicator of failing payments.
const PAYMENTS: &str = "trigger.payment_failure";
/// The indicator of a damaged billing database.
const DAMAGE: &str = "trigger.db_corruption";
/// The indicator of a vulnerability.
const SECURITY: &str = "trigger.security";

/// Says what every indicator of a run shows now.
///
/// **Errors**: an environment nobody made, a mirror that cannot be read.
pub(super) async fn lamps(app: &App, run: &Run, now: Instant) -> Result<BTreeMap<ItemId, Lamp>, Failure> {
    let mut lamps = BTreeMap::new();
    for row in run.indicators() {
        let cleared = run.history(&row.id).and_then(|history| history.trigger.cleared.as_ref()).map(|(at, _)| *at);
        let read = match row.proof.as_ref().map_or("", |proof| proof.as_str()) {
            PAYMENTS => {
                let environment = record::environment(app, &run.binding().environment).await?;
                Some(paid(app, &environment, cleared, now).await?)
            }
            DAMAGE => {
                let environment = record::environment(app, &run.binding().environment).await?;
                damaged(app, &environment, run, cleared, now).await?
            }
            SECURITY => advisories(run, cleared),
            _ => None,
        };
        let lamp = match read {
            Some(Ok(reading)) => judge(row, &reading).unwrap_or_else(|| Lamp::of_people(row)),
            Some(Err(why)) => Lamp::not_measured(why),
            None => Lamp::of_people(row),
        };
        lamps.insert(row.id.clone(), lamp);
    }
    Ok(lamps)
}

/// Compares the signs of damage with those of the last read before the deployment, or before the indicator was cleared, or
/// of the first since the run began; or says why nobody can. `None` without a database.
async fn damaged(
    app: &App,
    environment: &Environment,
    run: &Run,
    cleared_at: Option<Instant>,
    now: Instant,
) -> Result<Option<Result<Reading, String>>, Failure> {
    let Some(connection) = &environment.database else { return Ok(None) };
    let (id, fingerprint) = (environment.id.clone(), connection.fingerprint.clone());
    let (fixed_at, began_at) = (cleared_at.max(run.deployed_at()), run.binding().started_at);
    let mirror = app.stores()?.mirror.clone();
    let read = mirror.read(move |conn| {
        let before = match fixed_at {
            Some(at) => damage::last_until(conn, &id, &fingerprint, at)?,
            None => None,
        };
        let before = match before {
            Some(before) => Some(before),
            None => damage::first_since(conn, &id, &fingerprint, fixed_at.unwrap_or(began_at))?,
        };
        Ok((before, damage::newest(conn, &id, &fingerprint)?))
    });
    let minute = |at: Instant| at.format("%Y-%m-%d %H:%M UTC").to_string();
    let (before, newest) = match read.await.map_err(|error| error.tell(WHAT))? {
        (Some(before), Some(newest)) => (before, newest),
        _ => return Ok(Some(Err("The billing database was not read since the run began.".to_owned()))),
    };
    if now.signed_duration_since(newest.through) > TimeDelta::minutes(FAILURE_WINDOW_MINUTES) {
        let why = format!("The billing database is known up to {} only.", minute(newest.through));
        return Ok(Some(Err(why)));
    }
    let (damage, orphans) = (newest.signs.since(&before.signs), newest.signs.orphans);
    let looked_at = |what: &str| {
        let (through, since) = (minute(newest.through), minute(before.since));
        format!("{what} and {orphans} orphans at {through}, against {since}")
    };
    Ok(Some(match &newest.signs.server {
        Some(server) => {
            let checksums = server.checksum_failures.map_or("no checksums, ", |_| "checksums, ");
            let looked_at = looked_at(&format!("{checksums}indexes, constraints"));
            Ok(Reading::Database { damage, looked_at })
        }
        None if damage.orphans > 0 => Ok(Reading::Database { damage, looked_at: looked_at("a file") }),
        None => Err(format!(
            "A file tells no checksums and no invalid indexes or constraints. Orphans: {orphans}, no more than before."
        )),
    }))
}

/// Counts the payments of the last hour that is known, or since the indicator was cleared; or says why nobody can.
async fn paid(
    app: &App,
    environment: &Environment,
    cleared_at: Option<Instant>,
    now: Instant,
) -> Result<Result<Reading, String>, Failure> {
    let window = TimeDelta::minutes(FAILURE_WINDOW_MINUTES);
    let read = mirror::read(app, environment, WHAT, move |conn, scope| {
        let kinds = kinds::all(conn, scope)?;
        let charges = kinds.iter().find(|kind| kind.kind == ObjectKind::Charge && kind.state == KindState::Complete);
        let Some(through) = charges.and_then(|kind| kind.through) else { return Ok(None) };
        let start = cleared_at.map_or(through - window, |at| at.max(through - window)).min(through);
        let period = Period { start, end: through };
        let charges = samples::charges_of_payments(conn, scope, period)?;
        // Only counts are asked for: they need neither rates nor days.
        let all = payments(&charges, &[], period, &Fx::new(Currency::USD, &[]), &Zone::utc());
        let minutes = through.signed_duration_since(start).num_minutes();
        Ok(Some((through, Reading::Payments { failed: all.failed, attempts: all.payments, minutes })))
    });
    Ok(match read.await?.flatten() {
        None => Err("Payments were not read from Stripe yet.".to_owned()),
        Some((through, _)) if now.signed_duration_since(through) > window => {
            Err(format!("Payments are known up to {} only.", through.format("%Y-%m-%d %H:%M UTC")))
        }
        Some((_, reading)) => Ok(reading),
    })
}

/// Lists the trips of indicators that show one and are not tripped.
///
/// **Errors**: as [`lamps`].
pub(super) async fn trips(app: &App, run: &Run, now: Instant) -> Result<Vec<Entry>, Failure> {
    let is_armed = |item: &ItemId| run.history(item).is_some_and(|history| history.trigger.tripped.is_none());
    let lamps = lamps(app, run, now).await?.into_iter();
    let trips = lamps.filter(|(item, lamp)| lamp.sign == Sign::Tripped && is_armed(item));
    Ok(trips.map(|(item, lamp)| TriggerTripped { item, cause: lamp.sentence }.into()).collect())
}

/// Reads the limited metrics of the present phase and the share of users it has reached; nothing where no sample is due
/// or none can be taken.
///
/// **Shape**: a metric whose source this build does not read is no part of it, nor is a share that nobody set up or that
/// was not counted in this quarter of an hour: its line has no samples, and says so.
/// **Errors**: as [`lamps`].
pub(super) async fn sample(app: &App, run: &Run, through: Instant, now: Instant) -> Result<Option<Entry>, Failure> {
    let Some(phase) = run.phase().filter(|phase| run.may_sample(*phase, through, now).is_ok()) else {
        return Ok(None);
    };
    let environment = record::environment(app, &run.binding().environment).await?;
    let limited = run.soak_lines(phase).map(|(row, metric, limit)| (row, metric, limit.unit.as_str()));
    let lines: Vec<_> = limited.chain(run.share_lines(phase).map(|(row, metric)| (row, metric, ""))).collect();
    let metrics = lines.iter().map(|(_, metric, _)| (*metric).clone()).collect();
    let measured = Measured::read(app, &environment, metrics, now).await;
    if let Some(failure) = measured.failure() {
        return Err(failure.clone());
    }
    let read = lines.into_iter().map(|(row, metric, unit)| measured.of(&row.id, metric, unit));
    let is_read = |line: &ItemMeasured| {
        !matches!(line.reason, Some(Unknown::NotSupported | Unknown::NotConfigured))
            && run.may_sample(phase, line.data_through, now).is_ok()
    };
    let lines: Vec<ItemMeasured> = read.filter(is_read).collect();
    Ok((!lines.is_empty()).then(|| SoakSampled { phase, lines }.into()))
}
