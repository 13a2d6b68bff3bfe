//! OpenRouter's answers.

use super::double::{Call, Double, Reply, Situation, bearer};
use super::openai::completion;
use axum::http::{HeaderMap, Method};
use serde_json::json;

pub(super) struct OpenRouter;

impl Double for OpenRouter {
    fn slug(&self) -> &'static str {
        "openrouter"
    }

    fn call(&self, method: &Method, path: &str) -> Option<Call> {
        match (method.as_str(), path) {
            ("GET", "/api/v1/key") => Some(Call::List),
            ("POST", "/api/v1/chat/completions") => Some(Call::Model),
            _ => None,
        }
    }

    fn credential<'headers>(&self, headers: &'headers HeaderMap) -> Option<&'headers str> {
        bearer(headers)
    }

    fn reply(&self, situation: Situation<'_>, call: Call) -> Reply {
        match (situation, call) {
            (Situation::Valid, Call::List) => about_key(74.5),
            (Situation::Valid, Call::Model) => Reply(200, completion("mistralai/mistral-nemo")),
            (Situation::Refused { .. }, _) => error(401, "User not found."),
            (Situation::Echoed { key }, _) => error(401, &format!("No user has the key {key}.")),
            (Situation::Blocked, _) => error(401, "This API key is disabled."),
            (Situation::Exhausted, Call::List) => about_key(0.0),
            (Situation::Exhausted, Call::Model) => error(403, "Key limit exceeded."),
            (Situation::ModelRefused, _) => error(402, "Insufficient credits; add more."),
            (Situation::Restricted, _) => error(403, "This key may not do that."),
            (Situation::Limited, _) => error(429, "Rate limit reached; slow down."),
            (Situation::NoSuchPath, _) => error(404, "There is no such path."),
        }
    }
}

fn about_key(limit_remaining: f64) -> Reply {
    Reply(
        200,
        json!({
            "data": {
                "label": "sk-or-v1-...cdef",
                "limit": 100.0,
                "limit_remaining": limit_remaining,
                "limit_reset": "monthly",
                "usage": 100.0 - limit_remaining,
                "is_free_tier": false,
                "is_management_key": false,
                "is_provisioning_key": false,
                "expires_at": null,
            },
        }),
    )
}

fn error(status: u16, message: &str) -> Reply {
    Reply(
        status,
        json!({"error": {"code": status, "message": message, "metadata": {}}}),
    )
}
