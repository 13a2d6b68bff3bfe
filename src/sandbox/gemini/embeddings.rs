//! `POST …/models/{model}:embedContent` and `:batchEmbedContents`

use super::super::answer::Answer;
use super::super::double::Refusal;
use super::super::request::Request;
use super::super::said::{count, texts};
use super::super::vector;
use super::model;
use serde_json::{Value, json};

/// One vector for all of a content's texts.
pub(super) fn one(request: &Request) -> Result<Answer, Refusal> {
    model(request)?;
    let body = request.json()?;
    let usage = usage(count(&body["content"]));
    Ok(Answer::json(
        &json!({"embedding": embedding(&body)?, "usageMetadata": usage}),
    ))
}

/// A vector for each request.
pub(super) fn batch(request: &Request) -> Result<Answer, Refusal> {
    model(request)?;
    let body = request.json()?;
    let requests = body["requests"]
        .as_array()
        .ok_or(Refusal::Missing { field: "requests" })?;
    let embeddings: Result<Vec<Value>, Refusal> = requests.iter().map(embedding).collect();
    let tokens = requests.iter().map(|request| count(&request["content"])).sum();
    Ok(Answer::json(
        &json!({"embeddings": embeddings?, "usageMetadata": usage(tokens)}),
    ))
}

fn usage(tokens: u64) -> Value {
    json!({"promptTokenCount": tokens, "totalTokenCount": tokens})
}

fn embedding(asked: &Value) -> Result<Value, Refusal> {
    let content = asked.get("content").ok_or(Refusal::Missing { field: "content" })?;
    let vector = vector::of(&texts(content).join(" "), asked["outputDimensionality"].as_u64());
    Ok(json!({"values": vector}))
}
