//! What state a key is in: a word, an icon and a colour.

use super::{Icon, icon};
use crate::contract::KeyStatus;
use leptos::prelude::*;

/// The state's name in `data-status` and in stylesheets; `None` is a provider without a key.
pub(crate) const fn status_name(status: Option<KeyStatus>) -> &'static str {
    match status {
        None => "empty",
        Some(KeyStatus::Healthy) => "healthy",
        Some(KeyStatus::Limited) => "limited",
        Some(KeyStatus::Unhealthy) => "unhealthy",
        Some(KeyStatus::Exhausted) => "exhausted",
        Some(KeyStatus::Unknown) => "unknown",
        Some(KeyStatus::Disabled) => "disabled",
    }
}

/// The badge of a key's state.
#[component]
pub(crate) fn StatusBadge(status: Option<KeyStatus>) -> impl IntoView {
    let (word, shape) = match status {
        None => return view! { <span class="badge" data-status="empty">"No key"</span> }.into_any(),
        Some(KeyStatus::Healthy) => ("Healthy", Icon::Check),
        Some(KeyStatus::Limited) => ("Limited", Icon::Clock),
        Some(KeyStatus::Unhealthy) => ("Unhealthy", Icon::Cross),
        Some(KeyStatus::Exhausted) => ("Exhausted", Icon::Warning),
        Some(KeyStatus::Unknown) => ("Unknown", Icon::Question),
        Some(KeyStatus::Disabled) => ("Disabled", Icon::Pause),
    };
    view! { <span class="badge" data-status=status_name(status)>{icon(shape)} {word}</span> }.into_any()
}
