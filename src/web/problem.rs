//! Errors as RFC 9457 problems. What a caller is told of a failure is decided here and nowhere else.

mod answer;
mod complete;

pub(super) use answer::Problem;
pub(super) use complete::{complete, too_large, with_request_id};

use super::auth::CallerError;
use crate::service::ServiceError;
use crate::service::audit::HeadsError;
use answer::seconds;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::error::Error;
use tower_sessions::{session, session_store};

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
        ServiceError::OneProjectOnly(_) => Problem::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "This token works in one project only. Use one of the whole organization.",
        ),
        ServiceError::PersonsOnly => Problem::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "A token cannot do this: it takes a person who is signed in.",
        ),
        ServiceError::OperatorOnly => Problem::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "Only the operator of this Latchkey may do this.",
        ),
        ServiceError::Unauthenticated => Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in, or send a valid token as \"Authorization: Bearer …\".",
        ),
        ServiceError::SignInAgain(_) => Problem::new(
            StatusCode::FORBIDDEN,
            "recent_sign_in_required",
            "Show once more that it is you: this asks for your password when you signed in a while ago.",
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
        ServiceError::Conflict(message) | ServiceError::Changed(message) => {
            Problem::new(StatusCode::CONFLICT, "conflict", message)
        }
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
        ServiceError::Heads(HeadsError::Unreadable { .. } | HeadsError::Forged { .. }) => Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "audit_heads_altered",
            "The exported heads that this server keeps in its data folder were altered, so that the trail cannot be \
             compared with them. Tell the operator, who finds the line in the server's log.",
        ),
        ServiceError::Store(_)
        | ServiceError::Heads(_)
        | ServiceError::Session(_)
        | ServiceError::Seal(_)
        | ServiceError::Authenticator(_)
        | ServiceError::Mail(_)
        | ServiceError::Webhook(_)
        | ServiceError::Hashing(_) => Problem::internal(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Refusal, Scope};
    use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
    use std::time::Duration;

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
