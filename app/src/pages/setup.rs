//! `/setup?link=…`: the first visit.

use super::sign_in::brand;
use crate::api;
use crate::components::{ButtonKind, Message, SecretField, SubmitButton, TextField};
use crate::contract::{Flash, SetupView};
use crate::forms::{at_field, at_form};
use crate::loaded::loaded;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Creates the organization and its owner, for whoever holds the one-time link.
#[component]
pub(crate) fn SetupPage() -> impl IntoView {
    let query = use_query_map();
    let link = query.with_untracked(|query| query.get("link").unwrap_or_default());
    let asked = link.clone();
    let setup = Resource::new_blocking(move || asked.clone(), api::setup);
    let content = loaded(setup, move |setup, flash| {
        let SetupView { link_is_valid, is_done } = setup.get_untracked();
        let panel = if is_done {
            is_set_up()
        } else if link_is_valid {
            owner_form(link, flash.as_ref())
        } else {
            link_is_spent()
        };
        view! {
            {brand()}
            {panel}
        }
        .into_any()
    });
    view! {
        <Title text="Set up · Latchkey" />
        <main class="standalone">{content}</main>
    }
}

// Not an `ActionForm`: a session begins with a full load, and password managers notice it.
fn owner_form(link: String, flash: Option<&Flash>) -> AnyView {
    let refusal = RwSignal::new(flash.and_then(|flash| flash.refused_by("create_owner")).cloned());
    let typed = |field| {
        flash
            .and_then(|flash| flash.field(field))
            .unwrap_or_default()
            .to_owned()
    };
    view! {
        <form method="post" action="/_fn/create_owner" class="panel">
            <h1>"Set up Latchkey"</h1>
            <p class="lead">"Create your organization and yourself as its owner. This link works once."</p>
            <Message text=at_form(refusal, &["organization", "email", "password"]) />
            <input type="hidden" name="link" value=link />
            <TextField
                label="Organization"
                name="organization"
                id="organization"
                value=typed("organization")
                autocomplete="organization"
                placeholder="Acme"
                max_length=80
                error=at_field(refusal, "organization")
            />
            <TextField
                label="Email"
                name="email"
                id="email"
                kind="email"
                value=typed("email")
                autocomplete="username"
                placeholder="you@example.com"
                hint="You sign in with it."
                max_length=254
                error=at_field(refusal, "email")
            />
            <SecretField
                label="Password"
                name="password"
                id="password"
                autocomplete="new-password"
                hint="At least 12 characters, and hard to guess: four unrelated words do well."
                error=at_field(refusal, "password")
            />
            <SubmitButton label="Create organization".to_owned() kind=ButtonKind::Filled />
        </form>
    }
    .into_any()
}

fn is_set_up() -> AnyView {
    view! {
        <section class="panel">
            <h1>"Latchkey is set up"</h1>
            <p>"An owner exists already. Sign in, or ask them for access."</p>
            <a class="button filled" href="/sign-in" rel="external">
                "Sign in"
            </a>
        </section>
    }
    .into_any()
}

fn link_is_spent() -> AnyView {
    view! {
        <section class="panel">
            <h1>"This link does not work"</h1>
            <p>
                "Set-up links work once and for a limited time. Open the newest one that the server printed; it prints a new one each time it starts."
            </p>
        </section>
    }
    .into_any()
}
