//! Where the sync stands: marks, slices of lists, changes still to be read, objects that could not be read, and counters.
//!
//! All of it is written in the transaction of the rows it speaks of, so that a sync can be killed at any instant and goes
//! on from there. Nothing of a sync lives only in memory.

pub mod changes;
pub mod kinds;
pub mod marks;
pub mod reads;
pub mod runs;
pub mod slices;
pub mod unread;
