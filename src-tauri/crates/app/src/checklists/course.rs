//! The course of a run: its release, its window, the deployment, what it is pinned to, its template, and its end.

use countersign_domain::Instant;
use countersign_domain::checklist::entry::{
    DeploymentRecorded, FingerprintsPinned, ReleaseChanged, RunEnded, RunUpgraded, WindowSet,
};
use countersign_domain::checklist::run::{REASON_CHARS_MIN, Refusal, TEXT_CHARS_MAX};
use countersign_domain::checklist::upgrade::{self, PhaseChange, RowChange};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{OperatorId, RunId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::runs::{self, RunPage};
use super::{act, stories};
use crate::app::App;
use crate::failure::{invalid, told};
use crate::record;

/// Makes a run about another release; what depends on the code is stale from then on.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChangeRelease {
    /// Which run.
    pub run: RunId,
    /// Who decides it.
    pub operator: OperatorId,
    /// Tag of the release.
    pub release: String,
}

/// Sets the window in which the deployment may happen.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetWindow {
    /// Which run.
    pub run: RunId,
    /// Who sets it.
    pub operator: OperatorId,
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
}

/// Says when the release was deployed; dated lines count from there.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RecordDeployment {
    /// Which run.
    pub run: RunId,
    /// Who says so.
    pub operator: OperatorId,
    /// When; not in the future.
    pub at: Instant,
    /// Why it is another time than the one recorded before, outside the window, or before the gate of the preparation was
    /// open, 3 characters at least; `null` where nothing of it is so.
    pub reason: Option<String>,
}

/// Takes what is connected now as right.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PinFingerprints {
    /// Which run.
    pub run: RunId,
    /// Who decides it.
    pub operator: OperatorId,
    /// Why it changed.
    pub reason: String,
}

/// Asks what the newest version of the template would change.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct UpgradePreviewRequest {
    /// Which run.
    pub run: RunId,
}

/// What the newest version of the template would change.
#[derive(Debug, Clone, Serialize, TS)]
pub struct UpgradePreview {
    /// The version the run goes by.
    pub version: u32,
    /// The newest version.
    pub newest: u32,
    /// Phases that differ; their gates go by what is new at once.
    pub phases: Vec<PhaseChange>,
    /// Each line that differs; lines whose rule changed start again.
    pub changes: Vec<RowChange>,
}

/// Goes on with the newest version of the template.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct UpgradeRun {
    /// Which run.
    pub run: RunId,
    /// Who decides it.
    pub operator: OperatorId,
    /// The version that was shown.
    pub version: u32,
}

/// Ends a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EndRun {
    /// Which run.
    pub run: RunId,
    /// Who ends it.
    pub operator: OperatorId,
    /// Whether it is given up.
    #[serde(default)]
    pub is_abandoned: bool,
    /// How it went, or why it is given up.
    #[serde(default)]
    pub note: String,
}

/// Makes a run about another release.
///
/// **Errors**: a tag that is no tag, or the same.
pub async fn change_release(app: &App, request_id: Uuid, request: ChangeRelease) -> Result<RunPage, Failure> {
    let ChangeRelease { run, operator, release } = request;
    let release = runs::tag(&release)?;
    let what = "Could not change the release";
    let story = act::perform(app, request_id, (&run, &operator), what, |run, _, _| {
        is_going_on(run.ended().is_some())?;
        if run.binding().release == release {
            return Err(state(format!("The run is about {release} already.")));
        }
        Ok(ReleaseChanged { release }.into())
    });
    runs::show(app, &*story.await?).await
}

/// Sets the window in which the deployment may happen.
///
/// **Errors**: an end before the beginning.
pub async fn set_window(app: &App, request_id: Uuid, request: SetWindow) -> Result<RunPage, Failure> {
    let SetWindow { run, operator, from, to } = request;
    if to <= from {
        return Err(invalid("window", "it ends before it begins"));
    }
    let story = act::perform(app, request_id, (&run, &operator), "Could not set the window", |run, _, _| {
        is_going_on(run.ended().is_some())?;
        Ok(WindowSet { from, to }.into())
    });
    runs::show(app, &*story.await?).await
}

/// Says when the release was deployed.
///
/// **Errors**: an instant in the future, or before the run began; without a reason another than the one recorded before,
/// one outside the window, and one before the gate of the preparation was open.
pub async fn record_deployment(app: &App, request_id: Uuid, request: RecordDeployment) -> Result<RunPage, Failure> {
    let RecordDeployment { run, operator, at, reason } = request;
    let what = "Could not record the deployment";
    let story = act::perform(app, request_id, (&run, &operator), what, |run, _, now| {
        is_going_on(run.ended().is_some())?;
        let began = run.binding().started_at;
        if at > now || at < began {
            let sentence = format!("A deployment lies between the beginning of the run, {began}, and now.");
            return Err(Refusal { code: Code::InputInvalid, sentence });
        }
        // Where it is the first and nothing speaks against it, there is nothing to give a reason for.
        let is_asked = run.deployed_at().is_some() || !run.speaks_against(at).is_empty();
        let reason = reason.filter(|_| is_asked);
        Ok(DeploymentRecorded { at, reason }.into())
    });
    runs::show(app, &*story.await?).await
}

/// Takes what is connected now as right.
///
/// **Errors**: no reason; nothing that changed; live and test mixed.
pub async fn pin(app: &App, request_id: Uuid, request: PinFingerprints) -> Result<RunPage, Failure> {
    let PinFingerprints { run: id, operator, reason } = request;
    let what = "Could not pin the connections";
    is_said(&reason)?;
    let environment = stories::story(app, &id).await?.run.binding().environment.clone();
    let environment = record::environment(app, &environment).await?;
    let product = record::record(app).await?.workspace.name.clone();
    runs::are_modes_right(&environment, &product, what)?;
    let fingerprints = runs::fingerprints(&environment);
    let story = act::perform(app, request_id, (&id, &operator), what, |run, _, _| {
        is_going_on(run.ended().is_some())?;
        if run.binding().fingerprints == fingerprints {
            return Err(state("What is connected is what is pinned."));
        }
        Ok(FingerprintsPinned { fingerprints, reason }.into())
    });
    runs::show(app, &*story.await?).await
}

/// Tells what the newest version of the template would change.
///
/// **Errors**: a run nobody started.
pub async fn preview_upgrade(app: &App, request: UpgradePreviewRequest) -> Result<UpgradePreview, Failure> {
    let shelf = stories::shelf(app).await?;
    let story = stories::story(app, &request.run).await?;
    let present = story.run.template();
    let newest = shelf.library.get(&present.id, 0).map_or(present, |kept| &kept.template);
    let (phases, changes) = (upgrade::diff_phases(present, newest), upgrade::diff(present, newest));
    Ok(UpgradePreview { version: present.version, newest: newest.version, phases, changes })
}

/// Goes on with the newest version of the template.
///
/// **Errors**: a version that is not the newest, or the one the run goes by.
pub async fn upgrade(app: &App, request_id: Uuid, request: UpgradeRun) -> Result<RunPage, Failure> {
    let UpgradeRun { run: id, operator, version } = request;
    let what = "Could not take the newer version";
    let shelf = stories::shelf(app).await?;
    let template = stories::story(app, &id).await?.run.template().id.clone();
    let newest = shelf.library.get(&template, 0).filter(|kept| kept.template.version == version);
    let Some(newest) = newest else {
        return Err(told(Code::StateConflict, what, format!("version {version} is not the newest; look again")));
    };
    let story = act::perform(app, request_id, (&id, &operator), what, |run, _, _| {
        is_going_on(run.ended().is_some())?;
        if run.template().version >= version {
            return Err(state(format!("The run goes by version {} already.", run.template().version)));
        }
        let reset = upgrade::reset(run.template(), &newest.template);
        Ok(RunUpgraded { version, hash: newest.hash, reset }.into())
    });
    runs::show(app, &*story.await?).await
}

/// Ends a run.
///
/// **Errors**: giving up without a reason; a run that is over.
pub async fn end(app: &App, request_id: Uuid, request: EndRun) -> Result<RunPage, Failure> {
    let EndRun { run, operator, is_abandoned, note } = request;
    if is_abandoned {
        is_said(&note)?;
    }
    let story = act::perform(app, request_id, (&run, &operator), "Could not end the run", |run, _, _| {
        is_going_on(run.ended().is_some())?;
        Ok(RunEnded { is_abandoned, note }.into())
    });
    runs::show(app, &*story.await?).await
}

fn is_said(reason: &str) -> Result<(), Failure> {
    let length = reason.trim().chars().count();
    if (REASON_CHARS_MIN..=TEXT_CHARS_MAX).contains(&length) {
        Ok(())
    } else {
        Err(invalid("reason", format!("{REASON_CHARS_MIN} to {TEXT_CHARS_MAX} characters are expected")))
    }
}

fn is_going_on(is_over: bool) -> Result<(), Refusal> {
    if is_over { Err(state("The run is over.")) } else { Ok(()) }
}

fn state(sentence: impl Into<String>) -> Refusal {
    Refusal { code: Code::StateConflict, sentence: sentence.into() }
}
