//! `Idempotency-Key`: a call that is sent again gets the answer it got.
//!
//! Per caller and for a day, compared by method, path and body. Kept are answers that a repetition would not change:
//! success, 400 and 404. Everything else gives the key free: 5xx, and what depends on more than the request itself
//! (the caller's rights, the content type, another request in the way, the time).

use super::body;
use crate::domain::{Actor, RequestContext};
use crate::service::idempotency::Begin;
use crate::web::App;
use crate::web::auth::Caller;
use crate::web::problem::{self, Problem};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use std::time::Duration;
use tracing::Instrument;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY: usize = 255;
/// When to ask again for a call that is still being worked on.
const IN_FLIGHT_WAIT: Duration = Duration::from_secs(1);

/// Makes a call with an `Idempotency-Key` once.
pub(super) async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    match key(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(key)) => answer(app, key, request, next)
            .await
            .unwrap_or_else(IntoResponse::into_response),
        Err(problem) => problem.into_response(),
    }
}

/// One caller's call.
#[derive(Clone)]
struct Call {
    app: App,
    actor: Actor,
    key: String,
}

async fn answer(app: App, key: String, request: Request, next: Next) -> Result<Response, Problem> {
    let caller = request
        .extensions()
        .get::<Caller>()
        .cloned()
        .unwrap_or(Caller::Anonymous);
    let actor = caller.known().map_err(|error| Problem::from(&error))?.actor.clone();
    let (parts, body) = request.into_parts();
    let body = body::read(body).await?;
    let address = parts
        .uri
        .path_and_query()
        .map_or(parts.uri.path(), |address| address.as_str());
    let compared = [parts.method.as_str().as_bytes(), address.as_bytes(), &body];
    match app.services.idempotency.begin(&actor, &key, &compared).await? {
        Begin::New => {
            let request = Request::from_parts(parts, Body::from(body));
            Ok(Call { app, actor, key }.make(request, next).await)
        }
        Begin::Replay { status, body } => Ok(replayed(status, body)),
        Begin::InFlight => {
            let detail = "This call is being worked on. Ask again in a moment.";
            Err(Problem::new(StatusCode::CONFLICT, "request_in_flight", detail).retry_after(IN_FLIGHT_WAIT))
        }
        Begin::Mismatch => {
            let detail = "This Idempotency-Key was used for another call. Use a new one.";
            Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                detail,
            ))
        }
    }
}

impl Call {
    /// Makes the call, to its end even when the caller hangs up meanwhile: they will ask again.
    async fn make(self, request: Request, next: Next) -> Response {
        let call = self.clone();
        let work = async move {
            let request_id = request
                .extensions()
                .get::<RequestContext>()
                .map(|context| context.request_id);
            let response = next.run(request).await;
            call.settle(problem::with_request_id(response, request_id)).await
        };
        match tokio::spawn(work.in_current_span()).await {
            Ok(response) => response,
            Err(_panicked) => {
                self.abandon().await;
                Problem::internal().into_response()
            }
        }
    }

    /// Keeps the answer, or gives the key free.
    async fn settle(&self, response: Response) -> Response {
        let status = response.status();
        if !is_kept(status) {
            self.abandon().await;
            return response;
        }
        let (parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                tracing::error!(%error, "an answer could not be read, and is not kept");
                return Problem::internal().into_response();
            }
        };
        let kept = self
            .app
            .services
            .idempotency
            .finish(&self.actor, &self.key, status.as_u16(), &body)
            .await;
        if let Err(error) = kept {
            // It is done, and the caller shall know; what fails is only a repetition.
            problem::log(&error);
        }
        Response::from_parts(parts, Body::from(body))
    }

    async fn abandon(&self) {
        if let Err(error) = self.app.services.idempotency.abandon(&self.actor, &self.key).await {
            // The key is free again after two minutes.
            problem::log(&error);
        }
    }
}

fn is_kept(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::BAD_REQUEST || status == StatusCode::NOT_FOUND
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let well_formed = (1..=LONGEST_KEY).contains(&value.len())
        && value.as_bytes().iter().all(u8::is_ascii_graphic)
        && values.next().is_none();
    match value.to_str() {
        Ok(key) if well_formed => Ok(Some(key.to_owned())),
        _ => {
            let detail = "Send one Idempotency-Key of 1 to 255 visible ASCII characters.";
            Err(Problem::new(StatusCode::BAD_REQUEST, "invalid_idempotency_key", detail))
        }
    }
}

fn replayed(status: u16, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = if status.is_success() {
        "application/json"
    } else {
        "application/problem+json"
    };
    let mut response = (status, Bytes::from(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    if status == StatusCode::NO_CONTENT {
        headers.remove(CONTENT_TYPE);
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}
