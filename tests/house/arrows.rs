//! Which crate may look at which, and which library belongs to whom.

use std::collections::BTreeMap;
use std::path::Path;

use support::tree;

/// Crate, and the crates of ours it may import.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("sources", &["domain"]),
    ("render", &["domain"]),
    ("probes", &["domain", "store", "sources"]),
    ("demo", &["domain", "sources"]),
    ("app", &["domain", "store", "sources", "render", "probes", "demo"]),
    ("cli", &["app"]),
];

/// Library, and the crates that may name it. `demo` writes and reads the invented billing database, a SQLite file.
const OWNERS: &[(&str, &[&str])] = &[
    ("rusqlite", &["store", "demo"]),
    ("deadpool-sqlite", &["store"]),
    ("reqwest", &["sources"]),
    ("tokio-postgres", &["sources"]),
    ("rustls", &["sources"]),
    ("keyring", &["sources"]),
    ("keyring-core", &["sources"]),
    ("plotters", &["render"]),
    ("resvg", &["render"]),
    ("axum", &["demo"]),
    ("clap", &["cli"]),
    ("tauri", &[]),
];

fn dependencies(krate: &str) -> Vec<String> {
    let path = Path::new("src-tauri/crates").join(krate).join("Cargo.toml");
    let manifest: toml::Table = tree::read(&path).parse().unwrap();
    let mut tables = vec![manifest.get("dependencies").cloned()];
    for target in manifest.get("target").and_then(|targets| targets.as_table()).into_iter().flatten() {
        tables.push(target.1.get("dependencies").cloned());
    }
    tables
        .into_iter()
        .flatten()
        .flat_map(|table| table.as_table().cloned().unwrap_or_default())
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn crates_look_only_where_the_arrows_point() {
    let listed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    for folder in std::fs::read_dir(tree::root().join("src-tauri/crates")).unwrap() {
        let krate = folder.unwrap().file_name().to_string_lossy().into_owned();
        let allowed = listed.get(krate.as_str()).unwrap_or_else(|| panic!("crate {krate} has no line in the arrows"));
        for name in dependencies(&krate) {
            if let Some(other) = name.strip_prefix("countersign-") {
                assert!(allowed.contains(&other), "{krate} must not import {other}");
            }
        }
    }
}

#[test]
fn heavy_libraries_have_one_owner() {
    for (krate, _) in ARROWS {
        for name in dependencies(krate) {
            if let Some((_, owners)) = OWNERS.iter().find(|(library, _)| *library == name) {
                assert!(owners.contains(krate), "{krate} must not use {name}; its owner is {owners:?}");
            }
        }
    }
}
