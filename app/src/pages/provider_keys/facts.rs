//! What is known of a key.

use crate::components::When;
use crate::contract::{KeyStatus, KeyView, Moment, TwinView, UndoneRotationView};
use leptos::prelude::*;
use leptos_router::components::A;

/// What is known of a key: which one it is, what the provider says, and who did what when.
#[component]
pub(super) fn KeyFacts(key: KeyView) -> impl IntoView {
    let KeyView {
        name,
        redacted,
        retry_at,
        endpoint,
        api_version,
        ..
    } = key.clone();
    let (said, twins) = (said(&key), twins(&key));
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
        {twins}
    }
}

/// What the provider says of a key that does not simply work.
pub(super) fn said(key: &KeyView) -> Option<AnyView> {
    match (key.status, key.reason.as_deref()) {
        (KeyStatus::Disabled, _) | (_, None) => None,
        (status, Some(reason)) => Some(provider_words(status, reason, key.message.clone())),
    }
}

/// Where else the same secret is stored.
pub(super) fn twins(key: &KeyView) -> Option<AnyView> {
    if key.twins.is_empty() {
        return None;
    }
    let place = |TwinView { name, project }: &TwinView| {
        let name = (!name.is_empty()).then(|| format!(" as {name}"));
        match project {
            None => view! { <li>"once more in this project" {name}</li> }.into_any(),
            Some(project) => {
                let href = format!("/projects/{}/keys", project.slug);
                let project = project.name.clone();
                view! { <li>"in project " <A href>{project}</A> {name}</li> }.into_any()
            }
        }
    };
    let places = key.twins.iter().map(place).collect_view();
    Some(
        view! {
            <div class="key-facts twins">
                <p>"The same key is stored:"</p>
                <ul>{places}</ul>
            </div>
        }
        .into_any(),
    )
}

/// Says that the provider's refusal took a rotation back.
pub(super) fn undone_rotation(undone: UndoneRotationView, provider: &str) -> AnyView {
    let UndoneRotationView { redacted, at, message } = undone;
    view! {
        <div class="provider-words" data-status="unhealthy">
            <p class="strong">"Rotation undone " <When moment=at /></p>
            <p>
                {format!("{provider} refused the new key ")} <code class="key">{redacted}</code>
                ", so the one that it replaced serves again."
            </p>
            {message.map(|message| view! { <blockquote>{message}</blockquote> })}
        </div>
    }
    .into_any()
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

/// When it was checked and used, and who brought it when.
pub(super) fn dates(key: KeyView) -> AnyView {
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
