//! Together.

use super::surface::{CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, MODELS, RERANK, SPEECH, TRANSCRIPTION, get, post};
use super::{Answer, Credential, ErrorShape, InferencePath, OpenAiCall, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::json;

/// Together: errors are `{"error":{message,type,param,code}}` (harshitv804/LawGPT#4).
pub(super) struct Together;

const PATHS: &[InferencePath] = &[
    post("/v1/chat/completions", CHAT),
    post("/v1/completions", COMPLETIONS),
    post("/v1/embeddings", EMBEDDINGS),
    post("/v1/images/generations", IMAGES),
    post("/v1/audio/speech", SPEECH),
    post("/v1/audio/transcriptions", TRANSCRIPTION),
    post("/v1/audio/translations", TRANSCRIPTION),
    post("/v1/rerank", RERANK),
    get("/v1/models", MODELS),
];

impl Provider for Together {
    fn slug(&self) -> &'static str {
        "together"
    }

    fn name(&self) -> &'static str {
        "Together"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://api.together.xyz")
    }

    fn key_page(&self) -> &'static str {
        "https://api.together.ai/settings/api-keys"
    }

    fn key_hint(&self) -> &'static str {
        "tgp_v1_…"
    }

    /// Older keys are 64 hexadecimal digits without one.
    fn prefixes(&self) -> &'static [&'static str] {
        &["tgp_v1_"]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/v1/models", Credential::Bearer)
    }

    /// A list of models does not prove credit.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "openai/gpt-oss-20b",
            "messages": [{"role": "user", "content": "1"}],
            "max_tokens": 1,
        });
        Some(ProbeRequest::post("/v1/chat/completions", Credential::Bearer, body))
    }

    /// The list of models is a bare array.
    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.succeeds_with_list(&["", "/data", "/choices"]) {
            return Verdict::healthy();
        }
        let message = answer.text("/error/message");
        match answer.text("/error/code") {
            Some("invalid_api_key") => answer.verdict(self.name(), HealthReason::Invalid, message),
            // The key was accepted; it may not use the deep test's model.
            Some("model_not_available") => answer.verdict(self.name(), HealthReason::Restricted, message),
            // `credit_limit`, the type, also stands in a mere rate limit (togethercomputer/MoA#27).
            _ => answer.by_status(self.name(), message),
        }
    }

    /// A refused key has a code of its own.
    fn needs_second_opinion(&self, answer: &Answer) -> bool {
        answer.status() == 401 && answer.text("/error/code") != Some("invalid_api_key")
    }

    fn credential(&self) -> Credential {
        Credential::Bearer
    }

    fn inference_paths(&self) -> &'static [InferencePath] {
        PATHS
    }

    fn sdk_base_path(&self) -> &'static str {
        "/v1"
    }

    fn error_shape(&self) -> ErrorShape {
        ErrorShape::OpenAi
    }

    /// The list of models is not in OpenAI's shape.
    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/v1/chat/completions"),
            OpenAiCall::Embeddings => Some("/v1/embeddings"),
            OpenAiCall::Responses | OpenAiCall::Models => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::{assert_key_unharmed, assert_reasons};
    use super::*;
    use HealthReason::{Exhausted, Invalid, RateLimited, Restricted, Unreachable};

    #[test]
    fn answers_are_read() {
        assert_reasons(
            &Together,
            &[
                (
                    "a list, bare",
                    200,
                    r#"[{"id":"openai/gpt-oss-20b","object":"model"}]"#,
                    None,
                ),
                ("a completion", 200, r#"{"choices":[]}"#, None),
                ("some other JSON", 200, "{}", Some(Unreachable)),
                (
                    "harshitv804/LawGPT#4",
                    401,
                    r#"{"error":{"message":"Invalid API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
                    Some(Invalid),
                ),
                (
                    "Together: error codes",
                    402,
                    r#"{"error":{"message":"Credit limit exceeded","type":"credit_limit","param":null,"code":null}}"#,
                    Some(Exhausted),
                ),
                (
                    "togethercomputer/MoA#27",
                    429,
                    r#"{"error":{"message":"You have been rate limited. Your rate limit is 60 queries per minute.","type":"credit_limit","param":null,"code":null}}"#,
                    Some(RateLimited),
                ),
                (
                    "deep test without its model",
                    404,
                    r#"{"error":{"message":"Unable to access model","type":"invalid_request_error","param":"model","code":"model_not_available"}}"#,
                    Some(Restricted),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &Together,
            &[
                (
                    "an unknown model",
                    404,
                    r#"{"error":{"message":"Unable to access model x","type":"invalid_request_error","param":"model","code":"model_not_available"}}"#,
                ),
                (
                    "Together: error codes, too long a text",
                    403,
                    r#"{"error":{"message":"Input token count exceeds the model's context length","type":"invalid_request_error","param":null,"code":null}}"#,
                ),
                (
                    "a bad value",
                    422,
                    r#"{"error":{"message":"Input validation error","type":"invalid_request_error","param":null,"code":null}}"#,
                ),
                (
                    "a failure of theirs",
                    500,
                    r#"{"error":{"message":"Internal server error","type":"server_error","param":null,"code":null}}"#,
                ),
                (
                    "overloaded",
                    503,
                    r#"{"error":{"message":"The server is overloaded","type":"service_unavailable","param":null,"code":null}}"#,
                ),
            ],
        );
    }
}
