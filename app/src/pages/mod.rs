//! One file for each route.

use leptos::prelude::*;

/// No such page.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! { <main><h1>"This page does not exist"</h1></main> }
}
