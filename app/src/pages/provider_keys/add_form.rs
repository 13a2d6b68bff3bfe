//! The form that adds a key beside those that are there.

use super::Desk;
use super::secret_fields::{Typed, Wording, keep_unverified, secret_fields, settle};
use crate::api::AddKey;
use crate::components::{ButtonKind, SubmitButton};
use crate::contract::CardView;
use crate::forms::{on_answer, pending, refusal};
use leptos::html::{H2, Input};
use leptos::prelude::*;

/// Adds another key, for calls that name it, or for all.
#[component]
pub(super) fn AddAnother(card: Memo<CardView>, heading: NodeRef<H2>, desk: Desk) -> impl IntoView {
    let provider = card.with_untracked(|card| card.provider.clone());
    let earlier = desk.refused("add_key", "provider", &provider.slug);
    let is_open = earlier.is_some();
    let typed = match &earlier {
        Some(_) => Typed::before(&desk),
        None => Typed {
            name: String::new(),
            endpoint: String::new(),
            api_version: String::new(),
        },
    };
    let was_chosen = is_open && desk.typed("is_default") == "true";
    let action = ServerAction::<AddKey>::new();
    let refusal = refusal(action, earlier);
    let secret = NodeRef::<Input>::new();
    let project = desk.project.clone();
    on_answer(action, move |answer| {
        settle(answer.map(|change| desk.changed(change)), secret, heading, &desk);
    });
    let wording = Wording {
        label: "API key",
        name_hint: "What calls and people tell it by.".to_owned(),
        id: format!("another-{}", provider.slug),
    };
    let fields = secret_fields(&provider, wording, typed, refusal, secret);
    let name = provider.name.clone();
    view! {
        <details class="disclosure" open=is_open>
            <summary class="button quiet" aria-label=format!("Add another {} key", provider.name)>
                "Add another key"
            </summary>
            <div class="disclosed">
                <ActionForm action attr:class="stack">
                    <input type="hidden" name="project" value=project />
                    <input type="hidden" name="provider" value=provider.slug />
                    {fields}
                    <label class="choice">
                        <input type="checkbox" name="is_default" value="true" checked=was_chosen />
                        <span>
                            "Make it the default"
                            <span class="hint block">"Calls that name no key use it from now on."</span>
                        </span>
                    </label>
                    {move || keep_unverified(refusal, &name)}
                    <SubmitButton label="Add key".to_owned() pending=pending(action) kind=ButtonKind::Filled />
                </ActionForm>
            </div>
        </details>
    }
}
