//! The form that brings a provider's first key, or replaces a key's secret.

use super::Desk;
use super::secret_fields::{Typed, Wording, keep_unverified, secret_fields, settle};
use super::subject::Subject;
use crate::api::SaveKey;
use crate::components::{ButtonKind, SubmitButton};
use crate::contract::{CardView, UiError};
use crate::forms::{on_answer, pending, refusal};
use leptos::html::{H2, Input};
use leptos::prelude::*;

/// Brings a provider's first key. The provider is asked first; on refusal the name stays, the secret is cleared and
/// gets the focus.
pub(super) fn first_key_form(card: Memo<CardView>, heading: NodeRef<H2>, desk: Desk) -> AnyView {
    let provider = card.with_untracked(|card| card.provider.clone());
    let earlier = first_key_refused(&desk, &provider.slug);
    let typed = match &earlier {
        Some(_) => Typed::before(&desk),
        None => Typed {
            name: String::new(),
            endpoint: String::new(),
            api_version: String::new(),
        },
    };
    let id = provider.slug.clone();
    let action = ServerAction::<SaveKey>::new();
    let refusal = refusal(action, earlier);
    let secret = NodeRef::<Input>::new();
    let project = desk.project.clone();
    on_answer(action, move |answer| {
        settle(answer.map(|change| desk.changed(change)), secret, heading, &desk);
    });
    let wording = Wording {
        label: "API key",
        name_hint: String::new(),
        id,
    };
    let fields = secret_fields(&provider, wording, typed, refusal, secret);
    let name = provider.name;
    view! {
        <ActionForm action attr:class="stack">
            <input type="hidden" name="project" value=project />
            <input type="hidden" name="provider" value=provider.slug />
            <input type="hidden" name="row_version" value="" />
            {fields}
            {move || keep_unverified(refusal, &name)}
            <SubmitButton label="Save key".to_owned() pending=pending(action) kind=ButtonKind::Filled />
        </ActionForm>
    }
    .into_any()
}

/// Why a provider's first key was refused, where no script ran.
pub(super) fn first_key_refused(desk: &Desk, provider: &str) -> Option<UiError> {
    let refused = desk.refused("save_key", "provider", provider)?;
    desk.typed("key_id").is_empty().then_some(refused)
}

/// Replaces a key's secret, in the same way.
pub(super) fn replace_form(subject: &Subject) -> AnyView {
    let earlier = subject.refused("save_key");
    let desk = subject.desk.clone();
    let typed = match &earlier {
        Some(_) => Typed::before(&desk),
        None => subject.key.with_untracked(|key| Typed {
            name: key.name.clone(),
            endpoint: key.endpoint.clone().unwrap_or_default(),
            api_version: key.api_version.clone().unwrap_or_default(),
        }),
    };
    let action = ServerAction::<SaveKey>::new();
    let refusal = refusal(action, earlier);
    let secret = NodeRef::<Input>::new();
    let heading = subject.heading;
    on_answer(action, move |answer| {
        settle(answer.map(|change| desk.changed(change)), secret, heading, &desk);
    });
    let provider = &subject.provider;
    let wording = Wording {
        label: "API key",
        name_hint: String::new(),
        id: subject.key_id.clone(),
    };
    let fields = secret_fields(provider, wording, typed, refusal, secret);
    let (hidden, version, slug) = (subject.hidden(), subject.row_version(), provider.slug.clone());
    view! {
        <ActionForm action attr:class="stack">
            {hidden}
            <input type="hidden" name="provider" value=slug />
            {version} {fields}
            <SubmitButton label="Replace key".to_owned() pending=pending(action) kind=ButtonKind::Filled />
        </ActionForm>
    }
    .into_any()
}
