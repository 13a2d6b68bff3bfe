//! `POST …/completions`, the older call with a prompt and a text.

use super::CREATED;
use super::chat::Chat;
use crate::sandbox::answer::{Answer, Stream};
use crate::sandbox::double::Refusal;
use crate::sandbox::request::Request;
use crate::sandbox::said::{Said, limit};
use crate::sandbox::sse::{self, DONE, EVENT_STREAM};
use serde_json::{Value, json};

/// Answers in the provider's way of chatting.
pub(in crate::sandbox) fn answer(request: &Request, chat: &'static Chat) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let said = Said::to(
        request,
        asked.field("prompt")?,
        &Value::Null,
        limit(&asked.body, &["max_tokens"]),
    );
    let finish_reason = if said.is_cut { "length" } else { "stop" };
    let usage = (chat.usage)(said.tokens);
    if !asked.wants_stream() {
        let mut whole = completion(&asked.model, &choice(&said.text(), Some(finish_reason)));
        whole["usage"] = usage;
        return Ok(Answer::json(&whole));
    }
    let includes_usage = chat.takes_include_usage && asked.body["stream_options"]["include_usage"] == true;
    let mut last = completion(&asked.model, &choice("", Some(finish_reason)));
    (chat.finish)(&mut last, usage.clone());
    let mut with_usage = completion(&asked.model, &json!([]));
    with_usage["usage"] = usage;
    let mut tail = vec![sse::data(&last)];
    tail.extend(includes_usage.then(|| sse::data(&with_usage)));
    tail.push(DONE);
    let model = asked.model;
    let words = said.words.into_iter();
    let words = words.map(move |word| sse::data(&completion(&model, &choice(&word, None))));
    let stream = Stream {
        head: Vec::new(),
        words: Box::new(words),
        tail,
        error: chat.error,
    };
    Ok(Answer::stream(EVENT_STREAM, stream))
}

fn completion(model: &str, choices: &Value) -> Value {
    json!({
        "id": "cmpl-sandbox",
        "object": "text_completion",
        "created": CREATED,
        "model": model,
        "choices": choices,
    })
}

fn choice(text: &str, finish_reason: Option<&str>) -> Value {
    json!([{"index": 0, "text": text, "logprobs": null, "finish_reason": finish_reason}])
}
