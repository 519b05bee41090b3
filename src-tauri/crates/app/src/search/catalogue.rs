//! What the program itself has names for: metrics, checks, and the items of this environment's runs.

use countersign_domain::checklist::catalogue;
use countersign_domain::failure::Failure;
use countersign_domain::ids::EnvironmentId;
use countersign_domain::metrics::registry::METRICS;

use super::Hit;
use crate::app::App;
use crate::checklists::{self, Story};

/// Hits of each kind at most.
const EACH_MAX: usize = 25;
/// Shortest text that is compared with words. **Units**: characters.
const TEXT_CHARS_MIN: usize = 3;

/// Finds them by the words of the text, all of which have to occur.
pub(super) async fn find(app: &App, environment: &EnvironmentId, text: &str) -> Result<Vec<Hit>, Failure> {
    let words = Words::of(text);
    if text.trim().chars().count() < TEXT_CHARS_MIN || words.0.is_empty() {
        return Ok(Vec::new());
    }
    let shelf = checklists::shelf(app).await?;
    let here = shelf.runs.values().filter(|story| story.run.binding().environment == *environment);
    let newest = here.max_by_key(|story| story.run.binding().started_at);
    let newest = newest.map(AsRef::as_ref);
    let mut hits: Vec<Hit> = METRICS
        .iter()
        .filter(|metric| words.are_in(&[metric.id, metric.name]))
        .map(|metric| hit("metric", metric.id, metric.name, metric.definition, format!("/revenue/rows/{}", metric.id)))
        .take(EACH_MAX)
        .collect();
    let checks = catalogue::all().filter(|check| !check.id.starts_with("metric."));
    let checks = checks.filter(|check| words.are_in(&[check.id, check.name]));
    hits.extend(checks.take(EACH_MAX).map(|check| {
        let decides = |story: &Story| item_of(story, |proof| check.covers(proof));
        let route = newest.and_then(decides).unwrap_or_else(|| "/checklists".to_owned());
        hit("probe", check.id, check.name, check.question, route)
    }));
    if let Some(story) = newest {
        let template = story.run.template();
        let rows = template.rows.iter().filter(|row| words.are_in(&[row.id.as_str(), &row.label]));
        hits.extend(rows.take(EACH_MAX).map(|row| {
            let detail = format!("{} · {}", row.section.join(" › "), story.name());
            hit("item", row.id.as_str(), &row.label, &detail, item_route(story, row.id.as_str()))
        }));
    }
    Ok(hits)
}

/// Finds the item that a check decides.
fn item_of(story: &Story, covers: impl Fn(&str) -> bool) -> Option<String> {
    let template = story.run.template();
    let row = template.rows.iter().find(|row| row.proof.as_ref().is_some_and(|proof| covers(proof.as_str())))?;
    Some(item_route(story, row.id.as_str()))
}

fn item_route(story: &Story, item: &str) -> String {
    format!("/checklists/runs/{}?item={item}", story.id)
}

fn hit(kind: &str, id: &str, label: &str, detail: &str, route: String) -> Hit {
    Hit {
        kind: kind.to_owned(),
        id: id.to_owned(),
        label: label.to_owned(),
        detail: detail.to_owned(),
        matched: "words".to_owned(),
        route,
    }
}

/// The words of a text, in small letters.
struct Words(Vec<String>);

impl Words {
    fn of(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_lowercase).collect())
    }

    fn are_in(&self, texts: &[&str]) -> bool {
        let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        self.0.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_have_to_occur_in_any_order() {
        let words = Words::of("rate  WEBHOOK");
        assert!(words.are_in(&["metric.webhook_success_rate", "Webhook success"]));
        assert!(!words.are_in(&["metric.webhook_success", "Webhook success"]));
    }
}
