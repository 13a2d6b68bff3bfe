//! `GET /api/v1/projects/{project}`: one project.

use super::{ITEM, ProjectBody};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "projects.get",
        method: Method::GET,
        path: ITEM,
        scope: None,
        docs: Docs::new(Tag::Projects, "Look at a project")
            .answers::<ProjectBody>(StatusCode::OK, "The project.")
            .tells_version(),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
) -> Result<Versioned<ProjectBody>, Problem> {
    let project = app.services.projects.get(&caller.actor, &project.parse()?).await?;
    Ok(project.into())
}
