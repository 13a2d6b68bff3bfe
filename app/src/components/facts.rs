//! What is recorded of something, in groups.

use super::CopyButton;
use crate::contract::{FactGroupView, FactView};
use leptos::prelude::*;

/// Facts in groups, each with what it means.
pub(crate) fn fact_groups(groups: Vec<FactGroupView>) -> AnyView {
    view! { <div class="fact-groups">{groups.into_iter().map(group).collect_view()}</div> }.into_any()
}

fn group(group: FactGroupView) -> AnyView {
    let FactGroupView { title, facts } = group;
    view! {
        <section class="card fact-group">
            <h2>{title}</h2>
            <dl>{facts.into_iter().map(fact).collect_view()}</dl>
        </section>
    }
    .into_any()
}

fn fact(fact: FactView) -> AnyView {
    let FactView {
        name,
        value,
        meaning,
        is_id,
    } = fact;
    let shown = if is_id {
        view! {
            <code class="break">{value.clone()}</code>
            <CopyButton text=value what="id" />
        }
        .into_any()
    } else {
        view! { <span class="break">{value}</span> }.into_any()
    };
    view! {
        <div>
            <dt>{name}</dt>
            <dd>
                <span class="fact">{shown}</span>
                <span class="hint">{meaning}</span>
            </dd>
        </div>
    }
    .into_any()
}
