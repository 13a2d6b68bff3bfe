//! OpenRouter.

use super::{Answer, Credential, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::{Value, json};

/// OpenRouter: errors are `{"error":{code,message,metadata}}`, and may arrive under a 200.
pub(super) struct OpenRouter;

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
    let message = answer.text("/error/message").unwrap_or_default();
    let code = answer.value("/error/code").and_then(Value::as_u64);
    match code.unwrap_or_else(|| u64::from(answer.status())) {
        401 if message.contains("disabled") => Some(HealthReason::Blocked),
        401 => Some(HealthReason::Invalid),
        402 => Some(HealthReason::Exhausted),
        403 if message.contains("limit exceeded") => Some(HealthReason::Exhausted),
        403 => Some(HealthReason::Restricted),
        429 => Some(HealthReason::RateLimited),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::assert_reasons;
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
}
