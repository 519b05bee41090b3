//! Draws marks into a PDF, with the colours of the fixed palette.
//!
//! The counterpart of `svg` for krilla: one function for each shape, the same widths, dashes and rims.

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};

use crate::file::palette::{self, AREA_OPACITY, DASH, PROVISIONAL_OPACITY};
use crate::font;
use crate::scene::{Anchor, Mark, Role, Shape};

/// Distance of a circle's control points from its corners, in parts of the radius.
const ROUND: f32 = 0.552_284_8;

/// Draws on one page.
pub(super) struct Pen<'s, 'd> {
    pub surface: &'s mut Surface<'d>,
    pub regular: &'s Font,
    pub strong: &'s Font,
}

impl Pen<'_, '_> {
    /// Draws one mark.
    pub(super) fn draw(&mut self, mark: &Mark) {
        let opacity = if mark.is_provisional { PROVISIONAL_OPACITY } else { 1.0 };
        match &mark.shape {
            Shape::Path { points, stroke } => {
                let is_dashed = mark.is_provisional || palette::is_dashed(mark.role);
                let dash = is_dashed.then(|| StrokeDash { array: vec![DASH; 2], offset: 0.0 });
                self.stroke_path(polygon(points, false), mark.role, *stroke, dash);
            }
            Shape::Area { points } => self.fill_path(polygon(points, true), mark.role, AREA_OPACITY),
            Shape::Rect(bounds) => {
                let mut path = PathBuilder::new();
                if let Some(rect) = Rect::from_xywh(bounds.x, bounds.y, bounds.width, bounds.height) {
                    path.push_rect(rect);
                }
                self.fill_path(path.finish(), mark.role, opacity);
            }
            Shape::Circle { x, y, radius } => self.fill_path(circle(*x, *y, *radius), mark.role, 1.0),
            Shape::Text { x, y, anchor, size, is_strong, text } => {
                let width = font::width(text, *size, *is_strong);
                let left = match anchor {
                    Anchor::Start => *x,
                    Anchor::Middle => x - width / 2.0,
                    Anchor::End => x - width,
                };
                self.write(mark.role, Point::from_xy(left, *y), *size, *is_strong, text);
            }
        }
    }

    fn stroke_path(&mut self, path: Option<Path>, role: Role, width: f32, dash: Option<StrokeDash>) {
        let Some(path) = path else { return };
        let line_cap = if dash.is_some() { LineCap::Butt } else { LineCap::Round };
        let paint = color(role).into();
        let stroke = Stroke { paint, width, line_cap, line_join: LineJoin::Round, dash, ..Stroke::default() };
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(stroke));
        self.surface.draw_path(&path);
    }

    fn fill_path(&mut self, path: Option<Path>, role: Role, opacity: f32) {
        let Some(path) = path else { return };
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(role, opacity)));
        self.surface.draw_path(&path);
    }

    fn write(&mut self, role: Role, at: Point, size: f32, is_strong: bool, text: &str) {
        let face = if is_strong { self.strong } else { self.regular };
        if palette::has_rim(role) {
            let rim = Stroke {
                paint: color(Role::Surface).into(),
                width: size / 4.0,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            self.surface.set_fill(None);
            self.surface.set_stroke(Some(rim));
            // As outlines, so that the text is not found twice when it is copied or read aloud.
            self.surface.draw_text(at, face.clone(), size, text, true, TextDirection::LeftToRight);
        }
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(role, 1.0)));
        self.surface.draw_text(at, face.clone(), size, text, false, TextDirection::LeftToRight);
    }
}

fn fill(role: Role, opacity: f32) -> Fill {
    let opacity = NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE);
    Fill { paint: color(role).into(), opacity, ..Fill::default() }
}

fn color(role: Role) -> rgb::Color {
    let hex = palette::color(role);
    let part = |at: usize| hex.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok()).unwrap_or(0);
    rgb::Color::new(part(1), part(3), part(5))
}

fn polygon(points: &[[f32; 2]], is_closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut points = points.iter();
    let [x, y] = points.next()?;
    path.move_to(*x, *y);
    points.for_each(|[x, y]| path.line_to(*x, *y));
    if is_closed {
        path.close();
    }
    path.finish()
}

fn circle(x: f32, y: f32, radius: f32) -> Option<Path> {
    let (r, c) = (radius, radius * ROUND);
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + c, x + c, y + r, x, y + r);
    path.cubic_to(x - c, y + r, x - r, y + c, x - r, y);
    path.cubic_to(x - r, y - c, x - c, y - r, x, y - r);
    path.cubic_to(x + c, y - r, x + r, y - c, x + r, y);
    path.close();
    path.finish()
}
