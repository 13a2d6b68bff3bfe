//! Which calls are asked for: the address's words, its form, and what to loosen where nothing was found.

use crate::providers;
use app::contract::{ActivityFilter, FilterFieldView, OptionView};
use url::form_urlencoded;

/// The range that holds where none is chosen.
pub(super) const USUAL_RANGE: &str = "24h";
pub(super) const CUSTOM: &str = "custom";

const RANGES: [(&str, &str); 5] = [
    ("1h", "Last hour"),
    (USUAL_RANGE, "Last 24 hours"),
    ("7d", "Last 7 days"),
    ("30d", "Last 30 days"),
    (CUSTOM, "Custom"),
];
const SOURCES: [(&str, &str); 3] = [("", "Any key"), ("byok", "Your key"), ("platform", "Platform key")];
const STATUSES: [(&str, &str); 3] = [("", "Any status"), ("ok", "Succeeded"), ("failed", "Failed")];
/// What a point in time looks like.
pub(in crate::web::ui) const EXAMPLE: &str = "2026-11-21T14:00";

/// The filter's values under their names in the address.
fn pairs(filter: &ActivityFilter) -> [(&'static str, &str); 10] {
    [
        ("range", &filter.range),
        ("from", &filter.from),
        ("to", &filter.to),
        ("provider", &filter.provider),
        ("model", &filter.model),
        ("source", &filter.source),
        ("status", &filter.status),
        ("token", &filter.token),
        ("session", &filter.session),
        ("label", &filter.label),
    ]
}

/// The filter without white space around its words, and without dates that its range does not use.
pub(super) fn tidy(mut filter: ActivityFilter) -> ActivityFilter {
    for field in [
        &mut filter.range,
        &mut filter.from,
        &mut filter.to,
        &mut filter.provider,
        &mut filter.model,
        &mut filter.source,
        &mut filter.status,
        &mut filter.token,
        &mut filter.session,
        &mut filter.label,
    ] {
        *field = field.trim().to_owned();
    }
    if filter.range != CUSTOM {
        filter.from.clear();
        filter.to.clear();
    }
    filter
}

/// `?range=1h&provider=openai`, with what is not empty and `more`; empty for no filter at all.
pub(super) fn query(filter: &ActivityFilter, more: Option<(&str, &str)>) -> String {
    let chosen = pairs(filter).into_iter().filter(|(_, value)| !value.is_empty());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(chosen.chain(more))
        .finish();
    if query.is_empty() { query } else { format!("?{query}") }
}

/// The form's fields, with `models` to suggest and `tokens` to choose from.
pub(super) fn fields(
    filter: &ActivityFilter,
    models: Vec<OptionView>,
    tokens: Vec<OptionView>,
) -> Vec<FilterFieldView> {
    let range = if filter.range.is_empty() {
        USUAL_RANGE
    } else {
        &filter.range
    };
    let catalogue = providers::catalogue().iter();
    let of_catalogue = catalogue.map(|provider| OptionView::new(provider.slug(), provider.name()));
    let mut of_catalogue: Vec<_> = of_catalogue.collect();
    of_catalogue.sort_by_key(|option| option.label.to_lowercase());
    vec![
        chosen("range", "Range", range, options(&RANGES)),
        typed("from", "From (UTC)", &filter.from, "datetime-local", EXAMPLE),
        typed("to", "To (UTC)", &filter.to, "datetime-local", EXAMPLE),
        chosen(
            "provider",
            "Provider",
            &filter.provider,
            with_any("Any provider", of_catalogue),
        ),
        FilterFieldView {
            options: models,
            ..typed("model", "Model", &filter.model, "text", "gpt-4o-mini")
        },
        chosen("status", "Status", &filter.status, options(&STATUSES)),
        rare(chosen("source", "Key", &filter.source, options(&SOURCES))),
        rare(chosen("token", "Token", &filter.token, with_any("Any token", tokens))),
        rare(typed("session", "Session", &filter.session, "text", "nightly")),
        rare(typed("label", "Label", &filter.label, "text", "env=prod")),
    ]
}

/// Filters that let more through than this one, in words, the nearest first.
pub(super) fn looser(filter: &ActivityFilter) -> Vec<(&'static str, ActivityFilter)> {
    let mut looser = Vec::new();
    let mut drop = |is_set: bool, words, loosen: fn(&mut ActivityFilter)| {
        if is_set {
            let mut without = filter.clone();
            loosen(&mut without);
            looser.push((words, without));
        }
    };
    drop(!filter.label.is_empty(), "Any label", |filter| filter.label.clear());
    drop(!filter.session.is_empty(), "Any session", |filter| {
        filter.session.clear();
    });
    drop(!filter.token.is_empty(), "Any token", |filter| filter.token.clear());
    drop(!filter.status.is_empty(), "Any status", |filter| filter.status.clear());
    drop(!filter.source.is_empty(), "Any key", |filter| filter.source.clear());
    drop(!filter.model.is_empty(), "Any model", |filter| filter.model.clear());
    drop(!filter.provider.is_empty(), "Any provider", |filter| {
        filter.provider.clear();
    });
    drop(filter.range != "30d", "The last 30 days", |filter| {
        "30d".clone_into(&mut filter.range);
        filter.from.clear();
        filter.to.clear();
    });
    looser
}

/// Every call of the last 30 days, as the last thing to offer.
pub(super) fn loosest() -> (&'static str, ActivityFilter) {
    let filter = ActivityFilter {
        range: "30d".to_owned(),
        ..ActivityFilter::default()
    };
    ("All calls of the last 30 days", filter)
}

fn options(known: &[(&str, &str)]) -> Vec<OptionView> {
    known
        .iter()
        .map(|(value, label)| OptionView::new(*value, *label))
        .collect()
}

pub(in crate::web::ui) fn with_any(any: &str, options: Vec<OptionView>) -> Vec<OptionView> {
    std::iter::once(OptionView::new("", any)).chain(options).collect()
}

/// A choice; what is in use is among it, whatever it is.
pub(in crate::web::ui) fn chosen(
    name: &str,
    label: &str,
    value: &str,
    mut options: Vec<OptionView>,
) -> FilterFieldView {
    if options.iter().all(|option| option.value != value) {
        options.push(OptionView::new(value, value));
    }
    FilterFieldView {
        options,
        ..typed(name, label, value, "", "")
    }
}

pub(in crate::web::ui) fn typed(
    name: &str,
    label: &str,
    value: &str,
    kind: &str,
    placeholder: &str,
) -> FilterFieldView {
    FilterFieldView {
        name: name.to_owned(),
        label: label.to_owned(),
        value: value.to_owned(),
        kind: kind.to_owned(),
        options: Vec::new(),
        placeholder: placeholder.to_owned(),
        is_rare: false,
    }
}

fn rare(field: FilterFieldView) -> FilterFieldView {
    FilterFieldView { is_rare: true, ..field }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(range: &str, model: &str, label: &str) -> ActivityFilter {
        let own = |text: &str| text.to_owned();
        ActivityFilter {
            range: own(range),
            model: own(model),
            label: own(label),
            from: own(" 2026-11-21 "),
            ..ActivityFilter::default()
        }
    }

    #[test]
    fn the_address_holds_what_is_chosen_and_no_more() {
        let tidied = tidy(filter("1h", " gpt-4o ", "env=prod & more"));
        assert_eq!(query(&tidied, None), "?range=1h&model=gpt-4o&label=env%3Dprod+%26+more");
        assert_eq!(
            query(&tidy(filter(CUSTOM, "", "")), Some(("before", "x"))),
            "?range=custom&from=2026-11-21&before=x"
        );
        assert_eq!(query(&ActivityFilter::default(), None), "");
    }

    #[test]
    fn each_filter_can_be_loosened_alone() {
        let words: Vec<_> = looser(&tidy(filter("1h", "gpt-4o", "env=prod")))
            .into_iter()
            .map(|(words, filter)| (words, query(&filter, None)))
            .collect();
        let expected = [
            ("Any label", "?range=1h&model=gpt-4o"),
            ("Any model", "?range=1h&label=env%3Dprod"),
            ("The last 30 days", "?range=30d&model=gpt-4o&label=env%3Dprod"),
        ];
        assert_eq!(words, expected.map(|(words, query)| (words, query.to_owned())));
        assert!(looser(&loosest().1).is_empty());
    }
}
