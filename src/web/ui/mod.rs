//! The dashboard: implements the ports of `app`, mounts its pages and server functions.

mod account;
mod backend;
mod error;
mod files;
mod keys;
mod moment;
mod no_script;
mod projects;
mod tokens;

use super::App;
use super::problem::Problem;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use leptos_axum::{LeptosRoutes, generate_route_list};

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
    let pages = Router::new()
        .leptos_routes(app, generate_route_list(app::App), shell)
        .fallback(leptos_axum::file_and_error_handler::<App, _>(app::shell));
    Router::new()
        .merge(functions)
        .merge(pages)
        .layer(from_fn_with_state(app.clone(), backend::provide))
        .with_state(app.clone())
        .merge(files::router(&options))
}

/// Runs a server function; a name that is none gets a problem instead of the framework's advice.
async fn call_function(request: Request<Body>) -> Response {
    let path = request.uri().path();
    if leptos::server_fn::axum::server_fn_paths().any(|(known, _)| known == path) {
        leptos_axum::handle_server_fns(request).await.into_response()
    } else {
        let message = "There is no such server function; the README lists them.";
        Problem::new(StatusCode::NOT_FOUND, "not_found", message).into_response()
    }
}
