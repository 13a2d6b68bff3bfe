//! OpenRouter.

use super::surface::{CHAT, COMPLETIONS, EMBEDDINGS, MESSAGES, MODELS, RESPONSES, SPEECH, TRANSCRIPTION, get, post};
use super::{Answer, Credential, ErrorShape, InferencePath, OpenAiCall, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::{Value, json};

/// OpenRouter: errors are `{"error":{code,message,metadata}}`, and may arrive under a 200.
pub(super) struct OpenRouter;

const PATHS: &[InferencePath] = &[
    post("/api/v1/chat/completions", CHAT),
    post("/api/v1/completions", COMPLETIONS),
    // It keeps nothing: every call is on its own (OpenRouter: Responses API).
    post("/api/v1/responses", RESPONSES),
    post("/api/v1/messages", MESSAGES),
    post("/api/v1/embeddings", EMBEDDINGS),
    post("/api/v1/audio/speech", SPEECH),
    post("/api/v1/audio/transcriptions", TRANSCRIPTION),
    get("/api/v1/models", MODELS),
    get("/api/v1/models/*", MODELS),
    get("/api/v1/models/*/*/endpoints", MODELS),
    get("/api/v1/embeddings/models", MODELS),
];

impl Provider for OpenRouter {
    fn slug(&self) -> &'static str {
        "openrouter"
    }

    fn name(&self) -> &'static str {
        "OpenRouter"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://openrouter.ai")
    }

    fn key_page(&self) -> &'static str {
        "https://openrouter.ai/settings/keys"
    }

    fn key_hint(&self) -> &'static str {
        "sk-or-v1-…"
    }

    fn prefixes(&self) -> &'static [&'static str] {
        &["sk-or-v1-", "sk-or-"]
    }

    /// Management keys look like any other; [`Provider::classify`] finds them.
    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    /// Never the list of models: it is public (tinyhumansai/openhuman#2372, charmbracelet/crush#997).
    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/api/v1/key", Credential::Bearer)
    }

    /// What OpenRouter tells about a key does not tell whether the account has credit.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "mistralai/mistral-nemo",
            "messages": [{"role": "user", "content": "1"}],
            "max_tokens": 1,
        });
        Some(ProbeRequest::post("/api/v1/chat/completions", Credential::Bearer, body))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        let message = answer.text("/error/message");
        if answer.value("/error").is_some_and(Value::is_object) {
            return match known_reason(answer) {
                Some(reason) => answer.verdict(self.name(), reason, message),
                None => answer.by_status(self.name(), message),
            };
        }
        if answer.is_success() && answer.value("/data/limit_remaining").is_some() {
            return self.about_key(answer);
        }
        if answer.succeeds_with_list(&["/choices"]) {
            return Verdict::healthy();
        }
        answer.by_status(self.name(), None)
    }

    /// Its own refusals name the key; those that it passes on are told apart in [`Provider::classify`].
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
        "/api/v1"
    }

    fn error_shape(&self) -> ErrorShape {
        ErrorShape::OpenAi
    }

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/api/v1/chat/completions"),
            OpenAiCall::Responses => Some("/api/v1/responses"),
            OpenAiCall::Embeddings => Some("/api/v1/embeddings"),
            OpenAiCall::Models => Some("/api/v1/models"),
        }
    }
}

impl OpenRouter {
    fn about_key(&self, answer: &Answer) -> Verdict {
        // A management key cannot call models and can make keys (OpenRouter's page on management keys).
        if answer.flag("/data/is_management_key") || answer.flag("/data/is_provisioning_key") {
            let message = "This is a management key, which cannot call models. Bring an ordinary key.";
            return answer.verdict(self.name(), HealthReason::Invalid, Some(message));
        }
        // `null` means that the key has no limit of its own.
        if answer
            .value("/data/limit_remaining")
            .and_then(Value::as_f64)
            .is_some_and(|left| left <= 0.0)
        {
            let message = "This key has reached its own spending limit.";
            return answer.verdict(self.name(), HealthReason::Exhausted, Some(message));
        }
        Verdict::healthy()
    }
}

fn known_reason(answer: &Answer) -> Option<HealthReason> {
    // Passed on from the provider behind, whose refusal is about that provider's key or none
    // (OpenRouterTeam/ai-sdk-provider#24).
    if answer.text("/error/metadata/provider_name").is_some() {
        let rests = answer.status() == 429 || code(answer) == 429;
        return Some(if rests {
            HealthReason::RateLimited
        } else {
            HealthReason::Unreachable
        });
    }
    let message = answer.text("/error/message").unwrap_or_default();
    match code(answer) {
        401 if message.contains("disabled") => Some(HealthReason::Blocked),
        401 => Some(HealthReason::Invalid),
        // This one call was too large for what is left (bobrware/bobrchat#143).
        402 if message.contains("fewer max_tokens") => Some(HealthReason::Restricted),
        402 => Some(HealthReason::Exhausted),
        403 if message.contains("limit exceeded") => Some(HealthReason::Exhausted),
        403 => Some(HealthReason::Restricted),
        429 => Some(HealthReason::RateLimited),
        _ => None,
    }
}

/// The error's own code, which under a 200 is the only one.
fn code(answer: &Answer) -> u64 {
    let code = answer.value("/error/code").and_then(Value::as_u64);
    code.unwrap_or_else(|| u64::from(answer.status()))
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::{assert_key_unharmed, assert_reasons};
    use super::*;
    use HealthReason::{Blocked, Exhausted, Invalid, RateLimited, Restricted, Unreachable};

    #[test]
    fn answers_are_read() {
        assert_reasons(
            &OpenRouter,
            &[
                (
                    "get current key",
                    200,
                    r#"{"data":{"limit":100,"limit_remaining":74.5,"is_management_key":false}}"#,
                    None,
                ),
                (
                    "no limit of its own",
                    200,
                    r#"{"data":{"limit":null,"limit_remaining":null}}"#,
                    None,
                ),
                (
                    "limit spent",
                    200,
                    r#"{"data":{"limit":10,"limit_remaining":0}}"#,
                    Some(Exhausted),
                ),
                (
                    "management key",
                    200,
                    r#"{"data":{"limit_remaining":null,"is_management_key":true}}"#,
                    Some(Invalid),
                ),
                ("a completion", 200, r#"{"choices":[]}"#, None),
                (
                    "the public list of models proves nothing",
                    200,
                    r#"{"data":[{"id":"x"}]}"#,
                    Some(Unreachable),
                ),
                (
                    "an error under a 200",
                    200,
                    r#"{"error":{"code":402,"message":"Insufficient credits"},"choices":[]}"#,
                    Some(Exhausted),
                ),
                (
                    "invalid",
                    401,
                    r#"{"error":{"code":401,"message":"User not found."}}"#,
                    Some(Invalid),
                ),
                (
                    "disabled",
                    401,
                    r#"{"error":{"code":401,"message":"This key is disabled"}}"#,
                    Some(Blocked),
                ),
                (
                    "credits",
                    402,
                    r#"{"error":{"code":402,"message":"Insufficient credits","metadata":{"limit_source":"account"}}}"#,
                    Some(Exhausted),
                ),
                (
                    "billing",
                    403,
                    r#"{"error":{"code":403,"message":"Key limit exceeded"}}"#,
                    Some(Exhausted),
                ),
                (
                    "moderation",
                    403,
                    r#"{"error":{"code":403,"message":"Flagged"}}"#,
                    Some(Restricted),
                ),
                (
                    "rate limit",
                    429,
                    r#"{"error":{"code":429,"message":"Slow down"}}"#,
                    Some(RateLimited),
                ),
                (
                    "upstream",
                    502,
                    r#"{"error":{"code":502,"message":"Upstream down"}}"#,
                    Some(Unreachable),
                ),
            ],
        );
    }

    #[test]
    fn what_is_not_about_the_key_is_told_apart() {
        assert_reasons(
            &OpenRouter,
            &[
                (
                    "bobrware/bobrchat#143",
                    402,
                    r#"{"error":{"code":402,"message":"This request requires more credits, or fewer max_tokens."}}"#,
                    Some(Restricted),
                ),
                (
                    "OpenRouterTeam/ai-sdk-provider#24",
                    401,
                    r#"{"error":{"code":401,"message":"Provider returned error","metadata":{"raw":"invalid x-api-key","provider_name":"Anthropic"}}}"#,
                    Some(Unreachable),
                ),
                (
                    "open-webui/computer#293",
                    429,
                    r#"{"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"temporarily rate-limited upstream","provider_name":"BaseTen"}}}"#,
                    Some(RateLimited),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &OpenRouter,
            &[
                (
                    "an unknown model",
                    400,
                    r#"{"error":{"message":"x is not a valid model ID","code":400}}"#,
                ),
                (
                    "nobody serves it",
                    404,
                    r#"{"error":{"message":"No endpoints found matching your data policy","code":404}}"#,
                ),
                (
                    "the provider behind refuses",
                    403,
                    r#"{"error":{"message":"Provider returned error","code":403,"metadata":{"raw":"limit exceeded","provider_name":"OpenAI"}}}"#,
                ),
                ("too slow", 408, r#"{"error":{"message":"Timed out","code":408}}"#),
                (
                    "a failure of theirs",
                    500,
                    r#"{"error":{"message":"Internal Server Error","code":500}}"#,
                ),
                (
                    "nobody can serve it now",
                    503,
                    r#"{"error":{"message":"No instances available","code":503}}"#,
                ),
            ],
        );
    }
}
