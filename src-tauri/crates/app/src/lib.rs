//! Use cases in the words of the product, jobs, and the contract through which the shells reach them.
#![deny(missing_docs)]

pub mod metric_cases;
