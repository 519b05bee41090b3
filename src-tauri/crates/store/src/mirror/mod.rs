//! The mirror: a disposable copy of what Stripe and the billing database own, and what was computed from it.
//!
//! Every object has one row in `objects`, its text and its record beside it, and the columns that lists, figures and
//! search need in a table of its kind. Tables are derived: one whose version changed is dropped and filled again, so there
//! are no migrations. Nothing here knows the network or the clock.

pub mod billing;
pub mod charges;
mod column;
pub mod customers;
mod digest;
pub mod events;
mod few;
pub mod figures;
mod invoice_lines;
pub mod invoice_payments;
pub mod invoices;
mod object;
mod prices;
mod products;
pub mod rollup;
pub mod samples;
mod schema;
mod scope;
pub mod search;
pub mod segments;
mod subscription_items;
pub mod subscription_states;
pub mod subscriptions;
mod summaries;
pub mod sync;
mod window;

pub use digest::{KindDigest, digest, plain, texts};
pub use object::{Incoming, Mirrored, Place, Stored, Written, bury, count, load, load_each, put, stored};
pub use schema::{MIRROR, prepare};
pub use scope::Scope;
pub use window::{ROWS_MAX, Rows, Window};
