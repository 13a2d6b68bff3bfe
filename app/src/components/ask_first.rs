//! A button that asks before it acts, in place.

use leptos::ev::{Event, MouseEvent};
use leptos::html::{Button, Details, Summary};
use leptos::prelude::*;

/// A disclosure around the form that acts (the children). The safe choice has the focus when it
/// opens; without script the button that opened it closes it again.
#[component]
pub(crate) fn AskFirst(
    /// The word on the button.
    word: &'static str,
    /// What the word is about, for those who do not see where the button stands.
    about: String,
    /// The safe choice's words.
    keep: &'static str,
    /// Called when it opens, so that what is told is fresh.
    #[prop(optional, into)]
    on_open: Option<Callback<()>>,
    /// Whether it is open from the start: the form was refused where no script ran.
    #[prop(optional)]
    is_open: bool,
    /// The question, and the form that acts.
    children: Children,
) -> impl IntoView {
    let details = NodeRef::<Details>::new();
    let opener = NodeRef::<Summary>::new();
    let safe = NodeRef::<Button>::new();
    let on_toggle = move |_: Event| {
        let is_open = details.get_untracked().is_some_and(|details| details.open());
        if let (true, Some(safe)) = (is_open, safe.get_untracked()) {
            let _ = safe.focus();
            if let Some(on_open) = on_open {
                on_open.run(());
            }
        }
    };
    let close = move |_: MouseEvent| {
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
        }
        if let Some(opener) = opener.get_untracked() {
            let _ = opener.focus();
        }
    };
    view! {
        <details class="disclosure" open=is_open node_ref=details on:toggle=on_toggle>
            <summary
                class="button quiet"
                aria-label=format!("{word} {about}")
                node_ref=opener
            >
                {word}
            </summary>
            <div class="disclosed ask">
                {children()}
                <button type="button" class="button outlined js-only" node_ref=safe on:click=close>
                    {keep}
                </button>
            </div>
        </details>
    }
}
