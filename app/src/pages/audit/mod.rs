//! `/audit` and, below it, one event.

mod event;
mod list;
mod verify;

pub(crate) use event::AuditEventPage;

use crate::api;
use crate::components::{Message, PageHead, filter_form};
use crate::contract::{AuditFilter, AuditView, Flash};
use crate::loaded::loaded;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use list::event_list;
use verify::verify_form;

/// Who did what in the organization, the newest first.
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let asked =
        Memo::new(move |_| query.with(|query| (filter_in(query), text_in(query, "before"), text_in(query, "after"))));
    move || {
        let question = asked.get();
        let page = Resource::new_blocking(
            move || question.clone(),
            |(filter, before, after)| api::audit(filter, before, after),
        );
        loaded(page, move |shown, flash| trail(shown.get_untracked(), flash.as_ref()))
    }
}

fn trail(view: AuditView, flash: Option<&Flash>) -> AnyView {
    let AuditView {
        events,
        fields,
        problem,
        older,
        newer,
        looser,
        csv,
        json_lines,
    } = view;
    let has_problem = problem.is_some();
    let pager = [(newer, "Newer"), (older, "Older")].map(|(query, label)| {
        query.map(|query| {
            view! {
                <a class="button outlined" href=query>
                    {label}
                </a>
            }
        })
    });
    view! {
        <PageHead
            title="Audit"
            lead="Who did what, the newest first. Events are chained, so that none can be changed or removed unseen."
                .to_owned()
        >
            <div class="row">
                <a class="button outlined" href=csv rel="external" download="">
                    "Download CSV"
                </a>
                <a class="button outlined" href=json_lines rel="external" download="">
                    "Download JSONL"
                </a>
            </div>
        </PageHead>
        {verify_form(flash)}
        {filter_form(fields, "/audit".to_owned())}
        <Message text=Signal::derive(move || problem.clone()) />
        {event_list(events, looser, has_problem)}
        <p class="row pager">{pager}</p>
    }
    .into_any()
}

fn text_in(query: &ParamsMap, name: &str) -> String {
    query.get(name).unwrap_or_default()
}

fn filter_in(query: &ParamsMap) -> AuditFilter {
    let text = |name| text_in(query, name);
    AuditFilter {
        event: text("event"),
        actor: text("actor"),
        target: text("target"),
        from: text("from"),
        to: text("to"),
    }
}
