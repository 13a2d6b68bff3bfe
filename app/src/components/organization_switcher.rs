//! From one organization to another.

use super::{Icon, icon};
use crate::contract::OrganizationView;
use leptos::prelude::*;
use leptos_router::components::A;

/// From how many organizations on a search field helps.
const SEARCHABLE: usize = 8;

/// The way to the person's other organizations; nothing for those who have one. Plain forms: a full load leaves nothing
/// of one organization in another's pages.
#[component]
pub(crate) fn OrganizationSwitcher(
    /// All of them, by name.
    organizations: Vec<OrganizationView>,
) -> impl IntoView {
    let is_searchable = organizations.len() >= SEARCHABLE;
    let others: Vec<_> = organizations
        .into_iter()
        .filter(|organization| !organization.is_current)
        .collect();
    if others.is_empty() {
        return None;
    }
    let others = StoredValue::new(others);
    let sought = RwSignal::new(String::new());
    let item = |OrganizationView { id, name, .. }: OrganizationView| {
        view! {
            <li>
                <form method="post" action="/_fn/enter_organization">
                    <input type="hidden" name="organization_id" value=id />
                    <button type="submit" class="menu-item">
                        {name}
                    </button>
                </form>
            </li>
        }
    };
    let found = move || {
        let sought = sought.get();
        others.with_value(|others| matching(others, &sought).into_iter().map(item).collect_view())
    };
    let has_none = move || others.with_value(|others| matching(others, &sought.get()).is_empty());
    let search = is_searchable.then(|| {
        view! {
            <input
                type="search"
                class="js-only"
                aria-label="Find an organization"
                placeholder="Find an organization"
                autocomplete="off"
                prop:value=move || sought.get()
                on:input=move |event| sought.set(event_target_value(&event))
            />
        }
    });
    Some(view! {
        <details class="organizations">
            <summary class="menu-item">"Switch organization" {icon(Icon::Chevron)}</summary>
            {search}
            <ul class="switcher-list">{found}</ul>
            <p class="quiet no-match" role="status">
                {move || if has_none() { "No organization has this in its name." } else { "" }}
            </p>
            <A href="/organizations" exact=true attr:class="menu-item">
                "All organizations"
            </A>
        </details>
    })
}

/// The organizations whose name holds every word of `sought`, in whichever case.
fn matching(organizations: &[OrganizationView], sought: &str) -> Vec<OrganizationView> {
    let sought = sought.to_lowercase();
    let holds_all = |organization: &&OrganizationView| {
        let name = organization.name.to_lowercase();
        sought.split_whitespace().all(|word| name.contains(word))
    };
    organizations.iter().filter(holds_all).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::{OrganizationView, matching};

    #[test]
    fn every_word_must_be_in_the_name() {
        let organizations: Vec<_> = ["Acme", "Acme Écriture", "Rival"]
            .map(|name| OrganizationView {
                id: format!("id-{name}"),
                name: name.to_owned(),
                role: "member".to_owned(),
                is_current: false,
            })
            .into();
        let found = |sought| -> Vec<_> {
            let found = matching(&organizations, sought);
            found.into_iter().map(|organization| organization.name).collect()
        };
        assert_eq!(found(" ").len(), 3);
        assert_eq!(found("écr ACME"), ["Acme Écriture"]);
        assert!(found("acme rival").is_empty());
    }
}
