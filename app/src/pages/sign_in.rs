//! `/sign-in`

mod code;

use crate::api;
use crate::components::{ButtonKind, Icon, Message, SecretField, SubmitButton, TextField, icon};
use crate::contract::{Flash, SignInView};
use crate::forms::{at_field, at_form};
use crate::loaded::loaded;
use code::code_form;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Asks who is there.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let was_reset = use_query_map().with_untracked(|query| query.get("reset").is_some());
    let state = Resource::new_blocking(|| (), |()| api::sign_in_state());
    let content = loaded(state, move |state, flash| {
        let form = match state.get_untracked() {
            SignInView { is_set_up: false, .. } => no_owner_yet(),
            SignInView { awaits_code: true, .. } => code_form(flash.as_ref()),
            SignInView { .. } => sign_in_form(flash.as_ref(), was_reset),
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
fn sign_in_form(flash: Option<&Flash>, was_reset: bool) -> AnyView {
    let refused = |function| flash.and_then(|flash| flash.refused_by(function)).cloned();
    let refusal = RwSignal::new(refused("sign_in").or_else(|| refused("second_step")));
    let email = flash
        .and_then(|flash| flash.field("email"))
        .unwrap_or_default()
        .to_owned();
    let reset = (was_reset && refusal.with_untracked(Option::is_none)).then(|| {
        view! { <p class="lead">"Your new password is set, and every session has ended. Sign in with it."</p> }
    });
    view! {
        <form method="post" action="/_fn/sign_in" class="panel">
            <h1>"Sign in"</h1>
            {reset}
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
            <p class="aside">
                <a href="/forgot-password" rel="external">
                    "Forgot your password?"
                </a>
            </p>
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
