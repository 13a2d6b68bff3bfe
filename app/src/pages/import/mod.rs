//! `/projects/:project/keys/import`

mod choose;
mod imported;
mod paste;

use super::project_in_address;
use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{Flash, ImportView, ImportedView};
use crate::loaded::{Answer, loaded};
use choose::Choose;
use imported::Imported;
use leptos::prelude::*;
use leptos_router::components::A;
use paste::Paste;

/// What the parts of the page share.
#[derive(Clone)]
struct Desk {
    /// The project's slug, sent along with every form.
    project: String,
    /// What became of the last import, until the person goes on.
    imported: RwSignal<Option<ImportedView>>,
    /// The page's data, asked anew after each step.
    page: Answer<ImportView>,
    /// The form that led here, where no script ran.
    flash: Option<Flash>,
}

/// Imports many keys at once: paste, choose, done.
#[component]
pub(crate) fn ImportPage() -> impl IntoView {
    let project = project_in_address();
    move || {
        let project = project.get();
        let asked = project.clone();
        let page = Resource::new_blocking(move || asked.clone(), api::import);
        loaded(page, move |shown, flash| {
            let imported = flash
                .as_ref()
                .and_then(|flash| flash.done::<ImportedView>("import_keys"));
            let desk = Desk {
                project,
                imported: RwSignal::new(imported),
                page,
                flash,
            };
            view! { <Import shown desk /> }.into_any()
        })
    }
}

#[component]
fn Import(shown: RwSignal<ImportView>, desk: Desk) -> impl IntoView {
    let can_write = shown.with_untracked(|shown| shown.can_write);
    let discarded = desk.flash.as_ref().and_then(|flash| flash.done::<()>("discard_import"));
    let notice = RwSignal::new(discarded.map(|()| Notice::saying("Nothing was imported, and the paste is forgotten.")));
    let keys = format!("/projects/{}/keys", desk.project);
    let lead = Signal::derive(move || {
        let name = shown.with(|shown| shown.project.name.clone());
        format!("Brings many keys to {name} at once, each after its provider was asked whether it works.")
    });
    let step = Memo::new(move |_| shown.with(|shown| shown.preview.clone()));
    let content = {
        let desk = desk.clone();
        move || {
            let desk = desk.clone();
            if !can_write {
                return view! { <p class="quiet">"Your role does not permit this. Ask an owner or admin."</p> }
                    .into_any();
            }
            match (desk.imported.get(), step.get()) {
                (Some(imported), _) => view! { <Imported imported desk /> }.into_any(),
                (None, Some(preview)) => {
                    let providers = shown.with_untracked(|shown| shown.providers.clone());
                    view! { <Choose preview providers notice desk /> }.into_any()
                }
                (None, None) => view! { <Paste notice desk /> }.into_any(),
            }
        }
    };
    view! {
        <PageHead title="Import keys" lead>
            <A href=keys attr:class="button outlined">
                "Back to provider keys"
            </A>
        </PageHead>
        {content}
        <NoticeRegion notice />
    }
}
