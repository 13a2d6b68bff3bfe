//! Ends tokens, at once.

use super::{Desk, hidden_fields, refused_here};
use crate::api::{EndTokenOverlap, RevokeToken};
use crate::components::{AskFirst, ButtonKind, Message, NOTICES, Notice, SubmitButton};
use crate::contract::{Flash, TokenView, UiError};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use leptos::prelude::*;

fn revoked() -> Notice {
    Notice::saying("Token revoked. Calls that present it are refused from now on.")
}

/// What a form of the list came to, where no script ran.
pub(super) fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    let flash = flash?;
    let done = |function| flash.done::<()>(function);
    done("revoke_token")
        .or_else(|| done("end_token_overlap"))
        .map(|()| revoked())
}

/// Ends a token.
pub(super) fn revoke_form(token: &TokenView, desk: &Desk) -> AnyView {
    let action = ServerAction::<RevokeToken>::new();
    let refusal = refusal(action, refused_here(desk, "revoke_token", token));
    on_answer(action, say_so(desk));
    let fields = hidden_fields(token, desk);
    view! {
        <AskFirst word="Revoke" about=format!("token {}", token.name) keep="Keep token">
            <p>"Calls that present it are refused at once. This cannot be undone."</p>
            <ActionForm action>
                {fields}
                <SubmitButton
                    label="Revoke token".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </AskFirst>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}

/// Ends a token that was rotated out, before its overlap does.
pub(super) fn end_overlap_form(token: &TokenView, desk: &Desk) -> AnyView {
    let action = ServerAction::<EndTokenOverlap>::new();
    let refusal = refusal(action, refused_here(desk, "end_token_overlap", token));
    on_answer(action, say_so(desk));
    let fields = hidden_fields(token, desk);
    view! {
        <AskFirst
            word="Revoke now"
            about=format!("the old token {}", token.name)
            keep="Keep for now"
        >
            <p>"Calls that still present the old token are refused at once; the new one goes on working."</p>
            <ActionForm action>
                {fields}
                <SubmitButton
                    label="Revoke old token".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </AskFirst>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}

/// Tells of the end of a token.
fn say_so(desk: &Desk) -> impl Fn(Result<(), UiError>) + 'static + use<> {
    let (notice, page) = (desk.notice, desk.page);
    move |answer| {
        if answer.is_ok() {
            notice.set(Some(revoked()));
            focus_on(NOTICES);
            page.refetch();
        }
    }
}
