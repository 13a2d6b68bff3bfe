//! Cohere.

use super::surface::{CHAT_UNASKED, COUNT_TOKENS, EMBEDDINGS, MODELS, MODERATION, get, post};
use super::{
    Answer, Credential, ErrorShape, InferencePath, OpenAiCall, Operation, ProbeRequest, Provider, Target, UsageShape,
};
use crate::domain::{HealthReason, Verdict};
use serde_json::{Value, json};

/// Cohere: errors are `{"message"}`, sometimes with an `id` (cohere-ai/cohere-toolkit#857).
pub(super) struct Cohere;

const CHAT: Operation = Operation::of_model("chat", UsageShape::Cohere);
const EMBED: Operation = Operation::of_model("embeddings", UsageShape::Cohere);
const RERANK: Operation = Operation::of_model("rerank", UsageShape::Cohere);
const TRANSCRIPTION: Operation = Operation::of_model("audio", UsageShape::Nothing);

const PATHS: &[InferencePath] = &[
    post("/v2/chat", CHAT),
    // It can go on with a conversation that the account keeps (`conversation_id`).
    post("/v1/chat", CHAT.of_account()),
    post("/v2/embed", EMBED),
    post("/v1/embed", EMBED),
    post("/v2/rerank", RERANK),
    post("/v1/rerank", RERANK),
    post("/v2/audio/transcriptions", TRANSCRIPTION),
    post("/v1/classify", MODERATION),
    post("/v1/tokenize", COUNT_TOKENS),
    post("/v1/detokenize", COUNT_TOKENS),
    get("/v1/models", MODELS),
    get("/v1/models/*", MODELS),
    // `stream_options` is not among the documented parameters (Cohere: compatibility API).
    post("/compatibility/v1/chat/completions", CHAT_UNASKED),
    post("/compatibility/v1/embeddings", EMBEDDINGS),
    post("/compatibility/v1/audio/transcriptions", TRANSCRIPTION),
];

impl Provider for Cohere {
    fn slug(&self) -> &'static str {
        "cohere"
    }

    fn name(&self) -> &'static str {
        "Cohere"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://api.cohere.com")
    }

    fn key_page(&self) -> &'static str {
        "https://dashboard.cohere.com/api-keys"
    }

    fn key_hint(&self) -> &'static str {
        "40 letters and digits"
    }

    fn prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::post("/v1/check-api-key", Credential::Bearer, json!({}))
    }

    /// The check does not prove that the month's calls or money are not spent.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "command-r7b-12-2024",
            "messages": [{"role": "user", "content": "1"}],
            "max_tokens": 1,
        });
        Some(ProbeRequest::post("/v2/chat", Credential::Bearer, body))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if let Some(valid) = answer.value("/valid").and_then(Value::as_bool)
            && answer.is_success()
        {
            return self.about_key(answer, valid);
        }
        if answer.is_success() && answer.text("/finish_reason").is_some() {
            return Verdict::healthy();
        }
        let message = answer.text("/message");
        match known_reason(answer.status(), message.unwrap_or_default()) {
            Some(reason) => answer.verdict(self.name(), reason, message),
            None => answer.by_status(self.name(), message),
        }
    }

    /// Each of its statuses has one cause.
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
        ""
    }

    fn error_shape(&self) -> ErrorShape {
        ErrorShape::Cohere
    }

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/compatibility/v1/chat/completions"),
            OpenAiCall::Embeddings => Some("/compatibility/v1/embeddings"),
            OpenAiCall::Responses | OpenAiCall::Models => None,
        }
    }
}

impl Cohere {
    fn about_key(&self, answer: &Answer, valid: bool) -> Verdict {
        if valid {
            return Verdict::healthy();
        }
        let message = "Cohere says that this key is not valid.";
        answer.verdict(self.name(), HealthReason::Invalid, Some(message))
    }
}

fn known_reason(status: u16, message: &str) -> Option<HealthReason> {
    match status {
        // A trial key's thousand calls share the status with calls that come too fast.
        429 if message.contains("/ month") => Some(HealthReason::Exhausted),
        // The key was accepted; it may not use the deep test's model.
        404 if message.starts_with("model") => Some(HealthReason::Restricted),
        _ => None,
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
            &Cohere,
            &[
                (
                    "Cohere: check API key",
                    200,
                    r#"{"valid":true,"organization_id":"o","owner_id":"u"}"#,
                    None,
                ),
                ("trufflesecurity/trufflehog", 200, r#"{"valid":false}"#, Some(Invalid)),
                (
                    "a chat",
                    200,
                    r#"{"id":"x","finish_reason":"MAX_TOKENS","message":{"role":"assistant","content":[]}}"#,
                    None,
                ),
                ("some other JSON", 200, "{}", Some(Unreachable)),
                (
                    "cohere-ai/cohere-toolkit#857",
                    401,
                    r#"{"message":"invalid api token"}"#,
                    Some(Invalid),
                ),
                (
                    "Cohere: errors, 401",
                    401,
                    r#"{"message":"Your API key has expired."}"#,
                    Some(Invalid),
                ),
                (
                    "Cohere: errors, 402",
                    402,
                    r#"{"message":"Add or update a payment method to continue."}"#,
                    Some(Exhausted),
                ),
                (
                    "Cohere: errors, 429",
                    429,
                    r#"{"message":"You are using a Trial key, which is limited to 40 API calls / minute."}"#,
                    Some(RateLimited),
                ),
                (
                    "Cohere: rate limits, in the words of the other",
                    429,
                    r#"{"message":"You are using a Trial key, which is limited to 1000 API calls / month."}"#,
                    Some(Exhausted),
                ),
                (
                    "deep test without its model",
                    404,
                    r#"{"message":"model 'command-r7b-12-2024' not found, make sure the correct model ID was used."}"#,
                    Some(Restricted),
                ),
                (
                    "langgenius/dify#2506, a proxy's page",
                    403,
                    "<!doctype html><title>403</title>403 Forbidden",
                    Some(Unreachable),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &Cohere,
            &[
                (
                    "an unknown model",
                    404,
                    r#"{"message":"model 'x' not found, make sure the correct model ID was used."}"#,
                ),
                (
                    "Cohere: errors, 400",
                    400,
                    r#"{"message":"invalid request: prompt must be at least 1 token long."}"#,
                ),
                (
                    "quoted words",
                    400,
                    r#"{"message":"invalid request: 'API calls / month'"}"#,
                ),
                ("a bad value", 422, r#"{"message":"unprocessable"}"#),
                ("a filtered prompt", 498, r#"{"message":"blocked input"}"#),
                ("given up", 499, r#"{"message":"request cancelled by user"}"#),
                ("a failure of theirs", 500, r#"{"message":"internal server error"}"#),
                ("overloaded", 503, r#"{"message":"service unavailable"}"#),
            ],
        );
    }
}
