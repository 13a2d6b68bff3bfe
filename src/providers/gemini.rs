//! Google Gemini.

use super::surface::{CHAT, COUNT_TOKENS, EMBEDDINGS, GENERATE_CONTENT, IMAGES, MODELS, get, post};
use super::{
    Answer, Credential, ErrorShape, InferencePath, OpenAiCall, Operation, ProbeRequest, Provider, Target, UsageShape,
    retry,
};
use crate::domain::{HealthReason, Verdict};
use serde_json::{Value, json};
use std::time::Duration;

/// A header, never `?key=`: addresses end in logs.
const KEY: Credential = Credential::Header("x-goog-api-key");

/// Google Gemini: errors are `{"error":{code,message,status,details:[…]}}`, each detail with its `@type`.
pub(super) struct Gemini;

const EMBED_CONTENT: Operation = Operation::of_model("embeddings", UsageShape::Gemini);
/// Imagen reports no usage.
const PREDICT_IMAGES: Operation = Operation::of_model("images", UsageShape::Nothing);

const PATHS: &[InferencePath] = &[
    post("/v1beta/models/*:generateContent", GENERATE_CONTENT),
    post("/v1beta/models/*:streamGenerateContent", GENERATE_CONTENT),
    post("/v1beta/models/*:countTokens", COUNT_TOKENS),
    post("/v1beta/models/*:embedContent", EMBED_CONTENT),
    post("/v1beta/models/*:batchEmbedContents", EMBED_CONTENT),
    post("/v1beta/models/*:predict", PREDICT_IMAGES),
    post("/v1beta/tunedModels/*:generateContent", GENERATE_CONTENT.of_account()),
    post(
        "/v1beta/tunedModels/*:streamGenerateContent",
        GENERATE_CONTENT.of_account(),
    ),
    get("/v1beta/models", MODELS),
    get("/v1beta/models/*", MODELS),
    post("/v1/models/*:generateContent", GENERATE_CONTENT),
    post("/v1/models/*:streamGenerateContent", GENERATE_CONTENT),
    post("/v1/models/*:countTokens", COUNT_TOKENS),
    post("/v1/models/*:embedContent", EMBED_CONTENT),
    post("/v1/models/*:batchEmbedContents", EMBED_CONTENT),
    post("/v1/models/*:predict", PREDICT_IMAGES),
    post("/v1/tunedModels/*:generateContent", GENERATE_CONTENT.of_account()),
    post("/v1/tunedModels/*:streamGenerateContent", GENERATE_CONTENT.of_account()),
    get("/v1/models", MODELS),
    get("/v1/models/*", MODELS),
    post("/v1beta/openai/chat/completions", CHAT),
    post("/v1beta/openai/embeddings", EMBEDDINGS),
    post("/v1beta/openai/images/generations", IMAGES),
    get("/v1beta/openai/models", MODELS),
    get("/v1beta/openai/models/*", MODELS),
];

impl Provider for Gemini {
    fn slug(&self) -> &'static str {
        "gemini"
    }

    fn name(&self) -> &'static str {
        "Google Gemini"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://generativelanguage.googleapis.com")
    }

    fn key_page(&self) -> &'static str {
        "https://aistudio.google.com/apikey"
    }

    fn key_hint(&self) -> &'static str {
        "AIzaSy…"
    }

    /// `AQ.` keys are newer; `AIza` ones without restrictions are refused since 2026-06-19
    /// (Google's developer forum, thread 171786).
    fn prefixes(&self) -> &'static [&'static str] {
        &["AIzaSy", "AQ."]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/v1beta/models?pageSize=1", KEY)
    }

    /// The list passes for keys that may generate nothing (Google's developer forum, thread 173800).
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "contents": [{"role": "user", "parts": [{"text": "1"}]}],
            "generationConfig": {"maxOutputTokens": 1},
        });
        Some(ProbeRequest::post(
            "/v1beta/models/gemini-flash-latest:generateContent",
            KEY,
            body,
        ))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.succeeds_with_list(&["/models", "/candidates"]) {
            return Verdict::healthy();
        }
        let answer = answer.clone().or_retry_after(retry_delay(answer));
        let message = error_text(&answer, "/message");
        match known_reason(&answer) {
            Some(reason) => answer.verdict(self.name(), reason, message),
            None => answer.by_status(self.name(), message),
        }
    }

    /// A 401 speaks of how a call was signed as often as of the key (dimetron/pi-go#297).
    fn needs_second_opinion(&self, answer: &Answer) -> bool {
        answer.status() == 401
    }

    fn credential(&self) -> Credential {
        KEY
    }

    /// The OpenAI-shaped paths take a bearer key and nothing else (NVIDIA/NemoClaw#2093); the others take a
    /// bearer for an OAuth token and refuse it (dimetron/pi-go#297).
    fn credential_on(&self, path: &str) -> Credential {
        if path.starts_with("/v1beta/openai/") {
            Credential::Bearer
        } else {
            KEY
        }
    }

    fn inference_paths(&self) -> &'static [InferencePath] {
        PATHS
    }

    fn sdk_base_path(&self) -> &'static str {
        ""
    }

    fn error_shape(&self) -> ErrorShape {
        ErrorShape::Google
    }

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/v1beta/openai/chat/completions"),
            OpenAiCall::Embeddings => Some("/v1beta/openai/embeddings"),
            OpenAiCall::Models => Some("/v1beta/openai/models"),
            OpenAiCall::Responses => None,
        }
    }
}

fn known_reason(answer: &Answer) -> Option<HealthReason> {
    let message = error_text(answer, "/message").unwrap_or_default();
    match error_reason(answer) {
        Some("API_KEY_INVALID" | "ACCESS_TOKEN_TYPE_UNSUPPORTED") => return Some(HealthReason::Invalid),
        Some("CONSUMER_SUSPENDED") => return Some(HealthReason::Blocked),
        _ => {}
    }
    match error_text(answer, "/status")? {
        "UNAUTHENTICATED" => Some(HealthReason::Invalid),
        "PERMISSION_DENIED" if message.contains("reported as leaked") => Some(HealthReason::Blocked),
        "PERMISSION_DENIED" => Some(HealthReason::Restricted),
        // Region or billing. A region says nothing about the key.
        "FAILED_PRECONDITION" if message.contains("billing") => Some(HealthReason::Exhausted),
        "FAILED_PRECONDITION" => Some(HealthReason::Unreachable),
        "RESOURCE_EXHAUSTED" if answer.status() == 402 || day_is_spent(answer) => Some(HealthReason::Exhausted),
        "RESOURCE_EXHAUSTED" => Some(HealthReason::RateLimited),
        _ => None,
    }
}

/// What stands in the error, which is the first of a list where a stream was asked for or OpenAI's shape
/// was spoken (NVIDIA/NemoClaw#2093).
fn error_value<'answer>(answer: &'answer Answer, pointer: &str) -> Option<&'answer Value> {
    let error = answer.value("/error").or_else(|| answer.value("/0/error"))?;
    error.pointer(pointer)
}

fn error_text<'answer>(answer: &'answer Answer, pointer: &str) -> Option<&'answer str> {
    let text = error_value(answer, pointer)?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

fn details(answer: &Answer) -> impl Iterator<Item = &Value> {
    error_value(answer, "/details")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn error_reason(answer: &Answer) -> Option<&str> {
    details(answer).find_map(|detail| detail.get("reason")?.as_str())
}

/// Rate and quota share one status; only the violated quota's name tells a minute from a day
/// (google-gemini/gemini-cli#8437, langgenius/dify#19838).
fn day_is_spent(answer: &Answer) -> bool {
    details(answer)
        .filter_map(|detail| detail.get("violations")?.as_array())
        .flatten()
        .filter_map(|violation| violation.get("quotaId")?.as_str())
        .any(|quota| quota.contains("PerDay"))
}

fn retry_delay(answer: &Answer) -> Option<Duration> {
    details(answer).find_map(|detail| retry::from_seconds(detail.get("retryDelay")?.as_str()?))
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::{assert_key_unharmed, assert_reasons};
    use super::*;
    use HealthReason::{Blocked, Exhausted, Invalid, RateLimited, Restricted, Unreachable};

    #[test]
    fn answers_are_read() {
        assert_reasons(
            &Gemini,
            &[
                (
                    "a list",
                    200,
                    r#"{"models":[{"name":"models/gemini"}],"nextPageToken":"x"}"#,
                    None,
                ),
                (
                    "generated",
                    200,
                    r#"{"candidates":[{"finishReason":"MAX_TOKENS"}]}"#,
                    None,
                ),
                ("some other JSON", 200, "{}", Some(Unreachable)),
                (
                    "cequence-io/openai-scala-client#109",
                    400,
                    r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
                    Some(Invalid),
                ),
                (
                    "the same where a stream was asked for",
                    400,
                    r#"[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]"#,
                    Some(Invalid),
                ),
                (
                    "third-party summary of Google's error codes",
                    402,
                    r#"{"error":{"code":402,"message":"No credit","status":"RESOURCE_EXHAUSTED"}}"#,
                    Some(Exhausted),
                ),
                (
                    "another bad request",
                    400,
                    r#"{"error":{"code":400,"message":"Bad","status":"INVALID_ARGUMENT"}}"#,
                    Some(Unreachable),
                ),
                (
                    "continuedev/continue#10513",
                    403,
                    r#"{"error":{"code":403,"message":"Your API key was reported as leaked.","status":"PERMISSION_DENIED"}}"#,
                    Some(Blocked),
                ),
                (
                    "google/generative-ai-docs#356",
                    403,
                    r#"{"error":{"code":403,"message":"Consumer 'api_key:FAKE' has been suspended.","status":"PERMISSION_DENIED","details":[{"reason":"CONSUMER_SUSPENDED"}]}}"#,
                    Some(Blocked),
                ),
                (
                    "Google's developer forum, thread 173800",
                    403,
                    r#"{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}"#,
                    Some(Restricted),
                ),
                (
                    "some AQ. keys",
                    401,
                    r#"{"error":{"code":401,"message":"Unsupported","status":"UNAUTHENTICATED","details":[{"reason":"ACCESS_TOKEN_TYPE_UNSUPPORTED"}]}}"#,
                    Some(Invalid),
                ),
                (
                    "region",
                    400,
                    r#"{"error":{"code":400,"message":"User location is not supported","status":"FAILED_PRECONDITION"}}"#,
                    Some(Unreachable),
                ),
                (
                    "billing",
                    400,
                    r#"{"error":{"code":400,"message":"Please enable billing","status":"FAILED_PRECONDITION"}}"#,
                    Some(Exhausted),
                ),
                (
                    "langgenius/dify#19838",
                    429,
                    r#"{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel"}]}]}}"#,
                    Some(Exhausted),
                ),
                (
                    "googleapis/python-genai#2065",
                    429,
                    r#"{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}"#,
                    Some(RateLimited),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &Gemini,
            &[
                (
                    "an unknown model",
                    404,
                    r#"{"error":{"code":404,"message":"models/x is not found for API version v1beta","status":"NOT_FOUND"}}"#,
                ),
                (
                    "a bad value",
                    400,
                    r#"{"error":{"code":400,"message":"Unable to submit request","status":"INVALID_ARGUMENT"}}"#,
                ),
                (
                    "someone else's file",
                    403,
                    r#"{"error":{"code":403,"message":"You do not have permission to access the File leaked or it may not exist.","status":"PERMISSION_DENIED"}}"#,
                ),
                (
                    "NVIDIA/NemoClaw#2093",
                    400,
                    r#"[{"error":{"code":400,"message":"Missing or invalid Authorization header.","status":"INVALID_ARGUMENT"}}]"#,
                ),
                (
                    "a failure of theirs",
                    500,
                    r#"{"error":{"code":500,"message":"An internal error has occurred","status":"INTERNAL"}}"#,
                ),
                (
                    "overloaded",
                    503,
                    r#"{"error":{"code":503,"message":"The model is overloaded","status":"UNAVAILABLE"}}"#,
                ),
            ],
        );
    }

    #[test]
    fn the_retry_time_stands_in_the_body() {
        let body = br#"{"error":{"code":429,"message":"Slow","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34s"}]}}"#;
        let verdict = Gemini.classify(&Answer::new(429, body, None));
        assert_eq!(verdict.retry_after, Some(Duration::from_secs(34)));
    }
}
