//! The evidence pack: everything about a run in one archive that can be checked without this program.
//!
//! Beside the exports lie the whole ledger with a fresh checkpoint, the files its entries rest on, and the second verifier.
//! What only other runs rest on is left to their packs: their ledger entries name it by its hash, and no more of it leaves.
//! The files are named by their SHA-256, as the verifier looks them up; a list says what people called them.
//! What is there to be read is listed in a manifest, and the digest of the manifest is an entry of the ledger in the pack.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use countersign_domain::Instant;
use countersign_domain::checklist::digest::Digest;
use countersign_domain::failure::Failure;
use countersign_domain::ids::RunId;
use countersign_domain::ledger::{Evidence, Hash};
use countersign_render::file::archive::Archive;
use countersign_render::file::write::{Existing, WrittenFile, write_to};
use countersign_store::ledger::bundle;
use countersign_store::ledger::entries;
use countersign_store::ledger::evidence::EvidenceFolder;
use countersign_store::{Connection, StoreError};
use serde_json::json;

use super::{ExportFormat, TEMPLATES, WHAT, account, content, note, signed};
use crate::app::App;
use crate::checklists::stories::{self, Story};
use crate::clock;
use crate::exports::made::Made;
use crate::failure::{Tell as _, internal};
use crate::ledger::bundle::{SECOND_VERIFIER, SECOND_VERIFIER_FILE};
use crate::ledger::verify;

/// Name of the ledger inside of the pack.
const LEDGER: &str = "ledger.txt";
/// Name of the checkpoint inside of the pack.
const CHECKPOINT: &str = "checkpoint.txt";
/// Name of the list of what is there to be read, inside of the pack.
const MANIFEST: &str = "manifest.json";
/// Version of that list.
const MANIFEST_FORMAT: &str = "countersign-manifest-v1";
/// Name of the list of digests inside of the pack.
const SUMS: &str = "SHA256SUMS";
/// Folder of the files the ledger rests on, inside of the pack.
const EVIDENCE: &str = "evidence";
/// Name of the list that says what the files were called.
const NAMES: &str = "evidence.txt";
/// Entries read in one go.
const PAGE: u32 = 1_000;

/// What goes into a pack: made texts, and files that are read one at a time when they are written.
struct Pack {
    made: Vec<(String, Vec<u8>)>,
    kept: BTreeSet<Hash>,
    evidence: EvidenceFolder,
}

/// Writes the pack of a run, whole or not at all.
///
/// **Errors**: evidence that is gone or is not what it was, a ledger that cannot be sealed, the file.
pub(super) async fn write(app: &App, story: &Story, place: PathBuf, export: &Made) -> Result<WrittenFile, Failure> {
    let pack = gathered(app, story, export).await?;
    let written = tokio::task::spawn_blocking(move || {
        write_to(place, Existing::Replace, |out| {
            let (mut archive, mut sums) = (Archive::begin(out), String::new());
            let mut add = |name: &str, bytes: &[u8]| {
                sums.push_str(&format!("{}  {name}\n", Digest::of_bytes(bytes)));
                archive.add(name, bytes)
            };
            for (name, bytes) in &pack.made {
                add(name, bytes)?;
            }
            for sha256 in &pack.kept {
                add(&format!("{EVIDENCE}/{sha256}"), &pack.evidence.load(sha256).map_err(io::Error::other)?)?;
            }
            archive.add(SUMS, sums.as_bytes())?;
            archive.finish()
        })
    });
    written.await.map_err(|error| internal(WHAT, &error))?.map_err(|error| error.tell(WHAT))
}

async fn gathered(app: &App, story: &Story, export: &Made) -> Result<Pack, Failure> {
    let stores = app.stores()?;
    let mut made = Vec::new();
    for (name, format) in [("run.md", ExportFormat::Md), ("run.csv", ExportFormat::Csv), ("run.pdf", ExportFormat::Pdf)]
    {
        made.push((name.to_owned(), content(app, story, format, export).await?));
    }
    let results = account::document(app, story, &signed::signatures(app, story).await?).await?;
    made.push((
        "results.json".to_owned(),
        serde_json::to_vec_pretty(&results).map_err(|error| internal(WHAT, &error))?,
    ));
    let run = story.id.clone();
    let rested_on = stores.ledger.database().read(move |conn| rested_on(conn, &run)).await;
    let rested_on = rested_on.map_err(|error| error.tell(WHAT))?;
    made.extend(templates(app).await?);
    made.push((NAMES.to_owned(), rested_on.iter().map(named).collect::<String>().into_bytes()));
    made.push((SECOND_VERIFIER_FILE.to_owned(), SECOND_VERIFIER.as_bytes().to_vec()));
    made.push(("README.txt".to_owned(), readme(story, export.at).into_bytes()));
    // The newest manifest the ledger names is this pack's: no other is written down until the ledger was read.
    let _one_at_a_time = stores.stories.acting.lock().await;
    made.push((MANIFEST.to_owned(), listed(app, story, &made, export).await?));
    let checkpoint = verify::checkpoint(&stores.ledger, &clock::moment()).await.map_err(|error| error.tell(WHAT))?;
    made.push((CHECKPOINT.to_owned(), checkpoint.to_string().into_bytes()));
    let (id, run) = (stores.ledger.id().await, story.id.clone());
    let ledger = stores.ledger.database().read(move |conn| {
        let mut bytes = Vec::new();
        bundle::write(conn, id, &mut bytes)?;
        Ok((bytes, self::rested_on(conn, &run)?))
    });
    let (ledger, rested_on) = ledger.await.map_err(|error| error.tell(WHAT))?;
    made.push((LEDGER.to_owned(), ledger));
    let kept = rested_on.into_iter().map(|(_, file)| file.sha256).collect();
    Ok(Pack { made, kept, evidence: stores.ledger.database().evidence() })
}

/// Gives every version of a checklist that the runs of this ledger go by or went by, so that they can be judged anywhere.
///
/// **Shape**: each is named by its hash, as entries name it. One whose file is lost is left out, and whoever verifies the
/// pack is told that its runs were not judged.
/// **Errors**: closed stores.
async fn templates(app: &App) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let shelf = stories::shelf(app).await?;
    let mut files = BTreeMap::new();
    for (template, hash) in stories::templates_used(app).await? {
        let Some(kept) = shelf.library.with_hash(&template, hash) else { continue };
        let toml = kept.template.to_toml().map_err(|error| internal(WHAT, &error))?;
        files.insert(format!("{TEMPLATES}/{hash}.toml"), toml.into_bytes());
    }
    Ok(files.into_iter().collect())
}

/// Makes the manifest of the files there are to be read, and writes its digest down.
///
/// **Errors**: what the ledger refuses.
async fn listed(app: &App, story: &Story, made: &[(String, Vec<u8>)], export: &Made) -> Result<Vec<u8>, Failure> {
    let (template, binding) = (story.run.template(), story.run.binding());
    let manifest = json!({
        "format": MANIFEST_FORMAT, "countersign": clock::VERSION, "made_at": export.at,
        "by": export.by.as_ref().map(|(id, name)| json!({ "operator": id, "name": name })),
        "demo": binding.is_demo,
        "ledger": export.head.as_ref().map(|head| json!({ "entry": head.seq, "head": head.hash.to_string() })),
        "run": story.id, "environment": binding.environment, "release": binding.release,
        "template": { "id": template.id, "version": template.version, "hash": binding.template_hash },
        "files": made.iter().map(|(name, bytes)| json!({
            "name": name, "sha256": Digest::of_bytes(bytes), "bytes": bytes.len(),
        })).collect::<Vec<_>>(),
    });
    let bytes = serde_json::to_vec_pretty(&manifest).map_err(|error| internal(WHAT, &error))?;
    // Under a name of its own: a request that is repeated makes another archive, which has to be named too.
    note(app, clock::name(), story, ("manifest", Digest::of_bytes(&bytes)), export).await?;
    Ok(bytes)
}

/// Lists the files that go into the pack of a run, with the entry that names each first.
///
/// **Shape**: those of the run, and those of entries about no run, as checklists are; the verifier, which walks the whole
/// ledger, misses only what is of another run.
fn rested_on(conn: &Connection, run: &RunId) -> Result<Vec<(u64, Evidence)>, StoreError> {
    let (mut found, mut seen, mut through) = (Vec::new(), BTreeSet::new(), 0);
    loop {
        let page = entries::after(conn, through, PAGE)?;
        let Some(last) = page.last() else { return Ok(found) };
        through = last.entry.seq;
        for recorded in page.into_iter().filter(|recorded| !is_of_another(recorded.entry.object.as_deref(), run)) {
            let seq = recorded.entry.seq;
            let files = recorded.entry.evidence.into_iter();
            found.extend(files.filter(|file| seen.insert((file.sha256, file.name.clone()))).map(|file| (seq, file)));
        }
    }
}

/// Says whether an entry is about another run than this one.
fn is_of_another(object: Option<&str>, run: &RunId) -> bool {
    object.and_then(stories::run_of).is_some_and(|of| of != *run)
}

fn named((seq, file): &(u64, Evidence)) -> String {
    // A name comes from somebody's disk and must not add lines of its own.
    let name: String = file.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{}  entry {seq}  {name}\n", file.sha256)
}

fn readme(story: &Story, now: Instant) -> String {
    let name = story.name();
    let made = now.format("%Y-%m-%d %H:%M UTC");
    format!(
        "Evidence of a checklist run: {name}, run {}, as of {made}.\n\n\
         run.pdf, run.md, run.csv   the run, to be read\n\
         results.json               every line with its state and evidence, and every signed statement\n\
         {EVIDENCE}/                  the files its entries rest on, each named by its SHA-256\n\
         {NAMES}               what people called them, and the entry that names each\n\
         {TEMPLATES}/                 the checklists the runs go by, each named by its hash\n\
         {LEDGER}                 the whole ledger: each entry names the hash of the one before\n\
         {CHECKPOINT}             its end, signed by the computer that wrote it\n\
         {MANIFEST}              the files above that are there to be read; an entry of the ledger names its SHA-256\n\
         {SECOND_VERIFIER_FILE}             checks the ledger; needs Python 3.8 and nothing else\n\n\
         To check that no file was changed:      sha256sum -c {SUMS}\n\
         To check ledger, signatures and files:  python3 {SECOND_VERIFIER_FILE} {LEDGER} --checkpoint {CHECKPOINT} --evidence {EVIDENCE} --manifest {MANIFEST}\n\
         To judge the order of signatures, four eyes and waivers too:  countersign ledger verify --bundle {LEDGER} --checkpoint {CHECKPOINT}\n\n\
         Files that only entries of other runs rest on are in the packs of those runs: the verifier counts them as not_in_pack.\n\
         A file of this run that is missing is a fault, and is told as one.\n\n\
         A checkpoint that was kept elsewhere earlier proves more than the one in this archive.\n",
        story.id
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_leaves_out_what_is_of_another_run_alone() {
        let run = RunId::from("7");
        for object in [None, Some("run/7"), Some("run/7/item/a"), Some("template/x"), Some("ledger/roster")] {
            assert!(!is_of_another(object, &run), "{object:?}");
        }
        for object in ["run/8", "run/71", "run/71/item/a", "run/7-x"] {
            assert!(is_of_another(Some(object), &run), "{object}");
        }
    }
}
