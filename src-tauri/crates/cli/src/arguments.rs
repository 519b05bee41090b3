//! The words of the command line. Their forms are a contract: scripts rely on them.

mod by_file;
mod dates;
mod looking;

mod run;
mod workspace;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

pub use by_file::{ByFile, Operator};
pub use dates::{Dates, Words};
pub use looking::{Chart, Customer, Export, List, Mirror, Reconcile, Search, Webhooks};
pub use run::{Course, Format, Meaning, Rollback, Run, RunItem, Trigger};
pub use workspace::{Exposure, Measure, Workspace};

/// Billing operations you can sign for. Without a command the window opens.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Arguments {
    /// Profile folder; the platform's own by default.
    #[arg(long, global = true, value_name = "DIR", env = "COUNTERSIGN_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// One JSON document on standard output, and nothing else there.
    #[arg(long, global = true)]
    pub json: bool,
    /// Environment; may be left out when there is only one.
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Option<String>,
    /// The run a command is about, as it was named.
    #[arg(skip)]
    pub run: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Arguments {
    /// Reads the words of a command line.
    ///
    /// **Errors**: words that are not understood, and those that ask for help.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches_from(words)?;
        let mut arguments = Self::from_arg_matches(&matches)?;
        let mut named = &matches;
        while let Some((_, below)) = named.subcommand() {
            named = below;
        }
        arguments.run = named.try_get_one::<String>("run").ok().flatten().cloned();
        Ok(arguments)
    }
}

/// Which environment a command works on.
#[derive(Debug, Clone, Args)]
pub struct InEnvironment {
    /// Environment; may be left out when there is only one.
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The invented company: starts it, connects, reads, checks, and shows the window or prints the figures.
    Demo(Demo),
    /// The Stripe simulator alone; the first line of output says where it listens and with which keys.
    Sim(Sim),
    /// Environments.
    #[command(subcommand)]
    Env(Env),
    /// Connections. Secrets are read from standard input.
    #[command(subcommand)]
    Connect(Connect),
    /// Reads Stripe and the billing database into the mirror; continues where it was stopped.
    Sync(Sync),
    /// The mirror.
    #[command(subcommand)]
    Mirror(Mirror),
    /// Figures, and the rows behind them.
    #[command(subcommand)]
    Metrics(Metrics),
    /// Writes the chart of a metric, as the window draws it.
    Chart(Chart),
    /// Finds customers and any other record by anything.
    Search(Search),
    /// One customer.
    #[command(subcommand)]
    Customer(Customer),
    /// Endpoints, delivery, and events without a row.
    Webhooks(Webhooks),
    /// Compares Stripe with the billing database; ends with 1 where they disagree.
    Reconcile(Reconcile),
    /// Writes a whole list as CSV; people are masked.
    Export(Export),
    /// Checklist templates.
    #[command(subcommand)]
    Template(Template),
    /// Who signs.
    #[command(subcommand)]
    Operator(Operator),
    /// Checklists in progress.
    #[command(subcommand)]
    Run(Run),
    /// Checks, one at a time.
    #[command(subcommand)]
    Probe(Probe),
    /// The tamper-evident record.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Price list, expected events, zone, currency and method settings.
    #[command(subcommand)]
    Workspace(Workspace),
    /// Copies of the ledger.
    #[command(subcommand)]
    Backup(Backup),
    /// Keychain, stores, versions, free space; each with what to do.
    Doctor,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Do the same work without a window and print the figures.
    #[arg(long)]
    pub headless: bool,
    /// Leave pictures of every screen of the real window here.
    #[arg(long, value_name = "DIR")]
    pub screenshots: Option<PathBuf>,
    /// Customers the company has had.
    #[arg(long, default_value_t = countersign_app::demo::CUSTOMERS, value_parser = clap::value_parser!(u32).range(50..=200_000))]
    pub customers: u32,
}

#[derive(Debug, Args)]
pub struct Sim {
    /// Address to listen on; loopback only.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Seed of the invented company; the same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Customers it has had.
    #[arg(long, default_value_t = 4_000)]
    pub customers: u32,
    /// Months of history.
    #[arg(long, default_value_t = 24)]
    pub months: u16,
    /// Day the history ends, for example 2026-11-01; today by default.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Requests per second it allows; 0 is no limit.
    #[arg(long, default_value_t = 0)]
    pub rps: u32,
    /// Time each answer takes.
    #[arg(long, default_value_t = 0)]
    pub latency_ms: u32,
    /// Share of answers that fail, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    pub fault_rate: f64,
    /// Changes to the company per second.
    #[arg(long, default_value_t = 0.0)]
    pub mutate_per_sec: f64,
    /// Permission the restricted key lacks, such as charge_read; may be given several times.
    #[arg(long, value_name = "PERMISSION")]
    pub restricted_without: Vec<String>,
    /// Write the company's billing database here and keep it up to date.
    #[arg(long, value_name = "FILE")]
    pub billing_db: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Class {
    Test,
    Staging,
    Production,
}

#[derive(Debug, Subcommand)]
pub enum Env {
    /// Makes an environment.
    Add {
        /// Name of the environment, as every command takes it.
        name: String,
        /// What it is for; production is guarded most.
        #[arg(long, value_enum)]
        class: Class,
        /// Name of the billed product, for the first environment.
        #[arg(long)]
        workspace: Option<String>,
        /// Address its webhook endpoint must have.
        #[arg(long, value_name = "URL")]
        webhook_url: Option<String>,
    },
    /// Lists environments.
    List,
    /// Sets the address the webhook endpoint must have.
    Expect {
        #[command(flatten)]
        environment: InEnvironment,
        /// The address; empty expects none.
        #[arg(long, value_name = "URL")]
        webhook_url: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Connect {
    /// Checks a Stripe key and keeps it in the keychain.
    Stripe {
        #[command(flatten)]
        environment: InEnvironment,
        /// Another address than Stripe's own: loopback and test keys only.
        #[arg(long)]
        url: Option<String>,
        /// Read the key from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
    /// Detects the schema profile and audits the role of a billing database.
    Database(ConnectDatabase),
    /// Forgets a connection and its secret.
    Remove {
        #[command(flatten)]
        environment: InEnvironment,
        /// `stripe` or `database`.
        source: String,
    },
}

#[derive(Debug, Args)]
pub struct ConnectDatabase {
    #[command(flatten)]
    pub environment: InEnvironment,
    /// Host of the server.
    #[arg(long, required_unless_present_any = ["sqlite", "socket"])]
    pub host: Option<String>,
    /// Port of the server; 5432 by default.
    #[arg(long)]
    pub port: Option<u16>,
    /// Role to log in with; one that only reads.
    #[arg(long, required_unless_present = "sqlite")]
    pub user: Option<String>,
    /// Name of the database.
    #[arg(long, required_unless_present = "sqlite")]
    pub dbname: Option<String>,
    /// Certificate authority to trust, besides the platform's own.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Folder of a local socket.
    #[arg(long, value_name = "DIR", conflicts_with = "host")]
    pub socket: Option<PathBuf>,
    /// A SQLite file with the same tables.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["host", "port", "user", "dbname", "ca", "socket"])]
    pub sqlite: Option<PathBuf>,
    /// Schema profile, when detection finds more than one: devflowhub, nest-models, nest-documented.
    #[arg(long, value_name = "PROFILE")]
    pub schema: Option<String>,
    /// PostgreSQL schema the tables are in.
    #[arg(long, value_name = "NAME", default_value = "public")]
    pub in_schema: String,
    /// Read the password from standard input.
    #[arg(long)]
    pub secret_stdin: bool,
}

#[derive(Debug, Args)]
pub struct Sync {
    #[command(flatten)]
    pub environment: InEnvironment,
    /// Read everything again.
    #[arg(long)]
    pub full: bool,
    /// Requests per second, within what Stripe allows.
    #[arg(long, value_name = "PER_SECOND")]
    pub rate: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    Day,
    Week,
    Month,
}

#[derive(Debug, Clone, Args)]
pub struct Span {
    /// First local day, for example 2026-01-01.
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last local day.
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Length of one step of the series.
    #[arg(long, value_enum, default_value = "month")]
    pub by: By,
    /// One currency instead of the converted sum.
    #[arg(long)]
    pub currency: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Metrics {
    /// Lists every metric with its formula and limit.
    List,
    /// One figure and its course.
    Show {
        /// Id of the figure, as `metrics list` gives it.
        id: String,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        span: Span,
    },
    /// The rows behind a figure; their sum is the figure.
    Rows {
        /// Id of the figure, as `metrics list` gives it.
        id: String,
        #[command(flatten)]
        environment: InEnvironment,
        #[command(flatten)]
        span: Span,
    },
    /// Evaluates a file of worked examples.
    Case {
        /// File of cases, as JSON.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Template {
    /// Turns a Markdown checklist into a template.
    Import {
        /// Markdown, CSV or JSON with the lines.
        file: PathBuf,
        /// Name of the template; the first heading or the name of the file by default.
        #[arg(long)]
        name: Option<String>,
        /// Read and report only.
        #[arg(long)]
        preview: bool,
    },
    /// Lists templates.
    List,
    /// One template with its rows.
    Show {
        /// Id or name of the template.
        template: String,
    },
    /// What differs between two versions of a template; the newest and the one before it by default.
    Compare {
        /// Id or name of the template.
        template: String,
        /// Version to compare; the one before the newest by default.
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        from: u32,
        /// Version to compare it with; the newest by default.
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        to: u32,
    },
    /// Makes a template of one's own from another.
    Duplicate {
        /// Id or name of the template.
        template: String,
        /// Name of the copy.
        #[arg(long)]
        name: String,
    },
    /// Writes a template as Markdown; change it in any editor and import it as the next version.
    Export {
        /// Id or name of the template.
        template: String,
        /// Which version; the newest by default.
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        version: u32,
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Probe {
    /// Lists every check of the catalogue.
    List,
    /// Runs checks now, outside any run.
    Run {
        /// Ids of the checks, as `probe list` gives them.
        #[arg(required_unless_present = "all")]
        ids: Vec<String>,
        /// Makes every check.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        environment: InEnvironment,
    },
}

#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Finds any change, names the first bad entry, and what the rules of the checklists refuse.
    Verify {
        /// A bundle instead of this profile's ledger; `/dev/stdin` for one from a pipe.
        #[arg(long, value_name = "FILE")]
        bundle: Option<PathBuf>,
        /// A checkpoint kept elsewhere.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
    /// Writes the ledger as one file that anybody can verify.
    Export {
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Prints the head, signed: keep it somewhere else.
    Checkpoint,
    /// Names the folder where a checkpoint is written after every signature, or none.
    SecondFolder {
        /// The folder; one that the owner of this computer cannot rewrite.
        #[arg(value_name = "FOLDER", required_unless_present = "none")]
        folder: Option<PathBuf>,
        /// Writes no more checkpoints by itself.
        #[arg(long, conflicts_with = "folder")]
        none: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Backup {
    /// Writes a verified, encrypted copy of the ledger, and of its evidence into a folder beside it.
    Create {
        /// File to write.
        file: PathBuf,
    },
    /// Puts a copy in the ledger's place; the present one is set aside.
    Restore {
        /// File to read.
        file: PathBuf,
    },
    /// Goes on from a restored copy that is older than what this computer wrote; the passphrase is read from standard input.
    Accept {
        /// Who decides it.
        #[arg(long)]
        operator: String,
        /// Why, 20 characters at least.
        #[arg(long)]
        reason: String,
        /// Reads the secret from standard input; there is no other way in.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
}
