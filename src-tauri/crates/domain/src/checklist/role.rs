//! The roles people sign and confirm in.
//!
//! Separate because rows, sign-off lines, phases and operators all name them. Deliberately absent: permissions; a
//! program on a person's own computer does not pretend to withhold what that person can read.

use crate::open_enum;

open_enum! {
    /// A role in which a person confirms or signs; a template may name others.
    #[derive(ts_rs::TS)]
    #[ts(type = "string")]
    pub enum Role {
        /// Answers for the code.
        LeadDeveloper = "lead_developer",
        /// Answers for the tests.
        QaEngineer = "qa_engineer",
        /// Answers for the deployment.
        DevopsEngineer = "devops_engineer",
        /// Answers for running it.
        OperationsManager = "operations_manager",
        /// Answers for servers and access.
        SystemAdministrator = "system_administrator",
        /// Answers for what customers get.
        ProductManager = "product_manager",
        /// Answers for the figures.
        FinanceManager = "finance_manager",
        /// Approves for engineering.
        CtoEngineeringLead = "cto_engineering_lead",
        /// Approves for the company.
        CeoAuthorizedSignatory = "ceo_authorized_signatory",
    }
}

impl Role {
    /// Makes the role of a sign-off line from its label: `CTO/Engineering Lead` gives `cto_engineering_lead`.
    #[must_use]
    pub fn of_label(label: &str) -> Self {
        let words = words(label, '_');
        Self::from(if words.is_empty() { "someone" } else { words.as_str() })
    }

    /// Gives the role a person holds to sign one of several lines of it: `reviewer` for `reviewer_2`.
    #[must_use]
    pub fn unnumbered(&self) -> Self {
        let is_number = |tail: &str| !tail.is_empty() && tail.chars().all(|c| c.is_ascii_digit());
        match self.as_str().rsplit_once('_') {
            Some((role, number)) if is_number(number) && !role.is_empty() => Self::from(role),
            _ => self.clone(),
        }
    }

    /// Says whether this build knows the role by itself.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

/// Writes a label in lower case with its words joined: the form ids are made in.
///
/// **Shape**: letters and digits of every script stay; everything else separates words; never starts or ends with
/// `joint`; empty for a label without letters and digits.
#[must_use]
pub fn words(label: &str, joint: char) -> String {
    let lower = label.to_lowercase();
    let mut joined = String::with_capacity(lower.len());
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !joined.is_empty() {
            joined.push(joint);
        }
        joined.push_str(word);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_roles() {
        assert_eq!(Role::of_label("CTO/Engineering Lead"), Role::CtoEngineeringLead);
        assert_eq!(Role::of_label("CEO/Authorized Signatory"), Role::CeoAuthorizedSignatory);
        assert_eq!(Role::of_label("QA Engineer "), Role::QaEngineer);
        assert_eq!(Role::of_label("Head of Payments"), Role::Other("head_of_payments".into()));
        assert_eq!(Role::of_label("★"), Role::Other("someone".into()));
    }
}
