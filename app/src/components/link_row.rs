//! Ways on from here, side by side.

use crate::contract::LinkView;
use leptos::prelude::*;

/// A row of links that look like buttons.
pub(crate) fn link_row(links: Vec<LinkView>) -> AnyView {
    let link = |LinkView { label, href }| {
        view! {
            <a class="button outlined" href=href>
                {label}
            </a>
        }
    };
    view! { <p class="row">{links.into_iter().map(link).collect_view()}</p> }.into_any()
}
