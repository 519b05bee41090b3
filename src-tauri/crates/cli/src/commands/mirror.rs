//! `mirror digest`: what the mirror holds, comparable between computers.

use countersign_app::domain::failure::Failure;
use countersign_app::{App, mirror};
use serde_json::json;

use crate::arguments::Mirror;
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::session;

pub async fn run(app: &App, command: Mirror, output: Output) -> Result<Verdict, Failure> {
    let Mirror::Digest { environment } = command;
    let environment = session::environment(app, &environment).await?;
    let kinds = mirror::digest(app, &environment).await?;
    output.answer(&json!({ "kinds": kinds }), |text| {
        let columns = [("kind", Align::Left), ("count", Align::Right), ("sha256", Align::Left)];
        let rows = kinds.iter().map(|(kind, held)| vec![kind.to_string(), held.count.to_string(), held.sha256.clone()]);
        text.table(&columns, &rows.collect::<Vec<_>>());
    });
    Ok(Verdict::Good)
}
