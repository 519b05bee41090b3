//! The embedded faces and how wide a text is in them.
//!
//! Charts, pictures and reports measure and draw with these two faces alone; no font of the computer is ever looked
//! for, because a missing one would change or silently drop the text. Shaping is left to whoever draws.

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

static FACES: LazyLock<[Option<FontRef<'static>>; 2]> =
    LazyLock::new(|| [REGULAR, STRONG].map(|bytes| FontRef::try_from_slice(bytes).ok()));

/// Measures a text of one line.
///
/// **Units**: em height in, width out, the same unit for both. Kerning, at most 1 % of a line, is not counted.
#[must_use]
pub fn width(text: &str, size: f32, is_strong: bool) -> f32 {
    let [regular, strong] = &*FACES;
    let face = if is_strong { strong } else { regular };
    let ems: f32 = text
        .chars()
        .map(|c| match face {
            Some(face) => face.h_advance_unscaled(face.glyph_id(c)) / face.units_per_em().unwrap_or(2048.0),
            None => GUESSED_ADVANCE,
        })
        .sum();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_faces_are_read_and_their_digits_are_equally_wide() {
        assert!(FACES.iter().all(Option::is_some));
        for is_strong in [false, true] {
            let one = width("1", 12.0, is_strong);
            assert!(one > 5.0 && one < 10.0, "{one}");
            assert!("023456789".chars().all(|c| (width(&c.to_string(), 12.0, is_strong) - one).abs() < 1e-3));
        }
        assert!(width("Revenue", 12.0, true) > width("Revenue", 12.0, false));
    }

    #[test]
    fn every_character_we_write_ourselves_has_a_glyph() {
        let [Some(regular), Some(strong)] = &*FACES else { panic!("faces") };
        for c in "0123456789 .,:;%+−–—…·×≥≤→−kMBTabcXYZ$€£¥\u{25a1}".chars() {
            assert!(regular.glyph_id(c).0 != 0 && strong.glyph_id(c).0 != 0, "{c:?}");
        }
    }

    #[test]
    fn a_cut_text_fits_and_shows_that_it_was_cut() {
        let cut = fit("Enterprise annual, negotiated", 12.0, false, 90.0);
        assert!(cut.ends_with('\u{2026}') && width(&cut, 12.0, false) <= 90.0, "{cut}");
        assert_eq!(fit("Pro", 12.0, false, 90.0), "Pro");
    }
}
