//! What can go wrong, described once.

use super::{parameters, shared};
use crate::web::rest::Operation;
use axum::http::StatusCode;
use serde_json::json;
use utoipa::openapi::{ComponentsBuilder, ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong (RFC 9457). `type` is left out, which means `about:blank`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the problem_details crate writes")]
struct Problem {
    /// The status in words.
    #[schema(example = "Not Found")]
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// What went wrong and what to do, for people.
    #[schema(example = "There is no such provider key.")]
    detail: String,
    /// What went wrong, for programs; it stays the same.
    #[schema(example = "not_found")]
    code: String,
    /// The request, to ask the operator about.
    #[schema(required = false)]
    request_id: Uuid,
    /// What is wrong with which field of the request.
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
}

/// What is wrong with a field of the request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the problem_details crate writes")]
struct FieldProblem {
    /// The field's or parameter's name.
    #[schema(example = "api_key")]
    field: String,
    /// What to do about it.
    #[schema(example = "Paste a key.")]
    message: String,
}

/// A way for things to go wrong.
struct Kind {
    status: StatusCode,
    name: &'static str,
    meaning: &'static str,
    /// Its codes.
    codes: &'static [&'static str],
    /// Whether it says when to come back.
    says_when: bool,
}

const fn kind(status: StatusCode, name: &'static str, codes: &'static [&'static str], meaning: &'static str) -> Kind {
    Kind {
        status,
        name,
        meaning,
        codes,
        says_when: false,
    }
}

const BAD_REQUEST: Kind = kind(
    StatusCode::BAD_REQUEST,
    "BadRequest",
    &[
        "invalid_input",
        "invalid_json",
        "incomplete_body",
        "invalid_idempotency_key",
        "invalid_if_match",
    ],
    "The request cannot be read, or a field of it is wrong.",
);
const KEY_REFUSED: Kind = kind(
    StatusCode::BAD_REQUEST,
    "KeyRefused",
    &["invalid_api_key", "invalid_input", "invalid_json"],
    "The provider refused the key, or the request is wrong. Nothing was saved.",
);
const UNAUTHENTICATED: Kind = kind(
    StatusCode::UNAUTHORIZED,
    "Unauthenticated",
    &["unauthenticated"],
    "There is no valid token or session.",
);
const FORBIDDEN: Kind = kind(
    StatusCode::FORBIDDEN,
    "Forbidden",
    &["insufficient_scope", "recent_sign_in_required", "cross_site_request"],
    "The caller is known, and may not do this.",
);
const NOT_FOUND: Kind = kind(
    StatusCode::NOT_FOUND,
    "NotFound",
    &["not_found"],
    "It is not there, or not the caller's to know of.",
);
const CONFLICT: Kind = kind(
    StatusCode::CONFLICT,
    "Conflict",
    &["conflict", "request_in_flight"],
    "Somebody else was faster, or a call with this Idempotency-Key is being worked on.",
);
const PRECONDITION_FAILED: Kind = kind(
    StatusCode::PRECONDITION_FAILED,
    "PreconditionFailed",
    &["precondition_failed"],
    "It is at another version than `If-Match` names. Nothing was changed.",
);
const TOO_LARGE: Kind = kind(
    StatusCode::PAYLOAD_TOO_LARGE,
    "PayloadTooLarge",
    &["payload_too_large"],
    "The body is larger than any call needs.",
);
const NO_JSON: Kind = kind(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "UnsupportedMediaType",
    &["unsupported_media_type"],
    "The body does not say that it is JSON.",
);
const KEY_REUSED: Kind = kind(
    StatusCode::UNPROCESSABLE_ENTITY,
    "IdempotencyKeyReused",
    &["idempotency_key_reused"],
    "The Idempotency-Key was used for another call.",
);
const PRECONDITION_REQUIRED: Kind = kind(
    StatusCode::PRECONDITION_REQUIRED,
    "PreconditionRequired",
    &["precondition_required"],
    "`If-Match` is missing.",
);
const THROTTLED: Kind = Kind {
    says_when: true,
    ..kind(
        StatusCode::TOO_MANY_REQUESTS,
        "TooManyRequests",
        &["too_many_requests"],
        "The organization asked for this too often.",
    )
};
const INTERNAL: Kind = kind(
    StatusCode::INTERNAL_SERVER_ERROR,
    "Internal",
    &["internal", "sealed_key_unreadable", "audit_heads_altered"],
    "Something failed on the server's side.",
);
const UNREACHABLE: Kind = kind(
    StatusCode::BAD_GATEWAY,
    "ProviderUnreachable",
    &["provider_unreachable"],
    "The provider gave no usable answer. Nothing was saved.",
);
const UNAVAILABLE: Kind = Kind {
    says_when: true,
    ..kind(
        StatusCode::SERVICE_UNAVAILABLE,
        "Unavailable",
        &["unavailable"],
        "The database cannot be reached. Nothing was changed.",
    )
};
const TIMEOUT: Kind = kind(
    StatusCode::GATEWAY_TIMEOUT,
    "Timeout",
    &["provider_timeout", "timeout"],
    "The provider, or the server itself, took too long.",
);

const EVERY: &[&Kind] = &[
    &BAD_REQUEST,
    &KEY_REFUSED,
    &UNAUTHENTICATED,
    &FORBIDDEN,
    &NOT_FOUND,
    &CONFLICT,
    &PRECONDITION_FAILED,
    &TOO_LARGE,
    &NO_JSON,
    &KEY_REUSED,
    &PRECONDITION_REQUIRED,
    &THROTTLED,
    &INTERNAL,
    &UNREACHABLE,
    &UNAVAILABLE,
    &TIMEOUT,
];

/// The problems among the components.
pub(super) fn components(mut components: ComponentsBuilder) -> ComponentsBuilder {
    components = components
        .schema(Problem::name(), Problem::schema())
        .schema(FieldProblem::name(), FieldProblem::schema());
    for kind in EVERY {
        components = components.response(kind.name, kind.describe(kind.meaning));
    }
    components
}

impl Kind {
    fn describe(&self, meaning: &str) -> Response {
        let example = json!({
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": meaning,
            "code": self.codes.first(),
            "request_id": "019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f",
        });
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(Problem::name())))
            .example(Some(example))
            .build();
        let codes: Vec<_> = self.codes.iter().map(|code| format!("`{code}`")).collect();
        let response = ResponseBuilder::new()
            .description(format!("{meaning} Codes: {}.", codes.join(", ")))
            .content(PROBLEM_JSON, content)
            .header(parameters::REQUEST_ID, parameters::request_id());
        let response = if self.says_when {
            response.header("Retry-After", parameters::retry_after())
        } else {
            response
        };
        let response = if self.status == StatusCode::TOO_MANY_REQUESTS {
            parameters::rate_limit(response)
        } else {
            response
        };
        response.build()
    }
}

/// What can go wrong with an operation.
pub(super) fn of(operation: &Operation) -> Vec<(String, RefOr<Response>)> {
    let docs = &operation.docs;
    let changes = !operation.method.is_safe();
    let bad_request = if docs.probes { &KEY_REFUSED } else { &BAD_REQUEST };
    let possible: [(bool, &Kind); 15] = [
        (changes || docs.body.is_some() || !docs.query.is_empty(), bad_request),
        (true, &UNAUTHENTICATED),
        (changes || operation.scope.is_some(), &FORBIDDEN),
        (operation.path.contains('{') || docs.may_miss, &NOT_FOUND),
        (changes, &CONFLICT),
        (docs.is_conditional, &PRECONDITION_FAILED),
        (changes, &TOO_LARGE),
        (docs.body.is_some(), &NO_JSON),
        (changes, &KEY_REUSED),
        (docs.is_conditional, &PRECONDITION_REQUIRED),
        (docs.is_throttled, &THROTTLED),
        (true, &INTERNAL),
        (docs.probes, &UNREACHABLE),
        (true, &UNAVAILABLE),
        (true, &TIMEOUT),
    ];
    let possible = possible.into_iter().filter(|(is_possible, _)| *is_possible);
    let describe = |kind: &Kind| {
        if kind.status == StatusCode::CONFLICT && !docs.conflict.is_empty() {
            kind.describe(docs.conflict).into()
        } else {
            shared(kind.name)
        }
    };
    possible
        .map(|(_, kind)| (kind.status.as_str().to_owned(), describe(kind)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::problem;
    use axum::response::IntoResponse;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn problems_look_as_they_are_described() {
        let answer = problem::Problem::at_field("api_key", "Paste a key.").into_response();
        assert_eq!(answer.headers()["content-type"], PROBLEM_JSON);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let schema = serde_json::to_value(Problem::schema()).unwrap();
        for required in schema["required"].as_array().unwrap() {
            assert!(!problem[required.as_str().unwrap()].is_null(), "{required}");
        }
        for member in problem.as_object().unwrap().keys() {
            assert!(!schema["properties"][member].is_null(), "{member}");
        }
    }
}
