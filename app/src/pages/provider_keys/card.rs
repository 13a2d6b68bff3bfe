//! One provider's card.

use super::Desk;
use super::facts::KeyFacts;
use super::key_actions::KeyActions;
use super::save_form::SaveForm;
use crate::components::{Icon, StatusBadge, icon, provider_mark, status_name};
use crate::contract::{CardView, KeyStatus};
use leptos::html::H2;
use leptos::prelude::*;

/// One provider's card: what state its key is in, and what can be done about it. Its parts change
/// one by one, so that a button keeps the focus while the rest of the card follows.
#[component]
pub(super) fn ProviderCard(card: Memo<CardView>, desk: Desk) -> impl IntoView {
    let provider = card.with_untracked(|card| card.provider.clone());
    let status = Memo::new(move |_| card.with(|card| Some(card.key.as_ref()?.status)));
    let key_id = Memo::new(move |_| card.with(|card| Some(card.key.as_ref()?.id.clone())));
    let consequence = Memo::new(move |_| card.with(|card| card.consequence.clone()));
    let heading = NodeRef::<H2>::new();
    let heading_id = format!("provider-{}", provider.slug);
    let facts = move || card.with(|card| card.key.clone()).map(|key| view! { <KeyFacts key /> });
    let actions = {
        let provider = provider.clone();
        let can_write = desk.can_write;
        move || {
            can_write.then(|| match key_id.get() {
                None => view! { <AddKey card heading desk=desk.clone() /> }.into_any(),
                Some(key_id) => {
                    let provider = provider.clone();
                    view! { <KeyActions key_id provider card heading desk=desk.clone() /> }.into_any()
                }
            })
        }
    };
    view! {
        <li
            class="card provider-card"
            data-provider=provider.slug.clone()
            data-status=move || status_name(status.get())
        >
            <div class="card-head">
                {provider_mark(&provider.slug, &provider.name)}
                <h2 id=heading_id tabindex="-1" node_ref=heading>
                    {provider.name}
                </h2>
                {move || view! { <StatusBadge status=status.get() /> }}
            </div>
            {facts}
            <p class="consequence">{move || consequence.get()}</p>
            {actions}
        </li>
    }
}

/// The way to a first key.
#[component]
fn AddKey(card: Memo<CardView>, heading: NodeRef<H2>, desk: Desk) -> impl IntoView {
    let provider = card.with_untracked(|card| card.provider.clone());
    let flash = desk.flash.as_ref();
    let was_refused = flash.is_some_and(|flash| flash.refused("save_key", "provider", &provider.slug).is_some());
    view! {
        <div class="actions">
            <details class="disclosure" open=was_refused>
                <summary class="button outlined" aria-label=format!("Add key for {}", provider.name)>
                    "Add key"
                </summary>
                <div class="disclosed">
                    <SaveForm card heading desk />
                </div>
            </details>
            <a class="button quiet" href=provider.key_page target="_blank" rel="noreferrer">
                "Get a key"
                {icon(Icon::External)}
                <span class="sr-only">{format!(" from {} (opens a new tab)", provider.name)}</span>
            </a>
        </div>
    }
}

/// Whether `status` makes another key the obvious thing to do.
pub(super) const fn wants_replacing(status: Option<KeyStatus>) -> bool {
    matches!(status, Some(KeyStatus::Unhealthy | KeyStatus::Exhausted))
}
