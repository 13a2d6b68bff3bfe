//! The way around: a rail at the left, a bar at the top of narrow screens.

use super::{BellLink, Icon, PersonMenu, ProjectSwitcher, icon};
use crate::contract::SessionView;
use leptos::prelude::*;
use leptos_router::components::A;

/// Where a path lies: the project's slug, empty outside projects, and the page within a project.
pub(crate) fn place_in(path: &str) -> (String, String) {
    let mut segments = path.trim_matches('/').split('/');
    let project = match (segments.next(), segments.next()) {
        (Some("projects"), Some(project)) => project,
        _ => "",
    };
    let section = segments.next().filter(|section| !section.is_empty()).unwrap_or("keys");
    (project.to_owned(), section.to_owned())
}

/// The rail of a signed-in person.
#[component]
pub(crate) fn Rail(
    /// Who is signed in, and which projects there are.
    session: RwSignal<SessionView>,
    /// How many notifications they have not seen.
    unread: RwSignal<u32>,
    /// The page's path.
    #[prop(into)]
    path: Signal<String>,
) -> impl IntoView {
    let project = Memo::new(move |_| place_in(&path.get()).0);
    let section = Memo::new(move |_| place_in(&path.get()).1);
    // Outside projects the links lead to the first one, so that they never lead nowhere.
    let target = Memo::new(move |_| {
        let project = project.get();
        let first = || session.with(|session| Some(session.projects.first()?.slug.clone()));
        if project.is_empty() { first() } else { Some(project) }
    });
    let project_links = move || {
        target.get().map(|project| {
            view! {
                {nav_link(format!("/projects/{project}/keys"), "Provider keys", Icon::Key)}
                {nav_link(format!("/projects/{project}/activity"), "Activity", Icon::Activity)}
                {nav_link(format!("/projects/{project}/tokens"), "Tokens", Icon::Token)}
                {nav_link(format!("/projects/{project}/settings"), "Settings", Icon::Settings)}
            }
        })
    };
    let switcher = move || {
        let SessionView {
            organization,
            organizations,
            projects,
            ..
        } = session.get();
        view! { <ProjectSwitcher organization organizations projects current=project section path /> }
    };
    let person = move || {
        let SessionView { email, role, .. } = session.get();
        view! { <PersonMenu email role path /> }
    };
    let has_more = Memo::new(move |_| session.with(|session| session.is_operator || session.organizations.len() > 1));
    let organizations = move || {
        has_more
            .get()
            .then(|| nav_link("/organizations".to_owned(), "Organizations", Icon::Organization))
    };
    let is_operator = Memo::new(move |_| session.with(|session| session.is_operator));
    let jobs = move || {
        is_operator
            .get()
            .then(|| nav_link("/operator/jobs".to_owned(), "Jobs", Icon::Clock))
    };
    let writes_settings = Memo::new(move |_| session.with(|session| session.permissions.write_settings));
    let webhooks = move || {
        writes_settings
            .get()
            .then(|| nav_link("/webhooks".to_owned(), "Webhooks", Icon::Webhook))
    };
    let reads_audit = Memo::new(move |_| session.with(|session| session.permissions.read_audit));
    let audit = move || {
        reads_audit
            .get()
            .then(|| nav_link("/audit".to_owned(), "Audit", Icon::Audit))
    };
    view! {
        <div class="rail-head">
            <A href="/" attr:class="brand">
                {icon(Icon::Latchkey)}
                "Latchkey"
            </A>
            <BellLink unread />
        </div>
        {switcher}
        <nav aria-label="Main">
            <ul>{nav_link("/".to_owned(), "Overview", Icon::Overview)} {project_links}</ul>
            <ul class="organization-links">
                {nav_link("/projects".to_owned(), "Projects", Icon::Projects)}
                {nav_link("/organization".to_owned(), "Organization", Icon::Organization)}
                {nav_link("/members".to_owned(), "Members", Icon::Members)}
                {audit}
                {webhooks}
                {organizations}
                {jobs}
            </ul>
        </nav>
        {person}
    }
}

fn nav_link(href: String, word: &'static str, shape: Icon) -> AnyView {
    // A project's pages have pages below them; the list of projects is not where those are, nor is the start page.
    let exact = matches!(href.as_str(), "/" | "/projects" | "/organization");
    view! {
        <li>
            <A href exact attr:class="nav-link">
                {icon(shape)}
                {word}
            </A>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::place_in;

    fn place(project: &str, section: &str) -> (String, String) {
        (project.to_owned(), section.to_owned())
    }

    #[test]
    fn the_project_and_page_are_read_from_the_path() {
        assert_eq!(place_in("/projects/chat-eu/tokens"), place("chat-eu", "tokens"));
        assert_eq!(place_in("/projects/chat_eu/"), place("chat_eu", "keys"));
        assert_eq!(place_in("/projects/chat-eu/activity/1"), place("chat-eu", "activity"));
    }

    #[test]
    fn outside_projects_there_is_none() {
        assert_eq!(place_in("/projects"), place("", "keys"));
        assert_eq!(place_in("/"), place("", "keys"));
        assert_eq!(place_in("/sign-in"), place("", "keys"));
    }
}
