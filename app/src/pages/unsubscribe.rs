//! `/unsubscribe?link=…`: ends the mails that the link stands in; nobody has to be signed in.

use super::sign_in::brand;
use crate::api;
use crate::components::{ButtonKind, Message, SubmitButton};
use crate::contract::{Flash, UnsubscribeView};
use crate::forms::at_form;
use crate::loaded::loaded;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Says which mails end, and ends them when asked to.
#[component]
pub(crate) fn UnsubscribePage() -> impl IntoView {
    let link = use_query_map().with_untracked(|query| query.get("link").unwrap_or_default());
    let asked = link.clone();
    let offer = Resource::new_blocking(move || asked.clone(), api::unsubscribe_offer);
    let content = loaded(offer, move |offer, flash| {
        let UnsubscribeView {
            name,
            organization,
            is_done,
        } = offer.get_untracked();
        let panel = match name {
            None => link_is_broken(),
            Some(name) if is_done => ended(&name, &organization),
            Some(name) => end_form(link, &name, &organization, flash.as_ref()),
        };
        view! {
            {brand()}
            {panel}
        }
        .into_any()
    });
    view! {
        <Title text="Stop these mails · Latchkey" />
        <main class="standalone">{content}</main>
    }
}

// Not an `ActionForm`: the page says afterwards what the server says.
fn end_form(link: String, name: &str, organization: &str, flash: Option<&Flash>) -> AnyView {
    let refusal = RwSignal::new(flash.and_then(|flash| flash.refused_by("unsubscribe")).cloned());
    view! {
        <form method="post" action="/_fn/unsubscribe" class="panel">
            <h1>"Stop these mails?"</h1>
            <p class="break">
                {format!("Mails about “{name}” in {organization} would not be sent to you any more. Others still are.")}
            </p>
            <Message text=at_form(refusal, &[]) />
            <input type="hidden" name="link" value=link />
            <SubmitButton label="Stop these mails".to_owned() kind=ButtonKind::Filled />
        </form>
    }
    .into_any()
}

fn ended(name: &str, organization: &str) -> AnyView {
    view! {
        <section class="panel">
            <h1>"These mails have ended"</h1>
            <p class="break">{format!("Mails about “{name}” in {organization} are not sent to you any more.")}</p>
            <p class="quiet">
                "The bell still shows what you chose for it. Turn the mails on again under Notifications, “Choose what you are told”."
            </p>
            <a class="button outlined" href="/notifications/choices" rel="external">
                "Choose what you are told"
            </a>
        </section>
    }
    .into_any()
}

fn link_is_broken() -> AnyView {
    view! {
        <section class="panel">
            <h1>"This link does not work"</h1>
            <p>
                "It may be cut off: copy it from the mail once more, whole. Nothing was changed. You can also sign in and choose what you are told."
            </p>
            <a class="button filled" href="/notifications/choices" rel="external">
                "Choose what you are told"
            </a>
        </section>
    }
    .into_any()
}
