//! What the network reaches: sign-in and tokens become actors, errors become RFC 9457 problems.
//!
//! [`rest`] has one operation a file; [`ui`] implements the dashboard's ports and mounts it.

mod audit_file;
mod auth;
mod calls_csv;
mod client;
mod csrf;
mod csv_text;
mod front;
pub mod gateway;
mod headers;
mod health;
mod impatient;
mod metrics;
pub mod openapi;
mod problem;
mod request_id;
pub mod rest;
mod server;
mod session;
mod state;
mod ui;

pub use client::TrustedProxies;
pub use front::{Front, FrontBody};
pub use health::Health;
pub use metrics::serve_metrics;
pub use server::{Ending, serve};
pub use state::{App, WebSettings};
pub use ui::page_routes;

use axum::Router;
use axum::http::HeaderName;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::timeout::TimeoutLayer;

/// The largest request body outside the gateway: a pasted key has 8 KB at most.
const MAX_BODY: usize = 64 * 1024;
/// Longer than a probe may take, so that its own answer comes first.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// Everything that is served but the gateway, in layers: outermost first stands last.
pub fn router(app: App) -> Router {
    let guarded = Router::new()
        .merge(rest::router(&app))
        .merge(ui::router(&app))
        .layer(axum::middleware::from_fn_with_state(app.clone(), auth::authenticate))
        .layer(session::layer(&app))
        .layer(csrf::layer(&app))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::GATEWAY_TIMEOUT,
            REQUEST_LIMIT,
        ))
        .layer(CatchPanicLayer::custom(problem::from_panic))
        .layer(axum::middleware::from_fn(problem::complete));
    Router::new()
        .merge(guarded)
        .merge(health::router(&app))
        .merge(openapi::router(&app))
        .layer(CompressionLayer::new())
        .layer(axum::middleware::from_fn_with_state(app.clone(), headers::secure))
        .layer(axum::middleware::from_fn_with_state(app, request_id::trace))
        .layer(SetSensitiveRequestHeadersLayer::new(
            ["authorization", "cookie", "x-api-key", "x-goog-api-key", "api-key"].map(HeaderName::from_static),
        ))
}
