//! The two SQLite files and all SQLite text: opening, tables, queries.
//!
//! Plain functions on a connection or a transaction; who opens it and on which thread it runs is decided above.
#![deny(missing_docs)]

pub mod mirror;
