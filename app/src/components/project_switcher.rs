//! From one project to another.

use super::{Icon, Menu, OrganizationSwitcher, icon};
use crate::contract::{OrganizationView, ProjectView};
use leptos::prelude::*;
use leptos_router::components::A;

/// From how many projects on a search field helps.
const SEARCHABLE: usize = 8;

/// The organization, the current project, and the way to the others.
#[component]
pub(crate) fn ProjectSwitcher(
    /// The organization's name.
    organization: String,
    /// All organizations of the person, by name.
    organizations: Vec<OrganizationView>,
    /// All projects, by name.
    projects: Vec<ProjectView>,
    /// The current project's slug; empty outside projects.
    #[prop(into)]
    current: Signal<String>,
    /// The current page's name within a project, so that switching stays on it.
    #[prop(into)]
    section: Signal<String>,
    /// The page's path.
    #[prop(into)]
    path: Signal<String>,
) -> impl IntoView {
    let sought = RwSignal::new(String::new());
    let is_searchable = projects.len() >= SEARCHABLE;
    let all = StoredValue::new(projects);
    let current_name = move || {
        let current = current.get();
        all.with_value(|all| {
            let project = all.iter().find(|project| project.slug == current);
            project.map_or_else(|| "All projects".to_owned(), |project| project.name.clone())
        })
    };
    let summary = view! {
        <span class="where">
            <span class="quiet truncate">{organization}</span>
            <span class="truncate strong">{current_name}</span>
        </span>
        {icon(Icon::Chevron)}
    }
    .into_any();
    let link = move |project: ProjectView| {
        let ProjectView { slug, name, .. } = project;
        let href = move || format!("/projects/{slug}/{}", section.get());
        view! {
            <li>
                <A href attr:class="menu-item">
                    {name}
                </A>
            </li>
        }
    };
    let found = move || {
        let sought = sought.get();
        all.with_value(|all| matching(all, &sought).into_iter().cloned().map(link).collect_view())
    };
    let has_none = move || all.with_value(|all| matching(all, &sought.get()).is_empty());
    let search = is_searchable.then(|| {
        view! {
            <input
                type="search"
                class="js-only"
                aria-label="Find a project"
                placeholder="Find a project"
                autocomplete="off"
                prop:value=move || sought.get()
                on:input=move |event| sought.set(event_target_value(&event))
            />
        }
    });
    view! {
        <Menu class="menu switcher" summary path>
            {search}
            <ul class="switcher-list">{found}</ul>
            <p class="quiet no-match" role="status">
                {move || if has_none() { "No project has this in its name." } else { "" }}
            </p>
            <A href="/projects" exact=true attr:class="menu-item all-projects">
                "All projects"
            </A>
            <OrganizationSwitcher organizations />
        </Menu>
    }
}

/// The projects whose name or slug holds every word of `sought`, in whichever case.
fn matching<'all>(projects: &'all [ProjectView], sought: &str) -> Vec<&'all ProjectView> {
    let sought = sought.to_lowercase();
    let holds_all = |project: &&ProjectView| {
        let name = project.name.to_lowercase();
        sought
            .split_whitespace()
            .all(|word| name.contains(word) || project.slug.contains(word))
    };
    projects.iter().filter(holds_all).collect()
}

#[cfg(test)]
mod tests {
    use super::{ProjectView, matching};

    fn projects() -> Vec<ProjectView> {
        let of = |(slug, name): &(&str, &str)| ProjectView {
            id: format!("id-{slug}"),
            slug: (*slug).to_owned(),
            name: (*name).to_owned(),
        };
        [
            ("chat-eu", "Chat (Europe)"),
            ("chat-us", "Chat (America)"),
            ("docs", "Écriture"),
        ]
        .iter()
        .map(of)
        .collect()
    }

    fn found(sought: &str) -> Vec<String> {
        matching(&projects(), sought)
            .into_iter()
            .map(|project| project.slug.clone())
            .collect()
    }

    #[test]
    fn nothing_sought_finds_all() {
        assert_eq!(found("  ").len(), 3);
    }

    #[test]
    fn every_word_must_be_in_name_or_slug() {
        assert_eq!(found("chat EUROPE"), ["chat-eu"]);
        assert_eq!(found("america chat"), ["chat-us"]);
        assert_eq!(found("us chat"), ["chat-us"]);
        assert_eq!(found("écri"), ["docs"]);
        assert!(found("chat mars").is_empty());
    }
}
