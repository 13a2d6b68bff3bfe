//! Groq.

use super::surface::{CHAT, EMBEDDINGS, MODELS, RESPONSES, SPEECH, TRANSCRIPTION, get, post};
use super::{Answer, Credential, ErrorShape, InferencePath, OpenAiCall, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::json;

/// Groq: errors are `{"error":{message,type,code}}` (Groq: API error codes and responses).
pub(super) struct Groq;

const PATHS: &[InferencePath] = &[
    post("/openai/v1/chat/completions", CHAT),
    // Nothing is kept (Groq: Responses API).
    post("/openai/v1/responses", RESPONSES),
    post("/openai/v1/embeddings", EMBEDDINGS),
    post("/openai/v1/audio/speech", SPEECH),
    post("/openai/v1/audio/transcriptions", TRANSCRIPTION),
    post("/openai/v1/audio/translations", TRANSCRIPTION),
    get("/openai/v1/models", MODELS),
    get("/openai/v1/models/*", MODELS),
    // Most models are named after their makers: `openai/gpt-oss-20b`.
    get("/openai/v1/models/*/*", MODELS),
];

impl Provider for Groq {
    fn slug(&self) -> &'static str {
        "groq"
    }

    fn name(&self) -> &'static str {
        "Groq"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://api.groq.com")
    }

    fn key_page(&self) -> &'static str {
        "https://console.groq.com/keys"
    }

    fn key_hint(&self) -> &'static str {
        "gsk_…"
    }

    fn prefixes(&self) -> &'static [&'static str] {
        &["gsk_"]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/openai/v1/models", Credential::Bearer)
    }

    /// A list of models does not prove that the organization has not reached its spend limit.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "llama-3.1-8b-instant",
            "messages": [{"role": "user", "content": "1"}],
            "max_completion_tokens": 1,
        });
        Some(ProbeRequest::post(
            "/openai/v1/chat/completions",
            Credential::Bearer,
            body,
        ))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.succeeds_with_list(&["/data", "/choices"]) {
            return Verdict::healthy();
        }
        let message = answer.text("/error/message");
        match known_reason(answer) {
            Some(reason) => answer.verdict(self.name(), reason, message),
            None => answer.by_status(self.name(), message),
        }
    }

    /// Its refusals have codes of their own.
    fn needs_second_opinion(&self, _: &Answer) -> bool {
        false
    }

    fn credential(&self) -> Credential {
        Credential::Bearer
    }

    fn inference_paths(&self) -> &'static [InferencePath] {
        PATHS
    }

    fn sdk_base_path(&self) -> &'static str {
        "/openai/v1"
    }

    fn error_shape(&self) -> ErrorShape {
        ErrorShape::OpenAi
    }

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/openai/v1/chat/completions"),
            OpenAiCall::Responses => Some("/openai/v1/responses"),
            OpenAiCall::Embeddings => Some("/openai/v1/embeddings"),
            OpenAiCall::Models => Some("/openai/v1/models"),
        }
    }
}

/// By the code alone: a message, and `failed_generation` beside it, may quote the call.
fn known_reason(answer: &Answer) -> Option<HealthReason> {
    match answer.text("/error/code")? {
        "invalid_api_key" => Some(HealthReason::Invalid),
        "organization_restricted" => Some(HealthReason::Blocked),
        // As documented, and as seen.
        "blocked_api_access" => Some(HealthReason::Exhausted),
        code if code.starts_with("spend_") => Some(HealthReason::Exhausted),
        // The key was accepted; it may not use the deep test's model.
        "model_not_found" | "model_decommissioned" => Some(HealthReason::Restricted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::{assert_key_unharmed, assert_reasons};
    use super::*;
    use HealthReason::{Blocked, Exhausted, Invalid, RateLimited, Restricted, Unreachable};

    #[test]
    fn answers_are_read() {
        assert_reasons(
            &Groq,
            &[
                (
                    "a list",
                    200,
                    r#"{"object":"list","data":[{"id":"llama-3.1-8b-instant"}]}"#,
                    None,
                ),
                ("a completion", 200, r#"{"choices":[]}"#, None),
                ("some other JSON", 200, "{}", Some(Unreachable)),
                (
                    "continuedev/continue#10309, the code as OpenAI's",
                    401,
                    r#"{"error":{"message":"Invalid API Key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
                    Some(Invalid),
                ),
                (
                    "songquanpeng/one-api#1764",
                    400,
                    r#"{"error":{"message":"Organization has been restricted. Please reach out to support if you believe this was in error.","type":"invalid_request_error","param":"","code":"organization_restricted"}}"#,
                    Some(Blocked),
                ),
                (
                    "Groq: spend limits",
                    400,
                    r#"{"error":{"message":"API access is blocked by the spend limit","type":"invalid_request_error","code":"blocked_api_access"}}"#,
                    Some(Exhausted),
                ),
                (
                    "seen by others in place of the documented code",
                    400,
                    r#"{"error":{"message":"A spend alert has blocked API access","type":"invalid_request_error","code":"spend_alert_reached"}}"#,
                    Some(Exhausted),
                ),
                (
                    "Groq: API error codes",
                    429,
                    r#"{"error":{"message":"Rate limit reached for model","type":"tokens","code":"rate_limit_exceeded"}}"#,
                    Some(RateLimited),
                ),
                (
                    "orbi-build/orbi#561: a model that the organization shut",
                    403,
                    r#"{"error":{"message":"The model is blocked at the organization level","type":"permissions_error","code":"model_permission_blocked_org"}}"#,
                    Some(Restricted),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &Groq,
            &[
                (
                    "an unknown model",
                    404,
                    r#"{"error":{"message":"The model `x` does not exist or you do not have access to it.","type":"invalid_request_error","code":"model_not_found"}}"#,
                ),
                (
                    "a retired model",
                    400,
                    r#"{"error":{"message":"The model `x` has been decommissioned","type":"invalid_request_error","code":"model_decommissioned"}}"#,
                ),
                (
                    "quoted words",
                    400,
                    r#"{"error":{"message":"Failed to generate JSON","type":"invalid_request_error","code":"json_validate_failed","failed_generation":"spend limit, invalid_api_key"}}"#,
                ),
                (
                    "more tokens in one call than a minute allows",
                    413,
                    r#"{"error":{"message":"Request too large for model","type":"tokens","code":"rate_limit_exceeded"}}"#,
                ),
                (
                    "Groq: flex processing",
                    498,
                    r#"{"error":{"message":"Flex tier capacity exceeded","type":"x","code":"capacity_exceeded"}}"#,
                ),
                (
                    "a failure of theirs",
                    500,
                    r#"{"error":{"message":"Internal Server Error","type":"internal_server_error"}}"#,
                ),
                (
                    "overloaded",
                    503,
                    r#"{"error":{"message":"Service Unavailable","type":"service_unavailable"}}"#,
                ),
            ],
        );
    }
}
