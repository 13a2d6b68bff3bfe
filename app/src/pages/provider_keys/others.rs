//! A provider's keys beside its default one.

use super::Desk;
use super::ask_forms::stop_form;
use super::facts::{dates, said, twins};
use super::key_actions::KeyActions;
use super::subject::Subject;
use crate::components::{Countdown, StatusBadge, When, status_name};
use crate::contract::{CardView, KeyView};
use leptos::html::H2;
use leptos::prelude::*;

/// The provider's other keys, in the order that people gave them. Stays away when there are none.
#[component]
pub(super) fn OtherKeys(card: Memo<CardView>, heading: NodeRef<H2>, desk: Desk) -> impl IntoView {
    let has_any = Memo::new(move |_| card.with(|card| !card.others.is_empty()));
    // A key with another name, or with an end, is told of in other words.
    let each = move || {
        let row = |key: &KeyView| (key.id.clone(), key.name.clone(), key.retires_at.is_some());
        card.with(|card| card.others.iter().map(row).collect::<Vec<_>>())
    };
    move || {
        let desk = desk.clone();
        has_any.get().then(|| {
            let row = move |(id, ..): (String, String, bool)| {
                Subject::of(card, &id, heading, &desk).map(|subject| view! { <OtherKey subject /> })
            };
            view! {
                <ul class="other-keys" aria-label="Other keys">
                    <For each key=Clone::clone children=row />
                </ul>
            }
        })
    }
}

#[component]
fn OtherKey(subject: Subject) -> impl IntoView {
    let (key, status) = (subject.key, subject.status());
    let KeyView { name, redacted, .. } = key.get_untracked();
    let name = (!name.is_empty()).then(|| view! { <span class="other-name">{name}</span> });
    let page = subject.desk.page;
    let state = move || {
        let is_over = Callback::new(move |()| page.refetch());
        key.with(|key| state(key, is_over))
    };
    let stop = {
        let is_retiring = key.with_untracked(|key| key.retires_at.is_some());
        (is_retiring && subject.desk.can_write).then(|| {
            view! { <div class="actions">{stop_form(&subject)}</div> }
        })
    };
    let manage = subject.desk.can_write.then(|| manage(subject.clone()));
    view! {
        <li class="other-key" data-status=move || status_name(Some(status.get()))>
            <div class="other-line">
                <span class="key-line">{name} <code class="key">{redacted}</code></span>
                {move || view! { <StatusBadge status=Some(status.get()) /> }}
            </div>
            <p class="key-facts">{state}</p>
            {move || key.with(said)}
            {move || key.with(twins)}
            {stop}
            {manage}
        </li>
    }
}

/// When it was used, and for how long it can be; counted down where another key has taken over.
fn state(key: &KeyView, is_over: Callback<()>) -> AnyView {
    let used = match key.last_used_at.clone() {
        Some(moment) => view! { <span class="nowrap">"Used " <When moment /></span> }.into_any(),
        None => view! { <span class="nowrap">"Not used yet"</span> }.into_any(),
    };
    let stops = key.retires_at.clone().zip(key.seconds_left).map(|(until, seconds)| {
        let when = match seconds {
            0 => "Stopped".into_any(),
            _ => view! { "Stops in " <Countdown until seconds on_end=is_over /> }.into_any(),
        };
        view! { <strong class="nowrap">{when}</strong> " · " }
    });
    view! {
        {stops}
        {used}
    }
    .into_any()
}

fn manage(subject: Subject) -> AnyView {
    let functions = ["save_key", "rotate_key", "rename_key"];
    let was_refused = functions
        .into_iter()
        .any(|function| subject.refused(function).is_some());
    let was_refused = was_refused || subject.refusal.with_untracked(Option::is_some);
    let key = subject.key;
    view! {
        <details class="manage" open=was_refused>
            <summary class="button quiet" aria-label=format!("Manage {}", subject.about)>
                "Manage"
            </summary>
            {move || key.with(|key| dates(key.clone()))}
            <KeyActions subject />
        </details>
    }
    .into_any()
}
