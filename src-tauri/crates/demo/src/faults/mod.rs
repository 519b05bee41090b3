//! What is wrong on purpose: faults of the wire, and faults of the company's own data.

mod planted;
pub(crate) mod wire;

pub(crate) use planted::{FAILING_KIND, FAILING_S, Planted};
pub use planted::{PLANTED, PlantedFault, Sighting};
