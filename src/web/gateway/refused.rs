//! A provider's answer that is no success: read whole, judged, and given on without the key in it.

use super::answer::GatewayBody;
use super::call::Call;
use super::headers;
use super::outgoing::Outgoing;
use super::refusal::Refusal;
use crate::domain::{HealthReason, KeySource, Verdict};
use crate::providers::upstream::UpstreamBody;
use crate::providers::{Answer, retry_after, scrub};
use crate::service::gateway::Lease;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use tokio::time::{Instant, timeout_at};

/// The longest error that is read to be judged and scrubbed.
const LONGEST: usize = 256 * 1024;

/// A provider's refusal.
pub(super) struct Refused {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    /// What it says of the key.
    pub(super) verdict: Verdict,
    /// Whether it may mean something else than a bad key.
    pub(super) is_ambiguous: bool,
}

impl Refused {
    /// Reads a refusal to its end.
    pub(super) async fn read(
        answer: Response<UpstreamBody>,
        outgoing: &Outgoing<'_>,
        lease: &Lease,
        until: Instant,
    ) -> Result<Self, Refusal> {
        let provider = outgoing.provider;
        let (parts, body) = answer.into_parts();
        let unreadable = || {
            let status = parts.status.as_u16();
            Refusal::unreachable(
                provider.name(),
                &format!("answered {status} with what cannot be read here."),
            )
        };
        // What is compressed cannot be scrubbed.
        if parts.headers.contains_key(CONTENT_ENCODING) {
            return Err(unreadable());
        }
        let reading = timeout_at(until, Limited::new(body, LONGEST).collect()).await;
        let body = match reading {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => return Err(unreadable()),
            Err(_) => return Err(Refusal::timed_out(provider.name(), "did not end its answer in time")),
        };
        let answer = Answer::new(parts.status.as_u16(), &body, retry_after(&parts.headers));
        let mut verdict = provider.classify(&answer);
        let clean = |message: String| scrub(&message, lease.secret(), provider.prefixes());
        verdict.message = verdict.message.map(clean);
        Ok(Self {
            status: parts.status,
            headers: parts.headers,
            body: without_secret(body, lease),
            is_ambiguous: provider.needs_second_opinion(&answer),
            verdict,
        })
    }

    /// The answer for the caller. What a provider says to the operator's own account is the operator's to read.
    pub(super) fn give(self, mut call: Call, outgoing: &Outgoing<'_>, lease: &Lease) -> Response<GatewayBody> {
        let platform = lease.source == KeySource::Platform;
        if platform && self.verdict.reason.is_some_and(is_of_the_account) {
            return Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "platform_key_failed",
                format!(
                    "The operator's platform key for {} does not serve right now.",
                    outgoing.provider.name()
                ),
            )
            .answer(Some(call), outgoing.shape);
        }
        call.status = self.status;
        call.response_bytes = self.body.len() as u64;
        let mut headers = headers::to_caller(self.headers, platform, lease.secret());
        headers.remove(CONTENT_LENGTH);
        call.sign(&mut headers);
        let mut response = Response::new(GatewayBody::Left(self.body.into()));
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}

const fn is_of_the_account(reason: HealthReason) -> bool {
    matches!(
        reason,
        HealthReason::Invalid | HealthReason::Blocked | HealthReason::Exhausted
    )
}

/// The same bytes with stars in the secret's place.
fn without_secret(body: Bytes, lease: &Lease) -> Bytes {
    if lease.finder.find(&body).is_none() {
        return body;
    }
    let length = lease.finder.needle().len();
    let mut masked = body.to_vec();
    for at in lease.finder.find_iter(&body) {
        masked[at..at + length].fill(b'*');
    }
    masked.into()
}
