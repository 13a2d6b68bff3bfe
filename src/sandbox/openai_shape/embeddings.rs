//! `POST …/embeddings`

use crate::sandbox::answer::Answer;
use crate::sandbox::double::Refusal;
use crate::sandbox::request::Request;
use crate::sandbox::said::count;
use crate::sandbox::vector;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A vector for each text, as numbers or in base64, which OpenAI's own clients ask for.
pub(in crate::sandbox) fn answer(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let input = asked.field("input")?;
    let texts = match input {
        Value::Array(inputs) if !inputs.iter().all(Value::is_number) => inputs.as_slice(),
        one => std::slice::from_ref(one),
    };
    let is_base64 = asked.body["encoding_format"] == "base64";
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let vector = vector::of(&text.to_string(), asked.body["dimensions"].as_u64());
            let embedding = if is_base64 { base64(&vector) } else { json!(vector) };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let tokens = texts.iter().map(tokens).sum::<u64>();
    Ok(Answer::json(&json!({
        "object": "list",
        "data": data,
        "model": asked.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    })))
}

/// A text's words; an input may also be tokens already.
fn tokens(input: &Value) -> u64 {
    match input {
        Value::Array(tokens) => tokens.len() as u64,
        text => count(text),
    }
}

/// 32-bit floats, the lowest byte first.
fn base64(vector: &[f32]) -> Value {
    let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
    STANDARD.encode(bytes).into()
}
