//! The second step: what was recognised, and what is to happen with it.

use super::Desk;
use crate::api::{DiscardImport, ImportKeys};
use crate::components::{ButtonKind, Message, Notice, SubmitButton};
use crate::contract::{CandidateView, ErrorCode, ImportPreviewView, ImportProviderView};
use crate::forms::{at_form, on_answer, pending, refusal};
use leptos::html::H2;
use leptos::prelude::*;

/// A row for each line that may be a key.
#[component]
pub(super) fn Choose(
    preview: ImportPreviewView,
    providers: Vec<ImportProviderView>,
    notice: RwSignal<Option<Notice>>,
    desk: Desk,
) -> impl IntoView {
    let earlier = desk.flash.as_ref().and_then(|flash| flash.refused_by("import_keys"));
    let action = ServerAction::<ImportKeys>::new();
    let refusal = refusal(action, earlier.cloned());
    let (page, imported) = (desk.page, desk.imported);
    on_answer(action, move |answer| match answer {
        Ok(done) => {
            imported.set(Some(done));
            page.refetch();
        }
        // Perhaps the paste is not kept any more.
        Err(error) if error.code == ErrorCode::InvalidInput => page.refetch(),
        Err(_) => {}
    });
    let heading = NodeRef::<H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let ImportPreviewView { candidates, left_out } = preview;
    let found = match candidates.len() {
        1 => "1 key found".to_owned(),
        more => format!("{more} keys found"),
    };
    let left_out = match left_out {
        0 => None,
        1 => Some("1 other line has a value that is no key, and is left out.".to_owned()),
        more => Some(format!(
            "{more} other lines have a value that is no key, and are left out."
        )),
    };
    let providers = StoredValue::new(providers);
    let rows = candidates
        .into_iter()
        .enumerate()
        .map(|(at, candidate)| view! { <Row at candidate providers /> })
        .collect_view();
    let project = desk.project.clone();
    view! {
        <section class="section" aria-labelledby="found">
            <h2 id="found" tabindex="-1" node_ref=heading>
                {found}
            </h2>
            {left_out.map(|words| view! { <p class="quiet">{words}</p> })}
            <ActionForm action attr:class="stack">
                <input type="hidden" name="project" value=project />
                <table class="table import" role="table" aria-label="Keys found">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col">"Key"</th>
                            <th role="columnheader" scope="col">"Provider"</th>
                            <th role="columnheader" scope="col">"Name"</th>
                            <th role="columnheader" scope="col">"What will happen"</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
                <Message text=at_form(refusal, &[]) />
                <SubmitButton
                    label="Import chosen keys".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Filled
                />
            </ActionForm>
            {discard(notice, &desk)}
        </section>
    }
}

/// One line: whether, whose, and under what name.
#[component]
fn Row(at: usize, candidate: CandidateView, providers: StoredValue<Vec<ImportProviderView>>) -> impl IntoView {
    let CandidateView {
        line,
        variable,
        provider,
        redacted,
        endpoint,
        already_here,
    } = candidate;
    let field = |name: &str| format!("choices[{at}][{name}]");
    let chosen = RwSignal::new(provider.unwrap_or_default());
    let is_chosen = RwSignal::new(!already_here && chosen.with_untracked(|provider| !provider.is_empty()));
    let of_provider = move |provider: &str| {
        providers.with_value(|providers| providers.iter().find(|one| one.slug == provider).cloned())
    };
    let takes_endpoint = move || of_provider(&chosen.get()).is_some_and(|provider| provider.takes_endpoint);
    let options = providers.with_value(|providers| {
        let option = |provider: &ImportProviderView| {
            let is_it = chosen.with_untracked(|chosen| *chosen == provider.slug);
            view! {
                <option value=provider.slug.clone() selected=is_it>
                    {provider.name.clone()}
                </option>
            }
        };
        providers.iter().map(option).collect_view()
    });
    let about = variable.clone().unwrap_or_else(|| format!("line {line}"));
    let outcome = move || outcome(already_here, is_chosen.get(), of_provider(&chosen.get()).as_ref());
    let is_unknown = chosen.with_untracked(String::is_empty);
    // Azure's alone; without script it shows where the paste names a resource.
    let endpoint = {
        let name = field("endpoint");
        let label = format!("Endpoint of {about}");
        let endpoint = endpoint.unwrap_or_default();
        move || {
            takes_endpoint().then(|| {
                view! {
                    <input
                        type="url"
                        name=name.clone()
                        value=endpoint.clone()
                        placeholder="https://my-resource.openai.azure.com"
                        aria-label=label.clone()
                        maxlength="300"
                    />
                }
            })
        }
    };
    view! {
        <tr role="row">
            <td role="cell" data-label="Key">
                <input type="hidden" name=field("line") value=line.to_string() />
                <label class="choice">
                    <input
                        type="checkbox"
                        name=field("is_chosen")
                        value="true"
                        checked=is_chosen.get_untracked()
                        prop:checked=is_chosen
                        on:change=move |event| is_chosen.set(event_target_checked(&event))
                    />
                    <span>
                        <code class="key">{redacted}</code>
                        <span class="hint block">
                            {variable.map(|variable| view! { <span class="break">{variable}</span> ", " })}
                            {format!("line {line}")}
                        </span>
                    </span>
                </label>
            </td>
            <td role="cell" data-label="Provider">
                <div class="field">
                    <select
                        name=field("provider")
                        aria-label=format!("Provider of {about}")
                        on:change=move |event| {
                            chosen.set(event_target_value(&event));
                            is_chosen.set(true);
                        }
                    >
                        <option value="" selected=is_unknown>
                            "Choose…"
                        </option>
                        {options}
                    </select>
                    {endpoint}
                </div>
            </td>
            <td role="cell" data-label="Name">
                <div class="field">
                    <input
                        type="text"
                        name=field("name")
                        aria-label=format!("Name of {about}")
                        placeholder="Optional"
                        autocomplete="off"
                        maxlength="80"
                    />
                </div>
            </td>
            <td role="cell" data-label="What will happen">
                {outcome}
            </td>
        </tr>
    }
}

/// What will happen with a line as it is chosen.
fn outcome(already_here: bool, is_chosen: bool, provider: Option<&ImportProviderView>) -> String {
    match (is_chosen, provider) {
        (false, _) if already_here => "Left out: this project has it already.".to_owned(),
        (true, Some(_)) if already_here => "Stored once more, though this project has it already.".to_owned(),
        (false, None) => "Left out, unless you tick it and say whose key it is.".to_owned(),
        (true, None) => "Choose whose key it is.".to_owned(),
        (false, Some(_)) => "Left out.".to_owned(),
        (true, Some(provider)) if provider.has_default => {
            format!("Tested, then added beside the default {} key.", provider.name)
        }
        (true, Some(provider)) => format!(
            "Tested, then added; the first {} key that passes becomes the default.",
            provider.name
        ),
    }
}

/// Forgets the paste.
fn discard(notice: RwSignal<Option<Notice>>, desk: &Desk) -> AnyView {
    let action = ServerAction::<DiscardImport>::new();
    let page = desk.page;
    on_answer(action, move |answer| {
        if answer.is_ok() {
            notice.set(Some(Notice::saying(
                "Nothing was imported, and the paste is forgotten.",
            )));
        }
        page.refetch();
    });
    let project = desk.project.clone();
    view! {
        <ActionForm action>
            <input type="hidden" name="project" value=project />
            <SubmitButton
                label="Forget the paste".to_owned()
                pending=pending(action)
                kind=ButtonKind::Quiet
            />
        </ActionForm>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_says_what_it_comes_to() {
        let provider = |has_default| ImportProviderView {
            slug: "openai".to_owned(),
            name: "OpenAI".to_owned(),
            has_default,
            takes_endpoint: false,
        };
        assert!(outcome(false, true, Some(&provider(true))).contains("beside the default OpenAI key"));
        assert!(outcome(false, true, Some(&provider(false))).contains("the first OpenAI key"));
        assert!(outcome(false, true, None).contains("Choose whose"));
        assert!(outcome(false, false, None).contains("unless you tick it"));
        assert!(outcome(true, false, Some(&provider(true))).contains("has it already"));
        assert_eq!(outcome(false, false, Some(&provider(true))), "Left out.");
    }
}
