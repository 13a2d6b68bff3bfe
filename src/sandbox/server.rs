//! The sandbox's one HTTP server.

use super::answer::Answer;
use super::azure_openai::AzureOpenAi;
use super::delivery::{Manner, deliver};
use super::double::{self, Double, Kind, Refusal, Reply, Route};
use super::journal::SeenCall;
use super::request::Request;
use super::state::{OpenStream, State};
use super::{Behaviour, inbox, refused};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request as Incoming, State as Shared};
use axum::http::{HeaderName, HeaderValue, StatusCode, header, request};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, post};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use std::sync::Arc;
use std::time::Duration;

const SLOWNESS: Duration = Duration::from_millis(1500);
const RETRY_AFTER_SECONDS: &str = "20";
/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/_control/revoke", post(revoke))
        .route("/_control/restore", post(restore))
        .route("/webhooks/{inbox}", post(inbox::receive).get(inbox::list))
        .route("/_redirected", any(count_redirect))
        .route("/providers/{slug}/{*path}", any(of_provider))
        .fallback(of_azure)
        .with_state(state)
}

async fn revoke(Shared(state): Shared<Arc<State>>, key: String) -> StatusCode {
    state.revoke(key.trim());
    StatusCode::NO_CONTENT
}

async fn restore(Shared(state): Shared<Arc<State>>, key: String) -> StatusCode {
    state.restore(key.trim());
    StatusCode::NO_CONTENT
}

async fn count_redirect(Shared(state): Shared<Arc<State>>) -> StatusCode {
    state.count_redirect();
    StatusCode::OK
}

async fn of_provider(
    Shared(state): Shared<Arc<State>>,
    Path((slug, _)): Path<(String, String)>,
    incoming: Incoming,
) -> Response {
    let Some(double) = double::EVERY.iter().find(|double| double.slug() == slug) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let prefix = format!("/providers/{slug}");
    receive(&state, *double, incoming, &prefix).await
}

async fn of_azure(Shared(state): Shared<Arc<State>>, incoming: Incoming) -> Response {
    receive(&state, &AzureOpenAi, incoming, "").await
}

/// Reads a request to its end, writes it down and answers it.
async fn receive(state: &Arc<State>, double: &dyn Double, incoming: Incoming, prefix: &str) -> Response {
    let (parts, body) = incoming.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await;
    let is_too_large = body.is_err();
    let request = read(&parts, body.unwrap_or_default(), prefix);
    let route = double.route(&request);
    let kind = route.map_or(Kind::Free, |route| route.kind);
    write_down(state, double, &request, &parts, prefix, kind);
    let response = match route {
        _ if is_too_large => refuse(double, &Refusal::TooLarge, &request, kind),
        None => refuse(double, &Refusal::NoSuchPath, &request, kind),
        Some(route) => answer(state, double, route, request).await,
    };
    with_account(response, double, state)
}

fn read(parts: &request::Parts, body: Bytes, prefix: &str) -> Request {
    let path = parts.uri.path();
    let path = percent_decode_str(path.strip_prefix(prefix).unwrap_or(path));
    Request {
        method: parts.method.clone(),
        path: path.decode_utf8_lossy().into_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers.clone(),
        body,
        wants_long: false,
    }
}

fn write_down(state: &State, double: &dyn Double, request: &Request, parts: &request::Parts, prefix: &str, kind: Kind) {
    let sent = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let seen = SeenCall {
        slug: double.slug(),
        method: request.method.clone(),
        path_and_query: sent.strip_prefix(prefix).unwrap_or(&sent).to_owned(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        key: double.credential(request).unwrap_or_default(),
    };
    state.journal().add(seen, kind == Kind::Model);
}

async fn answer(state: &Arc<State>, double: &dyn Double, route: Route, mut request: Request) -> Response {
    let kind = route.kind;
    let key = double.credential(&request).unwrap_or_default();
    let behaviour = match Behaviour::of_key(&key) {
        _ if kind == Kind::Public => Behaviour::Valid,
        Some(behaviour) if !state.is_revoked(&key) => behaviour,
        _ => Behaviour::Revoked,
    };
    let refusal = refused::by(behaviour, &key, kind).or_else(|| double.check(&request).err());
    if let Some(refusal) = refusal {
        return refuse(double, &refusal, &request, kind);
    }
    let manner = match behaviour {
        Behaviour::Garbage => return garbage(kind),
        Behaviour::Redirect => return (StatusCode::FOUND, [(header::LOCATION, "/_redirected")]).into_response(),
        Behaviour::Down => return (StatusCode::SERVICE_UNAVAILABLE, "no healthy upstream").into_response(),
        Behaviour::Hanging => return hang(state, kind).await,
        Behaviour::Slow => {
            state.stopping.run_until_cancelled(tokio::time::sleep(SLOWNESS)).await;
            Manner::Usual
        }
        Behaviour::Silent if kind == Kind::Model => Manner::Silent,
        Behaviour::Breaking if kind == Kind::Model => Manner::Breaking,
        Behaviour::Erring if kind == Kind::Model => Manner::Erring,
        Behaviour::Long => Manner::Long,
        _ => Manner::Usual,
    };
    request.wants_long = manner == Manner::Long;
    match (route.handler)(&request) {
        Ok(answer) if manner == Manner::Erring && !answer.is_streamed() => {
            refuse(double, &Refusal::Overloaded, &request, kind)
        }
        Ok(answer) => send(answer, manner, double, &request, state),
        Err(refusal) => refuse(double, &refusal, &request, kind),
    }
}

fn send(answer: Answer, manner: Manner, double: &dyn Double, request: &Request, state: &Arc<State>) -> Response {
    let Reply(_, error) = double.refuse(&Refusal::Overloaded, request, Kind::Model);
    deliver(answer, manner, &error, state)
}

fn refuse(double: &dyn Double, refusal: &Refusal, request: &Request, kind: Kind) -> Response {
    let reply = double.refuse(refusal, request, kind);
    if *refusal == Refusal::Limited {
        return ([(header::RETRY_AFTER, RETRY_AFTER_SECONDS)], reply).into_response();
    }
    reply.into_response()
}

async fn hang(state: &Arc<State>, kind: Kind) -> Response {
    let mut waiting = (kind == Kind::Model).then(|| OpenStream::begin(state));
    state.stopping.cancelled().await;
    if let Some(waiting) = &mut waiting {
        waiting.finish();
    }
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

fn garbage(kind: Kind) -> Response {
    match kind {
        Kind::Model => ([(header::CONTENT_TYPE, "application/json")], r#"{"choices":[{"#).into_response(),
        _ => Html("<!doctype html><title>Welcome</title><p>It works!").into_response(),
    }
}

/// Headers of every answer: whose account it was, a cookie, what is left of a limit.
fn with_account(mut response: Response<Body>, double: &dyn Double, state: &State) -> Response {
    let headers = response.headers_mut();
    let number = format!("req_sandbox_{}", state.number_answer());
    if let Ok(number) = HeaderValue::from_str(&number) {
        headers.insert("x-request-id", number);
    }
    headers.insert(header::SET_COOKIE, HeaderValue::from_static("sandbox=1"));
    headers.insert("x-ratelimit-remaining-requests", HeaderValue::from_static("99"));
    if let Some((name, value)) = double.account() {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
