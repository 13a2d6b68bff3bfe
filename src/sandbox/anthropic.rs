//! Anthropic's answers.

use super::double::{Call, Double, Reply, Situation, header};
use axum::http::{HeaderMap, Method};
use serde_json::json;

pub(super) struct Anthropic;

impl Double for Anthropic {
    fn slug(&self) -> &'static str {
        "anthropic"
    }

    fn call(&self, method: &Method, path: &str) -> Option<Call> {
        match (method.as_str(), path) {
            ("GET", "/v1/models") => Some(Call::List),
            ("POST", "/v1/messages") => Some(Call::Model),
            _ => None,
        }
    }

    /// Without the version header no key is good.
    fn credential<'headers>(&self, headers: &'headers HeaderMap) -> Option<&'headers str> {
        header(headers, "anthropic-version")?;
        header(headers, "x-api-key")
    }

    fn reply(&self, situation: Situation<'_>, call: Call) -> Reply {
        match situation {
            Situation::Valid if call == Call::List => Reply(
                200,
                json!({
                    "data": [{
                        "type": "model",
                        "id": "claude-haiku-4-5",
                        "display_name": "Claude Haiku 4.5",
                        "created_at": "2025-10-01T00:00:00Z",
                    }],
                    "first_id": "claude-haiku-4-5",
                    "last_id": "claude-haiku-4-5",
                    "has_more": false,
                }),
            ),
            Situation::Valid => Reply(
                200,
                json!({
                    "id": "msg_sandbox",
                    "type": "message",
                    "role": "assistant",
                    "model": "claude-haiku-4-5",
                    "content": [{"type": "text", "text": "1"}],
                    "stop_reason": "max_tokens",
                    "stop_sequence": null,
                    "usage": {"input_tokens": 8, "output_tokens": 1},
                }),
            ),
            Situation::Refused { .. } => error(401, "authentication_error", "invalid x-api-key"),
            Situation::Echoed { key } => error(401, "authentication_error", &format!("invalid x-api-key: {key}")),
            Situation::Blocked => error(404, "not_found_error", "Not found"),
            Situation::Exhausted | Situation::ModelRefused => error(
                400,
                "invalid_request_error",
                "Your credit balance is too low for this API. Buy credits under Plans & Billing.",
            ),
            Situation::Restricted => error(403, "permission_error", "This key may not use the requested resource."),
            Situation::Limited => error(429, "rate_limit_error", "Rate limit reached; slow down."),
            Situation::NoSuchPath => error(400, "invalid_request_error", "There is no such path."),
        }
    }
}

fn error(status: u16, kind: &str, message: &str) -> Reply {
    Reply(
        status,
        json!({
            "type": "error",
            "error": {"type": kind, "message": message},
            "request_id": "req_sandbox",
        }),
    )
}
