//! What every form that brings a secret has in common.

use super::Desk;
use crate::components::{SecretField, TextField};
use crate::contract::{ErrorCode, ProviderView, UiError};
use crate::forms::at_field;
use leptos::html::{H2, Input};
use leptos::prelude::*;

/// What stands in the fields beside the secret.
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) endpoint: String,
    pub(super) api_version: String,
}

impl Typed {
    /// As the form that led here was filled in.
    pub(super) fn before(desk: &Desk) -> Self {
        Self {
            name: desk.typed("name"),
            endpoint: desk.typed("endpoint"),
            api_version: desk.typed("api_version"),
        }
    }
}

/// How one form's fields differ from another's.
pub(super) struct Wording {
    /// The words above the secret.
    pub(super) label: &'static str,
    /// What to know about the name.
    pub(super) name_hint: String,
    /// What the ids end with; unique on the page.
    pub(super) id: String,
}

/// Endpoint, secret and name. The secret also bears what is wrong with the form as a whole.
pub(super) fn secret_fields(
    provider: &ProviderView,
    wording: Wording,
    typed: Typed,
    refusal: RwSignal<Option<UiError>>,
    secret: NodeRef<Input>,
) -> AnyView {
    let Wording { label, name_hint, id } = wording;
    let Typed {
        name,
        endpoint,
        api_version,
    } = typed;
    let azure = provider
        .takes_endpoint
        .then(|| endpoint_fields(&id, endpoint, api_version, refusal));
    view! {
        {azure}
        <SecretField
            label
            name="api_key"
            id=format!("api-key-{id}")
            placeholder=provider.key_hint.clone()
            hint=format!("{} is asked whether it works before anything is saved.", provider.name)
            error=at_secret(refusal)
            node_ref=secret
        />
        <TextField
            label="Name"
            name="name"
            id=format!("key-name-{id}")
            value=name
            placeholder="Production"
            hint=name_hint
            max_length=80
            optional=true
            error=at_field(refusal, "name")
        />
    }
    .into_any()
}

/// After a save the page goes on from the card's heading; after a refusal from the empty field.
pub(super) fn settle(answer: Result<(), UiError>, secret: NodeRef<Input>, heading: NodeRef<H2>, desk: &Desk) {
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
pub(super) fn keep_unverified(refusal: RwSignal<Option<UiError>>, provider: &str) -> Option<AnyView> {
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
fn endpoint_fields(id: &str, endpoint: String, api_version: String, refusal: RwSignal<Option<UiError>>) -> AnyView {
    view! {
        <TextField
            label="Endpoint"
            name="endpoint"
            id=format!("endpoint-{id}")
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
            id=format!("api-version-{id}")
            value=api_version
            hint="Leave it empty for the v1 API."
            max_length=40
            optional=true
            error=at_field(refusal, "api_version")
        />
    }
    .into_any()
}
