//! The way to a project's first call, ticking itself.

use crate::components::{CopyButton, Icon, icon};
use crate::contract::ChecklistView;
use leptos::prelude::*;
use std::time::Duration;

/// How often a page asks how far the checklist is.
pub(super) const ASK_EVERY: Duration = Duration::from_secs(3);

/// The steps, while there are any to take. Once the call has come it says so, and stays away from
/// the next page on.
pub(super) fn checklist(steps: Signal<Option<ChecklistView>>, project: &str) -> AnyView {
    let last = Memo::new(move |last: Option<&Option<ChecklistView>>| {
        steps.get().or_else(|| {
            let mut done = last?.clone()?;
            (done.has_key, done.has_token, done.has_call) = (true, true, true);
            Some(done)
        })
    });
    let is_there = Memo::new(move |_| last.with(Option::is_some));
    let (keys, tokens, activity) = (
        // OpenAI's, because the call below goes there.
        format!("/projects/{project}/keys?add=openai#provider-openai"),
        format!("/projects/{project}/tokens?scope=use:gateway"),
        format!("/projects/{project}/activity"),
    );
    let is_done = move |which: fn(&ChecklistView) -> bool| {
        Signal::derive(move || last.with(|steps| steps.as_ref().is_some_and(which)))
    };
    let (has_key, has_token, has_call) = (
        is_done(|steps| steps.has_key),
        is_done(|steps| steps.has_token),
        is_done(|steps| steps.has_call),
    );
    let said = move || {
        if has_call.get() {
            return "Your first call arrived.".to_owned();
        }
        let done = [has_key, has_token].into_iter().filter(Signal::get).count();
        format!("{done} of 4 steps done")
    };
    let content = move || {
        let curl = last.with_untracked(|steps| Some(steps.as_ref()?.curl.clone()))?;
        let steps = [
            step(
                has_key,
                view! { <a href=keys.clone()>"Add a provider key"</a> }.into_any(),
            ),
            step(
                has_token,
                view! {
                    <a href=tokens.clone()>"Create a token"</a>
                    " that may call models (use:gateway)"
                }
                .into_any(),
            ),
            step(
                has_call,
                view! {
                    <p>"Run this, with the token in " <code>"LATCHKEY_TOKEN"</code></p>
                    <div class="copyable">
                        <pre tabindex="0">
                            <code>{curl.clone()}</code>
                        </pre>
                        <CopyButton text=curl what="command" />
                    </div>
                }
                .into_any(),
            ),
            step(
                has_call,
                view! { "See it arrive under " <a href=activity.clone()>"Activity"</a> }.into_any(),
            ),
        ];
        Some(view! {
            <section class="card checklist" aria-labelledby="first-call">
                <h2 id="first-call">"Your first call"</h2>
                <p class="quiet" role="status">
                    {said}
                </p>
                <ol>{steps}</ol>
            </section>
        })
    };
    view! { {move || is_there.get().then(&content)} }.into_any()
}

fn step(is_done: Signal<bool>, content: AnyView) -> AnyView {
    let mark = move || {
        is_done
            .get()
            .then(|| view! { {icon(Icon::Check)} <span class="sr-only">"Done: "</span> })
    };
    view! {
        <li data-done=move || if is_done.get() { "true" } else { "false" }>
            <span class="tick">{mark}</span>
            <div class="grow">{content}</div>
        </li>
    }
    .into_any()
}
