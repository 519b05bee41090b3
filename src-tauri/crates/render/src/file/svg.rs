//! A scene as a standalone SVG file.
//!
//! The scene is written with `quick-xml` rather than replayed through plotters' own SVG backend, because that one knows
//! whole pixels only, no dashes and no description. Equal scenes give equal bytes. There are no links, scripts, styles or
//! embedded fonts in the file; text is text.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::palette::{self, AREA_OPACITY, DASHES, PROVISIONAL_OPACITY};
use crate::font;
use crate::scene::{Anchor, Mark, Role, Scene, Shape};

/// Writes a scene as SVG text.
///
/// **Shape**: UTF-8, one element for each mark in drawing order, `role="img"` with title and description.
/// **Errors**: none in practice, as the sink is memory.
pub fn svg(scene: &Scene) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    let (width, height) = (scene.width.to_string(), scene.height.to_string());
    let view = format!("0 0 {width} {height}");
    let family = format!("{}, Helvetica, Arial, sans-serif", font::FAMILY);
    writer
        .create_element("svg")
        .with_attributes([
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", width.as_str()),
            ("height", height.as_str()),
            ("viewBox", view.as_str()),
            ("role", "img"),
            ("font-family", family.as_str()),
            ("fill", "none"),
        ])
        .write_inner_content(|inside| {
            inside.create_element("title").write_text_content(BytesText::new(&scene.title))?;
            inside.create_element("desc").write_text_content(BytesText::new(&scene.summary))?;
            inside
                .create_element("rect")
                .with_attributes([("width", "100%"), ("height", "100%"), ("fill", palette::color(Role::Surface))])
                .write_empty()?;
            scene.marks.iter().try_for_each(|mark| write_mark(inside, mark))
        })?;
    String::from_utf8(writer.into_inner()).map_err(io::Error::other)
}

fn write_mark(writer: &mut Writer<Vec<u8>>, mark: &Mark) -> io::Result<()> {
    let color = palette::color(mark.role);
    let paint = if mark.is_provisional { Some(PROVISIONAL_OPACITY) } else { None };
    match &mark.shape {
        Shape::Path { points, stroke } => {
            let is_dashed = mark.is_provisional || matches!(mark.role, Role::Target | Role::Limit);
            let is_crisp = matches!(mark.role, Role::Grid | Role::Axis);
            let (points, stroke) = (joined(points), stroke.to_string());
            writer
                .create_element("polyline")
                .with_attributes([("points", points.as_str()), ("stroke", color), ("stroke-width", stroke.as_str())])
                .with_attributes([("stroke-linejoin", "round")].into_iter().filter(|_| !is_crisp))
                .with_attributes([("stroke-linecap", "round")].into_iter().filter(|_| !is_crisp && !is_dashed))
                .with_attributes([("shape-rendering", "crispEdges")].into_iter().filter(|_| is_crisp))
                .with_attributes([("stroke-dasharray", DASHES)].into_iter().filter(|_| is_dashed))
                .write_empty()?;
        }
        Shape::Area { points } => {
            let points = joined(points);
            writer
                .create_element("polygon")
                .with_attributes([("points", points.as_str()), ("fill", color), ("fill-opacity", AREA_OPACITY)])
                .write_empty()?;
        }
        Shape::Rect(bounds) => {
            let sides = [bounds.x, bounds.y, bounds.width, bounds.height].map(|side| side.to_string());
            let names = ["x", "y", "width", "height"];
            writer
                .create_element("rect")
                .with_attributes(names.into_iter().zip(sides.iter().map(String::as_str)))
                .with_attributes([("fill", color)])
                .with_attributes(paint.map(|opacity| ("fill-opacity", opacity)))
                .write_empty()?;
        }
        Shape::Circle { x, y, radius } => {
            let sides = [x, y, radius].map(ToString::to_string);
            writer
                .create_element("circle")
                .with_attributes(["cx", "cy", "r"].into_iter().zip(sides.iter().map(String::as_str)))
                .with_attributes([("fill", color)])
                .write_empty()?;
        }
        Shape::Text { x, y, anchor, size, is_strong, text } => {
            let sides = [x, y, size].map(ToString::to_string);
            let anchor = match anchor {
                Anchor::Start => None,
                Anchor::Middle => Some("middle"),
                Anchor::End => Some("end"),
            };
            // A rim of paper keeps names of lines readable where data run behind them.
            let has_rim = matches!(mark.role, Role::Target | Role::Limit | Role::Value);
            let rim = [("stroke", palette::color(Role::Surface)), ("stroke-width", "3"), ("stroke-linejoin", "round")];
            writer
                .create_element("text")
                .with_attributes(["x", "y", "font-size"].into_iter().zip(sides.iter().map(String::as_str)))
                .with_attributes([("font-weight", "600")].into_iter().filter(|_| *is_strong))
                .with_attributes(anchor.map(|anchor| ("text-anchor", anchor)))
                .with_attributes([("fill", color)])
                .with_attributes(rim.into_iter().chain([("paint-order", "stroke")]).filter(|_| has_rim))
                .write_text_content(BytesText::new(text))?;
        }
    }
    Ok(())
}

fn joined(points: &[[f32; 2]]) -> String {
    points.iter().map(|[x, y]| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
}
