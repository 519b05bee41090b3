//! Everything outside the process: Stripe, the company's billing database, other services, the keychain.
//!
//! Only GET leaves this crate towards Stripe. Wire shapes are private to their folder; what comes out is `domain`.
#![deny(missing_docs)]

pub mod billing_db;
pub mod get;
pub mod keychain;
pub mod redact;
pub mod secret;
pub mod signing;
pub mod stripe;
