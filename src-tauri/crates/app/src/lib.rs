//! Use cases in the words of the product, jobs, the contract.

pub mod templates;
