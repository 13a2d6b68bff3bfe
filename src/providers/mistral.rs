//! Mistral.

use super::{Answer, Credential, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use serde_json::json;

/// Mistral: a refused key is `{"detail":"Unauthorized"}`, other errors are
/// `{"object":"error",message,type,param,code}` (continuedev/continue#6185).
pub(super) struct Mistral;

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
    use super::super::answer::tests::assert_reasons;
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
    fn the_ambiguous_refusal_names_every_cause() {
        let verdict = Mistral.classify(&Answer::new(401, br#"{"detail":"Unauthorized"}"#, None));
        let message = verdict.message.unwrap();
        for cause in ["Unauthorized", "wrong key", "minutes old", "quota"] {
            assert!(message.contains(cause), "{message}");
        }
    }
}
