//! `GET /api/v1/projects`: the projects that the caller reaches, by name.

use super::{COLLECTION, ProjectBody};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use serde::Serialize;

#[derive(Serialize)]
struct Response {
    projects: Vec<ProjectBody>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "projects.list",
        method: Method::GET,
        path: COLLECTION,
        scope: None,
        route: get(handle),
    }
}

async fn handle(State(app): State<App>, caller: KnownCaller) -> Result<Json<Response>, Problem> {
    let projects = app.services.projects.list(&caller.actor).await?;
    Ok(Json(Response {
        projects: projects.into_iter().map(ProjectBody::from).collect(),
    }))
}
