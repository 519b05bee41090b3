//! The sync against the simulated Stripe, over real HTTP, into a real encrypted mirror.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program")]

mod faults;
mod first;
mod further;
mod moving;
mod rig;
