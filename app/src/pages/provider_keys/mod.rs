//! `/projects/:project/keys`

mod card;
mod deleted;
mod facts;
mod fallback_form;
mod key_actions;
mod save_form;

use super::checklist::{ASK_EVERY, checklist};
use super::project_in_address;
use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{CardView, Flash, KeyChange, ProviderKeysView};
use crate::loaded::{Answer, loaded};
use crate::poll::{UNATTENDED, poll};
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
    /// Whether a platform key may serve in a key's place.
    operator_allows: bool,
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
            let (can_write, operator_allows) = shown.with_untracked(|shown| (shown.can_write, shown.operator_allows));
            let desk = Desk {
                project,
                can_write,
                operator_allows,
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
    let functions = [
        "save_key",
        "test_key",
        "set_key_active",
        "set_key_fallback",
        "delete_key",
        "restore_key",
    ];
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
    follow_checklist(shown, desk.project.clone());
    let steps = Signal::derive(move || shown.with(|shown| shown.checklist.clone()));
    view! {
        <PageHead title="Provider keys" lead />
        {checklist(steps, &desk.project)}
        <ul class="cards">{cards}</ul>
        {deleted}
        <NoticeRegion notice undo />
    }
}

/// Asks how far the checklist is, while there is one. The rest of the page changes only when it does,
/// so that nothing is drawn anew under the person's hand.
fn follow_checklist(shown: RwSignal<ProviderKeysView>, project: String) {
    poll(ASK_EVERY, move |looked_at| {
        if looked_at > UNATTENDED {
            return None;
        }
        let before = shown.try_with_untracked(|shown| shown.checklist.clone())??;
        let project = project.clone();
        Some(Box::pin(async move {
            if let Ok(next) = api::provider_keys(project).await
                && next.checklist.as_ref() != Some(&before)
            {
                shown.try_set(next);
            }
        }))
    });
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
