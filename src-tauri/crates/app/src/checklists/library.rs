//! Every template there is: those of the program, and those people imported, in all their versions.
//!
//! A version never changes; importing the same content again finds the version that has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_domain::Instant;
use countersign_domain::checklist::digest::Digest;
use countersign_domain::checklist::entry::TemplateImported;
use countersign_domain::checklist::template::{Source, Template, TemplateError};
use countersign_domain::ids::TemplateId;

use crate::templates::built_in;

/// Where a template came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is part of the program, with its Markdown.
    BuiltIn(&'static str),
    /// Somebody imported it; its Markdown is kept as evidence.
    Imported {
        /// When.
        at: Instant,
    },
    /// Somebody made it from another by hand; its Markdown is kept as evidence.
    Own {
        /// When.
        at: Instant,
    },
}

/// One version of a template.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The template.
    pub template: Arc<Template>,
    /// Its content hash; what runs name.
    pub hash: Digest,
    /// Where it came from.
    pub origin: Origin,
}

/// The templates, by id; of each the versions, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Library(BTreeMap<TemplateId, Vec<Kept>>);

impl Library {
    /// Begins with the templates of the program.
    ///
    /// **Errors**: only for a broken build.
    pub fn begin() -> Result<Self, TemplateError> {
        let mut library = Self::default();
        for one in built_in()? {
            library.add(Arc::new(one.template), Origin::BuiltIn(one.markdown));
        }
        Ok(library)
    }

    /// Takes in what an entry says, whose template is written in this TOML.
    ///
    /// **Errors**: a text that is no template of this program.
    pub fn import(&mut self, body: &TemplateImported, toml: &str, at: Instant) -> Result<(), TemplateError> {
        let origin = if body.from.is_some() { Origin::Own { at } } else { Origin::Imported { at } };
        self.add(Arc::new(Template::from_toml(toml)?), origin);
        Ok(())
    }

    fn add(&mut self, template: Arc<Template>, origin: Origin) {
        let kept = Kept { hash: template.content_hash(), template, origin };
        self.0.entry(kept.template.id.clone()).or_default().push(kept);
    }

    /// Lists the newest version of each: those of the program first, then by id.
    #[must_use]
    pub fn newest(&self) -> Vec<&Kept> {
        let mut newest: Vec<&Kept> = self.0.values().filter_map(|versions| versions.last()).collect();
        newest.sort_by_key(|kept| !matches!(kept.origin, Origin::BuiltIn(_)));
        newest
    }

    /// Lists every version of every template.
    pub fn all(&self) -> impl Iterator<Item = &Kept> {
        self.0.values().flatten()
    }

    /// Gives the versions of a template, oldest first; empty for one that does not exist.
    #[must_use]
    pub fn versions(&self, id: &TemplateId) -> &[Kept] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }

    /// Gives one version; 0 is the newest.
    #[must_use]
    pub fn get(&self, id: &TemplateId, version: u32) -> Option<&Kept> {
        let versions = self.versions(id);
        match version {
            0 => versions.last(),
            version => versions.iter().find(|kept| kept.template.version == version),
        }
    }

    /// Finds the version with a content hash.
    #[must_use]
    pub fn with_hash(&self, id: &TemplateId, hash: Digest) -> Option<&Kept> {
        self.versions(id).iter().find(|kept| kept.hash == hash)
    }

    /// Lists the templates whose assignment people have reviewed.
    #[must_use]
    pub fn reviewed(&self) -> Vec<&Template> {
        self.newest().into_iter().map(|kept| kept.template.as_ref()).collect()
    }

    /// Gives a template as it would be kept: under an id of its own, as the version that has this content or the next.
    ///
    /// **Shape**: `None` beside it when nothing new has to be kept. A built-in template is never followed by a version
    /// of somebody else's.
    #[must_use]
    pub fn place(&self, mut template: Template) -> (Template, Option<Kept>) {
        let is_built_in = |id: &TemplateId| matches!(self.versions(id), [Kept { origin: Origin::BuiltIn(_), .. }, ..]);
        if is_built_in(&template.id) {
            template.id = TemplateId::from(format!("{}-imported", template.id));
        }
        let versions = self.versions(&template.id);
        let same = versions.iter().find(|kept| is_same(&kept.template, &template)).cloned();
        template.version = versions.last().map_or(0, |kept| kept.template.version).saturating_add(1);
        (template, same)
    }
}

/// Says whether two versions say the same, whatever their number and the name of their file.
fn is_same(kept: &Template, other: &Template) -> bool {
    let source = Source { file: kept.source.file.clone(), ..other.source.clone() };
    *kept == Template { version: kept.version, source, ..other.clone() }
}

#[cfg(test)]
mod tests {
    use countersign_domain::checklist::import;

    use super::*;

    fn imported(text: &str) -> Template {
        import::read(text.as_bytes(), "weekly.md", &[]).unwrap().template
    }

    fn keep(library: &mut Library, template: Template) -> u32 {
        let (placed, same) = library.place(template);
        if let Some(same) = same {
            return same.template.version;
        }
        let version = placed.version;
        library.add(Arc::new(placed), Origin::Imported { at: Instant::UNIX_EPOCH });
        version
    }

    #[test]
    fn the_same_content_is_the_same_version() {
        let mut library = Library::begin().unwrap();
        assert_eq!(keep(&mut library, imported("# Weekly\n- [ ] a\n")), 1);
        assert_eq!(keep(&mut library, imported("# Weekly\n- [ ] a\n")), 1);
        assert_eq!(keep(&mut library, imported("# Weekly\n- [ ] a\n- [ ] b\n")), 2);
        assert_eq!(keep(&mut library, imported("# Weekly\n- [ ] a\n")), 1, "an older version is found again");
        let mut renamed = imported("# Weekly\n- [ ] a\n");
        renamed.source.file = "copy.md".to_owned();
        assert_eq!(keep(&mut library, renamed), 1);
        assert_eq!(library.newest().len(), 3);
        assert_eq!(library.get(&"weekly".into(), 0).map(|kept| kept.template.version), Some(2));
    }

    #[test]
    fn nobody_follows_a_template_of_the_program() {
        let library = Library::begin().unwrap();
        let built_in = library.newest()[0].template.as_ref().clone();
        let (placed, same) = library.place(built_in.clone());
        assert_eq!((placed.id.as_str(), placed.version), (format!("{}-imported", built_in.id).as_str(), 1));
        assert!(same.is_none());
    }
}
