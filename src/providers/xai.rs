//! xAI.

use super::surface::{CHAT, COMPLETIONS, COUNT_TOKENS, EMBEDDINGS, IMAGES, MESSAGES, MODELS, RESPONSES, get, post};
use super::{Answer, Credential, ErrorShape, InferencePath, OpenAiCall, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::{Value, json};

/// xAI: errors are `{"code":"…","error":"…"}`, the message a plain string (nocmt/LLMSearchPlus#2).
pub(super) struct Xai;

const PATHS: &[InferencePath] = &[
    post("/v1/chat/completions", CHAT),
    post("/v1/completions", COMPLETIONS),
    post("/v1/responses", RESPONSES.kept()),
    post("/v1/messages", MESSAGES),
    post("/v1/embeddings", EMBEDDINGS),
    post("/v1/images/generations", IMAGES),
    post("/v1/images/edits", IMAGES),
    post("/v1/tokenize-text", COUNT_TOKENS),
    get("/v1/models", MODELS),
    get("/v1/models/*", MODELS),
    get("/v1/language-models", MODELS),
    get("/v1/language-models/*", MODELS),
    get("/v1/embedding-models", MODELS),
    get("/v1/embedding-models/*", MODELS),
    get("/v1/image-generation-models", MODELS),
    get("/v1/image-generation-models/*", MODELS),
];

impl Provider for Xai {
    fn slug(&self) -> &'static str {
        "xai"
    }

    fn name(&self) -> &'static str {
        "xAI"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://api.x.ai")
    }

    fn key_page(&self) -> &'static str {
        "https://console.x.ai"
    }

    fn key_hint(&self) -> &'static str {
        "xai-…"
    }

    fn prefixes(&self) -> &'static [&'static str] {
        &["xai-"]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/v1/api-key", Credential::Bearer)
    }

    /// What xAI tells about a key does not tell whether the team has credit.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "grok-4-fast-non-reasoning",
            "messages": [{"role": "user", "content": "1"}],
            "max_tokens": 1,
        });
        Some(ProbeRequest::post("/v1/chat/completions", Credential::Bearer, body))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.is_success() && answer.value("/api_key_blocked").is_some_and(Value::is_boolean) {
            return self.about_key(answer);
        }
        if answer.succeeds_with_list(&["/choices"]) {
            return Verdict::healthy();
        }
        let message = answer.text("/error").or_else(|| answer.text("/error/message"));
        match message.and_then(|message| known_reason(answer.status(), message)) {
            Some(reason) => answer.verdict(self.name(), reason, message),
            None => answer.by_status(self.name(), message),
        }
    }

    /// That a key or a team is blocked is only a word in a sentence; the probe has a flag for it.
    fn needs_second_opinion(&self, answer: &Answer) -> bool {
        matches!(answer.status(), 401 | 403)
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
        ErrorShape::Xai
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

impl Xai {
    /// A shut key still gets a 200 here; the flags tell.
    fn about_key(&self, answer: &Answer) -> Verdict {
        let shut = [
            ("/team_blocked", "xAI has blocked this key's team."),
            ("/api_key_blocked", "xAI has blocked this key."),
            ("/api_key_disabled", "This key is disabled in the xAI console."),
        ];
        if let Some((_, message)) = shut.into_iter().find(|(flag, _)| answer.flag(flag)) {
            return Verdict::because(HealthReason::Blocked, message);
        }
        // A key without access control entries may do nothing at all (xAI's management API reference).
        if answer
            .value("/acls")
            .and_then(Value::as_array)
            .is_some_and(Vec::is_empty)
        {
            let message = "This key has no permissions: grant it endpoints and models in the xAI console.";
            return answer.verdict(self.name(), HealthReason::Restricted, Some(message));
        }
        Verdict::healthy()
    }
}

/// Parts of messages about spent credit. They share status 429 with the rate limit
/// (continuedev/continue#10373), or 403 with a missing permission (continuedev/continue#12670).
const EXHAUSTED: &[&str] = &[
    "used all available credits",
    "spending limit",
    "have any credits",
    "run out of credits",
];

/// A status other than these may quote the call, so that its words prove nothing.
fn known_reason(status: u16, message: &str) -> Option<HealthReason> {
    if message.starts_with("Incorrect API key") {
        return Some(HealthReason::Invalid);
    }
    let refused = matches!(status, 401 | 403);
    if (refused || status == 429) && EXHAUSTED.iter().any(|words| message.contains(words)) {
        return Some(HealthReason::Exhausted);
    }
    (refused && message.contains("blocked")).then_some(HealthReason::Blocked)
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::{assert_key_unharmed, assert_reasons};
    use super::*;
    use HealthReason::{Blocked, Exhausted, Invalid, RateLimited, Restricted, Unreachable};

    #[test]
    fn answers_are_read() {
        assert_reasons(
            &Xai,
            &[
                (
                    "docs.x.ai, API key",
                    200,
                    r#"{"acls":["api-key:model:*"],"api_key_blocked":false,"api_key_disabled":false,"team_blocked":false}"#,
                    None,
                ),
                (
                    "docs.x.ai, API key",
                    200,
                    r#"{"acls":[],"api_key_blocked":true,"api_key_disabled":false,"team_blocked":false}"#,
                    Some(Blocked),
                ),
                (
                    "docs.x.ai, API key",
                    200,
                    r#"{"acls":[],"api_key_blocked":false,"api_key_disabled":true,"team_blocked":false}"#,
                    Some(Blocked),
                ),
                (
                    "docs.x.ai, API key",
                    200,
                    r#"{"acls":[],"api_key_blocked":false,"api_key_disabled":false,"team_blocked":true}"#,
                    Some(Blocked),
                ),
                (
                    "docs.x.ai, management API",
                    200,
                    r#"{"acls":[],"api_key_blocked":false,"api_key_disabled":false,"team_blocked":false}"#,
                    Some(Restricted),
                ),
                ("a completion", 200, r#"{"choices":[]}"#, None),
                ("some other JSON", 200, r#"{"data":[]}"#, Some(Unreachable)),
                (
                    "openai/codex#1352",
                    400,
                    r#"{"code":"Client specified an invalid argument","error":"Incorrect API key provided: ab***yz."}"#,
                    Some(Invalid),
                ),
                (
                    "another bad request",
                    400,
                    r#"{"code":"Client specified an invalid argument","error":"No such model"}"#,
                    Some(Unreachable),
                ),
                (
                    "Debugging: missing token",
                    401,
                    r#"{"code":"x","error":"No token"}"#,
                    Some(Invalid),
                ),
                (
                    "Debugging: permission",
                    403,
                    r#"{"code":"x","error":"No permission to perform the action"}"#,
                    Some(Restricted),
                ),
                (
                    "Debugging: blocked",
                    403,
                    r#"{"code":"x","error":"The key is blocked"}"#,
                    Some(Blocked),
                ),
                (
                    "continuedev/continue#10373",
                    429,
                    r#"{"code":"x","error":"Your team has either used all available credits or reached its monthly spending limit."}"#,
                    Some(Exhausted),
                ),
                (
                    "continuedev/continue#12670",
                    403,
                    r#"{"code":"The caller does not have permission to execute the specified operation","error":"Your newly created team doesn't have any credits or licenses yet."}"#,
                    Some(Exhausted),
                ),
                (
                    "Debugging: rate limit",
                    429,
                    r#"{"code":"x","error":"Too many requests"}"#,
                    Some(RateLimited),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &Xai,
            &[
                (
                    "an unknown model",
                    404,
                    r#"{"code":"Some requested entity was not found","error":"The model blocked-credits does not exist or your team does not have access to it."}"#,
                ),
                (
                    "a bad value",
                    422,
                    r#"{"code":"x","error":"Failed to deserialize the JSON body: run out of credits"}"#,
                ),
                (
                    "a bad request",
                    400,
                    r#"{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 1"}"#,
                ),
                (
                    "a failure of theirs",
                    500,
                    r#"{"code":"Internal error","error":"Service temporarily unavailable"}"#,
                ),
                (
                    "overloaded",
                    503,
                    r#"{"code":"The service is currently unavailable","error":"Service blocked"}"#,
                ),
            ],
        );
    }
}
