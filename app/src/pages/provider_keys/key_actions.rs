//! What can be done with a key that is there.

use super::ask_forms::{delete_form, toggle_form};
use super::card::wants_replacing;
use super::more::{default_form, more, test_forms};
use super::rotate_form::rotate_form;
use super::save_form::replace_form;
use super::subject::Subject;
use crate::components::Message;
use leptos::prelude::*;

/// Replace, Test, Rotate, Disable or Enable, Delete, and the rest behind More; for a key that is not the default, the
/// way to make it that comes first.
#[component]
pub(super) fn KeyActions(subject: Subject) -> impl IntoView {
    let refusal = subject.refusal;
    // What is wrong with a name stands at its field.
    let told = Signal::derive(move || {
        refusal.with(|error| {
            let error = error.as_ref().filter(|error| error.field("name").is_none());
            error.map(|error| error.message.clone())
        })
    });
    let is_retiring = subject.key.with_untracked(|key| key.retires_at.is_some());
    let default = (!subject.is_default).then(|| default_form(&subject));
    let rotate = (!is_retiring).then(|| rotate_form(&subject));
    let (test, deep_test) = test_forms(&subject);
    view! {
        <Message text=told />
        <div class="actions">
            {default} {replace(&subject)} {test} {rotate} {toggle_form(&subject)} {delete_form(&subject)}
            {more(&subject, deep_test)}
        </div>
    }
}

fn replace(subject: &Subject) -> AnyView {
    let was_refused = subject.refused("save_key").is_some();
    let (status, is_default) = (subject.status(), subject.is_default);
    let class = move || {
        if is_default && wants_replacing(status.get()) {
            "button filled"
        } else if is_default {
            "button outlined"
        } else {
            "button quiet"
        }
    };
    view! {
        <details class="disclosure" open=was_refused>
            <summary class=class aria-label=format!("Replace {}", subject.about)>
                "Replace"
            </summary>
            <div class="disclosed">{replace_form(subject)}</div>
        </details>
    }
    .into_any()
}
