//! `/projects/:project/settings`

mod gateway;

use super::frame::Session;
use super::locks::PanicSwitch;
use super::project_in_address;
use super::projects::{RenameForm, notice_of};
use crate::components::{CopyButton, NoticeRegion, PageHead, failure};
use crate::contract::{ErrorCode, Flash, ProjectView, SessionView, UiError};
use crate::loaded::loaded;
use gateway::Gateway;
use leptos::prelude::*;

/// One project's settings.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let project = project_in_address();
    move || {
        let slug = project.get();
        use_context::<Session>()
            .map(|Session(session)| loaded(session, move |shown, flash| settings(shown, &slug, flash)))
    }
}

fn settings(shown: RwSignal<SessionView>, slug: &str, flash: Option<Flash>) -> AnyView {
    let is_it = |project: &&ProjectView| project.slug == slug || project.id == slug;
    let project = shown.with_untracked(|session| session.projects.iter().find(is_it).cloned());
    let Some(project) = project else {
        return failure(&UiError::new(ErrorCode::NotFound, "There is no such project."));
    };
    let can_write = shown.with_untracked(|session| session.permissions.write_projects);
    view! { <Settings project can_write flash /> }.into_any()
}

#[component]
fn Settings(project: ProjectView, can_write: bool, flash: Option<Flash>) -> impl IntoView {
    let notice = notice_of(flash.as_ref()).or_else(|| gateway::notice_of(flash.as_ref()));
    let notice = RwSignal::new(notice);
    let panic_flash = flash.clone();
    let ProjectView { id, slug, name } = project.clone();
    let rename = can_write.then(|| {
        view! {
            <section class="card form-card">
                <h2>"Name"</h2>
                <p class="quiet">"Only what people see changes; scripts that use the project go on working."</p>
                <RenameForm project flash notice />
            </section>
        }
    });
    let lead = if can_write {
        "What the project is called, and what happens to its calls."
    } else {
        "What the project is called, and what happens to its calls. An owner or admin can change it."
    };
    let project = id.clone();
    view! {
        <PageHead title="Settings" lead=lead.to_owned() />
        {rename}
        <Gateway project notice />
        <PanicSwitch project=Some(id.clone()) flash=panic_flash />
        <section class="card form-card">
            <h2>"In scripts"</h2>
            <dl class="facts">
                {(!can_write)
                    .then(|| {
                        view! {
                            <dt>"Name"</dt>
                            <dd>{name}</dd>
                        }
                    })} <dt>"Slug"</dt> <dd>
                    <code>{slug.clone()}</code>
                    <CopyButton text=slug what="slug" />
                </dd> <dt>"Id"</dt> <dd>
                    <code>{id.clone()}</code>
                    <CopyButton text=id what="id" />
                </dd>
            </dl>
        </section>
        <NoticeRegion notice />
    }
}
