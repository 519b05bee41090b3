//! Stripe compared with the company's billing database, row by row.
//!
//! Pure: both sides are given. What differs is put into a category and nothing is dropped; whoever asks decides what to do.

pub mod events;
pub mod invoices;
