//! What happens to calls when one key cannot serve.

use super::subject::Subject;
use crate::api::SetKeyFallback;
use crate::components::{ButtonKind, SubmitButton, select_field};
use crate::contract::OptionView;
use crate::forms::{on_answer, pending};
use crate::pages::policy::{POLICIES, WHEN_FAILING};
use leptos::html::Details;
use leptos::prelude::*;

/// Decides for one key what the project decides for all: whose key serves in its place.
pub(super) fn fallback_form(subject: &Subject) -> AnyView {
    let action = ServerAction::<SetKeyFallback>::new();
    let details = NodeRef::<Details>::new();
    let answering = subject.clone();
    on_answer(action, move |answer| {
        if let (true, Some(details)) = (answer.is_ok(), details.get_untracked()) {
            details.set_open(false);
        }
        answering.answered(answer);
    });
    let (on_missing, on_failure) = subject
        .key
        .with_untracked(|key| (key.on_missing.clone(), key.on_failure.clone()));
    let choice = |label: &str, name: &str, chosen: &str| {
        let id = format!("{name}-{}", subject.key_id);
        select_field(label.to_owned(), name.to_owned(), id, chosen, choices())
    };
    let missing = choice("While it is switched off", "on_missing", &on_missing);
    let failing = choice(WHEN_FAILING, "on_failure", &on_failure);
    let name = format!("Fallback of {}", subject.about);
    let fields = subject.hidden();
    view! {
        <details class="disclosure" node_ref=details>
            <summary class="button quiet" aria-label=name>
                "Fallback"
            </summary>
            <div class="disclosed">
                <ActionForm action attr:class="stack">
                    {fields}
                    {missing}
                    {failing}
                    <SubmitButton
                        label="Save fallback".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}

fn choices() -> Vec<OptionView> {
    let own = POLICIES.map(|(policy, words)| OptionView::new(policy, words));
    std::iter::once(OptionView::new("project", "As the project says"))
        .chain(own)
        .collect()
}
