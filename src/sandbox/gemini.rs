//! Google Gemini's answers.

use super::double::{Call, Double, Reply, Situation, header};
use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

pub(super) struct Gemini;

impl Double for Gemini {
    fn slug(&self) -> &'static str {
        "gemini"
    }

    fn call(&self, method: &Method, path: &str) -> Option<Call> {
        let model = path.strip_prefix("/v1beta/models");
        match (method.as_str(), model) {
            ("GET", Some("")) => Some(Call::List),
            ("POST", Some(model)) if model.ends_with(":generateContent") => Some(Call::Model),
            _ => None,
        }
    }

    fn credential<'headers>(&self, headers: &'headers HeaderMap) -> Option<&'headers str> {
        header(headers, "x-goog-api-key")
    }

    fn reply(&self, situation: Situation<'_>, call: Call) -> Reply {
        match situation {
            Situation::Valid if call == Call::List => Reply(
                200,
                json!({
                    "models": [{
                        "name": "models/gemini-flash-latest",
                        "displayName": "Gemini Flash Latest",
                        "supportedGenerationMethods": ["generateContent"],
                    }],
                }),
            ),
            Situation::Valid => Reply(
                200,
                json!({
                    "candidates": [{
                        "content": {"parts": [{"text": "1"}], "role": "model"},
                        "finishReason": "MAX_TOKENS",
                        "index": 0,
                    }],
                    "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
                }),
            ),
            Situation::Refused { .. } => error(
                400,
                "INVALID_ARGUMENT",
                "API key not valid. Please pass a valid one.",
                &json!([error_info("API_KEY_INVALID", &json!({}))]),
            ),
            Situation::Echoed { key } => suspended(key),
            Situation::Blocked => error(
                403,
                "PERMISSION_DENIED",
                "This API key was reported as leaked. Use another one.",
                &json!([]),
            ),
            Situation::Exhausted => error(
                429,
                "RESOURCE_EXHAUSTED",
                "The current quota is spent; look at your plan and billing.",
                &json!([{
                    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
                }]),
            ),
            Situation::Restricted | Situation::ModelRefused => error(
                403,
                "PERMISSION_DENIED",
                "The caller does not have permission",
                &json!([]),
            ),
            Situation::Limited => error(
                429,
                "RESOURCE_EXHAUSTED",
                "Resource has been exhausted (e.g. check quota).",
                &json!([]),
            ),
            Situation::NoSuchPath => error(404, "NOT_FOUND", "There is no such path.", &json!([])),
        }
    }
}

/// The one answer of Google's that is known to quote a whole key (google/generative-ai-docs#356).
fn suspended(key: &str) -> Reply {
    let consumer = format!("api_key:{key}");
    error(
        403,
        "PERMISSION_DENIED",
        &format!("Permission denied: Consumer '{consumer}' has been suspended."),
        &json!([error_info("CONSUMER_SUSPENDED", &json!({"consumer": consumer}))]),
    )
}

fn error_info(reason: &str, metadata: &Value) -> Value {
    json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    })
}

fn error(code: u16, status: &str, message: &str, details: &Value) -> Reply {
    Reply(
        code,
        json!({
            "error": {"code": code, "message": message, "status": status, "details": details},
        }),
    )
}
