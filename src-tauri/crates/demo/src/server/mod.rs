//! Stripe's GET endpoints on a loopback address.
//!
//! Answers come from the company in memory; nothing is written except by the changes that are asked for beside Stripe's
//! paths. Only loopback addresses are served, only under their literal name, and never to a web page.

mod answer;
mod control;
mod expand;
mod keys;
mod list;
mod query;
mod refusal;
mod resource;
mod simulator;
mod traffic;

pub use keys::Keys;
pub(crate) use resource::counts;
pub use simulator::{DemoError, Simulator, serve};
pub use traffic::Requests;
