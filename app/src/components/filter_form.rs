//! What a page shows. A form that sends itself into the address, with script and without.

use super::{ButtonKind, SubmitButton, select_field};
use crate::contract::{FilterFieldView, OptionView};
use leptos::prelude::*;

/// The filter of the page at `action`, its rarer fields behind a disclosure that is open when one of them is in use.
pub(crate) fn filter_form(fields: Vec<FilterFieldView>, action: String) -> AnyView {
    let (rare, usual): (Vec<_>, Vec<_>) = fields.into_iter().partition(|field| field.is_rare);
    let clear = action.clone();
    let is_open = rare.iter().any(|field| !field.value.is_empty());
    let rare = (!rare.is_empty()).then(|| {
        view! {
            <details class="rare-filters" open=is_open>
                <summary class="button quiet">"More filters"</summary>
                <div class="filter-fields">{rare.into_iter().map(filter_field).collect_view()}</div>
            </details>
        }
    });
    view! {
        <form method="get" action=action class="filters" aria-label="Filter">
            <div class="filter-fields">{usual.into_iter().map(filter_field).collect_view()}</div>
            {rare}
            <p class="row">
                <SubmitButton label="Apply".to_owned() kind=ButtonKind::Filled />
                <a class="button quiet" href=clear>
                    "Clear"
                </a>
            </p>
        </form>
    }
    .into_any()
}

fn filter_field(field: FilterFieldView) -> AnyView {
    let FilterFieldView {
        name,
        label,
        value,
        kind,
        options,
        placeholder,
        ..
    } = field;
    let id = format!("filter-{name}");
    if kind.is_empty() {
        return select_field(label, name, id, &value, options);
    }
    let own_name = name.clone();
    let suggestions = (!options.is_empty()).then(|| format!("{id}-suggestions"));
    let list = suggestions.clone().map(|list| {
        let option = |option: OptionView| view! { <option value=option.value></option> };
        view! { <datalist id=list>{options.into_iter().map(option).collect_view()}</datalist> }
    });
    view! {
        <div class="field" data-field=own_name>
            <label for=id.clone()>{label}</label>
            <input
                type=kind
                id=id
                name=name.clone()
                value=value
                placeholder=placeholder
                list=suggestions
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
            />
            {list}
        </div>
    }
    .into_any()
}
