//! Settings: environments and their connections, operators, the workspace.

pub mod connections;
pub mod environments;
pub mod operators;
pub mod workspace;
