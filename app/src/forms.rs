//! What forms have in common, with script and without.

use crate::contract::UiError;
use leptos::html::Form;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::wasm_bindgen::JsCast;

/// Whether `action` is under way.
pub(crate) fn pending<Function>(action: ServerAction<Function>) -> Signal<bool>
where
    Function: ServerFn<Error = UiError> + Clone + Send + Sync + 'static,
    Function::Output: Send + Sync + 'static,
{
    action.pending().into()
}

/// Why the form was last refused: as `action` tells, or `earlier` where no script ran.
pub(crate) fn refusal<Function>(action: ServerAction<Function>, earlier: Option<UiError>) -> RwSignal<Option<UiError>>
where
    Function: ServerFn<Error = UiError> + Clone + Send + Sync + 'static,
    Function::Output: Clone + Send + Sync + 'static,
{
    let refusal = RwSignal::new(earlier);
    on_answer(action, move |answer| refusal.set(answer.err()));
    refusal
}

/// Calls `then` with each answer that `action` gets.
pub(crate) fn on_answer<Function>(
    action: ServerAction<Function>,
    then: impl Fn(Result<Function::Output, UiError>) + 'static,
) where
    Function: ServerFn<Error = UiError> + Clone + Send + Sync + 'static,
    Function::Output: Clone + Send + Sync + 'static,
{
    let value = action.value();
    Effect::new(move |_| {
        if let Some(answer) = value.get() {
            untrack(|| then(answer));
        }
    });
}

/// Puts the focus on the element `id`, where what held it is about to go.
pub(crate) fn focus_on(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Puts a form back to how it was drawn, when what was typed is done with.
pub(crate) fn clear(form: NodeRef<Form>) {
    if let Some(form) = form.get_untracked() {
        form.reset();
    }
}

/// What is wrong with one field, as that field shows it.
pub(crate) fn at_field(refusal: RwSignal<Option<UiError>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || refusal.with(|error| Some(error.as_ref()?.field(field)?.to_owned())))
}

/// What is wrong with the form as a whole: the message, unless one of `fields` shows its own.
pub(crate) fn at_form(refusal: RwSignal<Option<UiError>>, fields: &'static [&'static str]) -> Signal<Option<String>> {
    Signal::derive(move || {
        refusal.with(|error| {
            let error = error.as_ref()?;
            let is_at_field = fields.iter().any(|field| error.field(field).is_some());
            (!is_at_field).then(|| error.message.clone())
        })
    })
}
