//! `POST …/models/{model}:generateContent` and `:streamGenerateContent`

use super::super::answer::{Answer, Stream};
use super::super::double::Refusal;
use super::super::request::Request;
use super::super::said::{Said, Tokens, limit};
use super::model;
use bytes::Bytes;
use serde_json::{Value, json};

pub(super) fn answer(request: &Request) -> Result<Answer, Refusal> {
    let (model, said) = said(request)?;
    let finish_reason = finish_reason(&said);
    Ok(Answer::json(&part(
        &model,
        &said.text(),
        Some(finish_reason),
        &usage(said.tokens, said.tokens.output),
    )))
}

/// Events with `alt=sse`, else the elements of one JSON list. Neither has an end of its own.
pub(super) fn stream(request: &Request) -> Result<Answer, Refusal> {
    let (model, said) = said(request)?;
    if wants_events(request) {
        let stream = Stream {
            head: Vec::new(),
            words: Box::new(parts(model, said).map(|(_, part)| event(&part))),
            tail: Vec::new(),
            error: |refusal, _| event(refusal),
        };
        return Ok(Answer::stream("text/event-stream", stream));
    }
    let elements = parts(model, said).map(|(at, part)| {
        let before = if at == 0 { "[" } else { ",\r\n" };
        Bytes::from(format!("{before}{part}"))
    });
    let stream = Stream {
        head: Vec::new(),
        words: Box::new(elements),
        tail: vec![Bytes::from_static(b"]")],
        error: |refusal, _| Bytes::from(format!(",\r\n{}]", refusal[0])),
    };
    Ok(Answer::stream("application/json; charset=UTF-8", stream))
}

/// Whether a stream is wanted as events.
pub(super) fn wants_events(request: &Request) -> bool {
    request.parameter("alt").as_deref() == Some("sse")
}

fn said(request: &Request) -> Result<(String, Said), Refusal> {
    let model = model(request)?;
    let body = request.json()?;
    let contents = body.get("contents").ok_or(Refusal::Missing { field: "contents" })?;
    // Google's APIs take both spellings.
    let instructions = [&body["systemInstruction"], &body["system_instruction"]];
    let instructions = json!(instructions);
    let limit = limit(&body["generationConfig"], &["maxOutputTokens", "max_output_tokens"]);
    let said = Said::to(request, contents, &instructions, limit);
    Ok((model, said))
}

/// A response for each word, numbered. The counts grow from one to the next.
fn parts(model: String, said: Said) -> impl ExactSizeIterator<Item = (usize, Value)> {
    let (tokens, last_reason) = (said.tokens, finish_reason(&said));
    let last = said.words.len() - 1;
    said.words.into_iter().enumerate().map(move |(at, word)| {
        let finish_reason = (at == last).then_some(last_reason);
        let usage = usage(tokens, at as u64 + 1);
        (at, part(&model, &word, finish_reason, &usage))
    })
}

fn part(model: &str, text: &str, finish_reason: Option<&str>, usage: &Value) -> Value {
    let mut candidate = json!({"content": {"parts": [{"text": text}], "role": "model"}, "index": 0});
    if let Some(reason) = finish_reason {
        candidate["finishReason"] = reason.into();
    }
    json!({
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": model,
        "responseId": "sandbox",
    })
}

/// What was thought is not among the candidates' tokens.
fn usage(tokens: Tokens, output: u64) -> Value {
    json!({
        "promptTokenCount": tokens.input,
        "candidatesTokenCount": output,
        "thoughtsTokenCount": tokens.reasoning,
        "cachedContentTokenCount": tokens.cached,
        "totalTokenCount": tokens.input + output + tokens.reasoning,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens.input}],
        "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": output}],
    })
}

/// Google ends its lines as mail does.
fn event(part: &Value) -> Bytes {
    Bytes::from(format!("data: {part}\r\n\r\n"))
}

fn finish_reason(said: &Said) -> &'static str {
    if said.is_cut { "MAX_TOKENS" } else { "STOP" }
}
