//! Checklists: what a line is, how one is read from Markdown, and what follows from a run's recorded acts.
//!
//! Everything here is pure: a template, a list of recorded entries and `now` go in, states and sentences come out.
//! Deliberately absent: making a check (the floor `probes`), keeping an entry (`store`) and the built-in templates (`app`).

pub mod assignment;
pub mod catalogue;
pub mod contacts;
pub mod dated;
pub mod digest;
pub mod entry;
pub mod export_markdown;
pub mod export_template;
pub mod gates;
pub mod import;
pub mod limit;
pub mod revise;
pub mod role;
pub mod row;
pub mod run;
pub mod schedule;
pub mod sign;
pub mod suggest;
pub mod template;
pub mod triggers;
pub mod upgrade;

#[cfg(test)]
mod sample;
