//! One provider's card.

use super::Desk;
use super::add_form::AddAnother;
use super::facts::{KeyFacts, undone_rotation};
use super::key_actions::KeyActions;
use super::others::OtherKeys;
use super::save_form::{first_key_form, first_key_refused};
use super::subject::Subject;
use crate::components::{Icon, StatusBadge, icon, provider_mark, status_name};
use crate::contract::{CardView, KeyStatus};
use leptos::html::{Details, H2};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// One provider's card: what state its keys are in, and what can be done about it. Its parts change
/// one by one, so that a button keeps the focus while the rest of the card follows.
#[component]
pub(super) fn ProviderCard(card: Memo<CardView>, desk: Desk) -> impl IntoView {
    let provider = card.with_untracked(|card| card.provider.clone());
    let status = Memo::new(move |_| card.with(|card| Some(card.key.as_ref()?.status)));
    let key_id = Memo::new(move |_| card.with(|card| Some(card.key.as_ref()?.id.clone())));
    let consequence = Memo::new(move |_| card.with(|card| card.consequence.clone()));
    let undone = Memo::new(move |_| card.with(|card| card.undone.clone()));
    let heading = NodeRef::<H2>::new();
    let heading_id = format!("provider-{}", provider.slug);
    let facts = move || card.with(|card| card.key.clone()).map(|key| view! { <KeyFacts key /> });
    let undone = {
        let provider = provider.name.clone();
        move || undone.get().map(|undone| undone_rotation(undone, &provider))
    };
    let actions = {
        let desk = desk.clone();
        move || {
            let desk = desk.clone();
            desk.can_write.then(|| match key_id.get() {
                None => view! { <AddKey card heading desk /> }.into_any(),
                Some(key_id) => Subject::of(card, &key_id, heading, &desk)
                    .map(|subject| view! { <KeyActions subject /> })
                    .into_any(),
            })
        }
    };
    let another = {
        let has_key = Memo::new(move |_| key_id.with(Option::is_some));
        let desk = desk.clone();
        move || {
            let desk = desk.clone();
            let is_offered = desk.can_write && has_key.get();
            is_offered.then(|| view! { <div class="actions another"><AddAnother card heading desk /></div> })
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
            {undone}
            <p class="consequence">{move || consequence.get()}</p>
            {actions}
            <OtherKeys card heading desk />
            {another}
        </li>
    }
}

/// The way to a first key. `?add=` in the address opens the form of the provider that it names.
#[component]
fn AddKey(card: Memo<CardView>, heading: NodeRef<H2>, desk: Desk) -> impl IntoView {
    let provider = card.with_untracked(|card| card.provider.clone());
    let was_refused = first_key_refused(&desk, &provider.slug).is_some();
    let query = use_query_map();
    let slug = provider.slug.clone();
    let is_asked = Memo::new(move |_| query.with(|query| query.get_str("add") == Some(slug.as_str())));
    let details = NodeRef::<Details>::new();
    Effect::new(move |_| {
        if let (true, Some(details)) = (is_asked.get(), details.get()) {
            details.set_open(true);
        }
    });
    view! {
        <div class="actions">
            <details class="disclosure" open=was_refused || is_asked.get_untracked() node_ref=details>
                <summary class="button outlined" aria-label=format!("Add key for {}", provider.name)>
                    "Add key"
                </summary>
                <div class="disclosed">{first_key_form(card, heading, desk)}</div>
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
pub(super) const fn wants_replacing(status: KeyStatus) -> bool {
    matches!(status, KeyStatus::Unhealthy | KeyStatus::Exhausted)
}
