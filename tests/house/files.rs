//! Sizes, names and openings of files.

use std::path::Path;

use support::tree;

/// Longest Rust or TypeScript file, without the tests inside it. **Units**: lines.
const FILE_LINES_MAX: usize = 500;
/// Longest component of the page. **Units**: lines.
const COMPONENT_LINES_MAX: usize = 200;
/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "types", "misc"];

fn is_generated(path: &Path) -> bool {
    path.starts_with("ui/src/contract") || path.starts_with("ui/src/fixtures")
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for path in tree::files(&[".rs", ".ts", ".svelte"]).into_iter().filter(|path| !is_generated(path)) {
        let text = tree::read(&path);
        let (lines, max) = match path.extension().and_then(|ending| ending.to_str()) {
            Some("svelte") => (text.lines().count(), COMPONENT_LINES_MAX),
            Some("rs") => (tree::without_tests(&text).lines().count(), FILE_LINES_MAX),
            _ => (text.lines().count(), FILE_LINES_MAX),
        };
        if lines > max {
            long.push(format!("{}: {lines} lines, limit {max}", path.display()));
        }
    }
    assert!(long.is_empty(), "split by noun:\n{}", long.join("\n"));
}

#[test]
fn every_rust_file_opens_with_why_it_exists() {
    let silent: Vec<_> =
        tree::files(&[".rs"]).into_iter().filter(|path| !tree::read(path).starts_with("//!")).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn names_say_something() {
    for path in tree::files(&[".rs", ".ts", ".svelte"]) {
        for part in path.iter().filter_map(|part| part.to_str()) {
            let stem = part.split('.').next().unwrap_or(part);
            assert!(!EMPTY_NAMES.contains(&stem), "{} has a name that says nothing", path.display());
        }
    }
}

#[test]
fn nothing_is_left_open() {
    // Put together here, so that this file does not find itself.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("unimplemented", "!("), concat!("todo", "!(")];
    for path in tree::files(&[".rs", ".ts", ".svelte", ".css"]) {
        let text = tree::read(&path);
        for mark in marks {
            assert!(!text.contains(mark), "{} holds {mark}", path.display());
        }
    }
}

#[test]
fn every_module_is_listed() {
    for path in tree::files(&[".rs"]).into_iter().filter(|path| path.starts_with("src-tauri/crates") && is_module(path))
    {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new(""));
        let folder_name = folder.file_name().and_then(|part| part.to_str()).unwrap_or_default();
        let listing = [
            folder.join("mod.rs"),
            folder.join("lib.rs"),
            folder.join("main.rs"),
            folder.with_file_name(format!("{folder_name}.rs")),
        ];
        let is_listed = listing.iter().any(|file| tree::read(file).contains(&format!("mod {name};")));
        assert!(is_listed, "{} is compiled by nobody", path.display());
    }
}

fn is_module(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_inside = path.iter().any(|part| part == "src") && !path.iter().any(|part| part == "bin");
    is_inside && !["mod.rs", "lib.rs", "main.rs"].contains(&name)
}
