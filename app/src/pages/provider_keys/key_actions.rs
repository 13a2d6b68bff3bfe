//! What can be done with a key that is there.

use super::Desk;
use super::card::wants_replacing;
use super::fallback_form::fallback_form;
use super::save_form::SaveForm;
use crate::api::{DeleteKey, SetKeyActive, TestKey};
use crate::components::{AskFirst, ButtonKind, Message, SubmitButton};
use crate::contract::{CardView, ErrorCode, KeyChange, KeyStatus, ProviderView, UiError};
use crate::forms::{on_answer, pending};
use leptos::html::H2;
use leptos::prelude::*;

/// Replace, Test, Disable or Enable, Delete, and what serves in its place.
#[component]
pub(super) fn KeyActions(
    key_id: String,
    provider: ProviderView,
    card: Memo<CardView>,
    heading: NodeRef<H2>,
    desk: Desk,
) -> impl IntoView {
    let about = format!("{} key", provider.name);
    let refusal = RwSignal::new(earlier_refusal(&desk, &key_id));
    let status = Memo::new(move |_| card.with(|card| Some(card.key.as_ref()?.status)));
    let answered = {
        let desk = desk.clone();
        Callback::new(move |answer: Result<KeyChange, UiError>| {
            refusal.set(answer.as_ref().err().cloned());
            match answer {
                Ok(change) => desk.changed(change),
                Err(error) if error.code == ErrorCode::Conflict => desk.page.refetch(),
                Err(_) => {}
            }
        })
    };
    let project = desk.project.clone();
    let key = KeyFields {
        project,
        key_id,
        about: about.clone(),
    };
    let (test, deep_test) = test_forms(&key, provider.has_deep_test, answered);
    let toggle = toggle_form(key.clone(), status, answered);
    let fallback = desk.operator_allows.then(|| fallback_form(&key, card, answered));
    let delete = view! { <DeleteForm key card heading answered /> };
    let was_refused = desk
        .flash
        .as_ref()
        .is_some_and(|flash| flash.refused("save_key", "provider", &provider_slug(card)).is_some());
    let replace_class = move || {
        if wants_replacing(status.get()) {
            "button filled"
        } else {
            "button outlined"
        }
    };
    view! {
        <Message text=Signal::derive(move || {
            refusal.with(|error| error.as_ref().map(|error| error.message.clone()))
        }) />
        <div class="actions">
            <details class="disclosure" open=was_refused>
                <summary class=replace_class aria-label=format!("Replace {about}")>
                    "Replace"
                </summary>
                <div class="disclosed">
                    <SaveForm card heading desk />
                </div>
            </details>
            {test}
            {toggle}
            {delete}
            {fallback}
            {deep_test}
        </div>
    }
}

fn provider_slug(card: Memo<CardView>) -> String {
    card.with_untracked(|card| card.provider.slug.clone())
}

/// What a form about this key was refused for, where no script ran.
fn earlier_refusal(desk: &Desk, key_id: &str) -> Option<UiError> {
    let flash = desk.flash.as_ref()?;
    let functions = ["test_key", "set_key_active", "set_key_fallback", "delete_key"];
    functions
        .into_iter()
        .find_map(|function| flash.refused(function, "key_id", key_id))
        .cloned()
}

/// What every form about a key says of it.
#[derive(Clone)]
pub(super) struct KeyFields {
    project: String,
    pub(super) key_id: String,
    /// `OpenAI key`
    pub(super) about: String,
}

impl KeyFields {
    /// The fields that are not seen.
    pub(super) fn hidden(&self) -> AnyView {
        view! {
            <input type="hidden" name="project" value=self.project.clone() />
            <input type="hidden" name="key_id" value=self.key_id.clone() />
        }
        .into_any()
    }
}

/// The plain test, and the one that spends a token where that proves more.
fn test_forms(
    key: &KeyFields,
    has_deep_test: bool,
    answered: Callback<Result<KeyChange, UiError>>,
) -> (AnyView, Option<AnyView>) {
    let action = ServerAction::<TestKey>::new();
    on_answer(action, move |answer| answered.run(answer));
    let form = |is_deep: bool| {
        let label = if is_deep {
            "Deep test · spends one token"
        } else {
            "Test"
        };
        let kind = if is_deep {
            ButtonKind::Quiet
        } else {
            ButtonKind::Outlined
        };
        // One action serves both forms; progress shows on the button that was pressed.
        let asked = action.input();
        let is_pending = pending(action);
        let pending = Signal::derive(move || {
            let is_this = asked.with(|asked| asked.as_ref().is_some_and(|asked| asked.deep == is_deep));
            is_pending.get() && is_this
        });
        let (fields, about) = (key.hidden(), key.about.clone());
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
    let deep = has_deep_test.then(|| form(true));
    (plain, deep)
}

fn toggle_form(
    key: KeyFields,
    status: Memo<Option<KeyStatus>>,
    answered: Callback<Result<KeyChange, UiError>>,
) -> AnyView {
    let action = ServerAction::<SetKeyActive>::new();
    on_answer(action, move |answer| answered.run(answer));
    let is_disabled = Memo::new(move |_| status.get() == Some(KeyStatus::Disabled));
    let label = Signal::derive(move || if is_disabled.get() { "Enable" } else { "Disable" }.to_owned());
    let kind = Signal::derive(move || {
        if is_disabled.get() {
            ButtonKind::Filled
        } else {
            ButtonKind::Quiet
        }
    });
    view! {
        <ActionForm action>
            {key.hidden()}
            <input
                type="hidden"
                name="is_active"
                value=move || if is_disabled.get() { "true" } else { "false" }
            />
            <SubmitButton label about=key.about pending=pending(action) kind />
        </ActionForm>
    }
    .into_any()
}

/// Delete asks first, in place; the safe choice gets the focus.
#[component]
fn DeleteForm(
    key: KeyFields,
    card: Memo<CardView>,
    heading: NodeRef<H2>,
    answered: Callback<Result<KeyChange, UiError>>,
) -> impl IntoView {
    let action = ServerAction::<DeleteKey>::new();
    on_answer(action, move |answer| {
        let is_deleted = answer.is_ok();
        answered.run(answer);
        if let (true, Some(heading)) = (is_deleted, heading.get_untracked()) {
            let _ = heading.focus();
        }
    });
    let KeyFields { about, .. } = key.clone();
    let redacted = move || card.with(|card| card.key.as_ref().map(|key| key.redacted.clone()));
    view! {
        <AskFirst word="Delete" about=about.clone() keep="Keep key">
            <p>
                {format!("Delete the {about} ")} <code class="key">{redacted}</code>
                "? Calls stop using it at once. You can restore it for 90 days."
            </p>
            <ActionForm action>
                {key.hidden()}
                <SubmitButton
                    label="Delete key".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </AskFirst>
    }
}
