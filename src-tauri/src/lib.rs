//! The window: a shell around the program, like the terminal. It carries questions down and answers up.
//!
//! Nothing is decided here. What a page may call is the contract list (`commands`) and a handful of things only a window
//! has (`desk`): pickers, links, the clipboard.

mod commands;
mod desk;
mod drag;
mod live;
mod pictures;
mod window;

pub use window::{context, is_driven, run};
