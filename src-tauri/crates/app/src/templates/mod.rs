//! The built-in checklists: two Markdown sources, read and reviewed line by line.
//!
//! Each template stands beside the Markdown it was read from and has its assignment made: which check or metric proves
//! a line, how far, what a person confirms, and what helps whoever does it. From the first release of the program on a
//! version never changes; a correction is a new version.

use countersign_domain::checklist::template::{Template, TemplateError};

/// A template of the program with its source.
#[derive(Debug, Clone)]
pub struct BuiltIn {
    /// The reviewed template.
    pub template: Template,
    /// The Markdown it was read from, for exports in the same layout.
    pub markdown: &'static str,
}

const FILES: &[(&str, &str)] = &[
    (include_str!("devflowhub-rollout.1.toml"), include_str!("devflowhub-rollout.1.md")),
    (include_str!("billing-module-deployment.1.toml"), include_str!("billing-module-deployment.1.md")),
];

/// Reads the built-in templates, in the order they are offered.
///
/// **Errors**: [`TemplateError`] only for a broken build; a test reads every file.
pub fn built_in() -> Result<Vec<BuiltIn>, TemplateError> {
    FILES.iter().map(|(toml, markdown)| Ok(BuiltIn { template: Template::from_toml(toml)?, markdown })).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use countersign_domain::checklist::export_markdown::{Marks, markdown};
    use countersign_domain::checklist::export_template::{says_the_same, template_markdown};
    use countersign_domain::checklist::import;
    use countersign_domain::checklist::revise::{self, RowDraft};
    use countersign_domain::checklist::role::Role;
    use countersign_domain::checklist::row::{Kind, Proof, Strength};

    use super::*;

    struct Covered {
        seed: usize,
        section: String,
        text: String,
        kind: Kind,
        proof: String,
        rule: String,
    }

    fn coverage() -> Vec<Covered> {
        let path = format!("{}/../../../tests/fixtures/seed-coverage.csv", env!("CARGO_MANIFEST_DIR"));
        let mut reader = csv::Reader::from_path(path).unwrap();
        let row = |record: csv::StringRecord| Covered {
            seed: record[0].parse::<usize>().unwrap() - 1,
            section: record[1].to_owned(),
            text: record[2].to_owned(),
            kind: record[3].parse().unwrap(),
            proof: record[4].to_owned(),
            rule: record[5].to_owned(),
        };
        reader.records().map(|record| row(record.unwrap())).collect()
    }

    #[test]
    fn all_379_lines_agree_with_the_inventory() {
        let built_in = built_in().unwrap();
        let mut lines =
            built_in.iter().enumerate().flat_map(|(seed, one)| one.template.rows.iter().map(move |row| (seed, row)));
        let wanted = coverage();
        assert_eq!(wanted.len(), 379);
        for covered in &wanted {
            let (seed, row) = lines.next().unwrap();
            assert_eq!(
                (seed, row.section_path(), row.coverage_label()),
                (covered.seed, covered.section.clone(), covered.text.clone())
            );
            assert_eq!(row.kind, covered.kind, "{}", row.id);
            assert_eq!(row.proof.as_ref().map_or("", Proof::as_str), covered.proof, "{}", row.id);
            if matches!(covered.kind, Kind::Auto | Kind::Manual) {
                // The inventory begins the rule of these kinds with the word of its strength.
                let word = covered.rule.split([':', ' ']).next().unwrap().to_lowercase();
                assert_eq!(row.strength.as_ref().unwrap().as_ref(), word, "{}", row.id);
            }
        }
        assert_eq!(lines.next(), None);
    }

    #[test]
    fn every_line_is_reviewed_and_explained() {
        for BuiltIn { template, .. } in built_in().unwrap() {
            let mut helps: BTreeMap<&str, &str> = BTreeMap::new();
            for row in &template.rows {
                assert!(!row.suggested, "{}", row.id);
                for text in [&row.rule, &row.help] {
                    assert!(text.ends_with('.') && text.chars().count() <= 200, "{}: {text}", row.id);
                }
                assert_ne!(row.rule, row.help, "{}", row.id);
                let elsewhere = helps.insert(&row.help, &row.label);
                assert!(elsewhere.is_none_or(|label| label == row.label), "{} has the help of another line", row.id);
                assert!(row.confirm.iter().all(Role::is_known), "{}", row.id);
                if row.kind == Kind::Command {
                    // What it does; the help beside it is what to beware of, and the window says so.
                    assert!(!row.detail.is_empty() && !row.help.contains("Changes nothing"), "{}", row.id);
                    assert!(matches!(row.strength, Some(Strength::Partial(_))), "{}", row.id);
                    assert!(row.proof.is_some(), "{}", row.id);
                }
                if row.kind == Kind::Metric {
                    assert!(matches!(row.proof, Some(Proof::Metric(_))), "{}", row.id);
                }
            }
            let roles = template.phases.iter().flat_map(|phase| &phase.signed_by);
            assert!(roles.into_iter().all(Role::is_known));
        }
    }

    /// From the first release on a version never changes; whoever needs another text makes the next one.
    #[test]
    fn versions_are_frozen() {
        let hashes: Vec<_> = built_in()
            .unwrap()
            .into_iter()
            .map(|one| (one.template.id.to_string(), one.template.version, one.template.content_hash().to_string()))
            .collect();
        let frozen = [
            ("devflowhub-rollout", 1, "dccee69e50a3e1f4883bfc1b3779d89b56cb45a4dd4ee17e6c673b3cca96812d"),
            ("billing-module-deployment", 1, "fdf3e329641338163f615da8b717d6022fe7dfa1709ac447f38cda9afb7976b1"),
        ];
        assert_eq!(hashes, frozen.map(|(id, version, hash)| (id.to_owned(), version, hash.to_owned())));
    }

    #[test]
    fn files_are_in_the_form_the_program_writes() {
        for (toml, _) in FILES {
            assert_eq!(Template::from_toml(toml).unwrap().to_toml().unwrap(), *toml);
        }
    }

    #[test]
    fn the_markdown_beside_a_template_is_its_source() {
        for BuiltIn { template, markdown: text } in built_in().unwrap() {
            let preview = import::read(text.as_bytes(), &template.source.file, &[]).unwrap();
            assert_eq!(preview.template.source.sha256, template.source.sha256);
            assert_eq!(markdown(&template, &preview.text, &Marks::default()), preview.text);
        }
    }

    #[test]
    fn an_editor_that_changes_nothing_changes_nothing() {
        for BuiltIn { template, .. } in built_in().unwrap() {
            let phases: Vec<_> = template.phases.iter().map(revise::phases::draft).collect();
            let drafts: Vec<RowDraft> = template.rows.iter().map(revise::draft).collect();
            assert_eq!(revise::revised(&template, &drafts, &phases).unwrap(), template);
        }
    }

    #[test]
    fn a_copy_comes_back_from_its_own_markdown() {
        for BuiltIn { template, markdown } in built_in().unwrap() {
            let copy = Template { name: "Ours".to_owned(), ..template };
            let written = template_markdown(&copy, markdown).unwrap();
            let again = import::read(written.as_bytes(), "ours.md", &[]).unwrap().template;
            assert!(says_the_same(&again, &copy), "{written}");
            assert!(written.contains("\n- [ ] ") || written.contains("\n-   [ ] "), "the layout of the source stays");
        }
    }

    /// Importing the sources again, with the built-ins as reviewed examples, suggests exactly their assignment.
    #[test]
    fn a_line_known_from_a_reviewed_template_is_suggested_the_same() {
        let built_in = built_in().unwrap();
        let reviewed: Vec<&Template> = built_in.iter().map(|one| &one.template).collect();
        for one in &built_in {
            let preview = import::read(one.markdown.as_bytes(), "copy.md", &reviewed).unwrap();
            for (row, known) in preview.template.rows.iter().zip(&one.template.rows) {
                assert_eq!((row.kind, &row.proof), (known.kind, &known.proof), "{}", known.id);
            }
        }
    }
}
