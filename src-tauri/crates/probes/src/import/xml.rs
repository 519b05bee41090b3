//! XML element by element, within limits: what is not well formed, is cut off or names entities of its own is refused.
//!
//! A document type is refused: no report needs one, and it has been a way into readers.

use std::borrow::Cow;
use std::collections::BTreeSet;

use countersign_domain::json::{DEPTH_MAX, VALUES_MAX};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::bounds::{Deadline, Refused};

/// Most attributes of one element.
const ATTRIBUTES_MAX: usize = 256;
/// Most different declarations of namespaces.
const NAMESPACES_MAX: usize = 256;
/// Longest attribute that is read. **Units**: bytes.
const TEXT_BYTES_MAX: usize = 64 * 1_024;

/// A part of a document; an element without content begins and ends like every other.
pub(super) enum Part<'a> {
    Begins(Element<'a>),
    Ends(&'a str),
}

/// An element as it begins.
pub(super) struct Element<'a> {
    pub name: &'a str,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
}

impl Element<'_> {
    /// Gives what an attribute says.
    ///
    /// **Errors**: one that is longer than any text that is shown.
    pub fn get(&self, name: &str) -> Result<Option<&str>, Refused> {
        let found = self.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_ref());
        match found {
            Some(text) if text.len() > TEXT_BYTES_MAX => {
                Err(Refused::TooLarge(format!("An attribute `{name}` has more than {TEXT_BYTES_MAX} bytes.")))
            }
            found => Ok(found),
        }
    }
}

/// Goes through a document and hands on each part.
///
/// **Errors**: what is no XML, has a document type or entities of its own, ends before its elements do, or is over a limit;
/// what `each` says.
pub(super) fn walk(
    text: &str,
    until: Deadline,
    mut each: impl FnMut(Part<'_>) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let mut reader = Reader::from_str(text);
    let (mut open, mut elements, mut namespaces) = (0_usize, 0_usize, BTreeSet::new());
    loop {
        until.check()?;
        let event = reader.read_event().map_err(|error| format!("It is no XML: {error}."))?;
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                elements += 1;
                if open >= DEPTH_MAX {
                    return Err(Refused::TooDeep);
                }
                if elements > VALUES_MAX {
                    return Err(Refused::TooLarge(format!("It holds more than {VALUES_MAX} elements.")));
                }
                each(Part::Begins(element(start, &mut namespaces)?))?;
                match &event {
                    Event::Empty(_) => each(Part::Ends(start.name().0))?,
                    _ => open += 1,
                }
            }
            Event::End(end) => {
                open = open.saturating_sub(1);
                each(Part::Ends(end.name().0))?;
            }
            Event::DocType(_) => return Err("It has a document type, which no report needs.".to_owned().into()),
            Event::GeneralRef(named) => {
                let is_number = || named.resolve_char_ref().ok().flatten().is_some();
                if resolve_predefined_entity(named).is_none() && !is_number() {
                    return Err(format!("It names the entity `{}`, which XML does not have.", &**named).into());
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match (open, elements) {
        (0, 1..) => Ok(()),
        (0, 0) => Err("It holds no element.".to_owned().into()),
        (open, _) => Err(format!("It is cut off: at its end {open} of its elements are still open.").into()),
    }
}

fn element<'a>(start: &'a BytesStart<'_>, namespaces: &mut BTreeSet<String>) -> Result<Element<'a>, Refused> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("It is no XML: {error}."))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| format!("It is no XML: {error}."))?;
        let key = attribute.key.0;
        if key == "xmlns" || key.starts_with("xmlns:") {
            namespaces.insert(format!("{key}={value}"));
        }
        attributes.push((key, value));
        if attributes.len() > ATTRIBUTES_MAX {
            return Err(Refused::TooLarge(format!("An element has more than {ATTRIBUTES_MAX} attributes.")));
        }
    }
    if namespaces.len() > NAMESPACES_MAX {
        return Err(Refused::TooLarge(format!("It declares more than {NAMESPACES_MAX} namespaces.")));
    }
    Ok(Element { name: start.name().0, attributes })
}

#[cfg(test)]
mod tests {
    use super::super::TIME_MAX;
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, Refused> {
        let mut names = Vec::new();
        walk(text, Deadline::after(TIME_MAX), |part| {
            names.push(match part {
                Part::Begins(element) => format!("{}{}", element.name, element.get("a")?.unwrap_or_default()),
                Part::Ends(name) => format!("/{name}"),
            });
            Ok(())
        })?;
        Ok(names)
    }

    fn why(text: &str) -> String {
        read(text).map_or_else(|why| why.to_string(), |names| format!("read: {names:?}"))
    }

    #[test]
    fn a_document_is_read_to_the_end_of_its_root_or_not_at_all() {
        let whole =
            r#"<?xml version="1.0"?><r a="&amp;1"><!-- <x> --><e a='&#50;'/>a &lt; b &#x41;<![CDATA[<y> &c;]]></r>"#;
        assert_eq!(read(whole).unwrap(), ["r&1", "e2", "/e", "/r"]);
        for end in 1..whole.len() {
            assert!(read(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
        assert!(why("<a><b></b>").contains("cut off: at its end 1 of"), "{}", why("<a><b></b>"));
        for (text, says) in [
            ("<a></b>", "no XML"),
            ("<a/></b>", "no XML"),
            ("<a b='1' b='2'/>", "no XML"),
            ("", "no element"),
            ("<!-- nothing -->", "no element"),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "document type"),
            ("<a>&nbsp;</a>", "entity `nbsp`"),
            ("<a>&#0;</a>", "entity `#0`"),
            ("<a b='&b;'/>", "no XML"),
        ] {
            assert!(why(text).contains(says), "{text}: {}", why(text));
        }
    }

    #[test]
    fn depth_elements_attributes_and_namespaces_are_bounded() {
        let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(read(&deep(DEPTH_MAX)).is_ok());
        assert_eq!(read(&deep(DEPTH_MAX + 1)), Err(Refused::TooDeep));
        assert_eq!(
            read(&format!("{}<a/>{}", "<a>".repeat(DEPTH_MAX), "</a>".repeat(DEPTH_MAX))),
            Err(Refused::TooDeep)
        );
        let wide = |count: usize, form: fn(usize) -> String| {
            format!("<a {}/>", (0..count).map(form).collect::<Vec<_>>().join(" "))
        };
        assert!(read(&wide(ATTRIBUTES_MAX, |n| format!("b{n}='1'"))).is_ok());
        assert!(why(&wide(80_000, |n| format!("b{n}='1'"))).contains("attributes"));
        let spaces = |count: usize| {
            let all: String = (0..count).map(|n| format!("<b xmlns:n{n}='{n}' xmlns='same'/>")).collect();
            format!("<a>{all}</a>")
        };
        assert!(read(&spaces(NAMESPACES_MAX - 1)).is_ok());
        assert!(why(&spaces(NAMESPACES_MAX)).contains("namespaces"));
        assert!(why(&format!("<a a='{}'/>", "x".repeat(TEXT_BYTES_MAX + 1))).contains("65536 bytes"));
        let over = Deadline::after(std::time::Duration::ZERO);
        assert_eq!(walk("<a/>", over, |_| Ok(())), Err(Refused::TooSlow));
    }
}
