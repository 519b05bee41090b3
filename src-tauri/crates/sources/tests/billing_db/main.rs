//! The billing database reader against real PostgreSQL servers, and against servers that are not what they should be.
//!
//! Each file starts the server it needs and stops it. The numbers in the names are those of reliability.md, section 4.
#![cfg(unix)]

mod cluster;

mod readings;
