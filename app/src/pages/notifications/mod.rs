//! `/notifications` and, below it, which of them reach whom.

mod choices;
mod list;
mod read;

pub(crate) use choices::NotificationChoicesPage;

use super::{pager, place_in_address};
use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{Flash, NotificationsView, UnreadView};
use crate::loaded::{Answer, loaded};
use leptos::prelude::*;
use leptos_router::components::A;
use list::notification_list;
use read::{Marks, read_form};

/// What happened that the person wants to know of, the newest first.
#[component]
pub(crate) fn NotificationsPage() -> impl IntoView {
    let before = place_in_address();
    move || {
        let before = before.get();
        let asked = before.clone();
        let page = Resource::new_blocking(move || asked.clone(), api::notifications);
        loaded(page, move |shown, flash| {
            notifications(shown, page, &before, flash.as_ref())
        })
    }
}

fn notifications(
    shown: RwSignal<NotificationsView>,
    page: Answer<NotificationsView>,
    before: &str,
    flash: Option<&Flash>,
) -> AnyView {
    let marks = Marks::of(shown, page, before.is_empty());
    let done = flash.and_then(|flash| flash.done::<UnreadView>("read_notifications"));
    let notice = RwSignal::new(done.map(|_| Notice::saying("All notifications are marked as read.")));
    let older = Memo::new(move |_| shown.with(|shown| shown.older.clone()));
    let before = before.to_owned();
    let pager = move || pager("/notifications", &before, older.get());
    let read = read_form(shown, marks, notice, flash);
    view! {
        <PageHead
            title="Notifications"
            lead="What happened that you want to know of, the newest first.".to_owned()
        >
            <div class="row">
                {read}
                <A href="/notifications/choices" attr:class="button outlined">
                    "Choose what you are told"
                </A>
            </div>
        </PageHead>
        {notification_list(shown, marks)}
        {pager}
        <NoticeRegion notice />
    }
    .into_any()
}
