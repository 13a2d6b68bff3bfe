//! The HTTP client that webhooks are called with: public addresses only, judged at each connection; no redirects, no
//! proxy, and little patience.

use crate::domain::{EndpointPolicy, WebhookUrl};
use crate::providers::{EndpointCheckError, GuardedResolver};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Client, redirect};
use std::error::Error;
use std::time::Duration;
use tokio::time::Instant;

/// How long one try may take in all.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an answer is kept, in bytes.
const KEPT: usize = 1_024;

/// What came of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The receiver's status; none when there was no answer.
    pub(super) status: Option<u16>,
    /// The beginning of its answer, or why there is none.
    pub(super) answer: String,
    /// How long it took.
    pub(super) took: Duration,
}

impl Outcome {
    pub(super) fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Calls webhooks.
pub(super) struct Sender {
    client: Client,
    policy: EndpointPolicy,
}

impl Sender {
    pub(super) fn new(policy: EndpointPolicy) -> Result<Self, reqwest::Error> {
        // Once per process; whoever came first installed the same one.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .dns_resolver(GuardedResolver { policy })
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, policy })
    }

    /// Whether an address is accepted, found, and on the public internet.
    pub(super) async fn check(&self, url: &WebhookUrl) -> Result<(), EndpointCheckError> {
        let Some(host) = url.domain() else { return Ok(()) };
        let resolver = GuardedResolver { policy: self.policy };
        let addresses = tokio::time::timeout(PATIENCE, resolver.addresses(host));
        addresses.await.map_err(|_| EndpointCheckError::TimedOut)?.map(|_| ())
    }

    /// Reads an address that is about to be called: what was accepted once may not be any more.
    pub(super) fn policy(&self) -> EndpointPolicy {
        self.policy
    }

    pub(super) async fn send(&self, url: &WebhookUrl, signature: HeaderMap, payload: String) -> Outcome {
        let began = Instant::now();
        let (status, answer) = match self.exchange(url, signature, payload).await {
            Ok((status, answer)) => (Some(status), answer),
            Err(error) => (None, reason(&error)),
        };
        Outcome {
            status,
            answer,
            took: began.elapsed(),
        }
    }

    async fn exchange(
        &self,
        url: &WebhookUrl,
        signature: HeaderMap,
        payload: String,
    ) -> Result<(u16, String), reqwest::Error> {
        let mut response = self
            .client
            .post(url.as_str())
            .headers(signature)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static("latchkey"))
            .body(payload)
            .send()
            .await?;
        let status = response.status().as_u16();
        let mut answer = Vec::new();
        while answer.len() < KEPT {
            // The status counts, also when the rest does not come.
            let Ok(Some(chunk)) = response.chunk().await else { break };
            answer.extend_from_slice(&chunk);
        }
        answer.truncate(KEPT);
        Ok((status, readable(&String::from_utf8_lossy(&answer))))
    }
}

/// In the words of the innermost cause, without the address, which the log of deliveries does not repeat.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("No answer within {} seconds.", PATIENCE.as_secs());
    }
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    readable(&format!("No answer: {cause}."))
}

/// What Postgres can hold, and people read.
fn readable(text: &str) -> String {
    let shown = |letter: char| {
        if letter.is_control() && letter != '\n' {
            ' '
        } else {
            letter
        }
    };
    text.chars().map(shown).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_inside_is_neither_saved_nor_called() {
        let sender = Sender::new(EndpointPolicy::default()).unwrap();
        let url = EndpointPolicy::default()
            .parse_webhook("https://localhost/hook")
            .unwrap();
        let refused = sender.check(&url).await;
        assert!(matches!(refused, Err(EndpointCheckError::NotPublic)), "{refused:?}");
        let outcome = sender.send(&url, HeaderMap::new(), "{}".to_owned()).await;
        assert_eq!(outcome.status, None);
        assert!(outcome.answer.contains("private network"), "{outcome:?}");
    }
}
