//! Anthropic.

use super::surface::{CHAT, COUNT_TOKENS, MESSAGES, MODELS, get, post};
use super::{Answer, Credential, ErrorShape, InferencePath, OpenAiCall, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::json;

const KEY: Credential = Credential::Header("x-api-key");
const VERSION: &[(&str, &str)] = &[("anthropic-version", "2023-06-01")];

/// How the messages of a spent credit and of the customer's own limit begin.
const EXHAUSTED: &[&str] = &[
    "Your credit balance is too low",
    "You have reached your specified API usage limits",
];

/// Anthropic: errors are `{"type":"error","error":{type,message,details?},"request_id"}` (Claude API errors).
pub(super) struct Anthropic;

/// Anthropic's layer for OpenAI's SDK (Claude API: OpenAI SDK compatibility). It has no embeddings and no
/// responses, and the list of models is in Anthropic's own shape.
const CHAT_PATH: &str = "/v1/chat/completions";

const PATHS: &[InferencePath] = &[
    post("/v1/messages", MESSAGES),
    post("/v1/messages/count_tokens", COUNT_TOKENS),
    post(CHAT_PATH, CHAT),
    get("/v1/models", MODELS),
    get("/v1/models/*", MODELS),
];

impl Provider for Anthropic {
    fn slug(&self) -> &'static str {
        "anthropic"
    }

    fn name(&self) -> &'static str {
        "Anthropic"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://api.anthropic.com")
    }

    fn key_page(&self) -> &'static str {
        "https://console.anthropic.com/settings/keys"
    }

    fn key_hint(&self) -> &'static str {
        "sk-ant-api03-…"
    }

    fn prefixes(&self) -> &'static [&'static str] {
        &["sk-ant-api03-", "sk-ant-"]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &["sk-ant-admin"]
    }

    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/v1/models?limit=1", KEY).with_headers(VERSION)
    }

    /// A list of models is given to accounts without credit too.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "claude-haiku-4-5",
            "messages": [{"role": "user", "content": "1"}],
            "max_tokens": 1,
        });
        Some(ProbeRequest::post("/v1/messages", KEY, body).with_headers(VERSION))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.succeeds_with_list(&["/data", "/content"]) {
            return Verdict::healthy();
        }
        let message = answer.text("/error/message");
        match known_reason(answer) {
            Some(reason) => answer.verdict(self.name(), reason, message),
            None => answer.by_status(self.name(), message),
        }
    }

    /// A disabled key and a model, file or batch that is not there all get a 404.
    fn needs_second_opinion(&self, answer: &Answer) -> bool {
        answer.status() == 404
    }

    fn credential(&self) -> Credential {
        KEY
    }

    /// The OpenAI-shaped path is documented with the header of OpenAI's SDK alone.
    fn credential_on(&self, path: &str) -> Credential {
        if path == CHAT_PATH { Credential::Bearer } else { KEY }
    }

    fn inference_paths(&self) -> &'static [InferencePath] {
        PATHS
    }

    fn sdk_base_path(&self) -> &'static str {
        ""
    }

    fn error_shape(&self) -> ErrorShape {
        ErrorShape::Anthropic
    }

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some(CHAT_PATH),
            OpenAiCall::Responses | OpenAiCall::Embeddings | OpenAiCall::Models => None,
        }
    }
}

fn known_reason(answer: &Answer) -> Option<HealthReason> {
    let message = answer.text("/error/message").unwrap_or_default();
    let spend_limit = answer.text("/error/details/error_code") == Some("enforced_spend_limit_reached");
    match answer.text("/error/type")? {
        "authentication_error" => Some(HealthReason::Invalid),
        "permission_error" => Some(HealthReason::Restricted),
        "billing_error" => Some(HealthReason::Exhausted),
        // How the message begins: further on it may quote the call.
        "invalid_request_error" if EXHAUSTED.iter().any(|words| message.starts_with(words)) => {
            Some(HealthReason::Exhausted)
        }
        "invalid_request_error" if message.starts_with("This organization has been disabled") => {
            Some(HealthReason::Blocked)
        }
        "rate_limit_error" if spend_limit => Some(HealthReason::Exhausted),
        "rate_limit_error" => Some(HealthReason::RateLimited),
        "overloaded_error" | "api_error" => Some(HealthReason::Unreachable),
        // The deep test's model is gone, or not for this account; the key itself was accepted.
        "not_found_error" if message.starts_with("model") => Some(HealthReason::Restricted),
        // A disabled key: trufflesecurity/trufflehog reads a 404 of the list so.
        "not_found_error" => Some(HealthReason::Blocked),
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
            &Anthropic,
            &[
                (
                    "a list",
                    200,
                    r#"{"data":[{"type":"model","id":"claude"}],"has_more":true}"#,
                    None,
                ),
                ("a message", 200, r#"{"type":"message","content":[]}"#, None),
                ("some other JSON", 200, "{}", Some(Unreachable)),
                (
                    "Claude API errors",
                    401,
                    r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
                    Some(Invalid),
                ),
                (
                    "anthropics/claude-code#66314, #91322",
                    400,
                    r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API"}}"#,
                    Some(Exhausted),
                ),
                (
                    "a limit that the customer set",
                    400,
                    r#"{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits."}}"#,
                    Some(Exhausted),
                ),
                (
                    "anthropics/claude-code#58393",
                    400,
                    r#"{"type":"error","error":{"type":"invalid_request_error","message":"This organization has been disabled."}}"#,
                    Some(Blocked),
                ),
                (
                    "another bad request",
                    400,
                    r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: required"}}"#,
                    Some(Unreachable),
                ),
                (
                    "Claude API errors",
                    402,
                    r#"{"type":"error","error":{"type":"billing_error","message":"Check billing"}}"#,
                    Some(Exhausted),
                ),
                (
                    "Claude API errors",
                    403,
                    r#"{"type":"error","error":{"type":"permission_error","message":"Not permitted"}}"#,
                    Some(Restricted),
                ),
                (
                    "Claude API errors",
                    429,
                    r#"{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}"#,
                    Some(RateLimited),
                ),
                (
                    "Claude API errors: a tier's cap",
                    429,
                    r#"{"type":"error","error":{"type":"rate_limit_error","message":"Cap","details":{"error_code":"enforced_spend_limit_reached"}}}"#,
                    Some(Exhausted),
                ),
                (
                    "Microsoft Dev Proxy's documents",
                    529,
                    r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                    Some(Unreachable),
                ),
                (
                    "trufflesecurity/trufflehog: disabled",
                    404,
                    r#"{"type":"error","error":{"type":"not_found_error","message":"Not found"}}"#,
                    Some(Blocked),
                ),
                (
                    "deep test without its model",
                    404,
                    r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-haiku-4-5"}}"#,
                    Some(Restricted),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &Anthropic,
            &[
                (
                    "an unknown model",
                    404,
                    r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}"#,
                ),
                (
                    "an unknown model, OpenAI's shape",
                    404,
                    r#"{"error":{"code":"not_found_error","message":"model: gpt-4o","type":"invalid_request_error","param":null}}"#,
                ),
                (
                    "quoted words",
                    400,
                    r#"{"type":"error","error":{"type":"invalid_request_error","message":"Unexpected value(s) `Your credit balance is too low` for the header"}}"#,
                ),
                (
                    "too large a body",
                    413,
                    r#"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#,
                ),
                (
                    "a failure of theirs",
                    500,
                    r#"{"type":"error","error":{"type":"api_error","message":"Internal server error"}}"#,
                ),
                (
                    "overloaded",
                    529,
                    r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                ),
            ],
        );
    }
}
