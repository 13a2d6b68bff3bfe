//! What the browser loads: the dashboard, hydrated.

/// Makes the page that the server rendered interactive.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(app::App);
}
