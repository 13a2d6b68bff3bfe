//! Google Gemini.

use super::{Answer, Credential, ProbeRequest, Provider, Target, retry};
use crate::domain::{HealthReason, Verdict};
use serde_json::{Value, json};
use std::time::Duration;

/// A header, never `?key=`: addresses end in logs.
const KEY: Credential = Credential::Header("x-goog-api-key");

/// Google Gemini: errors are `{"error":{code,message,status,details:[…]}}`, each detail with its `@type`.
pub(super) struct Gemini;

impl Provider for Gemini {
    fn slug(&self) -> &'static str {
        "gemini"
    }

    fn name(&self) -> &'static str {
        "Google Gemini"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://generativelanguage.googleapis.com")
    }

    fn key_page(&self) -> &'static str {
        "https://aistudio.google.com/apikey"
    }

    fn key_hint(&self) -> &'static str {
        "AIzaSy…"
    }

    /// `AQ.` keys are newer; `AIza` ones without restrictions are refused since 2026-06-19
    /// (Google's developer forum, thread 171786).
    fn prefixes(&self) -> &'static [&'static str] {
        &["AIzaSy", "AQ."]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/v1beta/models?pageSize=1", KEY)
    }

    /// The list passes for keys that may generate nothing (Google's developer forum, thread 173800).
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "contents": [{"role": "user", "parts": [{"text": "1"}]}],
            "generationConfig": {"maxOutputTokens": 1},
        });
        Some(ProbeRequest::post(
            "/v1beta/models/gemini-flash-latest:generateContent",
            KEY,
            body,
        ))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.succeeds_with_list(&["/models", "/candidates"]) {
            return Verdict::healthy();
        }
        let answer = answer.clone().or_retry_after(retry_delay(answer));
        let message = answer.text("/error/message");
        match known_reason(&answer) {
            Some(reason) => answer.verdict(self.name(), reason, message),
            None => answer.by_status(self.name(), message),
        }
    }
}

fn known_reason(answer: &Answer) -> Option<HealthReason> {
    let message = answer.text("/error/message").unwrap_or_default();
    match error_reason(answer) {
        Some("API_KEY_INVALID" | "ACCESS_TOKEN_TYPE_UNSUPPORTED") => return Some(HealthReason::Invalid),
        Some("CONSUMER_SUSPENDED") => return Some(HealthReason::Blocked),
        _ => {}
    }
    match answer.text("/error/status")? {
        "UNAUTHENTICATED" => Some(HealthReason::Invalid),
        "PERMISSION_DENIED" if message.contains("leaked") => Some(HealthReason::Blocked),
        "PERMISSION_DENIED" => Some(HealthReason::Restricted),
        // Region or billing. A region says nothing about the key.
        "FAILED_PRECONDITION" if message.contains("billing") => Some(HealthReason::Exhausted),
        "FAILED_PRECONDITION" => Some(HealthReason::Unreachable),
        "RESOURCE_EXHAUSTED" if day_is_spent(answer) => Some(HealthReason::Exhausted),
        "RESOURCE_EXHAUSTED" => Some(HealthReason::RateLimited),
        _ => None,
    }
}

fn details(answer: &Answer) -> impl Iterator<Item = &Value> {
    answer
        .value("/error/details")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn error_reason(answer: &Answer) -> Option<&str> {
    details(answer).find_map(|detail| detail.get("reason")?.as_str())
}

/// Rate and quota share one status; only the violated quota's name tells a minute from a day
/// (google-gemini/gemini-cli#8437, langgenius/dify#19838).
fn day_is_spent(answer: &Answer) -> bool {
    details(answer)
        .filter_map(|detail| detail.get("violations")?.as_array())
        .flatten()
        .filter_map(|violation| violation.get("quotaId")?.as_str())
        .any(|quota| quota.contains("PerDay"))
}

fn retry_delay(answer: &Answer) -> Option<Duration> {
    details(answer).find_map(|detail| retry::from_seconds(detail.get("retryDelay")?.as_str()?))
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::assert_reasons;
    use super::*;
    use HealthReason::{Blocked, Exhausted, Invalid, RateLimited, Restricted, Unreachable};

    #[test]
    fn answers_are_read() {
        assert_reasons(
            &Gemini,
            &[
                (
                    "a list",
                    200,
                    r#"{"models":[{"name":"models/gemini"}],"nextPageToken":"x"}"#,
                    None,
                ),
                (
                    "generated",
                    200,
                    r#"{"candidates":[{"finishReason":"MAX_TOKENS"}]}"#,
                    None,
                ),
                ("some other JSON", 200, "{}", Some(Unreachable)),
                (
                    "cequence-io/openai-scala-client#109",
                    400,
                    r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
                    Some(Invalid),
                ),
                (
                    "another bad request",
                    400,
                    r#"{"error":{"code":400,"message":"Bad","status":"INVALID_ARGUMENT"}}"#,
                    Some(Unreachable),
                ),
                (
                    "continuedev/continue#10513",
                    403,
                    r#"{"error":{"code":403,"message":"Your API key was reported as leaked.","status":"PERMISSION_DENIED"}}"#,
                    Some(Blocked),
                ),
                (
                    "google/generative-ai-docs#356",
                    403,
                    r#"{"error":{"code":403,"message":"Consumer 'api_key:FAKE' has been suspended.","status":"PERMISSION_DENIED","details":[{"reason":"CONSUMER_SUSPENDED"}]}}"#,
                    Some(Blocked),
                ),
                (
                    "Google's developer forum, thread 173800",
                    403,
                    r#"{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}"#,
                    Some(Restricted),
                ),
                (
                    "some AQ. keys",
                    401,
                    r#"{"error":{"code":401,"message":"Unsupported","status":"UNAUTHENTICATED","details":[{"reason":"ACCESS_TOKEN_TYPE_UNSUPPORTED"}]}}"#,
                    Some(Invalid),
                ),
                (
                    "region",
                    400,
                    r#"{"error":{"code":400,"message":"User location is not supported","status":"FAILED_PRECONDITION"}}"#,
                    Some(Unreachable),
                ),
                (
                    "billing",
                    400,
                    r#"{"error":{"code":400,"message":"Please enable billing","status":"FAILED_PRECONDITION"}}"#,
                    Some(Exhausted),
                ),
                (
                    "langgenius/dify#19838",
                    429,
                    r#"{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel"}]}]}}"#,
                    Some(Exhausted),
                ),
                (
                    "googleapis/python-genai#2065",
                    429,
                    r#"{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}"#,
                    Some(RateLimited),
                ),
            ],
        );
    }

    #[test]
    fn the_retry_time_stands_in_the_body() {
        let body = br#"{"error":{"code":429,"message":"Slow","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34s"}]}}"#;
        let verdict = Gemini.classify(&Answer::new(429, body, None));
        assert_eq!(verdict.retry_after, Some(Duration::from_secs(34)));
    }
}
