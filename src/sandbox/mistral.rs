//! Mistral's answers.

use super::double::{Call, Double, Reply, Situation, bearer};
use super::openai::{completion, model_list};
use axum::http::{HeaderMap, Method};
use serde_json::json;

pub(super) struct Mistral;

impl Double for Mistral {
    fn slug(&self) -> &'static str {
        "mistral"
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
            Situation::Valid if call == Call::List => Reply(200, model_list(&["mistral-small-latest"])),
            Situation::Valid => Reply(200, completion("mistral-small-latest")),
            // Nothing is known of what Mistral says of a key it shut, so it gets the same words.
            Situation::Refused { .. } | Situation::Blocked => Reply(401, json!({"detail": "Unauthorized"})),
            Situation::Echoed { key } => Reply(401, json!({"detail": format!("Unauthorized: {key}")})),
            Situation::Exhausted | Situation::ModelRefused => error(402, "Payment is required."),
            Situation::Restricted => error(403, "This key may not do that."),
            Situation::Limited => error(429, "Requests rate limit exceeded."),
            Situation::NoSuchPath => error(404, "There is no such path."),
        }
    }
}

fn error(status: u16, message: &str) -> Reply {
    Reply(
        status,
        json!({
            "object": "error",
            "message": message,
            "type": "invalid_request_error",
            "param": null,
            "code": null,
        }),
    )
}
