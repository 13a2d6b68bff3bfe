//! The calls that there are.

use crate::components::{Icon, icon, nothing_found};
use crate::contract::{ActivityView, CallView, Moment};
use leptos::prelude::*;

const COLUMNS: [&str; 7] = ["Time", "Call", "Key", "Status", "Tokens in → out", "Cost", "Latency"];

/// The calls, or what to do where there are none.
pub(super) fn call_list(shown: RwSignal<ActivityView>, project: &str) -> AnyView {
    let is_empty = Memo::new(move |_| shown.with(|shown| shown.calls.is_empty()));
    let path = format!("/projects/{project}/activity");
    let list = move || {
        if is_empty.get() {
            return nothing(shown);
        }
        let path = path.clone();
        let head = COLUMNS.map(|column| {
            view! {
                <th role="columnheader" scope="col">
                    {column}
                </th>
            }
        });
        view! {
            <table class="table dense" role="table">
                <thead role="rowgroup">
                    <tr role="row">{head}</tr>
                </thead>
                <tbody role="rowgroup">
                    <For
                        each=move || shown.with(|shown| shown.calls.clone())
                        key=|call| call.id.clone()
                        children=move |call| row(shown, &call, &path)
                    />
                </tbody>
            </table>
        }
        .into_any()
    };
    view! { {list} }.into_any()
}

fn nothing(shown: RwSignal<ActivityView>) -> AnyView {
    let (looser, has_problem) = shown.with_untracked(|shown| (shown.looser.clone(), shown.problem.is_some()));
    if has_problem {
        return ().into_any();
    }
    let words = "A call stands here as soon as an application makes one.";
    nothing_found(Icon::Activity, "No calls here", words, looser)
}

/// One call. Of all that is known of it, only how long ago it was changes.
fn row(shown: RwSignal<ActivityView>, call: &CallView, path: &str) -> AnyView {
    let CallView {
        id,
        at,
        provider,
        model,
        input_tokens,
        output_tokens,
        cost,
        latency,
        ..
    } = call.clone();
    let Moment { iso, relative, exact } = at;
    let href = format!("{path}/{id}");
    let relative = Memo::new(move |before: Option<&String>| {
        let now = shown.with(|shown| {
            let call = shown.calls.iter().find(|call| call.id == id);
            call.map(|call| call.at.relative.clone())
        });
        now.or(before.cloned()).unwrap_or_else(|| relative.clone())
    });
    view! {
        <tr role="row">
            <td role="cell" data-label="Time">
                <a href=href>
                    <time datetime=iso title=exact.clone()>
                        {move || relative.get()}
                        <span class="sr-only">{format!(", {exact}")}</span>
                    </time>
                </a>
            </td>
            <td role="cell" data-label="Call">
                <span class="cell">
                    <span class="strong">{provider}</span>
                    <code>{model}</code>
                </span>
            </td>
            <td role="cell" data-label="Key">
                {key_badge(call)}
            </td>
            <td role="cell" data-label="Status">
                {status_badge(call)}
            </td>
            <td role="cell" data-label="Tokens" class="number">
                {input_tokens}
                " → "
                {output_tokens}
            </td>
            <td role="cell" data-label="Cost" class="number">
                {cost}
            </td>
            <td role="cell" data-label="Latency" class="number">
                {latency}
            </td>
        </tr>
    }
    .into_any()
}

/// Whose key served, and why another one than the project's own.
fn key_badge(call: &CallView) -> AnyView {
    let state = match call.source.as_str() {
        "byok" => "healthy",
        "platform" => "limited",
        _ => "disabled",
    };
    view! {
        <span class="cell">
            <span class="badge" data-status=state>
                {call.source_words.clone()}
            </span>
            <span class="quiet small">{call.fallback.clone()}</span>
        </span>
    }
    .into_any()
}

/// The status that the caller got, and Latchkey's own code where that says more.
fn status_badge(call: &CallView) -> AnyView {
    let (state, shape) = if call.is_failed {
        ("unhealthy", Icon::Cross)
    } else {
        ("healthy", Icon::Check)
    };
    view! {
        <span class="cell">
            <span class="badge" data-status=state>
                {icon(shape)}
                {call.status}
            </span>
            <code class="small">{call.error_code.clone()}</code>
        </span>
    }
    .into_any()
}
