//! Who is signed in, their account, their theme, and the way out.

use super::{Icon, Menu, ThemeChoice, icon};
use leptos::prelude::*;
use leptos_router::components::A;

/// The person's menu.
#[component]
pub(crate) fn PersonMenu(
    /// The person's address.
    email: String,
    /// Their role in the organization.
    role: String,
    /// The page's path.
    #[prop(into)]
    path: Signal<String>,
) -> impl IntoView {
    let initial = email.chars().next().unwrap_or('?').to_uppercase().to_string();
    let summary = view! {
        <span class="avatar" aria-hidden="true">
            {initial}
        </span>
        <span class="person">
            <span class="truncate">{email}</span>
            <span class="quiet">{role}</span>
        </span>
        {icon(Icon::Chevron)}
    }
    .into_any();
    // Not an `ActionForm`: leaving is a full load, so that nothing of the session stays in the page.
    view! {
        <Menu class="menu person-menu" summary path>
            <A href="/profile" attr:class="menu-item">
                "Your account"
            </A>
            <ThemeChoice />
            <form method="post" action="/_fn/sign_out">
                <button type="submit" class="menu-item">
                    "Sign out"
                </button>
            </form>
        </Menu>
    }
}
