//! `POST /api/v1/projects`: makes a project, its slug from its name.

use super::{COLLECTION, Named, ProjectBody};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::JsonBody;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "projects.create",
        method: Method::POST,
        path: COLLECTION,
        scope: Some(Scope::WriteProjects),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    JsonBody(Named { name }): JsonBody<Named>,
) -> Result<(StatusCode, Json<ProjectBody>), Problem> {
    let project = app.services.projects.create(&caller.actor, &name).await?;
    Ok((StatusCode::CREATED, Json(project.into())))
}
