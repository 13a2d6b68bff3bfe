//! The Latchkey dashboard: pages, components, server functions, and the ports they call.
//!
//! Imports nothing of ours. The server implements [`ports`] and renders [`shell`]; the browser gets
//! the `hydrate` half, through the crate `front`.

pub mod api;
mod app;
mod components;
pub mod contract;
mod forms;
mod last_form;
mod loaded;
mod own_page;
mod pages;
mod poll;
#[cfg(feature = "ssr")]
pub mod ports;
#[cfg(feature = "ssr")]
mod shell;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
