//! The webhooks that there are.

use super::{status_badge, told_of};
use crate::components::{Icon, icon, when_or};
use crate::contract::{OptionView, WebhookView, WebhooksView};
use leptos::prelude::*;

const COLUMNS: [&str; 4] = ["Address", "Status", "Told of", "Last sent"];

/// The webhooks, or what one is for.
pub(super) fn webhook_list(shown: RwSignal<WebhooksView>) -> AnyView {
    let is_empty = Memo::new(move |_| shown.with(|shown| shown.webhooks.is_empty()));
    let kinds = StoredValue::new(shown.with_untracked(|shown| shown.kinds.clone()));
    let list = move || {
        if is_empty.get() {
            return nothing_yet();
        }
        let head = COLUMNS.map(|column| {
            view! {
                <th role="columnheader" scope="col">
                    {column}
                </th>
            }
        });
        view! {
            <table class="table webhooks" role="table" aria-label="Webhooks">
                <thead role="rowgroup">
                    <tr role="row">{head}</tr>
                </thead>
                <tbody role="rowgroup">
                    <For
                        each=move || shown.with(|shown| shown.webhooks.clone())
                        key=Clone::clone
                        children=move |webhook| kinds.with_value(|kinds| row(webhook, kinds))
                    />
                </tbody>
            </table>
        }
        .into_any()
    };
    view! { {list} }.into_any()
}

fn nothing_yet() -> AnyView {
    view! {
        <div class="empty">
            {icon(Icon::Webhook)} <h2>"No webhooks yet"</h2>
            <p>"Add one, and a server of yours is told when a key stops working, calls are locked, and the like."</p>
        </div>
    }
    .into_any()
}

fn row(webhook: WebhookView, kinds: &[OptionView]) -> AnyView {
    let told = told_of(&webhook.kinds, kinds);
    let WebhookView {
        id,
        url,
        description,
        status,
        problem,
        last_sent_at,
        ..
    } = webhook;
    view! {
        <tr role="row">
            <td role="cell" data-label="Address">
                <a class="strong break" href=format!("/webhooks/{id}")>
                    {url}
                </a>
                <span class="quiet break">{description}</span>
            </td>
            <td role="cell" data-label="Status">
                <span class="cell">
                    {status_badge(status)} <span class="small break">{problem}</span>
                </span>
            </td>
            <td role="cell" data-label="Told of">
                {told}
            </td>
            <td role="cell" data-label="Last sent">
                {when_or(last_sent_at, "Never")}
            </td>
        </tr>
    }
    .into_any()
}
