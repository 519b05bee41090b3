//! Values into marks, tables and files.
//!
//! `chart` decides what is drawn, plotters draws it through `backend` into a `scene`, and `file` turns scenes and tables
//! into SVG, PNG, CSV and PDF. Nothing is computed here besides geometry: every figure arrives finished.
//! The clock, the network and the choice of a folder are absent.
#![deny(missing_docs)]

pub mod backend;
pub mod chart;
pub mod file;
pub mod font;
pub mod scene;
