//! What can be done with a webhook.

use super::detail::Desk;
use super::fields::{FIELDS, Typed, webhook_fields};
use super::rotate::rotate_form;
use crate::api::{ChangeWebhook, DeleteWebhook, SetWebhookActive, TestWebhook};
use crate::components::{AskFirst, ButtonKind, Message, NOTICES, Notice, SubmitButton};
use crate::contract::{DeliveryView, ErrorCode, Flash, WebhookDetailView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use leptos::html::Details;
use leptos::prelude::*;

const CHANGED: &str = "Webhook changed.";
const SWITCHED_ON: &str = "Webhook switched on. It is told of what happens from now on.";
const SWITCHED_OFF: &str = "Webhook switched off. Nothing is sent to it until you switch it on.";
const TEST_SENT: &str = "A test message is on its way; the deliveries below say what became of it.";
pub(super) const RESENT: &str = "The message is sent once more; the deliveries below say what became of it.";

/// What a form of the page came to, where no script ran.
pub(super) fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    let flash = flash?;
    let message = match flash.function.as_str() {
        "test_webhook" => flash.done::<DeliveryView>("test_webhook").map(|_| TEST_SENT),
        "set_webhook_active" => flash.done::<()>("set_webhook_active").map(|()| {
            let is_on = flash.field("is_active") == Some("true");
            if is_on { SWITCHED_ON } else { SWITCHED_OFF }
        }),
        "change_webhook" => flash.done::<()>("change_webhook").map(|()| CHANGED),
        "resend_delivery" => flash.done::<()>("resend_delivery").map(|()| RESENT),
        _ => None,
    };
    message.map(Notice::saying)
}

/// The buttons below a webhook's facts.
pub(super) fn actions(shown: RwSignal<WebhookDetailView>, desk: &Desk) -> AnyView {
    let overlaps = shown.with_untracked(|shown| shown.overlaps.clone());
    view! {
        <div class="actions">
            {test_form(desk)} {change_form(shown, desk)} {rotate_form(overlaps, desk)}
            {switch_form(shown, desk)} {delete_form(desk)}
        </div>
    }
    .into_any()
}

fn test_form(desk: &Desk) -> AnyView {
    let action = ServerAction::<TestWebhook>::new();
    let refusal = refusal(action, desk.refused("test_webhook"));
    let (webhook, desk) = (desk.webhook.clone(), desk.clone());
    on_answer(action, move |answer| {
        if answer.is_ok() {
            desk.done(TEST_SENT);
        }
    });
    view! {
        <ActionForm action>
            <input type="hidden" name="webhook_id" value=webhook />
            <SubmitButton
                label="Send a test message".to_owned()
                pending=pending(action)
                kind=ButtonKind::Outlined
            />
        </ActionForm>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}

fn change_form(shown: RwSignal<WebhookDetailView>, desk: &Desk) -> AnyView {
    let earlier = desk.refused("change_webhook");
    let is_open = earlier.is_some();
    let refused = desk.flash.as_ref().filter(|_| is_open);
    let typed = refused.map_or_else(
        || shown.with_untracked(|shown| Typed::of(&shown.webhook)),
        Typed::before,
    );
    let action = ServerAction::<ChangeWebhook>::new();
    let refusal = refusal(action, earlier);
    let details = NodeRef::<Details>::new();
    let (webhook, desk) = (desk.webhook.clone(), desk.clone());
    on_answer(action, move |answer| match answer {
        Ok(()) => {
            desk.done(CHANGED);
            focus_on(NOTICES);
            if let Some(details) = details.get_untracked() {
                details.set_open(false);
            }
        }
        Err(error) if error.code == ErrorCode::Conflict => desk.page.refetch(),
        Err(_) => {}
    });
    let version = move || shown.with(|shown| shown.webhook.row_version.to_string());
    let fields = shown.with_untracked(|shown| webhook_fields(typed, &shown.kinds, refusal));
    view! {
        <details class="disclosure" node_ref=details open=is_open>
            <summary class="button quiet">"Change"</summary>
            <div class="disclosed">
                <ActionForm action attr:class="stack">
                    <input type="hidden" name="webhook_id" value=webhook />
                    <input type="hidden" name="row_version" value=version />
                    {fields}
                    <Message text=at_form(refusal, FIELDS) />
                    <SubmitButton
                        label="Save changes".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}

fn switch_form(shown: RwSignal<WebhookDetailView>, desk: &Desk) -> AnyView {
    let is_active = Memo::new(move |_| shown.with(|shown| shown.webhook.is_active));
    let action = ServerAction::<SetWebhookActive>::new();
    let refusal = refusal(action, desk.refused("set_webhook_active"));
    let (webhook, desk) = (desk.webhook.clone(), desk.clone());
    on_answer(action, move |answer| {
        if answer.is_ok() {
            desk.done(if is_active.get_untracked() {
                SWITCHED_OFF
            } else {
                SWITCHED_ON
            });
        }
    });
    let label = move || if is_active.get() { "Switch off" } else { "Switch on" }.to_owned();
    let kind = move || {
        if is_active.get() {
            ButtonKind::Quiet
        } else {
            ButtonKind::Filled
        }
    };
    view! {
        <ActionForm action>
            <input type="hidden" name="webhook_id" value=webhook />
            <input
                type="hidden"
                name="is_active"
                value=move || if is_active.get() { "false" } else { "true" }
            />
            <SubmitButton
                label=Signal::derive(label)
                pending=pending(action)
                kind=Signal::derive(kind)
            />
        </ActionForm>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}

fn delete_form(desk: &Desk) -> AnyView {
    let action = ServerAction::<DeleteWebhook>::new();
    let refusal = refusal(action, desk.refused("delete_webhook"));
    let webhook = desk.webhook.clone();
    view! {
        <AskFirst word="Delete" about="this webhook".to_owned() keep="Keep webhook">
            <p>"Nothing is sent to it any more, and the log of its deliveries goes with it. This cannot be undone."</p>
            <ActionForm action>
                <input type="hidden" name="webhook_id" value=webhook />
                <SubmitButton
                    label="Delete webhook".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </AskFirst>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}
