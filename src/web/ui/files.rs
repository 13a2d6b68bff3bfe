//! The dashboard's files: those with hashed names, kept by browsers for ever, and the few others, such as its icon.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use leptos::config::LeptosOptions;
use std::path::Path;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// Serves a file, or what `otherwise` answers where there is none.
///
/// The framework's own handler would serve files too, but with the status of whatever page the same thread draws
/// meanwhile.
pub(super) fn or_else<Otherwise>(site: &LeptosOptions, otherwise: Otherwise) -> ServeDir<Otherwise> {
    ServeDir::new(&*site.site_root)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .call_fallback_on_method_not_allowed(true)
        .fallback(otherwise)
}

/// Serves the hashed files, precompressed where the build made them so.
pub(super) fn router(site: &LeptosOptions) -> Router {
    let folder = Path::new(&*site.site_root).join(&*site.site_pkg_dir);
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip();
    let for_ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    let kept = SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, move |response: &axum::http::Response<_>| {
        response.status().is_success().then(|| for_ever.clone())
    });
    let path = format!("/{}", site.site_pkg_dir);
    Router::new().nest_service(&path, ServiceBuilder::new().layer(kept).service(files))
}
