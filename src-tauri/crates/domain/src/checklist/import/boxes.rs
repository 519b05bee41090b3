//! Boxes that Markdown does not know.
//!
//! Separate because people draw them in many ways, and none of these says anything about where a line stands.

/// Open boxes drawn as a character.
const DRAWN: [char; 2] = ['☐', '⬜'];

/// Says whether a line begins with an open box drawn as a character.
pub(super) fn is_drawn(text: &str) -> bool {
    unmarked(text).starts_with(DRAWN)
}

/// Reads a box that Markdown does not know; where boxes are `drawn`, a check mark is one that is ticked.
pub(super) fn read(text: &str, drawn: bool) -> Option<(bool, &str)> {
    odd(text).or_else(|| checked(text).filter(|_| drawn))
}

/// Reads `[ ]` without a list, `[]`, `[ x ]`, `[-]`, `☐`.
fn odd(text: &str) -> Option<(bool, &str)> {
    let text = unmarked(text);
    if let Some(rest) = text.strip_prefix(DRAWN) {
        return Some((false, label_of(rest)));
    }
    if let Some(rest) = text.strip_prefix('☑') {
        return Some((true, label_of(rest)));
    }
    let (mark, rest) = text.strip_prefix('[')?.split_once(']')?;
    let mark = mark.trim();
    let known = matches!(mark, "" | "x" | "X" | "-" | "~" | "v" | "✓" | "✔");
    (known && !rest.starts_with(['(', '['])).then(|| (!mark.is_empty() && mark != "-" && mark != "~", rest.trim()))
}

/// Reads a line that begins with a check mark.
fn checked(text: &str) -> Option<(bool, &str)> {
    unmarked(text).strip_prefix(['✅', '✔', '✓', '☒']).map(|rest| (true, label_of(rest)))
}

/// Gives a line without the mark of a list before it.
fn unmarked(text: &str) -> &str {
    let text = text.trim_start();
    text.strip_prefix(['-', '*', '+', '•', '–']).map_or(text, str::trim_start)
}

/// Gives what stands after a drawn box.
fn label_of(rest: &str) -> &str {
    rest.trim_start_matches('\u{fe0f}').trim()
}
