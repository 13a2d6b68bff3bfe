//! Azure OpenAI's answers.

use super::double::{Call, Double, Reply, Situation, header};
use super::openai::{completion, model_list};
use axum::http::{HeaderMap, Method};
use serde_json::json;

pub(super) struct AzureOpenAi;

impl Double for AzureOpenAi {
    fn slug(&self) -> &'static str {
        "azure_openai"
    }

    fn call(&self, method: &Method, path: &str) -> Option<Call> {
        let deployment = path.starts_with("/openai/deployments/") && path.ends_with("/chat/completions");
        match (method.as_str(), path) {
            ("GET", "/openai/v1/models" | "/openai/models") => Some(Call::List),
            ("POST", "/openai/v1/chat/completions") => Some(Call::Model),
            ("POST", _) if deployment => Some(Call::Model),
            _ => None,
        }
    }

    fn credential<'headers>(&self, headers: &'headers HeaderMap) -> Option<&'headers str> {
        header(headers, "api-key")
    }

    fn reply(&self, situation: Situation<'_>, call: Call) -> Reply {
        match situation {
            Situation::Valid if call == Call::List => Reply(200, model_list(&["gpt-4o"])),
            Situation::Valid => Reply(200, completion("gpt-4o")),
            Situation::Refused { .. } => error(
                401,
                "401",
                "Access denied due to invalid subscription key or wrong API endpoint.",
            ),
            Situation::Echoed { key } => error(
                401,
                "401",
                &format!("Access denied due to invalid subscription key {key}."),
            ),
            Situation::Blocked => error(
                403,
                "AuthenticationTypeDisabled",
                "Key based authentication is disabled for this resource.",
            ),
            Situation::Exhausted | Situation::ModelRefused => error(
                429,
                "insufficient_quota",
                "The current quota is spent; look at your plan.",
            ),
            Situation::Restricted => error(403, "PermissionDenied", "This key may not do that."),
            Situation::Limited => error(429, "429", "Too many requests. Retry after 20 seconds."),
            Situation::NoSuchPath => error(404, "404", "Resource not found"),
        }
    }
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply(status, json!({"error": {"code": code, "message": message}}))
}
