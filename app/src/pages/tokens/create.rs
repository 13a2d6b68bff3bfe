//! The form that makes a token.

use super::Desk;
use super::expiry::expiry_choice;
use crate::api::CreateToken;
use crate::components::{ButtonKind, FieldMessage, Icon, Message, SubmitButton, TextField, icon};
use crate::contract::{Flash, ScopeView, TokensView};
use crate::forms::{at_field, at_form, on_answer, pending, refusal};
use leptos::html::Details;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Sets of scopes that go together, by what they are for.
const PRESETS: [(&str, &[&str]); 4] = [
    ("Read keys", &["read:byok"]),
    ("Manage keys", &["read:byok", "write:byok"]),
    ("Call models", &["use:gateway"]),
    ("Everything", &["*"]),
];

/// What the form starts with: manage keys, as far as the person may.
const USUAL: [&str; 2] = ["read:byok", "write:byok"];

/// Makes a token with a name, scopes, an end and a reach. `?scope=` in the address opens the form with
/// that scope chosen.
#[component]
pub(super) fn CreateForm(view: TokensView, desk: Desk) -> impl IntoView {
    let scopes = view.scopes.clone();
    let flash = desk
        .flash
        .clone()
        .filter(|flash| flash.refused_by("create_token").is_some());
    let earlier = flash
        .as_ref()
        .and_then(|flash| flash.refused_by("create_token"))
        .cloned();
    let asked = use_query_map().with_untracked(|query| query.get("scope"));
    let asked = asked.filter(|asked| scopes.iter().any(|scope| scope.name == *asked));
    let is_open = earlier.is_some() || asked.is_some();
    let typed = |field: &str| {
        flash
            .as_ref()
            .and_then(|flash| flash.field(field))
            .map(ToOwned::to_owned)
    };
    let name = typed("name").unwrap_or_default();
    let is_whole = typed("whole_organization").is_some_and(|value| value == "true");
    let chosen = match (&flash, asked) {
        (Some(flash), _) => scopes_in(flash),
        (None, Some(asked)) => vec![asked],
        (None, None) => usual(&scopes),
    };
    let chosen = RwSignal::new(chosen);

    let action = ServerAction::<CreateToken>::new();
    let refusal = refusal(action, earlier);
    let expiry = expiry_choice(&view, flash.as_ref(), refusal);
    let details = NodeRef::<Details>::new();
    let project = desk.project.clone();
    on_answer(action, move |answer| {
        if let Ok(token) = answer {
            desk.created.set(Some(token));
            desk.page.refetch();
            if let Some(details) = details.get_untracked() {
                details.set_open(false);
            }
        }
    });
    view! {
        <details class="disclosure" node_ref=details open=is_open>
            <summary class="button filled">{icon(Icon::Plus)} "Create token"</summary>
            <div class="disclosed panel">
                <ActionForm action attr:class="stack">
                    <input type="hidden" name="project" value=project />
                    <TextField
                        label="Name"
                        name="name"
                        id="token-name"
                        value=name
                        placeholder="Nightly deploy"
                        hint="What uses it, so that you know what stops when you revoke it."
                        max_length=80
                        error=at_field(refusal, "name")
                    />
                    {scope_choice(scopes, chosen)}
                    <FieldMessage id="scopes-message" text=at_field(refusal, "scopes") />
                    {reach_choice(&view.project.name, is_whole)}
                    {expiry}
                    <Message text=at_form(refusal, &["name", "scopes", "expires_on"]) />
                    <SubmitButton
                        label="Create token".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
            </div>
        </details>
    }
}

/// The scopes that a refused form had chosen.
fn scopes_in(flash: &Flash) -> Vec<String> {
    let is_scope = |field: &&(String, String)| field.0.starts_with("scopes");
    flash
        .fields
        .iter()
        .filter(is_scope)
        .map(|(_, scope)| scope.clone())
        .collect()
}

/// Those of the usual scopes that this person may give away.
fn usual(scopes: &[ScopeView]) -> Vec<String> {
    let may_give = |name: &&str| scopes.iter().any(|scope| scope.name == *name);
    USUAL.iter().copied().filter(may_give).map(ToOwned::to_owned).collect()
}

/// The presets that this person may give away whole.
fn presets(scopes: &[ScopeView]) -> Vec<(&'static str, &'static [&'static str])> {
    let may_give = |name: &&str| scopes.iter().any(|scope| scope.name == *name);
    PRESETS
        .into_iter()
        .filter(|(_, names)| names.iter().all(may_give))
        .collect()
}

fn scope_choice(scopes: Vec<ScopeView>, chosen: RwSignal<Vec<String>>) -> AnyView {
    let preset = move |(word, names): (&'static str, &'static [&'static str])| {
        let choose = move |_| chosen.set(names.iter().map(|&name| name.to_owned()).collect());
        view! {
            <button type="button" class="chip" on:click=choose>
                {word}
            </button>
        }
    };
    let presets = presets(&scopes).into_iter().map(preset).collect_view();
    let option = move |scope: ScopeView| {
        let ScopeView { name, meaning } = scope;
        let is_initial = chosen.with_untracked(|chosen| chosen.contains(&name));
        let value = name.clone();
        let sought = name.clone();
        let changed = name.clone();
        let toggle = move |event| {
            let is_on = event_target_checked(&event);
            chosen.update(|chosen| {
                chosen.retain(|name| *name != changed);
                if is_on {
                    chosen.push(changed.clone());
                }
            });
        };
        view! {
            <label class="choice">
                <input
                    type="checkbox"
                    name="scopes[]"
                    value=value
                    checked=is_initial
                    prop:checked=move || chosen.with(|chosen| chosen.contains(&sought))
                    on:change=toggle
                />
                <span>
                    <code>{name}</code>
                    <span class="quiet">{meaning}</span>
                </span>
            </label>
        }
    };
    let options = scopes.into_iter().map(option).collect_view();
    view! {
        <fieldset class="field" aria-describedby="scopes-message">
            <legend>"What it may do"</legend>
            <div class="chips js-only" role="group" aria-label="Presets">
                {presets}
            </div>
            {options}
        </fieldset>
    }
    .into_any()
}

fn reach_choice(project: &str, is_whole: bool) -> AnyView {
    view! {
        <fieldset class="field">
            <legend>"Where it works"</legend>
            <label class="choice">
                <input type="radio" name="whole_organization" value="false" checked=!is_whole />
                <span>{format!("Only in {project}")}</span>
            </label>
            <label class="choice">
                <input type="radio" name="whole_organization" value="true" checked=is_whole />
                <span>"In every project of the organization"</span>
            </label>
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{ScopeView, presets, scopes_in, usual};
    use crate::contract::{Flash, FlashOutcome};

    fn scopes(names: &[&str]) -> Vec<ScopeView> {
        let of = |name: &&str| ScopeView {
            name: (*name).to_owned(),
            meaning: String::new(),
        };
        names.iter().map(of).collect()
    }

    #[test]
    fn only_scopes_that_the_person_holds_are_offered() {
        let scopes = scopes(&["read:byok", "use:gateway"]);
        assert_eq!(usual(&scopes), ["read:byok"]);
        let words: Vec<_> = presets(&scopes).into_iter().map(|(word, _)| word).collect();
        assert_eq!(words, ["Read keys", "Call models"]);
    }

    #[test]
    fn a_refused_form_keeps_its_scopes() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = vec![
            field("name", "ci"),
            field("scopes[]", "*"),
            field("scopes[1]", "read:byok"),
        ];
        let outcome = FlashOutcome::Done(String::new());
        let flash = Flash {
            function: "create_token".to_owned(),
            fields,
            outcome,
        };
        assert_eq!(scopes_in(&flash), ["*", "read:byok"]);
    }
}
