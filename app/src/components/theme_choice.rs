//! Light, dark, or as the system has it.

use super::{Icon, icon};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

/// How long the choice is remembered, in seconds: a year.
const REMEMBERED: u32 = 31_536_000;

/// The choice of theme; held in a cookie, so that the server's first paint is right. Needs script.
#[component]
pub(crate) fn ThemeChoice() -> impl IntoView {
    let chosen = RwSignal::new(None::<String>);
    // The document knows what the server painted; read after hydration, so that both halves agree.
    Effect::new(move |_| {
        chosen.set(Some(painted().unwrap_or_default()));
    });
    let option = move |theme: &'static str, word: &'static str, shape: Icon| {
        let is_chosen = move || {
            let is_chosen = chosen.with(|chosen| chosen.as_deref() == Some(theme));
            if is_chosen { "true" } else { "false" }
        };
        let choose = move |_| {
            paint(theme);
            chosen.set(Some(theme.to_owned()));
        };
        view! {
            <button type="button" aria-pressed=is_chosen on:click=choose>
                {icon(shape)} {word}
            </button>
        }
    };
    view! {
        <div class="theme-choice js-only" role="group" aria-label="Theme">
            {option("", "System", Icon::Screen)} {option("light", "Light", Icon::Sun)}
            {option("dark", "Dark", Icon::Moon)}
        </div>
    }
}

/// The theme that the page is painted in, where a person chose one.
fn painted() -> Option<String> {
    document().document_element()?.get_attribute("data-theme")
}

/// Paints the page in `theme` and remembers it; empty for the system's.
fn paint(theme: &str) {
    let Some(root) = document().document_element() else {
        return;
    };
    let _ = if theme.is_empty() {
        root.remove_attribute("data-theme")
    } else {
        root.set_attribute("data-theme", theme)
    };
    let seconds = if theme.is_empty() { 0 } else { REMEMBERED };
    let cookie = format!("theme={theme}; Path=/; SameSite=Lax; Max-Age={seconds}");
    if let Some(document) = document().dyn_ref::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&cookie);
    }
}
