//! The mirror's tables, lists, search and marks on a database of their own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program")]

mod cost;
mod invented;
mod lists;
mod objects;
mod search;
mod standing;
