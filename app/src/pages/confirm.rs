//! `/confirm?next=…`: who is there, asked once more; for browsers that run no script.

use super::sign_in::brand;
use crate::api;
use crate::components::{ButtonKind, CodeField, Message, SecretField, SubmitButton};
use crate::contract::Flash;
use crate::forms::{at_field, at_form};
use crate::loaded::loaded;
use crate::own_page::own_page;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Asks whoever is signed in for their password, and leads back to the page they came from.
#[component]
pub(crate) fn ConfirmPage() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    let next = own_page(&next).to_owned();
    let asks_for_code = Resource::new_blocking(|| (), |()| api::asks_for_code());
    let content = loaded(asks_for_code, move |asks_for_code, flash| {
        let form = confirm_form(next, asks_for_code.get_untracked(), flash.as_ref());
        view! {
            {brand()}
            {form}
        }
        .into_any()
    });
    view! {
        <Title text="Confirm that it is you · Latchkey" />
        <main class="standalone">{content}</main>
    }
}

// Not an `ActionForm`: a session begins anew with a full load, and password managers notice it.
fn confirm_form(next: String, asks_for_code: bool, flash: Option<&Flash>) -> AnyView {
    let refusal = RwSignal::new(flash.and_then(|flash| flash.refused_by("confirm")).cloned());
    let back = next.clone();
    let code = asks_for_code.then(|| view! { <CodeField id="code" error=at_field(refusal, "code") /> });
    view! {
        <form method="post" action="/_fn/confirm" class="panel">
            <h1>"Confirm that it is you"</h1>
            <p class="lead">
                "You signed in a while ago, and what you want to do asks for your password again. It was not done yet: you come back to where you were, and do it there once more."
            </p>
            <Message text=at_form(refusal, &["password", "code"]) />
            <input type="hidden" name="next" value=next />
            <SecretField
                label="Password"
                name="password"
                id="password"
                autocomplete="current-password"
                error=at_field(refusal, "password")
            />
            {code}
            <SubmitButton label="Confirm".to_owned() kind=ButtonKind::Filled />
            <a class="button quiet" href=back rel="external">
                "Back without it"
            </a>
        </form>
    }
    .into_any()
}
