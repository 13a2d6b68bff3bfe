//! OpenAI's responses; and its images, speech and transcriptions, whose last event carries usage at its top.
//!
//! A stream's last event is `response.completed`, `response.incomplete` or `response.failed`; each carries the
//! whole response with its usage. Nothing needs to be asked for.

use super::Metered;
use super::dialect::{Dialect, Event, read_model};
use super::openai_usage::read_usage;
use super::text::TextMembers;
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The shape.
pub(super) struct OpenAiResponses;

struct Marks {
    /// Only events that carry a whole response have this member.
    response: Finder<'static>,
    usage: Finder<'static>,
    error: Finder<'static>,
    text: TextMembers,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks {
    response: Finder::new("\"response\""),
    usage: Finder::new("\"usage\""),
    error: Finder::new("\"error\""),
    text: TextMembers::new(&["\"delta\""]),
});

#[derive(Deserialize)]
struct Message<'json> {
    #[serde(borrow, default)]
    r#type: Cow<'json, str>,
    #[serde(borrow)]
    response: Option<Response<'json>>,
    #[serde(borrow)]
    usage: Option<&'json RawValue>,
    #[serde(borrow)]
    error: Option<&'json RawValue>,
}

#[derive(Deserialize)]
struct Response<'json> {
    #[serde(borrow)]
    model: Option<&'json RawValue>,
    #[serde(borrow)]
    usage: Option<&'json RawValue>,
}

impl Dialect for OpenAiResponses {
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
        let marks = &*MARKS;
        read.text_bytes += marks.text.bytes_in(data);
        let worth_parsing = [&marks.response, &marks.usage, &marks.error]
            .iter()
            .any(|mark| mark.find(data).is_some());
        if worth_parsing && let Ok(message) = serde_json::from_slice::<Message<'_>>(data) {
            read_message(&message, read);
        }
        Event::Answer
    }
}

fn read_message(message: &Message<'_>, read: &mut Metered) {
    let response = message.response.as_ref();
    if let Some(model) = response.and_then(|response| response.model) {
        read_model(model.get().as_bytes(), read);
    }
    if let Some(usage) = response.and_then(|response| response.usage).or(message.usage) {
        read_usage(usage.get().as_bytes(), read);
    }
    let kind = &*message.r#type;
    let is_last = matches!(kind, "response.completed" | "response.incomplete" | "response.failed");
    read.finished |= is_last || message.usage.is_some();
    read.stream_error |= matches!(kind, "error" | "response.failed") || message.error.is_some();
}

#[cfg(test)]
mod tests {
    use crate::domain::TokenCounts;
    use crate::providers::UsageShape::OpenAiResponses;
    use crate::providers::usage::tests::{agrees, event, first_events, streamed, whole};

    const WHOLE: &str = include_str!("samples/openai_responses.json");
    const STREAM: &str = include_str!("samples/openai_responses.sse");

    const COUNTS: TokenCounts = TokenCounts {
        input: Some(328),
        output: Some(52),
        cached_input: Some(256),
        cache_write: None,
        reasoning: Some(32),
    };

    #[test]
    fn a_whole_answer_is_read() {
        let read = whole(OpenAiResponses, WHOLE);
        assert_eq!(read.tokens, COUNTS);
        assert_eq!(read.model.as_deref(), Some("gpt-5-2025-08-07"));
        assert!(read.has_usage && read.finished && !read.stream_error);
        for provider in ["openai", "azure", "x-ai"] {
            agrees(&read, WHOLE, provider, "responses");
        }
    }

    #[test]
    fn a_stream_is_read_whatever_its_end() {
        for (last, fails) in [
            ("response.completed", false),
            ("response.incomplete", false),
            ("response.failed", true),
        ] {
            let read = streamed(OpenAiResponses, &STREAM.replace("response.completed", last));
            assert_eq!(read.tokens, COUNTS, "{last}");
            assert_eq!(read.model.as_deref(), Some("gpt-5-2025-08-07"));
            assert_eq!(read.text_bytes, 2);
            assert!(read.has_usage && read.finished, "{last}");
            assert_eq!(read.stream_error, fails, "{last}");
        }
    }

    #[test]
    fn a_stream_that_breaks_off_tells_its_model() {
        let read = streamed(OpenAiResponses, &first_events(STREAM, 4));
        assert_eq!(read.model.as_deref(), Some("gpt-5-2025-08-07"));
        assert!(!read.has_usage && !read.finished && !read.stream_error);
        assert_eq!(read.text_bytes, 2);
    }

    #[test]
    fn an_error_event_is_seen() {
        let error = event(r#"{"type":"error","code":"server_error","message":"Oops","param":null}"#);
        let read = streamed(OpenAiResponses, &(first_events(STREAM, 3) + &error));
        assert!(read.stream_error && !read.finished);
    }

    #[test]
    fn pictures_and_transcripts_carry_usage_at_the_top_of_their_last_event() {
        let picture = r#"{"type":"image_generation.completed","b64_json":"AA==","usage":{"total_tokens":100,
            "input_tokens":60,"output_tokens":40,"input_tokens_details":{"text_tokens":10,"image_tokens":50}}}"#;
        let transcript = r#"{"type":"transcript.text.done","text":"Hi","usage":{"type":"tokens","input_tokens":60,
            "input_token_details":{"text_tokens":0,"audio_tokens":60},"output_tokens":40,"total_tokens":100}}"#;
        for last in [picture, transcript] {
            let read = streamed(OpenAiResponses, &event(&last.replace('\n', "")));
            assert_eq!((read.tokens.input, read.tokens.output), (Some(60), Some(40)));
            assert!(read.has_usage && read.finished && !read.stream_error);
        }
    }
}
