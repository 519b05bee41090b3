//! The invented company and its loopback Stripe.
//!
//! `world` is the company as Stripe knows it, `story` is what happens to it, `server` answers Stripe's GET endpoints
//! from it on a loopback address. The crate builds its JSON by itself: nothing here is shared with the code that reads
//! Stripe's answers, so that neither can hide the other's mistakes.
#![recursion_limit = "256"]

pub mod billing_reader;
mod calendar;
mod faults;
mod options;
mod random;
mod server;
mod story;
mod world;

pub use options::{Options, WorldOptions};
pub use server::{DemoError, Keys, Requests, Simulator, serve};
pub use story::Change;
