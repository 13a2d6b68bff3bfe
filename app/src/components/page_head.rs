//! The head of a page.

use leptos::prelude::*;
use leptos_meta::Title;

/// A page's one heading, a sentence on what it is for, and its primary action (the children).
#[component]
pub(crate) fn PageHead(
    /// The heading. Plain text, because the document's title is written on the server when the
    /// signals of the page may be gone already.
    title: &'static str,
    /// What the page is for, in a sentence.
    #[prop(into)]
    lead: Signal<String>,
    /// The primary action.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=format!("{title} · Latchkey") />
        <div class="page-head">
            <div class="page-words">
                <h1>{title}</h1>
                <p class="lead">{move || lead.get()}</p>
            </div>
            {children.map(|children| children())}
        </div>
    }
}
