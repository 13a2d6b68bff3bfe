//! What surrounds every page of a signed-in person.

use super::bell::Bell;
use super::locks::{Locks, Strip};
use crate::api;
use crate::components::Rail;
use crate::contract::SessionView;
use crate::loaded::Answer;
use leptos::ev::focus;
use leptos::html::Main;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

/// Who is signed in; pages ask it anew when projects change.
#[derive(Clone, Copy)]
pub(crate) struct Session(pub(crate) Answer<SessionView>);

/// The rail and, beside it, the page.
#[component]
pub(crate) fn Frame() -> impl IntoView {
    let session = Resource::new_blocking(|| (), |()| api::session());
    provide_context(Session(session));
    keep_to_organization(session);
    let path = use_location().pathname;
    let locks = Locks::provide(path);
    let bell = Bell::provide(path);
    let main = NodeRef::<Main>::new();
    focus_on_change(path, main);
    // The page says what is wrong, should the session not be there; the rail stays away.
    let rail = async move {
        let first = session.await.ok()?;
        let unread = bell.unread().await;
        let shown = RwSignal::new(first);
        Effect::new(move |_| {
            // Drawn anew only for something new: an open menu would close.
            if let Some(Ok(next)) = session.get()
                && shown.with_untracked(|shown| *shown != next)
            {
                shown.set(next);
            }
        });
        Some(view! { <Rail session=shown unread path /> })
    };
    let rail = untrack(|| Suspend::new(rail));
    view! {
        <a class="skip-link" href="#main" rel="external">
            "Skip to content"
        </a>
        <div class="frame">
            <header class="rail">
                <Transition>{rail}</Transition>
            </header>
            <main id="main" tabindex="-1" node_ref=main>
                <Strip locks path />
                <Outlet />
            </main>
        </div>
    }
}

/// Puts the focus on the page when the address changes under the person's hand, as a full load would.
fn focus_on_change(path: Memo<String>, main: NodeRef<Main>) {
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now)
            && let Some(main) = main.get_untracked()
        {
            let _ = main.focus();
        }
        now
    });
}

/// In another tab the session may turn to another organization, or end. When this one is looked at again it is asked
/// where the session is: what stands on the page belongs to the organization that it was loaded in.
fn keep_to_organization(session: Answer<SessionView>) {
    Effect::new(move |_| {
        let has_more = move || {
            let session = session.get_untracked().and_then(Result::ok);
            session.is_some_and(|session| session.organizations.len() > 1)
        };
        let asking = window_event_listener(focus, move |_| {
            if has_more() {
                session.refetch();
            }
        });
        on_cleanup(move || asking.remove());
    });
    Effect::new(move |loaded_in: Option<Option<String>>| {
        let now = session
            .get()
            .and_then(Result::ok)
            .map(|session| session.organization_id);
        let loaded_in = loaded_in.flatten().or_else(|| now.clone());
        if now.is_some() && now != loaded_in {
            let _ = window().location().set_href("/");
        }
        loaded_in
    });
}
