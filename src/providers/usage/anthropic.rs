//! Anthropic's messages (`anthropics/anthropic-sdk-python`, `types/usage.py`).
//!
//! The three kinds of input are disjoint and their sum is the input. A stream tells the input in
//! `message_start`, and then cumulative counts in `message_delta`, which replace what was told before.

use super::Metered;
use super::dialect::{Dialect, Event, read_model};
use super::numbers::{Count, Lenient, sum};
use super::text::TextMembers;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The shape.
pub(super) struct Anthropic;

static TEXT: LazyLock<TextMembers> =
    LazyLock::new(|| TextMembers::new(&["\"text\"", "\"thinking\"", "\"partial_json\""]));

/// How the events begin that make up nearly all of a stream.
const CONTENT_DELTA: &[u8] = b"{\"type\":\"content_block_delta\"";

#[derive(Deserialize)]
struct StreamEvent<'json> {
    #[serde(borrow, default)]
    r#type: Cow<'json, str>,
    #[serde(borrow)]
    message: Option<&'json RawValue>,
    #[serde(borrow)]
    usage: Option<&'json RawValue>,
}

#[derive(Deserialize)]
struct Message<'json> {
    #[serde(borrow)]
    model: Option<&'json RawValue>,
    #[serde(borrow)]
    usage: Option<&'json RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    input_tokens: Count,
    cache_creation_input_tokens: Count,
    cache_read_input_tokens: Count,
    output_tokens: Count,
    output_tokens_details: Lenient<OutputDetails>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    thinking_tokens: Count,
}

impl Dialect for Anthropic {
    fn members(&self) -> &'static [&'static str] {
        &["model", "usage"]
    }

    fn member(&self, name: &str, value: &[u8], read: &mut Metered) {
        match name {
            "model" => read_model(value, read),
            _ => read_usage(value, read),
        }
    }

    fn event(&self, data: &[u8], read: &mut Metered) -> Event {
        read.text_bytes += TEXT.bytes_in(data);
        if !data.starts_with(CONTENT_DELTA)
            && let Ok(event) = serde_json::from_slice::<StreamEvent<'_>>(data)
        {
            read_event(&event, read);
        }
        Event::Answer
    }
}

fn read_event(event: &StreamEvent<'_>, read: &mut Metered) {
    match &*event.r#type {
        "message_start" => {
            let message = event
                .message
                .and_then(|message| serde_json::from_str::<Message<'_>>(message.get()).ok());
            if let Some(model) = message.as_ref().and_then(|message| message.model) {
                read_model(model.get().as_bytes(), read);
            }
            if let Some(usage) = message.and_then(|message| message.usage) {
                read_usage(usage.get().as_bytes(), read);
            }
        }
        "message_delta" => {
            if let Some(usage) = event.usage {
                read_usage(usage.get().as_bytes(), read);
            }
        }
        "message_stop" => read.finished = true,
        "error" => read.stream_error = true,
        _ => {}
    }
}

/// Takes over what is told; what is not stays as it was told before.
fn read_usage(value: &[u8], read: &mut Metered) {
    let Ok(usage) = serde_json::from_slice::<Usage>(value) else {
        return;
    };
    let tokens = &mut read.tokens;
    let from_cache = |part: Option<i64>| part.unwrap_or(0);
    let uncached_before = tokens
        .input
        .map(|all| all - from_cache(tokens.cached_input) - from_cache(tokens.cache_write));
    let uncached = usage.input_tokens.0.or(uncached_before);
    tokens.cached_input = usage.cache_read_input_tokens.0.or(tokens.cached_input);
    tokens.cache_write = usage.cache_creation_input_tokens.0.or(tokens.cache_write);
    tokens.input = sum(&[uncached, tokens.cached_input, tokens.cache_write]);
    tokens.output = usage.output_tokens.0.or(tokens.output);
    tokens.reasoning = usage
        .output_tokens_details
        .0
        .and_then(|details| details.thinking_tokens.0)
        .or(tokens.reasoning);
    read.has_usage |= tokens.input.is_some() || tokens.output.is_some();
}

#[cfg(test)]
mod tests {
    use crate::domain::TokenCounts;
    use crate::providers::UsageShape::Anthropic;
    use crate::providers::usage::tests::{agrees, event, first_events, streamed, whole};

    const WHOLE: &str = include_str!("samples/anthropic.json");
    const STREAM: &str = include_str!("samples/anthropic.sse");

    /// A stream that begins with 25 uncached, 10 written and 100 cached tokens and goes on with these events.
    fn started(events: &[String]) -> String {
        first_events(STREAM, 5) + &events.concat()
    }

    fn delta(usage: &str) -> String {
        event(&format!(
            r#"{{"type":"message_delta","delta":{{"stop_reason":"end_turn"}},"usage":{usage}}}"#
        ))
    }

    #[test]
    fn a_whole_answer_is_read_and_its_disjoint_inputs_summed() {
        let read = whole(Anthropic, WHOLE);
        let tokens = TokenCounts {
            input: Some(21 + 188 + 1500),
            output: Some(393),
            cached_input: Some(1500),
            cache_write: Some(188),
            reasoning: Some(300),
        };
        assert_eq!(read.tokens, tokens);
        assert_eq!(read.model.as_deref(), Some("claude-sonnet-4-5-20250929"));
        assert!(read.has_usage && read.finished && !read.stream_error);
        agrees(&read, WHOLE, "anthropic", "default");
    }

    #[test]
    fn a_stream_is_read() {
        let read = streamed(Anthropic, STREAM);
        let tokens = TokenCounts {
            input: Some(25 + 10 + 100),
            output: Some(15),
            cached_input: Some(100),
            cache_write: Some(10),
            reasoning: None,
        };
        assert_eq!(read.tokens, tokens);
        assert_eq!(read.model.as_deref(), Some("claude-sonnet-4-5-20250929"));
        assert_eq!(read.text_bytes, 9);
        assert!(read.has_usage && read.finished && !read.stream_error);
    }

    #[test]
    fn later_counts_replace_earlier_ones_and_are_never_added() {
        let all = delta(r#"{"input_tokens":30,"cache_read_input_tokens":5,"output_tokens":15}"#);
        let output = delta(r#"{"output_tokens":40,"output_tokens_details":{"thinking_tokens":8}}"#);
        let read = streamed(Anthropic, &started(&[all, output]));
        let tokens = TokenCounts {
            input: Some(30 + 10 + 5),
            output: Some(40),
            cached_input: Some(5),
            cache_write: Some(10),
            reasoning: Some(8),
        };
        assert_eq!(read.tokens, tokens);
    }

    #[test]
    fn what_is_not_told_again_stays() {
        let read = streamed(
            Anthropic,
            &started(&[delta(r#"{"cache_read_input_tokens":7,"output_tokens":2}"#)]),
        );
        assert_eq!(read.tokens.input, Some(25 + 10 + 7));
        let nulls = delta(r#"{"input_tokens":null,"cache_creation_input_tokens":null,"output_tokens":null}"#);
        let read = streamed(Anthropic, &started(&[nulls]));
        assert_eq!((read.tokens.input, read.tokens.output), (Some(135), Some(1)));
    }

    #[test]
    fn a_stream_that_breaks_off_is_not_finished() {
        let read = streamed(Anthropic, &started(&[]));
        assert!(read.has_usage && !read.finished && !read.stream_error);
        assert_eq!(read.text_bytes, 5);
    }

    #[test]
    fn an_error_event_is_seen() {
        let error = event(r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#);
        let read = streamed(Anthropic, &started(&[error]));
        assert!(read.stream_error && !read.finished);
    }

    #[test]
    fn broken_events_are_skipped() {
        let broken = [
            r#"{"type":"message_delta","usage":{"output_tokens":"#,
            "\u{fffd}",
            r#"{"type":7}"#,
        ]
        .map(event);
        let stop = event(r#"{"type":"message_stop"}"#);
        let read = streamed(Anthropic, &started(&[broken.concat(), delta("7"), stop]));
        assert_eq!((read.tokens.input, read.tokens.output), (Some(135), Some(1)));
        assert!(read.finished);
    }
}
