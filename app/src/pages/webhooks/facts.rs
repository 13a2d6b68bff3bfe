//! What is known of a webhook.

use super::{status_badge, told_of};
use crate::components::{Icon, When, icon, when_or};
use crate::contract::WebhookDetailView;
use leptos::prelude::*;

/// How the webhook is, and what it is told of.
pub(super) fn facts(shown: RwSignal<WebhookDetailView>) -> AnyView {
    let status = Memo::new(move |_| shown.with(|shown| shown.webhook.status));
    let problem = Memo::new(move |_| shown.with(|shown| shown.webhook.problem.clone()));
    let description = Memo::new(move |_| shown.with(|shown| shown.webhook.description.clone()));
    let told = Memo::new(move |_| shown.with(|shown| told_of(&shown.webhook.kinds, &shown.kinds)));
    let last_sent_at = Memo::new(move |_| shown.with(|shown| shown.webhook.last_sent_at.clone()));
    let old_secret_until = Memo::new(move |_| shown.with(|shown| shown.webhook.old_secret_until.clone()));
    let made = shown.with_untracked(|shown| shown.webhook.clone());
    let problem = move || {
        let problem = Some(problem.get()).filter(|problem| !problem.is_empty())?;
        Some(view! { <p class="message" data-tone="danger">{icon(Icon::Warning)} <span>{problem}</span></p> })
    };
    let description = move || {
        let description = Some(description.get()).filter(|description| !description.is_empty())?;
        Some(view! { <p class="break">{description}</p> })
    };
    let secret = move || {
        old_secret_until.get().map_or_else(
            || view! { "One" }.into_any(),
            |until| {
                view! { <span>"Two: the old one signs too until it ends, " <When moment=until /></span> }.into_any()
            },
        )
    };
    view! {
        {description}
        <div role="status">{problem}</div>
        <dl class="facts">
            <dt>"Status"</dt>
            <dd>{move || status_badge(status.get())}</dd>
            <dt>"Told of"</dt>
            <dd>{told}</dd>
            <dt>"Last sent"</dt>
            <dd>{move || when_or(last_sent_at.get(), "Never")}</dd>
            <dt>"Signing secrets"</dt>
            <dd>{secret}</dd>
            <dt>"Added"</dt>
            <dd>
                <span>
                    <When moment=made.created_at />
                    <span class="break">{format!(" by {}", made.created_by)}</span>
                </span>
            </dd>
        </dl>
    }
    .into_any()
}
