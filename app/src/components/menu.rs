//! A disclosure that behaves like a menu's frame where script runs, and opens without it.

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

/// A disclosure with `summary` on its button. Escape closes it and returns the focus; it also closes
/// when the focus leaves it or the page changes.
#[component]
pub(crate) fn Menu(
    /// The class of the whole.
    class: &'static str,
    /// What stands on the button.
    summary: AnyView,
    /// The page's path; a change closes the menu.
    #[prop(into)]
    path: Signal<String>,
    /// What is disclosed.
    children: Children,
) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let button = NodeRef::<html::Summary>::new();
    let close = move || {
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
        }
    };
    // One that was opened before the script came stays open.
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            close();
        }
        now
    });
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            close();
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        }
    };
    let on_leave = move |event: FocusEvent| {
        let Some(next) = event.related_target() else { return };
        let stays = details
            .get_untracked()
            .is_some_and(|details| details.contains(next.dyn_ref::<leptos::web_sys::Node>()));
        if !stays {
            close();
        }
    };
    view! {
        <details class=class node_ref=details on:keydown=on_key on:focusout=on_leave>
            <summary node_ref=button>{summary}</summary>
            <div class="menu-panel">{children()}</div>
        </details>
    }
}
