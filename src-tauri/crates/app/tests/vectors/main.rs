//! Golden bundles, honest and forged, judged by the program and by the second verifier, which must agree on each.
//!
//! The bundles are checked in and never change; `COUNTERSIGN_WRITE_VECTORS=1` writes new ones beside the old.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test program")]

mod cases;
#[path = "../../../domain/tests/ledger/maker.rs"]
mod maker;

use std::path::{Path, PathBuf};
use std::process::Command;

use cases::Case;
use countersign_app::ledger::bundle::{SECOND_VERIFIER, SECOND_VERIFIER_FILE, check};
use countersign_domain::ledger::{Expected, Report, Witness};
use maker::Dice;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/ledgers")
}

/// The verdict of the program's own verifier, in the words of the second.
fn own_verdict(bundle: &Path, paper: Option<&str>) -> Value {
    let witnesses = paper.map(|text| text.parse::<Witness>().unwrap()).into_iter().collect();
    let report = check(bundle, Expected { witnesses, ..Expected::default() }, &mut |_| None).unwrap();
    let Report { ok, entries, head, first_bad, .. } = report;
    let first_bad = first_bad.map(|bad| json!({ "seq": bad.seq, "reason": bad.reason.as_ref() }));
    json!({ "ok": ok, "entries": entries, "head": head.map(|head| head.hash), "first_bad": first_bad })
}

/// The verdicts of the second verifier over many bundles, in one run of it.
fn second_verdicts(bundles: &[(PathBuf, Option<PathBuf>)]) -> Vec<Value> {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join(SECOND_VERIFIER_FILE), SECOND_VERIFIER).unwrap();
    let list: Vec<_> = bundles.iter().map(|(bundle, paper)| json!([bundle, paper])).collect();
    let list_file = place.path().join("list.json");
    std::fs::write(&list_file, Value::from(list).to_string()).unwrap();
    let driver = "\
import json, sys, verify_pack as v
for bundle, paper in json.load(open(sys.argv[1])):
    report = {'ok': True, 'entries': 0, 'head': None, 'first_bad': None, 'warnings': []}
    try:
        v.walk(open(bundle, 'rb'), [v.read_paper(paper)] if paper else [], None, report)
    except v.Bad as bad:
        reason, place = (*bad.args, report['entries'] + 1)[:2]
        report.update(ok=False, first_bad={'seq': place, 'reason': reason})
    del report['warnings']
    print(json.dumps(report))
";
    let ran = Command::new("python3")
        .args(["-c", driver])
        .arg(&list_file)
        .env("PYTHONPATH", place.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3 is missing: install the package python3");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn both_verifiers_give_every_golden_bundle_its_verdict() {
    let verdicts: Vec<Value> = serde_json::from_slice(&std::fs::read(folder().join("verdicts.json")).unwrap()).unwrap();
    assert!(verdicts.len() >= 20, "{} bundles", verdicts.len());
    let forged = verdicts.iter().filter(|verdict| verdict["ok"] == false).count();
    assert!(forged >= 20 && verdicts.len() - forged >= 7, "{forged} forged of {}", verdicts.len());
    let file = |verdict: &Value, name: &str| verdict[name].as_str().map(|name| folder().join(name));
    let bundles: Vec<_> =
        verdicts.iter().map(|verdict| (file(verdict, "bundle").unwrap(), file(verdict, "checkpoint"))).collect();
    let second = second_verdicts(&bundles);
    assert_eq!(second.len(), verdicts.len());
    for ((verdict, (bundle, paper)), second) in verdicts.iter().zip(&bundles).zip(second) {
        let paper = paper.as_ref().map(|paper| std::fs::read_to_string(paper).unwrap());
        let own = own_verdict(bundle, paper.as_deref());
        for key in ["ok", "entries", "head", "first_bad"] {
            assert_eq!(own[key], verdict[key], "{}: {key} of the program", verdict["bundle"]);
            assert_eq!(second[key], verdict[key], "{}: {key} of the second verifier", verdict["bundle"]);
        }
    }
}

#[test]
fn the_second_verifier_is_a_program_of_its_own() {
    let lines = SECOND_VERIFIER.lines().count();
    assert!(lines <= 200, "{lines} lines");
    let longest = SECOND_VERIFIER.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(120), "{longest:?} characters in a line");
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join(SECOND_VERIFIER_FILE);
    std::fs::write(&program, SECOND_VERIFIER).unwrap();
    let run = |arguments: &[&str]| {
        let ran = Command::new("python3").args(["-I"]).arg(&program).args(arguments).output().unwrap();
        let verdict: Value = serde_json::from_slice(&ran.stdout).unwrap_or_default();
        (ran.status.code(), verdict["ok"].clone())
    };
    let path = |name: &str| folder().join(name).display().to_string();
    let honest = path("honest-sample.jsonl");
    assert_eq!(run(&[&honest]), (Some(0), json!(true)));
    assert_eq!(run(&[&path("forged-bytes.jsonl")]), (Some(1), json!(false)));
    assert_eq!(run(&[&path("cut-and-closed.jsonl"), "--checkpoint", &path("sample-checkpoint.txt")]).0, Some(1));
    let receipt = std::fs::read_to_string(path("sample-receipt.txt")).unwrap();
    assert_eq!(run(&[&honest, "--checkpoint", receipt.trim()]), (Some(0), json!(true)));
    // A paper that disagrees and is not genuine accuses nobody, and all is not well either.
    assert_eq!(run(&[&honest, "--checkpoint", &path("doubtful-checkpoint.txt")]), (Some(1), json!(false)));
    assert_eq!(run(&[&path("no-such-file.jsonl")]).0, Some(2));
    assert_eq!(run(&[&honest, "--checkpoint", "nonsense"]).0, Some(2));

    // With the files themselves: missing, changed, and as they were.
    let evidence = place.path().join("evidence");
    std::fs::create_dir(&evidence).unwrap();
    let bundle = path("honest-evidence.jsonl");
    assert_eq!(run(&[&bundle, "--evidence", evidence.to_str().unwrap()]).0, Some(1));
    std::fs::write(evidence.join(cases::EVIDENCE_SHA256), "changed").unwrap();
    assert_eq!(run(&[&bundle, "--evidence", evidence.to_str().unwrap()]).0, Some(1));
    std::fs::write(evidence.join(cases::EVIDENCE_SHA256), cases::EVIDENCE).unwrap();
    assert_eq!(run(&[&bundle, "--evidence", evidence.to_str().unwrap()]), (Some(0), json!(true)));
}

#[test]
fn a_pack_needs_every_file_of_its_run_and_none_of_another() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    std::fs::write(at(SECOND_VERIFIER_FILE), SECOND_VERIFIER).unwrap();
    std::fs::create_dir(at("evidence")).unwrap();
    let manifest = json!({ "run": "7", "files": [] }).to_string();
    let (bundle, [ours, others]) = cases::two_runs(&cases::sha256(manifest.as_bytes()).to_string());
    std::fs::write(at("ledger.txt"), bundle).unwrap();
    let run = |manifest: &str| {
        std::fs::write(at("manifest.json"), manifest).unwrap();
        let arguments = ["ledger.txt", "--evidence", "evidence", "--manifest", "manifest.json"];
        let mut verifier = Command::new("python3");
        verifier.arg("-I").arg(at(SECOND_VERIFIER_FILE)).args(arguments).current_dir(place.path());
        let ran = verifier.output().unwrap();
        serde_json::from_slice::<Value>(&ran.stdout).unwrap()
    };
    let reason = |manifest: &str| run(manifest)["first_bad"]["reason"].clone();
    let [our_file, their_file] = [&ours, &others].map(|file| at("evidence").join(file.sha256.to_string()));
    assert_eq!(reason(&manifest), "EVIDENCE_MISSING", "a file of the run is not there");
    std::fs::write(&our_file, "of run 7").unwrap();
    let verdict = run(&manifest);
    assert_eq!((&verdict["ok"], &verdict["not_in_pack"]), (&json!(true), &json!(1)), "{verdict}");
    std::fs::write(&their_file, "changed").unwrap();
    assert_eq!(reason(&manifest), "EVIDENCE_CHANGED", "what is there is looked at, whose ever it is");
    std::fs::write(&their_file, "of run 8").unwrap();
    assert_eq!(run(&manifest)["not_in_pack"], Value::Null);
    // Whoever calls it the pack of the other run, to do without a file of this one, is found out.
    std::fs::remove_file(&our_file).unwrap();
    assert_eq!(reason(&manifest.replace('7', "71")), "MANIFEST_CHANGED");
    assert_eq!(reason("no manifest"), "EVIDENCE_MISSING");
}

#[test]
fn the_golden_bundles_are_what_their_maker_makes() {
    let writes = std::env::var_os("COUNTERSIGN_WRITE_VECTORS").is_some();
    let cases = cases::all();
    let mut verdicts = Vec::new();
    for Case { name, lines, paper, expected } in &cases {
        let bundle = folder().join(format!("{name}.jsonl"));
        let text = format!("{}\n", lines.join("\n"));
        if writes {
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&bundle, &text).unwrap();
        }
        assert!(std::fs::read_to_string(&bundle).is_ok_and(|kept| kept == text), "{name} is not what was checked in");
        let paper_text = paper.map(|paper| cases::papers().into_iter().find(|(name, _)| *name == paper).unwrap().1);
        let mut verdict = own_verdict(&bundle, paper_text.as_deref());
        let first_bad = expected.map_or(Value::Null, |(seq, reason)| json!({ "seq": seq, "reason": reason }));
        assert_eq!(verdict["first_bad"], first_bad, "{name}");
        verdict["bundle"] = json!(format!("{name}.jsonl"));
        verdict["checkpoint"] = json!(paper);
        verdicts.push(verdict);
    }
    let text = format!("{}\n", serde_json::to_string_pretty(&verdicts).unwrap());
    if writes {
        std::fs::write(folder().join("verdicts.json"), &text).unwrap();
        for (name, text) in cases::papers() {
            std::fs::write(folder().join(name), text).unwrap();
        }
    }
    assert!(std::fs::read_to_string(folder().join("verdicts.json")).unwrap() == text, "the verdicts are other ones");
    for (name, text) in cases::papers() {
        assert_eq!(std::fs::read_to_string(folder().join(name)).unwrap(), text, "{name}");
    }
}

#[test]
fn both_verifiers_agree_on_hundreds_of_broken_bundles() {
    let place = tempfile::tempdir().unwrap();
    let cases = cases::all();
    let mut dice = Dice(200);
    let mut bundles = Vec::new();
    for round in 0..200 {
        let mut text = cases[dice.below(cases.len())].lines.join("\n").into_bytes();
        for _ in 0..=dice.roll(2) {
            let at = dice.below(text.len());
            match dice.roll(5) {
                0 => text[at] ^= 1 << dice.roll(8),
                1 => drop(text.remove(at)),
                2 => text.insert(at, b"\"\\{}[],:0a\n\r\x00"[dice.below(13)]),
                3 => text.truncate(at + 1),
                _ => {
                    let other = text[dice.below(text.len())];
                    text[at] = other;
                }
            }
        }
        let bundle = place.path().join(format!("{round}.jsonl"));
        std::fs::write(&bundle, text).unwrap();
        bundles.push((bundle, None));
    }
    // Edits inside an entry whose hash and line are made to fit again, so that they reach the rules of the envelope.
    for (round, lines) in cases::rewrapped(&mut dice, 250).into_iter().enumerate() {
        let bundle = place.path().join(format!("rewrapped-{round}.jsonl"));
        std::fs::write(&bundle, lines.join("\n")).unwrap();
        bundles.push((bundle, None));
    }
    let second = second_verdicts(&bundles);
    let mut reasons = std::collections::BTreeSet::new();
    for ((bundle, _), second) in bundles.iter().zip(second) {
        let own = own_verdict(bundle, None);
        assert_eq!(own, second, "{}", String::from_utf8_lossy(&std::fs::read(bundle).unwrap()));
        reasons.insert(own["first_bad"]["reason"].as_str().unwrap_or("none").to_owned());
    }
    assert!(reasons.len() >= 6, "the broken bundles prove too little: {reasons:?}");
}
