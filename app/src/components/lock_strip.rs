//! The red strip over a page whose calls are locked.

use super::{ButtonKind, Icon, Message, SubmitButton, TextField, When, icon};
use crate::api::UnlockCalls;
use crate::contract::{LockView, UiError};
use crate::forms::{at_field, at_form, on_answer, pending, refusal};
use leptos::prelude::*;

/// One lock: what it covers, since when, by whom and why, and the way to undo it.
#[component]
pub(crate) fn LockStrip(
    /// The lock.
    lock: LockView,
    /// Whether it may be undone by this person.
    can_write: bool,
    /// Why undoing it was refused, where no script ran.
    earlier: Option<UiError>,
    /// Called when it was undone.
    #[prop(into)]
    unlocked: Callback<()>,
) -> impl IntoView {
    let LockView {
        id,
        covers,
        reason,
        locked_by,
        locked_at,
        ..
    } = lock;
    let reason = (!reason.is_empty()).then(|| view! { <q class="break">{reason}</q> });
    let unlock = can_write.then(|| unlock_form(id, &covers, earlier, unlocked));
    view! {
        <li class="lock">
            {icon(Icon::Lock)}
            <div class="grow">
                <p class="strong">{covers} " are locked"</p>
                <p>"Since " <When moment=locked_at /> " by " <span class="break">{locked_by}</span> ". " {reason}</p>
                {unlock}
            </div>
        </li>
    }
}

fn unlock_form(id: String, covers: &str, earlier: Option<UiError>, unlocked: Callback<()>) -> AnyView {
    let is_open = earlier.is_some();
    let action = ServerAction::<UnlockCalls>::new();
    let refusal = refusal(action, earlier);
    on_answer(action, move |answer| {
        if answer.is_ok() {
            unlocked.run(());
        }
    });
    let name = format!("Unlock {}", covers.to_lowercase());
    let field = format!("unlock-{id}");
    view! {
        <details class="disclosure" open=is_open>
            <summary class="button outlined" aria-label=name>
                "Unlock"
            </summary>
            <div class="disclosed">
                <ActionForm action attr:class="stack">
                    <input type="hidden" name="lock_id" value=id />
                    <TextField
                        label="Why calls may pass again"
                        name="reason"
                        id=field
                        max_length=200
                        error=at_field(refusal, "reason")
                    />
                    <Message text=at_form(refusal, &["reason"]) />
                    <SubmitButton
                        label="Unlock calls".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}
