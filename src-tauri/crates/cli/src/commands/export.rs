//! `export`: a whole list as CSV, with its filters, masked as on screen.

use countersign_app::answer::Window;
use countersign_app::domain::failure::Failure;
use countersign_app::exports::{self, ListExport};
use countersign_app::{App, bus::Topic, clock};

use crate::arguments::{Export, List};
use crate::exit::Verdict;
use crate::output::Output;
use crate::session;

pub async fn run(app: &App, command: Export, output: Output) -> Result<Verdict, Failure> {
    let environment = session::environment(app, &command.environment).await?;
    let list = match command.list {
        List::Customers => exports::ListName::Customers,
        List::Subscriptions => exports::ListName::Subscriptions,
        List::Invoices => exports::ListName::Invoices,
        List::Events => exports::ListName::Events,
    };
    let request = ListExport {
        environment,
        list,
        file: app.files().keep_for_writing(&command.out).handle,
        status: command.status,
        verdict: command.verdict,
        currency: command.currency.to_ascii_lowercase(),
        days: command.days,
        delivery: command.delivery,
        row: command.row,
        kind: command.kind,
        window: Window { text: command.text, ..Window::default() },
    };
    let work = exports::list(app, clock::name(), request);
    let written = app.acted("list_export", &[Topic::Ledger], work).await?;
    output.answer(&written, |text| {
        text.line(format!("{} rows in {}, {} bytes", written.rows, written.name, written.bytes));
        text.line(format!("SHA-256 {}; people are masked", written.sha256));
    });
    Ok(Verdict::Good)
}
