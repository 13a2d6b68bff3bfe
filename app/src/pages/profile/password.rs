//! The form that changes the password.

use super::Desk;
use crate::api::ChangePassword;
use crate::components::{ButtonKind, Message, NOTICES, Notice, SecretField, SubmitButton};
use crate::contract::Flash;
use crate::forms::{at_field, at_form, clear, focus_on, on_answer, pending, refusal};
use leptos::html::Form;
use leptos::prelude::*;

const FUNCTION: &str = "change_password";

fn changed() -> Notice {
    Notice::saying("Password changed. Your other sessions have ended.")
}

/// What the form came to, where no script ran.
pub(super) fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    flash?.done::<()>(FUNCTION).map(|()| changed())
}

/// Asks for the old password and a new one.
#[component]
pub(super) fn PasswordForm(email: String, desk: Desk) -> impl IntoView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused_by(FUNCTION))
        .cloned();
    let action = ServerAction::<ChangePassword>::new();
    let refusal = refusal(action, earlier);
    let form = NodeRef::<Form>::new();
    on_answer(action, move |answer| {
        if answer.is_ok() {
            desk.notice.set(Some(changed()));
            focus_on(NOTICES);
            desk.page.refetch();
            clear(form);
        }
    });
    view! {
        <ActionForm action node_ref=form>
            // For password managers: whose password it is.
            <input type="email" value=email autocomplete="username" hidden aria-hidden="true" tabindex="-1" />
            <SecretField
                label="Current password"
                name="current_password"
                id="current-password"
                autocomplete="current-password"
                error=at_field(refusal, "current_password")
            />
            <SecretField
                label="New password"
                name="password"
                id="new-password"
                autocomplete="new-password"
                hint="At least 12 characters, and hard to guess: four unrelated words do well."
                error=at_field(refusal, "password")
            />
            <Message text=at_form(refusal, &["current_password", "password"]) />
            <SubmitButton label="Change password".to_owned() pending=pending(action) kind=ButtonKind::Filled />
        </ActionForm>
    }
}
