//! OpenAI's answers.

use super::double::{Call, Double, Reply, Situation, bearer};
use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

pub(super) struct OpenAi;

impl Double for OpenAi {
    fn slug(&self) -> &'static str {
        "openai"
    }

    fn call(&self, method: &Method, path: &str) -> Option<Call> {
        match (method.as_str(), path) {
            ("GET", "/v1/models") => Some(Call::List),
            ("POST", "/v1/chat/completions") => Some(Call::Model),
            _ => None,
        }
    }

    fn credential<'headers>(&self, headers: &'headers HeaderMap) -> Option<&'headers str> {
        bearer(headers)
    }

    fn reply(&self, situation: Situation<'_>, call: Call) -> Reply {
        match situation {
            Situation::Valid if call == Call::List => Reply(200, model_list(&["gpt-4o", "gpt-4o-mini"])),
            Situation::Valid => Reply(200, completion("gpt-4o-mini")),
            Situation::Refused { quoted } | Situation::Echoed { key: quoted } => error(
                401,
                "invalid_request_error",
                Some("invalid_api_key"),
                &format!("Incorrect API key provided: {quoted}. Make a new one in your account's settings."),
            ),
            Situation::Blocked => error(
                401,
                "invalid_request_error",
                Some("account_deactivated"),
                "The account behind this key has been deactivated.",
            ),
            Situation::Exhausted | Situation::ModelRefused => error(
                429,
                "insufficient_quota",
                Some("insufficient_quota"),
                "The current quota is spent; look at your plan and billing.",
            ),
            Situation::Restricted => error(
                401,
                "invalid_request_error",
                None,
                "This key lacks permissions. Missing scopes: api.model.read.",
            ),
            Situation::Limited => error(
                429,
                "requests",
                Some("rate_limit_exceeded"),
                "Rate limit reached; slow down.",
            ),
            Situation::NoSuchPath => error(404, "invalid_request_error", None, "There is no such path."),
        }
    }
}

/// A list in the shape that several providers share.
pub(super) fn model_list(ids: &[&str]) -> Value {
    let models: Vec<Value> = ids
        .iter()
        .map(|id| json!({"id": id, "object": "model", "created": 1_700_000_000}))
        .collect();
    json!({"object": "list", "data": models})
}

/// A completion of one token in the shape that several providers share.
pub(super) fn completion(model: &str) -> Value {
    json!({
        "id": "chatcmpl-sandbox",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": "1"},
            "finish_reason": "length",
        }],
        "usage": {"prompt_tokens": 8, "completion_tokens": 1, "total_tokens": 9},
    })
}

fn error(status: u16, kind: &str, code: Option<&str>, message: &str) -> Reply {
    Reply(
        status,
        json!({"error": {"message": message, "type": kind, "param": null, "code": code}}),
    )
}
