//! The embedded faces and how wide a text is in them.
//!
//! Charts, pictures and reports measure and draw with these two faces alone; no font of the computer is ever looked
//! for, because a missing one would change or silently drop the text. Shaping is left to whoever draws.

use std::collections::HashMap;
use std::sync::LazyLock;

use ab_glyph::{Font, FontRef};

/// The family name inside the embedded faces.
pub const FAMILY: &str = "Inter";
/// Regular face (weight 400).
pub const REGULAR: &[u8] = include_bytes!("../fonts/Inter-Regular.ttf");
/// Stronger face (weight 600).
pub const STRONG: &[u8] = include_bytes!("../fonts/Inter-SemiBold.ttf");
/// Height of a capital letter, in parts of the em square.
pub const CAP_HEIGHT: f32 = 1490.0 / 2048.0;
/// What a glyph is taken to measure when there is none to measure, in parts of the em square.
const GUESSED_ADVANCE: f32 = 0.6;

/// The advance of every character of both faces, in parts of the em square. Read once: text is measured all the time.
static ADVANCES: LazyLock<[HashMap<char, f32>; 2]> = LazyLock::new(|| [REGULAR, STRONG].map(advances));

fn advances(face: &[u8]) -> HashMap<char, f32> {
    let Ok(face) = FontRef::try_from_slice(face) else { return HashMap::new() };
    let em = face.units_per_em().unwrap_or(2048.0);
    face.codepoint_ids().map(|(glyph, c)| (c, face.h_advance_unscaled(glyph) / em)).collect()
}

/// Measures a text of one line.
///
/// **Units**: em height in, width out, the same unit for both. Kerning, at most 1 % of a line, is not counted.
#[must_use]
pub fn width(text: &str, size: f32, is_strong: bool) -> f32 {
    let [regular, strong] = &*ADVANCES;
    let face = if is_strong { strong } else { regular };
    let ems: f32 = text.chars().map(|c| face.get(&c).copied().unwrap_or(GUESSED_ADVANCE)).sum();
    ems * size
}

/// Cuts a text to a width and ends it with an ellipsis where something is missing.
#[must_use]
pub fn fit(text: &str, size: f32, is_strong: bool, width_max: f32) -> String {
    if width(text, size, is_strong) <= width_max {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while kept.pop().is_some() {
        let cut = format!("{}\u{2026}", kept.trim_end());
        if width(&cut, size, is_strong) <= width_max {
            return cut;
        }
    }
    String::new()
}

/// Breaks a text into lines of a width: at spaces, and inside a word only where it alone is too wide.
///
/// **Shape**: at least one line, at most `lines_max`; where more would follow, the last one ends with an ellipsis.
#[must_use]
pub fn wrap(text: &str, size: f32, is_strong: bool, width_max: f32, lines_max: usize) -> Vec<String> {
    let measured = |text: &str| width(text, size, is_strong);
    let space = measured(" ");
    let mut lines: Vec<String> = Vec::new();
    let (mut line, mut used) = (String::new(), 0.0);
    for word in text.split_whitespace() {
        let wide = measured(word);
        if !line.is_empty() && used + space + wide <= width_max {
            line = format!("{line} {word}");
            used += space + wide;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        used = 0.0;
        for c in word.chars() {
            let advance = measured(c.encode_utf8(&mut [0; 4]));
            if used + advance > width_max && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(c);
            used += advance;
        }
    }
    lines.push(line);
    if lines.len() > lines_max.max(1) {
        let rest = lines.split_off(lines_max.max(1) - 1).join(" ");
        lines.push(fit(&rest, size, is_strong, width_max));
    }
    lines
}

/// Replaces characters that neither face can draw by an empty box, for files that may only hold drawable text.
#[must_use]
pub fn drawable(text: &str) -> String {
    text.chars().map(|c| if ADVANCES.iter().all(|face| face.contains_key(&c)) { c } else { '\u{25a1}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_faces_are_read_and_their_digits_are_equally_wide() {
        assert!(ADVANCES.iter().all(|face| face.len() > 600));
        for is_strong in [false, true] {
            let one = width("1", 12.0, is_strong);
            assert!(one > 5.0 && one < 10.0, "{one}");
            assert!("023456789".chars().all(|c| (width(&c.to_string(), 12.0, is_strong) - one).abs() < 1e-3));
        }
        assert!(width("Revenue", 12.0, true) > width("Revenue", 12.0, false));
    }

    #[test]
    fn every_character_we_write_ourselves_has_a_glyph() {
        let ours = "0123456789 .,:;%+−–—…·×≥≤→−kMBTabcXYZ$€£¥□";
        assert_eq!(drawable(ours), ours);
    }

    #[test]
    fn a_cut_text_fits_and_shows_that_it_was_cut() {
        let cut = fit("Enterprise annual, negotiated", 12.0, false, 90.0);
        assert!(cut.ends_with('\u{2026}') && width(&cut, 12.0, false) <= 90.0, "{cut}");
        assert_eq!(fit("Pro", 12.0, false, 90.0), "Pro");
    }

    #[test]
    fn lines_break_at_spaces_and_inside_words_only_when_they_must() {
        let wrapped = |text, width, lines| wrap(text, 10.0, false, width, lines);
        assert_eq!(wrapped("one two three", 50.0, 9), ["one two", "three"]);
        assert_eq!(wrapped("", 50.0, 9), [""]);
        let broken = wrapped("in_1QzAbCdEfGhIjKlMnOpQrStUv", 50.0, 9);
        assert!(broken.len() > 2 && broken.concat() == "in_1QzAbCdEfGhIjKlMnOpQrStUv", "{broken:?}");
        let cut = wrapped("one two three four five six", 50.0, 2);
        assert!(cut.len() == 2 && cut[1].ends_with('\u{2026}'), "{cut:?}");
        assert_eq!(wrapped("ab", 0.0, 9), ["a", "b"]);
    }

    #[test]
    fn what_has_no_glyph_becomes_a_box() {
        assert_eq!(drawable("Ж α ü 東京 🚀"), "Ж α ü □□ □");
    }
}
