//! What was sent to a webhook, and what became of it.

use super::actions::RESENT;
use super::detail::Desk;
use crate::api::ResendDelivery;
use crate::components::{ButtonKind, Icon, Message, NOTICES, SubmitButton, When, icon, state_badge};
use crate::contract::{AttemptView, DeliveryStatus, DeliveryView, WebhookDetailView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use crate::loaded::latest;
use leptos::prelude::*;

/// The deliveries, the newest first.
pub(super) fn deliveries(shown: RwSignal<WebhookDetailView>, desk: &Desk) -> AnyView {
    let is_empty = Memo::new(move |_| shown.with(|shown| shown.deliveries.is_empty()));
    let desk = desk.clone();
    let list = move || {
        if is_empty.get() {
            return view! {
                <div class="empty">
                    {icon(Icon::Webhook)} <h3>"Nothing was sent yet"</h3>
                    <p>"Each message stands here with every try to deliver it. Send a test message to see one."</p>
                </div>
            }
            .into_any();
        }
        let desk = desk.clone();
        view! {
            <ul class="list" aria-labelledby="deliveries">
                <For
                    each=move || shown.with(|shown| shown.deliveries.clone())
                    key=|delivery| delivery.id.clone()
                    children=move |first| {
                        view! { <Delivery shown first desk=desk.clone() /> }
                    }
                />
            </ul>
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="deliveries">
            <h2 id="deliveries">"Deliveries"</h2>
            {list}
        </section>
    }
    .into_any()
}

/// One message. Its state changes and tries are added while it stands here; what was opened stays open.
#[component]
fn Delivery(shown: RwSignal<WebhookDetailView>, first: DeliveryView, desk: Desk) -> impl IntoView {
    let DeliveryView {
        id,
        message_id,
        kind,
        payload,
        ..
    } = first.clone();
    let now = {
        let id = id.clone();
        latest(shown, first, move |shown| {
            shown.deliveries.iter().find(|delivery| delivery.id == id).cloned()
        })
    };
    let state = Memo::new(move |_| now.with(|now| (now.status, !now.attempts.is_empty())));
    let created_at = Memo::new(move |_| now.with(|now| now.created_at.clone()));
    let next_attempt_at = Memo::new(move |_| now.with(|now| now.next_attempt_at.clone()));
    let next = move || {
        let moment = next_attempt_at.get()?;
        let is_to_come = moment.relative.starts_with("in ");
        Some(if is_to_come {
            view! { <span>" · Next try " <When moment /></span> }.into_any()
        } else {
            " · Being tried now".into_any()
        })
    };
    let about = format!("{kind} {message_id}");
    view! {
        <li class="card delivery">
            <div class="delivery-head">
                {move || {
                    let (status, was_tried) = state.get();
                    badge(status, was_tried)
                }}
                <div class="grow">
                    <h3>
                        <code>{kind}</code>
                    </h3>
                    <p class="key-facts">
                        "Made " <When moment=created_at /> {next}
                        <span class="block break">"Message " <code>{message_id}</code></span>
                    </p>
                </div>
                {resend_form(id, about, &desk)}
            </div>
            <ul class="attempts" aria-label="Tries">
                <For
                    each=move || now.with(|now| now.attempts.clone())
                    key=Clone::clone
                    children=attempt
                />
            </ul>
            <details class="payload">
                <summary class="button quiet">{icon(Icon::Chevron)} "What is sent"</summary>
                <pre tabindex="0">
                    <code>{payload}</code>
                </pre>
            </details>
        </li>
    }
}

fn badge(status: DeliveryStatus, was_tried: bool) -> AnyView {
    match (status, was_tried) {
        (DeliveryStatus::Waiting, false) => state_badge("unknown", Icon::Clock, "Waiting"),
        (DeliveryStatus::Waiting, true) => state_badge("limited", Icon::Clock, "Will be tried again"),
        (DeliveryStatus::Delivered, _) => state_badge("healthy", Icon::Check, "Delivered"),
        (DeliveryStatus::GivenUp, _) => state_badge("unhealthy", Icon::Cross, "Given up"),
    }
}

/// One try: what the receiver said, how fast, and when.
fn attempt(attempt: AttemptView) -> AnyView {
    let AttemptView {
        at,
        milliseconds,
        status,
        answer,
    } = attempt;
    let is_taken = status.is_some_and(|status| (200..300).contains(&status));
    let (shape, tone) = if is_taken {
        (Icon::Check, "good")
    } else {
        (Icon::Cross, "bad")
    };
    let said = status.map_or_else(|| "No answer".to_owned(), |status| format!("Status {status}"));
    let answer = (!answer.is_empty()).then(|| view! { <code class="answer">{answer}</code> });
    view! {
        <li>
            <span class="attempt" data-tone=tone>
                {icon(shape)}
                {said}
            </span>
            <span class="quiet small">
                {format!("{milliseconds} ms · ")} <When moment=at />
            </span>
            {answer}
        </li>
    }
    .into_any()
}

/// Sends the message once more, under the same id.
fn resend_form(id: String, about: String, desk: &Desk) -> AnyView {
    let flash = desk.flash.as_ref();
    let earlier = flash.and_then(|flash| flash.refused("resend_delivery", "delivery_id", &id));
    let action = ServerAction::<ResendDelivery>::new();
    let refusal = refusal(action, earlier.cloned());
    let (webhook, desk) = (desk.webhook.clone(), desk.clone());
    on_answer(action, move |answer| {
        if answer.is_ok() {
            desk.done(RESENT);
            focus_on(NOTICES);
        }
    });
    view! {
        <ActionForm action>
            <input type="hidden" name="webhook_id" value=webhook />
            <input type="hidden" name="delivery_id" value=id />
            <SubmitButton
                label="Send again".to_owned()
                about
                pending=pending(action)
                kind=ButtonKind::Outlined
            />
        </ActionForm>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}
