//! `POST …/rerank`, as several providers that speak OpenAI's shapes have it (OpenAI itself has none).

use crate::sandbox::answer::Answer;
use crate::sandbox::double::Refusal;
use crate::sandbox::request::{Asked, Request};
use crate::sandbox::said::count;
use serde_json::{Value, json};

/// Answers with the usage of all texts.
pub(in crate::sandbox) fn answer(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let results = ranked(&asked)?;
    let tokens = count(asked.field("query")?) + count(asked.field("documents")?);
    Ok(Answer::json(&json!({
        "id": "rerank-sandbox",
        "object": "rerank",
        "model": asked.model,
        "results": results,
        "usage": {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens},
    })))
}

/// The documents in the order in which they were sent, each less relevant than the one before.
pub(in crate::sandbox) fn ranked(asked: &Asked) -> Result<Vec<Value>, Refusal> {
    asked.field("query")?;
    let documents = asked.field("documents")?.as_array().map_or(0, Vec::len);
    let wanted = asked.body["top_n"]
        .as_u64()
        .and_then(|wanted| usize::try_from(wanted).ok());
    let results = (0..documents).take(wanted.unwrap_or(documents));
    Ok(results
        .zip(1_u32..)
        .map(|(index, place)| json!({"index": index, "relevance_score": 1.0 / f64::from(place)}))
        .collect())
}
