//! The words of `run …`: the largest family of commands.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ByFile, Dates, InEnvironment};

#[derive(Debug, Subcommand)]
pub enum Run {
    /// Starts a run.
    Start {
        /// Id or name of the template.
        #[arg(long)]
        template: String,
        #[command(flatten)]
        environment: InEnvironment,
        /// Tag or version that goes out.
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
        /// Id of the run.
        run: String,
        /// Role that is to sign, as `operator add` takes it.
        role: String,
        /// Who is expected: e-mail or id.
        #[arg(long)]
        person: Option<String>,
        /// Who decides it: e-mail or id.
        #[arg(long)]
        operator: String,
    },
    /// Lists runs.
    List {
        /// Only those of this environment.
        #[arg(long, value_name = "NAME")]
        env: Option<String>,
    },
    /// One run with all its items.
    Show {
        /// Id of the run.
        run: String,
    },
    /// Runs every automatic item, or these.
    Check {
        /// Id of the run.
        run: String,
        /// Ids or texts of items; every automatic one by default.
        items: Vec<String>,
    },
    /// A person confirms an item, or accepts its warning.
    Confirm {
        #[command(flatten)]
        item: RunItem,
        /// What was looked at.
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
        /// Why; it stands in every export.
        #[arg(long)]
        reason: String,
    },
    /// A person writes a note.
    Note {
        #[command(flatten)]
        item: RunItem,
        /// The note.
        #[arg(long)]
        text: String,
    },
    /// Attaches a file to an item as evidence.
    Attach {
        #[command(flatten)]
        item: RunItem,
        /// File to attach.
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        /// The release it is about, where the file does not say so itself.
        #[arg(long)]
        release: Option<String>,
        /// Users at once that a load test was meant to have.
        #[arg(long, value_name = "COUNT", default_value = "")]
        users: String,
        /// Requests a second that it was meant to make.
        #[arg(long, value_name = "COUNT", default_value = "")]
        per_second: String,
    },
    /// Opens an item again.
    Reopen {
        #[command(flatten)]
        item: RunItem,
        /// Why it is open again.
        #[arg(long)]
        reason: String,
    },
    /// Gives an item an owner of its own.
    Assign {
        #[command(flatten)]
        item: RunItem,
        /// Who works on it from now on: e-mail or id.
        #[arg(long)]
        owner: String,
    },
    /// Fills in a field of the run's form.
    Set {
        #[command(flatten)]
        item: RunItem,
        /// What is filled in.
        #[arg(long)]
        value: String,
    },
    /// Fills in a contact card; the card is read from a JSON document.
    Contact {
        #[command(flatten)]
        item: RunItem,
        /// File with the card, as JSON.
        #[arg(long, value_name = "FILE")]
        card: PathBuf,
    },
    /// The contact cards of a run, to be printed.
    Contacts {
        /// Id of the run.
        run: String,
        /// Fills the empty cards from this run of the same list.
        #[arg(long, value_name = "RUN", requires = "operator")]
        take_from: Option<String>,
        /// Who takes them, and says that they still hold.
        #[arg(long, requires = "take_from")]
        operator: Option<String>,
    },
    /// Records that a command of the list was run; what it printed is read from a file, secrets are taken out.
    Ran {
        #[command(flatten)]
        item: RunItem,
        /// File with what the command printed; nothing by default.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// When; now by default.
        #[arg(long, value_name = "INSTANT")]
        at: Option<String>,
    },
    /// What holds a gate; with --open or --override a person's part in it.
    Gate {
        /// Id of the run.
        run: String,
        /// Number of the phase the gate ends; the one that is being worked on by default.
        phase: Option<u8>,
        /// Open what follows the gate.
        #[arg(long, requires = "operator", conflicts_with = "reason")]
        open: bool,
        /// Override the gate, and why; two different people have to.
        #[arg(long = "override", value_name = "REASON", requires_all = ["operator", "secret_stdin"])]
        reason: Option<String>,
        /// Reads the passphrase that signs the override from standard input.
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
    #[command(flatten)]
    Dates(Dates),
    #[command(flatten)]
    Course(Course),
    /// Signs a run; the passphrase is read from standard input.
    Sign {
        /// Id of the run.
        run: String,
        /// Role to sign in.
        #[arg(long)]
        role: String,
        /// What is signed, where the role signs several things: `run`, `phase-2`.
        #[arg(long, default_value = "")]
        scope: String,
        /// Who signs: e-mail or id.
        #[arg(long)]
        operator: String,
        /// What the signature says.
        #[arg(long)]
        meaning: Meaning,
        /// A word with the signature; a rejection needs one.
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
        /// Reads the passphrase from standard input.
        #[arg(long, required_unless_present = "preview")]
        secret_stdin: bool,
    },
    #[command(flatten)]
    ByFile(ByFile),
    /// Writes the run for others.
    Export {
        /// Id of the run.
        run: String,
        /// Form of the file.
        #[arg(long)]
        format: Format,
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Who exports it; needed where several people work on this computer.
        #[arg(long)]
        operator: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Trigger {
    /// Lists the indicators of a run.
    List {
        /// Id of the run.
        run: String,
    },
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
        /// A word on it.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// The cause is gone; while users are exposed, two people sign that.
    Clear {
        #[command(flatten)]
        item: RunItem,
        /// Why it is no longer true.
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
    List {
        /// Id of the run.
        run: String,
    },
    /// Begins a procedure.
    Start {
        /// Id of the run.
        run: String,
        /// Last heading above its steps.
        section: String,
        /// Who decides it: e-mail or id.
        #[arg(long)]
        operator: String,
        /// Why it is rolled back.
        #[arg(long)]
        reason: String,
    },
    /// A step is done.
    Step {
        #[command(flatten)]
        item: RunItem,
        /// A word on it.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Signs that a procedure is over; two different people have to.
    End {
        /// Id of the run.
        run: String,
        /// Last heading above its steps.
        section: String,
        /// Who leads it: e-mail or id.
        #[arg(long)]
        operator: String,
        /// A word on it.
        #[arg(long, default_value = "")]
        note: String,
        /// The passphrase comes on standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Course {
    /// The run is about another release.
    Release {
        /// Id of the run.
        run: String,
        /// Tag or version that goes out instead.
        release: String,
        /// Who decides it: e-mail or id.
        #[arg(long)]
        operator: String,
    },
    /// The window in which the deployment may happen.
    Window {
        /// Id of the run.
        run: String,
        /// Start of the window, such as 2026-12-04T09:00:00Z.
        #[arg(long, value_name = "INSTANT")]
        from: String,
        /// End of the window.
        #[arg(long, value_name = "INSTANT")]
        to: String,
        /// Who decides it: e-mail or id.
        #[arg(long)]
        operator: String,
    },
    /// The release was deployed; dated items count from here.
    Deployed {
        /// Id of the run.
        run: String,
        /// When; now by default.
        #[arg(long, value_name = "INSTANT")]
        at: Option<String>,
        /// Why another time than the one recorded before, outside the window, or before the gate of the preparation.
        #[arg(long)]
        reason: Option<String>,
        /// Who deployed: e-mail or id.
        #[arg(long)]
        operator: String,
    },
    /// What was special about the run; empty takes it back.
    Considerations {
        /// Id of the run.
        run: String,
        /// What was special; empty takes it back.
        text: String,
        /// Who says so: e-mail or id.
        #[arg(long)]
        operator: String,
    },
    /// What is connected now is right.
    Pin {
        /// Id of the run.
        run: String,
        /// Why what has changed is the same for this run.
        #[arg(long)]
        reason: String,
        /// Who decides it: e-mail or id.
        #[arg(long)]
        operator: String,
    },
    /// Goes on with the newest version of the template; without --operator only shows what it would change.
    Upgrade {
        /// Id of the run.
        run: String,
        /// Who decides it: e-mail or id.
        #[arg(long)]
        operator: Option<String>,
    },
    /// Ends the run.
    End {
        /// Id of the run.
        run: String,
        /// It is given up.
        #[arg(long)]
        abandon: bool,
        /// A word on the end.
        #[arg(long, default_value = "")]
        note: String,
        /// Who decides it: e-mail or id.
        #[arg(long)]
        operator: String,
    },
}

#[derive(Debug, Clone, Args)]
pub struct RunItem {
    /// Id of the run.
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
