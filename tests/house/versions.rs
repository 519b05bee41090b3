//! Floors under versions with known holes, and crates that must not come in at all.

use std::collections::BTreeMap;
use std::path::Path;

use support::tree;

/// Crate and the lowest version that is safe.
const FLOORS: &[(&str, [u64; 3])] = &[
    ("tauri", [2, 11, 1]),
    ("tauri-plugin-opener", [2, 7, 0]),
    ("tauri-plugin-single-instance", [2, 5, 5]),
    ("rusqlite", [0, 40, 2]),
    ("libsqlite3-sys", [0, 38, 2]),
    ("tokio-postgres", [0, 7, 18]),
    ("postgres-protocol", [0, 6, 12]),
    ("ed25519-dalek", [2, 0, 0]),
    ("keyring", [4, 2, 0]),
    ("time", [0, 3, 47]),
    ("h2", [0, 4, 16]),
    ("rustls", [0, 23, 18]),
    ("rustls-webpki", [0, 103, 13]),
    ("bytes", [1, 11, 1]),
    ("idna", [1, 0, 0]),
    ("tokio", [1, 44, 2]),
    ("crossbeam-channel", [0, 5, 15]),
];

/// Crates that must not be in the program.
const ABSENT: &[&str] = &[
    "sqlx",
    "lapin",
    "tauri-plugin-shell",
    "tauri-plugin-fs",
    "tauri-plugin-http",
    "tauri-plugin-sql",
    "tauri-plugin-store",
    "openssl",
    "native-tls",
];

/// Crates that may be there in one version only.
const SINGLE: &[&str] = &["rusqlite", "libsqlite3-sys", "rustls", "tauri", "reqwest"];

fn locked() -> BTreeMap<String, Vec<[u64; 3]>> {
    let lock: toml::Table = tree::read(Path::new("Cargo.lock")).parse().unwrap();
    let mut found: BTreeMap<String, Vec<[u64; 3]>> = BTreeMap::new();
    for package in lock["package"].as_array().unwrap() {
        let version = package["version"].as_str().unwrap();
        let numbers: Vec<u64> = version.split(['.', '-', '+']).take(3).map(|part| part.parse().unwrap_or(0)).collect();
        found.entry(package["name"].as_str().unwrap().to_owned()).or_default().push(numbers.try_into().unwrap());
    }
    found
}

#[test]
fn versions_are_above_their_floors() {
    let locked = locked();
    for (name, floor) in FLOORS {
        for version in locked.get(*name).unwrap_or_else(|| panic!("{name} is not in the lock file: drop its floor")) {
            assert!(version >= floor, "{name} {version:?} is below {floor:?}");
        }
    }
}

#[test]
fn unwanted_crates_stay_out() {
    let locked = locked();
    for name in ABSENT {
        assert!(!locked.contains_key(*name), "{name} came in");
    }
    for name in SINGLE {
        assert_eq!(locked.get(*name).map(Vec::len), Some(1), "{name} must be there once");
    }
}

#[test]
fn there_is_one_crypto_provider() {
    // The lock file also names libraries that no feature switches on, so cargo itself is asked what is built.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = std::process::Command::new(cargo)
        .args(["tree", "--locked", "--workspace", "--edges", "normal,build", "--prefix", "none"])
        .current_dir(tree::root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let names = String::from_utf8_lossy(&tree.stdout);
    assert!(names.lines().any(|line| line.starts_with("aws-lc-rs ")), "{names}");
    assert!(!names.lines().any(|line| line.starts_with("ring ")), "a second provider came in");
}

#[test]
fn the_page_brings_no_plugin_of_its_own() {
    let lock: serde_json::Value = serde_json::from_str(&tree::read(Path::new("ui/package-lock.json"))).unwrap();
    let packages = lock["packages"].as_object().unwrap();
    let plugins: Vec<_> = packages.keys().filter(|name| name.contains("@tauri-apps/plugin-")).collect();
    assert!(plugins.is_empty(), "{plugins:?}");
    let addresses: Vec<_> = packages.values().filter_map(|package| package["resolved"].as_str()).collect();
    assert!(addresses.is_empty(), "the lock file names where packages came from: {:?}", addresses.first());
}
