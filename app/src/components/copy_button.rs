//! Copies a text, and says that it did.

use super::{Icon, icon};
use leptos::prelude::*;
use std::time::Duration;

/// How long "Copied" stands on the button.
const SHOWN: Duration = Duration::from_secs(3);

/// Copies `text` to the clipboard. Hidden where no script runs; the text can be selected there.
#[component]
pub(crate) fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: String,
    /// What it is, as in `Copy token`.
    what: &'static str,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&text);
        copied.set(true);
        set_timeout(move || copied.set(false), SHOWN);
    };
    view! {
        <button type="button" class="button outlined js-only copy" on:click=copy>
            {icon(Icon::Copy)}
            <span>{format!("Copy {what}")}</span>
            <span class="copied" role="status">{move || if copied.get() { "Copied" } else { "" }}</span>
        </button>
    }
}
