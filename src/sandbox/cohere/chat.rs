//! `POST /v2/chat`

use super::super::answer::{Answer, Stream};
use super::super::double::Refusal;
use super::super::request::Request;
use super::super::said::{Said, Tokens, limit};
use super::super::sse::{self, DONE, EVENT_STREAM};
use bytes::Bytes;
use serde_json::{Value, json};

const ID: &str = "chat-sandbox";
/// Tokens that Cohere adds to every prompt and does not bill.
const ADDED_TOKENS: u64 = 5;

pub(super) fn answer(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let messages = asked.field("messages")?;
    let said = Said::to(request, messages, &Value::Null, limit(&asked.body, &["max_tokens"]));
    if asked.wants_stream() {
        return Ok(Answer::stream(EVENT_STREAM, streamed(said)));
    }
    Ok(Answer::json(&json!({
        "id": ID,
        "finish_reason": finish_reason(&said),
        "message": {"role": "assistant", "content": [{"type": "text", "text": said.text()}]},
        "usage": usage(said.tokens),
    })))
}

/// What is billed is less than what the model read.
fn usage(tokens: Tokens) -> Value {
    json!({
        "billed_units": {"input_tokens": tokens.input, "output_tokens": tokens.output},
        "tokens": {"input_tokens": tokens.input + ADDED_TOKENS, "output_tokens": tokens.output},
        "cached_tokens": tokens.cached,
    })
}

/// The stream ends as OpenAI's do (cohere-ai/cohere-python#730).
fn streamed(said: Said) -> Stream {
    let end = json!({"finish_reason": finish_reason(&said), "usage": usage(said.tokens)});
    let block = json!({"message": {"content": {"type": "text", "text": ""}}});
    let message = json!({"message": {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": []}});
    let head = [
        json!({"type": "message-start", "id": ID, "delta": message}),
        json!({"type": "content-start", "index": 0, "delta": block}),
    ];
    let tail = [
        json!({"type": "content-end", "index": 0}),
        json!({"type": "message-end", "id": ID, "delta": end}),
    ];
    let words = said.words.into_iter().map(|word| {
        let delta = json!({"message": {"content": {"text": word}}});
        sse::typed(&json!({"type": "content-delta", "index": 0, "delta": delta}))
    });
    let typed = |events: [Value; 2]| -> Vec<Bytes> { events.iter().map(sse::typed).collect() };
    Stream {
        head: typed(head),
        words: Box::new(words),
        tail: typed(tail).into_iter().chain([DONE]).collect(),
        error: |refusal, _| {
            let delta = json!({"finish_reason": "ERROR", "error": refusal["message"]});
            sse::typed(&json!({"type": "message-end", "id": ID, "delta": delta}))
        },
    }
}

fn finish_reason(said: &Said) -> &'static str {
    if said.is_cut { "MAX_TOKENS" } else { "COMPLETE" }
}
