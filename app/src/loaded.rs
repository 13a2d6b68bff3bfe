//! A page's data: awaited, shown, kept up to date, and its failures put into words.

use crate::components::failure;
use crate::contract::{ErrorCode, Flash, UiError};
use crate::last_form::LastForm;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a server function answers a page with.
pub(crate) type Answer<Data> = Resource<Result<Data, UiError>>;

/// Shows what `show` makes of `data` once it is here, or why it is not. The signal follows later
/// answers, so that only what has changed is drawn anew.
pub(crate) fn loaded<Data>(
    data: Answer<Data>,
    show: impl FnOnce(RwSignal<Data>, Option<Flash>) -> AnyView + Send + 'static,
) -> AnyView
where
    Data: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let last_form = use_context::<LastForm>();
    let content = async move {
        match data.await {
            Err(error) => failure(&error),
            Ok(first) => {
                let flash = match last_form {
                    Some(last_form) => last_form.outcome().await,
                    None => None,
                };
                let shown = RwSignal::new(first);
                follow(data, shown);
                show(shown, flash)
            }
        }
    };
    // Untracked, or whatever is drawn around it would be made anew with each answer.
    let content = untrack(|| Suspend::new(content));
    view! { <Transition fallback=skeleton>{content}</Transition> }.into_any()
}

/// Grey shapes where the page will stand.
fn skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="sr-only">"Loading"</span>
            <div></div>
            <div></div>
            <div></div>
        </div>
    }
}

/// Puts later answers into `shown`. A session that has ended leads to sign-in.
fn follow<Data>(data: Answer<Data>, shown: RwSignal<Data>)
where
    Data: Clone + PartialEq + Send + Sync + 'static,
{
    Effect::new(move |_| match data.get() {
        Some(Ok(next)) if shown.with_untracked(|shown| *shown != next) => shown.set(next),
        Some(Err(error)) if error.code == ErrorCode::SignedOut => {
            // A full load, so that nothing of the ended session stays in the page.
            let _ = window().location().set_href("/sign-in");
        }
        _ => {}
    });
}

/// What `find` finds of the page's data as it is now; as it last was, from when it is gone until its row is. Notifies
/// only when that has changed, so that the rest of its row stays as it is, and keeps the focus.
pub(crate) fn latest<Data, Part>(
    shown: RwSignal<Data>,
    first: Part,
    find: impl Fn(&Data) -> Option<Part> + Send + Sync + 'static,
) -> Memo<Part>
where
    Data: Send + Sync + 'static,
    Part: Clone + PartialEq + Send + Sync + 'static,
{
    Memo::new(move |before: Option<&Part>| {
        let now = shown.with(&find);
        now.unwrap_or_else(|| before.unwrap_or(&first).clone())
    })
}
