//! A field for a code that is good once.

use super::TextField;
use leptos::prelude::*;

/// A field for the code of an authenticator app, or a recovery code in its place.
#[component]
pub(crate) fn CodeField(
    /// Its id; unique on the page.
    #[prop(into)]
    id: String,
    /// What to know before typing.
    #[prop(default = "The six digits that your authenticator app shows, or a recovery code.".to_owned(), into)]
    hint: String,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! { <TextField label="Code" name="code" id autocomplete="one-time-code" max_length=24 hint error /> }
}
