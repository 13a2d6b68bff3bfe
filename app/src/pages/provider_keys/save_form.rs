//! The form that adds or replaces a key.

use super::Desk;
use crate::api::SaveKey;
use crate::components::{ButtonKind, SecretField, SubmitButton, TextField};
use crate::contract::{CardView, ErrorCode, ProviderView, UiError};
use crate::forms::{at_field, on_answer, pending, refusal};
use leptos::html::{H2, Input};
use leptos::prelude::*;

/// Adds a provider's key, or replaces the one there is. The provider is asked first; on refusal the
/// name stays, the secret is cleared and gets the focus.
#[component]
pub(super) fn SaveForm(card: Memo<CardView>, heading: NodeRef<H2>, desk: Desk) -> impl IntoView {
    let CardView { provider, key, .. } = card.get_untracked();
    let flash = desk.flash.clone();
    let earlier = flash
        .as_ref()
        .and_then(|flash| flash.refused("save_key", "provider", &provider.slug))
        .cloned();
    let refused_form = flash.filter(|_| earlier.is_some());
    let typed = |field: &str, current: Option<String>| match &refused_form {
        Some(flash) => flash.field(field).unwrap_or_default().to_owned(),
        None => current.unwrap_or_default(),
    };
    let name = typed("name", key.as_ref().map(|key| key.name.clone()));
    let endpoint = typed("endpoint", key.as_ref().and_then(|key| key.endpoint.clone()));
    let api_version = typed("api_version", key.as_ref().and_then(|key| key.api_version.clone()));

    let action = ServerAction::<SaveKey>::new();
    let refusal = refusal(action, earlier);
    let secret = NodeRef::<Input>::new();
    let project = desk.project.clone();
    on_answer(action, move |answer| {
        settle(answer.map(|change| desk.changed(change)), secret, heading, &desk);
    });

    let row_version = move || {
        card.with(|card| {
            card.key
                .as_ref()
                .map(|key| key.row_version.to_string())
                .unwrap_or_default()
        })
    };
    let label = if key.is_some() { "Replace key" } else { "Save key" };
    let ProviderView {
        slug,
        name: provider_name,
        key_hint,
        takes_endpoint,
        ..
    } = provider;
    let azure = takes_endpoint.then(|| endpoint_fields(&slug, endpoint, api_version, refusal));
    view! {
        <ActionForm action attr:class="stack">
            <input type="hidden" name="project" value=project />
            <input type="hidden" name="provider" value=slug.clone() />
            <input type="hidden" name="row_version" value=row_version />
            {azure}
            <SecretField
                label="API key"
                name="api_key"
                id=format!("api-key-{slug}")
                placeholder=key_hint
                hint=format!("{provider_name} is asked whether it works before anything is saved.")
                error=at_secret(refusal)
                node_ref=secret
            />
            <TextField
                label="Name"
                name="name"
                id=format!("key-name-{slug}")
                value=name
                placeholder="Production"
                max_length=80
                optional=true
                error=at_field(refusal, "name")
            />
            {move || keep_unverified(refusal, &provider_name)}
            <SubmitButton label=label.to_owned() pending=pending(action) kind=ButtonKind::Filled />
        </ActionForm>
    }
}

/// After a save the page goes on from the card's heading; after a refusal from the empty field.
fn settle(answer: Result<(), UiError>, secret: NodeRef<Input>, heading: NodeRef<H2>, desk: &Desk) {
    let secret = secret.get_untracked();
    if let Some(secret) = &secret {
        secret.set_value("");
    }
    match answer {
        Ok(()) => {
            let Some(heading) = heading.get_untracked() else { return };
            if let Some(open) = secret.and_then(|secret| secret.closest("details").ok().flatten()) {
                let _ = open.remove_attribute("open");
            }
            let _ = heading.focus();
        }
        Err(error) => {
            if error.code == ErrorCode::Conflict {
                desk.page.refetch();
            }
            if let Some(secret) = secret {
                let _ = secret.focus();
            }
        }
    }
}

/// The secret's field also bears what is wrong with the form as a whole.
fn at_secret(refusal: RwSignal<Option<UiError>>) -> Signal<Option<String>> {
    Signal::derive(move || {
        refusal.with(|error| {
            let error = error.as_ref()?;
            let elsewhere = ["name", "endpoint", "api_version"];
            let is_elsewhere = elsewhere.iter().any(|field| error.field(field).is_some());
            match error.field("api_key") {
                Some(message) => Some(message.to_owned()),
                None => (!is_elsewhere).then(|| error.message.clone()),
            }
        })
    })
}

/// Offered when the provider could not be asked.
fn keep_unverified(refusal: RwSignal<Option<UiError>>, provider: &str) -> Option<AnyView> {
    let is_unreachable = refusal.with(|error| {
        error
            .as_ref()
            .is_some_and(|error| error.code == ErrorCode::ProviderUnreachable)
    });
    is_unreachable.then(|| {
        view! {
            <label class="choice">
                <input type="checkbox" name="allow_unverified" value="true" />
                <span>
                    {format!("Keep it even if {provider} cannot be reached. It stays disabled until Enable finds that it works.")}
                </span>
            </label>
        }
        .into_any()
    })
}

/// Where the customer's own deployment answers.
fn endpoint_fields(slug: &str, endpoint: String, api_version: String, refusal: RwSignal<Option<UiError>>) -> AnyView {
    view! {
        <TextField
            label="Endpoint"
            name="endpoint"
            id=format!("endpoint-{slug}")
            kind="url"
            value=endpoint
            placeholder="https://my-resource.openai.azure.com"
            hint="The resource's address, as the Azure portal shows it."
            max_length=300
            error=at_field(refusal, "endpoint")
        />
        <TextField
            label="API version"
            name="api_version"
            id=format!("api-version-{slug}")
            value=api_version
            hint="Leave it empty for the v1 API."
            max_length=40
            optional=true
            error=at_field(refusal, "api_version")
        />
    }
    .into_any()
}
