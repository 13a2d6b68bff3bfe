//! Versions of things: `ETag` on answers, and `If-Match` on changes, so that nobody overwrites what they did not see.

use crate::service::ServiceError;
use crate::web::problem::Problem;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The version that a caller saw of what they are about to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// `If-Match: *`: whatever it is.
    Any,
    /// This one.
    Version(i64),
    /// None that there ever was.
    Nothing,
}

impl<S: Send + Sync> FromRequestParts<S> for Seen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        read(&parts.headers)
    }
}

fn read(headers: &HeaderMap) -> Result<Seen, Problem> {
    let mut values = headers.get_all(IF_MATCH).iter();
    let Some(value) = values.next() else {
        let detail = "Say which version you saw, with \"If-Match: \" and the ETag you got, or \"If-Match: *\" for any.";
        return Err(Problem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "precondition_required",
            detail,
        ));
    };
    let text = value.to_str().unwrap_or_default().trim();
    if values.next().is_some() || text.contains(',') {
        let detail = "Send one ETag in If-Match, or *.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "invalid_if_match", detail));
    }
    if text == "*" {
        return Ok(Seen::Any);
    }
    let version = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let version = version.and_then(|digits| digits.parse().ok());
    Ok(version.map_or(Seen::Nothing, Seen::Version))
}

impl Seen {
    /// What services compare with; `None` for whatever it is.
    pub(super) const fn row_version(self) -> Option<i64> {
        match self {
            Seen::Any => None,
            Seen::Version(version) => Some(version),
            // Versions count from 1.
            Seen::Nothing => Some(0),
        }
    }

    /// What a service did not do, in the words of who said what they saw.
    pub(super) fn refused(self, error: ServiceError) -> Problem {
        match error {
            ServiceError::Changed(message) if self != Seen::Any => {
                Problem::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", message)
            }
            error => error.into(),
        }
    }
}

/// A thing with the version that it is at.
#[derive(Debug)]
pub(super) struct Versioned<T> {
    /// The version.
    pub(super) row_version: i64,
    /// The answer's body.
    pub(super) body: T,
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.row_version)) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(values: &[&'static str]) -> Result<Seen, (u16, &'static str)> {
        let headers = values.iter().map(|value| (IF_MATCH, HeaderValue::from_static(value)));
        read(&headers.collect()).map_err(|problem| (problem.status.as_u16(), problem.code))
    }

    #[test]
    fn a_version_is_read() {
        assert_eq!(seen(&["\"7\""]), Ok(Seen::Version(7)));
        assert_eq!(seen(&[" * "]), Ok(Seen::Any));
        // A weak tag matches nothing here (RFC 9110, 13.1.1), nor does what we never gave out.
        for stranger in ["W/\"7\"", "7", "\"seven\"", "\"\"", ""] {
            assert_eq!(seen(&[stranger]), Ok(Seen::Nothing), "{stranger}");
        }
        assert_eq!(seen(&[]), Err((428, "precondition_required")));
        assert_eq!(seen(&["\"1\", \"2\""]), Err((400, "invalid_if_match")));
        assert_eq!(seen(&["\"1\"", "\"2\""]), Err((400, "invalid_if_match")));
    }

    #[test]
    fn only_who_saw_another_version_is_told_so() {
        let refused = |seen: Seen, error| seen.refused(error).status.as_u16();
        let changed = || ServiceError::Changed("Look again.".to_owned());
        assert_eq!(refused(Seen::Version(1), changed()), 412);
        assert_eq!(refused(Seen::Nothing, changed()), 412);
        assert_eq!(refused(Seen::Any, changed()), 409);
        assert_eq!(refused(Seen::Version(1), ServiceError::Conflict(String::new())), 409);
    }
}
