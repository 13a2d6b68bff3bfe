//! One event, with all that is recorded of it.

use crate::api;
use crate::components::{Message, PageHead, fact_groups, link_row};
use crate::contract::AuditEventView;
use crate::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// One event of the organization's trail.
#[component]
pub(crate) fn AuditEventPage() -> impl IntoView {
    let params = use_params_map();
    let sequence = Memo::new(move |_| params.with(|params| params.get("sequence").unwrap_or_default()));
    move || {
        let sequence = sequence.get();
        let page = Resource::new_blocking(move || sequence.clone(), api::audit_event);
        loaded(page, move |shown, _| detail(shown.get_untracked()))
    }
}

fn detail(event: AuditEventView) -> AnyView {
    let AuditEventView {
        summary,
        problem,
        groups,
        links,
    } = event;
    view! {
        <PageHead title="Event" lead=summary>
            <a class="button outlined" href="/audit">
                "All events"
            </a>
        </PageHead>
        <Message text=Signal::derive(move || problem.clone()) />
        {fact_groups(groups)}
        {link_row(links)}
    }
    .into_any()
}
