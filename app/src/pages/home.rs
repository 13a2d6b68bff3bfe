//! `/`: leads to where a person most likely wants to go.

use crate::api;
use crate::loaded::loaded;
use leptos::prelude::*;
use leptos_router::components::Redirect;

/// Leads to the first project's keys, or to the projects when there is none.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let session = Resource::new_blocking(|| (), |()| api::session());
    let content = loaded(session, |session, _| {
        let path = session.with_untracked(|session| match session.projects.first() {
            Some(project) => format!("/projects/{}/keys", project.slug),
            None => "/projects".to_owned(),
        });
        view! { <Redirect path /> }.into_any()
    });
    view! { <main class="standalone">{content}</main> }
}
