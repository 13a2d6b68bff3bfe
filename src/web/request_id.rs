//! One id for each request: taken over when it is one, made otherwise, echoed and logged.

use super::App;
use crate::domain::{RequestContext, RequestId};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;

/// Where a request's id stands.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request its id and its client's address, and logs one line about it.
pub(super) async fn trace(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok()?.parse().ok());
    let request_id = given.unwrap_or_else(|| RequestId::new(&*app.clock, &*app.random));
    let client = app
        .settings
        .trusted_proxies
        .client(request.extensions(), request.headers());
    request.extensions_mut().insert(RequestContext { request_id, client });
    // The path may hold what it should not; the matched route never does.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!("request", request.id = %request_id, http.method = %method, http.route = %route);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    app.services
        .metrics
        .request_answered(method.as_str(), &route, response.status().as_u16());
    span.in_scope(|| {
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            http.status = response.status().as_u16(),
            duration_ms = milliseconds,
            "answered"
        );
    });
    response
}
