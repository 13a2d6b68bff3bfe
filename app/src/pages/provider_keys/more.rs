//! What is done with a key now and then: its name, its place among the others, and what serves in its place.

use super::fallback_form::fallback_form;
use super::subject::Subject;
use crate::api::{MakeKeyDefault, RenameKey, ReorderKeys, TestKey};
use crate::components::{ButtonKind, Notice, SubmitButton, TextField};
use crate::contract::CardView;
use crate::forms::{at_field, on_answer, pending};
use leptos::html::Details;
use leptos::prelude::*;

/// What a changed order came to.
pub(super) fn reordered() -> Notice {
    Notice::saying("Order saved.")
}

/// The rarer things, behind one word.
pub(super) fn more(subject: &Subject, deep_test: Option<AnyView>) -> AnyView {
    let was_refused = subject.refused("rename_key").is_some();
    let order = (!subject.is_default).then(|| order_forms(subject));
    let rename = rename_form(subject, was_refused);
    let fallback = subject.desk.operator_allows.then(|| fallback_form(subject));
    view! {
        <details class="disclosure" open=was_refused>
            <summary class="button quiet" aria-label=format!("More for {}", subject.about)>
                "More"
            </summary>
            <div class="disclosed">
                <div class="actions more">{rename} {order} {fallback} {deep_test}</div>
            </div>
        </details>
    }
    .into_any()
}

/// Makes it the key that calls use when they name none.
pub(super) fn default_form(subject: &Subject) -> AnyView {
    let action = ServerAction::<MakeKeyDefault>::new();
    let answering = subject.clone();
    on_answer(action, move |answer| answering.moved_on(answer));
    let (fields, about) = (subject.hidden(), subject.about.clone());
    view! {
        <ActionForm action>
            {fields}
            <SubmitButton
                label="Make default".to_owned()
                about
                pending=pending(action)
                kind=ButtonKind::Outlined
            />
        </ActionForm>
    }
    .into_any()
}

fn rename_form(subject: &Subject, is_open: bool) -> AnyView {
    let action = ServerAction::<RenameKey>::new();
    let details = NodeRef::<Details>::new();
    let answering = subject.clone();
    on_answer(action, move |answer| {
        if let (true, Some(details)) = (answer.is_ok(), details.get_untracked()) {
            details.set_open(false);
        }
        answering.moved_on(answer);
    });
    let name = if is_open {
        subject.desk.typed("name")
    } else {
        subject.key.with_untracked(|key| key.name.clone())
    };
    let (fields, version) = (subject.hidden(), subject.row_version());
    let (id, error) = (format!("rename-{}", subject.key_id), at_field(subject.refusal, "name"));
    view! {
        <details class="disclosure" node_ref=details open=is_open>
            <summary class="button quiet" aria-label=format!("Rename {}", subject.about)>
                "Rename"
            </summary>
            <div class="disclosed">
                <ActionForm action attr:class="stack">
                    {fields} {version}
                    <TextField
                        label="Name"
                        name="name"
                        id
                        value=name
                        hint="Calls that name this key use its name; change it there too."
                        max_length=80
                        optional=true
                        error
                    />
                    <SubmitButton
                        label="Rename key".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}

/// One place up, one place down.
fn order_forms(subject: &Subject) -> AnyView {
    let action = ServerAction::<ReorderKeys>::new();
    let answering = subject.clone();
    on_answer(action, move |answer| {
        let desk = &answering.desk;
        answering.refusal.set(answer.as_ref().err().cloned());
        desk.page.refetch();
        if answer.is_ok() {
            desk.notice.set(Some(reordered()));
            answering.go_on();
        }
    });
    let form = |label: &'static str, is_up: bool| {
        let (card, id) = (subject.card, subject.key_id.clone());
        let order = Memo::new(move |_| card.with(|card| moved(card, &id, is_up)));
        let (project, provider) = (subject.desk.project.clone(), subject.provider.slug.clone());
        let about = subject.about.clone();
        move || {
            let order = order.get()?;
            let (project, provider, about) = (project.clone(), provider.clone(), about.clone());
            Some(view! {
                <ActionForm action>
                    <input type="hidden" name="project" value=project />
                    <input type="hidden" name="provider" value=provider />
                    <input type="hidden" name="order" value=order />
                    <SubmitButton
                        label=label.to_owned()
                        about
                        pending=pending(action)
                        kind=ButtonKind::Quiet
                    />
                </ActionForm>
            })
        }
    };
    view! {
        {form("Move up", true)}
        {form("Move down", false)}
    }
    .into_any()
}

/// All of the provider's keys with this one a place further, as forms say it; `None` at the end.
fn moved(card: &CardView, id: &str, is_up: bool) -> Option<String> {
    let mut others: Vec<_> = card.others.iter().map(|key| key.id.as_str()).collect();
    let from = others.iter().position(|other| *other == id)?;
    let to = if is_up { from.checked_sub(1)? } else { from + 1 };
    if to >= others.len() {
        return None;
    }
    others.swap(from, to);
    let default = card.key.iter().map(|key| key.id.as_str());
    Some(default.chain(others).collect::<Vec<_>>().join(","))
}

/// The plain test, and the one that spends a token where that proves more.
pub(super) fn test_forms(subject: &Subject) -> (AnyView, Option<AnyView>) {
    let action = ServerAction::<TestKey>::new();
    let answering = subject.clone();
    on_answer(action, move |answer| answering.answered(answer));
    let form = |is_deep: bool| {
        let (label, kind) = if is_deep {
            ("Deep test · spends one token", ButtonKind::Quiet)
        } else {
            ("Test", ButtonKind::Outlined)
        };
        // One action serves both forms; progress shows on the button that was pressed.
        let asked = action.input();
        let is_pending = pending(action);
        let pending = Signal::derive(move || {
            let is_this = asked.with(|asked| asked.as_ref().is_some_and(|asked| asked.deep == is_deep));
            is_pending.get() && is_this
        });
        let (fields, about) = (subject.hidden(), subject.about.clone());
        view! {
            <ActionForm action>
                {fields}
                {is_deep.then(|| view! { <input type="hidden" name="deep" value="true" /> })}
                <SubmitButton label=label.to_owned() about pending kind />
            </ActionForm>
        }
        .into_any()
    };
    let plain = form(false);
    let deep = subject.provider.has_deep_test.then(|| form(true));
    (plain, deep)
}
