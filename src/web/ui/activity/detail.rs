//! All that is recorded of one call, in plain words.

use super::advice::advice;
use super::words;
use crate::providers;
use crate::service::usage::Call;
use crate::web::ui::moment::moment;
use app::contract::{CallDetailView, FactGroupView, FactView};
use std::fmt::Display;
use time::OffsetDateTime;

/// Of calls that were refused before they went on.
const NOT_SENT: &str = "Nothing was sent to a provider.";

/// The call, of the project with this slug.
pub(super) fn detail(call: &Call, project: &str, now: OffsetDateTime) -> CallDetailView {
    let provider = providers::name_of(call.provider.as_str());
    let answered = if call.key_source.is_some() {
        provider
    } else {
        "Latchkey"
    };
    CallDetailView {
        summary: format!(
            "{answered} answered {} after {}, {}.",
            call.status,
            words::duration(call.latency_ms),
            moment(call.occurred_at, now).relative
        ),
        advice: advice(call.status, call.error_code.as_deref(), provider, project),
        groups: vec![
            group("Call", about_call(call, provider)),
            group("Key", about_key(call)),
            group("Tokens and cost", about_cost(call)),
            group("Time and size", about_time(call)),
            group("Your own notes", about_notes(call)),
        ],
    }
}

fn about_call(call: &Call, provider: &str) -> Vec<FactView> {
    let mut facts = vec![
        id("Request id", call.id, "The answer carried it as x-latchkey-request-id."),
        fact(
            "Time",
            words::to_the_millisecond(call.occurred_at),
            "When the request came in.",
        ),
        fact("Provider", provider, ""),
        fact(
            "Kind",
            &call.operation,
            "What was asked for: other stands for what is beyond calling models.",
        ),
        fact("Model asked for", known(call.model_asked.as_deref()), ""),
        fact(
            "Model that answered",
            known(call.model_answered.as_deref()),
            "As the provider names it.",
        ),
        fact("Status", call.status, "The HTTP status that the application got."),
        fact("Streamed", if call.streamed { "Yes" } else { "No" }, ""),
    ];
    if let Some(error) = &call.error_code {
        facts.push(fact("Error code", error, "Latchkey's own name for what went wrong."));
    }
    facts
}

fn about_key(call: &Call) -> Vec<FactView> {
    let mut facts = vec![fact("Key", words::source(call.key_source), source_meaning(call))];
    if let Some(reason) = call.fallback_reason {
        facts.push(fact("Why the platform key", words::fallback(reason), ""));
    }
    if let Some(key) = call.key {
        facts.push(id("Key id", key, "The project's own key for the provider."));
    }
    if let Some(version) = call.key_version {
        facts.push(fact(
            "Key version",
            version,
            "It counts up with each replacement of the secret.",
        ));
    }
    facts.push(id(
        "Token id",
        call.token,
        "The Latchkey token that the application presented.",
    ));
    facts
}

fn source_meaning(call: &Call) -> &'static str {
    match call.key_source {
        Some(crate::domain::KeySource::Byok) => "The project's own key served; the provider bills its owner.",
        Some(crate::domain::KeySource::Platform) => "The operator's key served, as the project's policy allows.",
        None => "The call ended before a key was used.",
    }
}

fn about_cost(call: &Call) -> Vec<FactView> {
    let tokens = &call.tokens;
    let (counted, meaning) = words::usage_source(call.usage_source);
    let meaning = if call.key_source.is_none() { NOT_SENT } else { meaning };
    let mut facts = vec![
        fact(
            "Tokens in",
            words::count_or(tokens.input),
            "All of the input, what was cached included.",
        ),
        fact(
            "Tokens out",
            words::count_or(tokens.output),
            "All of the output, reasoning included.",
        ),
    ];
    let parts = [
        ("Of the input, read from the cache", tokens.cached_input),
        ("Of the input, written to the cache", tokens.cache_write),
        ("Of the output, reasoning", tokens.reasoning),
    ];
    let parts = parts.into_iter().filter_map(|(name, part)| Some((name, part?)));
    facts.extend(parts.map(|(name, part)| fact(name, words::count(part), "")));
    facts.extend([
        fact("Counted", counted, meaning),
        fact("Cost", words::cost(call.cost), cost_meaning(call)),
    ]);
    if call.fee.0 != 0 {
        facts.push(fact("Fee", call.fee, "What the operator charges besides."));
    }
    if let Some(version) = &call.prices_version {
        facts.push(fact("Prices", version, "The price list that was asked for the cost."));
    }
    facts
}

fn cost_meaning(call: &Call) -> &'static str {
    match (call.cost, &call.prices_version) {
        (None, _) if call.key_source.is_none() => NOT_SENT,
        (None, _) => "The model's price or its token counts are not known. It may have cost something.",
        (Some(_), Some(_)) => "Computed from the tokens and the price list.",
        (Some(_), None) => "As the provider told it.",
    }
}

fn about_time(call: &Call) -> Vec<FactView> {
    let first = call
        .first_byte_ms
        .map_or_else(|| words::NOT_KNOWN.to_owned(), words::duration);
    vec![
        fact("First byte", first, "From the request to the beginning of the answer."),
        fact(
            "Latency",
            words::duration(call.latency_ms),
            "From the request to the end of the answer.",
        ),
        fact(
            "Request",
            bytes(call.request_bytes),
            "The size of its body, which is not kept.",
        ),
        fact(
            "Answer",
            bytes(call.response_bytes),
            "The size of its body, which is not kept.",
        ),
    ]
}

fn about_notes(call: &Call) -> Vec<FactView> {
    let labels: Vec<_> = call
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let labels = (!labels.is_empty()).then(|| labels.join(", "));
    vec![
        fact(
            "Session",
            known(call.session.as_deref()),
            "What the application sent as x-latchkey-session.",
        ),
        fact("Labels", known(labels.as_deref()), "What it sent as x-latchkey-labels."),
    ]
}

fn bytes(bytes: i64) -> String {
    format!("{} bytes", words::count(bytes))
}

fn known(text: Option<&str>) -> &str {
    text.unwrap_or(words::NOT_KNOWN)
}

fn group(title: &str, facts: Vec<FactView>) -> FactGroupView {
    FactGroupView {
        title: title.to_owned(),
        facts,
    }
}

fn fact(name: &str, value: impl Display, meaning: &str) -> FactView {
    FactView {
        name: name.to_owned(),
        value: format!("{value}"),
        meaning: meaning.to_owned(),
        is_id: false,
    }
}

fn id(name: &str, value: impl Display, meaning: &str) -> FactView {
    FactView {
        is_id: true,
        ..fact(name, value, meaning)
    }
}
