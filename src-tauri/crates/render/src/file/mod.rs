//! Files a person keeps or sends: pictures, tables, and the way they get onto the disk.
//!
//! Every format gives bytes or writes into a sink; only `write` knows the file system. Nothing here holds a link, a script
//! or a formula.

pub mod csv;
pub mod name;
mod pages;
pub mod palette;
pub mod pdf;
mod pen;
pub mod png;
pub mod report;
pub mod sheet;
pub mod svg;
mod table;
pub mod write;
