//! What was just done, said once, with a way back.

use super::{Icon, icon};
use crate::contract::KeyChange;
use leptos::prelude::*;

/// The region's id; it takes the focus when the button that was pressed is gone.
pub(crate) const NOTICES: &str = "notices";

/// What was just done.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// What was done, in a sentence.
    pub(crate) message: String,
    /// What asks for a second look.
    pub(crate) hint: Option<String>,
    /// The key whose deletion can be undone.
    pub(crate) undo: Option<String>,
}

impl Notice {
    /// Says `message` and nothing else.
    pub(crate) fn saying(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            undo: None,
        }
    }
}

impl From<KeyChange> for Notice {
    fn from(change: KeyChange) -> Self {
        Self {
            message: change.message,
            hint: change.hint,
            undo: change.can_undo.then_some(change.key_id),
        }
    }
}

/// The one place where notices appear; a polite live region that is always in the page.
/// `undo` makes the form that takes the named key's deletion back.
#[component]
pub(crate) fn NoticeRegion(
    /// The notice, while there is one.
    notice: RwSignal<Option<Notice>>,
    /// Makes the Undo form for a key.
    #[prop(optional, into)]
    undo: Option<Callback<String, AnyView>>,
) -> impl IntoView {
    let shown = move || {
        notice.get().map(
            |Notice {
                 message,
                 hint,
                 undo: key,
             }| {
                let hint = hint.map(|hint| view! { <span class="notice-hint">{hint}</span> });
                let undo = undo.zip(key).map(|(undo, key)| undo.run(key));
                view! {
                    <div class="notice">
                        {icon(Icon::Check)} <p>{message} " " {hint}</p> {undo}
                        <button
                            type="button"
                            class="icon-button js-only"
                            aria-label="Dismiss"
                            on:click=move |_| notice.set(None)
                        >
                            {icon(Icon::Cross)}
                        </button>
                    </div>
                }
            },
        )
    };
    view! {
        <div class="notices" id=NOTICES tabindex="-1" role="status" aria-live="polite">
            {shown}
        </div>
    }
}
