//! The rules of the house, as ordinary tests: arrows between crates, owners of heavy libraries, sizes, names, what the
//! page may do, and floors under the versions. Each failure names the file and the rule.

mod arrows;
mod files;
mod page;
mod versions;
