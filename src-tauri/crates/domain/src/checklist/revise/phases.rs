//! A phase changed by hand: who sees it, how long it soaks, and who answers for it.
//!
//! Separate from the lines, because the gates read it and no line says it. Deliberately absent: phases of one's own; which
//! there are follows from the headings.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{HEADING_CHARS_MAX, PARTS_MAX, Unsound, bounded, one_line};
use crate::checklist::role::Role;
use crate::checklist::template::Phase;

/// Longest soak: ninety days. **Units**: hours.
pub const SOAK_HOURS_MAX: u32 = 90 * 24;
/// Most digits behind the point of a share.
const SHARE_DIGITS_MAX: u32 = 2;

/// One phase as an editor shows and returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PhaseDraft {
    /// Its number, from 0; it stays.
    pub number: u8,
    /// What it is called.
    pub name: String,
    /// The share of users it is opened to; empty where no users are let in. **Units**: per cent, as people write it.
    pub exposure_pct: String,
    /// How far the measured share may be from it; empty where there is none. **Units**: percentage points.
    pub tolerance_points: String,
    /// How long its values have to stay within their limits before its gate opens; 0 for no soak. **Units**: hours.
    pub soak_hours: u32,
    /// Roles that sign it; empty where nobody has to.
    pub signed_by: Vec<String>,
}

/// Shows a phase to an editor.
#[must_use]
pub fn draft(phase: &Phase) -> PhaseDraft {
    let said = |value: Option<Decimal>| value.map(|value| value.normalize().to_string()).unwrap_or_default();
    PhaseDraft {
        number: phase.number,
        name: phase.name.clone(),
        exposure_pct: said(phase.exposure_pct),
        tolerance_points: said(phase.tolerance_points),
        soak_hours: phase.soak_hours,
        signed_by: phase.signed_by.iter().map(ToString::to_string).collect(),
    }
}

/// Takes over what the drafts say of the phases; one that no draft names stays as it was.
pub(super) fn revised(phases: &[Phase], drafts: &[PhaseDraft]) -> Result<Vec<Phase>, Unsound> {
    let whole = |why: String| Unsound { text: String::new(), why };
    let mut revised = phases.to_vec();
    for draft in drafts {
        let phase = revised.iter_mut().find(|phase| phase.number == draft.number);
        let phase = phase.ok_or_else(|| whole(format!("there is no phase {}", draft.number)))?;
        take(phase, draft).map_err(|why| Unsound { text: phase.name.clone(), why })?;
    }
    Ok(revised)
}

fn take(phase: &mut Phase, draft: &PhaseDraft) -> Result<(), String> {
    let name = one_line(&draft.name);
    bounded("a name", &name, 1, HEADING_CHARS_MAX)?;
    let exposure_pct = share("the share of users", &draft.exposure_pct, phase.exposure_pct)?;
    let tolerance_points = share("the tolerance", &draft.tolerance_points, phase.tolerance_points)?;
    if exposure_pct.is_some_and(|share| share.is_zero()) {
        return Err("users are let in, so their share is above 0 %".to_owned());
    }
    if exposure_pct.is_none() && tolerance_points.is_some() {
        return Err("a tolerance is of a share of users, and there is none".to_owned());
    }
    if draft.soak_hours > SOAK_HOURS_MAX {
        return Err(format!("it soaks for at most {SOAK_HOURS_MAX} hours"));
    }
    let signed_by: Vec<Role> = draft.signed_by.iter().map(|role| Role::of_label(role)).collect();
    if signed_by.len() > PARTS_MAX {
        return Err(format!("at most {PARTS_MAX} roles sign it"));
    }
    if exposure_pct.is_some() && signed_by.is_empty() {
        return Err("users are let in, so somebody signs it".to_owned());
    }
    *phase =
        Phase { number: phase.number, name, exposure_pct, tolerance_points, soak_hours: draft.soak_hours, signed_by };
    Ok(())
}

/// Reads a share from 0 to 100 %; one that says what it was keeps the form it had.
fn share(what: &str, text: &str, was: Option<Decimal>) -> Result<Option<Decimal>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let read = text.parse::<Decimal>().ok();
    let share = read.filter(|share| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(share));
    match share.map(|share| share.normalize()).filter(|share| share.scale() <= SHARE_DIGITS_MAX) {
        Some(share) => Ok(was.filter(|was| *was == share).or(Some(share))),
        None => {
            Err(format!("{what} is a number from 0 to 100 with at most {SHARE_DIGITS_MAX} digits behind the point"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::revised as list_revised;
    use super::*;
    use crate::checklist::export_template::template_markdown;
    use crate::checklist::import;
    use crate::checklist::revise;
    use crate::checklist::template::Template;

    fn rollout() -> Template {
        let text =
            "# Out\n\n## Phase 1: Some (10% of users)\n\n- [ ] Look\n\n## Phase 2: All (100% of users)\n\n- [ ] Look\n";
        import::read(text.as_bytes(), "out.md", &[]).unwrap().template
    }

    fn drafts(template: &Template) -> Vec<PhaseDraft> {
        template.phases.iter().map(draft).collect()
    }

    fn with(template: &Template, phases: &[PhaseDraft]) -> Result<Template, Unsound> {
        let rows: Vec<_> = template.rows.iter().map(revise::draft).collect();
        list_revised(template, &rows, phases)
    }

    #[test]
    fn what_nobody_changed_stays_and_what_is_changed_comes_back_from_the_export() {
        let template = rollout();
        assert_eq!(with(&template, &drafts(&template)).unwrap(), template);
        assert_eq!(with(&template, &[]).unwrap(), template);
        let mut drafts = drafts(&template);
        let one = &mut drafts[1];
        (one.name, one.exposure_pct, one.tolerance_points) =
            ("A few".to_owned(), " 12.50".to_owned(), "0.5".to_owned());
        (one.soak_hours, one.signed_by) = (0, vec!["finance_manager".to_owned(), "Head of Payments".to_owned()]);
        let new = with(&template, &drafts[1..2]).unwrap();
        let phase = new.phase(1).unwrap();
        assert_eq!((phase.name.as_str(), phase.soak_hours), ("A few", 0));
        assert_eq!(phase.exposure_pct.unwrap().to_string(), "12.5");
        assert_eq!(phase.signed_by, [Role::FinanceManager, Role::Other("head_of_payments".into())]);
        assert_eq!((new.phase(0), new.phase(2), &new.rows), (template.phase(0), template.phase(2), &template.rows));
        let text = template_markdown(&new, "").unwrap();
        assert_eq!(import::read(text.as_bytes(), "out.md", &[]).unwrap().template.phases, new.phases);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_phase() {
        type Change = fn(&mut PhaseDraft);
        let changes: [(&str, Change); 9] = [
            ("a name has 1 to", |draft| draft.name = " ".to_owned()),
            ("a number from 0 to 100", |draft| draft.exposure_pct = "101".to_owned()),
            ("a number from 0 to 100", |draft| draft.tolerance_points = "-1".to_owned()),
            ("2 digits", |draft| draft.exposure_pct = "0.123".to_owned()),
            ("above 0 %", |draft| draft.exposure_pct = "0.0".to_owned()),
            ("there is none", |draft| draft.exposure_pct = String::new()),
            ("at most 2160 hours", |draft| draft.soak_hours = SOAK_HOURS_MAX + 1),
            ("somebody signs it", |draft| draft.signed_by = Vec::new()),
            ("no phase 9", |draft| draft.number = 9),
        ];
        let template = rollout();
        for (why, change) in changes {
            let mut drafts = drafts(&template);
            change(&mut drafts[1]);
            let error = with(&template, &drafts).unwrap_err();
            assert!(error.why.contains(why), "{error}");
            assert_eq!(error.text.is_empty(), why == "no phase 9");
        }
    }
}
