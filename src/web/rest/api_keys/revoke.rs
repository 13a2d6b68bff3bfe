//! `DELETE …/api-keys/{key_id}`: ends a token that reaches the project.

use crate::domain::Scope;
use crate::service::{Missing, ServiceError};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::delete;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = SonzaiRevoked)]
struct Response {
    success: bool,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "api_keys.revoke",
        method: Method::DELETE,
        path: "/api/v1/projects/{project}/api-keys/{key_id}",
        scope: Some(Scope::WriteTokens),
        docs: Docs::new(Tag::Sonzai, "Revoke a token").answers::<Response>(StatusCode::OK, "It works no longer."),
        route: delete(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, token)): PathParts<(String, String)>,
) -> Result<Json<Response>, Problem> {
    let project = project.parse()?;
    let token = token.parse().map_err(|_| ServiceError::Missing(Missing::Token))?;
    app.services.tokens.revoke(&caller.actor, &project, token).await?;
    Ok(Json(Response { success: true }))
}
