//! The words about the workspace: its settings as a document, and who counts as exposed to a rollout.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::InEnvironment;

#[derive(Debug, Subcommand)]
pub enum Workspace {
    /// Prints the settings as the document that `set` takes.
    Show,
    /// Replaces the settings by a JSON document.
    Set {
        /// File with the settings, as JSON.
        file: PathBuf,
    },
    /// Who counts as exposed to a rollout.
    #[command(subcommand)]
    Exposure(Exposure),
}

#[derive(Debug, Subcommand)]
pub enum Exposure {
    /// Counts the exposed users now, of the kept setting or of another one; keeps nothing.
    Try {
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        measure: Measure,
    },
    /// Keeps who counts; they are counted with every read of the billing database.
    Set(Measure),
    /// Measures no exposure any more.
    Clear,
}

#[derive(Debug, Args)]
pub struct Measure {
    /// Table with one row for each user, as the database names it.
    #[arg(long, requires = "exposed")]
    pub table: Option<String>,
    /// Rows that are exposed; operators are =, !=, >, >=, <, <=, "is null", "is not null", "is true", "is false".
    #[arg(long, requires = "table", num_args = 2..=3, allow_negative_numbers = true, value_names = ["COLUMN", "OPERATOR", "VALUE"])]
    pub exposed: Vec<String>,
    /// Rows that could be; every row of the table by default.
    #[arg(long, requires = "table", num_args = 2..=3, allow_negative_numbers = true, value_names = ["COLUMN", "OPERATOR", "VALUE"])]
    pub eligible: Option<Vec<String>>,
}
