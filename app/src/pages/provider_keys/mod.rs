//! `/projects/:project/keys`

mod add_form;
mod ask_forms;
mod card;
mod deleted;
mod facts;
mod fallback_form;
mod key_actions;
mod more;
mod others;
mod rotate_form;
mod save_form;
mod secret_fields;
mod subject;

use super::checklist::{ASK_EVERY, checklist};
use super::project_in_address;
use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{CardView, Flash, KeyChange, OptionView, ProviderKeysView, UiError};
use crate::loaded::{Answer, loaded};
use crate::poll::keep_fresh;
use card::ProviderCard;
use deleted::{DeletedKeys, UndoForm};
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

/// What the cards of one page share.
#[derive(Clone)]
struct Desk {
    /// The project's slug, sent along with every form.
    project: String,
    /// Whether there are buttons.
    can_write: bool,
    /// Whether a key may be erased for ever.
    can_erase: bool,
    /// Whether a platform key may serve in a key's place.
    operator_allows: bool,
    /// For how many days a deleted key can be restored.
    retention_days: u32,
    /// How long a key that is rotated out may go on working.
    overlaps: Vec<OptionView>,
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

    /// Why `function` was refused, where no script ran and its `field` was `value`.
    fn refused(&self, function: &str, field: &str, value: &str) -> Option<UiError> {
        self.flash.as_ref()?.refused(function, field, value).cloned()
    }

    /// What was typed into `field` of the form that led here and was refused.
    fn typed(&self, field: &str) -> String {
        let flash = self.flash.as_ref();
        flash
            .and_then(|flash| flash.field(field))
            .unwrap_or_default()
            .to_owned()
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
            let ProviderKeysView {
                can_write,
                can_erase,
                operator_allows,
                retention_days,
                overlaps,
                ..
            } = shown.get_untracked();
            let desk = Desk {
                project,
                can_write,
                can_erase,
                operator_allows,
                retention_days,
                overlaps,
                notice: RwSignal::new(flash.as_ref().and_then(notice_in)),
                page,
                flash,
            };
            view! { <ProviderKeys shown desk /> }.into_any()
        })
    }
}

/// Functions that answer with what they did to a key.
const CHANGES: [&str; 11] = [
    "save_key",
    "add_key",
    "rotate_key",
    "end_key_overlap",
    "rename_key",
    "make_key_default",
    "test_key",
    "set_key_active",
    "set_key_fallback",
    "delete_key",
    "restore_key",
];

/// What a form did, where no script ran.
fn notice_in(flash: &Flash) -> Option<Notice> {
    let change = CHANGES
        .into_iter()
        .find_map(|function| flash.done::<KeyChange>(function));
    let erased = || flash.done::<()>("purge_key").map(|()| deleted::erased());
    let reordered = || flash.done::<()>("reorder_keys").map(|()| more::reordered());
    change.map(Notice::from).or_else(erased).or_else(reordered)
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
    let import = desk.can_write.then(|| {
        let href = format!("/projects/{}/keys/import", desk.project);
        view! {
            <A href attr:class="button outlined">
                "Import keys"
            </A>
        }
    });
    follow(desk.page);
    let steps = Signal::derive(move || shown.with(|shown| shown.checklist.clone()));
    view! {
        <PageHead title="Provider keys" lead>
            {import}
        </PageHead>
        {checklist(steps, &desk.project)}
        <ul class="cards">{cards}</ul>
        {deleted}
        <NoticeRegion notice undo />
    }
}

/// Asks how the keys are and how far the checklist is, while somebody looks. Not while a field is being filled in: the
/// form around it goes with a key that somebody else deletes.
fn follow(page: Answer<ProviderKeysView>) {
    keep_fresh(use_location().pathname, ASK_EVERY, move || {
        if !is_filling_in() {
            page.refetch();
        }
    });
}

fn is_filling_in() -> bool {
    let field = document().active_element();
    field.is_some_and(|field| field.matches("input, select, textarea").unwrap_or_default())
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
