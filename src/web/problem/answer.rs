//! A problem, and its answer.

use crate::domain::RequestId;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use problem_details::ProblemDetails;
use serde::Serialize;
use std::borrow::Cow;
use std::time::Duration;

/// When to come back while the database is away.
const RECOVERY: Duration = Duration::from_secs(5);

/// What a caller is told of a failure. `type` is left out, which means `about:blank`: the stable name is `code`.
#[derive(Clone, Debug)]
pub(in crate::web) struct Problem {
    /// The HTTP status; its phrase is the title.
    pub(in crate::web) status: StatusCode,
    /// The stable name for programs: `invalid_api_key`, …
    pub(in crate::web) code: &'static str,
    /// What went wrong and what to do, for people. Never quotes a secret.
    pub(in crate::web) detail: String,
    /// What is wrong with which field.
    pub(in crate::web) errors: Vec<FieldProblem>,
    /// When to try again.
    pub(in crate::web) retry_after: Option<Duration>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct FieldProblem {
    /// The field's name in forms and JSON.
    pub(in crate::web) field: Cow<'static, str>,
    /// What to do about it.
    pub(in crate::web) message: String,
}

/// What Latchkey's problems have beyond RFC 9457's members.
#[derive(Serialize)]
struct Members {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<RequestId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
}

impl Problem {
    /// A problem of this status, stable code and detail.
    pub(in crate::web) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// A field of the request is wrong.
    pub(in crate::web) fn at_field(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let error = FieldProblem {
            field: field.into(),
            message: message.into(),
        };
        let detail = error.message.clone();
        Self {
            errors: vec![error],
            ..Self::new(StatusCode::BAD_REQUEST, "invalid_input", detail)
        }
    }

    /// There is nothing here, or nothing that the caller may know of.
    pub(in crate::web) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// The same problem with a time to wait.
    pub(in crate::web) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Something failed on our side; more is said in the log only.
    pub(in crate::web) fn internal() -> Self {
        let detail = "Something failed on our side. Try again; if it stays, tell the operator the request id.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    pub(super) fn unavailable() -> Self {
        let detail = "The database cannot be reached. Nothing was changed; try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(RECOVERY)
    }

    pub(super) fn answer(self, request_id: Option<RequestId>) -> Response {
        let remembered = self.clone();
        let retry_after = self.retry_after;
        let members = Members {
            code: self.code,
            request_id,
            errors: self.errors,
        };
        let mut response = ProblemDetails::from_status_code(self.status)
            .with_detail(self.detail)
            .with_extensions(members)
            .into_response();
        let headers = response.headers_mut();
        if let Some(wait) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(remembered);
        response
    }
}

impl IntoResponse for Problem {
    /// Without the request's id, which [`complete`](super::complete) adds.
    fn into_response(self) -> Response {
        self.answer(None)
    }
}

/// Whole seconds, rounded up: nobody should come back too early.
pub(super) fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
