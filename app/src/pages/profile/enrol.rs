//! Setting an authenticator up.

use super::second_step::Desk;
use crate::api::{BeginSecondFactor, ConfirmSecondFactor};
use crate::components::{ButtonKind, CodeField, ConfirmIdentity, CopyButton, Message, SubmitButton};
use crate::contract::{EnrolmentView, QrView};
use crate::forms::{at_field, at_form, on_answer, pending, refusal};
use leptos::html::Form;
use leptos::prelude::*;

/// Nothing is set up yet.
#[component]
pub(super) fn Begin(desk: Desk) -> impl IntoView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused_by("begin_second_factor"));
    let action = ServerAction::<BeginSecondFactor>::new();
    let refusal = refusal(action, earlier.cloned());
    let form = NodeRef::<Form>::new();
    on_answer(action, move |answer| {
        if answer.is_ok() {
            desk.page.refetch();
        }
    });
    view! {
        <section class="card form-card" aria-labelledby="begin-heading">
            <h2 id="begin-heading">"Set up an authenticator"</h2>
            <p>
                "You need an app that makes codes, such as one on your phone or your password manager. You scan a picture with it, enter the code that it shows, and get recovery codes for when you lose it."
            </p>
            <ActionForm action node_ref=form>
                <SubmitButton label="Begin".to_owned() pending=pending(action) kind=ButtonKind::Filled />
            </ActionForm>
            <Message text=at_form(refusal, &[]) />
            <ConfirmIdentity refused=refusal form id="begin" />
        </section>
    }
}

/// The app is to be told the secret, and to show that it has it.
#[component]
pub(super) fn Enrol(enrolment: EnrolmentView, desk: Desk) -> impl IntoView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused_by("confirm_second_factor"));
    let action = ServerAction::<ConfirmSecondFactor>::new();
    let refusal = refusal(action, earlier.cloned());
    let form = NodeRef::<Form>::new();
    let (codes, page) = (desk.codes, desk.page);
    on_answer(action, move |answer| {
        if let Ok(made) = answer {
            codes.set(Some(made));
            page.refetch();
        }
    });
    let EnrolmentView { secret, address, qr } = enrolment;
    view! {
        <section class="card form-card" aria-labelledby="enrol-heading">
            <h2 id="enrol-heading">"1. Tell your authenticator"</h2>
            <p>"Scan this with the app. It stays here until the first code is confirmed, and only while you signed in a moment ago."</p>
            {picture(qr)}
            <p>
                "Cannot scan? "
                <a href=address rel="external">
                    "Open it in an app on this device"
                </a>", or type this secret (time-based, six digits):"
            </p>
            <div class="copyable">
                <code data-secret="">{secret.clone()}</code>
                <CopyButton text=secret.replace(' ', "") what="secret" />
            </div>
        </section>
        <section class="card form-card" aria-labelledby="confirm-heading">
            <h2 id="confirm-heading">"2. Enter its code"</h2>
            <ActionForm action node_ref=form>
                <CodeField
                    id="code"
                    hint="The six digits that the app shows now."
                    error=at_field(refusal, "code")
                />
                <Message text=at_form(refusal, &["code"]) />
                <SubmitButton label="Ask for codes".to_owned() pending=pending(action) kind=ButtonKind::Filled />
            </ActionForm>
            <ConfirmIdentity refused=refusal form id="enrol" />
            <p class="quiet">"Your other sessions end, so that they have to sign in with a code."</p>
        </section>
    }
}

fn picture(QrView { side, path }: QrView) -> impl IntoView {
    // Dark on light in both themes: scanners expect it.
    view! {
        <svg
            class="qr"
            role="img"
            aria-label="QR code with the secret for your authenticator"
            viewBox=format!("0 0 {side} {side}")
            shape-rendering="crispEdges"
        >
            <rect width=side height=side fill="#ffffff"></rect>
            <path d=path fill="#000000"></path>
        </svg>
    }
}
