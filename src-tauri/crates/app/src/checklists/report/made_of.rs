//! What a figure is made of: movements, prices, events that did not arrive.

use std::collections::BTreeMap;

use countersign_domain::failure::Failure;
use countersign_domain::metrics::movements::{self, Movement};
use countersign_domain::metrics::registry::Metric;
use countersign_domain::money::Micro;
use countersign_domain::workspace::Environment;

use super::{SeenTable, WHAT};
use crate::app::App;
use crate::figures::rows::{Names, behind, name};
use crate::figures::{self, Ground, Measure, Span};
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
    let micro = all.values().map(|(_, micro)| micro).sum();
    rows.push(vec!["Net new".to_owned(), String::new(), money(ground, micro)]);
    let title = format!("Movements of MRR, {}", span.words());
    SeenTable::new(&title, &["Movement", "Customers#", "MRR#"], rows)
}

/// Shows MRR by what is sold, the largest first.
///
/// **Errors**: a mirror that cannot be read.
pub(super) async fn prices(app: &App, environment: &Environment, ground: &Ground) -> Result<SeenTable, Failure> {
    let title = "MRR by price";
    if !ground.is_read {
        return Ok(SeenTable::unknown(title, "Nothing was read from Stripe yet."));
    }
    let names = mirror::read(app, environment, WHAT, Names::read).await?;
    let Some(names) = names else { return Ok(SeenTable::unknown(title, "Nothing was read from Stripe yet.")) };
    let rates = ground.rates_at(ground.now);
    let mut all: BTreeMap<String, (u64, i128)> = BTreeMap::new();
    for segment in ground.reading().rows_at(ground.now) {
        let Some(micro) = rates.convert(segment.micro, segment.currency) else { continue };
        let price = all.entry(names.price(segment)).or_default();
        price.0 += 1;
        price.1 += micro.0;
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
    let title = "Events that were not delivered or not handled";
    let span = Span::usual(metric, &ground.zone, ground.now);
    let reckoned = figures::reckon(app, environment, ground, vec![(metric, span.clone())]).await?;
    // Without the right to read events there are no rows, which is not the same as none missing.
    if let Some(Err(why)) = reckoned.first().map(|one| &one.value) {
        return Ok(SeenTable::unknown(title, &format!("Not known: {why}.")));
    }
    let found = if ground.is_read { behind(app, environment, ground, metric, &span).await? } else { None };
    let Some(found) = found else {
        return Ok(SeenTable::unknown(title, "Nothing was read from Stripe yet."));
    };
    let missing = found.rows.into_iter().filter(|row| row.part == 0).map(|row| vec![row.record, row.what]);
    let table = SeenTable::new(title, &["Event", "What is known"], missing.collect());
    let span = span.words();
    Ok(if table.rows.is_empty() { table.noted(format!("None, {span}.")) } else { table.noted(span) })
}

/// Shows an amount of the reporting currency. **Units**: micro-units.
pub(super) fn money(ground: &Ground, micro: i128) -> String {
    let money = Measure::money(Micro(micro), ground.currency()).to_money();
    money.map_or_else(|| "not known".to_owned(), |money| money.to_string())
}
