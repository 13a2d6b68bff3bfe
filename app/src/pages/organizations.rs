//! `/organizations`

use super::frame::Session;
use crate::components::{ButtonKind, Icon, Message, PageHead, SubmitButton, TextField, icon};
use crate::contract::{Flash, OrganizationView, SessionView};
use crate::forms::{at_field, at_form};
use crate::loaded::loaded;
use leptos::prelude::*;

/// Every organization that the person belongs to.
#[component]
pub(crate) fn OrganizationsPage() -> impl IntoView {
    use_context::<Session>().map(|Session(session)| {
        loaded(session, move |shown, flash| {
            view! { <Organizations shown flash /> }.into_any()
        })
    })
}

#[component]
fn Organizations(shown: RwSignal<SessionView>, flash: Option<Flash>) -> impl IntoView {
    let is_operator = shown.with_untracked(|session| session.is_operator);
    let create = is_operator.then(|| create_form(flash.as_ref()));
    let refusal = flash.as_ref().and_then(|flash| flash.refused_by("enter_organization"));
    let refusal = RwSignal::new(refusal.cloned());
    view! {
        <PageHead
            title="Organizations"
            lead="Each has its own members, projects, provider keys and tokens. Your session is in one at a time."
                .to_owned()
        >
            {create}
        </PageHead>
        <Message text=at_form(refusal, &[]) />
        <ul class="list">
            <For
                each=move || shown.with(|session| session.organizations.clone())
                key=Clone::clone
                children=row
            />
        </ul>
    }
}

fn row(organization: OrganizationView) -> AnyView {
    let OrganizationView {
        id,
        name,
        role,
        is_current,
    } = organization;
    let turn = if is_current {
        view! { <span class="badge" data-status="healthy">{icon(Icon::Check)} "You are here"</span> }.into_any()
    } else {
        // Not an `ActionForm`: a full load, so that nothing of the other organization stays in the page.
        view! {
            <form method="post" action="/_fn/enter_organization">
                <input type="hidden" name="organization_id" value=id />
                <SubmitButton
                    label="Switch".to_owned()
                    about=format!("to {name}")
                    kind=ButtonKind::Outlined
                />
            </form>
        }
        .into_any()
    };
    view! {
        <li class="card project-row">
            <div class="project-name">
                <h2>{name}</h2>
                <span class="quiet">{format!("You are {role}")}</span>
            </div>
            {turn}
        </li>
    }
    .into_any()
}

// Not an `ActionForm`: the session turns to the new organization, which takes a full load.
fn create_form(flash: Option<&Flash>) -> AnyView {
    let earlier = flash.and_then(|flash| flash.refused_by("create_organization"));
    let name = earlier.and(flash).and_then(|flash| flash.field("name"));
    let name = name.unwrap_or_default().to_owned();
    let is_open = earlier.is_some();
    let refusal = RwSignal::new(earlier.cloned());
    view! {
        <details class="disclosure" open=is_open>
            <summary class="button filled">{icon(Icon::Plus)} "Create organization"</summary>
            <div class="disclosed panel">
                <form method="post" action="/_fn/create_organization">
                    <TextField
                        label="Name"
                        name="name"
                        id="new-organization-name"
                        value=name
                        hint="You become its owner, and your session turns to it."
                        max_length=80
                        error=at_field(refusal, "name")
                    />
                    <Message text=at_form(refusal, &["name"]) />
                    <SubmitButton
                        label="Create organization".to_owned()
                        kind=ButtonKind::Filled
                    />
                </form>
            </div>
        </details>
    }
    .into_any()
}
