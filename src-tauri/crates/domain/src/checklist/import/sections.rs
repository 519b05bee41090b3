//! Where a line stands: title, headings, captions and phases.
//!
//! Separate because headings come in several disguises (marked, bold, the one title) and only this file knows them.
//! Deliberately absent: the lines themselves.

use rust_decimal::Decimal;

use super::blocks::{Block, What};
use super::words::{exposure_pct, is_deployment, is_phase, without_decoration};
use crate::checklist::role::Role;
use crate::checklist::template::Phase;

/// Level of a bold line that acts as a heading: below all marked ones.
const BOLD_LEVEL: u8 = 7;
/// Soak of the first exposed phase, of those between, and of the last one. **Units**: hours.
const SOAK_HOURS: (u32, u32, u32) = (24, 72, 7 * 24);

/// The place the reader has reached.
#[derive(Debug, Default)]
pub(super) struct Sections {
    pub title: String,
    pub phases: Vec<Phase>,
    pub caption: String,
    stack: Vec<(u8, String)>,
    /// Level and number of the phase that is open.
    phase: Option<(u8, u8)>,
    sole_title: bool,
    /// Level of the one heading above all others, where that names the list: it stays a section, too.
    sole_top: Option<u8>,
    marked: bool,
    phased: bool,
}

impl Sections {
    /// Looks over the whole file first, because one title is told from many chapters only at its end.
    pub fn over(blocks: &[Block]) -> Self {
        let headings: Vec<(u8, &str)> = blocks
            .iter()
            .filter_map(|block| match &block.what {
                What::Heading { level, text } => Some((*level, text.as_str())),
                _ => None,
            })
            .collect();
        let tops = headings.iter().filter(|(level, _)| *level == 1).count();
        let sole_title = tops == 1 && headings.first().is_some_and(|(level, _)| *level == 1);
        let top = headings.iter().map(|(level, _)| *level).min();
        let bold = |block: &Block| matches!(block.what, What::Text { bold: true, .. }) && block.inside.is_none();
        let has_below = headings.len() > 1 || blocks.iter().any(bold);
        let is_sole = |top: &u8| headings.iter().filter(|(level, _)| level == top).count() == 1;
        let is_first = |top: &u8| {
            let opening = blocks.iter().find(|block| matches!(block.what, What::Heading { .. } | What::Item { .. }));
            opening.is_some_and(|block| matches!(block.what, What::Heading { level, .. } if level == *top))
        };
        Self {
            sole_title,
            sole_top: top.filter(is_sole).filter(is_first).filter(|_| has_below),
            marked: headings.len() > usize::from(sole_title),
            phased: headings.iter().any(|(_, text)| is_phase(text) || exposure_pct(text).is_some()),
            ..Self::default()
        }
    }

    /// Enters a heading; gives the phase it opens when it states a share of users.
    pub fn heading(&mut self, level: u8, text: &str) -> Option<u8> {
        let text = without_decoration(text);
        self.caption.clear();
        if self.title.is_empty() && (level == 1 || self.sole_top == Some(level)) {
            self.title = text.to_owned();
            if level == 1 && self.sole_title {
                return None;
            }
        }
        while self.stack.last().is_some_and(|(open, _)| *open >= level) {
            self.stack.pop();
        }
        self.phase = self.phase.filter(|(open, _)| *open < level);
        self.stack.push((level, text.to_owned()));
        let exposure_pct = exposure_pct(text);
        let opens = if self.phased {
            is_phase(text) || exposure_pct.is_some()
        } else {
            self.stack.len() == 1 && is_deployment(text)
        };
        if !opens || self.phase.is_some() || self.phases.len() >= usize::from(u8::MAX) {
            return None;
        }
        if self.phases.is_empty() {
            self.phases.push(phase(0, "Preparation", None));
        }
        let number = u8::try_from(self.phases.len()).ok()?;
        self.phases.push(phase(number, text, exposure_pct));
        self.phase = Some((level, number));
        exposure_pct.map(|_| number)
    }

    /// Enters a line that is all bold: a caption when it ends in a colon, else a heading below the marked ones.
    ///
    /// In a file without marked headings every bold line is one, because its author had no other.
    pub fn bold(&mut self, text: &str) {
        match text.trim().strip_suffix(':') {
            Some(caption) if self.marked => self.caption = caption.trim().to_owned(),
            other => {
                self.heading(BOLD_LEVEL, other.unwrap_or(text));
            }
        }
    }

    /// Gives the headings above, outermost first.
    pub fn path(&self) -> Vec<String> {
        self.stack.iter().map(|(_, text)| text.clone()).collect()
    }

    /// Gives the number of the open phase.
    pub fn phase(&self) -> Option<u8> {
        self.phase.map(|(_, number)| number)
    }

    /// Gives the phases with their soak windows and signers, which depend on how many there are.
    pub fn into_phases(self) -> Vec<Phase> {
        let mut phases = self.phases;
        let exposed: Vec<u8> =
            phases.iter().filter(|phase| phase.exposure_pct.is_some()).map(|phase| phase.number).collect();
        let (first, last) = (exposed.first().copied(), exposed.last().copied());
        for phase in phases.iter_mut().filter(|_| last.is_some()) {
            phase.signed_by = vec![Role::OperationsManager];
            if phase.exposure_pct.is_some() {
                phase.soak_hours = match Some(phase.number) {
                    number if number == last => SOAK_HOURS.2,
                    number if number == first => SOAK_HOURS.0,
                    _ => SOAK_HOURS.1,
                };
            }
            if Some(phase.number) == last {
                phase.signed_by.push(Role::FinanceManager);
            }
        }
        phases
    }
}

fn phase(number: u8, name: &str, exposure_pct: Option<Decimal>) -> Phase {
    let tolerance = |share: Decimal| {
        if share >= Decimal::ONE_HUNDRED {
            Decimal::ONE
        } else if share <= Decimal::TEN {
            Decimal::TWO
        } else {
            Decimal::from(3)
        }
    };
    let tolerance_points = exposure_pct.map(tolerance);
    Phase { number, name: name.to_owned(), exposure_pct, tolerance_points, soak_hours: 0, signed_by: Vec::new() }
}
