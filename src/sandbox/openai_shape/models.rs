//! `GET …/models` and `…/models/{model}`

use super::CREATED;
use crate::sandbox::answer::Answer;
use crate::sandbox::double::Refusal;
use crate::sandbox::request::{Request, known_model};
use serde_json::{Value, json};

/// The list.
pub(in crate::sandbox) fn list(ids: &[&str]) -> Answer {
    let models: Vec<Value> = ids.iter().map(|id| model(id)).collect();
    Answer::json(&json!({"object": "list", "data": models}))
}

/// One model: any, since any can be called.
pub(in crate::sandbox) fn one(request: &Request) -> Result<Answer, Refusal> {
    let name = named(request).unwrap_or_default();
    Ok(Answer::json(&model(&known_model(name)?)))
}

/// Whether a path asks for one model. Names may have slashes.
pub(in crate::sandbox) fn is_one(request: &Request) -> bool {
    named(request).is_some_and(|name| !name.is_empty())
}

fn named(request: &Request) -> Option<&str> {
    let (_, name) = request.path.split_once("models/")?;
    Some(name)
}

pub(in crate::sandbox) fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": CREATED, "owned_by": "sandbox"})
}
