//! Files a person keeps or sends.

pub mod palette;
pub mod png;
pub mod svg;
