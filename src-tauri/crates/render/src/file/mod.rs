//! Files a person keeps or sends: pictures, tables, and the way they get onto the disk.
//!
//! Every format gives bytes or writes into a sink; only `write` knows the file system. Nothing here holds a link, a script
//! or a formula.

pub mod archive;
pub mod calendar;
pub mod csv;
pub mod markdown_table;
pub mod name;
pub mod palette;
pub mod pdf;
pub mod png;
pub mod sheet;
pub mod svg;
pub mod write;
