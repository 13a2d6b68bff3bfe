//! A field for a pasted secret.

use super::{FieldMessage, Icon, icon};
use leptos::html::Input;
use leptos::prelude::*;

/// A field for a secret: hidden unless revealed, never remembered, never spell-checked; pasting and
/// password managers are welcome.
#[component]
pub(crate) fn SecretField(
    /// The words above it.
    label: &'static str,
    /// Its name in the form.
    name: &'static str,
    /// Its id; unique on the page.
    #[prop(into)]
    id: String,
    /// What a secret looks like.
    #[prop(optional, into)]
    placeholder: String,
    /// What to know before typing.
    #[prop(optional, into)]
    hint: String,
    /// What a password manager may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The input, to clear and to focus it.
    #[prop(optional)]
    node_ref: NodeRef<Input>,
) -> impl IntoView {
    let revealed = RwSignal::new(false);
    let message_id = format!("{id}-message");
    let hint_id = format!("{id}-hint");
    let described_by = if hint.is_empty() {
        message_id.clone()
    } else {
        format!("{hint_id} {message_id}")
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <div class="secret">
                <input
                    node_ref=node_ref
                    type=move || if revealed.get() { "text" } else { "password" }
                    id=id
                    name=name
                    placeholder=(!placeholder.is_empty()).then_some(placeholder)
                    autocomplete=autocomplete
                    autocapitalize="off"
                    spellcheck="false"
                    required
                    aria-describedby=described_by
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                />
                <button
                    type="button"
                    class="reveal js-only"
                    aria-label=format!("Show {}", label.to_lowercase())
                    aria-pressed=move || if revealed.get() { "true" } else { "false" }
                    on:click=move |_| revealed.update(|revealed| *revealed = !*revealed)
                >
                    {icon(Icon::Eye)}
                </button>
            </div>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <FieldMessage id=message_id text=error />
        </div>
    }
}
