//! Keys that can be brought back.

use super::Desk;
use crate::api::RestoreKey;
use crate::components::{ButtonKind, Message, NOTICES, SubmitButton, When, provider_mark};
use crate::contract::{DeletedKeyView, ProviderKeysView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use leptos::prelude::*;

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
                            key=Clone::clone
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
        redacted,
        deleted_at,
        restorable_until,
    } = key;
    let about = format!("{provider_name} key {redacted}");
    let restore = desk
        .can_write
        .then(|| restore_form(id, "Restore", about, ButtonKind::Outlined, desk));
    view! {
        <li class="card deleted-key">
            {provider_mark(&provider, &provider_name)}
            <div class="grow">
                <p class="strong">{provider_name} " " <code class="key">{redacted}</code></p>
                <p class="key-facts">
                    "Deleted " <When moment=deleted_at /> " · Time to restore runs out "
                    <When moment=restorable_until />
                </p>
            </div>
            {restore}
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
