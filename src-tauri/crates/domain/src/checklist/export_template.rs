//! A template as Markdown that gives the same template when it is imported, here or on another computer.
//!
//! The text it was read from is kept where it still shows the template, else a plain layout is made of the rows; what no
//! text shows stands in the block at the end (`assignment`). Each form is read again before it is given away, so an export
//! that would come back as something else is never written. Deliberately absent: a run; that is `export_markdown`.

use std::fmt::Write as _;

use super::assignment;
use super::digest::Digest;
use super::export_markdown::plain;
use super::import;
use super::row::{Row, Shape};
use super::template::{Source, Template};

/// No Markdown gives this template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the template cannot be written as Markdown: {0}")]
pub struct Unwritable(String);

/// Forms of a made layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Each line with the marks of its shape, under its headings.
    Natural,
    /// Each line as a box; for lists whose parts no headings and marks can show together.
    Boxes,
}

/// Writes a template as Markdown; importing it gives the template again, but for id, version and line numbers.
///
/// **Shape**: `text` is the Markdown the template was read from; any other text leads to a made layout. Line feeds only.
/// **Errors**: [`Unwritable`] for a template that contradicts itself or is longer than the importer takes.
pub fn template_markdown(template: &Template, text: &str) -> Result<String, Unwritable> {
    let is_source = Digest::of_bytes(text.as_bytes()) == template.source.sha256;
    let kept = || is_source.then(|| retitled(assignment::without_block(text), &template.name));
    let forms: [&dyn Fn() -> Option<String>; 3] =
        [&kept, &|| Some(layout(template, Form::Natural)), &|| Some(layout(template, Form::Boxes))];
    let mut why = template.faults().into_iter().next();
    for (must_show, form) in [true, false, false].into_iter().zip(forms) {
        let Some(text) = form() else { continue };
        match with_block(template, text, must_show) {
            Ok(Some(written)) => return Ok(written),
            Ok(None) => {}
            Err(refused) => why = why.or(Some(refused.to_string())),
        }
    }
    Err(Unwritable(why.unwrap_or_else(|| "its lines are not read back as they are".to_owned())))
}

/// Adds what the text does not show, and reads the outcome once more.
fn with_block(template: &Template, mut text: String, must_show: bool) -> Result<Option<String>, import::Refused> {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let read = import::read(text.as_bytes(), "", &[])?;
    let Some((said, is_shown)) = assignment::difference(&read.template, template) else { return Ok(None) };
    if must_show && !is_shown {
        return Ok(None);
    }
    let written = format!("{}{}", read.text, assignment::block(&said));
    let again = import::read(written.as_bytes(), "", &[])?;
    Ok(says_the_same(&again.template, template).then_some(written))
}

/// Says whether two templates ask the same of the same lines, whatever their place, id, version and file.
#[must_use]
pub fn says_the_same(one: &Template, other: &Template) -> bool {
    let bare = |template: &Template| Template {
        id: String::new().into(),
        version: 0,
        source: Source { file: String::new(), sha256: Digest::of_bytes(b"") },
        rows: template.rows.iter().map(|row| Row { line: 0, ..row.clone() }).collect(),
        ..template.clone()
    };
    bare(one) == bare(other)
}

/// Gives a text the title that names the template: another in place of its own, or one above it. The file it is read from
/// next may have any name.
fn retitled(text: &str, name: &str) -> String {
    if import::read(text.as_bytes(), "", &[]).is_ok_and(|read| read.template.name == name) {
        return text.to_owned();
    }
    let Some(title) = import::title_line(text) else { return format!("# {}\n\n{text}", inline(name)) };
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    if let Some(line) = lines.get_mut(title) {
        let marks = if line.trim_start().starts_with('#') { "# " } else { "" };
        *line = format!("{marks}{}", inline(name));
    }
    lines.join("\n")
}

/// Writes a text so that Markdown shows it as it is: without any escape where none is needed.
fn inline(text: &str) -> String {
    if import::is_read_as_it_stands(text) { text.to_owned() } else { plain(text) }
}

/// Makes a plain layout of the rows.
pub(super) fn layout(template: &Template, form: Form) -> String {
    let mut text = format!("# {}\n", inline(&template.name));
    if form == Form::Boxes {
        text.push('\n');
        for row in &template.rows {
            let _ = writeln!(text, "-   [ ] {}", plain(&row.label));
        }
        return text;
    }
    // A list without a box is read by its bullets; beside a box, most bullets are only text.
    let has_boxes = template.rows.iter().any(|row| matches!(row.shape, Shape::Box | Shape::Signature));
    let (mut section, mut caption): (&[String], &str) = (&[], "");
    let mut fenced: Option<Shape> = None;
    let mut above: Vec<&Row> = Vec::new();
    for row in &template.rows {
        let wanted = matches!(row.shape, Shape::Command | Shape::Field).then_some(row.shape);
        let moved = row.section != section;
        let is_headed = moved && row.shape != Shape::Policy;
        let is_captioned = row.caption != if is_headed { "" } else { caption };
        if fenced.is_some() && (fenced != wanted || moved || is_captioned) {
            text.push_str("```\n");
            fenced = None;
        }
        if is_headed {
            headings(&mut text, &row.section, section);
            section = &row.section;
            caption = "";
        }
        if is_captioned && !section.is_empty() {
            // A rule ends what a bold line began.
            let line = if row.caption.is_empty() { "---".to_owned() } else { format!("**{}:**", inline(&row.caption)) };
            let _ = write!(text, "\n{line}\n\n");
            caption = &row.caption;
        }
        if moved || is_captioned || wanted.is_some() || row.shape == Shape::Policy {
            above.clear();
        }
        if fenced.is_none()
            && let Some(shape) = wanted
        {
            text.push_str(if shape == Shape::Command { "```bash\n" } else { "```\n" });
            fenced = wanted;
        }
        while above.last().is_some_and(|last| row.parent.as_ref() != Some(&last.id)) {
            above.pop();
        }
        line_of(&mut text, row, above.len(), has_boxes);
        above.push(row);
    }
    if fenced.is_some() {
        text.push_str("```\n");
    }
    if !template.closing.is_empty() {
        let _ = write!(text, "\n**{}**\n", inline(&template.closing));
    }
    text
}

fn headings(text: &mut String, section: &[String], before: &[String]) {
    let common = section.iter().zip(before).take_while(|(new, old)| new == old).count();
    // Going back up has to be written down too, or the lines would stand in the section before them.
    let common = common.min(section.len().saturating_sub(1));
    for (depth, heading) in section.iter().enumerate().skip(common) {
        let _ = write!(text, "\n{} {}\n", "#".repeat((depth + 2).min(6)), inline(heading));
    }
    text.push('\n');
}

fn line_of(text: &mut String, row: &Row, depth: usize, has_boxes: bool) {
    let indent = "    ".repeat(depth);
    let label = if row.shape == Shape::Command { row.label.clone() } else { inline(&row.label) };
    let number = row.number.unwrap_or(1);
    let written = match row.shape {
        Shape::Phase => Ok(()),
        Shape::Box if row.number.is_some() => writeln!(text, "{indent}{number}. [ ] {label}"),
        Shape::Bullet if !has_boxes => writeln!(text, "{indent}-   {label}"),
        Shape::Box | Shape::Bullet => writeln!(text, "{indent}-   [ ] {label}"),
        Shape::Step => writeln!(text, "{indent}{number}. {label}"),
        Shape::Command => writeln!(text, "{label}"),
        Shape::Contact if row.given.is_empty() => writeln!(text, "-   {label}: \\_\\_\\_\\_"),
        Shape::Contact => writeln!(text, "-   {label}: {}", row.given),
        Shape::Signature => writeln!(text, "-   [ ] {label}: \\_\\_\\_\\_ Date: \\_\\_\\_\\_"),
        Shape::Field => writeln!(text, "{label}: ____________"),
        Shape::Policy => writeln!(text, "\n{label}"),
    };
    // Writing into a text does not fail.
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests;
