//! `POST …/responses`

use super::CREATED;
use crate::sandbox::answer::{Answer, Stream};
use crate::sandbox::double::Refusal;
use crate::sandbox::request::Request;
use crate::sandbox::said::{Said, Tokens, count, limit};
use crate::sandbox::sse::{self, EVENT_STREAM};
use bytes::Bytes;
use serde_json::{Value, json};

const ID: &str = "resp_sandbox";
const ITEM: &str = "msg_sandbox";
/// Events before the first word: created, in progress, item and part added.
const EVENTS_BEFORE_WORDS: usize = 4;

/// The usage of a response: what was thought counts as output.
pub(in crate::sandbox) fn usage(tokens: Tokens) -> Value {
    let output = tokens.output + tokens.reasoning;
    json!({
        "input_tokens": tokens.input,
        "input_tokens_details": {"cached_tokens": tokens.cached, "cache_write_tokens": 0},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input + output,
    })
}

/// Answers; `usage` is the provider's.
pub(in crate::sandbox) fn answer(request: &Request, usage: fn(Tokens) -> Value) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let said = Said::to(
        request,
        asked.field("input")?,
        &asked.body["instructions"],
        limit(&asked.body, &["max_output_tokens"]),
    );
    let status = if said.is_cut { "incomplete" } else { "completed" };
    let mut finished = response(&asked.model, &asked.body, status);
    finished["output"] = json!([item(status, &[part(&said.text())])]);
    finished["usage"] = usage(said.tokens);
    finished["completed_at"] = CREATED.into();
    if said.is_cut {
        finished["incomplete_details"] = json!({"reason": "max_output_tokens"});
    }
    if asked.wants_stream() {
        let begun = response(&asked.model, &asked.body, "in_progress");
        return Ok(Answer::stream(EVENT_STREAM, streamed(said, &begun, &finished)));
    }
    Ok(Answer::json(&finished))
}

/// `GET …/responses/{id}`: what the provider kept of an answer.
pub(in crate::sandbox) fn kept(request: &Request) -> Answer {
    let id = request.path.rsplit('/').next().unwrap_or_default();
    let mut response = response("gpt-4o-mini", &json!({}), "completed");
    response["id"] = id.into();
    response["output"] = json!([item("completed", &[part("Kept.")])]);
    Answer::json(&response)
}

/// `DELETE …/responses/{id}`
pub(in crate::sandbox) fn deleted(request: &Request) -> Answer {
    let id = request.path.rsplit('/').next().unwrap_or_default();
    Answer::json(&json!({"id": id, "object": "response", "deleted": true}))
}

/// `POST …/responses/input_tokens`
pub(in crate::sandbox) fn count_tokens(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let tokens = count(asked.field("input")?) + count(&asked.body["instructions"]);
    Ok(Answer::json(
        &json!({"object": "response.input_tokens", "input_tokens": tokens}),
    ))
}

/// `POST …/responses/compact`: a conversation made shorter.
pub(in crate::sandbox) fn compact(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let said = Said::to(request, asked.field("input")?, &asked.body["instructions"], None);
    Ok(Answer::json(&json!({
        "id": ID,
        "object": "response.compaction",
        "created_at": CREATED,
        "output": [{"id": "cmp_sandbox", "type": "compaction", "encrypted_content": said.text()}],
        "usage": usage(said.tokens),
    })))
}

fn streamed(said: Said, begun: &Value, finished: &Value) -> Stream {
    let text = said.text();
    let count = said.words.len();
    let empty = part("");
    let head = [
        json!({"type": "response.created", "response": begun}),
        json!({"type": "response.in_progress", "response": begun}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": item("in_progress", &[])}),
        in_part("response.content_part.added", &json!({"part": empty})),
    ];
    let status = finished["status"].as_str().unwrap_or_default();
    let tail = [
        in_part("response.output_text.done", &json!({"text": text, "logprobs": []})),
        in_part("response.content_part.done", &json!({"part": part(&text)})),
        json!({"type": "response.output_item.done", "output_index": 0, "item": finished["output"][0]}),
        json!({"type": format!("response.{status}"), "response": finished}),
    ];
    let words = said.words.into_iter().enumerate().map(|(at, word)| {
        let delta = in_part("response.output_text.delta", &json!({"delta": word, "logprobs": []}));
        numbered(delta, EVENTS_BEFORE_WORDS + at)
    });
    Stream {
        head: numbered_from(0, head),
        words: Box::new(words),
        tail: numbered_from(EVENTS_BEFORE_WORDS + count, tail),
        error: |refusal, at| {
            let message = refusal.pointer("/error/message").or_else(|| refusal.get("error"));
            let error = json!({"type": "error", "code": "server_error", "message": message, "param": null});
            numbered(error, at)
        },
    }
}

fn response(model: &str, asked: &Value, status: &str) -> Value {
    json!({
        "id": ID,
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "background": false,
        "error": null,
        "incomplete_details": null,
        "instructions": asked["instructions"],
        "max_output_tokens": asked["max_output_tokens"],
        "metadata": {},
        "model": model,
        "output": [],
        "parallel_tool_calls": true,
        "previous_response_id": asked["previous_response_id"],
        "reasoning": {"effort": null, "summary": null},
        "service_tier": "default",
        "store": asked["store"].as_bool().unwrap_or(true),
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": null,
        "user": null,
    })
}

fn item(status: &str, content: &[Value]) -> Value {
    json!({"id": ITEM, "type": "message", "status": status, "role": "assistant", "content": content})
}

fn part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

/// An event of the one part of the one item.
fn in_part(name: &str, fields: &Value) -> Value {
    let mut event = fields.clone();
    event["type"] = name.into();
    event["item_id"] = ITEM.into();
    event["output_index"] = 0.into();
    event["content_index"] = 0.into();
    event
}

fn numbered_from(first: usize, events: impl IntoIterator<Item = Value>) -> Vec<Bytes> {
    let events = events.into_iter().enumerate();
    events.map(|(at, event)| numbered(event, first + at)).collect()
}

fn numbered(mut event: Value, number: usize) -> Bytes {
    event["sequence_number"] = number.into();
    sse::typed(&event)
}
