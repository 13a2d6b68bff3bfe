//! A provider's answer, read whole before it is judged.

use crate::domain::{HealthReason, Verdict};
use reqwest::StatusCode;
use serde_json::Value;
use std::time::Duration;

/// What a provider answered.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    json: Option<Value>,
    is_empty: bool,
    retry_after: Option<Duration>,
}

impl Answer {
    /// An answer of this HTTP status and body; `retry_after` as its headers say.
    #[must_use]
    pub fn new(status: u16, body: &[u8], retry_after: Option<Duration>) -> Self {
        let json = serde_json::from_slice::<Value>(body)
            .ok()
            .filter(|value| value.is_object() || value.is_array());
        let is_empty = body.trim_ascii().is_empty();
        Self {
            status,
            json,
            is_empty,
            retry_after,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The value at a JSON pointer (`/error/code`); nothing when the body is no JSON.
    #[must_use]
    pub fn value(&self, pointer: &str) -> Option<&Value> {
        self.json.as_ref()?.pointer(pointer)
    }

    /// The text at a JSON pointer; nothing when it is empty.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.value(pointer)?.as_str().filter(|text| !text.trim().is_empty())
    }

    /// Whether a JSON pointer leads to `true`.
    #[must_use]
    pub fn flag(&self, pointer: &str) -> bool {
        self.value(pointer).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether this is a success whose body has an array at one of these pointers. A 200 from a
    /// captive portal or a wrong base URL has none, and proves nothing.
    #[must_use]
    pub fn succeeds_with_list(&self, pointers: &[&str]) -> bool {
        let is_list = |pointer: &&str| self.value(pointer).is_some_and(Value::is_array);
        self.is_success() && pointers.iter().any(is_list)
    }

    /// Whether the status is a 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The same answer with a retry time read from its body, where the headers named none.
    #[must_use]
    pub fn or_retry_after(mut self, after: Option<Duration>) -> Self {
        self.retry_after = self.retry_after.or(after);
        self
    }

    /// A verdict in the provider's words, or else in ours; with the retry time where that means something.
    #[must_use]
    pub fn verdict(&self, provider: &str, reason: HealthReason, message: Option<&str>) -> Verdict {
        let words = message.map_or_else(|| self.in_our_words(provider), ToOwned::to_owned);
        let rests = matches!(reason, HealthReason::Exhausted | HealthReason::RateLimited);
        Verdict::because(reason, words).retry_after(self.retry_after.filter(|_| rests))
    }

    /// The verdict that the status alone gives, for a body of which nothing more specific is known.
    ///
    /// What is not JSON is some proxy's answer rather than the provider's: it must not make a key
    /// unhealthy, unless it is a bare 401 or asks for patience.
    #[must_use]
    pub fn by_status(&self, provider: &str, message: Option<&str>) -> Verdict {
        let speaks = self.json.is_some();
        let reason = match self.status {
            401 if speaks || self.is_empty => HealthReason::Invalid,
            402 if speaks => HealthReason::Exhausted,
            403 if speaks => HealthReason::Restricted,
            429 => HealthReason::RateLimited,
            _ => HealthReason::Unreachable,
        };
        self.verdict(provider, reason, message)
    }

    fn in_our_words(&self, provider: &str) -> String {
        let status =
            StatusCode::from_u16(self.status).map_or_else(|_| self.status.to_string(), |status| status.to_string());
        match self.status {
            200..=299 => format!("{provider} answered {status}, but not with what its API answers."),
            300..=399 => format!("{provider} answered with a redirect ({status}), which is not followed."),
            _ => format!("{provider} answered {status} without a message."),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Provider;
    use super::*;

    /// A case of a provider's tests: where it is known from, status, body, the reason it stands for.
    pub(crate) type Case = (&'static str, u16, &'static str, Option<HealthReason>);

    /// Checks every case of a provider, and that its message is passed on.
    pub(crate) fn assert_reasons(provider: &dyn Provider, cases: &[Case]) {
        for (source, status, body, reason) in cases {
            let answer = Answer::new(*status, body.as_bytes(), None);
            let verdict = provider.classify(&answer);
            assert_eq!(verdict.reason, *reason, "{source}: {status} {body}");
            assert_eq!(verdict.message.is_some(), reason.is_some(), "{source}");
            let own = ["/error/message", "/message", "/error"]
                .iter()
                .find_map(|at| answer.text(at));
            if let Some(own) = own {
                assert!(verdict.message.unwrap().contains(own), "{source}: {body}");
            }
        }
    }

    /// What goes wrong with a live call without being the key's fault: where it is known from, status, body.
    pub(crate) type Failure = (&'static str, u16, &'static str);

    /// Checks that none of these speaks against the key, and that a server's own failure says nothing of it.
    pub(crate) fn assert_key_unharmed(provider: &dyn Provider, failures: &[Failure]) {
        use HealthReason::{RateLimited, Restricted, Unreachable};
        for (source, status, body) in failures {
            let verdict = provider.classify(&Answer::new(*status, body.as_bytes(), None));
            let unharmed = matches!(verdict.reason, Some(Restricted | RateLimited | Unreachable));
            assert!(unharmed, "{source}: {status} {body} is read as {:?}", verdict.reason);
            let says_nothing = verdict.reason == Some(Unreachable);
            assert!(*status < 500 || says_nothing, "{source}: {status} {body}");
        }
    }

    fn reason(status: u16, body: &str) -> Option<HealthReason> {
        Answer::new(status, body.as_bytes(), None)
            .by_status("OpenAI", None)
            .reason
    }

    #[test]
    fn a_proxy_cannot_make_a_key_unhealthy() {
        let page = "<html>Sign in to the guest network</html>";
        for status in [200, 302, 400, 401, 402, 403, 404, 500, 529] {
            assert_eq!(reason(status, page), Some(HealthReason::Unreachable), "{status}");
        }
        assert_eq!(reason(429, page), Some(HealthReason::RateLimited));
        assert_eq!(reason(401, " \n"), Some(HealthReason::Invalid));
    }

    #[test]
    fn a_json_body_of_unknown_shape_is_judged_by_its_status() {
        for (status, expected) in [
            (200, HealthReason::Unreachable),
            (401, HealthReason::Invalid),
            (402, HealthReason::Exhausted),
            (403, HealthReason::Restricted),
            (429, HealthReason::RateLimited),
            (503, HealthReason::Unreachable),
        ] {
            assert_eq!(reason(status, "{}"), Some(expected), "{status}");
        }
    }

    #[test]
    fn only_a_rest_has_a_retry_time() {
        let after = Some(Duration::from_secs(7));
        let limited = Answer::new(429, b"{}", after).by_status("OpenAI", None);
        assert_eq!(limited.retry_after, after);
        let invalid = Answer::new(401, b"{}", after).by_status("OpenAI", None);
        assert_eq!(invalid.retry_after, None);
    }

    #[test]
    fn our_words_name_the_provider_and_the_status() {
        let message = |status| Answer::new(status, b"", None).by_status("OpenAI", None).message;
        assert_eq!(
            message(503).as_deref(),
            Some("OpenAI answered 503 Service Unavailable without a message.")
        );
        assert!(message(302).is_some_and(|words| words.contains("redirect")));
    }
}
