//! `/webhooks` and, below it, one webhook.

mod actions;
mod created;
mod deliveries;
mod detail;
mod facts;
mod fields;
mod list;
mod rotate;
mod verify;

pub(crate) use detail::WebhookPage;

use crate::api::{self, CreateWebhook};
use crate::components::{ButtonKind, Icon, Message, Notice, NoticeRegion, PageHead, SubmitButton, icon, state_badge};
use crate::contract::{Flash, OptionView, WebhookSecret, WebhookStatus, WebhooksView};
use crate::forms::{at_form, on_answer, pending, refusal};
use crate::loaded::{Answer, loaded};
use created::created;
use fields::{FIELDS, Typed, webhook_fields};
use leptos::html::Details;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use list::webhook_list;
use verify::how_to_verify;

/// The addresses of the organization that are told of what happens.
#[component]
pub(crate) fn WebhooksPage() -> impl IntoView {
    let was_deleted = use_query_map().with_untracked(|query| query.get("deleted").is_some());
    let page = Resource::new_blocking(|| (), |()| api::webhooks());
    loaded(page, move |shown, flash| {
        view! { <Webhooks shown page was_deleted flash /> }.into_any()
    })
}

#[component]
fn Webhooks(
    shown: RwSignal<WebhooksView>,
    page: Answer<WebhooksView>,
    was_deleted: bool,
    flash: Option<Flash>,
) -> impl IntoView {
    let made = RwSignal::new(flash.as_ref().and_then(|flash| flash.done("create_webhook")));
    let deleted = || Notice::saying("Webhook deleted. Nothing is sent to it any more.");
    let notice = RwSignal::new(was_deleted.then(deleted));
    let create = create_form(&shown.get_untracked(), page, made, flash.as_ref());
    view! {
        <PageHead
            title="Webhooks"
            lead="Addresses of yours that are told, within seconds, of what happens.".to_owned()
        >
            {create}
        </PageHead>
        {created(made, "/webhooks")}
        {webhook_list(shown)}
        {how_to_verify()}
        <NoticeRegion notice />
    }
}

fn create_form(
    view: &WebhooksView,
    page: Answer<WebhooksView>,
    made: RwSignal<Option<WebhookSecret>>,
    flash: Option<&Flash>,
) -> AnyView {
    let flash = flash.filter(|flash| flash.refused_by("create_webhook").is_some());
    let earlier = flash.and_then(|flash| flash.refused_by("create_webhook")).cloned();
    let is_open = earlier.is_some();
    let typed = flash.map(Typed::before).unwrap_or_default();
    let action = ServerAction::<CreateWebhook>::new();
    let refusal = refusal(action, earlier);
    let details = NodeRef::<Details>::new();
    on_answer(action, move |answer| {
        if let Ok(secret) = answer {
            made.set(Some(secret));
            page.refetch();
            if let Some(details) = details.get_untracked() {
                details.set_open(false);
            }
        }
    });
    let fields = webhook_fields(typed, &view.kinds, refusal);
    let organization = view.organization_id.clone();
    view! {
        <details class="disclosure" node_ref=details open=is_open>
            <summary class="button filled">{icon(Icon::Plus)} "Add webhook"</summary>
            <div class="disclosed panel">
                <ActionForm action attr:class="stack">
                    <input type="hidden" name="organization_id" value=organization />
                    {fields}
                    <Message text=at_form(refusal, FIELDS) />
                    <SubmitButton
                        label="Add webhook".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}

/// How a webhook is, as a badge.
fn status_badge(status: WebhookStatus) -> AnyView {
    match status {
        WebhookStatus::Unused => state_badge("unknown", Icon::Clock, "Not used yet"),
        WebhookStatus::Working => state_badge("healthy", Icon::Check, "Working"),
        WebhookStatus::Failing => state_badge("unhealthy", Icon::Cross, "Failing"),
        WebhookStatus::Off => state_badge("disabled", Icon::Pause, "Off"),
    }
}

/// What a webhook is told of, in words.
fn told_of(chosen: &[String], kinds: &[OptionView]) -> String {
    if chosen.is_empty() {
        return "Everything".to_owned();
    }
    let name = |kind: &String| {
        let known = kinds.iter().find(|known| known.value == *kind);
        known.map_or_else(|| kind.clone(), |known| known.label.clone())
    };
    chosen.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{OptionView, told_of};

    #[test]
    fn kinds_are_told_by_their_names() {
        let kinds = [OptionView::new("key.unhealthy", "Key stopped working")];
        let chosen = |kinds: &[&str]| kinds.iter().map(|&kind| kind.to_owned()).collect::<Vec<_>>();
        assert_eq!(told_of(&[], &kinds), "Everything");
        assert_eq!(
            told_of(&chosen(&["key.unhealthy", "added.later"]), &kinds),
            "Key stopped working, added.later"
        );
    }
}
