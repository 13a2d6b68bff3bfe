//! xAI.

use super::{Answer, Credential, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::{Value, json};

/// xAI: errors are `{"code":"…","error":"…"}`, the message a plain string (nocmt/LLMSearchPlus#2).
pub(super) struct Xai;

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
        match message.and_then(known_reason) {
            Some(reason) => answer.verdict(self.name(), reason, message),
            None => answer.by_status(self.name(), message),
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

fn known_reason(message: &str) -> Option<HealthReason> {
    if message.contains("Incorrect API key") {
        return Some(HealthReason::Invalid);
    }
    // Rate limit and spent credit share status 429 (continuedev/continue#10373).
    if message.contains("used all available credits") || message.contains("spending limit") {
        return Some(HealthReason::Exhausted);
    }
    message.contains("blocked").then_some(HealthReason::Blocked)
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::assert_reasons;
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
                    "Debugging: rate limit",
                    429,
                    r#"{"code":"x","error":"Too many requests"}"#,
                    Some(RateLimited),
                ),
            ],
        );
    }
}
