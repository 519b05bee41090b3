//! The small grammar of lines and headings: blanks, labels, signatures, phases, and the words that give a section its
//! meaning.
//!
//! Separate so that each rule can be read and tried alone. Deliberately absent: Markdown; this sees plain text.

use rust_decimal::Decimal;

/// Marks drawn by people in headings; they decorate and tick nothing.
const DECORATION: &[char] = &['✅', '✔', '✓', '☑', '☐', '⬜', '❌', '✗', '✘', '❎', '\u{fe0f}', '\u{fe0e}'];

/// Takes check marks off both ends of a heading.
pub(super) fn without_decoration(heading: &str) -> &str {
    heading.trim_matches(|c: char| c.is_whitespace() || DECORATION.contains(&c))
}

/// Says whether a text is a blank to be filled in: underscores, asterisks, dots or dashes and nothing else but a remark
/// in brackets behind them.
pub(super) fn is_blank(text: &str) -> bool {
    let text = text.trim();
    let remark = text.strip_suffix(')').and_then(|text| text.rsplit_once('(')).map(|(before, _)| before.trim_end());
    let text = remark.filter(|before| !before.is_empty()).unwrap_or(text);
    let signs: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect();
    let only = |allowed: &[char]| signs.chars().all(|c| allowed.contains(&c));
    !signs.is_empty() && (only(&['_', '*']) || (signs.chars().count() >= 3 && only(&['.', '…', '-', '_', '*'])))
}

/// Splits `Label: value`; the colon has to end a word, so that addresses and times stay whole.
pub(super) fn label_value(text: &str) -> Option<(&str, &str)> {
    const LABEL_CHARS_MAX: usize = 80;
    let (at, _) = text.char_indices().find(|(at, c)| {
        let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
        *c == ':' && next.is_none_or(|next| next.is_whitespace() || next == '_' || next == '*')
    })?;
    let label = text.get(..at)?.trim();
    let sound = !label.is_empty() && label.chars().count() <= LABEL_CHARS_MAX && !is_blank(label);
    sound.then_some((label, text.get(at + 1..).unwrap_or_default().trim()))
}

/// A value written on its rule, as our own export fills forms in: `__2026-06-01__`.
pub(super) fn is_filled(value: &str) -> bool {
    value.len() > 4 && value.starts_with("__") && value.ends_with("__")
}

/// Reads `Role: ____ Date: ____` and gives the role.
///
/// A filled-in line is one too where it stands in a list: `- [x] Lead Developer: Ana Date: 2026-06-01`.
pub(super) fn signature(text: &str, listed: bool) -> Option<&str> {
    let (role, value) = label_value(text)?;
    let (name, date) = value.split_once("Date:").or_else(|| value.split_once("date:"))?;
    let (name, date) = (name.trim(), date.trim());
    let dated = is_blank(date) || date.is_empty() || date.starts_with(|c: char| c.is_ascii_digit());
    (dated && (is_blank(name) || (listed && !name.is_empty()))).then_some(role)
}

/// Says whether a line may be left out with a reason: "(if applicable)", "(if using)", "(optional)".
pub(super) fn is_optional(label: &str) -> bool {
    let lower = label.to_lowercase();
    let in_brackets = lower.split('(').skip(1).filter_map(|rest| rest.split(')').next());
    let says = |part: &str| ["if ", "when ", "where "].iter().any(|word| part.starts_with(word)) || part == "optional";
    in_brackets.map(str::trim).any(says)
        || ["if applicable", "if needed", "if using", "if used", "if required", "where applicable"]
            .iter()
            .any(|ending| lower.trim_end_matches(['.', ')']).ends_with(ending))
}

/// Lists who is mentioned: `@ana`, without addresses.
pub(in super::super) fn mentions(label: &str) -> Vec<String> {
    let name = |word: &str| {
        let word = word.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | ',' | ';' | ':' | '.' | '!' | '?'));
        let name = word.strip_prefix('@')?;
        let sound = name.starts_with(char::is_alphanumeric)
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
        sound.then(|| name.to_owned())
    };
    label.split_whitespace().filter_map(name).collect()
}

/// Reads the share of users out of a phase heading: `(10% of users)`.
pub(super) fn exposure_pct(heading: &str) -> Option<Decimal> {
    let (before, after) = heading.split_once('%')?;
    let of = after.trim_start().to_lowercase();
    let people = ["of ", "users", "customers", "traffic", ")"].iter().any(|word| of.starts_with(word)) || of.is_empty();
    let digits = before.trim_end().rsplit(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    let share: Decimal = digits.parse().ok()?;
    (people && share <= Decimal::ONE_HUNDRED).then_some(share)
}

/// Says whether a heading opens a numbered phase: `Phase 2: …`, `Stage 1`, `Wave 3`.
pub(super) fn is_phase(heading: &str) -> bool {
    let mut words = heading.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let named = words.next().is_some_and(|word| ["phase", "stage", "wave"].contains(&word.to_lowercase().as_str()));
    named && words.next().is_some_and(|number| number.parse::<u16>().is_ok())
}

/// Says whether a top heading is the deployment itself, so that everything before it prepares it.
pub(super) fn is_deployment(heading: &str) -> bool {
    let lower = heading.to_lowercase();
    let name = lower.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' ');
    ["deployment", "deploy", "rollout", "release", "go-live", "go live", "launch", "deployment steps"].contains(&name)
}

/// Sections whose words give the lines under them a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Rollback,
    Indicators,
    Contacts,
    SignOff,
    Metrics,
}

/// Says whether any of the headings has the topic.
pub(super) fn has_topic(headings: &[&str], topic: Topic) -> bool {
    let phrases: &[&str] = match topic {
        Topic::Rollback => &["rollback", "roll back", "back out", "backout"],
        Topic::Indicators => &["trigger", "triggers", "abort criteria", "rollback criteria", "when to roll back"],
        Topic::Contacts => &["contact", "contacts", "escalation", "on call"],
        Topic::SignOff => &["sign off", "signoff", "sign offs", "approval", "approvals", "signatures"],
        Topic::Metrics => &["metrics", "kpis", "slos", "targets", "success criteria", "thresholds"],
    };
    headings.iter().any(|heading| {
        let joined = format!(" {} ", super::super::role::words(heading, ' '));
        phrases.iter().any(|phrase| joined.contains(&format!(" {phrase} ")))
    })
}

/// Reads the heading of a fold-out: `<summary>Rollback</summary>`.
pub(super) fn summary(html: &str) -> Option<String> {
    let (_, after) = html.split_once("<summary>")?;
    let (inside, _) = after.split_once("</summary>")?;
    let plain: String = inside.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    Some(plain.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Names the gate a sentence asks for.
pub(super) fn policy(sentence: &str) -> Option<&'static str> {
    let lower = sentence.to_lowercase();
    let has = |phrase: &str| lower.contains(phrase);
    if has("next phase") && (has("signed off") || has("sign-off") || has("verified") || has("completed")) {
        return Some("gate.phase_signed");
    }
    let order = has("before production") || has("prior to production") || has("staging first");
    (has("staging") && order).then_some("gate.staging_first")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_come_in_many_forms() {
        for blank in ["____", "_", r"********\_********", "**___**", ". . . .", "…..", "----", "* * *"] {
            assert!(is_blank(blank), "{blank}");
        }
        assert!(is_blank("______ (sign)"));
        for text in ["", "  ", "x", "__x__", "-", ".", "n/a", "--", "(sign)"] {
            assert!(!is_blank(text), "{text}");
        }
    }

    #[test]
    fn a_label_ends_at_a_colon_that_ends_a_word() {
        assert_eq!(label_value("Primary: DevOps Team Lead"), Some(("Primary", "DevOps Team Lead")));
        assert_eq!(label_value("Support: https://support.stripe.com"), Some(("Support", "https://support.stripe.com")));
        assert_eq!(label_value("Version:____"), Some(("Version", "____")));
        assert_eq!(label_value("https://support.stripe.com"), None);
        assert_eq!(label_value("at 10:30 sharp"), None);
        assert_eq!(label_value(": x"), None);
    }

    #[test]
    fn signatures_are_read_blank_and_filled() {
        assert_eq!(signature("Lead Developer: _ Date: ___", false), Some("Lead Developer"));
        let filled = "CTO/Engineering Lead: Ana Ruiz Date: 2026-06-01";
        assert_eq!(signature(filled, true), Some("CTO/Engineering Lead"));
        assert_eq!(signature(filled, false), None);
        assert_eq!(signature("Deployment Date: ____", true), None);
        assert_eq!(signature("Note: the date: is unknown", true), None);
        assert_eq!(signature("Owner: @maria, target date: 2026-07-01", false), None);
    }

    #[test]
    fn optional_lines_say_so() {
        for label in [
            "Tax (if applicable)",
            "Redis (if using)",
            "PCI (if storing card data)",
            "CDN (optional)",
            "Migrate, if needed.",
        ] {
            assert!(is_optional(label), "{label}");
        }
        for label in ["Check if users can log in", "Methods (cards, ACH)", "Optional extras listed"] {
            assert!(!is_optional(label), "{label}");
        }
    }

    #[test]
    fn phases_and_shares_are_read_from_headings() {
        assert_eq!(exposure_pct("Phase 1: Soft Launch (10% of users)"), Some(Decimal::TEN));
        assert_eq!(exposure_pct("Canary: 2.5 % of customers"), Some(Decimal::new(25, 1)));
        assert_eq!(exposure_pct("Canary (2.5% traffic)"), Some(Decimal::new(25, 1)));
        assert_eq!(exposure_pct("Coverage 80% or more"), None);
        assert!(is_phase("Phase 2: Gradual") && is_phase("Stage 1") && !is_phase("Phase out") && !is_phase("Phases 1"));
    }

    #[test]
    fn topics_need_whole_words() {
        assert!(has_topic(&["Rollback Plan", "Triggers for Rollback"], Topic::Indicators));
        assert!(has_topic(&["Support Contacts"], Topic::Contacts));
        assert!(has_topic(&["On-Call"], Topic::Contacts));
        assert!(has_topic(&["3. Business Metrics"], Topic::Metrics));
        assert!(!has_topic(&["Contactless cards", "Database Setup"], Topic::Contacts));
    }

    #[test]
    fn mentions_are_people_not_addresses() {
        assert_eq!(mentions("Rotate keys (@ana, @ops/core) by mail to a@b.com"), ["ana", "ops/core"]);
    }

    #[test]
    fn fold_outs_have_headings() {
        assert_eq!(summary("<details>\n<summary><b>Roll</b>back</summary>\n").as_deref(), Some("Rollback"));
        assert_eq!(summary("<details><summary></summary>"), None);
    }

    #[test]
    fn policies_name_their_gate() {
        assert_eq!(
            policy("Each item should be verified and signed off before proceeding to the next phase."),
            Some("gate.phase_signed")
        );
        assert_eq!(policy("Remember: Always test in staging before production!"), Some("gate.staging_first"));
        assert_eq!(policy("Deploy to staging."), None);
    }
}
