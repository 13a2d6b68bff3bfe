//! One call, from its head to its last byte: what becomes of it is recorded when this is dropped, whatever
//! happened.

use super::notes::Notes;
use crate::domain::{CallId, FallbackReason, KeySource, RequestContext, TokenCounts, UsageEvent, UsageSource};
use crate::providers::usage::Metered;
use crate::service::gateway::{Admission, Gateway, Lease};
use http::header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::time::Instant;

/// A token is about four bytes of English text; only for calls whose provider did not get to say.
const BYTES_PER_TOKEN: u64 = 4;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-latchkey-request-id");
static KEY_SOURCE: HeaderName = HeaderName::from_static("x-latchkey-key-source");
static KEY_ID: HeaderName = HeaderName::from_static("x-latchkey-key-id");
static FALLBACK_REASON: HeaderName = HeaderName::from_static("x-latchkey-fallback-reason");

/// One call on its way.
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) context: RequestContext,
    pub(super) admission: Admission,
    pub(super) operation: &'static str,
    pub(super) model: Option<String>,
    pub(super) served_by: Option<Served>,
    pub(super) status: StatusCode,
    pub(super) error_code: Option<&'static str>,
    pub(super) streamed: bool,
    pub(super) metered: Metered,
    pub(super) first_byte: Option<Instant>,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: u64,
    pub(super) began: Instant,
    pub(super) occurred_at: OffsetDateTime,
    notes: Notes,
    gateway: Arc<Gateway>,
    is_forgotten: bool,
}

/// The key that a call was made with.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) lease: Arc<Lease>,
    pub(super) fallback: Option<FallbackReason>,
}

impl Call {
    pub(super) fn begin(
        gateway: Arc<Gateway>,
        admission: Admission,
        notes: Notes,
        id: CallId,
        context: RequestContext,
        (occurred_at, began): (OffsetDateTime, Instant),
    ) -> Self {
        Self {
            id,
            context,
            admission,
            operation: "other",
            model: None,
            served_by: None,
            status: StatusCode::INTERNAL_SERVER_ERROR,
            error_code: None,
            streamed: false,
            metered: Metered::default(),
            first_byte: None,
            request_bytes: 0,
            response_bytes: 0,
            began,
            occurred_at,
            notes,
            gateway,
            is_forgotten: false,
        }
    }

    /// Nothing was called; nothing is recorded.
    pub(super) fn forget(mut self) {
        self.is_forgotten = true;
    }

    /// What every answer says of itself.
    pub(super) fn sign(&self, headers: &mut HeaderMap) {
        sign(headers, self.id);
        let Some(served) = &self.served_by else { return };
        let source = HeaderValue::from_static(served.lease.source.as_str());
        headers.insert(&KEY_SOURCE, source);
        if let Some(key) = &served.lease.key_header {
            headers.insert(&KEY_ID, key.clone());
        }
        if let Some(reason) = served.fallback {
            headers.insert(&FALLBACK_REASON, HeaderValue::from_static(reason.as_str()));
        }
    }

    fn usage(&self) -> (TokenCounts, UsageSource) {
        if self.metered.has_usage && self.metered.finished {
            return (self.metered.tokens, UsageSource::Provider);
        }
        let answered = self.served_by.is_some() && self.status.is_success() && self.response_bytes > 0;
        if self.metered.finished || !answered {
            return (self.metered.tokens, UsageSource::Missing);
        }
        // The caller left, or the provider broke off: what the provider said so far, and the rest from the bytes.
        let estimate = |bytes: u64| i64::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).ok();
        let counts = TokenCounts {
            input: self.metered.tokens.input.or_else(|| estimate(self.request_bytes)),
            output: estimate(self.metered.text_bytes).max(self.metered.tokens.output),
            ..self.metered.tokens
        };
        (counts, UsageSource::Estimated)
    }

    fn milliseconds_until(&self, moment: Instant) -> i64 {
        i64::try_from((moment - self.began).as_millis()).unwrap_or(i64::MAX)
    }
}

/// What every answer says of itself, one without a call too.
pub(super) fn sign(headers: &mut HeaderMap, id: CallId) {
    if let Ok(value) = HeaderValue::from_str(id.as_uuid().hyphenated().encode_lower(&mut [0; 36])) {
        headers.insert(&REQUEST_ID, value);
    }
    // Answers of strangers under Latchkey's own address are never pages of it.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.is_forgotten {
            return;
        }
        let (tokens, usage_source) = self.usage();
        let route = self.admission.route.clone();
        let own = self
            .served_by
            .as_ref()
            .filter(|served| served.lease.source == KeySource::Byok);
        let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let event = UsageEvent {
            id: self.id,
            occurred_at: self.occurred_at,
            org: route.org,
            project: route.project,
            token: self.admission.token,
            provider: route.provider_slug.clone(),
            operation: self.operation,
            model_asked: self.model.take(),
            model_answered: self.metered.model.take(),
            key: own.and_then(|served| served.lease.key),
            key_version: own.map(|served| served.lease.secret_version),
            key_source: self.served_by.as_ref().map(|served| served.lease.source),
            fallback_reason: self.served_by.as_ref().and_then(|served| served.fallback),
            status: self.status.as_u16(),
            error_code: self.error_code,
            streamed: self.streamed,
            tokens,
            usage_source,
            reported_cost: self.metered.reported_cost,
            latency_ms: self.milliseconds_until(Instant::now()),
            first_byte_ms: self.first_byte.map(|moment| self.milliseconds_until(moment)),
            request_bytes: signed(self.request_bytes),
            response_bytes: signed(self.response_bytes),
            session: self.notes.session.take(),
            labels: std::mem::take(&mut self.notes.labels),
        };
        self.gateway.record(&route, event);
    }
}
