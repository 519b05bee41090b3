//! The billing database reader against real PostgreSQL servers, and against servers that are not what they should be.
//!
//! Each file starts the server it needs and stops it.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test fail by panicking, as the tests do"
)]

mod cluster;
mod damage;
mod encryption;
mod exposure;
mod fake;
mod gentle;
mod hostile;
mod readings;
mod writes_nothing;
