//! `/sign-in`

use crate::api;
use crate::components::{ButtonKind, Icon, Message, SecretField, SubmitButton, TextField, icon};
use crate::contract::Flash;
use crate::forms::{at_field, at_form};
use crate::loaded::loaded;
use leptos::prelude::*;
use leptos_meta::Title;

/// Asks who is there.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let setup = Resource::new_blocking(|| (), |()| api::setup(String::new()));
    let content = loaded(setup, |setup, flash| {
        let is_done = setup.with_untracked(|setup| setup.is_done);
        let form = if is_done {
            sign_in_form(flash.as_ref())
        } else {
            no_owner_yet()
        };
        view! {
            {brand()}
            {form}
        }
        .into_any()
    });
    view! {
        <Title text="Sign in · Latchkey" />
        <main class="standalone">{content}</main>
    }
}

/// Latchkey's mark above a form.
pub(crate) fn brand() -> AnyView {
    view! { <p class="brand">{icon(Icon::Latchkey)} "Latchkey"</p> }.into_any()
}

// Not an `ActionForm`: a session begins with a full load, and password managers notice it.
fn sign_in_form(flash: Option<&Flash>) -> AnyView {
    let refusal = RwSignal::new(flash.and_then(|flash| flash.refused_by("sign_in")).cloned());
    let email = flash
        .and_then(|flash| flash.field("email"))
        .unwrap_or_default()
        .to_owned();
    view! {
        <form method="post" action="/_fn/sign_in" class="panel">
            <h1>"Sign in"</h1>
            <Message text=at_form(refusal, &["email", "password"]) />
            <TextField
                label="Email"
                name="email"
                id="email"
                kind="email"
                value=email
                autocomplete="username"
                max_length=254
                error=at_field(refusal, "email")
            />
            <SecretField
                label="Password"
                name="password"
                id="password"
                autocomplete="current-password"
                error=at_field(refusal, "password")
            />
            <SubmitButton label="Sign in".to_owned() kind=ButtonKind::Filled />
        </form>
    }
    .into_any()
}

fn no_owner_yet() -> AnyView {
    view! {
        <section class="panel">
            <h1>"Almost there"</h1>
            <p>
                "This Latchkey has no owner yet. Open the set-up link that the server printed when it started."
            </p>
        </section>
    }
    .into_any()
}
