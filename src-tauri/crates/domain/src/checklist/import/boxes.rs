//! Boxes that Markdown does not know.
//!
//! Separate because people draw them in many ways, and none of these says anything about where a line stands.

/// Open boxes drawn as a character.
pub(super) const DRAWN: [char; 2] = ['☐', '⬜'];

/// Reads a box that Markdown does not know: `[ ]` without a list, `[]`, `[ x ]`, `[-]`, `☐`.
pub(super) fn odd(text: &str) -> Option<(bool, &str)> {
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

/// Reads a line that begins with a check mark: a ticked box, where boxes are drawn.
pub(super) fn checked(text: &str) -> Option<(bool, &str)> {
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
