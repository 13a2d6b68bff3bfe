//! OpenAI's API, which many providers speak; what each does otherwise stands in its own file.

pub(super) mod audio;
pub(super) mod chat;
pub(super) mod completions;
pub(super) mod embeddings;
pub(super) mod images;
pub(super) mod models;
pub(super) mod moderations;
pub(super) mod rerank;
pub(super) mod responses;

use super::double::{Refusal, Reply};
use super::said::Tokens;
use serde_json::{Value, json};

/// When every answer was made, in Unix seconds.
pub(super) const CREATED: u64 = 1_700_000_000;

/// The usage of a chat completion in OpenAI's words: what was thought counts as part of the completion, what
/// was cached as part of the prompt.
pub(super) fn chat_usage(tokens: Tokens) -> Value {
    let completion = tokens.output + tokens.reasoning;
    json!({
        "prompt_tokens": tokens.input,
        "completion_tokens": completion,
        "total_tokens": tokens.input + completion,
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}

/// The usage of a provider that reports three counts and no more.
pub(super) fn plain_usage(tokens: Tokens) -> Value {
    json!({
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.sum(),
    })
}

/// `{"error":{"message","type","param","code"}}`
pub(super) fn error(status: u16, kind: &str, code: Option<&str>, message: &str) -> Reply {
    let error = json!({"message": message, "type": kind, "param": null, "code": code});
    Reply(status, json!({"error": error}))
}

/// OpenAI's words for what says nothing about a key. What does is up to each provider.
pub(super) fn refuse(refusal: &Refusal) -> Reply {
    let invalid = "invalid_request_error";
    match refusal {
        Refusal::NotJson => error(400, invalid, None, "The body of your request is no JSON object."),
        Refusal::Missing { field } => error(400, invalid, None, &format!("You must provide the field {field}.")),
        Refusal::NoSuchModel { model } => error(
            404,
            invalid,
            Some("model_not_found"),
            &format!("The model `{model}` does not exist or you have no access to it."),
        ),
        Refusal::TooLarge => error(413, invalid, None, "The body of your request is too large."),
        Refusal::Limited => error(
            429,
            "requests",
            Some("rate_limit_exceeded"),
            "Rate limit reached; slow down.",
        ),
        Refusal::Overloaded => error(503, "server_error", None, "The server is overloaded. Try again later."),
        _ => error(404, invalid, None, "There is no such path."),
    }
}
