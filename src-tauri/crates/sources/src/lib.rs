//! Everything outside the process: Stripe, the billing database, the keychain.
//!
//! The only crate that opens connections. Answers leave it as domain values with their redacted text; secrets do not
//! leave it at all. What is done with the answers is decided on the floors above.
#![deny(missing_docs)]

pub mod get;
pub mod redact;
pub mod stripe;
