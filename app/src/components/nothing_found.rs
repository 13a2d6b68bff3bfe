//! A list with a filter, where it is empty.

use super::icon::{Icon, icon};
use super::link_row::link_row;
use crate::contract::LinkView;
use leptos::prelude::*;

/// What stands in place of the rows: `words` when nothing is filtered out, else the filters that would find some.
pub(crate) fn nothing_found(symbol: Icon, title: &'static str, words: &'static str, looser: Vec<LinkView>) -> AnyView {
    let words = if looser.is_empty() {
        words
    } else {
        "There are some if you loosen the filter:"
    };
    view! {
        <div class="empty">
            {icon(symbol)} <h2>{title}</h2> <p>{words}</p>
            {link_row(looser)}
        </div>
    }
    .into_any()
}
