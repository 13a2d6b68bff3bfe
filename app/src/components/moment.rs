//! A point in time.

use crate::contract::Moment;
use leptos::prelude::*;

/// A point in time as people say it; exact on hover and focus.
#[component]
pub(crate) fn When(moment: Moment) -> impl IntoView {
    let Moment { iso, relative, exact } = moment;
    view! {
        <time datetime=iso tabindex="0" class="when" data-exact=exact.clone()>
            {relative}
            <span class="sr-only">{format!(", {exact}")}</span>
        </time>
    }
}
