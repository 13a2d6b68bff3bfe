//! Version 1 of Cohere's API.

use super::super::answer::{Answer, Stream};
use super::super::double::Refusal;
use super::super::request::Request;
use super::super::said::{Said, count, limit};
use super::super::vector;
use super::meta;
use bytes::Bytes;
use serde_json::{Value, json};

const ID: &str = "chat-sandbox";

/// `POST /v1/chat`; streamed as lines of JSON.
pub(super) fn chat(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let message = asked.field("message")?;
    let said = Said::to(
        request,
        message,
        &asked.body["preamble"],
        limit(&asked.body, &["max_tokens"]),
    );
    let billed = json!({"input_tokens": said.tokens.input, "output_tokens": said.tokens.output});
    let finish_reason = if said.is_cut { "MAX_TOKENS" } else { "COMPLETE" };
    let response = json!({
        "generation_id": ID,
        "text": said.text(),
        "finish_reason": finish_reason,
        "meta": meta(&billed),
    });
    if !asked.wants_stream() {
        return Ok(Answer::json(&response));
    }
    let end = json!({"event_type": "stream-end", "finish_reason": finish_reason, "response": response});
    let words = said.words.into_iter();
    let words = words.map(|word| line(&json!({"event_type": "text-generation", "text": word})));
    let stream = Stream {
        head: vec![line(&json!({"event_type": "stream-start", "generation_id": ID}))],
        words: Box::new(words),
        tail: vec![line(&end)],
        error: |refusal, _| {
            let response = json!({"text": "", "error": refusal["message"]});
            line(&json!({"event_type": "stream-end", "finish_reason": "ERROR", "response": response}))
        },
    };
    Ok(Answer::stream("application/stream+json", stream))
}

fn line(event: &Value) -> Bytes {
    Bytes::from(format!("{event}\n"))
}

/// `POST /v1/embed`
pub(super) fn embed(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let texts = asked.field("texts")?;
    let each = texts.as_array().into_iter().flatten().filter_map(Value::as_str);
    let vectors: Vec<Vec<f32>> = each.map(|text| vector::of(text, None)).collect();
    Ok(Answer::json(&json!({
        "id": "embed-sandbox",
        "response_type": "embeddings_floats",
        "embeddings": vectors,
        "texts": texts,
        "meta": meta(&json!({"input_tokens": count(texts)})),
    })))
}

/// `POST /v1/classify`: everything is alike.
pub(super) fn classify(request: &Request) -> Result<Answer, Refusal> {
    let body = request.json()?;
    let inputs = body["inputs"].as_array().ok_or(Refusal::Missing { field: "inputs" })?;
    let classified = inputs
        .iter()
        .map(|input| json!({"input": input, "prediction": "alike", "confidence": 1.0}));
    let classified: Vec<Value> = classified.collect();
    let meta = meta(&json!({"classifications": classified.len()}));
    Ok(Answer::json(
        &json!({"id": "classify-sandbox", "classifications": classified, "meta": meta}),
    ))
}

/// `POST /v1/tokenize`: the lengths of the words.
pub(super) fn tokenize(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let text = asked.field("text")?.as_str().unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let lengths: Vec<usize> = words.iter().map(|word| word.len()).collect();
    Ok(Answer::json(
        &json!({"tokens": lengths, "token_strings": words, "meta": meta(&json!({}))}),
    ))
}

/// `POST /v1/detokenize`: words of those lengths.
pub(super) fn detokenize(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let tokens = asked.field("tokens")?.as_array().into_iter().flatten();
    let lengths = tokens
        .filter_map(Value::as_u64)
        .filter_map(|length| usize::try_from(length).ok());
    let words: Vec<String> = lengths.map(|length| "x".repeat(length.min(100))).collect();
    Ok(Answer::json(
        &json!({"text": words.join(" "), "meta": meta(&json!({}))}),
    ))
}
