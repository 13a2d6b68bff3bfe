//! What surrounds every page of a signed-in person.

use crate::api;
use crate::components::Rail;
use crate::contract::SessionView;
use crate::loaded::Answer;
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
    let path = use_location().pathname;
    let main = NodeRef::<Main>::new();
    focus_on_change(path, main);
    // The page says what is wrong, should the session not be there; the rail stays away.
    let rail = async move {
        session.await.ok().map(|first| {
            let shown = RwSignal::new(first);
            Effect::new(move |_| {
                if let Some(Ok(next)) = session.get() {
                    shown.set(next);
                }
            });
            view! { <Rail session=shown path /> }
        })
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
