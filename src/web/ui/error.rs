//! Service errors in the dashboard's words. The mapping itself stands in [`Problem`] alone.

use super::backend::signed_out;
use crate::service::ServiceError;
use crate::web::auth::CallerError;
use crate::web::problem::Problem;
use app::contract::{ErrorCode, FieldError, UiError};

/// What the person at the screen is told.
pub(super) fn from_service(error: &ServiceError) -> UiError {
    from_problem(Problem::from(error))
}

/// Why there is no known caller.
pub(super) fn from_caller(error: &CallerError) -> UiError {
    match error {
        CallerError::Unauthenticated => signed_out(),
        CallerError::Undecided(_) => from_problem(Problem::from(error)),
    }
}

fn from_problem(problem: Problem) -> UiError {
    UiError {
        code: code(problem.code),
        message: problem.detail,
        fields: problem
            .errors
            .into_iter()
            .map(|error| FieldError {
                field: error.field.to_string(),
                message: error.message,
            })
            .collect(),
    }
}

fn code(code: &str) -> ErrorCode {
    match code {
        "unauthenticated" => ErrorCode::SignedOut,
        "insufficient_scope" => ErrorCode::Forbidden,
        "recent_sign_in_required" => ErrorCode::SignInAgain,
        "invalid_credentials" => ErrorCode::InvalidCredentials,
        "not_found" => ErrorCode::NotFound,
        "invalid_input" => ErrorCode::InvalidInput,
        "invalid_api_key" => ErrorCode::InvalidApiKey,
        "provider_unreachable" | "provider_timeout" => ErrorCode::ProviderUnreachable,
        "conflict" => ErrorCode::Conflict,
        "too_many_requests" => ErrorCode::TooManyRequests,
        "unavailable" => ErrorCode::Unavailable,
        _ => ErrorCode::Internal,
    }
}
