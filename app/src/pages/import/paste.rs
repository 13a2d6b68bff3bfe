//! The first step: what is pasted.

use super::Desk;
use crate::api::PreviewImport;
use crate::components::{ButtonKind, FieldMessage, Notice, SubmitButton};
use crate::contract::UiError;
use crate::forms::{on_answer, pending, refusal};
use leptos::html::Textarea;
use leptos::prelude::*;

/// A field for a whole file. It is a secret: emptied as soon as it was sent, and never filled in by the server.
#[component]
pub(super) fn Paste(notice: RwSignal<Option<Notice>>, desk: Desk) -> impl IntoView {
    let flash = desk.flash.as_ref();
    // A paste that has expired meanwhile is asked for again, by the step before.
    let earlier = ["preview_import", "import_keys"]
        .into_iter()
        .find_map(|function| flash?.refused_by(function).cloned());
    let action = ServerAction::<PreviewImport>::new();
    let refusal = refusal(action, earlier);
    let field = NodeRef::<Textarea>::new();
    let page = desk.page;
    on_answer(action, move |answer| {
        let Some(field) = field.get_untracked() else { return };
        field.set_value("");
        notice.set(None);
        match answer {
            Ok(_) => page.refetch(),
            Err(_) => {
                let _ = field.focus();
            }
        }
    });
    let message = Signal::derive(move || refusal.with(|error| error.as_ref().map(told)));
    view! {
        <section class="card form-card" aria-labelledby="paste-heading">
            <h2 id="paste-heading">"Paste anything"</h2>
            <p class="quiet">
                "An .env file, a piece of configuration, or one key a line. What is no key is left out. Nothing is saved before you have chosen."
            </p>
            <ActionForm action>
                <input type="hidden" name="project" value=desk.project />
                <div class="field">
                    <label for="pasted">"Keys"</label>
                    <textarea
                        node_ref=field
                        id="pasted"
                        name="pasted"
                        rows="10"
                        class="pasted"
                        placeholder="OPENAI_API_KEY=sk-…"
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        required
                        aria-describedby="pasted-hint pasted-message"
                        aria-invalid=move || message.with(Option::is_some).then_some("true")
                    ></textarea>
                    <p class="hint" id="pasted-hint">
                        "Only the lines that look like keys are kept, sealed in your session and for ten minutes at most."
                    </p>
                    <FieldMessage id="pasted-message" text=message />
                </div>
                <SubmitButton
                    label="Find keys".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Filled
                />
            </ActionForm>
        </section>
    }
}

fn told(error: &UiError) -> String {
    error.message.clone()
}
