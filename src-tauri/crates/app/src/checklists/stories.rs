//! What the ledger says about templates and runs, read once and then only what is new.
//!
//! Every screen asks here, so that a run with thousands of entries is folded when one is added and not when it is looked
//! at. Kept with the open stores: another ledger begins with nothing remembered.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex as Latch, PoisonError};

use countersign_domain::Instant;
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::{Act, Entry, Person, TemplateImported};
use countersign_domain::checklist::run::{Run, RunError};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{EnvironmentId, ItemId, RunId, TemplateId};
use countersign_domain::ledger::{self, Hash, Recorded, kind};
use countersign_domain::workspace::Record;
use countersign_store::StoreError;
use countersign_store::ledger::entries;
use tokio::sync::Mutex;

use super::library::Library;
use super::snapshot::Taken;
use super::{runs, templates};
use crate::app::App;
use crate::failure::{Tell as _, internal, not_found, told};
use crate::record;

/// Entries read in one go.
const PAGE: u32 = 1_000;
/// What failed, where reading fails.
const WHAT: &str = "Could not read the checklists";

/// The checklists of one ledger.
#[derive(Default)]
pub struct Stories {
    known: Mutex<Option<Arc<Shelf>>>,
    /// Held from asking whether something may be done until it is written down.
    pub(crate) acting: Mutex<()>,
    running: Latch<BTreeMap<RunId, BTreeSet<ItemId>>>,
    /// What was measured and shown, and is not written down yet; the newest last.
    shown: Latch<VecDeque<Arc<Taken>>>,
}

/// Everything known as of one entry.
#[derive(Debug, Clone)]
pub struct Shelf {
    through: u64,
    /// The templates.
    pub library: Library,
    /// The runs.
    pub runs: BTreeMap<RunId, Arc<Story>>,
    /// Templates and runs that cannot be read, by their object, and why: a file is not here any more.
    pub lost: BTreeMap<String, Failure>,
}

/// One run with what it rests on.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its id.
    pub id: RunId,
    /// The run as of its last entry.
    pub run: Run,
    remarks: BTreeMap<ItemId, Vec<Remark>>,
}

/// One entry about an item, in short.
#[derive(Debug, Clone)]
pub struct Remark {
    /// Its place in the ledger.
    pub seq: u64,
    /// `check`, `confirmation`, `waiver`, `note`, `file`.
    pub kind: &'static str,
    /// One line.
    pub title: String,
    /// Digest of what was seen or attached, else the hash of the entry.
    pub sha256: String,
    /// Who; empty for the program.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// Gives everything known about checklists as of now.
///
/// **Errors**: closed stores, a file that cannot be read, an entry that is not of its kind's form.
pub async fn shelf(app: &App) -> Result<Arc<Shelf>, Failure> {
    let stores = app.stores()?;
    let record = record::record(app).await?;
    let head = stores.ledger.head().await.map_or(0, |head| head.seq);
    let mut known = stores.stories.known.lock().await;
    let mut shelf = match known.take() {
        Some(shelf) => shelf,
        None => Arc::new(Shelf::begin()?),
    };
    while shelf.through < head {
        let after = shelf.through;
        let page = stores.ledger.database().read(move |conn| {
            let page = entries::of_kinds(conn, Entry::KINDS, after, PAGE)?;
            Ok((page.len() == PAGE as usize, page.into_iter().map(Line::read).collect::<Vec<_>>()))
        });
        // An error leaves nothing remembered, so that the next question reads anew.
        let (has_more, page) = page.await.map_err(|error| error.tell(WHAT))?;
        let written = Arc::make_mut(&mut shelf);
        // An entry may have come in since the head was looked at; it must not be taken in twice.
        let mut through = if has_more { after } else { head };
        for line in page {
            let line = line.map_err(|error| internal(WHAT, &error))?;
            through = through.max(line.act.seq);
            if let Entry::TemplateImported(body) = &line.act.entry {
                written.keep(app, body, line.act.at).await;
            } else if let Some(run) = written.take_in(line)? {
                let lines = lines_of(app, &run).await?;
                written.fold(run, &lines)?;
            }
        }
        written.through = through;
    }
    see_connected(&mut shelf, &record);
    *known = Some(Arc::clone(&shelf));
    Ok(shelf)
}

/// Hands the present connections to the runs that do not know them yet.
fn see_connected(shelf: &mut Arc<Shelf>, record: &Record) {
    let connected: BTreeMap<&EnvironmentId, _> =
        record.environments.iter().map(|(id, environment)| (id, runs::fingerprints(environment))).collect();
    let present = |run: &Run| connected.get(&run.binding().environment).filter(|_| run.ended().is_none());
    let is_known = |story: &Arc<Story>| story.run.connected() == present(&story.run);
    if shelf.runs.values().all(is_known) {
        return;
    }
    for story in Arc::make_mut(shelf).runs.values_mut().filter(|story| !is_known(story)) {
        let present = present(&story.run).cloned();
        Arc::make_mut(story).run.see_connected(present);
    }
}

/// Gives one run.
///
/// **Errors**: as [`shelf`], a run that nobody started, and one that cannot be read any more.
pub(crate) async fn story(app: &App, run: &RunId) -> Result<Arc<Story>, Failure> {
    let shelf = shelf(app).await?;
    let lost = || shelf.lost.get(&object(run)).cloned().unwrap_or_else(|| not_found("run", run.as_str()));
    shelf.runs.get(run).cloned().ok_or_else(lost)
}

/// Gives a run as it was before an entry.
///
/// **Errors**: as [`story`].
pub(super) async fn as_of(app: &App, run: &RunId, seq: u64) -> Result<Run, Failure> {
    let mut lines = lines_of(app, run).await?;
    lines.retain(|line| line.act.seq < seq);
    shelf(app).await?.folded(run, &lines)
}

/// Lists the versions of templates that runs began with or went over to.
pub(super) async fn templates_used(app: &App) -> Result<BTreeSet<(TemplateId, Digest)>, Failure> {
    let stores = app.stores()?;
    let kinds = ["run_started", "run_upgraded"];
    let read =
        stores.ledger.database().read(move |conn| every(0, |after| entries::of_kinds(conn, &kinds, after, PAGE)));
    let (mut by_run, mut used) = (BTreeMap::new(), BTreeSet::new());
    for line in read.await.map_err(|error| error.tell(WHAT))? {
        match (line.run, line.act.entry) {
            (Some(run), Entry::RunStarted(body)) => {
                used.insert((body.template.clone(), body.hash));
                by_run.entry(run).or_insert(body.template);
            }
            (Some(run), Entry::RunUpgraded(body)) => {
                used.extend(by_run.get(&run).map(|template: &TemplateId| (template.clone(), body.hash)));
            }
            _ => {}
        }
    }
    Ok(used)
}

/// Reads every entry of a run, oldest first, and the keys that were revoked since it began.
async fn lines_of(app: &App, run: &RunId) -> Result<Vec<Line>, Failure> {
    let object = object(run);
    let stores = app.stores()?;
    let read = stores.ledger.database().read(move |conn| {
        let mut lines = every(0, |after| entries::of_object(conn, &object, after, PAGE))?;
        let began = lines.first().map_or(0, |line| line.act.seq);
        lines.extend(every(began, |after| entries::of_kinds(conn, &[kind::KEY_REVOKED], after, PAGE))?);
        lines.sort_by_key(|line| line.act.seq);
        Ok(lines)
    });
    read.await.map_err(|error| error.tell(WHAT))
}

/// Reads page by page.
fn every(from: u64, page: impl Fn(u64) -> Result<Vec<Recorded>, StoreError>) -> Result<Vec<Line>, StoreError> {
    let mut lines: Vec<Line> = Vec::new();
    loop {
        let page = page(lines.last().map_or(from, |line| line.act.seq))?;
        if page.is_empty() {
            return Ok(lines);
        }
        for recorded in page {
            let seq = recorded.entry.seq;
            lines.push(Line::read(recorded).map_err(|_| StoreError::Tampered { seq })?);
        }
    }
}

/// The object of a run's entries.
pub(super) fn object(run: &RunId) -> String {
    format!("run/{run}")
}

/// The object of an item's entries.
pub(super) fn item_object(run: &RunId, item: &ItemId) -> String {
    format!("run/{run}/item/{item}")
}

/// Finds the run an object belongs to.
pub(crate) fn run_of(object: &str) -> Option<RunId> {
    let rest = object.strip_prefix("run/")?;
    Some(RunId::from(rest.split('/').next().unwrap_or(rest)))
}

/// An entry as it is taken in.
#[derive(Debug)]
struct Line {
    run: Option<RunId>,
    hash: Hash,
    act: Act,
}

impl Line {
    fn read(recorded: Recorded) -> Result<Self, serde_json::Error> {
        let Recorded { entry, hash, .. } = recorded;
        Ok(Self { run: entry.object.as_deref().and_then(run_of), hash, act: act_of(entry)? })
    }
}

/// Reads an entry of this family as a run is folded from it.
///
/// **Errors**: one of another family, or that is not of its kind's form.
pub(crate) fn act_of(entry: ledger::Entry) -> Result<Act, serde_json::Error> {
    let body = serde_json::Value::Object(entry.body);
    let read = Entry::read(entry.kind.as_str(), &body);
    let read = read.unwrap_or_else(|| Err(serde::de::Error::custom("an entry of another family")))?;
    let by = entry.signer.map(|signer| Person {
        id: signer.id,
        name: signer.name,
        key: signer.key.map(|key| key.to_string()),
    });
    Ok(Act { seq: entry.seq, at: entry.at, by, entry: read })
}

impl Shelf {
    fn begin() -> Result<Self, Failure> {
        let library = Library::begin().map_err(|error| internal("Could not read the built-in templates", &error))?;
        Ok(Self { through: 0, library, runs: BTreeMap::new(), lost: BTreeMap::new() })
    }

    /// Takes in a version of a template. One that cannot be read must not keep the others from being read.
    async fn keep(&mut self, app: &App, body: &TemplateImported, at: Instant) {
        let kept = match templates::record_of(app, body).await {
            Ok(toml) => self.library.import(body, &toml, at).map_err(|error| internal(WHAT, &error)),
            Err(failure) => Err(failure),
        };
        if let Err(failure) = kept {
            self.lost.insert(format!("template/{} {}", body.template, body.version), failure);
        }
    }

    /// Takes in one entry about a run or a key; gives the run that has to be folded anew, where one has to.
    fn take_in(&mut self, line: Line) -> Result<Option<RunId>, Failure> {
        if let Entry::KeyRevoked(_) = &line.act.entry {
            // It is about every run that key signed; the others are as they were.
            for story in self.runs.values_mut() {
                let followed = Arc::make_mut(story).follow(&line);
                followed.map_err(|error| internal(WHAT, &error))?;
            }
            return Ok(None);
        }
        let Some(id) = line.run.clone() else { return Ok(None) };
        match self.runs.get_mut(&id) {
            Some(story) => Ok(Arc::make_mut(story).follow(&line).is_err().then_some(id)),
            None if self.lost.contains_key(&object(&id)) => Ok(None),
            None => self.fold(id, &[line]).map(|()| None),
        }
    }

    fn fold(&mut self, id: RunId, lines: &[Line]) -> Result<(), Failure> {
        let run = match self.folded(&id, lines) {
            // One run that cannot be read must not keep the others from being read.
            Err(failure) if failure.code == Code::EvidenceChanged => {
                self.runs.remove(&id);
                self.lost.insert(object(&id), failure);
                return Ok(());
            }
            folded => folded?,
        };
        let mut story = Story { id: id.clone(), run, remarks: BTreeMap::new() };
        let without_effect: BTreeSet<u64> = story.run.refused().iter().map(|refused| refused.seq).collect();
        lines.iter().filter(|line| !without_effect.contains(&line.act.seq)).for_each(|line| story.note(line));
        self.runs.insert(id, Arc::new(story));
        Ok(())
    }

    /// Folds entries of a run by the template they name last.
    fn folded(&self, id: &RunId, lines: &[Line]) -> Result<Run, Failure> {
        let template = lines.iter().find_map(|line| match &line.act.entry {
            Entry::RunStarted(started) => Some(&started.template),
            _ => None,
        });
        let hash = lines.iter().rev().find_map(|line| match &line.act.entry {
            Entry::RunStarted(started) => Some(started.hash),
            Entry::RunUpgraded(upgraded) => Some(upgraded.hash),
            _ => None,
        });
        let kept = template.zip(hash).and_then(|(template, hash)| self.library.with_hash(template, hash));
        let Some(kept) = kept else {
            let named = template.map_or("", |template| template.as_str());
            let why = format!("the version of the template {named} it goes by is not here; restore it from a backup");
            return Err(told(Code::EvidenceChanged, format!("Could not read the run {id}"), why));
        };
        let acts: Vec<Act> = lines.iter().map(|line| line.act.clone()).collect();
        Run::fold(Arc::clone(&kept.template), &acts).map_err(|error| internal(WHAT, &error))
    }
}

impl Story {
    /// Tells a run that nothing was remarked of.
    #[cfg(test)]
    pub(super) fn of(id: RunId, run: Run) -> Self {
        Self { id, run, remarks: BTreeMap::new() }
    }

    /// Gives what a run is called.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} · {}", self.run.template().name, self.run.binding().release)
    }

    /// Lists the entries about an item, oldest first; those without effect are left out.
    #[must_use]
    pub fn remarks(&self, item: &ItemId) -> &[Remark] {
        self.remarks.get(item).map_or(&[], Vec::as_slice)
    }

    /// Gives the run with the items whose check is being made.
    pub(super) fn with_running(&self, stories: &Stories) -> Cow<'_, Run> {
        let running = stories.running(&self.id);
        if running.is_empty() { Cow::Borrowed(&self.run) } else { Cow::Owned(self.run.clone().with_running(running)) }
    }

    fn follow(&mut self, line: &Line) -> Result<(), RunError> {
        let refused = self.run.refused().len();
        self.run.follow(std::slice::from_ref(&line.act))?;
        if self.run.refused().len() == refused {
            self.note(line);
        }
        Ok(())
    }

    /// Keeps what an item's evidence list shows of an entry.
    fn note(&mut self, line: &Line) {
        let Some((kind, title, sha256)) = told_of(&line.act.entry) else { return };
        let Some(item) = line.act.entry.item().cloned() else { return };
        let by = line.act.by.as_ref().map(|person| person.name.clone()).unwrap_or_default();
        let sha256 = sha256.unwrap_or_else(|| line.hash.to_string());
        let remark = Remark { seq: line.act.seq, kind, title, sha256, by, at: line.act.at };
        self.remarks.entry(item).or_default().push(remark);
    }
}

/// Gives kind, line and digest of an entry that counts as evidence of its item.
fn told_of(entry: &Entry) -> Option<(&'static str, String, Option<String>)> {
    let plain = |kind, text: &str| Some((kind, text.to_owned(), None));
    match entry {
        Entry::ItemChecked(body) => {
            let outcome = body.result.verdict.outcome.word();
            let title = format!("{outcome}: {}", body.result.verdict.found);
            Some(("check", title, Some(body.result.evidence().to_string())))
        }
        Entry::ItemMeasured(body) => {
            Some(("check", format!("measured: {}", body.shown), Some(body.evidence().to_string())))
        }
        Entry::ItemConfirmed(body) => plain("confirmation", &body.note),
        Entry::CommandRan(body) => {
            let at = body.at.map(|at| at.format("run at %Y-%m-%d %H:%M UTC: ").to_string()).unwrap_or_default();
            plain("confirmation", &format!("{at}{}", body.output))
        }
        Entry::ItemWaived(body) => plain("waiver", &body.reason),
        Entry::ItemNotApplicable(body) => plain("waiver", &body.reason),
        Entry::ItemReopened(body) => plain("note", &body.reason),
        Entry::ItemNote(body) => plain("note", &body.text),
        Entry::NoteSet(body) => plain("note", &body.value),
        Entry::ItemAttached(body) => {
            let title = format!("{}, {} bytes", body.name, body.bytes);
            Some(("file", title, Some(body.sha256.to_string())))
        }
        Entry::TriggerTripped(body) => plain("check", &body.cause),
        Entry::TriggerAcknowledged(body) => plain("note", &body.note),
        Entry::TriggerCleared(body) => plain("confirmation", &body.reason),
        Entry::RollbackStep(body) => plain("confirmation", &body.note),
        Entry::OccurrenceDone(body) => plain("confirmation", &format!("{}: {}", body.key, body.note)),
        Entry::OccurrenceSkipped(body) => plain("waiver", &format!("{}: {}", body.key, body.reason)),
        Entry::ContactSet(_) => plain("note", "the contact card was filled in"),
        _ => None,
    }
}

impl Stories {
    fn running(&self, run: &RunId) -> BTreeSet<ItemId> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).get(run).cloned().unwrap_or_default()
    }

    /// Marks the items whose check is being made; an empty list ends it.
    pub(crate) fn set_running(&self, run: &RunId, items: impl IntoIterator<Item = ItemId>) {
        let items: BTreeSet<ItemId> = items.into_iter().collect();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if items.is_empty() {
            running.remove(run);
        } else {
            running.insert(run.clone(), items);
        }
    }

    /// Remembers what was measured and shown until it is written down; the oldest of more than `max` are forgotten.
    pub(super) fn remember(&self, taken: &Arc<Taken>, max: usize) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.push_back(Arc::clone(taken));
        while shown.len() > max {
            shown.pop_front();
        }
    }

    /// Gives what was shown under this digest.
    pub(super) fn remembered(&self, digest: &Digest) -> Option<Arc<Taken>> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().find(|taken| taken.digest == *digest).cloned()
    }
}
