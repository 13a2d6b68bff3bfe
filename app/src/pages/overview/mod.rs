//! `/`: what needs attention, the way to the first call, and how the last day went.

mod attention;
mod last_day;

use super::checklist::{ASK_EVERY, checklist};
use super::frame::Session;
use super::projects::create_project_form;
use crate::api;
use crate::components::PageHead;
use crate::contract::{Flash, OverviewView};
use crate::loaded::{Answer, loaded};
use crate::poll::{UNATTENDED, poll};
use attention::attention;
use last_day::last_day;
use leptos::prelude::*;

/// In how many seconds the page is asked for anew, once the first call has come.
const RENEW_AFTER: u64 = 9;

/// Where people come in.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::overview());
    loaded(page, move |shown, flash| {
        follow(shown, page);
        overview(shown, flash)
    })
}

/// Asks how things are, while somebody looks: steps on the way to the first call tick at once, the rest is in no hurry.
fn follow(shown: RwSignal<OverviewView>, page: Answer<OverviewView>) {
    poll(ASK_EVERY, move |looked_at| {
        let has_steps = shown.try_with_untracked(|shown| shown.first_call.is_some())?;
        let is_due = has_steps || looked_at.as_secs().is_multiple_of(RENEW_AFTER);
        if is_due && looked_at <= UNATTENDED {
            page.refetch();
        }
        None
    });
}

fn overview(shown: RwSignal<OverviewView>, flash: Option<Flash>) -> AnyView {
    let has_project = Memo::new(move |_| shown.with(|shown| !shown.projects.is_empty()));
    // Stays that of the project that it began with, so that its last step is seen to tick.
    let first_call = Memo::new(move |before: Option<&Option<String>>| {
        let now = shown.with(|shown| Some(shown.first_call.as_ref()?.project.clone()));
        now.or_else(|| before.cloned().flatten())
    });
    let steps = Signal::derive(move || shown.with(|shown| Some(shown.first_call.as_ref()?.steps.clone())));
    let has_any = Memo::new(move |_| shown.with(|shown| !shown.projects.is_empty() || !shown.attention.is_empty()));
    let content = move || {
        if !has_project.get() {
            return first_project(flash.clone());
        }
        view! {
            {move || first_call.get().map(|project| checklist(steps, &project))}
            {last_day(shown)}
        }
        .into_any()
    };
    let lead = move || {
        shown.with(|shown| {
            format!(
                "What needs attention in {}, and how the last day went.",
                shown.organization
            )
        })
    };
    view! {
        <PageHead title="Overview" lead=Signal::derive(lead) />
        {move || has_any.get().then(|| attention(shown))}
        {content}
    }
    .into_any()
}

/// What to do before all else.
fn first_project(flash: Option<Flash>) -> AnyView {
    let session = use_context::<Session>();
    let content = async move {
        let Session(session) = session?;
        let may_create = session.await.ok()?.permissions.write_projects;
        Some(if may_create {
            create_project_form(flash.as_ref())
        } else {
            view! { <p>"An owner or admin of the organization can create it."</p> }.into_any()
        })
    };
    let content = untrack(|| Suspend::new(content));
    view! {
        <section class="card form-card" aria-labelledby="first-project">
            <h2 id="first-project">"Begin with a project"</h2>
            <p class="quiet">"Each project has its own provider keys and tokens. The keys that its calls should use come next."</p>
            <Transition>{content}</Transition>
        </section>
    }
    .into_any()
}
