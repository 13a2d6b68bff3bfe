//! `/webhooks/:webhook`: one webhook, what can be done with it, and what was sent to it.

use super::actions::{actions, notice_of};
use super::created::created;
use super::deliveries::deliveries;
use super::facts::facts;
use super::verify::how_to_verify;
use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{DeliveryStatus, Flash, UiError, WebhookDetailView, WebhookSecret};
use crate::loaded::{Answer, loaded};
use crate::pages::{pager, place_in_address};
use crate::poll::{UNATTENDED, poll};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::time::Duration;

/// How often the page asks while something waits to be sent.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// In how many seconds it asks while nothing waits.
const RENEW_AFTER: u64 = 10;

/// What the parts of the page share.
#[derive(Clone)]
pub(super) struct Desk {
    /// The webhook's id, sent along with every form.
    pub(super) webhook: String,
    /// The secret just made, until the person has put it away.
    pub(super) made: RwSignal<Option<WebhookSecret>>,
    /// Where the page says what was done.
    pub(super) notice: RwSignal<Option<Notice>>,
    /// The page's data, asked anew after each change.
    pub(super) page: Answer<WebhookDetailView>,
    /// The form that led here, where no script ran.
    pub(super) flash: Option<Flash>,
}

impl Desk {
    /// Why `function` was refused for this webhook, where no script ran.
    pub(super) fn refused(&self, function: &str) -> Option<UiError> {
        let flash = self.flash.as_ref()?;
        flash.refused(function, "webhook_id", &self.webhook).cloned()
    }

    /// Says what was done, and shows how things now are.
    pub(super) fn done(&self, message: &str) {
        self.notice.set(Some(Notice::saying(message)));
        self.page.refetch();
    }
}

/// One webhook.
#[component]
pub(crate) fn WebhookPage() -> impl IntoView {
    let params = use_params_map();
    let webhook = Memo::new(move |_| params.with(|params| params.get("webhook").unwrap_or_default()));
    let before = place_in_address();
    move || {
        let (webhook, before) = (webhook.get(), before.get());
        let question = (webhook.clone(), before.clone());
        let page = Resource::new_blocking(
            move || question.clone(),
            |(webhook, before)| api::webhook(webhook, before),
        );
        loaded(page, move |shown, flash| {
            let desk = Desk {
                webhook,
                made: RwSignal::new(flash.as_ref().and_then(|flash| flash.done("rotate_webhook_secret"))),
                notice: RwSignal::new(notice_of(flash.as_ref())),
                page,
                flash,
            };
            follow(shown, page);
            detail(shown, &desk, before)
        })
    }
}

/// Asks how deliveries go, while somebody looks.
fn follow(shown: RwSignal<WebhookDetailView>, page: Answer<WebhookDetailView>) {
    poll(ASK_EVERY, move |looked_at| {
        let waits = shown.try_with_untracked(|shown| {
            let mut deliveries = shown.deliveries.iter();
            deliveries.any(|delivery| delivery.status == DeliveryStatus::Waiting)
        })?;
        let is_due = waits || looked_at.as_secs().is_multiple_of(RENEW_AFTER);
        if is_due && looked_at <= UNATTENDED {
            page.refetch();
        }
        None
    });
}

fn detail(shown: RwSignal<WebhookDetailView>, desk: &Desk, before: String) -> AnyView {
    let url = Signal::derive(move || shown.with(|shown| shown.webhook.url.clone()));
    let older = Memo::new(move |_| shown.with(|shown| shown.older.clone()));
    let path = format!("/webhooks/{}", desk.webhook);
    let created = created(desk.made, &path);
    let pager = move || pager(&path, &before, older.get());
    let notice = desk.notice;
    view! {
        <PageHead title="Webhook" lead=url>
            <a class="button outlined" href="/webhooks">
                "All webhooks"
            </a>
        </PageHead>
        {created}
        <section class="card webhook" aria-label="The webhook">
            {facts(shown)} {actions(shown, desk)}
        </section>
        {deliveries(shown, desk)}
        {pager}
        {how_to_verify()}
        <NoticeRegion notice />
    }
    .into_any()
}
