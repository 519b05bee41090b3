//! What the tests of the whole program share: where its files are, and real parts started and stopped by their own ids.

pub mod program;
pub mod session;
pub mod tree;
pub mod window;
