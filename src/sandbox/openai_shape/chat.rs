//! `POST …/chat/completions`

use super::CREATED;
use crate::sandbox::answer::{Answer, Stream};
use crate::sandbox::double::Refusal;
use crate::sandbox::request::{Asked, Request};
use crate::sandbox::said::{Said, Tokens, limit};
use crate::sandbox::sse::{self, DONE, EVENT_STREAM};
use bytes::Bytes;
use serde_json::{Value, json};

const ID: &str = "chatcmpl-sandbox";

/// What a provider does in its own way.
pub(in crate::sandbox) struct Chat {
    /// The `usage` of an answer.
    pub(in crate::sandbox) usage: fn(Tokens) -> Value,
    /// Whether `stream_options.include_usage` asks for a last chunk with the usage and no choices. Without
    /// it a stream then has no usage.
    pub(in crate::sandbox) takes_include_usage: bool,
    /// Adds to the chunk that has the finish reason; the second value is the usage.
    pub(in crate::sandbox) finish: fn(&mut Value, Value),
    /// What comes before the first chunk.
    pub(in crate::sandbox) opening: fn() -> Option<Bytes>,
    /// The event that tells of an error.
    pub(in crate::sandbox) error: fn(&Value, usize) -> Bytes,
}

/// OpenAI's own way.
pub(in crate::sandbox) const OPENAI: Chat = Chat {
    usage: super::chat_usage,
    takes_include_usage: true,
    finish: |_, _| {},
    opening: || None,
    error: |refusal, _| sse::data(refusal),
};

/// Answers a chat; also one with a prompt in place of messages (Mistral's `fim`).
pub(in crate::sandbox) fn answer(request: &Request, chat: &'static Chat) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let conversation = asked
        .field("messages")
        .or_else(|missing| asked.field("prompt").map_err(|_| missing))?;
    let limit = limit(&asked.body, &["max_completion_tokens", "max_tokens"]);
    let said = Said::to(request, conversation, &Value::Null, limit);
    if asked.wants_stream() {
        return Ok(Answer::stream(EVENT_STREAM, streamed(asked, said, chat)));
    }
    Ok(Answer::json(&whole(&asked, &said, chat)))
}

fn whole(asked: &Asked, said: &Said, chat: &Chat) -> Value {
    json!({
        "id": ID,
        "object": "chat.completion",
        "created": CREATED,
        "model": asked.model,
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": said.text(), "refusal": null, "annotations": []},
            "logprobs": null,
            "finish_reason": finish_reason(said),
        }],
        "usage": (chat.usage)(said.tokens),
        "service_tier": "default",
        "system_fingerprint": "fp_sandbox",
    })
}

fn streamed(asked: Asked, said: Said, chat: &'static Chat) -> Stream {
    let includes_usage = chat.takes_include_usage && asked.body["stream_options"]["include_usage"] == true;
    let usage = (chat.usage)(said.tokens);
    let mut last = chunk(
        &asked.model,
        includes_usage,
        &choice(&json!({}), Some(finish_reason(&said))),
    );
    (chat.finish)(&mut last, usage.clone());
    let mut with_usage = chunk(&asked.model, includes_usage, &json!([]));
    with_usage["usage"] = usage;
    let first = json!({"role": "assistant", "content": "", "refusal": null});
    let first = chunk(&asked.model, includes_usage, &choice(&first, None));

    let mut head: Vec<Bytes> = (chat.opening)().into_iter().collect();
    head.push(sse::data(&first));
    let mut tail = vec![sse::data(&last)];
    tail.extend(includes_usage.then(|| sse::data(&with_usage)));
    tail.push(DONE);
    let words = said.words.into_iter().map(move |word| {
        let choices = choice(&json!({"content": word}), None);
        sse::data(&chunk(&asked.model, includes_usage, &choices))
    });
    Stream {
        head,
        words: Box::new(words),
        tail,
        error: chat.error,
    }
}

fn choice(delta: &Value, finish_reason: Option<&str>) -> Value {
    json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason}])
}

/// A chunk. The field `usage` is null where the last chunk will have it, else absent.
fn chunk(model: &str, includes_usage: bool, choices: &Value) -> Value {
    let mut chunk = json!({
        "id": ID,
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": model,
        "choices": choices,
        "service_tier": "default",
        "system_fingerprint": "fp_sandbox",
    });
    if includes_usage {
        chunk["usage"] = Value::Null;
    }
    chunk
}

fn finish_reason(said: &Said) -> &'static str {
    if said.is_cut { "length" } else { "stop" }
}
