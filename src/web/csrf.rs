//! Mutations come from our own pages only: `Sec-Fetch-Site`, else `Origin` against `Host`.

use super::App;
use super::problem::Problem;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use tower_http::csrf::{CsrfLayer, ProtectionError};

/// The layer that refuses what another site sends. Programs with a token send neither header and
/// pass; what they may do, their token says.
pub(super) fn layer(app: &App) -> CsrfLayer<fn(ProtectionError) -> Response<Body>> {
    let origin = app.settings.public_url.origin().ascii_serialization();
    let layer = CsrfLayer::new();
    let layer = match layer.add_trusted_origin(&origin) {
        Ok(layer) => layer,
        Err(error) => {
            tracing::warn!(%origin, %error, "the public URL is no origin; only same-origin requests pass");
            CsrfLayer::new()
        }
    };
    layer.with_rejection_response(refused)
}

fn refused(_: ProtectionError) -> Response<Body> {
    Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site_request",
        "This request came from another site. Send it from Latchkey's own pages, or with a token.",
    )
    .into_response()
}
