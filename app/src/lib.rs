//! The Latchkey dashboard: pages, components, server functions, and the ports they call.
//!
//! Imports nothing of ours. The server implements [`ports`] and renders [`shell`]; the browser gets
//! the `hydrate` half.

pub mod api;
mod app;
mod components;
pub mod contract;
mod forms;
mod last_form;
mod loaded;
mod pages;
#[cfg(feature = "ssr")]
pub mod ports;
#[cfg(feature = "ssr")]
mod shell;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Makes the page that the server rendered interactive.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(App);
}
