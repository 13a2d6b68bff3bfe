//! The dashboard's files: hashed names, kept by browsers for ever.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use leptos::config::LeptosOptions;
use std::path::Path;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

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
