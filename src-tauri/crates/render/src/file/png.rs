//! A scene as a PNG picture: its SVG, drawn by resvg with the embedded faces alone.
//!
//! The same bytes come out on every computer. Fonts of the system are never loaded; a character without a glyph is drawn
//! as an empty box.

use std::io;
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

use super::svg::svg;
use crate::font;
use crate::scene::Scene;

/// Most pixels of one picture, about 256 MiB of memory while it is drawn.
const PIXELS_MAX: u64 = 64 * 1024 * 1024;

static FACES: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut faces = Database::new();
    faces.load_font_data(font::REGULAR.to_vec());
    faces.load_font_data(font::STRONG.to_vec());
    faces.set_sans_serif_family(font::FAMILY);
    Arc::new(faces)
});

/// Picture elements for each pixel of the scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Density {
    /// One to one.
    Single,
    /// Two to one, for fine screens and for print.
    Double,
}

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The picture would take too much memory.
    #[error("a picture of {width} by {height} pixels is too large")]
    TooLarge {
        /// Picture elements across.
        width: u32,
        /// Picture elements down.
        height: u32,
    },
    /// The SVG could not be written or read back.
    #[error("the drawing could not be read back")]
    Svg(#[source] io::Error),
    /// The picture could not be packed.
    #[error("the picture could not be packed")]
    Packing(#[source] io::Error),
}

/// Draws a scene as a PNG file.
///
/// **Errors**: `TooLarge`; the others do not happen with scenes made by `chart`.
pub fn png(scene: &Scene, density: Density) -> Result<Vec<u8>, PngError> {
    let factor = match density {
        Density::Single => 1.0,
        Density::Double => 2.0,
    };
    let (width, height) = ((scene.width * factor).ceil() as u32, (scene.height * factor).ceil() as u32);
    let too_large = PngError::TooLarge { width, height };
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(too_large);
    }
    let text = svg(scene).map_err(PngError::Svg)?;
    let options = Options { fontdb: Arc::clone(&FACES), font_family: font::FAMILY.to_owned(), ..Options::default() };
    let tree = Tree::from_str(&text, &options).map_err(|cause| PngError::Svg(io::Error::other(cause)))?;
    let mut picture = Pixmap::new(width, height).ok_or(too_large)?;
    resvg::render(&tree, Transform::from_scale(factor, factor), &mut picture.as_mut());
    picture.encode_png().map_err(|cause| PngError::Packing(io::Error::other(cause)))
}
