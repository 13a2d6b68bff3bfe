//! The last step: what became of each line.

use super::Desk;
use crate::components::{Icon, icon};
use crate::contract::{ImportedLineView, ImportedView};
use crate::forms::focus_on;
use leptos::html::H2;
use leptos::prelude::*;
use leptos_router::components::A;

/// What became of each line that was chosen.
#[component]
pub(super) fn Imported(imported: ImportedView, desk: Desk) -> impl IntoView {
    let heading = NodeRef::<H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let all = imported.lines.len();
    let done = imported.lines.iter().filter(|line| line.is_imported).count();
    let rows = imported.lines.into_iter().map(row).collect_view();
    let shown = desk.imported;
    let keys = format!("/projects/{}/keys", desk.project);
    let again = format!("/projects/{}/keys/import", desk.project);
    view! {
        <section class="section" aria-labelledby="imported">
            <h2 id="imported" tabindex="-1" node_ref=heading>
                {format!("{done} of {all} imported")}
            </h2>
            <ul class="list">{rows}</ul>
            <p class="row">
                <A href=keys attr:class="button filled">
                    "Go to provider keys"
                </A>
                // Without script the link loads the page anew, and the outcome is gone from it.
                <a
                    class="button outlined"
                    href=again
                    rel="external"
                    on:click=move |event| {
                        event.prevent_default();
                        shown.set(None);
                        focus_on("main");
                    }
                >
                    "Import more"
                </a>
            </p>
        </section>
    }
}

fn row(line: ImportedLineView) -> AnyView {
    let ImportedLineView {
        line,
        provider,
        redacted,
        is_imported,
        message,
    } = line;
    let badge = if is_imported {
        view! { <span class="badge" data-status="healthy">{icon(Icon::Check)} "Imported"</span> }.into_any()
    } else {
        view! { <span class="badge" data-status="unhealthy">{icon(Icon::Cross)} "Not imported"</span> }.into_any()
    };
    view! {
        <li class="card project-row">
            <div class="grow">
                <p class="strong">
                    {provider} " " <code class="key">{redacted}</code> " "
                    <span class="hint">{format!("line {line}")}</span>
                </p>
                <p class="break">{message}</p>
            </div>
            {badge}
        </li>
    }
    .into_any()
}
