//! The words of `run sign-…` and `operator …` that carry files between computers.

use std::path::PathBuf;

use clap::Subcommand;

use super::Meaning;

#[derive(Debug, Subcommand)]
pub enum ByFile {
    /// Writes a file that asks somebody on another computer to sign; the passphrase of who asks is read from standard input.
    #[command(name = "sign-request")]
    Request {
        /// Id of the run.
        run: String,
        /// Role that is to sign.
        #[arg(long)]
        role: String,
        /// What is to be signed, where the role signs several things: `run`, `phase-2`.
        #[arg(long, default_value = "")]
        scope: String,
        /// Who asks.
        #[arg(long)]
        operator: String,
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Repeating a call with the same id writes the same file.
        #[arg(long, value_name = "UUID")]
        request_id: Option<String>,
        /// Reads the passphrase from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
    /// Shows what a file of another computer wants signed, and whether it can be signed here.
    #[command(name = "sign-show")]
    Show {
        /// File that asks for the signature.
        file: PathBuf,
        /// Whose statement is shown: e-mail or id.
        #[arg(long)]
        operator: Option<String>,
        /// What the signature would say.
        #[arg(long, default_value = "approve")]
        meaning: Meaning,
        /// A word with the signature.
        #[arg(long, default_value = "")]
        comment: String,
        /// Id or text of an item the rejection opens again; may be given several times.
        #[arg(long, value_name = "ITEM")]
        reopen: Vec<String>,
    },
    /// Signs what a file of another computer asks for; the passphrase is read from standard input.
    #[command(name = "sign-answer")]
    Answer {
        /// File that asks for the signature.
        file: PathBuf,
        /// Who signs: e-mail or id.
        #[arg(long)]
        operator: String,
        /// What the signature says.
        #[arg(long)]
        meaning: Meaning,
        /// A word with the signature.
        #[arg(long, default_value = "")]
        comment: String,
        /// Id or text of an item the rejection opens again; may be given several times.
        #[arg(long, value_name = "ITEM")]
        reopen: Vec<String>,
        /// Where the signature is written, to be sent back.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Reads the passphrase from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
    /// Takes in a signature that came back in a file.
    #[command(name = "sign-import")]
    Import {
        /// File with the signature.
        file: PathBuf,
        /// Refuse it when it is for another run.
        #[arg(long)]
        run: Option<String>,
        /// Who takes it in; the only operator by default.
        #[arg(long)]
        operator: Option<String>,
        /// Read and report only.
        #[arg(long)]
        preview: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Makes an operator and their signing key; the passphrase is read from standard input.
    Add {
        /// Name, as statements carry it.
        #[arg(long)]
        name: String,
        /// E-mail address; commands take it in place of the id.
        #[arg(long)]
        email: String,
        /// Sign-off role; may be given several times.
        #[arg(long)]
        role: Vec<String>,
        /// Repeating a call with the same id adds nothing.
        #[arg(long, value_name = "UUID")]
        request_id: Option<String>,
        /// Reads the passphrase of the new key from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
    /// Lists operators, those of other computers included.
    List,
    /// Changes who an operator is and what they sign for; the passphrase of who decides it is read from standard input.
    Change {
        /// Whom to change: e-mail or id.
        operator: String,
        /// Who decides it.
        #[arg(long)]
        by: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        /// Another e-mail address.
        #[arg(long)]
        email: Option<String>,
        /// Sign-off role from now on, in place of all before; may be given several times.
        #[arg(long)]
        role: Vec<String>,
        /// Reads the passphrase of who decides it from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
    /// Gives an operator a new key and revokes the old one; the present passphrase and the next one are read from standard
    /// input, each on a line.
    NewKey {
        /// Whose key: e-mail or id.
        operator: String,
        /// Why the key is changed.
        #[arg(long)]
        reason: String,
        /// Repeating a call with the same id adds nothing.
        #[arg(long, value_name = "UUID")]
        request_id: Option<String>,
        /// Reads both passphrases from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
    /// Ends a key: what it signed before stays good; the passphrase of who decides it is read from standard input.
    Revoke {
        /// Whose key.
        operator: String,
        /// Who decides it.
        #[arg(long)]
        by: String,
        /// Why the key is ended.
        #[arg(long)]
        reason: String,
        /// Since when the key is not to be believed; now by default.
        #[arg(long, value_name = "INSTANT")]
        since: Option<String>,
        /// Reads the passphrase from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
    /// Writes the operators of this computer to a file for another one; the passphrase is read from standard input.
    Export {
        /// Who answers for it.
        #[arg(long)]
        operator: String,
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Days for which the keys are to be taken.
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
        /// Reads the passphrase from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
    },
    /// Takes up the operators of another computer from its file; the passphrase is read from standard input.
    Import {
        /// File with the roster.
        file: PathBuf,
        /// Who decides that the keys are to be believed.
        #[arg(long, required_unless_present = "preview")]
        operator: Option<String>,
        /// Read and report only.
        #[arg(long)]
        preview: bool,
        /// Reads the passphrase from standard input.
        #[arg(long, required_unless_present = "preview")]
        secret_stdin: bool,
    },
}
