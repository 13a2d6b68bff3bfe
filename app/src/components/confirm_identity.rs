//! Asks who is there, where a form was refused because its person signed in too long ago.

use super::{ButtonKind, CodeField, Message, SecretField, SubmitButton};
use crate::api::{self, Confirm};
use crate::contract::{ErrorCode, UiError};
use crate::forms::{at_field, at_form, on_answer, pending, refusal};
use leptos::html::Form;
use leptos::prelude::*;

/// Appears when `refused` says that the sign-in is too old: asks for the password, and a code where there is a second
/// factor, then sends `form` again. To stand beside that form, never inside. Without script the page `/confirm` asks.
#[component]
pub(crate) fn ConfirmIdentity(
    /// Why the form was last refused.
    refused: RwSignal<Option<UiError>>,
    /// The form.
    form: NodeRef<Form>,
    /// What its ids begin with; unique on the page.
    #[prop(default = "confirm".to_owned(), into)]
    id: String,
) -> impl IntoView {
    let is_asked = Memo::new(move |_| {
        refused.with(|refused| {
            refused
                .as_ref()
                .is_some_and(|refused| refused.code == ErrorCode::SignInAgain)
        })
    });
    move || {
        let id = id.clone();
        is_asked.get().then(|| view! { <Ask refused form id /> })
    }
}

#[component]
fn Ask(refused: RwSignal<Option<UiError>>, form: NodeRef<Form>, id: String) -> impl IntoView {
    let action = ServerAction::<Confirm>::new();
    let refusal = refusal(action, None);
    on_answer(action, move |answer| {
        if answer.is_ok() {
            refused.set(None);
            if let Some(form) = form.get_untracked() {
                let _ = form.request_submit();
            }
        }
    });
    let asks_for_code = Resource::new(|| (), |()| api::asks_for_code());
    let code_id = format!("{id}-code");
    let code = move || {
        let id = code_id.clone();
        Suspend::new(async move {
            let asks = asks_for_code.await.unwrap_or(false);
            asks.then(|| view! { <CodeField id error=at_field(refusal, "code") /> })
        })
    };
    view! {
        <ActionForm action attr:class="panel confirm">
            <SecretField
                label="Password"
                name="password"
                id=format!("{id}-password")
                autocomplete="current-password"
                error=at_field(refusal, "password")
            />
            <Suspense>{code}</Suspense>
            <Message text=at_form(refusal, &["password", "code"]) />
            <SubmitButton
                label="Confirm and go on".to_owned()
                pending=pending(action)
                kind=ButtonKind::Filled
            />
        </ActionForm>
    }
}
