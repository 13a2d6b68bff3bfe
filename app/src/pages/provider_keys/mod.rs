//! `/projects/:project/keys`

mod card;
mod deleted;
mod facts;
mod key_actions;
mod save_form;

use super::project_in_address;
use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{CardView, Flash, KeyChange, ProviderKeysView};
use crate::loaded::{Answer, loaded};
use card::ProviderCard;
use deleted::{DeletedKeys, UndoForm};
use leptos::prelude::*;

/// What the cards of one page share.
#[derive(Clone)]
struct Desk {
    /// The project's slug, sent along with every form.
    project: String,
    /// Whether there are buttons.
    can_write: bool,
    /// Where a card says what was done.
    notice: RwSignal<Option<Notice>>,
    /// The page's data, asked anew after each change.
    page: Answer<ProviderKeysView>,
    /// The form that led here, where no script ran.
    flash: Option<Flash>,
}

impl Desk {
    /// Says what was done and shows how things now are.
    fn changed(&self, change: KeyChange) {
        self.notice.set(Some(change.into()));
        self.page.refetch();
    }
}

/// One project's provider keys.
#[component]
pub(crate) fn ProviderKeysPage() -> impl IntoView {
    let project = project_in_address();
    move || {
        let project = project.get();
        let asked = project.clone();
        let page = Resource::new_blocking(move || asked.clone(), api::provider_keys);
        loaded(page, move |shown, flash| {
            let notice = RwSignal::new(flash.as_ref().and_then(change_in).map(Notice::from));
            let can_write = shown.with_untracked(|shown| shown.can_write);
            let desk = Desk {
                project,
                can_write,
                notice,
                page,
                flash,
            };
            view! { <ProviderKeys shown desk /> }.into_any()
        })
    }
}

/// What a form did to a key, where no script ran.
fn change_in(flash: &Flash) -> Option<KeyChange> {
    let functions = ["save_key", "test_key", "set_key_active", "delete_key", "restore_key"];
    functions.into_iter().find_map(|function| flash.done(function))
}

#[component]
fn ProviderKeys(shown: RwSignal<ProviderKeysView>, desk: Desk) -> impl IntoView {
    let lead = Signal::derive(move || {
        shown.with(|shown| {
            format!(
                "The keys that calls of {} use. Secrets are sealed and never shown again.",
                shown.project.name
            )
        })
    });
    let notice = desk.notice;
    let undo = {
        let desk = desk.clone();
        Callback::new(move |key: String| view! { <UndoForm key_id=key desk=desk.clone() /> }.into_any())
    };
    let deleted = {
        let desk = desk.clone();
        view! { <DeletedKeys shown desk /> }
    };
    // The order stays as it was when the page was opened: nothing jumps under the person's hand.
    let order = shown.with_untracked(|shown| shown.cards.clone());
    let cards = order
        .iter()
        .filter_map(|card| card_of(shown, &card.provider.slug))
        .map(|card| view! { <ProviderCard card desk=desk.clone() /> })
        .collect_view();
    view! {
        <PageHead title="Provider keys" lead />
        <ul class="cards">{cards}</ul>
        {deleted}
        <NoticeRegion notice undo />
    }
}

/// One card out of the page's data; it notifies only when that card has changed.
fn card_of(shown: RwSignal<ProviderKeysView>, slug: &str) -> Option<Memo<CardView>> {
    let find =
        |shown: &ProviderKeysView, slug: &str| shown.cards.iter().find(|card| card.provider.slug == slug).cloned();
    let first = shown.with_untracked(|shown| find(shown, slug))?;
    let slug = slug.to_owned();
    // A provider that has left the catalogue keeps its last state until its card goes.
    Some(Memo::new(move |last: Option<&CardView>| {
        let now = shown.with(|shown| find(shown, &slug));
        now.unwrap_or_else(|| last.unwrap_or(&first).clone())
    }))
}
