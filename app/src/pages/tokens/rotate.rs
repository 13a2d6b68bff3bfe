//! The form that lets a new token take over from another.

use super::{Desk, hidden_fields, refused_here};
use crate::api::RotateToken;
use crate::components::{ButtonKind, Message, SubmitButton, select_field};
use crate::contract::TokenView;
use crate::forms::{at_form, on_answer, pending, refusal};
use leptos::prelude::*;

/// What the form starts with.
const USUAL: &str = "24h";

/// Makes a token like this one, which goes on working for a time of the person's choice.
pub(super) fn rotate_form(token: &TokenView, desk: &Desk) -> AnyView {
    let earlier = refused_here(desk, "rotate_token", token);
    let is_open = earlier.is_some();
    let action = ServerAction::<RotateToken>::new();
    let refusal = refusal(action, earlier);
    let (created, page) = (desk.created, desk.page);
    on_answer(action, move |answer| {
        if let Ok(token) = answer {
            created.set(Some(token));
            page.refetch();
        }
    });
    let chosen = desk.flash.as_ref().filter(|_| is_open);
    let chosen = chosen.and_then(|flash| flash.field("overlap")).unwrap_or(USUAL);
    let fields = hidden_fields(token, desk);
    let overlap = select_field(
        "The old token".to_owned(),
        "overlap".to_owned(),
        format!("overlap-{}", token.id),
        chosen,
        desk.overlaps.clone(),
    );
    view! {
        <details class="disclosure" open=is_open>
            <summary class="button quiet" aria-label=format!("Rotate token {}", token.name)>
                "Rotate"
            </summary>
            <div class="disclosed">
                <ActionForm action attr:class="stack">
                    {fields}
                    <p>"A new token takes over, with the same name, scopes, reach and length of life."</p>
                    {overlap}
                    <Message text=at_form(refusal, &[]) />
                    <SubmitButton
                        label="Rotate token".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}
