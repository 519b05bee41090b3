//! Keeps what is generated from the contract list equal to the list: the page's types, its table of commands, the
//! minor digits of currencies, and the window's permission file. `cargo xtask contract` writes them anew.
#![expect(clippy::unwrap_used, reason = "a test program")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use countersign_app::*;
use countersign_domain::money::Currency;
use ts_rs::{Config, TS};

/// One line of the list, as text.
struct Line {
    verb: &'static str,
    name: &'static str,
    request: String,
    answer: String,
    has_secret: bool,
    topics: Vec<&'static str>,
}

fn of<R: TS + 'static, A: TS + 'static>(
    config: &Config,
    verb: &'static str,
    name: &'static str,
    has_secret: bool,
    topics: &[bus::Topic],
) -> Line {
    R::export_all(config).unwrap();
    A::export_all(config).unwrap();
    let topics = topics.iter().map(|topic| match topic {
        bus::Topic::Mirror => "mirror",
        bus::Topic::Metrics => "metrics",
        bus::Topic::Checklists => "checklists",
        bus::Topic::Ledger => "ledger",
        bus::Topic::Settings => "settings",
        bus::Topic::Jobs => "jobs",
    });
    Line { verb, name, request: R::name(config), answer: A::name(config), has_secret, topics: topics.collect() }
}

macro_rules! lines {
    ($($verb:ident $name:ident = $($function:ident)::+ ($request:ty $(, $secret:ident)?) -> $answer:ty, $word:ident [$($topic:ident),*];)+) => {
        fn lines(config: &Config) -> Vec<Line> {
            vec![$(of::<$request, $answer>(
                config,
                stringify!($verb),
                stringify!($name),
                concat!($(stringify!($secret))?) == "secret",
                &[$(bus::Topic::$topic),*],
            )),+]
        }
    };
}
contract!(lines);

/// Every generated file, by its path from the root of the project.
fn generated() -> BTreeMap<PathBuf, String> {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::new().with_out_dir(folder.path());
    let lines = lines(&config);
    failure_types(&config);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = Path::new("ui/src/contract").join(path.file_name().unwrap());
        files.insert(name, std::fs::read_to_string(&path).unwrap());
    }
    files.insert("ui/src/contract/list.ts".into(), list_ts(&lines));
    files.insert("ui/src/contract/currencies.ts".into(), currencies_ts());
    files.insert("src-tauri/permissions/contract.toml".into(), permissions_toml(&lines));
    files
}

/// Failures arrive beside answers, so no line names them.
fn failure_types(config: &Config) {
    countersign_domain::failure::Failure::export_all(config).unwrap();
    bus::Topic::export_all(config).unwrap();
}

fn list_ts(lines: &[Line]) -> String {
    let mut names: Vec<&str> =
        lines.iter().flat_map(|line| [line.request.as_str(), line.answer.as_str()]).flat_map(words).collect();
    names.sort_unstable();
    names.dedup();
    let mut text = String::from("// Generated from the contract list; `cargo xtask contract` writes it anew.\n");
    for name in names {
        writeln!(text, "import type {{ {name} }} from \"./{name}\";").unwrap();
    }
    text.push_str("import type { Topic } from \"./Topic\";\n");
    for (verb, title) in [("ask", "Asks"), ("act", "Acts")] {
        writeln!(text, "\nexport interface {title} {{").unwrap();
        for line in lines.iter().filter(|line| line.verb == verb) {
            let secret = if line.has_secret { "; secret: string" } else { "" };
            writeln!(text, "  {}: {{ request: {}; answer: {}{secret} }};", line.name, line.request, line.answer)
                .unwrap();
        }
        text.push_str("}\n");
    }
    text.push_str("\n/** The topics an answer is made of: when one changes, what is on screen is asked again. */\n");
    text.push_str("export const reads: Record<keyof Asks, readonly Topic[]> = {\n");
    for line in lines.iter().filter(|line| line.verb == "ask") {
        let topics: Vec<String> = line.topics.iter().map(|topic| format!("\"{topic}\"")).collect();
        writeln!(text, "  {}: [{}],", line.name, topics.join(", ")).unwrap();
    }
    text.push_str("};\n");
    text
}

/// The type names inside `Answer<Rows<MovementRow>>`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn currencies_ts() -> String {
    let mut text = String::from("// Generated: minor digits as Stripe writes them; every other currency has two.\n");
    text.push_str("export const minorDigits: Readonly<Record<string, number>> = {\n");
    let letters = || 'a'..='z';
    for a in letters() {
        for b in letters() {
            for c in letters() {
                let code = format!("{a}{b}{c}");
                let digits = Currency::parse(&code).unwrap().exponent();
                if digits != 2 {
                    writeln!(text, "  {code}: {digits},").unwrap();
                }
            }
        }
    }
    text.push_str("};\n");
    text
}

fn permissions_toml(lines: &[Line]) -> String {
    let mut text = String::from("# Generated from the contract list; `cargo xtask contract` writes it anew.\n");
    text.push_str("[[permission]]\nidentifier = \"contract\"\ndescription = \"Every line of the contract\"\n");
    text.push_str("commands.allow = [\n");
    for line in lines {
        writeln!(text, "  \"{}\",", line.name).unwrap();
    }
    text.push_str("]\n");
    text
}

#[test]
fn generated_files_are_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let files = generated();
    if std::env::var_os("COUNTERSIGN_WRITE_CONTRACT").is_some() {
        let _none_yet = std::fs::remove_dir_all(root.join("ui/src/contract"));
        for (path, text) in &files {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), text).unwrap();
        }
    }
    let stale: Vec<_> = files
        .iter()
        .filter(|(path, text)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(stale.is_empty(), "stale, run `cargo xtask contract`: {stale:?}");
    let extra: Vec<_> = std::fs::read_dir(root.join("ui/src/contract"))
        .unwrap()
        .map(|entry| Path::new("ui/src/contract").join(entry.unwrap().file_name()))
        .filter(|path| !files.contains_key(path))
        .collect();
    assert!(extra.is_empty(), "no longer generated, run `cargo xtask contract`: {extra:?}");
}
