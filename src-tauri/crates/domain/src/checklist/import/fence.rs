//! Blocks of code: commands to copy, and forms to fill in.
//!
//! Separate because nothing inside a block of code is Markdown. Deliberately absent: running anything.

use super::ANNOTATION;
use super::blocks::Line;
use super::words::{is_blank, is_filled, label_value};

/// Languages whose blocks hold commands.
const SHELLS: &[&str] =
    &["bash", "sh", "shell", "zsh", "fish", "console", "terminal", "powershell", "pwsh", "ps1", "cmd", "bat"];
/// Languages in which commands stand behind a prompt and their output below.
const SESSIONS: &[&str] = &["console", "terminal", "shell-session", "shellsession"];

/// A command and the comment above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    pub line: u32,
    pub text: String,
    pub comment: String,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub line: u32,
    pub label: String,
}

/// Says whether a block of this language holds commands.
pub(super) fn is_shell(language: &str) -> bool {
    let language = first_word(language);
    SHELLS.contains(&language.as_str()) || SESSIONS.contains(&language.as_str())
}

fn first_word(language: &str) -> String {
    language.split([' ', ',', '{']).next().unwrap_or_default().to_lowercase()
}

/// Lists the commands of a shell block.
///
/// **Shape**: one per line; a trailing backslash and an open here-document join lines. Comments belong to the command
/// below them. In a session, and wherever one line has a prompt, only lines behind a prompt are commands.
pub(super) fn commands(language: &str, lines: &[Line]) -> Vec<Command> {
    let prompts = lines.iter().any(|line| line.text.trim_start().starts_with("$ "));
    let session = prompts || SESSIONS.contains(&first_word(language).as_str());
    let mut found: Vec<Command> = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    let mut ends: Option<String> = None;
    let mut joined = false;
    for line in lines {
        if let Some(command) = found.last_mut().filter(|_| joined || ends.is_some()) {
            command.text.push('\n');
            command.text.push_str(&line.text);
            joined = ends.is_none() && line.text.ends_with('\\');
            if ends.as_ref().is_some_and(|end| line.text.trim() == end) {
                ends = None;
            }
            continue;
        }
        let trimmed = line.text.trim();
        let prompted = trimmed.strip_prefix("$ ").or_else(|| trimmed.strip_prefix("> ").filter(|_| session));
        if trimmed.is_empty() {
            comment.clear();
        } else if let Some(text) = remark(trimmed).filter(|_| prompted.is_none()) {
            comment.extend((!text.starts_with(ANNOTATION)).then_some(text));
        } else if prompted.is_some() || !session {
            let text = prompted.unwrap_or(trimmed);
            joined = text.ends_with('\\');
            ends = here_document(text);
            found.push(Command { line: line.number, text: text.to_owned(), comment: comment.join(" ") });
            comment.clear();
        }
    }
    found
}

fn remark(line: &str) -> Option<&str> {
    let text = line.strip_prefix('#').or_else(|| line.strip_prefix("REM ")).or_else(|| line.strip_prefix("::"))?;
    Some(text.trim_start_matches('#').trim())
}

/// Gives the word that ends a here-document opened by this command.
fn here_document(command: &str) -> Option<String> {
    let (_, after) = command.split_once("<<")?;
    let word = after.trim_start_matches(['-', ' ']).split_whitespace().next()?.trim_matches(['\'', '"']);
    (!after.starts_with('<') && !word.is_empty()).then(|| word.to_owned())
}

/// Lists the fields of a form; `None` when the block is no form.
///
/// **Shape**: a block without a language in which at least one line is a blank or a value on a rule. Ruled lines and
/// indented lines continue the field above them.
pub(super) fn form(language: &str, lines: &[Line]) -> Option<Vec<Field>> {
    let plain = ["", "text", "txt", "plain"].contains(&first_word(language).as_str());
    let blank = |line: &Line| {
        is_blank(&line.text) || label_value(&line.text).is_some_and(|(_, value)| is_blank(value) || is_filled(value))
    };
    if !plain || !lines.iter().any(blank) {
        return None;
    }
    let field = |line: &Line| {
        let own = !line.text.starts_with(char::is_whitespace) && !is_blank(&line.text);
        let (label, _) = label_value(&line.text).filter(|_| own)?;
        Some(Field { line: line.number, label: label.to_owned() })
    };
    Some(lines.iter().filter_map(field).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line> {
        (1..).zip(text.lines()).map(|(number, text)| Line { number, text: text.to_owned() }).collect()
    }

    fn texts(language: &str, text: &str) -> Vec<String> {
        commands(language, &lines(text)).into_iter().map(|command| command.text).collect()
    }

    #[test]
    fn one_command_per_line_with_the_comment_above() {
        let found = commands(
            "bash",
            &lines("# Build and deploy\nnpm run build\nnpm start\n\n# Verify\ncurl -f https://x/api\n"),
        );
        let wanted =
            [(2, "npm run build", "Build and deploy"), (3, "npm start", ""), (6, "curl -f https://x/api", "Verify")];
        let found: Vec<_> = found.iter().map(|one| (one.line, one.text.as_str(), one.comment.as_str())).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn joined_lines_stay_one_command() {
        assert_eq!(texts("sh", "a \\\n  b \\\n  c\nd"), ["a \\\n  b \\\n  c", "d"]);
        assert_eq!(
            texts("sh", "cat <<'EOF' > f\n# not a comment\nx\nEOF\nd"),
            ["cat <<'EOF' > f\n# not a comment\nx\nEOF", "d"]
        );
        assert_eq!(texts("sh", "grep x <<< \"$y\"\nd"), ["grep x <<< \"$y\"", "d"]);
    }

    #[test]
    fn sessions_hold_output_too() {
        assert_eq!(texts("console", "$ npm start\nlistening\n# note\n$ curl x\nok"), ["npm start", "curl x"]);
        assert_eq!(texts("sh", "$ make\nmade"), ["make"]);
        assert!(!is_shell("json") && is_shell("Bash {cmd}"));
    }

    #[test]
    fn forms_have_blanks() {
        let text = "Date: ______\nVersion: __v1__\n\nSpecial Considerations:\n  Note: kept short\n______\n______";
        let labels: Vec<_> = form("", &lines(text)).unwrap().into_iter().map(|field| field.label).collect();
        assert_eq!(labels, ["Date", "Version", "Special Considerations"]);
        assert_eq!(form("", &lines("Error: x\nat y")), None);
        assert_eq!(form("yaml", &lines("a: ____")), None);
    }
}
