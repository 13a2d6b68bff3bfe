//! Anthropic's answers.

use super::answer::Answer;
use super::anthropic_shape as messages;
use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{self, OPENAI};
use super::request::{Request, known_model};
use serde_json::{Value, json};

pub(super) struct Anthropic;

/// Where Anthropic speaks OpenAI's shape.
const CHAT_PATH: &str = "/v1/chat/completions";
const VERSION: &str = "anthropic-version";
const MODELS: [&str; 2] = ["claude-haiku-4-5", "claude-sonnet-4-5"];

impl Double for Anthropic {
    fn slug(&self) -> &'static str {
        "anthropic"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("GET", "/v1/models") => Route::probe(|_| Ok(list())),
            ("GET", path) if path.starts_with("/v1/models/") => Route::free(one),
            ("POST", "/v1/messages") => Route::model(messages::answer),
            ("POST", CHAT_PATH) => Route::model(|request| chat::answer(request, &OPENAI)),
            ("POST", "/v1/messages/count_tokens") => Route::model(messages::count_tokens),
            ("GET", "/v1/messages/batches") => {
                Route::free(|_| Ok(Answer::json(&json!({"data": [], "has_more": false}))))
            }
            _ => None,
        }
    }

    /// Anthropic's own client for Python sends the key as bearer since its version 2.
    fn credential(&self, request: &Request) -> Option<String> {
        let own = request.header("x-api-key").filter(|_| request.path != CHAT_PATH);
        own.map(str::to_owned).or_else(|| request.bearer())
    }

    /// The version is named wherever Anthropic's own shape is spoken.
    fn check(&self, request: &Request) -> Result<(), Refusal> {
        if request.path == CHAT_PATH || request.header(VERSION).is_some() {
            Ok(())
        } else {
            Err(Refusal::Missing { field: VERSION })
        }
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, _: Kind) -> Reply {
        let invalid = "invalid_request_error";
        match refusal {
            Refusal::Refused { .. } => error(401, "authentication_error", "invalid x-api-key"),
            Refusal::Echoed { key } => error(401, "authentication_error", &format!("invalid x-api-key: {key}")),
            Refusal::Blocked => error(404, "not_found_error", "Not found"),
            Refusal::Exhausted | Refusal::ModelWithheld => error(
                400,
                invalid,
                "Your credit balance is too low for this API. Buy credits under Plans & Billing.",
            ),
            Refusal::Restricted => error(403, "permission_error", "This key may not use the requested resource."),
            Refusal::Limited => error(429, "rate_limit_error", "Rate limit reached; slow down."),
            Refusal::NoSuchPath => error(400, invalid, "There is no such path."),
            Refusal::NotJson => error(400, invalid, "The request body is no valid JSON object."),
            Refusal::Missing { field: VERSION } => error(400, invalid, &format!("{VERSION}: header is required")),
            Refusal::Missing { field } => error(400, invalid, &format!("{field}: Field required")),
            Refusal::NoSuchModel { model } => error(404, "not_found_error", &format!("model: {model}")),
            Refusal::TooLarge => error(413, "request_too_large", "Request exceeds the maximum size."),
            Refusal::Overloaded => error(529, "overloaded_error", "Overloaded"),
        }
    }

    fn account(&self) -> Option<(&'static str, &'static str)> {
        Some(("anthropic-organization-id", "00000000-0000-0000-0000-000000000004"))
    }
}

fn list() -> Answer {
    let models: Vec<Value> = MODELS.iter().map(|id| model(id)).collect();
    Answer::json(&json!({
        "data": models,
        "first_id": MODELS.first(),
        "last_id": MODELS.last(),
        "has_more": false,
    }))
}

fn one(request: &Request) -> Result<Answer, Refusal> {
    let name = request.path.strip_prefix("/v1/models/").unwrap_or_default();
    Ok(Answer::json(&model(&known_model(name)?)))
}

fn model(id: &str) -> Value {
    json!({"type": "model", "id": id, "display_name": id, "created_at": "2025-10-01T00:00:00Z"})
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
