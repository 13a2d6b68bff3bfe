//! `POST …/moderations`

use crate::sandbox::answer::Answer;
use crate::sandbox::double::Refusal;
use crate::sandbox::request::{Request, known_model};
use serde_json::{Map, Value, json};

const DEFAULT_MODEL: &str = "omni-moderation-latest";
const CATEGORIES: [&str; 13] = [
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
];

/// Nothing is ever wrong with a text here.
pub(in crate::sandbox) fn answer(request: &Request) -> Result<Answer, Refusal> {
    let body = request.json()?;
    let model = known_model(body["model"].as_str().unwrap_or(DEFAULT_MODEL))?;
    let texts = match body.get("input").ok_or(Refusal::Missing { field: "input" })? {
        Value::Array(texts) => texts.len(),
        _ => 1,
    };
    let result = json!({
        "flagged": false,
        "categories": in_every_category(&false.into()),
        "category_scores": in_every_category(&0.0.into()),
        "category_applied_input_types": in_every_category(&json!(["text"])),
    });
    Ok(Answer::json(&json!({
        "id": "modr-sandbox",
        "model": model,
        "results": vec![result; texts],
    })))
}

fn in_every_category(value: &Value) -> Map<String, Value> {
    let categories = CATEGORIES.iter();
    categories
        .map(|category| ((*category).to_owned(), value.clone()))
        .collect()
}
