//! Mistral.

use super::surface::{CHAT_UNASKED, COMPLETIONS_UNASKED, EMBEDDINGS, MODELS, MODERATION, SPEECH, get, post};
use super::{
    Answer, Credential, ErrorShape, InferencePath, OpenAiCall, Operation, ProbeRequest, Provider, Target, UsageShape,
};
use crate::domain::{HealthReason, Verdict};
use serde_json::json;

/// Mistral: a refused key is `{"detail":"Unauthorized"}`, other errors are
/// `{"object":"error",message,type,param,code}` (continuedev/continue#6185).
pub(super) struct Mistral;

/// Usage is in the shape of a chat's.
const TRANSCRIPTION: Operation = Operation::of_model("audio", UsageShape::OpenAiChat);

const PATHS: &[InferencePath] = &[
    // Streams report usage unasked (tensorzero).
    post("/v1/chat/completions", CHAT_UNASKED),
    post("/v1/fim/completions", COMPLETIONS_UNASKED),
    post("/v1/agents/completions", CHAT_UNASKED.of_account()),
    post("/v1/embeddings", EMBEDDINGS),
    post("/v1/moderations", MODERATION),
    post("/v1/chat/moderations", MODERATION),
    post("/v1/classifications", MODERATION),
    post("/v1/chat/classifications", MODERATION),
    post("/v1/audio/speech", SPEECH),
    post("/v1/audio/transcriptions", TRANSCRIPTION),
    get("/v1/models", MODELS),
    get("/v1/models/*", MODELS),
];

impl Provider for Mistral {
    fn slug(&self) -> &'static str {
        "mistral"
    }

    fn name(&self) -> &'static str {
        "Mistral"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://api.mistral.ai")
    }

    fn key_page(&self) -> &'static str {
        "https://console.mistral.ai/api-keys"
    }

    fn key_hint(&self) -> &'static str {
        "32 letters and digits"
    }

    fn prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/v1/models", Credential::Bearer)
    }

    /// A list of models does not prove quota.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "mistral-small-latest",
            "messages": [{"role": "user", "content": "1"}],
            "max_tokens": 1,
        });
        Some(ProbeRequest::post("/v1/chat/completions", Credential::Bearer, body))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.succeeds_with_list(&["/data", "/choices"]) {
            return Verdict::healthy();
        }
        let message = answer.text("/message").or_else(|| answer.text("/detail"));
        if answer.status() == 401 && answer.text("/detail").is_some() {
            return self.refused(answer, message.unwrap_or_default());
        }
        if message.is_some_and(|message| message.contains("Service tier capacity exceeded")) {
            return answer.verdict(self.name(), HealthReason::RateLimited, message);
        }
        answer.by_status(self.name(), message)
    }

    /// The one 401 has several causes; see [`Mistral::refused`].
    fn needs_second_opinion(&self, answer: &Answer) -> bool {
        answer.status() == 401
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
        ErrorShape::Mistral
    }

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/v1/chat/completions"),
            OpenAiCall::Embeddings => Some("/v1/embeddings"),
            OpenAiCall::Models => Some("/v1/models"),
            OpenAiCall::Responses => None,
        }
    }
}

impl Mistral {
    /// A 401 does not tell a wrong key from one that is minutes old (Typebot's documents) or, as
    /// reported, out of quota (OmniRoute#7638). It stays `invalid`, so that a key which nobody has seen
    /// work is not stored and its owner reads, while still at the form, what else it may be.
    fn refused(&self, answer: &Answer, message: &str) -> Verdict {
        let message = format!(
            "{message}. Mistral says the same of a wrong key, of one that is only minutes old and of one \
             whose quota is spent: check it, or wait a few minutes and try again."
        );
        answer.verdict(self.name(), HealthReason::Invalid, Some(&message))
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
            &Mistral,
            &[
                (
                    "a list",
                    200,
                    r#"{"object":"list","data":[{"id":"mistral-small-latest"}]}"#,
                    None,
                ),
                ("a completion", 200, r#"{"choices":[]}"#, None),
                ("some other JSON", 200, "{}", Some(Unreachable)),
                (
                    "OmniRoute#7638, Typebot's documents",
                    401,
                    r#"{"detail":"Unauthorized"}"#,
                    Some(Invalid),
                ),
                (
                    "continuedev/continue#6185",
                    429,
                    r#"{"object":"error","message":"Service tier capacity exceeded for this model.","type":"invalid_request_error","param":null,"code":null}"#,
                    Some(RateLimited),
                ),
                (
                    "third-party summary",
                    402,
                    r#"{"object":"error","message":"Payment required","type":"x","param":null,"code":null}"#,
                    Some(Exhausted),
                ),
                (
                    "third-party summary",
                    403,
                    r#"{"object":"error","message":"Forbidden","type":"x","param":null,"code":null}"#,
                    Some(Restricted),
                ),
                (
                    "a bad request, its detail an array",
                    422,
                    r#"{"detail":[{"msg":"field required"}]}"#,
                    Some(Unreachable),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &Mistral,
            &[
                (
                    "an unknown model",
                    400,
                    r#"{"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500"}"#,
                ),
                (
                    "a bad value, its message an object",
                    422,
                    r#"{"object":"error","message":{"detail":[{"msg":"Field required"}]},"type":"invalid_request_error","param":null,"code":null}"#,
                ),
                ("no such path", 404, r#"{"detail":"Not Found"}"#),
                (
                    "too many calls",
                    429,
                    r#"{"object":"error","message":"Requests rate limit exceeded","type":"rate_limited","param":null,"code":"1300"}"#,
                ),
                (
                    "a failure of theirs",
                    500,
                    r#"{"object":"error","message":"Internal server error","type":"internal_server_error","param":null,"code":"1000"}"#,
                ),
                ("a proxy of theirs", 503, "upstream connect error"),
            ],
        );
    }

    #[test]
    fn the_ambiguous_refusal_names_every_cause() {
        let verdict = Mistral.classify(&Answer::new(401, br#"{"detail":"Unauthorized"}"#, None));
        let message = verdict.message.unwrap();
        for cause in ["Unauthorized", "wrong key", "minutes old", "quota"] {
            assert!(message.contains(cause), "{message}");
        }
    }
}
