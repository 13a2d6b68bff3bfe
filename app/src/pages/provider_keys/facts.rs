//! What is known of a key.

use crate::components::When;
use crate::contract::{KeyStatus, KeyView, Moment};
use leptos::prelude::*;

/// What is known of a key: which one it is, what the provider says, and who did what when.
#[component]
pub(super) fn KeyFacts(key: KeyView) -> impl IntoView {
    let KeyView {
        name,
        redacted,
        status,
        reason,
        message,
        retry_at,
        endpoint,
        api_version,
        ..
    } = key.clone();
    let said = match (status, reason.as_deref()) {
        (KeyStatus::Disabled, _) | (_, None) => None,
        (_, Some(reason)) => Some(provider_words(status, reason, message)),
    };
    let azure = endpoint.map(|endpoint| {
        view! {
            <p class="key-facts">
                <code>{endpoint}</code>
                {api_version.map(|version| view! { " · " <code>{version}</code> })}
            </p>
        }
    });
    let retry = retry_at.map(|moment| view! { <p class="key-facts">"Tried again " <When moment /></p> });
    view! {
        <div class="key-line">
            <code class="key">{redacted}</code>
            {(!name.is_empty()).then(|| view! { <span class="key-name">{name}</span> })}
        </div>
        {azure}
        {said}
        {retry}
        {dates(key)}
    }
}

/// What the reason means, and the provider's own words in a quiet box.
fn provider_words(status: KeyStatus, reason: &str, message: Option<String>) -> AnyView {
    let meaning = match reason {
        "invalid" => "The provider does not accept this key.",
        "blocked" => "The provider has blocked this key or its account.",
        "exhausted" => "The account's credit or quota is spent.",
        "restricted" => "The key works, but not for everything.",
        "rate_limited" => "The provider is limiting calls for now.",
        "unreachable" => "The provider could not be reached.",
        _ => "",
    };
    view! {
        <div class="provider-words" data-status=crate::components::status_name(Some(status))>
            <p class="strong">{meaning}</p>
            {message.map(|message| view! { <blockquote>{message}</blockquote> })}
        </div>
    }
    .into_any()
}

fn dates(key: KeyView) -> AnyView {
    let KeyView {
        checked_at,
        last_used_at,
        added_by,
        added_at,
        ..
    } = key;
    view! {
        <p class="key-facts">
            {moment_or("Checked ", checked_at, "Not checked yet")} " · "
            {moment_or("Used ", last_used_at, "Not used yet")}
        </p>
        <p class="key-facts">"Added " <When moment=added_at /> " by " <span class="break">{added_by}</span></p>
    }
    .into_any()
}

fn moment_or(words: &'static str, moment: Option<Moment>, otherwise: &'static str) -> AnyView {
    match moment {
        Some(moment) => view! { <span class="nowrap">{words} <When moment /></span> }.into_any(),
        None => view! { <span class="nowrap">{otherwise}</span> }.into_any(),
    }
}
