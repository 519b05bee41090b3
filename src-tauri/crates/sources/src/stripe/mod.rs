//! Stripe: asking it within its limits, with GET alone, and reading its objects in whatever rendering they come.
//!
//! One file per object, each with its private wire shape: the pinned version's place of a fact is tried first, then the
//! places of older renderings, which event payloads and imported files still use. `client` and what it is made of are the
//! only part that asks the network.

mod account;
mod address;
mod answer;
pub mod budget;
mod charge;
mod client;
mod coupon;
mod customer;
pub mod event;
mod invoice;
mod invoice_payment;
mod kept;
mod key;
mod list;
mod permissions;
mod price;
mod product;
mod record;
mod subscription;
mod touched;
mod webhook_endpoint;
mod wire;

pub use address::{Address, AddressRefused};
pub use client::{Client, ConnectError, Counts, Patience, StripeError, TRIES_MAX};
pub use key::{KEY_BYTES_MAX, Key, KeyClass, KeyNote, KeyRefused};
pub use list::{Found, Listing, PAGE_OBJECTS, Page, Window, listings};
pub use permissions::{PERMISSION_READS, Permission, PermissionRead, Standing, permissions};
pub use record::{FromWire, Record, ShapeError, deleted};
pub use touched::{subscription_change, touched};
