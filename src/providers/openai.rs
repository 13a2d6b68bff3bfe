//! OpenAI.

use super::surface::{
    CHAT, COMPLETIONS, COUNT_TOKENS, EMBEDDINGS, IMAGES, MODELS, MODERATION, RESPONSES, SPEECH, TRANSCRIPTION, get,
    post,
};
use super::{Answer, Credential, ErrorShape, InferencePath, OpenAiCall, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::json;

/// OpenAI: errors are `{"error":{message,type,param,code}}` (continuedev/continue#11409).
pub(super) struct OpenAi;

const PATHS: &[InferencePath] = &[
    // New accounts keep chats too (OpenAI: migrate to responses).
    post("/v1/chat/completions", CHAT.kept()),
    post("/v1/completions", COMPLETIONS),
    post("/v1/responses", RESPONSES.kept()),
    post("/v1/responses/compact", RESPONSES),
    post("/v1/responses/input_tokens", COUNT_TOKENS),
    post("/v1/embeddings", EMBEDDINGS),
    post("/v1/images/generations", IMAGES),
    post("/v1/images/edits", IMAGES),
    post("/v1/images/variations", IMAGES),
    post("/v1/audio/speech", SPEECH),
    post("/v1/audio/transcriptions", TRANSCRIPTION),
    post("/v1/audio/translations", TRANSCRIPTION),
    post("/v1/moderations", MODERATION),
    get("/v1/models", MODELS),
    get("/v1/models/*", MODELS),
];

impl Provider for OpenAi {
    fn slug(&self) -> &'static str {
        "openai"
    }

    fn name(&self) -> &'static str {
        "OpenAI"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://api.openai.com")
    }

    fn key_page(&self) -> &'static str {
        "https://platform.openai.com/api-keys"
    }

    fn key_hint(&self) -> &'static str {
        "sk-proj-…"
    }

    fn prefixes(&self) -> &'static [&'static str] {
        &["sk-proj-", "sk-svcacct-", "sk-"]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &["sk-admin-"]
    }

    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/v1/models", Credential::Bearer)
    }

    /// A list of models is given to accounts without credit too.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": "1"}],
            "max_completion_tokens": 1,
            "store": false,
        });
        Some(ProbeRequest::post("/v1/chat/completions", Credential::Bearer, body))
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

    /// A 401 may be about the call's own `openai-organization` or `openai-project` header
    /// (openai/codex#1000) or about the host or the address it came from: only two codes name the key.
    fn needs_second_opinion(&self, answer: &Answer) -> bool {
        let about_key = matches!(
            answer.text("/error/code"),
            Some("invalid_api_key" | "account_deactivated")
        );
        answer.status() == 401 && !about_key
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

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/v1/chat/completions"),
            OpenAiCall::Responses => Some("/v1/responses"),
            OpenAiCall::Embeddings => Some("/v1/embeddings"),
            OpenAiCall::Models => Some("/v1/models"),
        }
    }
}

fn known_reason(answer: &Answer) -> Option<HealthReason> {
    let message = answer.text("/error/message").unwrap_or_default();
    if matches!(answer.status(), 401 | 403) && message.contains("Missing scopes") {
        return Some(HealthReason::Restricted);
    }
    let code = answer.text("/error/code").or_else(|| answer.text("/error/type"))?;
    match code {
        "invalid_api_key" => Some(HealthReason::Invalid),
        "account_deactivated" => Some(HealthReason::Blocked),
        "insufficient_quota" | "billing_not_active" | "credit_balance_exhausted" | "billing_hard_limit_reached" => {
            Some(HealthReason::Exhausted)
        }
        "rate_limit_exceeded" => Some(HealthReason::RateLimited),
        // The key was accepted; it may not use the deep test's model.
        "model_not_found" => Some(HealthReason::Restricted),
        // This server's place is refused, or a header of the caller's: neither says anything about the key.
        "unsupported_country_region_territory" | "mismatched_organization" => Some(HealthReason::Unreachable),
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
            &OpenAi,
            &[
                ("a list", 200, r#"{"object":"list","data":[{"id":"gpt-4o"}]}"#, None),
                (
                    "a completion",
                    200,
                    r#"{"object":"chat.completion","choices":[]}"#,
                    None,
                ),
                ("some other JSON", 200, r#"{"status":"ok"}"#, Some(Unreachable)),
                (
                    "continuedev/continue#11409",
                    401,
                    r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
                    Some(Invalid),
                ),
                (
                    "ChatGPTNextWeb/NextChat#4176",
                    401,
                    r#"{"error":{"message":"The account is deactivated","type":"invalid_request_error","code":"account_deactivated"}}"#,
                    Some(Blocked),
                ),
                (
                    "microsoft/PowerToys#32989, charonn0/Xojo-OpenAI#8",
                    401,
                    r#"{"error":{"message":"You have insufficient permissions. Missing scopes: api.model.read","type":"invalid_request_error","code":null}}"#,
                    Some(Restricted),
                ),
                (
                    "openai/openai-cookbook#844",
                    429,
                    r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
                    Some(Exhausted),
                ),
                (
                    "lifan0127/ai-research-assistant#174",
                    429,
                    r#"{"error":{"message":"Your account is not active","type":"billing_not_active","param":null,"code":"billing_not_active"}}"#,
                    Some(Exhausted),
                ),
                (
                    "third-party summary",
                    429,
                    r#"{"error":{"message":"No credit","code":"credit_balance_exhausted"}}"#,
                    Some(Exhausted),
                ),
                (
                    "dfinke/PowerShellAI#127",
                    400,
                    r#"{"error":{"code":"billing_hard_limit_reached","message":"Billing hard limit has been reached","param":null,"type":"invalid_request_error"}}"#,
                    Some(Exhausted),
                ),
                (
                    "openai/codex#1000",
                    401,
                    r#"{"error":{"message":"OpenAI-Organization header should match organization for API key","type":"invalid_request_error","param":null,"code":"mismatched_organization"}}"#,
                    Some(Unreachable),
                ),
                (
                    "OpenAI's error codes",
                    429,
                    r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#,
                    Some(RateLimited),
                ),
                (
                    "OpenAI's error codes: address not on the key's allowlist",
                    401,
                    r#"{"error":{"message":"Your IP is not authorized","type":"invalid_request_error","code":"ip_not_authorized"}}"#,
                    Some(Invalid),
                ),
                (
                    "OpenAI's error codes: region",
                    403,
                    r#"{"error":{"message":"Country not supported","type":"request_forbidden","code":"unsupported_country_region_territory"}}"#,
                    Some(Unreachable),
                ),
                (
                    "deep test without its model",
                    404,
                    r#"{"error":{"message":"No such model","code":"model_not_found"}}"#,
                    Some(Restricted),
                ),
                (
                    "overloaded",
                    503,
                    r#"{"error":{"message":"Overloaded","type":"server_error","code":null}}"#,
                    Some(Unreachable),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &OpenAi,
            &[
                (
                    "an unknown model",
                    404,
                    r#"{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
                ),
                (
                    "a bad value",
                    400,
                    r#"{"error":{"message":"Invalid value: 'insufficient_quota'","type":"invalid_request_error","param":"model","code":null}}"#,
                ),
                (
                    "too long a text",
                    400,
                    r#"{"error":{"message":"maximum context length","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
                ),
                (
                    "no such path",
                    404,
                    r#"{"error":{"message":"Invalid URL","type":"invalid_request_error","param":null,"code":null}}"#,
                ),
                (
                    "quoted words",
                    400,
                    r#"{"error":{"message":"Invalid value: 'Missing scopes'","type":"invalid_request_error","param":null,"code":null}}"#,
                ),
                (
                    "a failure of theirs",
                    500,
                    r#"{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}"#,
                ),
                ("a proxy of theirs", 502, "<html>Bad gateway</html>"),
            ],
        );
    }
}
