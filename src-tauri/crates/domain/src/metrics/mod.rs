//! Every figure: its definition, its arithmetic, its limits.
//!
//! `history` turns a customer's book into segments; the figures read segments, or narrow rows of their own. All of them are
//! pure functions of their arguments. [`registry`] lists what the screens and checks may ask for by id.

pub mod amount;
pub mod book;
pub mod cause;
pub mod cohorts;
pub mod current;
pub mod daily;
mod discount;
pub mod disputes;
pub mod fx;
pub mod history;
#[cfg(test)]
pub(crate) mod invented;
mod lines;
pub mod ltv;
pub mod movements;
mod mrr;
pub mod payments;
#[cfg(test)]
mod properties;
pub mod rank;
pub mod reading;
pub mod receivables;
pub mod registry;
pub mod retention;
pub mod revenue;
pub mod segment;
pub mod series;
pub mod service_levels;
pub mod settings;
mod status;
pub mod trials;
pub mod usage;
pub mod webhooks;

pub use book::{Catalog, CustomerBook, Warning, WarningKind};
pub use fx::{Fx, FxRate, Total};
pub use history::{History, rebuilt_segments_of, segments_of};
pub use reading::Reading;
pub use segment::{Segment, Silence, Source};
pub use settings::{DiscountRule, Settings};
