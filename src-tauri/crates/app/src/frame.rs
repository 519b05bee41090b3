//! The frame around every screen: environment banner, connections, people, running work, preferences.

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::ids::{EnvironmentId, OperatorId};
use countersign_domain::workspace::Source;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::jobs::JobView;

/// Asks for the frame.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FrameRequest {}

/// Everything the frame shows.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Frame {
    /// Version of the program.
    pub version: String,
    /// Folder of the profile, with the home folder as `~`.
    pub profile: String,
    /// Why the stores are closed, when they are: the program is then in limited mode.
    pub limited: Option<Failure>,
    /// Every environment, the chosen one marked.
    pub environments: Vec<EnvironmentBrief>,
    /// The chosen environment; `null` before the first one exists.
    pub environment: Option<EnvironmentId>,
    /// Every operator.
    pub operators: Vec<OperatorBrief>,
    /// Who works here now.
    pub operator: Option<OperatorId>,
    /// Work in progress and the newest that ended.
    pub jobs: Vec<JobView>,
    /// Reporting zone and currency of the workspace.
    pub workspace: WorkspaceBrief,
    /// What this person set for the window.
    pub preferences: Preferences,
}

/// An environment in the frame.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EnvironmentBrief {
    /// Its name.
    pub id: EnvironmentId,
    /// Its banner.
    pub banner: Banner,
    /// Its connections.
    pub connections: Vec<ConnectionDot>,
}

/// The strip at the top: icon, words and pattern, never colour alone.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Banner {
    /// Which strip.
    pub kind: BannerKind,
    /// What it says: `LIVE · PRODUCTION · DevFlowHub · acct …AEAL`.
    pub text: String,
    /// Disagreeing fingerprints of a mismatch, one sentence each.
    pub reasons: Vec<String>,
}

/// The kinds of banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BannerKind {
    /// Real money.
    Live,
    /// Test mode or a sandbox.
    Test,
    /// Nothing is connected.
    Local,
    /// Invented data.
    Demo,
    /// Live and test are mixed; runs and signing are locked.
    Mismatch,
}

/// One connection as a dot with words.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ConnectionDot {
    /// Which source.
    pub source: Source,
    /// Its standing in one word.
    pub word: DotWord,
    /// The standing in a sentence.
    pub text: String,
    /// Newest moment it is complete for.
    pub data_through: Option<Instant>,
}

/// One-word standing of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DotWord {
    /// Working and fresh.
    Ok,
    /// Working, older than its freshness limit.
    Stale,
    /// The last read failed.
    Failing,
    /// Being read now.
    Reading,
    /// Not set.
    None,
}

/// An operator in the frame.
#[derive(Debug, Clone, Serialize, TS)]
pub struct OperatorBrief {
    /// Their id.
    pub id: OperatorId,
    /// Their name.
    pub name: String,
    /// Up to two letters.
    pub initials: String,
}

/// The workspace's reporting settings.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WorkspaceBrief {
    /// Name of the billed product.
    pub name: String,
    /// IANA name of the reporting zone.
    pub zone: String,
    /// Reporting currency.
    pub currency: String,
}

/// What a person set for the window. Not part of the record.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// Colours.
    pub theme: Theme,
    /// Row height.
    pub density: Density,
    /// Whether single-letter shortcuts work.
    pub has_letter_keys: bool,
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// Strongest contrast.
    Contrast,
}

/// Row height of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// More air.
    Comfortable,
    /// More rows.
    Compact,
}

/// Chooses the environment every screen shows.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChooseEnvironment {
    /// Which.
    pub environment: EnvironmentId,
}

/// Chooses who works here.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChooseOperator {
    /// Who.
    pub operator: OperatorId,
}
