//! What is asked about a webhook, when it is added and when it is changed.

use crate::components::{FieldMessage, TextField};
use crate::contract::{Flash, OptionView, UiError, WebhookView};
use crate::forms::at_field;
use leptos::prelude::*;

/// The fields that show their own errors.
pub(super) const FIELDS: &[&str] = &["url", "description", "kinds"];

/// What stands in the fields.
#[derive(Default)]
pub(super) struct Typed {
    url: String,
    description: String,
    kinds: Vec<String>,
}

impl Typed {
    /// What stood in the form that led here and was refused.
    pub(super) fn before(flash: &Flash) -> Self {
        let text = |name| flash.field(name).unwrap_or_default().to_owned();
        let kinds = flash.fields.iter().filter(|(name, _)| name.starts_with("kinds"));
        Self {
            url: text("url"),
            description: text("description"),
            kinds: kinds.map(|(_, kind)| kind.clone()).collect(),
        }
    }

    /// What the webhook is now.
    pub(super) fn of(webhook: &WebhookView) -> Self {
        Self {
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            kinds: webhook.kinds.clone(),
        }
    }
}

/// The fields, with `typed` in them.
pub(super) fn webhook_fields(typed: Typed, kinds: &[OptionView], refusal: RwSignal<Option<UiError>>) -> AnyView {
    let Typed {
        url,
        description,
        kinds: chosen,
    } = typed;
    let option = |OptionView { value, label }: &OptionView| {
        view! {
            <label class="choice">
                <input
                    type="checkbox"
                    name="kinds[]"
                    value=value.clone()
                    checked=chosen.contains(value)
                />
                <span>{label.clone()}</span>
            </label>
        }
    };
    view! {
        <TextField
            label="Address"
            name="url"
            id="webhook-url"
            kind="url"
            value=url
            placeholder="https://example.com/hooks/latchkey"
            hint="Messages are posted here. It begins with https:// and can be reached from the internet."
            max_length=2000
            error=at_field(refusal, "url")
        />
        <TextField
            label="Description"
            name="description"
            id="webhook-description"
            value=description
            placeholder="Pager of the platform team"
            optional=true
            max_length=80
            error=at_field(refusal, "description")
        />
        <fieldset class="field" aria-describedby="webhook-kinds-hint webhook-kinds-message">
            <legend>"What it is told of"</legend>
            <p class="hint" id="webhook-kinds-hint">
                "With none chosen it is told of everything, and of kinds that are added later too."
            </p>
            <div class="kinds">{kinds.iter().map(option).collect_view()}</div>
        </fieldset>
        <FieldMessage id="webhook-kinds-message" text=at_field(refusal, "kinds") />
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::Typed;
    use crate::contract::{Flash, FlashOutcome};

    #[test]
    fn a_refused_form_keeps_what_was_typed() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = vec![
            field("url", "https://10.0.0.1/hook"),
            field("kinds[]", "key.unhealthy"),
            field("kinds[]", "key.recovered"),
        ];
        let outcome = FlashOutcome::Done(String::new());
        let typed = Typed::before(&Flash {
            function: "create_webhook".to_owned(),
            fields,
            outcome,
        });
        assert_eq!(typed.url, "https://10.0.0.1/hook");
        assert_eq!(typed.description, "");
        assert_eq!(typed.kinds, ["key.unhealthy", "key.recovered"]);
    }
}
