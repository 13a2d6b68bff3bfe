//! `DELETE /api/v1/locks/{lock}`: lets calls pass again.

use crate::domain::Scope;
use crate::service::{Missing, ServiceError};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::query::Query;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::delete;
use utoipa::IntoParams;

#[derive(IntoParams)]
struct Asked {
    /// Why calls may pass again; the audit trail keeps it.
    #[param(min_length = 1, max_length = 200, example = "The key was replaced.")]
    reason: String,
}

impl FromFields for Asked {
    const FIELDS: &'static [&'static str] = &["reason"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            reason: fields.text("reason")?.unwrap_or_default(),
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "locks.unlock",
        method: Method::DELETE,
        path: "/api/v1/locks/{lock}",
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Locks, "Unlock calls").asks::<Asked>(),
        route: delete(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(lock): PathParts<String>,
    Query(Asked { reason }): Query<Asked>,
) -> Result<StatusCode, Problem> {
    let lock = lock.parse().map_err(|_| ServiceError::Missing(Missing::Lock))?;
    app.services.locks.unlock(&caller.actor, lock, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
