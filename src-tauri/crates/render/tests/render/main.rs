//! The tests of drawings, tables and reports as files; one binary, so that they are linked once.

mod drawings;
mod hostile_cells;
mod reports;
mod samples;
