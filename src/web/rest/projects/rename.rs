//! `PATCH /api/v1/projects/{project}`: renames a project; its slug stays.

use super::{Named, ProjectBody};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::JsonBody;
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::patch;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "projects.rename",
        method: Method::PATCH,
        path: "/api/v1/projects/{project}",
        scope: Some(Scope::WriteProjects),
        route: patch(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    JsonBody(Named { name }): JsonBody<Named>,
) -> Result<Json<ProjectBody>, Problem> {
    let project = app
        .services
        .projects
        .rename(&caller.actor, &project.parse()?, &name)
        .await?;
    Ok(Json(project.into()))
}
