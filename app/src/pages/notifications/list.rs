//! The notifications that there are.

use super::read::Marks;
use crate::components::{Icon, When, icon, urgency_badge};
use crate::contract::{LinkView, NotificationView, NotificationsView};
use crate::loaded::latest;
use leptos::prelude::*;

/// The notifications, or what will stand here.
pub(super) fn notification_list(shown: RwSignal<NotificationsView>, marks: Marks) -> AnyView {
    let is_empty = Memo::new(move |_| shown.with(|shown| shown.notifications.is_empty()));
    let list = move || {
        if is_empty.get() {
            return nothing_yet();
        }
        view! {
            <ul class="list" aria-label="Notifications">
                <For
                    each=move || shown.with(|shown| shown.notifications.clone())
                    key=|one| (one.id.clone(), one.title.clone(), one.text.clone(), one.link.clone())
                    children=move |first| item(shown, marks, first)
                />
            </ul>
        }
        .into_any()
    };
    view! { {list} }.into_any()
}

fn nothing_yet() -> AnyView {
    view! {
        <div class="empty">
            {icon(Icon::Bell)} <h2>"Nothing happened yet"</h2>
            <p>"You are told here when a key stops working, a token is about to expire, calls are locked, and the like."</p>
        </div>
    }
    .into_any()
}

/// One notification. Only how long ago it was changes, and whether it is marked as new.
fn item(shown: RwSignal<NotificationsView>, marks: Marks, first: NotificationView) -> AnyView {
    let NotificationView {
        id,
        urgency,
        title,
        text,
        happened_at,
        link,
        ..
    } = first;
    let is_marked = marks.has(id.clone());
    let when = latest(shown, happened_at, move |shown| {
        let one = shown.notifications.iter().find(|one| one.id == id)?;
        Some(one.happened_at.clone())
    });
    let link = link.map(|LinkView { label, href }| {
        let name = format!("{label}: {title}");
        view! {
            <a class="button outlined" href=href aria-label=name>
                {label}
            </a>
        }
    });
    let new = move || is_marked.get().then(|| view! { <span class="badge new">"New"</span> });
    let text = (!text.is_empty()).then(|| view! { <p>{text}</p> });
    view! {
        <li class="card told" data-new=move || is_marked.get().then_some("true")>
            {urgency_badge(urgency)}
            <div class="grow">
                <h2>{title} " " {new}</h2>
                {text}
                <p class="key-facts">
                    <When moment=when />
                </p>
            </div>
            {link}
        </li>
    }
    .into_any()
}
