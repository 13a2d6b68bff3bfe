//! A box that says something about what stands beside it.

use super::{Icon, icon};
use leptos::prelude::*;

/// An error, standing where it belongs and read out when it appears. Empty when there is none.
#[component]
pub(crate) fn Message(
    /// What went wrong, if something did.
    #[prop(into)]
    text: Signal<Option<String>>,
    /// The id that fields refer to.
    #[prop(optional, into)]
    id: String,
) -> impl IntoView {
    let shown = move || {
        text.get().map(|text| {
            view! { <p class="message" data-tone="danger">{icon(Icon::Warning)} <span>{text}</span></p> }
        })
    };
    view! { <div class="message-slot" role="alert" id=(!id.is_empty()).then_some(id)>{shown}</div> }
}
