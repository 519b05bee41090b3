//! What a chart over time tells besides its marks: stops for the pointer, the table twin, the sentence.
//!
//! The same for every kind, so that hover, table and screen reader never disagree with each other.

use super::Series;
use super::figure::Unit;
use super::frame::Plot;
use super::slot::Slot;
use crate::backend::pixels;
use crate::scene::{Datum, Entry, Role, Stop, TableTwin};

/// Names the row behind a figure, as a click asks for it.
pub(super) fn row_key(slot: &Slot, unit: Unit, word: &str) -> String {
    format!("{}|{}|{word}", slot.key, unit.scope())
}

/// Makes one stop for each slot.
pub(super) fn stops(plot: &Plot<'_, '_>, unit: Unit, slots: &[Slot], lines: &[(Role, &Series)]) -> Vec<Stop> {
    let stop = |(at, slot): (usize, &Slot)| {
        let entry = |(role, series): &(Role, &Series)| {
            let value = series.values.get(at).copied().flatten();
            let datum = |value| Datum { key: row_key(slot, unit, &series.word), value: unit.full(value) };
            Entry {
                role: *role,
                label: series.label.clone(),
                across: value.map(|value| pixels(plot.backend_coord(&(at as f64, value)).1)),
                datum: value.map(datum),
                is_provisional: slot.is_provisional && *role != Role::Ghost,
            }
        };
        Stop {
            at: pixels(plot.backend_coord(&(at as f64, 0)).0),
            title: slot.title(),
            entries: lines.iter().map(entry).collect(),
        }
    };
    slots.iter().enumerate().map(stop).collect()
}

/// Makes the table twin from what the stops tell.
pub(super) fn table(first: &str, lines: &[(Role, &Series)], stops: &[Stop]) -> TableTwin {
    let names = lines.iter().map(|(_, series)| series.label.clone());
    let cells = |stop: &Stop| {
        let figures = stop.entries.iter().map(|entry| entry.datum.as_ref().map(|datum| datum.value.clone()));
        std::iter::once(Some(stop.title.clone())).chain(figures).collect()
    };
    TableTwin {
        headers: std::iter::once(first.to_owned()).chain(names).collect(),
        rows: stops.iter().map(cells).collect(),
    }
}

/// Tells the most important series in one sentence: from, to, lowest, highest, and what is not known.
pub(super) fn sum_up(title: &str, unit: Unit, slots: &[Slot], series: Option<&Series>) -> String {
    let values = series.map(|series| series.values.as_slice()).unwrap_or_default();
    let known: Vec<(&Slot, i64)> =
        slots.iter().zip(values).filter_map(|(slot, value)| Some((slot, (*value)?))).collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return format!("{title}: no figure is known.");
    };
    let told = |(slot, value): &(&Slot, i64)| format!("{} ({})", unit.full(*value), slot.title());
    let mut text = format!("{title}: {}", told(first));
    if known.len() > 1 {
        text.push_str(&format!(" to {}", told(last)));
    }
    // Of equal figures the earlier one is named.
    let low = known.iter().min_by_key(|(_, value)| *value).filter(|low| low.1 < first.1.min(last.1));
    let high = known.iter().rev().max_by_key(|(_, value)| *value).filter(|high| high.1 > first.1.max(last.1));
    for (word, extreme) in [("lowest", low), ("highest", high)] {
        if let Some(extreme) = extreme {
            text.push_str(&format!("; {word} {}", told(extreme)));
        }
    }
    let unknown = slots.len() - known.len();
    if unknown > 0 {
        text.push_str(&format!("; {unknown} of {} figures not known", slots.len()));
    }
    if last.0.is_provisional {
        text.push_str("; the last period has not ended");
    }
    text.push('.');
    text
}
