//! One call, with all that is recorded of it.

use crate::api;
use crate::components::{PageHead, fact_groups};
use crate::contract::{AdviceView, CallDetailView, LinkView};
use crate::loaded::loaded;
use crate::pages::project_in_address;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// One call of a project.
#[component]
pub(crate) fn CallPage() -> impl IntoView {
    let project = project_in_address();
    let params = use_params_map();
    let call = Memo::new(move |_| params.with(|params| params.get("call").unwrap_or_default()));
    move || {
        let project = project.get();
        let question = (project.clone(), call.get());
        let page = Resource::new_blocking(
            move || question.clone(),
            |(project, call)| api::activity_call(project, call),
        );
        loaded(page, move |shown, _| detail(shown.get_untracked(), &project))
    }
}

fn detail(call: CallDetailView, project: &str) -> AnyView {
    let CallDetailView {
        summary,
        advice,
        groups,
    } = call;
    let all = format!("/projects/{project}/activity");
    view! {
        <PageHead title="Call" lead=summary>
            <a class="button outlined" href=all>
                "All calls"
            </a>
        </PageHead>
        {advice.map(advice_box)}
        {fact_groups(groups)}
    }
    .into_any()
}

fn advice_box(advice: AdviceView) -> AnyView {
    let AdviceView { title, words, link } = advice;
    let link = link.map(|LinkView { label, href }| {
        view! {
            <p>
                <a class="button outlined" href=href>
                    {label}
                </a>
            </p>
        }
    });
    view! {
        <section class="card advice">
            <h2>{title}</h2>
            <p>{words}</p>
            {link}
        </section>
    }
    .into_any()
}
