//! `/projects/:project/activity` and, below it, one call.

mod call;
mod list;
mod live;

pub(crate) use call::CallPage;

use super::checklist::checklist;
use super::project_in_address;
use crate::api;
use crate::components::{Message, PageHead, filter_form};
use crate::contract::{ActivityFilter, ActivityView};
use crate::loaded::{Answer, loaded};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use list::call_list;
use live::live_bar;

/// What the parts of one page share.
#[derive(Clone)]
struct Desk {
    /// The project's slug.
    project: String,
    /// What the address asks for.
    filter: ActivityFilter,
    /// The page's data as the server last gave it whole.
    page: Answer<ActivityView>,
}

/// One project's calls, the newest first.
#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
    let project = project_in_address();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| (filter_in(query), text_in(query, "before"))));
    move || {
        let project = project.get();
        let (filter, before) = asked.get();
        let question = (project.clone(), filter.clone(), before);
        let page = Resource::new_blocking(
            move || question.clone(),
            |(project, filter, before)| api::activity(project, filter, before, String::new()),
        );
        loaded(page, move |shown, _| activity(shown, &Desk { project, filter, page }))
    }
}

fn activity(shown: RwSignal<ActivityView>, desk: &Desk) -> AnyView {
    let view = shown.get_untracked();
    let steps = Signal::derive(move || shown.with(|shown| shown.checklist.clone()));
    // Before the first call there is nothing to filter.
    let is_before_all = move || shown.with(|shown| shown.checklist.is_some());
    let older = view.older.clone().map(|older| {
        view! {
            <p class="row pager">
                <a class="button outlined" href=older>
                    "Older"
                </a>
            </p>
        }
    });
    let csv = format!("/projects/{}/activity.csv{}", desk.project, view.query);
    let problem = view.problem.clone();
    let live = view.is_live.then(|| live_bar(shown, desk));
    view! {
        <PageHead
            title="Activity"
            lead="Calls through the gateway, the newest first. What was said in them is never kept.".to_owned()
        >
            <a class="button outlined" href=csv rel="external" download="">
                "Download CSV"
            </a>
        </PageHead>
        {checklist(steps, &desk.project)}
        <div hidden=is_before_all>{filter_form(view.fields, format!("/projects/{}/activity", desk.project))}</div>
        <Message text=Signal::derive(move || problem.clone()) />
        {live}
        {call_list(shown, &desk.project)}
        {older}
    }
    .into_any()
}

fn text_in(query: &ParamsMap, name: &str) -> String {
    query.get(name).unwrap_or_default()
}

fn filter_in(query: &ParamsMap) -> ActivityFilter {
    let text = |name| text_in(query, name);
    ActivityFilter {
        range: text("range"),
        from: text("from"),
        to: text("to"),
        provider: text("provider"),
        model: text("model"),
        source: text("source"),
        status: text("status"),
        token: text("token"),
        session: text("session"),
        label: text("label"),
    }
}
