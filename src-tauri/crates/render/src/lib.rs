//! Values into marks, tables and files. Nothing is computed here besides geometry.
#![deny(missing_docs)]

pub mod scene;
