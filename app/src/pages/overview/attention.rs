//! What needs attention, and what to do about it.

use crate::components::{Icon, When, icon, urgency_badge};
use crate::contract::{AttentionView, LinkView, OverviewView};
use crate::loaded::latest;
use leptos::prelude::*;

/// The strip that says what is wrong, the most urgent first; or that nothing is.
pub(super) fn attention(shown: RwSignal<OverviewView>) -> AnyView {
    let count = Memo::new(move |_| shown.with(|shown| shown.attention.len()));
    let said = move || match count.get() {
        0 => "Nothing needs attention.".to_owned(),
        1 => "1 thing needs attention.".to_owned(),
        more => format!("{more} things need attention."),
    };
    let is_calm = Memo::new(move |_| count.get() == 0);
    // What needs attention speaks for itself; the number is for those who hear the page.
    let sum = move || if is_calm.get() { "calm" } else { "sr-only" };
    let items = move || {
        (!is_calm.get()).then(|| {
            view! {
                <ul class="list">
                    <For
                        each=move || shown.with(|shown| shown.attention.clone())
                        key=|item| AttentionView { since: None, ..item.clone() }
                        children=move |first| item(shown, first)
                    />
                </ul>
            }
        })
    };
    view! {
        <section class="attention" aria-labelledby="attention">
            <h2 id="attention">"Needs attention"</h2>
            <p class=sum role="status">
                {move || is_calm.get().then(|| icon(Icon::Check))}
                <span>{said}</span>
            </p>
            {items}
        </section>
    }
    .into_any()
}

/// One thing. Of all that is known of it, only how long ago it began changes.
fn item(shown: RwSignal<OverviewView>, first: AttentionView) -> AnyView {
    let AttentionView {
        id,
        urgency,
        title,
        text,
        since,
        action: LinkView { label, href },
    } = first;
    let since = since.map(|since| {
        let since = latest(shown, since, move |shown| {
            let item = shown.attention.iter().find(|item| item.id == id)?;
            item.since.clone()
        });
        view! {
            <p class="key-facts">
                "Since " <When moment=since />
            </p>
        }
    });
    let name = format!("{label}: {title}");
    view! {
        <li class="card told">
            {urgency_badge(urgency)} <div class="grow">
                <h3>{title}</h3>
                <p>{text}</p>
                {since}
            </div>
            <a class="button outlined" href=href aria-label=name>
                {label}
            </a>
        </li>
    }
    .into_any()
}
