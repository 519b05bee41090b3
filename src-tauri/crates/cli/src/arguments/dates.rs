//! The words of `run schedule`, `run date`, `run done` and `run skip`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::RunItem;

#[derive(Debug, Subcommand)]
pub enum Dates {
    /// What is due after the deployment.
    Schedule {
        /// Id of the run.
        run: String,
    },
    /// What a date asks, measured now: figures, tables, and failed payments that each need a decision.
    Date {
        /// Id of the run.
        run: String,
        /// Id of the item, or its text.
        item: String,
        /// Which date, as `run schedule` gives it, for example 2026-11-21.
        #[arg(long)]
        key: String,
        /// Writes the report to this PDF file.
        #[arg(long)]
        report: Option<PathBuf>,
    },
    /// A date of a dated item is done.
    Done {
        #[command(flatten)]
        item: RunItem,
        /// Which date, as `run schedule` gives it, for example 2026-11-21.
        #[arg(long)]
        key: String,
        #[command(flatten)]
        words: Words,
    },
    /// A date of a dated item is left out.
    Skip {
        #[command(flatten)]
        item: RunItem,
        /// Which date, as `run schedule` gives it.
        #[arg(long)]
        key: String,
        /// Why it is left out.
        #[arg(long)]
        reason: String,
    },
}

/// What a person says of a date that is done.
#[derive(Debug, Clone, Args)]
pub struct Words {
    /// What was done.
    #[arg(long, default_value = "")]
    pub note: String,
    /// Who took part.
    #[arg(long, value_name = "NAMES", default_value = "")]
    pub took_part: String,
    /// What was changed, where the item asks it.
    #[arg(long, default_value = "")]
    pub change: String,
    /// The value before the change.
    #[arg(long, default_value = "")]
    pub before: String,
    /// The value after it.
    #[arg(long, default_value = "")]
    pub after: String,
    /// What is done about a failed payment: retrying, contacted, waiting_for_customer, written_off or ignored; without a
    /// payment, about each that is not named.
    #[arg(long = "disposition", value_name = "[PAYMENT=]WORD")]
    pub dispositions: Vec<String>,
}
