//! Errors as RFC 9457 problems. What a caller is told of a failure is decided here and nowhere else.

use super::auth::CallerError;
use crate::domain::{RequestContext, RequestId};
use crate::service::ServiceError;
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use problem_details::ProblemDetails;
use serde::Serialize;
use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;
use tower_sessions::{session, session_store};

/// When to come back while the database is away.
const RECOVERY: Duration = Duration::from_secs(5);

/// What a caller is told of a failure. `type` is left out, which means `about:blank`: the stable name is `code`.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// The HTTP status; its phrase is the title.
    pub(super) status: StatusCode,
    /// The stable name for programs: `invalid_api_key`, …
    pub(super) code: &'static str,
    /// What went wrong and what to do, for people. Never quotes a secret.
    pub(super) detail: String,
    /// What is wrong with which field.
    pub(super) errors: Vec<FieldProblem>,
    /// When to try again.
    pub(super) retry_after: Option<Duration>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FieldProblem {
    /// The field's name in forms and JSON.
    pub(super) field: Cow<'static, str>,
    /// What to do about it.
    pub(super) message: String,
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
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// A field of the request is wrong.
    pub(super) fn at_field(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
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
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// The same problem with a time to wait.
    pub(super) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Something failed on our side; more is said in the log only.
    pub(super) fn internal() -> Self {
        let detail = "Something failed on our side. Try again; if it stays, tell the operator the request id.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    fn unavailable() -> Self {
        let detail = "The database cannot be reached. Nothing was changed; try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(RECOVERY)
    }

    fn answer(self, request_id: Option<RequestId>) -> Response {
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
    /// Without the request's id, which [`complete`] adds.
    fn into_response(self) -> Response {
        self.answer(None)
    }
}

impl From<&ServiceError> for Problem {
    /// The one mapping. What is no fault of the caller's is logged here, once, with all its causes.
    fn from(error: &ServiceError) -> Self {
        let problem = describe(error);
        if matches!(
            problem.status,
            StatusCode::INTERNAL_SERVER_ERROR | StatusCode::SERVICE_UNAVAILABLE
        ) {
            log(error);
        }
        problem
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        Self::from(&error)
    }
}

impl From<&CallerError> for Problem {
    fn from(error: &CallerError) -> Self {
        match error {
            CallerError::Unauthenticated => Self::from(&ServiceError::Unauthenticated),
            CallerError::Undecided(error) => Self::from(&**error),
        }
    }
}

fn describe(error: &ServiceError) -> Problem {
    match error {
        ServiceError::Refused(refusal) => Problem::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            format!("You may not do this: it needs the scope {}.", refusal.scope),
        ),
        ServiceError::OneProjectOnly => Problem::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "This token works in one project only. Use one of the whole organization.",
        ),
        ServiceError::Unauthenticated => Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in, or send a valid token as \"Authorization: Bearer …\".",
        ),
        ServiceError::InvalidCredentials => Problem::new(
            StatusCode::UNAUTHORIZED,
            "invalid_credentials",
            "Address or password is wrong.",
        ),
        ServiceError::Missing(missing) => Problem::not_found(missing.message()),
        ServiceError::Invalid { field, message } => Problem::at_field(*field, message),
        ServiceError::KeyRefused {
            provider,
            message,
            hint,
            unchanged,
        } => {
            let detail = format!("{provider} refused this key: {} {unchanged}", sentence(message));
            let detail = hint.iter().fold(detail, |detail, hint| format!("{detail} {hint}"));
            Problem::new(StatusCode::BAD_REQUEST, "invalid_api_key", detail)
        }
        ServiceError::ProviderUnreachable {
            provider,
            message,
            timed_out,
            unchanged,
        } => {
            let (status, code) = if *timed_out {
                (StatusCode::GATEWAY_TIMEOUT, "provider_timeout")
            } else {
                (StatusCode::BAD_GATEWAY, "provider_unreachable")
            };
            Problem::new(status, code, format!("{} {unchanged}", silence(provider, message)))
        }
        ServiceError::Conflict(message) => Problem::new(StatusCode::CONFLICT, "conflict", message),
        ServiceError::Throttled { retry_after } => {
            let detail = format!("Too many tries. Try again in {} s.", seconds(*retry_after));
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail).retry_after(*retry_after)
        }
        ServiceError::Store(_) if error.is_unavailable() => Problem::unavailable(),
        ServiceError::Open(_) => Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "sealed_key_unreadable",
            "The stored key does not open. The operator has been alarmed; bring the key anew.",
        ),
        ServiceError::Session(error) if is_store_failure(&**error) => Problem::unavailable(),
        ServiceError::Store(_) | ServiceError::Session(_) | ServiceError::Seal(_) | ServiceError::Hashing(_) => {
            Problem::internal()
        }
    }
}

/// Whether the session could not be fetched or kept, as opposed to not understood.
fn is_store_failure(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    matches!(
        error.downcast_ref::<session::Error>(),
        Some(session::Error::Store(session_store::Error::Backend(_)))
    )
}

/// What a provider's silence is called. Some messages say already who was silent.
fn silence(provider: &str, message: &str) -> String {
    let message = sentence(message);
    if message.starts_with(provider) {
        message
    } else {
        format!("{provider} gave no usable answer: {message}")
    }
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// Whole seconds, rounded up: nobody should come back too early.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Logs a failure on our side, with all its causes.
pub(super) fn log(error: &ServiceError) {
    tracing::error!(error = chain(error), "the server failed");
}

/// An error and what caused it, on one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// The answer when a handler panicked. The panic itself is in the log.
pub(super) fn from_panic(_panic: Box<dyn Any + Send>) -> Response {
    Problem::internal().into_response()
}

/// Puts the request's id into problems, and makes problems of what layers refuse in plain text.
pub(super) async fn complete(request: Request, next: Next) -> Response {
    let request_id = request
        .extensions()
        .get::<RequestContext>()
        .map(|context| context.request_id);
    let is_api = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let response = if is_api { explain(response) } else { response };
    with_request_id(response, request_id)
}

/// Puts the request's id into the body, where the answer is a problem.
pub(super) fn with_request_id(mut response: Response, request_id: Option<RequestId>) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.remove(CONTENT_ENCODING);
    Response::from_parts(parts, problem.answer(request_id).into_body())
}

fn explain(response: Response) -> Response {
    if response.extensions().get::<Problem>().is_some() {
        return response;
    }
    let problem = match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        StatusCode::GATEWAY_TIMEOUT => {
            let detail = "This took too long and was given up. Look whether it was done before you try again.";
            Problem::new(StatusCode::GATEWAY_TIMEOUT, "timeout", detail)
        }
        _ => return response,
    };
    let (mut parts, _) = response.into_parts();
    let explained = problem.into_response();
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(content_type) = explained.headers().get(CONTENT_TYPE) {
        parts.headers.insert(CONTENT_TYPE, content_type.clone());
    }
    parts.extensions.extend(explained.extensions().clone());
    Response::from_parts(parts, explained.into_body())
}

/// The body is larger than any call needs.
pub(super) fn too_large() -> Problem {
    let detail = format!(
        "Send at most {} KB. A provider key alone has 8 KB at most.",
        super::MAX_BODY / 1024
    );
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Refusal, Scope};

    fn described(error: ServiceError) -> (u16, &'static str, String) {
        let problem = Problem::from(error);
        (problem.status.as_u16(), problem.code, problem.detail)
    }

    #[test]
    fn a_refused_key_is_told_in_the_providers_words() {
        let refused = |message: &str, hint: Option<&str>| ServiceError::KeyRefused {
            provider: "OpenAI",
            message: message.to_owned(),
            hint: hint.map(str::to_owned),
            unchanged: "Nothing was saved.".to_owned(),
        };
        let (status, code, detail) = described(refused("Incorrect API key provided", None));
        assert_eq!((status, code), (400, "invalid_api_key"));
        assert_eq!(
            detail,
            "OpenAI refused this key: Incorrect API key provided. Nothing was saved."
        );
        let (_, _, detail) = described(refused("No.", Some("This looks like a Groq key.")));
        assert_eq!(
            detail,
            "OpenAI refused this key: No. Nothing was saved. This looks like a Groq key."
        );
    }

    #[test]
    fn a_silent_provider_is_named_once() {
        let silent = |message: &str, timed_out| ServiceError::ProviderUnreachable {
            provider: "xAI",
            message: message.to_owned(),
            timed_out,
            unchanged: "Nothing was saved.".to_owned(),
        };
        let (status, code, detail) = described(silent("xAI gave no answer within 10 s.", true));
        assert_eq!((status, code), (504, "provider_timeout"));
        assert_eq!(detail, "xAI gave no answer within 10 s. Nothing was saved.");
        let (status, code, detail) = described(silent("Overloaded", false));
        assert_eq!((status, code), (502, "provider_unreachable"));
        assert_eq!(detail, "xAI gave no usable answer: Overloaded. Nothing was saved.");
    }

    #[test]
    fn what_fails_on_our_side_is_not_told() {
        let secret = "inner workings";
        let broken: Box<dyn Error + Send + Sync> = secret.into();
        for error in [ServiceError::Session(broken), ServiceError::Hashing(secret.to_owned())] {
            let (status, code, detail) = described(error);
            assert_eq!((status, code), (500, "internal"));
            assert!(!detail.contains(secret));
        }
        let away = session_store::Error::Backend(secret.to_owned());
        let away = ServiceError::Session(Box::new(session::Error::Store(away)));
        assert_eq!(chain(&away), "a session could not be read or written: inner workings");
        let (status, code, detail) = described(away);
        assert_eq!((status, code), (503, "unavailable"));
        assert!(!detail.contains(secret));
    }

    #[test]
    fn headers_say_when_and_how_to_come_back() {
        let header = |error: ServiceError, name| {
            let response = Problem::from(error).into_response();
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let throttled = ServiceError::Throttled {
            retry_after: Duration::from_millis(1200),
        };
        assert_eq!(header(throttled, RETRY_AFTER).as_deref(), Some("2"));
        assert_eq!(
            header(ServiceError::Unauthenticated, WWW_AUTHENTICATE).as_deref(),
            Some("Bearer")
        );
        assert_eq!(header(Refusal { scope: Scope::ReadByok }.into(), RETRY_AFTER), None);
    }
}
