//! What state something is in: a word, an icon and a colour.

use super::{Icon, icon};
use crate::contract::{KeyStatus, Urgency};
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
    state_badge(status_name(status), shape, word)
}

/// The badge of any other state; `look` is the name of the key's state that it looks like.
pub(crate) fn state_badge(look: &'static str, shape: Icon, word: &'static str) -> AnyView {
    view! { <span class="badge" data-status=look>{icon(shape)} {word}</span> }.into_any()
}

/// How much it matters that somebody looks.
pub(crate) fn urgency_badge(urgency: Urgency) -> AnyView {
    match urgency {
        Urgency::Alarm => state_badge("unhealthy", Icon::Cross, "Urgent"),
        Urgency::Warning => state_badge("limited", Icon::Warning, "Warning"),
        Urgency::Info => state_badge("unknown", Icon::Info, "Info"),
    }
}
