//! Anthropic's messages, which some other providers take too.

use super::answer::{Answer, Stream};
use super::double::Refusal;
use super::request::{Asked, Request};
use super::said::{Said, Tokens, count, limit};
use super::sse::{self, EVENT_STREAM};
use bytes::Bytes;
use serde_json::{Value, json};

/// `POST …/messages`
pub(super) fn answer(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    asked.field("max_tokens")?;
    let said = Said::to(
        request,
        asked.field("messages")?,
        &asked.body["system"],
        limit(&asked.body, &["max_tokens"]),
    );
    if asked.wants_stream() {
        return Ok(Answer::stream(EVENT_STREAM, streamed(&asked, said)));
    }
    let mut message = message(&asked.model);
    message["content"] = json!([{"type": "text", "text": said.text()}]);
    message["stop_reason"] = stop_reason(&said).into();
    message["usage"] = usage(said.tokens, said.tokens.output);
    Ok(Answer::json(&message))
}

/// `POST …/messages/count_tokens`
pub(super) fn count_tokens(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let tokens = count(asked.field("messages")?) + count(&asked.body["system"]);
    Ok(Answer::json(&json!({"input_tokens": tokens})))
}

/// The three inputs are apart: what was read out of the cache, written into it, and the rest.
fn usage(tokens: Tokens, output: u64) -> Value {
    let written = tokens.cached / 2;
    json!({
        "input_tokens": tokens.input - tokens.cached - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": tokens.cached,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output,
        "service_tier": "standard",
    })
}

fn streamed(asked: &Asked, said: Said) -> Stream {
    let mut begun = message(&asked.model);
    begun["usage"] = usage(said.tokens, 1);
    let stop_reason = stop_reason(&said);
    // The counts are those of the whole message, not what has come since the start.
    let last_usage = usage(said.tokens, said.tokens.output);
    let head = [
        json!({"type": "message_start", "message": begun}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "ping"}),
    ];
    let tail = [
        json!({"type": "content_block_stop", "index": 0}),
        json!({
            "type": "message_delta",
            "delta": {"stop_reason": stop_reason, "stop_sequence": null},
            "usage": last_usage,
        }),
        json!({"type": "message_stop"}),
    ];
    let words = said.words.into_iter().map(|word| {
        let delta = json!({"type": "text_delta", "text": word});
        sse::typed(&json!({"type": "content_block_delta", "index": 0, "delta": delta}))
    });
    let typed = |events: [Value; 3]| -> Vec<Bytes> { events.iter().map(sse::typed).collect() };
    Stream {
        head: typed(head),
        words: Box::new(words),
        tail: typed(tail),
        error: |refusal, _| sse::event("error", refusal),
    }
}

fn message(model: &str) -> Value {
    json!({
        "id": "msg_sandbox",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
    })
}

fn stop_reason(said: &Said) -> &'static str {
    if said.is_cut { "max_tokens" } else { "end_turn" }
}
