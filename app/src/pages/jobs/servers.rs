//! The servers that work the queue off.

use crate::components::When;
use crate::contract::{JobsView, ServerView};
use leptos::prelude::*;

/// Every server that lives, and since when.
#[component]
pub(super) fn Servers(shown: RwSignal<JobsView>) -> impl IntoView {
    let has_any = Memo::new(move |_| shown.with(|shown| !shown.servers.is_empty()));
    let table = move || {
        if !has_any.get() {
            return view! {
                <p class="quiet">"None has said within the last two minutes that it works the queue off."</p>
            }
            .into_any();
        }
        let each = move || shown.with(|shown| shown.servers.clone());
        view! {
            <table class="table" role="table" aria-label="Servers at work">
                <thead role="rowgroup">
                    <tr role="row">
                        {["Server", "At work since", "Last seen"]
                            .map(|column| {
                                view! {
                                    <th role="columnheader" scope="col">
                                        {column}
                                    </th>
                                }
                            })}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each key=Clone::clone children=row />
                </tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="servers">
            <h2 id="servers">"Servers at work"</h2>
            {table}
        </section>
    }
}

fn row(server: ServerView) -> AnyView {
    let ServerView { id, since, seen } = server;
    view! {
        <tr role="row">
            <td role="cell" data-label="Server">
                <code>{id}</code>
            </td>
            <td role="cell" data-label="At work since">
                <When moment=since />
            </td>
            <td role="cell" data-label="Last seen">
                <When moment=seen />
            </td>
        </tr>
    }
    .into_any()
}
