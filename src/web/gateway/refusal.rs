//! Latchkey's own errors, in the shape that the caller's SDK reads. What a caller is told is decided here and
//! nowhere else in the gateway.

use super::answer::GatewayBody;
use super::call::Call;
use crate::providers::{ErrorShape, native_error};
use crate::service::gateway::GatewayError;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use std::time::Duration;
use url::Url;

/// Told to whoever still waits when the time to finish is over.
pub(super) const SHUTTING_DOWN: &str = "Latchkey is being restarted; call again.";

/// What a caller is told instead of a provider's answer.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// The stable name; programs may rely on it.
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) retry_after: Option<Duration>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let megabytes = limit / (1024 * 1024);
        let message = format!("The request's body is larger than {megabytes} MB, which is the limit here.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", message)
    }

    pub(super) fn timed_out(provider: &str, what: &str) -> Self {
        let message = format!("{provider} {what}. Nothing is known of what it did; try again.");
        Self::new(StatusCode::GATEWAY_TIMEOUT, "upstream_timeout", message)
    }

    pub(super) fn unreachable(provider: &str, what: &str) -> Self {
        let message = format!("{provider} {what}");
        Self::new(StatusCode::BAD_GATEWAY, "upstream_unreachable", message)
    }

    pub(super) fn shutting_down() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", SHUTTING_DOWN)
    }

    /// What resolution refused; `dashboard` is where people mend it.
    pub(super) fn of(error: &GatewayError, dashboard: &Url) -> Self {
        let page = |project: &str, page: &str| {
            let page = dashboard.join(&format!("/projects/{project}/{page}"));
            page.map_or_else(|_| dashboard.to_string(), |page| page.to_string())
        };
        let keys = |project: &str| page(project, "keys");
        let settings = |project: &str| page(project, "settings");
        let forbidden = |message: String| Self::new(StatusCode::FORBIDDEN, error.code(), message);
        match error {
            GatewayError::Unauthenticated => Self::new(
                StatusCode::UNAUTHORIZED,
                error.code(),
                "Send a Latchkey token (lk_api_…) where your SDK puts its API key; none was found, or it is wrong, \
                 expired or revoked.",
            ),
            GatewayError::InsufficientScope(scope) => {
                forbidden(format!("This token lacks the scope {scope}. Make one that has it."))
            }
            GatewayError::ProjectNeeded => Self::new(
                StatusCode::BAD_REQUEST,
                error.code(),
                "This token is good for every project of its organization: name one in the header \
                 x-latchkey-project (its slug or id).",
            ),
            GatewayError::NoProject => Self::new(
                StatusCode::NOT_FOUND,
                error.code(),
                "There is no such project, or this token does not reach it.",
            ),
            GatewayError::NoKey { provider, project } => forbidden(format!(
                "The project {project} has no key for {provider}: add one at {}.",
                keys(project)
            )),
            GatewayError::NoNamedKey { provider, project } => Self::new(
                StatusCode::NOT_FOUND,
                error.code(),
                no_named_key(provider, project, &keys(project)),
            ),
            GatewayError::Locked {
                provider,
                project,
                reason,
            } => Self::new(
                StatusCode::LOCKED,
                error.code(),
                locked(*provider, reason, &settings(project)),
            ),
            GatewayError::KeyDisabled { provider, project, .. } => forbidden(format!(
                "The key saved for {provider} is switched off: enable it at {}.",
                keys(project)
            )),
            GatewayError::KeyRejected {
                provider,
                project,
                message,
                ..
            } => forbidden(format!(
                "The key saved for {provider} was refused: replace it at {}. {provider} says: {message}",
                keys(project)
            )),
            GatewayError::KeyExhausted {
                provider,
                project,
                message,
                retry_after,
                ..
            } => Self {
                retry_after: *retry_after,
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    error.code(),
                    format!(
                        "The key saved for {provider} has no quota left; see {}. {provider} says: {message}",
                        keys(project)
                    ),
                )
            },
            GatewayError::KeyUnreadable { provider, .. } => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                error.code(),
                format!(
                    "The key saved for {provider} cannot be opened. The operator has been alarmed; bring the key again."
                ),
            ),
            GatewayError::LimitReached { limit, retry_after } => Self {
                retry_after: Some(*retry_after),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    error.code(),
                    format!("{limit} is reached. Try again in a moment."),
                )
            },
            GatewayError::Unavailable => Self {
                retry_after: Some(Duration::from_secs(1)),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    error.code(),
                    "The token or key cannot be looked up right now. Nothing was sent; try again in a moment.",
                )
            },
        }
    }

    /// The answer to a call, which is recorded with it.
    pub(super) fn answer(self, call: Option<Call>, shape: ErrorShape) -> Response<GatewayBody> {
        let body = Bytes::from(native_error(shape, self.status.as_u16(), self.code, &self.message));
        let mut headers = self.headers();
        if let Some(mut call) = call {
            call.status = self.status;
            call.error_code = Some(self.code);
            call.response_bytes = body.len() as u64;
            call.sign(&mut headers);
        }
        let mut response = Response::new(GatewayBody::Left(body.into()));
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(wait) = self.retry_after {
            // Rounded up: an SDK that comes back early is refused again.
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            headers.insert(
                RETRY_AFTER,
                HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)),
            );
        }
        headers.insert("x-latchkey-error", HeaderValue::from_static(self.code));
        headers
    }
}

fn no_named_key(provider: &str, project: &str, page: &str) -> String {
    format!(
        "The project {project} has no key of that name or id for {provider}: see {page}, or leave the header \
         x-latchkey-key out to use the default one."
    )
}

fn locked(provider: Option<&str>, reason: &str, page: &str) -> String {
    let what = provider.map_or_else(
        || "All calls are".to_owned(),
        |provider| format!("Calls to {provider} are"),
    );
    let why = if reason.is_empty() {
        String::new()
    } else {
        format!(" They say: {reason}")
    };
    format!("{what} locked by somebody of this organization, with every key. Nothing was sent; see {page}.{why}")
}
