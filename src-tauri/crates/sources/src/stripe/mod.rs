//! Stripe: how its objects are read, whatever rendering they come in.
//!
//! One file per object, each with its private wire shape. The pinned version's place of a fact is tried first, then the
//! places of older renderings, which event payloads and imported files still use. Nothing here asks the network.

mod account;
mod charge;
mod coupon;
mod customer;
pub mod event;
mod invoice;
mod invoice_payment;
mod kept;
mod price;
mod product;
mod record;
mod subscription;
mod webhook_endpoint;
mod wire;

pub use record::{FromWire, Record, ShapeError, deleted};
