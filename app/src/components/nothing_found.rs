//! A list with a filter, where it is empty.

use super::icon::{Icon, icon};
use crate::contract::LinkView;
use leptos::prelude::*;

/// What stands in place of the rows: `words` when nothing is filtered out, else the filters that would find some.
pub fn nothing_found(symbol: Icon, title: &'static str, words: &'static str, looser: Vec<LinkView>) -> AnyView {
    let words = if looser.is_empty() {
        words
    } else {
        "There are some if you loosen the filter:"
    };
    let link = |LinkView { label, href }| {
        view! {
            <a class="button outlined" href=href>
                {label}
            </a>
        }
    };
    view! {
        <div class="empty">
            {icon(symbol)} <h2>{title}</h2> <p>{words}</p>
            <p class="row">{looser.into_iter().map(link).collect_view()}</p>
        </div>
    }
    .into_any()
}
