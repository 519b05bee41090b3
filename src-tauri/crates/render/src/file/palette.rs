//! The colours of exported drawings: one fixed, light palette.
//!
//! Screens have their own values for the same roles (light, dark, high contrast); a file must look the same on every
//! computer and on paper. Neighbours in a stack differ in lightness too, so that a grey print can be read.

use crate::scene::Role;

/// Gives the colour of a role as `#rrggbb`.
#[must_use]
pub fn color(role: Role) -> &'static str {
    match role {
        Role::Series1 | Role::New => "#4f56d3",
        Role::Series2 | Role::Expansion => "#0e8f80",
        Role::Series3 => "#cf6f14",
        Role::Series4 => "#b83d78",
        Role::Series5 => "#2c84cf",
        Role::Series6 => "#8a5bd8",
        Role::Series7 => "#718019",
        Role::Series8 => "#66758c",
        Role::Reactivation => "#8489ea",
        Role::Contraction => "#cd8420",
        Role::Churn | Role::Fail => "#cb3f45",
        Role::Fx | Role::Unknown => "#7d8a9e",
        Role::Net | Role::Title => "#1c2333",
        Role::Ok => "#218a5b",
        Role::Warn => "#b9770a",
        Role::Ghost => "#8894a7",
        Role::Target => "#17774d",
        Role::Limit => "#b3353b",
        Role::Track => "#eef1f6",
        Role::Grid => "#e8ecf2",
        Role::Axis => "#b9c2cf",
        Role::Label => "#566378",
        Role::Value => "#2a3347",
        Role::Note => "#667388",
        Role::Surface => "#ffffff",
        Role::Banner => "#5b3fc4",
        Role::BannerText => "#ffffff",
        Role::Watermark => "#f1eefb",
    }
}

/// Opacity of a surface below a line.
pub const AREA_OPACITY: &str = "0.1";
/// Opacity of a bar whose period has not ended.
pub const PROVISIONAL_OPACITY: &str = "0.55";
/// Strokes and gaps of a line that leads to a figure which may still change, and of lines to hold figures against.
pub const DASHES: &str = "4 4";

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray;

    fn luminance(color: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_can_be_read_and_marks_can_be_seen() {
        for &role in Role::VARIANTS {
            let (paper, least) = match role {
                Role::Track | Role::Grid | Role::Axis | Role::Surface | Role::Watermark => continue,
                Role::BannerText => (color(Role::Banner), 4.5),
                Role::Label | Role::Value | Role::Note | Role::Title | Role::Target | Role::Limit => ("#ffffff", 4.5),
                _ => ("#ffffff", 3.0),
            };
            let found = contrast(color(role), paper);
            assert!(found >= least, "{role:?}: {found:.2} < {least}");
        }
    }
}
