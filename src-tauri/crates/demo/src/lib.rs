//! The invented company and its loopback Stripe.

pub mod billing_reader;
