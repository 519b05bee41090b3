//! Stripe: asking it, within its limits and with GET alone.

mod address;
mod answer;
pub mod budget;
mod client;
mod key;
mod list;
mod permissions;
mod touched;

pub use address::{Address, AddressRefused};
pub use client::{Client, ConnectError, Counts, Patience, StripeError, TRIES_MAX};
pub use key::{KEY_BYTES_MAX, Key, KeyClass, KeyNote, KeyRefused};
pub use list::{Found, Listing, PAGE_OBJECTS, Page, Window, listings};
pub use permissions::{PERMISSION_READS, Permission, PermissionRead, Standing, permissions};
pub use touched::touched;
