//! `doctor`: looks at everything the program stands on.

use std::path::PathBuf;

use countersign_app::domain::failure::Failure;
use countersign_app::{App, Opening, doctor};

use crate::exit::Verdict;
use crate::output::{Align, Output};

pub async fn run(folder: Option<PathBuf>, output: Output) -> Result<Verdict, Failure> {
    let app = App::start(Opening { folder }).await;
    let report = doctor::examine(&app).await;
    output.answer(&report, |text| {
        let columns = [("check", Align::Left), ("", Align::Left), ("found", Align::Left), ("what to do", Align::Left)];
        let rows = report.checks.iter().map(|check| {
            vec![check.name.clone(), check.outcome.to_owned(), check.found.clone(), check.what_to_do.clone()]
        });
        text.table(&columns, &rows.collect::<Vec<_>>());
    });
    app.end().await;
    Ok(Verdict::of(report.is_good()))
}
