//! OpenAI's chat completions, completions and embeddings, and all who speak likewise: Azure, xAI, `OpenRouter`,
//! Mistral, Groq, `DeepSeek`, Together, Fireworks.
//!
//! A stream reports usage in a chunk with `choices: []` before `data: [DONE]`, where asked for; the others carry
//! `usage: null`. Some (Mistral, xAI) report it beside the last choice or on every chunk; the last counts.

use super::Metered;
use super::dialect::{Dialect, Event, read_model};
use super::openai_usage::read_usage;
use super::text::TextMembers;
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::LazyLock;

/// The shape.
pub(super) struct OpenAiChat;

struct Marks {
    usage: Finder<'static>,
    error: Finder<'static>,
    text: TextMembers,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks {
    usage: Finder::new("\"usage\""),
    error: Finder::new("\"error\""),
    text: TextMembers::new(&["content\"", "reasoning\"", "arguments\"", "text\""]),
});

#[derive(Deserialize)]
struct Chunk<'json> {
    #[serde(borrow)]
    model: Option<&'json RawValue>,
    #[serde(borrow)]
    choices: Option<&'json RawValue>,
    #[serde(borrow)]
    usage: Option<&'json RawValue>,
    #[serde(borrow)]
    error: Option<&'json RawValue>,
    /// Groq's own place for usage (Portkey-AI/gateway#1338).
    #[serde(borrow)]
    x_groq: Option<&'json RawValue>,
}

#[derive(Deserialize)]
struct Groq<'json> {
    #[serde(borrow)]
    usage: Option<&'json RawValue>,
}

impl Dialect for OpenAiChat {
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
        if data.trim_ascii_end() == b"[DONE]" {
            read.finished = true;
            return Event::Answer;
        }
        let marks = &*MARKS;
        read.text_bytes += marks.text.bytes_in(data);
        let worth_parsing = read.model.is_none() || has_usage(&marks.usage, data) || marks.error.find(data).is_some();
        if worth_parsing {
            read_chunk(data, read)
        } else {
            Event::Answer
        }
    }
}

/// Whether a `usage` stands there that is not `null`.
fn has_usage(finder: &Finder<'_>, data: &[u8]) -> bool {
    finder
        .find_iter(data)
        .any(|at| !data[at + finder.needle().len()..].starts_with(b":null"))
}

fn read_chunk(data: &[u8], read: &mut Metered) -> Event {
    let Ok(chunk) = serde_json::from_slice::<Chunk<'_>>(data) else {
        return Event::Answer;
    };
    if let Some(model) = chunk.model.filter(|_| read.model.is_none()) {
        read_model(model.get().as_bytes(), read);
    }
    if let Some(groq) = chunk
        .x_groq
        .and_then(|groq| serde_json::from_str::<Groq<'_>>(groq.get()).ok())
    {
        read_usage(groq.usage.map_or(b"null", |usage| usage.get().as_bytes()), read);
    }
    read.stream_error |= chunk.error.is_some();
    let Some(usage) = chunk.usage else { return Event::Answer };
    read_usage(usage.get().as_bytes(), read);
    let is_object = usage.get().starts_with('{');
    let no_choice = chunk.choices.is_some_and(|choices| is_empty_list(choices.get()));
    if is_object && no_choice && chunk.error.is_none() {
        Event::UsageOnly
    } else {
        Event::Answer
    }
}

fn is_empty_list(json: &str) -> bool {
    json.strip_prefix('[').is_some_and(|rest| rest.trim_ascii() == "]")
}

#[cfg(test)]
mod tests {
    use crate::domain::{MicroDollars, TokenCounts};
    use crate::providers::UsageShape::OpenAiChat;
    use crate::providers::usage::Metered;
    use crate::providers::usage::tests::{agrees, event, first_events, streamed, whole};

    const WHOLE: &str = include_str!("samples/openai_chat.json");
    const STREAM: &str = include_str!("samples/openai_chat.sse");

    /// What is read of a whole answer with this usage.
    fn usage(json: &str) -> Metered {
        whole(OpenAiChat, &format!("{{\"model\":\"m\",\"usage\":{json}}}"))
    }

    #[test]
    fn a_whole_answer_is_read() {
        let read = whole(OpenAiChat, WHOLE);
        let tokens = TokenCounts {
            input: Some(2006),
            output: Some(300),
            cached_input: Some(1920),
            cache_write: Some(64),
            reasoning: Some(128),
        };
        assert_eq!(read.tokens, tokens);
        assert_eq!(read.model.as_deref(), Some("gpt-4.1-2025-04-14"));
        assert!(read.has_usage && read.finished && !read.stream_error);
        assert_eq!(read.text_bytes, WHOLE.len() as u64);
        for provider in ["openai", "azure", "openrouter", "fireworks", "deepseek"] {
            agrees(&read, WHOLE, provider, "chat");
        }
        agrees(&read, WHOLE, "mistral", "default");
        agrees(&read, WHOLE, "groq", "default");
    }

    #[test]
    fn a_stream_is_read() {
        let read = streamed(OpenAiChat, STREAM);
        let tokens = TokenCounts {
            input: Some(19),
            output: Some(10),
            cached_input: Some(0),
            cache_write: None,
            reasoning: Some(0),
        };
        assert_eq!(read.tokens, tokens);
        assert_eq!(read.model.as_deref(), Some("gpt-4.1-mini-2025-04-14"));
        assert_eq!(read.text_bytes, 5);
        assert!(read.has_usage && read.finished && !read.stream_error);
    }

    #[test]
    fn a_stream_that_breaks_off_is_not_finished() {
        let read = streamed(OpenAiChat, &first_events(STREAM, 3));
        assert!(!read.has_usage && !read.finished && !read.stream_error);
        assert_eq!(read.tokens, TokenCounts::default());
        assert_eq!(read.text_bytes, 5);
    }

    #[test]
    fn an_error_in_a_stream_is_seen() {
        let error = event(r#"{"error":{"message":"The server had an error","type":"server_error"}}"#);
        let read = streamed(OpenAiChat, &(first_events(STREAM, 2) + &error));
        assert!(read.stream_error && !read.has_usage);
        let quoted = event(r#"{"model":"m","error":null,"choices":[{"delta":{"content":"\"error\":{}"}}]}"#);
        assert!(!streamed(OpenAiChat, &quoted).stream_error);
    }

    #[test]
    fn embeddings_have_input_only() {
        let body = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.0023,-0.0092]}],
            "model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}}"#;
        let read = whole(OpenAiChat, body);
        assert_eq!(
            read.tokens,
            TokenCounts {
                input: Some(8),
                ..TokenCounts::default()
            }
        );
        assert!(read.has_usage);
        agrees(&read, body, "openai", "embeddings");
    }

    #[test]
    fn deepseek_names_its_cache_hits_itself() {
        let read = usage(
            r#"{"prompt_tokens":100,"completion_tokens":5,"total_tokens":105,
                "prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}"#,
        );
        assert_eq!((read.tokens.input, read.tokens.cached_input), (Some(100), Some(64)));
    }

    // The figures are those of Wei-Shaw/sub2api#5771.
    #[test]
    fn xai_counts_reasoning_beside_the_completion_and_tells_its_cost() {
        let body = r#"{"model":"grok-4.20","usage":{"prompt_tokens":10120,"completion_tokens":1499,
            "total_tokens":14428,"prompt_tokens_details":{"cached_tokens":128},
            "completion_tokens_details":{"reasoning_tokens":2809},"cost_in_usd_ticks":232856000}}"#;
        let read = whole(OpenAiChat, body);
        assert_eq!(
            (read.tokens.output, read.tokens.reasoning),
            (Some(1499 + 2809), Some(2809))
        );
        assert_eq!(read.reported_cost, Some(MicroDollars(23_286)));
        agrees(&read, body, "x-ai", "chat");
    }

    #[test]
    fn openrouter_tells_its_cost_in_dollars() {
        let body = r#"{"model":"openai/gpt-4.1","usage":{"prompt_tokens":14,"completion_tokens":163,
            "total_tokens":177,"cost":0.0013325,"is_byok":false,"cost_details":{"upstream_inference_cost":null},
            "prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":128}}}"#;
        let read = whole(OpenAiChat, body);
        assert_eq!(read.reported_cost, Some(MicroDollars(1_333)));
        assert_eq!(read.tokens.output, Some(163));
        agrees(&read, body, "openrouter", "chat");
        assert_eq!(
            usage(r#"{"prompt_tokens":1,"cost":1.5e-06}"#).reported_cost,
            Some(MicroDollars(2))
        );
        assert_eq!(
            usage(r#"{"prompt_tokens":1,"cost":{"total_cost":1}}"#).reported_cost,
            None
        );
        assert_eq!(usage(r#"{"prompt_tokens":1,"cost":null}"#).reported_cost, None);
    }

    #[test]
    fn usage_on_every_chunk_replaces_what_came_before() {
        let chunk = |usage| {
            event(&format!(
                "{{\"model\":\"m\",\"choices\":[{{\"delta\":{{}}}}],\"usage\":{usage}}}"
            ))
        };
        let stream = [
            chunk(r#"{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8}"#),
            chunk(r#"{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}"#),
            event("[DONE]"),
        ];
        let read = streamed(OpenAiChat, &stream.concat());
        assert_eq!((read.tokens.input, read.tokens.output), (Some(7), Some(2)));
        assert!(read.finished);
    }

    #[test]
    fn groq_is_read_at_its_own_place() {
        let last = r#"{"model":"llama","choices":[{"delta":{},"finish_reason":"stop"}],
            "x_groq":{"id":"req_1","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}}"#;
        let read = streamed(OpenAiChat, &event(&last.replace('\n', "")));
        assert_eq!((read.tokens.input, read.tokens.output), (Some(3), Some(4)));
    }

    #[test]
    fn odd_usage_is_no_usage() {
        for odd in [
            "null",
            "{}",
            "[]",
            "\"none\"",
            "{\"prompt_tokens\":\"9\"}",
            "{\"prompt_tokens\":-1}",
        ] {
            let read = usage(odd);
            assert!(!read.has_usage, "{odd}");
            assert_eq!(read.model.as_deref(), Some("m"));
        }
        let read = usage(r#"{"prompt_tokens":5,"prompt_tokens_details":null,"completion_tokens_details":[1]}"#);
        assert_eq!(
            read.tokens,
            TokenCounts {
                input: Some(5),
                ..TokenCounts::default()
            }
        );
    }

    #[test]
    fn azure_names_the_model_after_its_first_event() {
        let first = event(r#"{"choices":[],"model":"","prompt_filter_results":[]}"#);
        let second = event(r#"{"choices":[{"delta":{"content":"x"}}],"model":"gpt-4.1"}"#);
        assert_eq!(
            streamed(OpenAiChat, &(first + &second)).model.as_deref(),
            Some("gpt-4.1")
        );
    }
}
