//! The words of `run …`: the largest family of commands.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ByFile, InEnvironment};

#[derive(Debug, Subcommand)]
pub enum Run {
    /// Starts a run.
    Start {
        #[arg(long)]
        template: String,
        #[command(flatten)]
        environment: InEnvironment,
        #[arg(long)]
        release: String,
        /// Who owns it.
        #[arg(long)]
        operator: Option<String>,
        /// Who is expected for a role that signs the list; anybody else who holds it may sign too.
        #[arg(long = "person", value_name = "ROLE=OPERATOR")]
        people: Vec<String>,
        /// Its dated items keep to working days.
        #[arg(long)]
        business_days: bool,
    },
    /// Says who is expected for a role from now on; without --person nobody in particular.
    Expect {
        run: String,
        role: String,
        #[arg(long)]
        person: Option<String>,
        #[arg(long)]
        operator: String,
    },
    /// Lists runs.
    List,
    /// One run with all its items.
    Show { run: String },
    /// Runs every automatic item, or these.
    Check { run: String, items: Vec<String> },
    /// A person confirms an item, or accepts its warning.
    Confirm {
        #[command(flatten)]
        item: RunItem,
        #[arg(long, default_value = "")]
        note: String,
    },
    /// A person waives an item for a time.
    Waive {
        #[command(flatten)]
        item: RunItem,
        /// Why, 20 characters at least.
        #[arg(long)]
        reason: String,
        /// Until when, at most 90 days ahead.
        #[arg(long, value_name = "DATE")]
        until: String,
    },
    /// A person marks an item as not applicable.
    Na {
        #[command(flatten)]
        item: RunItem,
        #[arg(long)]
        reason: String,
    },
    /// A person writes a note.
    Note {
        #[command(flatten)]
        item: RunItem,
        #[arg(long)]
        text: String,
    },
    /// Attaches a file to an item as evidence.
    Attach {
        #[command(flatten)]
        item: RunItem,
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        /// The release it is about, where the file does not say so itself.
        #[arg(long)]
        release: Option<String>,
    },
    /// Opens an item again.
    Reopen {
        #[command(flatten)]
        item: RunItem,
        #[arg(long)]
        reason: String,
    },
    /// Gives an item an owner of its own.
    Assign {
        #[command(flatten)]
        item: RunItem,
        #[arg(long)]
        owner: String,
    },
    /// Fills in a field of the run's form.
    Set {
        #[command(flatten)]
        item: RunItem,
        #[arg(long)]
        value: String,
    },
    /// Fills in a contact card; the card is read from a JSON document.
    Contact {
        #[command(flatten)]
        item: RunItem,
        #[arg(long, value_name = "FILE")]
        card: PathBuf,
    },
    /// The contact cards of a run, to be printed.
    Contacts { run: String },
    /// Records that a command of the list was run; what it printed is read from a file, secrets are taken out.
    Ran {
        #[command(flatten)]
        item: RunItem,
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// When; now by default.
        #[arg(long, value_name = "INSTANT")]
        at: Option<String>,
    },
    /// What holds a gate; with --open or --override a person's part in it.
    Gate {
        run: String,
        /// Number of the phase the gate ends; the one that is being worked on by default.
        phase: Option<u8>,
        /// Open what follows the gate.
        #[arg(long, requires = "operator", conflicts_with = "reason")]
        open: bool,
        /// Override the gate, and why; two different people have to.
        #[arg(long = "override", value_name = "REASON", requires_all = ["operator", "secret_stdin"])]
        reason: Option<String>,
        /// Read the passphrase that signs the override from standard input.
        #[arg(long)]
        secret_stdin: bool,
        /// Who does it.
        #[arg(long)]
        operator: Option<String>,
    },
    /// Indicators that call for a rollback.
    #[command(subcommand)]
    Trigger(Trigger),
    /// Rollback procedures and their steps.
    #[command(subcommand)]
    Rollback(Rollback),
    /// What is due after the deployment.
    Schedule { run: String },
    /// A date of a dated item is done.
    Done {
        #[command(flatten)]
        item: RunItem,
        /// Which date, for example 2026-11-21.
        #[arg(long)]
        key: String,
        #[arg(long, default_value = "")]
        note: String,
    },
    /// A date of a dated item is left out.
    Skip {
        #[command(flatten)]
        item: RunItem,
        #[arg(long)]
        key: String,
        #[arg(long)]
        reason: String,
    },
    #[command(flatten)]
    Course(Course),
    /// Signs a run; the passphrase is read from standard input.
    Sign {
        run: String,
        #[arg(long)]
        role: String,
        /// What is signed, where the role signs several things: `run`, `phase-2`.
        #[arg(long, default_value = "")]
        scope: String,
        #[arg(long)]
        operator: String,
        #[arg(long)]
        meaning: Meaning,
        #[arg(long, default_value = "")]
        comment: String,
        /// Id or text of an item the rejection opens again; may be given several times.
        #[arg(long, value_name = "ITEM")]
        reopen: Vec<String>,
        /// Repeating a call with the same id adds nothing.
        #[arg(long, value_name = "UUID")]
        request_id: Option<String>,
        /// Why it is signed although the computer's clock is more than 10 minutes off; part of the statement.
        #[arg(long, value_name = "TEXT", default_value = "")]
        clock_reason: String,
        /// Prints the statement that would be signed, and signs nothing.
        #[arg(long, conflicts_with = "secret_stdin")]
        preview: bool,
        #[arg(long, required_unless_present = "preview")]
        secret_stdin: bool,
    },
    #[command(flatten)]
    ByFile(ByFile),
    /// Writes the run for others.
    Export {
        run: String,
        #[arg(long)]
        format: Format,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Trigger {
    /// Lists the indicators of a run.
    List { run: String },
    /// Something was seen that calls for a rollback.
    Trip {
        #[command(flatten)]
        item: RunItem,
        /// What was seen.
        #[arg(long)]
        cause: String,
    },
    /// Somebody knows of it.
    Ack {
        #[command(flatten)]
        item: RunItem,
        #[arg(long, default_value = "")]
        note: String,
    },
    /// The cause is gone; while users are exposed, two people sign that.
    Clear {
        #[command(flatten)]
        item: RunItem,
        #[arg(long)]
        reason: String,
        /// Read the passphrase that signs it from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Rollback {
    /// Lists the procedures of a run with their steps.
    List { run: String },
    /// Begins a procedure.
    Start {
        run: String,
        /// Last heading above its steps.
        section: String,
        #[arg(long)]
        operator: String,
        #[arg(long)]
        reason: String,
    },
    /// A step is done.
    Step {
        #[command(flatten)]
        item: RunItem,
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Ends a procedure.
    End {
        run: String,
        section: String,
        #[arg(long)]
        operator: String,
        #[arg(long, default_value = "")]
        note: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Course {
    /// The run is about another release.
    Release {
        run: String,
        release: String,
        #[arg(long)]
        operator: String,
    },
    /// The window in which the deployment may happen.
    Window {
        run: String,
        #[arg(long, value_name = "INSTANT")]
        from: String,
        #[arg(long, value_name = "INSTANT")]
        to: String,
        #[arg(long)]
        operator: String,
    },
    /// The release was deployed; dated items count from here.
    Deployed {
        run: String,
        /// When; now by default.
        #[arg(long, value_name = "INSTANT")]
        at: Option<String>,
        /// Why another time than the one recorded before, outside the window, or before the gate of the preparation.
        #[arg(long)]
        reason: Option<String>,
        #[arg(long)]
        operator: String,
    },
    /// What was special about the run; empty takes it back.
    Considerations {
        run: String,
        text: String,
        #[arg(long)]
        operator: String,
    },
    /// What is connected now is right.
    Pin {
        run: String,
        #[arg(long)]
        reason: String,
        #[arg(long)]
        operator: String,
    },
    /// Goes on with the newest version of the template; without --operator only shows what it would change.
    Upgrade {
        run: String,
        #[arg(long)]
        operator: Option<String>,
    },
    /// Ends the run.
    End {
        run: String,
        /// It is given up.
        #[arg(long)]
        abandon: bool,
        #[arg(long, default_value = "")]
        note: String,
        #[arg(long)]
        operator: String,
    },
}

#[derive(Debug, Clone, Args)]
pub struct RunItem {
    pub run: String,
    /// Id of the item, or its text.
    pub item: String,
    /// Who does it.
    #[arg(long)]
    pub operator: String,
    /// Repeating a call with the same id adds nothing.
    #[arg(long, value_name = "UUID")]
    pub request_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Meaning {
    Approve,
    Review,
    Reject,
}

impl Meaning {
    /// Gives the word of the contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Review => "review",
            Self::Reject => "reject",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Md,
    Csv,
    Pdf,
    /// Dates that are not settled, for a calendar program.
    Ics,
    /// Everything in one archive that can be checked without this program.
    Pack,
}
