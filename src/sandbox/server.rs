//! The sandbox's one HTTP server.

use super::Behaviour;
use super::double::{self, Call, Double, Situation};
use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, post};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const SLOWNESS: Duration = Duration::from_millis(1500);
const RETRY_AFTER_SECONDS: &str = "20";

/// What changes while the sandbox runs.
#[derive(Debug, Default)]
pub(super) struct State {
    revoked: Mutex<HashSet<String>>,
    redirect_hits: AtomicUsize,
    pub(super) stopping: CancellationToken,
}

impl State {
    pub(super) fn revoke(&self, key: &str) {
        self.revoked().insert(key.to_owned());
    }

    pub(super) fn restore(&self, key: &str) {
        self.revoked().remove(key);
    }

    pub(super) fn redirect_hits(&self) -> usize {
        self.redirect_hits.load(Ordering::Relaxed)
    }

    fn revoked(&self) -> MutexGuard<'_, HashSet<String>> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/_control/revoke", post(revoke))
        .route("/_control/restore", post(restore))
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
    state.redirect_hits.fetch_add(1, Ordering::Relaxed);
    StatusCode::OK
}

async fn of_provider(
    Shared(state): Shared<Arc<State>>,
    Path((slug, path)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Some(double) = double::EVERY.iter().find(|double| double.slug() == slug) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    answer(&state, *double, double.call(&method, &format!("/{path}")), &headers).await
}

async fn of_azure(Shared(state): Shared<Arc<State>>, uri: Uri, method: Method, headers: HeaderMap) -> Response {
    let double = &super::azure_openai::AzureOpenAi;
    answer(&state, double, double.call(&method, uri.path()), &headers).await
}

async fn answer(state: &State, double: &dyn Double, call: Option<Call>, headers: &HeaderMap) -> Response {
    let Some(call) = call else {
        return double.reply(Situation::NoSuchPath, Call::List).into_response();
    };
    let key = double.credential(headers).unwrap_or_default();
    let quoted = mask(key);
    let refused = Situation::Refused { quoted: &quoted };
    let revoked = state.revoked().contains(key);
    let behaviour = Behaviour::of_key(key)
        .filter(|_| !revoked)
        .unwrap_or(Behaviour::Revoked);
    let situation = match behaviour {
        Behaviour::Revoked => refused,
        Behaviour::Blocked => Situation::Blocked,
        Behaviour::Exhausted => Situation::Exhausted,
        Behaviour::Restricted => Situation::Restricted,
        Behaviour::Echo => Situation::Echoed { key },
        Behaviour::ListOnly if call == Call::Model => Situation::ModelRefused,
        Behaviour::Valid | Behaviour::ListOnly => Situation::Valid,
        Behaviour::Limited => return limited(double, call),
        Behaviour::Garbage => return garbage(call),
        Behaviour::Redirect => return (StatusCode::FOUND, [(header::LOCATION, "/_redirected")]).into_response(),
        Behaviour::Down => return (StatusCode::SERVICE_UNAVAILABLE, "no healthy upstream").into_response(),
        Behaviour::Slow => {
            state.stopping.run_until_cancelled(tokio::time::sleep(SLOWNESS)).await;
            Situation::Valid
        }
        Behaviour::Hanging => {
            state.stopping.cancelled().await;
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    double.reply(situation, call).into_response()
}

fn limited(double: &dyn Double, call: Call) -> Response {
    let headers = [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)];
    (headers, double.reply(Situation::Limited, call)).into_response()
}

fn garbage(call: Call) -> Response {
    match call {
        Call::List => Html("<!doctype html><title>Welcome</title><p>It works!").into_response(),
        Call::Model => ([(header::CONTENT_TYPE, "application/json")], r#"{"choices":[{"#).into_response(),
    }
}

/// A key as vendors quote it: both ends, stars between.
fn mask(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    let ends = |range: &[char]| range.iter().collect::<String>();
    match characters.len() {
        0..12 => "****".to_owned(),
        length => format!("{}********{}", ends(&characters[..8]), ends(&characters[length - 4..])),
    }
}
