//! `/forgot-password` and, behind a mailed link, `/reset-password?link=…`

mod choose;

pub(crate) use choose::ResetPasswordPage;

use super::sign_in::brand;
use crate::api;
use crate::components::{ButtonKind, Message, SubmitButton, TextField};
use crate::contract::Flash;
use crate::forms::{at_field, at_form};
use crate::loaded::loaded;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Has a link to choose a new password mailed.
#[component]
pub(crate) fn ForgotPasswordPage() -> impl IntoView {
    let was_asked = use_query_map().with_untracked(|query| query.get("asked").is_some());
    let state = Resource::new_blocking(|| (), |()| api::sign_in_state());
    let content = loaded(state, move |state, flash| {
        let panel = if !state.with_untracked(|state| state.sends_mail) {
            no_mail()
        } else if was_asked {
            on_its_way()
        } else {
            ask_form(flash.as_ref())
        };
        view! {
            {brand()}
            {panel}
        }
        .into_any()
    });
    view! {
        <Title text="Forgot your password · Latchkey" />
        <main class="standalone">{content}</main>
    }
}

fn ask_form(flash: Option<&Flash>) -> AnyView {
    let refusal = RwSignal::new(flash.and_then(|flash| flash.refused_by("ask_for_reset")).cloned());
    let email = flash
        .and_then(|flash| flash.field("email"))
        .unwrap_or_default()
        .to_owned();
    view! {
        <form method="post" action="/_fn/ask_for_reset" class="panel">
            <h1>"Forgot your password?"</h1>
            <p class="lead">"A link to choose a new one is mailed to you. Until you use it, nothing changes."</p>
            <Message text=at_form(refusal, &["email"]) />
            <TextField
                label="Email"
                name="email"
                id="email"
                kind="email"
                value=email
                autocomplete="username"
                hint="The one that you sign in with."
                max_length=254
                error=at_field(refusal, "email")
            />
            <SubmitButton label="Mail me a link".to_owned() kind=ButtonKind::Filled />
            {back()}
        </form>
    }
    .into_any()
}

fn on_its_way() -> AnyView {
    view! {
        <section class="panel">
            <h1>"Look into your mailbox"</h1>
            <p>
                "If somebody signs in here with the address that you entered, a mail with a link is on its way to it. The link works once, within an hour."
            </p>
            <p class="quiet">
                "Nothing there after a few minutes? Look among the unwanted mail, then "
                <a href="/forgot-password" rel="external">
                    "ask again"
                </a> "."
            </p>
            {back()}
        </section>
    }
    .into_any()
}

fn no_mail() -> AnyView {
    view! {
        <section class="panel">
            <h1>"This Latchkey sends no mail"</h1>
            <p>
                "So it cannot send you a link. Whoever operates it can set a new password for you, with "
                <code>"latchkey user set-password"</code> "."
            </p>
            {back()}
        </section>
    }
    .into_any()
}

/// The way back to sign-in.
fn back() -> impl IntoView {
    view! {
        <p class="aside">
            <a href="/sign-in" rel="external">
                "Back to sign-in"
            </a>
        </p>
    }
}
