//! The program in the words of the product: use cases, jobs, clock, bus, and the contract both shells speak.
//!
//! A use case is a function of the running program and a request, in the module of the screen it serves. Nothing here
//! knows whether a window or a terminal asked.
#![deny(missing_docs)]

pub mod answer;
pub mod app;
pub mod audit;
pub mod backup;
pub mod bus;
pub mod checklists;
pub mod checks;
pub mod clock;
pub mod comparison;
pub mod contract;
pub mod customers;
pub mod declines;
pub mod demo;
pub mod doctor;
pub mod exports;
pub mod failure;
pub mod figures;
pub mod files;
pub mod frame;
pub mod freshness;
pub mod invoices;
pub mod jobs;
pub mod ledger;
pub mod limits;
pub mod links;
pub mod log;
pub mod masking;
pub mod metric_cases;
pub mod mirror;
pub mod overview;
pub mod policy;
pub mod reconcile;
pub mod record;
pub mod revenue;
pub mod rollup;
pub mod search;
pub mod settings;
pub mod stores;
pub mod subscriptions;
pub mod templates;
pub mod tour;
pub mod webhooks;

pub use app::{App, Opening};
pub use countersign_demo as simulator;
pub use countersign_domain as domain;
pub use countersign_sources::secret::Secret;
