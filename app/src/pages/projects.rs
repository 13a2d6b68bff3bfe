//! `/projects`

use super::frame::Session;
use crate::api::{CreateProject, RenameProject};
use crate::components::{ButtonKind, Icon, Message, Notice, NoticeRegion, PageHead, SubmitButton, TextField, icon};
use crate::contract::{Flash, ProjectView, SessionView};
use crate::forms::{at_field, at_form, on_answer, pending, refusal};
use crate::loaded::loaded;
use leptos::prelude::*;
use leptos_router::components::A;

/// Every project of the organization.
#[component]
pub(crate) fn ProjectsPage() -> impl IntoView {
    use_context::<Session>().map(|Session(session)| {
        loaded(session, move |shown, flash| {
            view! { <Projects shown flash /> }.into_any()
        })
    })
}

#[component]
fn Projects(shown: RwSignal<SessionView>, flash: Option<Flash>) -> impl IntoView {
    let notice = RwSignal::new(notice_of(flash.as_ref()));
    let flash = StoredValue::new(flash);
    let can_write = shown.with_untracked(|session| session.permissions.write_projects);
    let is_empty = Memo::new(move |_| shown.with(|session| session.projects.is_empty()));
    let row = move |project: ProjectView| {
        let flash = flash.get_value();
        view! { <ProjectRow project can_write flash notice /> }
    };
    view! {
        <PageHead
            title="Projects"
            lead="Each project has its own provider keys and tokens.".to_owned()
        >
            {can_write.then(|| flash.with_value(|flash| create_form(flash.as_ref())))}
        </PageHead>
        <ul class="list">
            <For
                each=move || shown.with(|session| session.projects.clone())
                key=|project| (project.id.clone(), project.name.clone())
                children=row
            />
        </ul>
        {move || is_empty.get().then(|| nothing_yet(can_write))}
        <NoticeRegion notice />
    }
}

fn nothing_yet(can_write: bool) -> AnyView {
    let next = if can_write {
        "Create the first one; then add the keys that its calls should use."
    } else {
        "An owner or admin can create the first one."
    };
    view! {
        <div class="empty">
            {icon(Icon::Projects)} <h2>"No projects yet"</h2> <p>{next}</p>
        </div>
    }
    .into_any()
}

fn renamed_notice(project: &ProjectView) -> Notice {
    Notice::saying(format!("The project is now called {}.", project.name))
}

fn create_form(flash: Option<&Flash>) -> AnyView {
    let is_open = flash.and_then(|flash| flash.refused_by("create_project")).is_some();
    view! {
        <details class="disclosure" open=is_open>
            <summary class="button filled">{icon(Icon::Plus)} "Create project"</summary>
            <div class="disclosed panel">{create_project_form(flash)}</div>
        </details>
    }
    .into_any()
}

/// Creates a project, and leads to its keys.
pub(crate) fn create_project_form(flash: Option<&Flash>) -> AnyView {
    let earlier = flash.and_then(|flash| flash.refused_by("create_project")).cloned();
    let name = match (&earlier, flash) {
        (Some(_), Some(flash)) => flash.field("name").unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let action = ServerAction::<CreateProject>::new();
    let refusal = refusal(action, earlier);
    if let Some(Session(session)) = use_context() {
        on_answer(action, move |answer| {
            if answer.is_ok() {
                session.refetch();
            }
        });
    }
    view! {
        <ActionForm action>
            <TextField
                label="Name"
                name="name"
                id="new-project-name"
                value=name
                hint="What your team calls it. You can rename it later."
                max_length=80
                error=at_field(refusal, "name")
            />
            <Message text=at_form(refusal, &["name"]) />
            <SubmitButton
                label="Create project".to_owned()
                pending=pending(action)
                kind=ButtonKind::Filled
            />
        </ActionForm>
    }
    .into_any()
}

#[component]
fn ProjectRow(
    project: ProjectView,
    can_write: bool,
    flash: Option<Flash>,
    notice: RwSignal<Option<Notice>>,
) -> impl IntoView {
    let ProjectView { id, slug, name } = project.clone();
    let is_open = flash.as_ref().is_some_and(|flash| refused_here(flash, &id));
    let rename = can_write.then(|| {
        view! {
            <details class="disclosure" open=is_open>
                <summary class="button quiet" aria-label=format!("Rename {}", project.name)>
                    "Rename"
                </summary>
                <div class="disclosed">
                    <RenameForm project flash notice />
                </div>
            </details>
        }
    });
    view! {
        <li class="card project-row">
            <div class="project-name">
                <h2>
                    <A href=format!("/projects/{slug}/keys")>{name}</A>
                </h2>
                <code>{slug}</code>
            </div>
            {rename}
        </li>
    }
}

fn refused_here(flash: &Flash, project: &str) -> bool {
    flash.refused("rename_project", "project", project).is_some()
}

/// Renames a project. Says so in `notice`, and asks the session anew, so that every place shows it.
#[component]
pub(crate) fn RenameForm(
    /// The project.
    project: ProjectView,
    /// The form that led here.
    flash: Option<Flash>,
    /// Where it says that it was done.
    notice: RwSignal<Option<Notice>>,
) -> impl IntoView {
    let ProjectView { id, name, .. } = project;
    let flash = flash.filter(|flash| refused_here(flash, &id));
    let earlier = flash
        .as_ref()
        .and_then(|flash| flash.refused_by("rename_project"))
        .cloned();
    let typed = flash
        .as_ref()
        .and_then(|flash| flash.field("name"))
        .map_or(name, ToOwned::to_owned);
    let action = ServerAction::<RenameProject>::new();
    let refusal = refusal(action, earlier);
    let session = use_context::<Session>();
    on_answer(action, move |answer| {
        if let Ok(project) = answer {
            notice.set(Some(renamed_notice(&project)));
            if let Some(Session(session)) = session {
                session.refetch();
            }
        }
    });
    let field_id = format!("name-{id}");
    view! {
        <ActionForm action>
            <input type="hidden" name="project" value=id />
            <TextField
                label="Name"
                name="name"
                id=field_id
                value=typed
                max_length=80
                error=at_field(refusal, "name")
            />
            <Message text=at_form(refusal, &["name"]) />
            <SubmitButton
                label="Rename project".to_owned()
                pending=pending(action)
                kind=ButtonKind::Filled
            />
        </ActionForm>
    }
}

/// What a rename came to, where no script ran.
pub(crate) fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    let project = flash?.done::<ProjectView>("rename_project")?;
    Some(renamed_notice(&project))
}
