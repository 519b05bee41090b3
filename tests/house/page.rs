//! What the page may do: nothing but show text and call the contract.

use std::path::Path;

use support::tree;

/// Ways to turn text into markup or code. Every one of them is a hole.
const SINKS: &[&str] = &[
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "srcdoc",
    "eval(",
    "new Function",
    "javascript:",
    "{@html",
    "dangerouslySetInnerHTML",
];

fn configuration() -> serde_json::Value {
    serde_json::from_str(&tree::read(Path::new("tauri.conf.json"))).unwrap()
}

#[test]
fn the_page_has_no_markup_sink() {
    for path in tree::files(&[".ts", ".svelte", ".html"]).into_iter().filter(|path| path.starts_with("ui/src")) {
        let text = tree::read(&path);
        for sink in SINKS {
            assert!(!text.contains(sink), "{} uses {sink}", path.display());
        }
    }
}

#[test]
fn only_the_door_imports_tauri() {
    for path in tree::files(&[".ts", ".svelte"]).into_iter().filter(|path| path.starts_with("ui/src")) {
        let is_door = path.starts_with("ui/src/ipc");
        assert!(is_door || !tree::read(&path).contains("@tauri-apps/"), "{} goes round the door", path.display());
    }
}

#[test]
fn screens_do_not_know_each_other() {
    for path in tree::files(&[".ts", ".svelte"]).into_iter().filter(|path| path.starts_with("ui/src/screens")) {
        let screen = |path: &Path| path.strip_prefix("ui/src/screens").ok()?.iter().next().map(ToOwned::to_owned);
        let is_of_none = path.parent().is_some_and(|folder| folder.ends_with("screens"));
        for line in tree::read(&path).lines().filter(|_| !is_of_none) {
            let Some(from) = line.split(" from '").nth(1).and_then(|rest| rest.split('\'').next()) else { continue };
            let imported = tree::resolved(&path, from);
            // What stands beside the screens, such as the form of one, belongs to all.
            let is_shared = imported.parent().is_some_and(|folder| folder.ends_with("screens"));
            let is_another = screen(&imported).is_some_and(|other| Some(other) != screen(&path));
            assert!(is_shared || !is_another, "{}: {line}", path.display());
        }
    }
}

#[test]
fn the_content_policy_is_the_strict_one() {
    let conf = configuration();
    let security = &conf["app"]["security"];
    let expected = serde_json::json!({
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "font-src": "'self'",
        "connect-src": "ipc: http://ipc.localhost",
        "worker-src": "'none'", "child-src": "'none'", "frame-src": "'none'", "media-src": "'none'",
        "manifest-src": "'none'", "object-src": "'none'", "base-uri": "'none'", "form-action": "'none'",
        "frame-ancestors": "'none'"
    });
    assert_eq!(security["csp"], expected);
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(security["dangerousDisableAssetCspModification"], false);
    assert_eq!(security["assetProtocol"]["enable"], false);
    assert_eq!(conf["app"]["withGlobalTauri"], false);
}

#[test]
fn the_window_has_one_capability() {
    let folder = tree::root().join("src-tauri/capabilities");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["main.json"]);
    let capability: serde_json::Value =
        serde_json::from_str(&tree::read(Path::new("src-tauri/capabilities/main.json"))).unwrap();
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    assert_eq!(capability.get("remote"), None);
    let permissions = serde_json::json!(["core:event:allow-listen", "core:event:allow-unlisten", "contract", "window"]);
    assert_eq!(capability["permissions"], permissions);
}
