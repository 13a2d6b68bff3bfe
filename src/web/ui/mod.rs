//! The dashboard: implements the ports of `app`, mounts its pages and server functions.

mod account;
mod activity;
mod activity_csv;
mod audit;
mod backend;
mod curl;
mod error;
mod files;
mod import;
mod invitations;
mod jobs;
mod keys;
mod locks;
mod members;
mod moment;
mod no_script;
mod notifications;
mod organization_profile;
mod organizations;
mod place;
mod point_in_time;
mod profile;
mod projects;
mod qr;
mod tokens;
mod unsubscribe;
mod webhooks;

use super::App;
use super::problem::Problem;
use app::contract::UiError;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list_with_exclusions};
use std::sync::LazyLock;

/// Pages, server functions and files.
pub(super) fn router(app: &App) -> Router {
    let functions = Router::new()
        .route("/_fn/{name}", post(call_function))
        .layer(from_fn_with_state(app.clone(), backend::note_refusals))
        .layer(from_fn_with_state(app.clone(), no_script::bridge));
    let options = app.settings.site.clone();
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    let not_found = leptos_axum::file_and_error_handler::<App, _>(app::shell).with_state(app.clone());
    let pages = Router::new()
        .leptos_routes(app, page_routes().to_vec(), shell)
        .fallback_service(files::or_else(&options, not_found));
    Router::new()
        .merge(functions)
        .merge(pages)
        .merge(activity_csv::router(app))
        .merge(unsubscribe::router())
        .layer(from_fn_with_state(app.clone(), backend::provide))
        .with_state(app.clone())
        .merge(files::router(&options))
}

/// The routes of the dashboard's pages, and the server functions as excluded ones. Listed once in a process, before the
/// first page is drawn: while the framework lists them, whatever else is drawn waits for its data for ever.
#[must_use]
pub fn page_routes() -> &'static [AxumRouteListing] {
    static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| {
        // The framework would serve the functions itself, past the bridge and the audit of refusals.
        let functions = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
        generate_route_list_with_exclusions(app::App, Some(functions))
    });
    &ROUTES
}

/// Runs a server function; a name that is none gets a problem instead of the framework's advice.
async fn call_function(request: Request<Body>) -> Response {
    let path = request.uri().path();
    if server_fn_paths().any(|(known, _)| known == path) {
        with_its_status(leptos_axum::handle_server_fns(request).await.into_response()).await
    } else {
        let message = "There is no such server function; the README lists them.";
        Problem::new(StatusCode::NOT_FOUND, "not_found", message).into_response()
    }
}

/// The framework answers 500 to forms that it cannot read; the error's own code knows better.
async fn with_its_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, super::MAX_BODY).await.unwrap_or_default();
    let error = serde_json::from_slice::<UiError>(&body).ok();
    if let Some(status) = error.and_then(|error| StatusCode::from_u16(error.code.status()).ok()) {
        parts.status = status;
    }
    Response::from_parts(parts, Body::from(body))
}
