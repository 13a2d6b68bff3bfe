//! The form that gives a webhook a new secret.

use super::detail::Desk;
use crate::api::RotateWebhookSecret;
use crate::components::{ButtonKind, Message, SubmitButton, select_field};
use crate::contract::OptionView;
use crate::forms::{at_form, on_answer, pending, refusal};
use leptos::html::Details;
use leptos::prelude::*;

/// What the form starts with.
const USUAL: &str = "24h";

/// Makes a new secret; the old one goes on signing for a time of the person's choice.
pub(super) fn rotate_form(overlaps: Vec<OptionView>, desk: &Desk) -> AnyView {
    let earlier = desk.refused("rotate_webhook_secret");
    let is_open = earlier.is_some();
    let refused = desk.flash.as_ref().filter(|_| is_open);
    let chosen = refused.and_then(|flash| flash.field("overlap")).unwrap_or(USUAL);
    let overlap = select_field(
        "The old secret ends".to_owned(),
        "overlap".to_owned(),
        "secret-overlap".to_owned(),
        chosen,
        overlaps,
    );
    let action = ServerAction::<RotateWebhookSecret>::new();
    let refusal = refusal(action, earlier);
    let details = NodeRef::<Details>::new();
    let (webhook, made, page) = (desk.webhook.clone(), desk.made, desk.page);
    on_answer(action, move |answer| {
        if let Ok(secret) = answer {
            made.set(Some(secret));
            page.refetch();
            if let Some(details) = details.get_untracked() {
                details.set_open(false);
            }
        }
    });
    view! {
        <details class="disclosure" node_ref=details open=is_open>
            <summary class="button quiet">"Rotate secret"</summary>
            <div class="disclosed">
                <ActionForm action attr:class="stack">
                    <input type="hidden" name="webhook_id" value=webhook />
                    <p>"Messages are signed with a new secret, and for a while with the old one too."</p>
                    {overlap}
                    <Message text=at_form(refusal, &[]) />
                    <SubmitButton
                        label="Make a new secret".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}
