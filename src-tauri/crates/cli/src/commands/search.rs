//! `search`: anything a caller says, answered from the local index.

use countersign_app::domain::failure::{Code, Failure};
use countersign_app::search::{self, Hit, SearchRequest};
use countersign_app::{App, failure};

use crate::arguments::Search;
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::session;

pub async fn run(app: &App, command: Search, output: Output) -> Result<Verdict, Failure> {
    let environment = session::environment(app, &command.environment).await?;
    let request = SearchRequest { environment, text: command.text, limit: command.limit };
    let found = app.asked("search", search::find(app, request)).await?;
    if let Some(refused) = &found.refused {
        return Err(failure::told(Code::InputInvalid, "Nothing was searched", refused));
    }
    output.answer(&found, |text| {
        let columns = [
            ("kind", Align::Left),
            ("label", Align::Left),
            ("detail", Align::Left),
            ("matched", Align::Left),
            ("id", Align::Left),
        ];
        let cells = |hit: &Hit| {
            vec![hit.kind.clone(), hit.label.clone(), hit.detail.clone(), hit.matched.clone(), hit.id.clone()]
        };
        text.table(&columns, &found.results.iter().map(cells).collect::<Vec<_>>());
        text.gap();
        text.line(format!("{} found in {} µs", found.results.len(), found.elapsed_us));
    });
    Ok(Verdict::Good)
}
