//! What a figure is made of: movements, prices, events that did not arrive.

use std::collections::BTreeMap;

use countersign_domain::failure::Failure;
use countersign_domain::metrics::movements::{self, Movement};
use countersign_domain::metrics::registry::{self, Metric};
use countersign_domain::money::Micro;
use countersign_domain::workspace::Environment;

use super::{SeenTable, WHAT};
use crate::app::App;
use crate::figures::rows::{Parts, name, parts};
use crate::figures::{Ground, Measure, Span};
use crate::mirror;

/// Shows the movements of MRR.
pub(super) fn moved(ground: &Ground) -> SeenTable {
    const ORDER: [Movement; 5] =
        [Movement::New, Movement::Reactivation, Movement::Expansion, Movement::Contraction, Movement::Churn];
    if !ground.is_read {
        return SeenTable::unknown("Movements of MRR", "Nothing was read from Stripe yet.");
    }
    let span = Span::month(&ground.zone, ground.zone.month_of(ground.now).plus(-1), ground.now);
    let mut all: BTreeMap<&'static str, (u64, i128)> = BTreeMap::new();
    for row in &movements::movements(&ground.reading(), span.period, ground.now).rows {
        let Some(movement) = row.movement else { continue };
        let moved = all.entry(name(movement)).or_default();
        moved.0 += 1;
        moved.1 += row.closing.0 - row.opening_at_closing_rate.0;
    }
    let one = |movement: Movement| {
        let (count, micro) = all.get(name(movement)).copied().unwrap_or_default();
        vec![name(movement).to_owned(), count.to_string(), money(ground, micro)]
    };
    let mut rows: Vec<_> = ORDER.into_iter().map(one).collect();
    let (count, micro) = all.values().fold((0, 0), |(count, sum), one| (count + one.0, sum + one.1));
    rows.push(vec!["Net new".to_owned(), count.to_string(), money(ground, micro)]);
    let title = format!("Movements of MRR, {}", span.words());
    SeenTable::new(&title, &["Movement", "Customers#", "MRR#"], rows)
}

/// Shows MRR by what is sold, the largest first.
///
/// **Errors**: a mirror that cannot be read.
pub(super) async fn prices(app: &App, environment: &Environment, ground: &Ground) -> Result<SeenTable, Failure> {
    let title = "MRR by price";
    let Some(found) = rows(app, environment, ground, "metric.mrr").await? else {
        return Ok(SeenTable::unknown(title, "Nothing was read from Stripe yet."));
    };
    let mut all: BTreeMap<String, (u64, i128)> = BTreeMap::new();
    for row in found.rows {
        let price = all.entry(row.what).or_default();
        price.0 += 1;
        price.1 += row.part;
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, (_, micro))| -micro);
    let row = |(what, (count, micro)): (String, (u64, i128))| vec![what, count.to_string(), money(ground, micro)];
    let rows = all.into_iter().map(row).collect();
    Ok(SeenTable::new(title, &["Price", "Items#", "MRR#"], rows))
}

/// Lists the events that did not arrive.
///
/// **Errors**: a mirror that cannot be read.
pub(super) async fn undelivered(
    app: &App,
    environment: &Environment,
    ground: &Ground,
    metric: &'static Metric,
) -> Result<SeenTable, Failure> {
    let title = "Events that did not arrive";
    let Some(found) = rows(app, environment, ground, metric.id).await? else {
        return Ok(SeenTable::unknown(title, "Nothing was read from Stripe yet."));
    };
    let missing = found.rows.into_iter().filter(|row| row.part == 0).map(|row| vec![row.record, row.what]);
    let table = SeenTable::new(title, &["Event", "What is known"], missing.collect());
    let span = Span::usual(metric, &ground.zone, ground.now).words();
    Ok(if table.rows.is_empty() { table.noted(format!("None, {span}.")) } else { table.noted(span) })
}

async fn rows(
    app: &App,
    environment: &Environment,
    ground: &Ground,
    metric: &'static str,
) -> Result<Option<Parts>, Failure> {
    let Some(metric) = registry::metric(metric).filter(|_| ground.is_read) else { return Ok(None) };
    let span = Span::usual(metric, &ground.zone, ground.now);
    let (whose, ground) = (environment.clone(), ground.clone());
    let read =
        mirror::read(app, environment, WHAT, move |conn, scope| parts(conn, scope, &whose, &ground, metric, &span));
    Ok(read.await?.flatten())
}

/// Shows an amount of the reporting currency. **Units**: micro-units.
pub(super) fn money(ground: &Ground, micro: i128) -> String {
    let money = Measure::money(Micro(micro), ground.currency()).to_money();
    money.map_or_else(|| "not known".to_owned(), |money| money.to_string())
}
