//! The drawing backend that lets plotters draw into a scene instead of onto pixels.
//!
//! plotters thinks in whole pixels and colours; a scene needs finer points and meanings. Both are carried through it in
//! disguise: one pixel is `GRAIN` steps wide, and a "colour" is an [`Ink`], whose red byte is a role (plus a bit for
//! provisional figures) and whose green and blue bytes are the number of the datum behind the mark. No colour of plotters
//! itself may be used with this backend, and there is no way to set pixels.

use plotters::style::Color;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};

use crate::font;
use crate::scene::{Anchor, Bounds, Datum, Mark, Role, Shape, printable};

/// Steps of the backend in one pixel of the scene.
pub const GRAIN: u32 = 100;

/// Most data one scene can name: what two bytes count, without zero.
pub const DATA_MAX: usize = 65_535;

/// Most characters of one text in a drawing.
const TEXT_CHARS_MAX: usize = 160;

const PROVISIONAL_BIT: u8 = 0x80;

/// What plotters takes for a colour: the meaning of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    /// What the mark means.
    pub role: Role,
    /// Its figure may still change.
    pub is_provisional: bool,
    /// Number of the datum in the list given to [`Tape::marks`], counted from 1; 0 for none.
    pub datum: u16,
}

impl Ink {
    /// Takes a role that stands for no datum.
    #[must_use]
    pub const fn of(role: Role) -> Self {
        Self { role, is_provisional: false, datum: 0 }
    }

    fn read(color: BackendColor) -> Result<Self, NotDrawable> {
        let (code, high, low) = color.rgb;
        let role = Role::from_repr(code & !PROVISIONAL_BIT).ok_or(NotDrawable("a colour that is no ink"))?;
        Ok(Self { role, is_provisional: code & PROVISIONAL_BIT != 0, datum: u16::from_be_bytes([high, low]) })
    }
}

impl Color for Ink {
    fn to_backend_color(&self) -> BackendColor {
        let [high, low] = self.datum.to_be_bytes();
        let flag = if self.is_provisional { PROVISIONAL_BIT } else { 0 };
        BackendColor { alpha: 1.0, rgb: (self.role as u8 | flag, high, low) }
    }
}

/// A scene has no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scene cannot hold {0}")]
pub struct NotDrawable(&'static str);

impl From<NotDrawable> for DrawingErrorKind<NotDrawable> {
    fn from(cause: NotDrawable) -> Self {
        Self::DrawingError(cause)
    }
}

/// What has been drawn so far.
#[derive(Debug, Default)]
pub struct Tape {
    strokes: Vec<(Ink, Shape)>,
}

impl Tape {
    /// Lends the tape to plotters.
    pub fn recorder(&mut self, width: u32, height: u32) -> Recorder<'_> {
        Recorder { tape: self, size: (width * GRAIN, height * GRAIN) }
    }

    /// Ends the recording and gives every mark the datum its ink names.
    #[must_use]
    pub fn marks(self, data: &[Datum]) -> Vec<Mark> {
        let datum_of = |number: u16| data.get(usize::from(number).checked_sub(1)?).cloned();
        self.strokes
            .into_iter()
            .map(|(ink, shape)| Mark {
                role: ink.role,
                is_provisional: ink.is_provisional,
                shape,
                datum: datum_of(ink.datum),
            })
            .collect()
    }
}

/// The backend plotters draws on.
#[derive(Debug)]
pub struct Recorder<'t> {
    tape: &'t mut Tape,
    size: (u32, u32),
}

impl Recorder<'_> {
    fn record(&mut self, color: BackendColor, shape: Shape) -> Result<(), DrawingErrorKind<NotDrawable>> {
        self.tape.strokes.push((Ink::read(color)?, shape));
        Ok(())
    }
}

/// Turns steps into pixels.
#[must_use]
pub fn pixels(steps: i32) -> f32 {
    // Divided in f64: the nearest f32 of the quotient prints with two decimals at most.
    (f64::from(steps) / f64::from(GRAIN)) as f32
}

fn corners(points: impl IntoIterator<Item = BackendCoord>) -> Vec<[f32; 2]> {
    points.into_iter().map(|(x, y)| [pixels(x), pixels(y)]).collect()
}

fn stroke(style: &impl BackendStyle) -> f32 {
    pixels(i32::try_from(style.stroke_width()).unwrap_or(i32::MAX))
}

impl DrawingBackend for Recorder<'_> {
    type ErrorType = NotDrawable;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<NotDrawable>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<NotDrawable>> {
        Ok(())
    }

    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Result<(), DrawingErrorKind<NotDrawable>> {
        Err(NotDrawable("single pixels").into())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<NotDrawable>> {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<NotDrawable>> {
        self.record(style.color(), Shape::Path { points: corners(path), stroke: stroke(style) })
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        outline: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<NotDrawable>> {
        self.record(style.color(), Shape::Area { points: corners(outline) })
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<NotDrawable>> {
        if !fill {
            return Err(NotDrawable("hollow rectangles").into());
        }
        // Elements of plotters may hand over the corners in any order.
        let (left, right) = (upper_left.0.min(bottom_right.0), upper_left.0.max(bottom_right.0));
        let (top, bottom) = (upper_left.1.min(bottom_right.1), upper_left.1.max(bottom_right.1));
        let bounds =
            Bounds { x: pixels(left), y: pixels(top), width: pixels(right - left), height: pixels(bottom - top) };
        self.record(style.color(), Shape::Rect(bounds))
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<NotDrawable>> {
        if !fill {
            return Err(NotDrawable("hollow circles").into());
        }
        let radius = pixels(i32::try_from(radius).unwrap_or(i32::MAX));
        self.record(style.color(), Shape::Circle { x: pixels(center.0), y: pixels(center.1), radius })
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        position: BackendCoord,
    ) -> Result<(), DrawingErrorKind<NotDrawable>> {
        if !matches!(style.transform(), FontTransform::None) {
            return Err(NotDrawable("turned text").into());
        }
        let size = style.size() as f32 / GRAIN as f32;
        let drop = match style.anchor().v_pos {
            VPos::Top => size * font::CAP_HEIGHT,
            VPos::Center => size * font::CAP_HEIGHT / 2.0,
            VPos::Bottom => 0.0,
        };
        let anchor = match style.anchor().h_pos {
            HPos::Left => Anchor::Start,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::End,
        };
        let shape = Shape::Text {
            x: pixels(position.0),
            y: ((pixels(position.1) + drop) * 100.0).round() / 100.0,
            anchor,
            size,
            is_strong: matches!(style.style(), FontStyle::Bold),
            text: printable(text).chars().take(TEXT_CHARS_MAX).collect(),
        };
        self.record(style.color(), shape)
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<NotDrawable>> {
        let size = style.size() as f32;
        let width = font::width(text, size, matches!(style.style(), FontStyle::Bold));
        Ok((width.ceil() as u32, (size * font::CAP_HEIGHT).ceil() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::prelude::*;
    use strum::VariantArray;

    #[test]
    fn every_ink_survives_the_way_through_a_colour() {
        for &role in Role::VARIANTS {
            for is_provisional in [false, true] {
                for datum in [0, 1, 255, 256, u16::MAX] {
                    let ink = Ink { role, is_provisional, datum };
                    assert_eq!(Ink::read(ink.to_backend_color()), Ok(ink));
                }
            }
        }
        assert!(Ink::read(WHITE.to_backend_color()).is_err());
    }

    #[test]
    fn plotters_draws_marks_with_meaning() {
        let mut tape = Tape::default();
        let root = tape.recorder(100, 50).into_drawing_area();
        let ink = Ink { datum: 1, ..Ink::of(Role::Churn) };
        root.draw(&Rectangle::new([(1000, 2050), (1510, 1000)], ink.filled())).unwrap();
        root.draw(&PathElement::new(vec![(0, 0), (33, 66)], Ink::of(Role::Grid).stroke_width(150))).unwrap();
        drop(root);
        let datum = Datum { key: "2026-03|usd|churn".to_owned(), value: "12.00 USD".to_owned() };
        let marks = tape.marks(std::slice::from_ref(&datum));
        assert_eq!(marks[0].shape, Shape::Rect(Bounds { x: 10.0, y: 10.0, width: 5.1, height: 10.5 }));
        assert_eq!((marks[0].role, &marks[0].datum), (Role::Churn, &Some(datum)));
        assert_eq!(marks[1].shape, Shape::Path { points: vec![[0.0, 0.0], [0.33, 0.66]], stroke: 1.5 });
        assert_eq!((marks[1].role, &marks[1].datum), (Role::Grid, &None));
    }

    #[test]
    fn what_a_scene_cannot_hold_is_refused() {
        let mut tape = Tape::default();
        let root = tape.recorder(10, 10).into_drawing_area();
        assert!(root.draw_pixel((1, 1), &Ink::of(Role::Grid)).is_err());
        assert!(root.draw(&Circle::new((5, 5), 2, Ink::of(Role::Grid).stroke_width(1))).is_err());
        assert!(root.draw(&Circle::new((5, 5), 2, RED.filled())).is_err());
    }
}
