//! REST.
use super::App;
pub(super) fn router(_: &App) -> axum::Router {
    axum::Router::new()
}
