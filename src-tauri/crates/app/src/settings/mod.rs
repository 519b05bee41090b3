//! Settings: environments and their connections, operators, the workspace.

pub mod connections;
pub mod database;
pub mod environments;
pub mod exposure;
pub mod operators;
pub mod stripe;
pub mod workspace;
