//! Keys that can be brought back.

use super::Desk;
use crate::api::{PurgeKey, RestoreKey};
use crate::components::{
    AskFirst, ButtonKind, ConfirmIdentity, Message, NOTICES, Notice, SubmitButton, TextField, When, provider_mark,
};
use crate::contract::{DeletedKeyView, ProviderKeysView};
use crate::forms::{at_field, at_form, focus_on, on_answer, pending, refusal};
use leptos::html::Form;
use leptos::prelude::*;

/// What erasing a key came to.
pub(super) fn erased() -> Notice {
    Notice::saying("Key erased. Nothing is left of its secret.")
}

/// Keys that were deleted and can be restored, the newest first. Stays away when there are none.
#[component]
pub(super) fn DeletedKeys(shown: RwSignal<ProviderKeysView>, desk: Desk) -> impl IntoView {
    let has_any = Memo::new(move |_| shown.with(|shown| !shown.deleted.is_empty()));
    move || {
        let desk = desk.clone();
        has_any.get().then(|| {
            view! {
                <section class="deleted" aria-labelledby="recently-deleted">
                    <h2 id="recently-deleted">"Recently deleted"</h2>
                    <ul class="list">
                        <For
                            each=move || shown.with(|shown| shown.deleted.clone())
                            key=|key| (key.id.clone(), key.restorable_until.iso.clone())
                            children=move |key| view! { <DeletedKey key desk=desk.clone() /> }
                        />
                    </ul>
                </section>
            }
        })
    }
}

#[component]
fn DeletedKey(key: DeletedKeyView, desk: Desk) -> impl IntoView {
    let DeletedKeyView {
        id,
        provider,
        provider_name,
        name,
        redacted,
        deleted_at,
        restorable_until,
    } = key;
    let about = format!("{provider_name} key {redacted}");
    let erase = desk
        .can_erase
        .then(|| erase_form(id.clone(), about.clone(), desk.clone()));
    let restore = desk
        .can_write
        .then(|| restore_form(id, "Restore", about, ButtonKind::Outlined, desk));
    let name = (!name.is_empty()).then(|| view! { <span class="key-name">{name}</span> });
    view! {
        <li class="card deleted-key">
            {provider_mark(&provider, &provider_name)}
            <div class="grow">
                <p class="strong">{provider_name} " " <code class="key">{redacted}</code> " " {name}</p>
                <p class="key-facts">
                    "Deleted " <When moment=deleted_at /> " · Time to restore runs out "
                    <When moment=restorable_until />
                </p>
            </div>
            <div class="actions">{restore} {erase}</div>
        </li>
    }
}

/// Takes back the deletion that a notice speaks of.
#[component]
pub(super) fn UndoForm(key_id: String, desk: Desk) -> impl IntoView {
    restore_form(key_id, "Undo", "the deletion".to_owned(), ButtonKind::Outlined, desk)
}

/// Brings a key back; the provider is asked first.
fn restore_form(key_id: String, label: &'static str, about: String, kind: ButtonKind, desk: Desk) -> AnyView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused("restore_key", "key_id", &key_id));
    let action = ServerAction::<RestoreKey>::new();
    let refusal = refusal(action, earlier.cloned());
    let project = desk.project.clone();
    on_answer(action, move |answer| {
        if let Ok(change) = answer {
            desk.changed(change);
            focus_on(NOTICES);
        }
    });
    view! {
        <ActionForm action attr:class="restore">
            <input type="hidden" name="project" value=project />
            <input type="hidden" name="key_id" value=key_id />
            <SubmitButton label=label.to_owned() about pending=pending(action) kind />
            <Message text=at_form(refusal, &[]) />
        </ActionForm>
    }
    .into_any()
}

/// Erases a key for ever; whoever does it types a word and has signed in just now.
fn erase_form(key_id: String, about: String, desk: Desk) -> AnyView {
    let earlier = desk.refused("purge_key", "key_id", &key_id);
    let was_refused = earlier.is_some();
    let action = ServerAction::<PurgeKey>::new();
    let refusal = refusal(action, earlier);
    let form = NodeRef::<Form>::new();
    let project = desk.project.clone();
    on_answer(action, move |answer| {
        if answer.is_ok() {
            desk.notice.set(Some(erased()));
            desk.page.refetch();
            focus_on(NOTICES);
        }
    });
    let (field, confirm) = (format!("erase-{key_id}"), format!("confirm-erase-{key_id}"));
    view! {
        <AskFirst word="Erase now" about=about.clone() keep="Keep it restorable" is_open=was_refused>
            <p>
                {format!("Erase the {about} for ever? Its secret is deleted from the database now, and nobody can restore it.")}
            </p>
            <ActionForm action node_ref=form attr:class="stack">
                <input type="hidden" name="project" value=project />
                <input type="hidden" name="key_id" value=key_id />
                <TextField
                    label="Type erase to confirm"
                    name="typed"
                    id=field
                    max_length=20
                    error=at_field(refusal, "typed")
                />
                <Message text=at_form(refusal, &["typed"]) />
                <SubmitButton
                    label="Erase for ever".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
            <ConfirmIdentity refused=refusal form id=confirm />
        </AskFirst>
    }
    .into_any()
}
