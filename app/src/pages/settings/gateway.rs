//! What happens to a project's calls: whose key serves when its own cannot, and how far calls reach.

use crate::api::{self, SetGatewaySettings};
use crate::components::{ButtonKind, Message, Notice, SubmitButton};
use crate::contract::{Flash, GatewaySettingsView};
use crate::forms::{at_form, on_answer, pending, refusal};
use crate::loaded::loaded;
use crate::pages::policy::{POLICIES, WHEN_FAILING, WHEN_MISSING, meaning};
use leptos::prelude::*;

const FUNCTION: &str = "set_gateway_settings";

const OPENS: &str = "Open the rest of the provider's API";
const ADDS: &str = "Ask for usage in streams";

/// The project's policies and switches, for those who may change them and for those who may not.
#[component]
pub(super) fn Gateway(project: String, notice: RwSignal<Option<Notice>>) -> impl IntoView {
    let asked = project.clone();
    let settings = Resource::new_blocking(move || asked.clone(), api::gateway_settings);
    loaded(settings, move |shown, flash| {
        let settings = shown.get_untracked();
        let content = if settings.can_write {
            form(project, settings, flash.as_ref(), notice)
        } else {
            facts(&settings)
        };
        view! {
            <section class="card form-card" aria-labelledby="fallback">
                <h2 id="fallback">"When your own key cannot serve"</h2>
                {content}
            </section>
        }
        .into_any()
    })
}

fn saved() -> Notice {
    Notice::saying("Settings saved. Calls follow them from now on.")
}

/// What the form came to, where no script ran.
pub(super) fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    flash?.done::<GatewaySettingsView>(FUNCTION).map(|_| saved())
}

fn form(
    project: String,
    settings: GatewaySettingsView,
    flash: Option<&Flash>,
    notice: RwSignal<Option<Notice>>,
) -> AnyView {
    let action = ServerAction::<SetGatewaySettings>::new();
    let refusal = refusal(action, flash.and_then(|flash| flash.refused_by(FUNCTION)).cloned());
    on_answer(action, move |answer| {
        if answer.is_ok() {
            notice.set(Some(saved()));
        }
    });
    let GatewaySettingsView {
        operator_allows,
        on_missing,
        on_failure,
        opens_all_paths,
        adds_stream_usage,
        ..
    } = settings;
    view! {
        {not_allowed(operator_allows)}
        <ActionForm action>
            <input type="hidden" name="project" value=project />
            {policy("on_missing", WHEN_MISSING, &on_missing, operator_allows)}
            {policy("on_failure", WHEN_FAILING, &on_failure, operator_allows)}
            <fieldset class="field">
                <legend>"What calls reach, and what is counted"</legend>
                {switch(
                    "opens_all_paths",
                    opens_all_paths,
                    OPENS,
                    "Beyond calling models: files, batches, fine-tuning, and deleting what is stored there. It is done with your own key, never with the platform key, by whoever holds a token with use:gateway.",
                )}
                {switch(
                    "adds_stream_usage",
                    adds_stream_usage,
                    ADDS,
                    "Chat streams that do not ask for their token counts are counted all the same. What the provider adds for it is withheld from the caller.",
                )}
            </fieldset>
            <Message text=at_form(refusal, &[]) />
            <SubmitButton
                label="Save settings".to_owned()
                pending=pending(action)
                kind=ButtonKind::Filled
            />
        </ActionForm>
    }
    .into_any()
}

/// Why there is nothing to choose, where there is not.
fn not_allowed(operator_allows: bool) -> Option<AnyView> {
    (!operator_allows).then(|| {
        view! {
            <p class="quiet">
                "The operator of this Latchkey does not let your organization use platform keys, so calls that your own key cannot serve are refused."
            </p>
        }
        .into_any()
    })
}

/// One policy. Fixed where the operator has decided.
fn policy(name: &'static str, when: &'static str, chosen: &str, is_open: bool) -> AnyView {
    let option = |(value, words): (&'static str, &'static str)| {
        view! {
            <label class="choice">
                <input type="radio" name=name value=value checked=value == chosen />
                <span>{words}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field" disabled=!is_open>
            <legend>{when}</legend>
            {POLICIES.map(option).collect_view()}
        </fieldset>
    }
    .into_any()
}

fn switch(name: &'static str, is_on: bool, words: &'static str, meaning: &'static str) -> AnyView {
    view! {
        <label class="choice">
            <input type="checkbox" name=name value="true" checked=is_on />
            <span>{words} <span class="hint block">{meaning}</span></span>
        </label>
    }
    .into_any()
}

/// The same for those who may look and not touch.
fn facts(settings: &GatewaySettingsView) -> AnyView {
    let on_or_off = |is_on| if is_on { "On" } else { "Off" };
    let fact = |(name, value): (&'static str, &'static str)| {
        view! {
            <dt>{name}</dt>
            <dd>{value}</dd>
        }
    };
    let facts = [
        (WHEN_MISSING, meaning(&settings.on_missing)),
        (WHEN_FAILING, meaning(&settings.on_failure)),
        (OPENS, on_or_off(settings.opens_all_paths)),
        (ADDS, on_or_off(settings.adds_stream_usage)),
    ];
    view! {
        {not_allowed(settings.operator_allows)}
        <dl class="facts stacked">{facts.map(fact).collect_view()}</dl>
    }
    .into_any()
}
