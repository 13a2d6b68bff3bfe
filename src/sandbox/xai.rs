//! xAI's answers.

use super::double::{Call, Double, Reply, Situation, bearer};
use super::openai::completion;
use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

pub(super) struct Xai;

impl Double for Xai {
    fn slug(&self) -> &'static str {
        "xai"
    }

    fn call(&self, method: &Method, path: &str) -> Option<Call> {
        match (method.as_str(), path) {
            ("GET", "/v1/api-key") => Some(Call::List),
            ("POST", "/v1/chat/completions") => Some(Call::Model),
            _ => None,
        }
    }

    fn credential<'headers>(&self, headers: &'headers HeaderMap) -> Option<&'headers str> {
        bearer(headers)
    }

    fn reply(&self, situation: Situation<'_>, call: Call) -> Reply {
        let every = json!(["api-key:model:*", "api-key:endpoint:*"]);
        match (situation, call) {
            (Situation::Valid, Call::List) => about_key(&every, false),
            (Situation::Valid, Call::Model) => Reply(200, completion("grok-4-fast-non-reasoning")),
            (Situation::Refused { quoted } | Situation::Echoed { key: quoted }, _) => error(
                400,
                "Client specified an invalid argument",
                &format!("Incorrect API key provided: {quoted}. Make a new one in the console."),
            ),
            (Situation::Blocked, Call::List) => about_key(&every, true),
            (Situation::Blocked, Call::Model) => error(403, "permission-denied", "The API key is blocked."),
            (Situation::Exhausted | Situation::ModelRefused, _) => error(
                429,
                "Some resource has been exhausted",
                "Your team has used all available credits or reached its monthly spending limit.",
            ),
            (Situation::Restricted, Call::List) => about_key(&json!([]), false),
            (Situation::Restricted, Call::Model) => {
                error(403, "permission-denied", "The key has no permission for this.")
            }
            (Situation::Limited, _) => error(429, "Some resource has been exhausted", "Too many requests; slow down."),
            (Situation::NoSuchPath, _) => error(404, "not-found", "There is no such path."),
        }
    }
}

fn about_key(acls: &Value, blocked: bool) -> Reply {
    Reply(
        200,
        json!({
            "redacted_api_key": "xai-...cdef",
            "user_id": "00000000-0000-0000-0000-000000000001",
            "name": "Sandbox",
            "create_time": "2026-01-01T00:00:00Z",
            "modify_time": "2026-01-01T00:00:00Z",
            "modified_by": "00000000-0000-0000-0000-000000000001",
            "team_id": "00000000-0000-0000-0000-000000000002",
            "acls": acls,
            "api_key_id": "00000000-0000-0000-0000-000000000003",
            "team_blocked": false,
            "api_key_blocked": blocked,
            "api_key_disabled": false,
        }),
    )
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply(status, json!({"code": code, "error": message}))
}
