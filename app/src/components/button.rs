//! Buttons that send a form.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ButtonKind {
    /// The one obvious action.
    Filled,
    /// An action beside it.
    Outlined,
    /// An action that waits to be looked for.
    Quiet,
    /// An action that takes something away.
    Danger,
}

impl ButtonKind {
    /// The class that gives a button this look.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            ButtonKind::Filled => "button filled",
            ButtonKind::Outlined => "button outlined",
            ButtonKind::Quiet => "button quiet",
            ButtonKind::Danger => "button danger",
        }
    }
}

/// Sends its form. While `pending` it shows progress, keeps its width and its focus, and does not
/// send again.
#[component]
pub(crate) fn SubmitButton(
    /// The words on the button.
    #[prop(into)]
    label: Signal<String>,
    /// What the label is about, for those who do not see where the button stands: `OpenAI key`.
    #[prop(optional, into)]
    about: String,
    /// Whether the form is under way.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// How it looks.
    #[prop(into)]
    kind: Signal<ButtonKind>,
) -> impl IntoView {
    let hold = move |event: MouseEvent| {
        if pending.get_untracked() {
            event.prevent_default();
        }
    };
    let name = move || match about.as_str() {
        "" => label.get(),
        about => format!("{} {about}", label.get()),
    };
    view! {
        <button
            type="submit"
            class=move || kind.get().class()
            aria-label=name
            aria-disabled=move || pending.get().then_some("true")
            data-pending=move || pending.get().then_some("true")
            on:click=hold
        >
            <span class="label">{move || label.get()}</span>
        </button>
    }
}
