//! Everything outside the process: Stripe, the billing database, the broker, health addresses, the keychain.
//!
//! Async and read-only towards other people's systems. What an answer means is decided in `domain`; nothing is kept here.
#![deny(missing_docs)]

pub mod keychain;
pub mod secret;
pub mod signing;
