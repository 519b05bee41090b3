//! The project's own files, as the house rules read them.

use std::path::{Component, Path, PathBuf};

/// Folders that are made by tools and never looked at.
const MADE: &[&str] = &["target", "node_modules", "dist", "gen", ".git"];

/// The root of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Every file of the project with one of the endings, by its path from the root, in order.
pub fn files(endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if path.is_dir() {
                if !MADE.contains(&name.as_ref()) {
                    open.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path.strip_prefix(root()).unwrap_or(&path).to_path_buf());
            }
        }
    }
    found.sort();
    found
}

/// Reads a file of the project.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// Where a relative import of a page's file leads to, by its path from the root; others as they are.
pub fn resolved(file: &Path, import: &str) -> PathBuf {
    if !import.starts_with('.') {
        return PathBuf::from(import);
    }
    let mut path = file.parent().unwrap_or(Path::new("")).to_path_buf();
    for part in Path::new(import).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

/// The part of a Rust file in front of its tests.
pub fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]").next().unwrap_or(text)
}
