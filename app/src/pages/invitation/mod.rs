//! `/invitations/:token`

use super::sign_in::brand;
use crate::api;
use crate::components::{ButtonKind, Message, SecretField, SubmitButton, When};
use crate::contract::{Flash, OfferView, VisitorView};
use crate::forms::{at_field, at_form};
use crate::loaded::loaded;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// Lets whoever holds an invitation's link, and has its address, join the organization.
#[component]
pub(crate) fn InvitationPage() -> impl IntoView {
    let link = use_params_map().with_untracked(|params| params.get("token").unwrap_or_default());
    let asked = link.clone();
    let invited = Resource::new_blocking(move || asked.clone(), api::invitation);
    let content = loaded(invited, move |invited, flash| {
        let panel = match invited.get_untracked().invitation {
            Some(offer) => panel(link, offer, flash.as_ref()),
            None => does_not_work(),
        };
        view! {
            {brand()}
            {panel}
        }
        .into_any()
    });
    view! {
        <Title text="Invitation · Latchkey" />
        <main class="standalone">{content}</main>
    }
}

/// The same for a link that was used, was revoked, has run out, or never was one.
fn does_not_work() -> AnyView {
    view! {
        <section class="panel">
            <h1>"This invitation does not work"</h1>
            <p>
                "It was used already, was revoked, or has run out: invitations work once, within 7 days. Ask whoever invited you for a new one."
            </p>
            <a class="button outlined" href="/" rel="external">
                "Go to the start page"
            </a>
        </section>
    }
    .into_any()
}

fn panel(link: String, offer: OfferView, flash: Option<&Flash>) -> AnyView {
    let OfferView {
        organization,
        email,
        role,
        invited_by,
        expires_at,
        visitor,
    } = offer;
    let way_in = match visitor {
        VisitorView::Other(other) => sign_out_first(&email, &other),
        visitor => accept_form(link, email, &visitor, flash),
    };
    view! {
        <section class="panel">
            <h1 class="break">{format!("Join {organization}")}</h1>
            <p class="break">
                {format!("{invited_by} invites you as {role}. The invitation runs out ")}
                <When moment=expires_at /> "."
            </p>
            {way_in}
        </section>
    }
    .into_any()
}

// Not an `ActionForm`: a session begins with a full load, and password managers notice it.
fn accept_form(link: String, email: String, visitor: &VisitorView, flash: Option<&Flash>) -> AnyView {
    let earlier = flash.and_then(|flash| flash.refused_by("accept_invitation"));
    let refusal = RwSignal::new(earlier.cloned());
    let (words, password) = match visitor {
        VisitorView::Invited => ("Join", None),
        VisitorView::Known => (
            "Sign in and join",
            Some(("current-password", "The one that you sign in to this Latchkey with.")),
        ),
        _ => (
            "Create account and join",
            Some((
                "new-password",
                "At least 12 characters, and hard to guess: four unrelated words do well.",
            )),
        ),
    };
    let password = password.map(|(autocomplete, hint)| {
        view! {
            <SecretField
                label="Password"
                name="password"
                id="password"
                autocomplete
                hint
                error=at_field(refusal, "password")
            />
        }
    });
    view! {
        <form method="post" action="/_fn/accept_invitation" class="stack">
            <Message text=at_form(refusal, &["password"]) />
            <input type="hidden" name="link" value=link />
            <div class="field">
                <label for="email">"Email"</label>
                <input
                    type="email"
                    id="email"
                    value=email
                    readonly
                    autocomplete="username"
                    aria-describedby="email-hint"
                />
                <p class="hint" id="email-hint">
                    "The invitation is for this address only."
                </p>
            </div>
            {password}
            <SubmitButton label=words.to_owned() kind=ButtonKind::Filled />
        </form>
    }
    .into_any()
}

fn sign_out_first(email: &str, other: &str) -> AnyView {
    view! {
        <p class="break">
            {format!(
                "It is for {email}, and you are signed in as {other}. Sign out, then open the link again.",
            )}
        </p>
        <form method="post" action="/_fn/sign_out">
            <SubmitButton label="Sign out".to_owned() kind=ButtonKind::Filled />
        </form>
    }
    .into_any()
}
