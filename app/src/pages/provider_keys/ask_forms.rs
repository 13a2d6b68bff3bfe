//! What asks before it takes a key out of use, and says what depends on it.

use super::subject::Subject;
use crate::api::{DeleteKey, EndKeyOverlap, SetKeyActive};
use crate::components::{AskFirst, ButtonKind, SubmitButton, When};
use crate::contract::{DependentsView, KeyStatus, KeyView};
use crate::forms::{on_answer, pending};
use leptos::prelude::*;

/// Disable, which asks first, or Enable, which does not.
pub(super) fn toggle_form(subject: &Subject) -> AnyView {
    let action = ServerAction::<SetKeyActive>::new();
    let answering = subject.clone();
    on_answer(action, move |answer| answering.moved_on(answer));
    let status = subject.status();
    let is_disabled = Memo::new(move |_| status.get() == KeyStatus::Disabled);
    let subject = subject.clone();
    let form = move || {
        if is_disabled.get() {
            enable_form(&subject, action)
        } else {
            disable_form(&subject, action)
        }
    };
    view! { {form} }.into_any()
}

fn enable_form(subject: &Subject, action: ServerAction<SetKeyActive>) -> AnyView {
    let kind = if subject.is_default {
        ButtonKind::Filled
    } else {
        ButtonKind::Outlined
    };
    let (fields, about) = (subject.hidden(), subject.about.clone());
    view! {
        <ActionForm action>
            {fields}
            <input type="hidden" name="is_active" value="true" />
            <SubmitButton
                label="Enable".to_owned()
                about
                pending=pending(action)
                kind
            />
        </ActionForm>
    }
    .into_any()
}

fn disable_form(subject: &Subject, action: ServerAction<SetKeyActive>) -> AnyView {
    let (fields, about, dependents) = (subject.hidden(), subject.about.clone(), dependents(subject.key));
    view! {
        <AskFirst word="Disable" about=about.clone() keep="Keep it enabled" on_open=subject.refresh()>
            <p>{format!("Disable the {about}? Nothing uses it until you enable it again.")}</p>
            {dependents}
            <ActionForm action>
                {fields}
                <input type="hidden" name="is_active" value="false" />
                <SubmitButton
                    label="Disable key".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </AskFirst>
    }
    .into_any()
}

/// Delete.
pub(super) fn delete_form(subject: &Subject) -> AnyView {
    let action = ServerAction::<DeleteKey>::new();
    let answering = subject.clone();
    on_answer(action, move |answer| answering.moved_on(answer));
    let (key, card) = (subject.key, subject.card);
    let (is_default, days) = (subject.is_default, subject.desk.retention_days);
    let about = subject.about.clone();
    let redacted = move || key.with(|key| key.redacted.clone());
    let (fields, dependents) = (subject.hidden(), dependents(key));
    let next = move || {
        let has_others = is_default && card.with(|card| !card.others.is_empty());
        has_others.then_some(" The newest of the other keys that works becomes the default.")
    };
    view! {
        <AskFirst word="Delete" about=about.clone() keep="Keep key" on_open=subject.refresh()>
            <p>
                {format!("Delete the {about} ")} <code class="key">{redacted}</code>
                {format!("? Calls stop using it at once. You can restore it for {days} days.")} {next}
            </p>
            {dependents}
            <ActionForm action>
                {fields}
                <SubmitButton
                    label="Delete key".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </AskFirst>
    }
    .into_any()
}

/// Stops a key that was rotated out before its time.
pub(super) fn stop_form(subject: &Subject) -> AnyView {
    let action = ServerAction::<EndKeyOverlap>::new();
    let answering = subject.clone();
    on_answer(action, move |answer| answering.moved_on(answer));
    let (fields, about, dependents) = (subject.hidden(), subject.about.clone(), dependents(subject.key));
    let days = subject.desk.retention_days;
    view! {
        <AskFirst word="Stop now" about=about.clone() keep="Let it work on" on_open=subject.refresh()>
            <p>
                {format!(
                    "Stop the {about} now? Calls that name it fail from then on. You can restore it for {days} days.",
                )}
            </p>
            {dependents}
            <ActionForm action>
                {fields}
                <SubmitButton
                    label="Stop key".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </AskFirst>
    }
    .into_any()
}

/// What used the key of late.
fn dependents(key: Memo<KeyView>) -> AnyView {
    let told = Memo::new(move |_| key.with(|key| key.dependents.clone()));
    view! { <p class="dependents">{move || told.get().map(in_words)}</p> }.into_any()
}

fn in_words(dependents: DependentsView) -> AnyView {
    let DependentsView {
        tokens,
        calls,
        last_call_at,
    } = dependents;
    match (calls, last_call_at) {
        (0, None) => view! { "No call has ever used it." }.into_any(),
        (0, Some(moment)) => {
            view! { "No call has used it in the last hour; the last one was " <When moment /> "." }.into_any()
        }
        (_, moment) => {
            let last = moment.map(|moment| view! { ", last call " <When moment /> });
            view! {
                <strong>{counted(tokens, "token")} " used it in the last hour"</strong>
                {format!(" ({})", counted(calls, "call"))}
                {last}
                "."
            }
            .into_any()
        }
    }
}

fn counted(number: u64, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{ending}")
}
