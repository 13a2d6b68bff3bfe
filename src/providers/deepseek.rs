//! DeepSeek.

use super::surface::{CHAT, COMPLETIONS, MESSAGES, MODELS, get, post};
use super::{Answer, Credential, ErrorShape, InferencePath, OpenAiCall, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::{Value, json};

/// DeepSeek: errors are `{"error":{message,type,param,code}}` (1Panel-dev/MaxKB#3797); the codes say little,
/// the statuses are documented.
pub(super) struct DeepSeek;

/// OpenAI's SDK is used with the bare origin or with `/v1`, and with `/beta` for what is being tried out.
const PATHS: &[InferencePath] = &[
    post("/chat/completions", CHAT),
    post("/v1/chat/completions", CHAT),
    post("/beta/chat/completions", CHAT),
    post("/beta/completions", COMPLETIONS),
    post("/anthropic/v1/messages", MESSAGES),
    get("/models", MODELS),
    get("/v1/models", MODELS),
];

impl Provider for DeepSeek {
    fn slug(&self) -> &'static str {
        "deepseek"
    }

    fn name(&self) -> &'static str {
        "DeepSeek"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://api.deepseek.com")
    }

    fn key_page(&self) -> &'static str {
        "https://platform.deepseek.com/api_keys"
    }

    fn key_hint(&self) -> &'static str {
        "sk-…"
    }

    /// The same as OpenAI's older ones.
    fn prefixes(&self) -> &'static [&'static str] {
        &["sk-"]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    /// The balance, which tells more than a list of models.
    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/user/balance", Credential::Bearer)
    }

    /// Proves that a model answers.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "deepseek-flash",
            "messages": [{"role": "user", "content": "1"}],
            "max_tokens": 1,
        });
        Some(ProbeRequest::post("/chat/completions", Credential::Bearer, body))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.is_success() && answer.value("/is_available").is_some_and(Value::is_boolean) {
            return self.about_balance(answer);
        }
        if answer.succeeds_with_list(&["/choices"]) {
            return Verdict::healthy();
        }
        let message = answer.text("/error/message");
        // The key was accepted; it may not use the deep test's model.
        if answer.status() == 400 && message.is_some_and(|message| message.starts_with("Model Not Exist")) {
            return answer.verdict(self.name(), HealthReason::Restricted, message);
        }
        answer.by_status(self.name(), message)
    }

    /// Each of its statuses has one cause.
    fn needs_second_opinion(&self, _: &Answer) -> bool {
        false
    }

    fn credential(&self) -> Credential {
        Credential::Bearer
    }

    /// The Anthropic-shaped paths are documented with the header of Anthropic's SDK.
    fn credential_on(&self, path: &str) -> Credential {
        if path.starts_with("/anthropic/") {
            Credential::Header("x-api-key")
        } else {
            Credential::Bearer
        }
    }

    fn inference_paths(&self) -> &'static [InferencePath] {
        PATHS
    }

    fn sdk_base_path(&self) -> &'static str {
        ""
    }

    fn error_shape(&self) -> ErrorShape {
        ErrorShape::OpenAi
    }

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/chat/completions"),
            OpenAiCall::Models => Some("/models"),
            OpenAiCall::Responses | OpenAiCall::Embeddings => None,
        }
    }
}

impl DeepSeek {
    fn about_balance(&self, answer: &Answer) -> Verdict {
        if answer.flag("/is_available") {
            return Verdict::healthy();
        }
        let message = "DeepSeek says that the balance does not suffice for calls: top it up.";
        answer.verdict(self.name(), HealthReason::Exhausted, Some(message))
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
            &DeepSeek,
            &[
                (
                    "DeepSeek: get user balance",
                    200,
                    r#"{"is_available":true,"balance_infos":[{"currency":"CNY","total_balance":"110.00","granted_balance":"10.00","topped_up_balance":"100.00"}]}"#,
                    None,
                ),
                (
                    "DeepSeek: get user balance",
                    200,
                    r#"{"is_available":false,"balance_infos":[]}"#,
                    Some(Exhausted),
                ),
                ("a completion", 200, r#"{"choices":[]}"#, None),
                ("some other JSON", 200, r#"{"data":[]}"#, Some(Unreachable)),
                (
                    "continuedev/continue#11820, PDFMathTranslate/PDFMathTranslate#696",
                    401,
                    r#"{"error":{"message":"Authentication Fails, Your api key: ****FAKE is invalid","type":"authentication_error","param":null,"code":"invalid_request_error"}}"#,
                    Some(Invalid),
                ),
                (
                    "1Panel-dev/MaxKB#3797",
                    402,
                    r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#,
                    Some(Exhausted),
                ),
                (
                    "DeepSeek: error codes",
                    429,
                    r#"{"error":{"message":"Rate Limit Reached","type":"x","param":null,"code":"x"}}"#,
                    Some(RateLimited),
                ),
                (
                    "deep test without its model",
                    400,
                    r#"{"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
                    Some(Restricted),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &DeepSeek,
            &[
                (
                    "DeepSeek: error codes, invalid format",
                    400,
                    r#"{"error":{"message":"Invalid JSON","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
                ),
                (
                    "DeepSeek: error codes, invalid parameters",
                    422,
                    r#"{"error":{"message":"Invalid parameters","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
                ),
                ("no such path", 404, ""),
                (
                    "DeepSeek: error codes, server error",
                    500,
                    r#"{"error":{"message":"Server error"}}"#,
                ),
                (
                    "DeepSeek: error codes, server overloaded",
                    503,
                    r#"{"error":{"message":"Server overloaded"}}"#,
                ),
            ],
        );
    }
}
