//! The page that shows the API's description: Scalar's reference, which asks nobody but this server for anything.

use crate::web::App;
use crate::web::problem::Problem;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use std::sync::LazyLock;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const START: &str = include_str!("start.js");
const PAGE: &str = include_str!("page.html");

/// Scalar's script, as its crate carries it.
static REFERENCE: LazyLock<Option<Bytes>> =
    LazyLock::new(|| scalar_api_reference::get_asset("scalar.js").map(Bytes::from));

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/docs", get(page))
        .route("/docs/start.js", get(|| async { script(START.into()) }))
        .route("/docs/reference.js", get(reference))
}

/// The page; the styles that the script adds carry its nonce.
async fn page(State(app): State<App>) -> Response {
    let nonce = BASE64_STANDARD.encode(app.random.bytes::<16>());
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let page = PAGE.replace("NONCE", &nonce);
    ([(CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

async fn reference() -> Result<Response, Problem> {
    let Some(reference) = &*REFERENCE else {
        tracing::error!("the reference's script is not where it was built");
        return Err(Problem::internal());
    };
    Ok(script(reference.clone()))
}

fn script(text: Bytes) -> Response {
    let headers = [(CONTENT_TYPE, JAVASCRIPT), (CACHE_CONTROL, "public, max-age=3600")];
    (headers, text).into_response()
}
