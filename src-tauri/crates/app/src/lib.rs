//! The program in the words of the product: use cases, jobs, clock, bus, and the contract both shells speak.
//!
//! A use case is a function of the running program and a request, in the module of the screen it serves. Nothing here
//! knows whether a window or a terminal asked.
#![deny(missing_docs)]

pub mod answer;
pub mod audit;
pub mod bus;
pub mod checklists;
pub mod contract;
pub mod customers;
pub mod demo;
pub mod frame;
pub mod invoices;
pub mod jobs;
pub mod ledger;
pub mod metric_cases;
pub mod overview;
pub mod revenue;
pub mod search;
pub mod settings;
pub mod subscriptions;
pub mod templates;
pub mod webhooks;
