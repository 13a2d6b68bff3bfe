//! `/reset-password?link=…`: a new password for whoever holds a mailed link.

use crate::api;
use crate::components::{ButtonKind, Message, SecretField, SubmitButton};
use crate::contract::Flash;
use crate::forms::{at_field, at_form};
use crate::loaded::loaded;
use crate::pages::sign_in::brand;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Takes a new password, once.
#[component]
pub(crate) fn ResetPasswordPage() -> impl IntoView {
    let link = use_query_map().with_untracked(|query| query.get("link").unwrap_or_default());
    let asked = link.clone();
    let found = Resource::new_blocking(move || asked.clone(), api::reset_link);
    let content = loaded(found, move |found, flash| {
        let panel = match found.get_untracked().email {
            Some(email) => choose_form(link, email, flash.as_ref()),
            None => link_is_spent(),
        };
        view! {
            {brand()}
            {panel}
        }
        .into_any()
    });
    view! {
        <Title text="Choose a new password · Latchkey" />
        <main class="standalone">{content}</main>
    }
}

// Not an `ActionForm`: password managers notice a full load.
fn choose_form(link: String, email: String, flash: Option<&Flash>) -> AnyView {
    let refusal = RwSignal::new(flash.and_then(|flash| flash.refused_by("reset_password")).cloned());
    view! {
        <form method="post" action="/_fn/reset_password" class="panel">
            <h1>"Choose a new password"</h1>
            <p class="lead">"Every session of yours ends. If codes are asked for when you sign in, they still are."</p>
            <Message text=at_form(refusal, &["password"]) />
            <input type="hidden" name="link" value=link />
            <div class="field">
                <label for="email">"Email"</label>
                <input type="email" id="email" value=email readonly autocomplete="username" />
            </div>
            <SecretField
                label="New password"
                name="password"
                id="password"
                autocomplete="new-password"
                hint="At least 12 characters, and hard to guess: four unrelated words do well."
                error=at_field(refusal, "password")
            />
            <SubmitButton label="Set password".to_owned() kind=ButtonKind::Filled />
        </form>
    }
    .into_any()
}

fn link_is_spent() -> AnyView {
    view! {
        <section class="panel">
            <h1>"This link does not work"</h1>
            <p>"It was used already, or has run out: links work once, within an hour. Ask for a new one."</p>
            <a class="button filled" href="/forgot-password" rel="external">
                "Ask for a new link"
            </a>
        </section>
    }
    .into_any()
}
