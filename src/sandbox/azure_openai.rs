//! Azure OpenAI's answers.

use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{Chat, OPENAI};
use super::openai_shape::{chat, models};
use super::request::Request;
use super::{openai, sse};
use serde_json::json;

pub(super) struct AzureOpenAi;

/// Before the first chunk comes one without choices, with the verdict of a filter.
const CHAT: Chat = Chat {
    opening: || {
        Some(sse::data(&json!({
            "id": "",
            "object": "",
            "created": 0,
            "model": "",
            "choices": [],
            "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}],
        })))
    },
    ..OPENAI
};

impl Double for AzureOpenAi {
    fn slug(&self) -> &'static str {
        "azure_openai"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        let (method, path) = request.call();
        if method == "GET" && matches!(path, "/openai/v1/models" | "/openai/models") {
            return Route::probe(|_| Ok(models::list(&["gpt-4o"])));
        }
        match (method, operation(request)?) {
            ("POST", "/chat/completions") => Route::model(|request| chat::answer(request, &CHAT)),
            (method, operation) => openai::route(method, operation, request),
        }
    }

    fn credential(&self, request: &Request) -> Option<String> {
        request.header("api-key").map(str::to_owned)
    }

    fn refuse(&self, refusal: &Refusal, request: &Request, _: Kind) -> Reply {
        match refusal {
            Refusal::Refused { .. } => error(
                401,
                "401",
                "Access denied due to invalid subscription key or wrong API endpoint.",
            ),
            Refusal::Echoed { key } => error(
                401,
                "401",
                &format!("Access denied due to invalid subscription key {key}."),
            ),
            Refusal::Blocked => error(
                403,
                "AuthenticationTypeDisabled",
                "Key based authentication is disabled for this resource.",
            ),
            Refusal::Exhausted | Refusal::ModelWithheld => error(
                429,
                "insufficient_quota",
                "The current quota is spent; look at your plan.",
            ),
            Refusal::Restricted => error(403, "PermissionDenied", "This key may not do that."),
            Refusal::Limited => error(429, "429", "Too many requests. Retry after 20 seconds."),
            Refusal::NoSuchPath => error(404, "404", "Resource not found"),
            Refusal::NotJson => error(400, "BadRequest", "The request body is no JSON object."),
            Refusal::Missing { field } => error(400, "BadRequest", &format!("The field {field} is missing.")),
            Refusal::NoSuchModel { .. } if request.deployment().is_some() => error(
                404,
                "DeploymentNotFound",
                "The API deployment for this resource does not exist.",
            ),
            Refusal::NoSuchModel { model } => error(404, "model_not_found", &format!("There is no model {model}.")),
            Refusal::TooLarge => error(413, "RequestEntityTooLarge", "The request is too large."),
            Refusal::Overloaded => error(503, "ServiceUnavailable", "The system is busy. Try again later."),
        }
    }
}

/// The path behind `/openai/v1`; or behind a deployment or `/openai`, where a version must be named.
fn operation(request: &Request) -> Option<&str> {
    if let Some(operation) = request.path.strip_prefix("/openai/v1") {
        return Some(operation);
    }
    request.parameter("api-version")?;
    match request.path.strip_prefix("/openai/deployments/") {
        Some(deployed) => deployed.find('/').map(|end| &deployed[end..]),
        None => request.path.strip_prefix("/openai"),
    }
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply(status, json!({"error": {"code": code, "message": message}}))
}
