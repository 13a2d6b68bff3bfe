//! The form that lets a new key take over from another one.

use super::secret_fields::{Typed, Wording, secret_fields, settle};
use super::subject::Subject;
use crate::api::RotateKey;
use crate::components::{ButtonKind, FieldMessage, SubmitButton};
use crate::contract::OptionView;
use crate::forms::{at_field, on_answer, pending, refusal};
use leptos::html::Input;
use leptos::prelude::*;

/// How long the old key works on, unless somebody chooses.
const USUAL: &str = "24h";
/// Not at all.
const NOW: &str = "now";

/// Lets a new key take over, and the old one work on for a while.
pub(super) fn rotate_form(subject: &Subject) -> AnyView {
    let earlier = subject.refused("rotate_key");
    let is_open = earlier.is_some();
    let desk = subject.desk.clone();
    let (name, endpoint, api_version) = subject.key.with_untracked(|key| {
        let endpoint = key.endpoint.clone().unwrap_or_default();
        (key.name.clone(), endpoint, key.api_version.clone().unwrap_or_default())
    });
    let (typed, chosen) = if is_open {
        (Typed::before(&desk), desk.typed("overlap"))
    } else {
        let typed = Typed {
            name: String::new(),
            endpoint,
            api_version,
        };
        (typed, USUAL.to_owned())
    };
    let name_hint = if name.is_empty() {
        String::new()
    } else {
        format!("Leave it empty to call the new key {name}, so that whoever calls by name notices nothing.")
    };
    let action = ServerAction::<RotateKey>::new();
    let refusal = refusal(action, earlier);
    let secret = NodeRef::<Input>::new();
    let (heading, overlaps) = (subject.heading, desk.overlaps.clone());
    on_answer(action, move |answer| {
        settle(answer.map(|change| desk.changed(change)), secret, heading, &desk);
    });
    let wording = Wording {
        label: "New API key",
        name_hint,
        id: format!("rotate-{}", subject.key_id),
    };
    let fields = secret_fields(&subject.provider, wording, typed, refusal, secret);
    let (hidden, version) = (subject.hidden(), subject.row_version());
    let (message_id, message) = (
        format!("overlap-message-{}", subject.key_id),
        at_field(refusal, "overlap"),
    );
    let overlap = overlap_field(&subject.key_id, &chosen, overlaps, &subject.provider.name);
    view! {
        <details class="disclosure" open=is_open>
            <summary class="button quiet" aria-label=format!("Rotate {}", subject.about)>
                "Rotate"
            </summary>
            <div class="disclosed">
                <ActionForm action attr:class="stack">
                    {hidden} {version} {fields} {overlap}
                    <FieldMessage id=message_id text=message />
                    <SubmitButton
                        label="Rotate key".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}

/// The choice, and what it comes to.
fn overlap_field(key_id: &str, chosen: &str, overlaps: Vec<OptionView>, provider: &str) -> AnyView {
    let (id, hint_id) = (format!("overlap-{key_id}"), format!("overlap-hint-{key_id}"));
    // Without script nobody knows what is chosen, and the words must fit whatever it is.
    let now_chosen = RwSignal::new(None::<String>);
    let first = chosen.to_owned();
    Effect::new(move |_| now_chosen.set(Some(first.clone())));
    let options = overlaps
        .iter()
        .map(|OptionView { value, label }| {
            let is_chosen = value == chosen;
            view! {
                <option value=value.clone() selected=is_chosen>
                    {label.clone()}
                </option>
            }
        })
        .collect_view();
    let provider = provider.to_owned();
    let outcome = move || outcome(now_chosen.get().as_deref(), &overlaps, &provider);
    view! {
        <div class="field">
            <label for=id.clone()>"How long the old key works on"</label>
            <select
                id=id
                name="overlap"
                aria-describedby=hint_id.clone()
                on:change=move |event| now_chosen.set(Some(event_target_value(&event)))
            >
                {options}
            </select>
            <p class="hint" id=hint_id>
                {outcome}
            </p>
        </div>
    }
    .into_any()
}

/// What will happen, in a sentence.
fn outcome(chosen: Option<&str>, overlaps: &[OptionView], provider: &str) -> String {
    let until = match chosen {
        Some(NOW) => {
            return format!(
                "Once {provider} accepts the new key, it takes over and the old one stops at the same moment."
            );
        }
        Some(chosen) => {
            let known = overlaps.iter().find(|overlap| overlap.value == chosen);
            known.map_or_else(String::new, |overlap| format!("for {}", overlap.label))
        }
        None => "for as long as you choose".to_owned(),
    };
    format!(
        "Once {provider} accepts the new key, it takes over; the old one works on {until} for whoever names it, and takes over again if {provider} refuses the new one meanwhile."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_overlap_says_what_it_comes_to() {
        let overlaps = [
            OptionView::new("now", "Stop at once"),
            OptionView::new("24h", "24 hours"),
        ];
        let said = |chosen| outcome(chosen, &overlaps, "OpenAI");
        assert!(said(Some("now")).contains("stops at the same moment"));
        assert!(said(Some("24h")).contains("works on for 24 hours"));
        assert!(said(None).contains("works on for as long as you choose"));
    }
}
