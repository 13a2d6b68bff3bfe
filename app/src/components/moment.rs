//! A point in time.

use crate::contract::Moment;
use leptos::prelude::*;

/// A point in time as people say it; exact on hover and focus. It may become later, or be told anew as time passes.
#[component]
pub(crate) fn When(
    /// The point in time.
    #[prop(into)]
    moment: Signal<Moment>,
) -> impl IntoView {
    let exact = move || moment.with(|moment| moment.exact.clone());
    view! {
        <time
            datetime=move || moment.with(|moment| moment.iso.clone())
            tabindex="0"
            class="when"
            data-exact=exact
        >
            {move || moment.with(|moment| moment.relative.clone())}
            <span class="sr-only">", " {exact}</span>
        </time>
    }
}

/// The point in time, or `otherwise` where there is none.
pub(crate) fn when_or(moment: Option<Moment>, otherwise: &'static str) -> AnyView {
    match moment {
        Some(moment) => view! { <When moment /> }.into_any(),
        None => view! { <span class="quiet">{otherwise}</span> }.into_any(),
    }
}
