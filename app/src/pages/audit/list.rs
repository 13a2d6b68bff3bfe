//! The events that there are.

use crate::components::{Icon, nothing_found};
use crate::contract::{AuditRowView, LinkView, Moment, NamedView};
use leptos::prelude::*;

const COLUMNS: [&str; 5] = ["Time", "Event", "By", "To", "Place"];

/// The events, or what to do where there are none.
pub(super) fn event_list(events: Vec<AuditRowView>, looser: Vec<LinkView>, has_problem: bool) -> AnyView {
    if has_problem {
        return ().into_any();
    }
    if events.is_empty() {
        let words = "What people and tokens change stands here as soon as they do.";
        return nothing_found(Icon::Audit, "No events here", words, looser);
    }
    let head = COLUMNS.map(|column| {
        view! {
            <th role="columnheader" scope="col">
                {column}
            </th>
        }
    });
    view! {
        <table class="table dense trail" role="table">
            <thead role="rowgroup">
                <tr role="row">{head}</tr>
            </thead>
            <tbody role="rowgroup">{events.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn row(event: AuditRowView) -> AnyView {
    let AuditRowView {
        sequence,
        at: Moment { iso, relative, exact },
        event,
        actor,
        target,
    } = event;
    view! {
        <tr role="row">
            <td role="cell" data-label="Time">
                <a href=format!("/audit/{sequence}")>
                    <time datetime=iso title=exact.clone()>
                        {relative}
                        <span class="sr-only">{format!(", {exact}")}</span>
                    </time>
                </a>
            </td>
            <td role="cell" data-label="Event">
                <span class="strong">{event}</span>
            </td>
            <td role="cell" data-label="By">
                {named(actor)}
            </td>
            <td role="cell" data-label="To">
                {named(target)}
            </td>
            <td role="cell" data-label="Place">
                <span class="quiet">{format!("#{sequence}")}</span>
            </td>
        </tr>
    }
    .into_any()
}

/// Somebody or something, leading to its page where it has one.
fn named(named: NamedView) -> AnyView {
    let NamedView {
        kind,
        name,
        is_id,
        href,
    } = named;
    let name = if is_id {
        view! { <code>{name}</code> }.into_any()
    } else {
        view! { <span class="break">{name}</span> }.into_any()
    };
    let name = match href {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => name,
    };
    view! { <span class="cell">{name} <span class="quiet small">{kind}</span></span> }.into_any()
}
