//! A labelled text field with its hint and its error.

use super::{Icon, icon};
use crate::contract::OptionView;
use leptos::prelude::*;

/// A labelled text field. Hint and error are tied to the input for assistive technology.
#[component]
pub(crate) fn TextField(
    /// The words above it.
    label: &'static str,
    /// Its name in the form.
    name: &'static str,
    /// Its id; unique on the page.
    #[prop(into)]
    id: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// What to know before typing.
    #[prop(optional, into)]
    hint: String,
    /// What an answer looks like.
    #[prop(optional, into)]
    placeholder: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// What a password manager or browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The longest text that it takes.
    #[prop(default = 200)]
    max_length: u32,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let message_id = format!("{id}-message");
    let hint_id = format!("{id}-hint");
    let described_by = if hint.is_empty() {
        message_id.clone()
    } else {
        format!("{hint_id} {message_id}")
    };
    view! {
        <div class="field">
            <label for=id.clone()>
                {label} {optional.then(|| view! { <span class="optional">" (optional)"</span> })}
            </label>
            <input
                type=kind
                id=id
                name=name
                value=value
                placeholder=(!placeholder.is_empty()).then_some(placeholder)
                autocomplete=autocomplete
                maxlength=max_length.to_string()
                required=!optional
                aria-describedby=described_by
                aria-invalid=move || error.with(Option::is_some).then_some("true")
            />
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <FieldMessage id=message_id text=error />
        </div>
    }
}

/// A labelled choice among a few things.
pub(crate) fn select_field(label: String, name: String, id: String, chosen: &str, options: Vec<OptionView>) -> AnyView {
    let option = |OptionView { value, label }: OptionView| {
        let is_chosen = value == chosen;
        view! {
            <option value=value selected=is_chosen>
                {label}
            </option>
        }
    };
    let options = options.into_iter().map(option).collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id name=name>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// What is wrong with a field, below it. Read out when it appears.
#[component]
pub(crate) fn FieldMessage(
    /// The id that the field refers to.
    #[prop(into)]
    id: String,
    /// What is wrong, if something is.
    #[prop(into)]
    text: Signal<Option<String>>,
) -> impl IntoView {
    let shown = move || {
        text.get()
            .map(|text| view! { <span class="field-error">{icon(Icon::Warning)} {text}</span> })
    };
    view! { <div role="alert" id=id>{shown}</div> }
}
