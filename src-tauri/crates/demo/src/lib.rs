//! The invented company and its loopback Stripe.
//!
//! `world` is the company as Stripe knows it, `story` is what happens to it, `server` answers Stripe's GET endpoints
//! from it on a loopback address, `billing_db` is what its application wrote down. The crate builds its JSON by itself:
//! nothing here is shared with the code that reads Stripe's answers, so that neither can hide the other's mistakes.
#![recursion_limit = "256"]

mod billing_db;
pub mod billing_reader;
mod calendar;
pub mod faults;
mod options;
mod random;
mod server;
mod story;
mod truth;
mod world;

pub use billing_db::BillingDbError;
pub use options::{Options, WorldOptions};
pub use server::{DemoError, Keys, Requests, Simulator, serve};
pub use story::Change;
pub use truth::{MonthTruth, Movements, Step, Truth};
