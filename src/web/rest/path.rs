//! What stands in a path.

use crate::web::problem::Problem;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// A path's parts; what cannot be read names nothing.
pub(super) struct PathParts<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for PathParts<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(parts)| Self(parts)).map_err(|_| nothing_here())
    }
}

/// Nothing stands at this address.
pub(super) fn nothing_here() -> Problem {
    Problem::not_found("There is nothing at this address.")
}
