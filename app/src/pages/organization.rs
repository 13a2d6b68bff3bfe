//! `/organization`: what it is called, which project is meant when a call names none, and the panic switch for all.

use super::frame::Session;
use super::locks::PanicSwitch;
use crate::api::{self, ChangeOrganization};
use crate::components::{
    ButtonKind, CopyButton, Message, Notice, NoticeRegion, PageHead, SubmitButton, TextField, select_field,
};
use crate::contract::{Flash, OptionView, OrganizationProfileView};
use crate::forms::{at_field, at_form, on_answer, pending, refusal};
use crate::loaded::{Answer, loaded};
use leptos::prelude::*;

const FUNCTION: &str = "change_organization";

/// The organization's page.
#[component]
pub(crate) fn OrganizationPage() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::organization());
    loaded(page, move |shown, flash| {
        view! { <Organization shown page flash /> }.into_any()
    })
}

fn saved() -> Notice {
    Notice::saying("Organization saved.")
}

#[component]
fn Organization(
    shown: RwSignal<OrganizationProfileView>,
    page: Answer<OrganizationProfileView>,
    flash: Option<Flash>,
) -> impl IntoView {
    let done = flash
        .as_ref()
        .and_then(|flash| flash.done::<OrganizationProfileView>(FUNCTION));
    let notice = RwSignal::new(done.map(|_| saved()));
    let OrganizationProfileView { id, can_write, .. } = shown.get_untracked();
    let content = if can_write {
        form(shown, page, flash.as_ref(), notice)
    } else {
        facts(&shown.get_untracked())
    };
    let lead = if can_write {
        "What the organization is called, and what holds for all of its projects."
    } else {
        "What the organization is called. An owner or admin can change it."
    };
    view! {
        <PageHead title="Organization" lead=lead.to_owned() />
        <section class="card form-card" aria-labelledby="general">
            <h2 id="general">"General"</h2>
            {content}
        </section>
        <PanicSwitch project=None flash />
        <section class="card form-card">
            <h2>"In scripts"</h2>
            <dl class="facts">
                <dt>"Id"</dt>
                <dd>
                    <code>{id.clone()}</code>
                    <CopyButton text=id what="id" />
                </dd>
            </dl>
        </section>
        <NoticeRegion notice />
    }
}

fn form(
    shown: RwSignal<OrganizationProfileView>,
    page: Answer<OrganizationProfileView>,
    flash: Option<&Flash>,
    notice: RwSignal<Option<Notice>>,
) -> AnyView {
    let flash = flash.filter(|flash| flash.refused_by(FUNCTION).is_some());
    let action = ServerAction::<ChangeOrganization>::new();
    let refusal = refusal(action, flash.and_then(|flash| flash.refused_by(FUNCTION)).cloned());
    let session = use_context::<Session>();
    on_answer(action, move |answer| {
        if answer.is_ok() {
            notice.set(Some(saved()));
            if let Some(Session(session)) = session {
                session.refetch();
            }
        }
        page.refetch();
    });
    let OrganizationProfileView {
        id,
        name,
        default_project,
        projects,
        ..
    } = shown.get_untracked();
    let typed = |field, now| {
        flash
            .and_then(|flash| flash.field(field))
            .map_or(now, ToOwned::to_owned)
    };
    let (name, chosen) = (typed("name", name), typed("default_project", default_project));
    let none = chosen.is_empty().then(|| OptionView::new("", "None chosen"));
    let project = select_field(
        "Default project".to_owned(),
        "default_project".to_owned(),
        "default-project".to_owned(),
        &chosen,
        none.into_iter().chain(projects).collect(),
    );
    view! {
        <ActionForm action>
            <input type="hidden" name="organization_id" value=id />
            <input
                type="hidden"
                name="row_version"
                value=move || shown.with(|shown| shown.row_version.to_string())
            />
            <TextField
                label="Name"
                name="name"
                id="organization-name"
                value=name
                max_length=80
                error=at_field(refusal, "name")
            />
            <div>
                {project}
                <p class="hint">
                    "Where calls work whose token reaches every project and that name none."
                </p>
            </div>
            <Message text=at_form(refusal, &["name"]) />
            <SubmitButton
                label="Save".to_owned()
                about="organization"
                pending=pending(action)
                kind=ButtonKind::Filled
            />
        </ActionForm>
    }
    .into_any()
}

/// The same for those who may look and not touch.
fn facts(profile: &OrganizationProfileView) -> AnyView {
    let is_default = |project: &&OptionView| project.value == profile.default_project;
    let default = profile.projects.iter().find(is_default);
    let default = default.map_or_else(|| "None chosen".to_owned(), |project| project.label.clone());
    view! {
        <dl class="facts">
            <dt>"Name"</dt>
            <dd>{profile.name.clone()}</dd>
            <dt>"Default project"</dt>
            <dd>{default}</dd>
        </dl>
    }
    .into_any()
}
