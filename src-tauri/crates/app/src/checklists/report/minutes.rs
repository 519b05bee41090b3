//! What was seen of a line in each minute of the hour after the deployment.

use countersign_domain::Instant;
use countersign_domain::checklist::row::Row;
use countersign_domain::checklist::run::{Minute, Run};

use super::SeenTable;

/// Shows a line minute by minute; nothing for one that is not looked at each minute.
pub(super) fn minutes(run: &Run, row: &Row, now: Instant) -> Vec<SeenTable> {
    let all = run.first_hour(now);
    let line = |minute: &Minute| {
        let at = minute.at.format("%H:%M UTC").to_string();
        let seen = minute.sample.as_ref().map(|sample| sample.lines.iter().find(|line| line.item == row.id));
        match seen {
            Some(Some(line)) => {
                let word = line.outcome.map_or("", |outcome| outcome.word());
                Some(vec![at, word.to_owned(), line.shown.clone()])
            }
            Some(None) => None,
            None if minute.is_over => Some(vec![at, "missed".to_owned(), "nobody looked".to_owned()]),
            None => None,
        }
    };
    let rows: Vec<_> = all.iter().filter_map(line).collect();
    let seen = rows.iter().filter(|row| row.get(1).is_none_or(|word| word != "missed")).count();
    if seen == 0 {
        return Vec::new();
    }
    let note = format!("{seen} of {} minutes were looked at.", all.len());
    vec![SeenTable::new("The first hour", &["Minute", "Outcome", "Seen"], rows).noted(note)]
}
