//! Checklists: templates, runs, and signatures.

pub mod runs;
pub mod sign;
pub mod templates;
