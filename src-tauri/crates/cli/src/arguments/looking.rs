//! Looking things up: search, one customer, webhooks, lists and charts as files, what the mirror holds.
//!
//! Apart from the other words because none of these changes anything but the file it is told to write.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{InEnvironment, Span};

#[derive(Debug, Args)]
pub struct Search {
    /// What to look for: a name, an address, an id, an amount.
    pub text: String,
    #[command(flatten)]
    pub environment: InEnvironment,
    /// Most results.
    #[arg(long, default_value_t = 20)]
    pub limit: u16,
}

#[derive(Debug, Subcommand)]
pub enum Customer {
    /// The customer page as text.
    Show {
        /// Id of the customer.
        id: String,
        #[command(flatten)]
        environment: InEnvironment,
    },
}

#[derive(Debug, Args)]
pub struct Webhooks {
    #[command(flatten)]
    pub environment: InEnvironment,
    /// How far back: 24h, 30d.
    #[arg(long, default_value = "30d")]
    pub window: String,
}

#[derive(Debug, Args)]
pub struct Reconcile {
    /// What to compare: events, subscriptions or invoices.
    pub scope: String,
    #[command(flatten)]
    pub environment: InEnvironment,
    /// First local day, for example 2026-01-01; by default thirty days before the last, for subscriptions the first of all.
    #[arg(long, value_name = "DATE", default_value = "")]
    pub from: String,
    /// Last local day; today by default.
    #[arg(long, value_name = "DATE", default_value = "")]
    pub to: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum List {
    Customers,
    Subscriptions,
    Invoices,
    Events,
}

/// Filters are those of the screens; one that the list does not have is refused.
#[derive(Debug, Args)]
pub struct Export {
    /// Which list.
    pub list: List,
    #[command(flatten)]
    pub environment: InEnvironment,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Text the rows must contain.
    #[arg(long, default_value = "")]
    pub text: String,
    /// Only rows in this state.
    #[arg(long, default_value = "")]
    pub status: String,
    /// What the comparison with the database says.
    #[arg(long, default_value = "")]
    pub verdict: String,
    /// Only rows in this currency.
    #[arg(long, default_value = "")]
    pub currency: String,
    /// Days back, for events.
    #[arg(long, default_value_t = 30)]
    pub days: u16,
    /// Delivery of events.
    #[arg(long, default_value = "")]
    pub delivery: String,
    /// Row of events.
    #[arg(long, default_value = "")]
    pub row: String,
    /// Type of events.
    #[arg(long, default_value = "")]
    pub kind: String,
}

#[derive(Debug, Subcommand)]
pub enum Mirror {
    /// What the mirror holds, comparable between machines.
    Digest {
        #[command(flatten)]
        environment: InEnvironment,
    },
}

#[derive(Debug, Args)]
pub struct Chart {
    /// Id of the figure, as `metrics list` gives it.
    pub id: String,
    #[command(flatten)]
    pub environment: InEnvironment,
    /// Where to write; the ending decides: .svg or .png.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub span: Span,
}
