//! What is put right in problems on their way out.

use super::Problem;
use crate::domain::{RequestContext, RequestId};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Puts the request's id into problems, and makes problems of what layers refuse in plain text.
pub(in crate::web) async fn complete(request: Request, next: Next) -> Response {
    let request_id = request
        .extensions()
        .get::<RequestContext>()
        .map(|context| context.request_id);
    let is_api = ["/api/", "/v1/"]
        .iter()
        .any(|start| request.uri().path().starts_with(start));
    let response = next.run(request).await;
    let response = if is_api { explain(response) } else { response };
    with_request_id(response, request_id)
}

/// Puts the request's id into the body, where the answer is a problem.
pub(in crate::web) fn with_request_id(mut response: Response, request_id: Option<RequestId>) -> Response {
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
pub(in crate::web) fn too_large() -> Problem {
    let detail = format!(
        "Send at most {} KB. A provider key alone has 8 KB at most.",
        crate::web::MAX_BODY / 1024
    );
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", detail)
}
