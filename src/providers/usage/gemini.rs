//! Gemini's own API. The counts on a stream's chunks are cumulative and not always on the last one, so that
//! the last seen count and none are summed (agno-agi/agno#6624, microsoft/semantic-kernel#13944).
//!
//! A stream has no end mark but a reason to finish, or to refuse the prompt.

use super::Metered;
use super::dialect::{Dialect, Event, read_model};
use super::numbers::{Count, sum};
use super::text::TextMembers;
use crate::domain::TokenCounts;
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::LazyLock;

/// The shape.
pub(super) struct Gemini;

struct Marks {
    finish: Finder<'static>,
    refusal: Finder<'static>,
    text: TextMembers,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks {
    finish: Finder::new("\"finishReason\""),
    refusal: Finder::new("\"blockReason\""),
    text: TextMembers::new(&["\"text\""]),
});

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk<'json> {
    #[serde(borrow)]
    usage_metadata: Option<&'json RawValue>,
    #[serde(borrow)]
    model_version: Option<&'json RawValue>,
    #[serde(borrow)]
    error: Option<&'json RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UsageMetadata {
    #[serde(rename = "promptTokenCount")]
    prompt: Count,
    #[serde(rename = "toolUsePromptTokenCount")]
    tool_use_prompt: Count,
    #[serde(rename = "candidatesTokenCount")]
    candidates: Count,
    #[serde(rename = "thoughtsTokenCount")]
    thoughts: Count,
    #[serde(rename = "cachedContentTokenCount")]
    cached_content: Count,
}

impl Dialect for Gemini {
    fn members(&self) -> &'static [&'static str] {
        &["usageMetadata", "modelVersion", "error"]
    }

    fn member(&self, name: &str, value: &[u8], read: &mut Metered) {
        match name {
            "usageMetadata" => read_usage(value, read),
            "modelVersion" => read_model(value, read),
            _ => {}
        }
    }

    fn event(&self, data: &[u8], read: &mut Metered) -> Event {
        let marks = &*MARKS;
        read.text_bytes += marks.text.bytes_in(data);
        read.finished |= marks.finish.find(data).is_some() || marks.refusal.find(data).is_some();
        if let Ok(chunk) = serde_json::from_slice::<Chunk<'_>>(data) {
            if let Some(usage) = chunk.usage_metadata {
                read_usage(usage.get().as_bytes(), read);
            }
            if let Some(model) = chunk.model_version.filter(|_| read.model.is_none()) {
                read_model(model.get().as_bytes(), read);
            }
            read.stream_error |= chunk.error.is_some();
        }
        Event::Answer
    }

    fn ends_without_mark(&self) -> bool {
        true
    }
}

fn read_usage(value: &[u8], read: &mut Metered) {
    let Ok(usage) = serde_json::from_slice::<UsageMetadata>(value) else {
        return;
    };
    let tokens = TokenCounts {
        input: sum(&[usage.prompt.0, usage.tool_use_prompt.0]),
        output: sum(&[usage.candidates.0, usage.thoughts.0]),
        cached_input: usage.cached_content.0,
        cache_write: None,
        reasoning: usage.thoughts.0,
    };
    if tokens.input.is_some() || tokens.output.is_some() {
        read.tokens = tokens;
        read.has_usage = true;
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::TokenCounts;
    use crate::providers::UsageShape::Gemini;
    use crate::providers::usage::tests::{agrees, event, first_events, streamed, whole};

    const WHOLE: &str = include_str!("samples/gemini.json");
    const STREAM: &str = include_str!("samples/gemini.sse");
    const ERROR: &str = r#"{"error": {"code": 503,"message": "Overloaded","status": "UNAVAILABLE"}}"#;

    /// The stream as it comes where `alt=sse` is not asked for, and whatever else is put into it.
    fn array(more: &[&str]) -> String {
        let chunks = STREAM.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
        let chunks: Vec<&str> = chunks.chain(more.iter().copied()).collect();
        format!("[{}\n]\n", chunks.join("\n,\r\n"))
    }

    #[test]
    fn a_whole_answer_is_read() {
        let read = whole(Gemini, WHOLE);
        let tokens = TokenCounts {
            input: Some(120 + 15),
            output: Some(40 + 130),
            cached_input: Some(64),
            cache_write: None,
            reasoning: Some(130),
        };
        assert_eq!(read.tokens, tokens);
        assert_eq!(read.model.as_deref(), Some("gemini-2.5-flash"));
        assert!(read.has_usage && read.finished && !read.stream_error);
        agrees(&read, WHOLE, "google", "default");
    }

    #[test]
    fn the_last_seen_counts_stand_and_none_are_summed() {
        let read = streamed(Gemini, &STREAM.replace('\n', "\r\n"));
        assert_eq!((read.tokens.input, read.tokens.output), (Some(8), Some(3)));
        assert_eq!(read.model.as_deref(), Some("gemini-2.5-flash"));
        assert_eq!(read.text_bytes, 6);
        assert!(read.has_usage && read.finished && !read.stream_error);
    }

    #[test]
    fn a_stream_without_alt_sse_is_an_array() {
        let array = array(&[]);
        let read = whole(Gemini, &array);
        assert_eq!((read.tokens.input, read.tokens.output), (Some(8), Some(3)));
        assert_eq!(read.model.as_deref(), Some("gemini-2.5-flash"));
        assert!(read.finished && !read.stream_error);
        let (cut, _) = array.split_once(": 11").unwrap();
        assert_eq!(whole(Gemini, cut).tokens.output, Some(1), "as far as it came");
    }

    #[test]
    fn an_error_in_a_stream_is_seen() {
        assert!(streamed(Gemini, &(first_events(STREAM, 1) + &event(ERROR))).stream_error);
        assert!(whole(Gemini, &array(&[ERROR])).stream_error);
        assert!(
            !whole(Gemini, ERROR).stream_error,
            "what is nothing but an error did not begin well"
        );
    }

    #[test]
    fn a_refused_prompt_is_read() {
        let refused = r#"{"promptFeedback": {"blockReason": "SAFETY"},"usageMetadata": {"promptTokenCount": 9}}"#;
        let read = streamed(Gemini, &event(refused));
        assert_eq!(
            read.tokens,
            TokenCounts {
                input: Some(9),
                ..TokenCounts::default()
            }
        );
        assert!(read.has_usage);
    }

    #[test]
    fn a_reason_to_finish_is_an_end_mark() {
        use crate::providers::usage::Meter;
        for (events, is_finished) in [(2, false), (3, true)] {
            let mut meter = Meter::new(Gemini, true, false);
            meter.pass(first_events(STREAM, events).into());
            assert_eq!(meter.metered().finished, is_finished);
        }
        let mut meter = Meter::new(Gemini, true, false);
        meter.pass(event(r#"{"promptFeedback": {"blockReason": "SAFETY"}}"#).into());
        assert!(meter.metered().finished);
        let mut meter = Meter::new(Gemini, true, false);
        meter.end();
        assert!(meter.metered().finished, "not every stream gives a reason");
    }
}
