//! What is wrong on purpose: faults of the wire, and faults of the company's own data.
//!
//! Apart from the story, so that what the product must find can be read in one place. Nothing here goes wrong by chance.

mod planted;
pub(crate) mod wire;

pub(crate) use planted::{FAILING_KIND, FAILING_S, Planted};
pub use planted::{PLANTED, PlantedFault, Sighting};
