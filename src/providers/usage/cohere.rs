//! Cohere, whose bill counts `billed_units` and not the `tokens` beside them. They stand in `usage` (chat, v2)
//! or `meta` (v1, embeddings); in a stream in the last event, `message-end` (v2) or `stream-end` (v1). Answers
//! do not name the model.

use super::Metered;
use super::dialect::{Dialect, Event, read_model};
use super::numbers::{Count, Lenient};
use super::text::TextMembers;
use crate::domain::TokenCounts;
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The shape.
pub(super) struct Cohere;

struct Marks {
    /// In every last event, and in no other.
    finish: Finder<'static>,
    text: TextMembers,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks {
    finish: Finder::new("\"finish_reason\""),
    text: TextMembers::new(&["\"text\"", "\"thinking\"", "\"tool_plan\"", "\"arguments\""]),
});

#[derive(Deserialize)]
struct StreamEvent<'json> {
    #[serde(borrow, default)]
    r#type: Cow<'json, str>,
    #[serde(borrow, default)]
    event_type: Cow<'json, str>,
    #[serde(borrow)]
    delta: Option<End<'json>>,
    #[serde(borrow)]
    response: Option<End<'json>>,
}

/// An answer, or what is told at its end.
#[derive(Deserialize)]
struct End<'json> {
    #[serde(borrow)]
    finish_reason: Option<&'json RawValue>,
    #[serde(borrow)]
    usage: Option<&'json RawValue>,
    #[serde(borrow)]
    meta: Option<&'json RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    billed_units: Lenient<Units>,
    tokens: Lenient<Units>,
    cached_tokens: Count,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Units {
    input_tokens: Count,
    output_tokens: Count,
}

impl Dialect for Cohere {
    fn members(&self) -> &'static [&'static str] {
        &["usage", "meta", "model", "response"]
    }

    fn member(&self, name: &str, value: &[u8], read: &mut Metered) {
        match name {
            "model" => read_model(value, read),
            // The last line of a stream of v1, which is no event stream unless that is asked for.
            "response" => {
                if let Ok(end) = serde_json::from_slice::<End<'_>>(value) {
                    read_end(&end, read);
                }
            }
            _ => read_usage(value, read),
        }
    }

    fn event(&self, data: &[u8], read: &mut Metered) -> Event {
        let marks = &*MARKS;
        if marks.finish.find(data).is_none() {
            read.text_bytes += marks.text.bytes_in(data);
        } else if let Ok(event) = serde_json::from_slice::<StreamEvent<'_>>(data) {
            read.finished |= event.r#type == "message-end" || event.event_type == "stream-end";
            if let Some(end) = event.delta.or(event.response) {
                read_end(&end, read);
            }
        }
        Event::Answer
    }
}

fn read_end(end: &End<'_>, read: &mut Metered) {
    if let Some(usage) = end.usage.or(end.meta) {
        read_usage(usage.get().as_bytes(), read);
    }
    read.stream_error |= end
        .finish_reason
        .is_some_and(|reason| reason.get().starts_with("\"ERROR"));
}

fn read_usage(value: &[u8], read: &mut Metered) {
    let Ok(usage) = serde_json::from_slice::<Usage>(value) else {
        return;
    };
    let counted = |units: &Units| units.input_tokens.0.is_some() || units.output_tokens.0.is_some();
    let Some(units) = [usage.billed_units.0, usage.tokens.0]
        .into_iter()
        .flatten()
        .find(counted)
    else {
        return;
    };
    let input = units.input_tokens.0;
    read.tokens = TokenCounts {
        input,
        output: units.output_tokens.0,
        // What is not billed may have been cached all the same.
        cached_input: usage
            .cached_tokens
            .0
            .zip(input)
            .map(|(cached, input)| cached.min(input)),
        cache_write: None,
        reasoning: None,
    };
    read.has_usage = true;
}

#[cfg(test)]
mod tests {
    use crate::domain::TokenCounts;
    use crate::providers::UsageShape::Cohere;
    use crate::providers::usage::tests::{agrees, event, first_events, streamed, whole};

    const WHOLE: &str = include_str!("samples/cohere.json");
    const STREAM: &str = include_str!("samples/cohere.sse");

    #[test]
    fn a_whole_answer_is_read_as_billed() {
        let read = whole(Cohere, WHOLE);
        let tokens = TokenCounts {
            input: Some(5),
            output: Some(418),
            cached_input: Some(3),
            ..TokenCounts::default()
        };
        assert_eq!(read.tokens, tokens);
        assert_eq!(read.model, None);
        assert!(read.has_usage && read.finished && !read.stream_error);
        agrees(&read, WHOLE, "cohere", "default");
    }

    #[test]
    fn unbilled_tokens_count_where_no_billed_ones_are_told() {
        let body = r#"{"usage":{"tokens":{"input_tokens":71,"output_tokens":18},"cached_tokens":64}}"#;
        let read = whole(Cohere, body);
        assert_eq!((read.tokens.input, read.tokens.output), (Some(71), Some(18)));
        agrees(&read, body, "cohere", "tokens");
    }

    #[test]
    fn no_more_is_cached_than_billed() {
        let body = r#"{"usage":{"billed_units":{"input_tokens":5,"output_tokens":1},"cached_tokens":64}}"#;
        assert_eq!(whole(Cohere, body).tokens.cached_input, Some(5));
    }

    #[test]
    fn embeddings_and_version_1_tell_it_in_meta() {
        let body = r#"{"id":"e1","embeddings":{"float":[[0.01,-0.02]]},"texts":["hi"],
            "meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":2}}}"#;
        let read = whole(Cohere, body);
        assert_eq!(
            read.tokens,
            TokenCounts {
                input: Some(2),
                ..TokenCounts::default()
            }
        );
        agrees(&read, body, "cohere", "embeddings");
        let chat = r#"{"text":"Hi","meta":{"billed_units":{"input_tokens":5,"output_tokens":6},
            "tokens":{"input_tokens":70,"output_tokens":6}}}"#;
        assert_eq!(whole(Cohere, chat).tokens.input, Some(5));
        let rerank = r#"{"results":[{"index":0}],"meta":{"billed_units":{"search_units":1}}}"#;
        assert!(!whole(Cohere, rerank).has_usage, "searches are no tokens");
    }

    #[test]
    fn a_stream_is_read() {
        let read = streamed(Cohere, STREAM);
        assert_eq!((read.tokens.input, read.tokens.output), (Some(3), Some(9)));
        assert_eq!(read.text_bytes, 5);
        assert!(read.has_usage && read.finished && !read.stream_error);
    }

    #[test]
    fn a_stream_that_breaks_off_is_not_finished() {
        let read = streamed(Cohere, &first_events(STREAM, 4));
        assert!(!read.has_usage && !read.finished && !read.stream_error);
        assert_eq!(read.text_bytes, 5);
    }

    #[test]
    fn an_error_ends_a_stream() {
        let end = event(r#"{"type":"message-end","delta":{"finish_reason":"ERROR","error":"oops"}}"#);
        let read = streamed(Cohere, &(first_events(STREAM, 3) + &end));
        assert!(read.stream_error && read.finished && !read.has_usage);
    }

    #[test]
    fn version_1_streams_are_read_as_events_and_as_lines() {
        let text = r#"{"is_finished":false,"event_type":"text-generation","text":"Hello"}"#;
        let end = r#"{"is_finished":true,"event_type":"stream-end","finish_reason":"COMPLETE","response":"#.to_owned()
            + r#"{"text":"Hello","meta":{"billed_units":{"input_tokens":3,"output_tokens":9}}}}"#;
        let lines = whole(Cohere, &format!("{text}\n{end}\n"));
        let events = streamed(Cohere, &(event(text) + &event(&end)));
        for read in [lines, events.clone()] {
            assert_eq!((read.tokens.input, read.tokens.output), (Some(3), Some(9)));
            assert!(read.finished);
        }
        assert_eq!(events.text_bytes, 5);
    }
}
